package samepage.cli;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import samepage.linux.syscall.HostFile;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.OpenFlags;

/**
 * A process that stores through maps of many files in a mount, and asks where their data begin, for which the daemon has the kernel
 * write back what was stored. It goes on until the mount ends or it is killed.
 */
final class StoringProgram {
    private static final int FILES = 32;
    private static final long BYTES = 8L << 20;
    private static final long STEP = 64L << 10;

    private StoringProgram() {}

    static Process start(Path directory, Path said) throws IOException {
        var modulePath = System.getProperty("jdk.module.path", "");
        var testClasses =
                StoringProgram.class.getProtectionDomain().getCodeSource().getLocation();
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        String.join(
                                File.pathSeparator,
                                testClasses.getPath(),
                                modulePath,
                                System.getProperty("java.class.path")),
                        StoringProgram.class.getName(),
                        directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
    }

    public static void main(String[] arguments) {
        for (int i = 0; i < FILES; i++) {
            var path = Path.of(arguments[0], "mapped" + i);
            Thread.ofPlatform().start(() -> storeAndSeek(path));
        }
    }

    /** Until the mount is no more: then stores fault, and calls are refused. */
    private static void storeAndSeek(Path path) {
        try (var channel = FileChannel.open(
                        path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                var file = HostFile.open(HostPath.of(path), OpenFlags.READ_WRITE, 0);
                var arena = Arena.ofConfined()) {
            MemorySegment map = channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES, arena);
            while (true) {
                for (long at = 0; at < BYTES; at += STEP) {
                    map.set(ValueLayout.JAVA_BYTE, at, (byte) 1);
                }
                file.seekData(0);
            }
        } catch (IOException | InternalError e) {
            System.exit(1);
        }
    }
}
