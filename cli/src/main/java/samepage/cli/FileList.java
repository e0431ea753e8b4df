package samepage.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import samepage.errno.PrintableName;
import samepage.linux.syscall.HostPath;

/**
 * Names of files, read from a file or from standard input: as many as the tree may have, eight bytes each in memory. A name is
 * told by a digest of its real path; that two share one brings in a file that was not named, in one of 10^8 lists of a million.
 */
final class FileList {
    private final byte[] directory;
    private long[] digests = new long[1 << 10];
    private int size;

    private FileList(byte[] directory) {
        this.directory = directory;
    }

    /**
     * Reads names, each ended by a line feed or by a NUL.
     *
     * @param source {@code -} for standard input
     */
    static FileList read(String source, boolean endsAreNul) throws IOException {
        try (InputStream in = source.equals("-") ? System.in : Files.newInputStream(Path.of(source))) {
            List<byte[]> names = names(in, endsAreNul ? 0 : '\n');
            if (names.isEmpty()) {
                throw new Refusal(source, "names no files");
            }
            var list = new FileList(commonDirectory(names));
            for (var name : names) {
                list.add(TreePaths.digest(List.of(name)));
            }
            list.digests = Arrays.copyOf(list.digests, list.size);
            Arrays.sort(list.digests);
            return list;
        }
    }

    /** The deepest directory that all of them are below. */
    byte[] directory() {
        return directory;
    }

    /** Stands for the list. */
    byte[] digest() {
        return Long.toHexString(Arrays.hashCode(digests)).getBytes(StandardCharsets.US_ASCII);
    }

    /** Whether the file is on the list, by its real path. */
    boolean has(byte[] path) {
        return Arrays.binarySearch(digests, TreePaths.digest(List.of(path))) >= 0;
    }

    private void add(long digest) {
        if (size == digests.length) {
            digests = Arrays.copyOf(digests, 2 * size);
        }
        digests[size++] = digest;
    }

    private static List<byte[]> names(InputStream in, int end) throws IOException {
        var names = new ArrayList<byte[]>();
        var name = new ByteArrayOutputStream();
        var buffer = new byte[1 << 16];
        for (var count = in.read(buffer); count > 0; count = in.read(buffer)) {
            for (var i = 0; i < count; i++) {
                if (buffer[i] == end) {
                    addName(name, names);
                } else {
                    name.write(buffer[i]);
                }
            }
        }
        addName(name, names);
        return names;
    }

    private static void addName(ByteArrayOutputStream name, List<byte[]> names) throws IOException {
        if (name.size() > 0) {
            var path = name.toByteArray();
            if (VolumeLocation.exists(path)) {
                names.add(TreePaths.real(path));
            } else {
                throw new Refusal(PrintableName.of(path), "no such file");
            }
            name.reset();
        }
    }

    private static byte[] commonDirectory(List<byte[]> names) {
        var common = HostPath.parent(names.getFirst());
        for (var name : names) {
            while (!isBelow(name, common)) {
                common = HostPath.parent(common);
            }
        }
        return common;
    }

    private static boolean isBelow(byte[] path, byte[] directory) {
        return directory.length == 1
                || (path.length > directory.length
                        && path[directory.length] == '/'
                        && Arrays.equals(path, 0, directory.length, directory, 0, directory.length));
    }
}
