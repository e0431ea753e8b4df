package samepage.vfs;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random operations on files against arrays of bytes, with less memory for pages than there is content. */
class FileContentTest {
    private static final int FILES = 12;
    private static final int STEPS = 3000;

    /** {@code -Dsamepage.seed=} replays a run. */
    static long seed() {
        return Long.getLong("samepage.seed", System.nanoTime());
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void randomOperations_contentIsAlwaysTheModels(int blockSize) throws IOException {
        long seed = seed();
        var random = new Random(seed);
        Deque<String> log = new ArrayDeque<>();
        try (var mount = new TestMount(blockSize, VfsOptions.DEFAULT.withCacheBytes(2L << 20))) {
            List<ModelledFile> files = new ArrayList<>();
            for (int i = 0; i < FILES; i++) {
                var file = new ModelledFile(mount, "/file" + i, random);
                file.fill();
                files.add(file);
            }
            for (int step = 0; step < STEPS; step++) {
                ModelledFile file = files.get(random.nextInt(FILES));
                log.addLast(step + " " + file.path() + " ...");
                String done = file.step();
                log.removeLast();
                log.addLast(step + " " + file.path() + " " + done);
                if (log.size() > 100) {
                    log.removeFirst();
                }
                if (random.nextInt(300) == 0) {
                    log.addLast("remount");
                    remount(mount, files);
                }
                if (random.nextInt(100) == 0) {
                    log.addLast("crash");
                    crash(mount, file);
                }
            }
            for (ModelledFile file : files) {
                file.verify();
                file.close();
            }
        } catch (Throwable e) {
            throw new AssertionError("seed=" + seed + "\n" + String.join("\n", log), e);
        }
    }

    private static void remount(TestMount mount, List<ModelledFile> files) throws IOException {
        for (ModelledFile file : files) {
            file.close();
        }
        mount.remount();
        mount.audit();
        for (ModelledFile file : files) {
            file.reopen(mount);
        }
    }

    /** What was made durable is there after a crash, and the volume is sound. */
    private static void crash(TestMount mount, ModelledFile file) throws IOException {
        file.makeDurable();
        try (TestMount crashed = mount.afterCrash()) {
            file.verifyOn(crashed);
        }
    }
}
