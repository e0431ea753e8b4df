package samepage.linux.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** A new directory on the host for one test, removed with all that is in it. */
final class HostTree implements AutoCloseable {
    final Path path;
    final HostDirectory directory;

    HostTree() throws IOException {
        path = Files.createTempDirectory("samepage-");
        directory = HostDirectory.open(HostPath.of(path));
    }

    /** A name given by its bytes: each character up to U+00FF is one. */
    static byte[] name(String bytes) {
        return bytes.getBytes(StandardCharsets.ISO_8859_1);
    }

    static MemorySegment segment(Arena arena, String bytes) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, name(bytes));
    }

    static String text(MemorySegment segment, long lengthBytes) {
        return new String(segment.asSlice(0, lengthBytes).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }

    static void assertRefused(Errno errno, ThrowingCallable call) {
        assertThatExceptionOfType(VfsException.class)
                .isThrownBy(call)
                .satisfies(refusal -> assertThat(refusal.errno()).isEqualTo(errno));
    }

    HostFile create(String name, String content) throws VfsException {
        var file = directory.createFile(name(name), 0644);
        try (var arena = Arena.ofConfined()) {
            file.write(segment(arena, content), 0);
        }
        return file;
    }

    String read(String name) throws VfsException {
        try (var arena = Arena.ofConfined();
                var file = directory.openToRead(name(name))) {
            var segment = arena.allocate(file.stat().sizeBytes() + 1);
            return text(segment, file.read(segment, 0));
        }
    }

    @Override
    public void close() throws IOException {
        removeContent(directory);
        directory.close();
        Files.delete(path);
    }

    private static void removeContent(HostDirectory directory) throws VfsException {
        directory.rewind();
        for (var entry : directory.remainingEntries()) {
            if (entry.type() == HostFileType.DIRECTORY) {
                directory.setMode(entry.name(), 0700);
                try (var below = directory.openDirectory(entry.name())) {
                    removeContent(below);
                }
                directory.removeDirectory(entry.name());
            } else {
                directory.unlink(entry.name());
            }
        }
    }
}
