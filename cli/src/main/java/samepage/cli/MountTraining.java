package samepage.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import samepage.linux.fuse.FuseMount;
import samepage.linux.fuse.MountTable;
import samepage.linux.syscall.HostPath;

/**
 * Serves a mount in this process while a shell uses it, so that the start-up cache knows how a mount's work is done: the
 * compiler makes fast code of it from the first second on, and not after gigabytes and tens of thousands of files. Where
 * nothing can be mounted it does nothing.
 */
final class MountTraining {
    private static final int PATIENCE_SECONDS = 10;
    private static final int LONGEST_SECONDS = 60;
    private static final int LOOK_MILLIS = 20;

    /** The cache is smaller than the file, so that content is read from the device again. */
    private static final String OPTIONS = "create,dedupe=off,cache=24m";

    private static final String USE = """
            cd "$1" || exit
            for round in 1 2 3; do
                for d in 1 2 3 4 5; do
                    mkdir $d && (cd $d && seq 500 | xargs touch && ls -l >all && chmod 600 all && mv all ALL)
                done
                cp -r . ../copied && cp -r ../copied copy && rm -rf ../copied
                du -s . && rm -rf copy [1-5]
                dd if=/dev/zero of=big bs=1M count=96 conv=fsync
                dd if=big of=/dev/null bs=1M iflag=direct
                dd if=big of=/dev/null bs=4k count=6000 iflag=direct
                dd if=/dev/zero of=big bs=4k count=2000 conv=notrunc
                rm big
            done
            """;

    private MountTraining() {}

    /** @param directory empty; so it is afterwards, but for a volume */
    static void run(Path directory) throws IOException {
        var volume = directory.resolve("mounted.samepage").toString();
        var point = Files.createDirectories(directory.resolve("mount"));
        var server = Thread.ofPlatform().name("samepage-training").start(() -> {
            var _ = Main.run("mount", "--foreground", "-o", OPTIONS, volume, point.toString());
        });
        try {
            if (awaitMount(server, point)) {
                use(point);
                end(server, point);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** False where it will not be mounted. */
    private static boolean awaitMount(Thread server, Path point) throws IOException, InterruptedException {
        var until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (server.isAlive() && System.nanoTime() < until) {
            if (isMounted(point)) {
                return true;
            }
            Thread.sleep(LOOK_MILLIS);
        }
        return false;
    }

    /** Asked of the table: looking at the directory itself would ask the mount, and end where it never answers. */
    private static boolean isMounted(Path point) throws IOException {
        return MountTable.at(HostPath.of(point)).isPresent();
    }

    private static void use(Path point) throws IOException, InterruptedException {
        var shell = new ProcessBuilder("sh", "-c", USE, "sh", point.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!shell.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
            shell.destroyForcibly();
        }
    }

    private static void end(Thread server, Path point) throws IOException, InterruptedException {
        var path = point.toString().getBytes(StandardCharsets.UTF_8);
        try {
            FuseMount.unmount(path);
        } catch (IOException inUse) {
            FuseMount.detach(path);
        }
        server.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    }
}
