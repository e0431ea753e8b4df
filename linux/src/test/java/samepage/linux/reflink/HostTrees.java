package samepage.linux.reflink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** Trees of files for tests, and all that can be seen of them. */
final class HostTrees {
    static final int BLOCK = 4096;

    private HostTrees() {}

    static byte[] bytes(long seed, int length) {
        var bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static Path write(Path file, byte[]... parts) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            for (byte[] part : parts) {
                out.write(part);
            }
        }
        return file;
    }

    /** Files of all lengths, a second tree of copies, and edits in some of them. */
    static void writeCopiesWithEdits(Path tree, long seed, int files) throws IOException {
        var random = new Random(seed);
        for (String copy : new String[] {"monday", "tuesday"}) {
            Files.createDirectories(tree.resolve(copy));
        }
        for (int i = 0; i < files; i++) {
            byte[] content = bytes(random.nextLong(), 1 + random.nextInt(i % 10 == 0 ? 3_000_000 : 40_000));
            write(tree.resolve("monday/file" + i), content);
            byte[] copy = content.clone();
            if (i % 3 == 0) {
                copy[random.nextInt(copy.length)] ^= 1;
            }
            if (i % 7 == 0) {
                copy = Arrays.copyOf(copy, 1 + random.nextInt(copy.length));
            }
            write(tree.resolve("tuesday/copy" + i), copy);
        }
    }

    /** A regular file's content and times, by path. */
    record Seen(long length, long checksum, FileTime modified, FileTime changed, Object inode) {}

    static Map<String, Seen> look(Path tree) throws IOException {
        var seen = new TreeMap<String, Seen>();
        try (var paths = Files.walk(tree)) {
            for (var path : paths.filter(p -> Files.isRegularFile(p, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                var sum = new CRC32C();
                var content = Files.readAllBytes(path);
                sum.update(content);
                seen.put(
                        tree.relativize(path).toString(),
                        new Seen(
                                content.length,
                                sum.getValue(),
                                Files.getLastModifiedTime(path),
                                (FileTime) Files.getAttribute(path, "unix:ctime"),
                                Files.getAttribute(path, "unix:ino")));
            }
        }
        return seen;
    }
}
