package samepage.verification.schedule;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** A class loader with core's own classes, rewritten, and the one class here that uses them. */
final class ControlledClasses extends ClassLoader {
    private static final List<String> REWRITTEN = List.of(
            "samepage.errno.",
            "samepage.lock.",
            "samepage.block.",
            "samepage.volume.",
            "samepage.pagecache.",
            "samepage.inode.",
            "samepage.io.",
            "samepage.remap.",
            "samepage.verification.schedule.world.");

    private static final String WORLD = "samepage.verification.schedule.world.VolumeWorld";

    private final Rewriting rewriting;

    ControlledClasses(Mutant mutant) {
        super(ControlledClasses.class.getClassLoader());
        this.rewriting = new Rewriting(ControlledClasses::classFile, getParent(), mutant);
        setDefaultAssertionStatus(mutant.lockOrderIsChecked());
    }

    /** A world of core's rewritten classes, on an empty device. */
    World newWorld(long deviceBlocks) {
        try {
            return (World) loadClass(WORLD).getConstructor(long.class).newInstance(deviceBlocks);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @throws IllegalStateException where an edit of the mutant has found no place in what a run has loaded, or a constant */
    void checkMutated() {
        if (!rewriting.notApplied().isEmpty()) {
            throw new IllegalStateException("no such call: " + rewriting.notApplied());
        }
        if (!rewriting.constantsMissed().isEmpty()) {
            throw new IllegalStateException("no such constant: " + rewriting.constantsMissed());
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            if (REWRITTEN.stream().noneMatch(name::startsWith)) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null) {
                byte[] rewritten = rewriting.rewrite(name.replace('.', '/'));
                loaded = defineClass(name, rewritten, 0, rewritten.length);
            }
            return loaded;
        }
    }

    private static byte[] classFile(String internalName) {
        String path = internalName + ".class";
        try (InputStream in = open(path)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String path) throws IOException {
        for (Module module : List.of(ControlledClasses.class.getModule(), samepage.errno.Errno.class.getModule())) {
            InputStream in = module.getResourceAsStream(path);
            if (in != null) {
                return in;
            }
        }
        throw new IOException("no class file: " + path);
    }
}
