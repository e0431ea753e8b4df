package samepage.cli;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostFile;
import samepage.linux.syscall.HostFileType;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.HostProcess;
import samepage.linux.syscall.HostTime;

/** Makes trees of the host with entries of all kinds and odd names, the same for the same seed. */
final class TestTree implements AutoCloseable {
    private static final long MOMENT = 1_700_000_000L;

    private final Random random;
    private final HostDirectory root;
    private final Arena arena = Arena.ofConfined();
    private final boolean isRoot = HostProcess.effectiveUserId() == 0;

    private TestTree(Path path, long seed) throws IOException {
        this.random = new Random(seed);
        var bytes = HostPath.of(path);
        try (var parent = HostDirectory.open(HostPath.parent(bytes))) {
            parent.makeDirectory(Objects.requireNonNull(HostPath.name(bytes)), 0755);
        }
        this.root = HostDirectory.open(bytes);
    }

    static byte[] name(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A tree of some dozen entries: everything that there is. */
    static void make(Path path, long seed) throws IOException {
        try (var tree = new TestTree(path, seed)) {
            tree.fill();
        }
    }

    /** {@code count} small files of random sizes in directories of a hundred. */
    static void makeManyFiles(Path path, int count, int mostBytes) throws IOException {
        try (var tree = new TestTree(path, count)) {
            for (var i = 0; i < count; i += 100) {
                var name = name("d" + i / 100);
                tree.root.makeDirectory(name, 0755);
                try (var directory = tree.root.openDirectory(name)) {
                    for (var j = i; j < Math.min(count, i + 100); j++) {
                        tree.file(directory, name("f" + j), 1 + tree.random.nextInt(mostBytes))
                                .close();
                    }
                }
            }
        }
    }

    private void fill() throws IOException {
        file(root, name("empty"), 0).close();
        file(root, name("one"), 1).close();
        file(root, name("block"), 4096).close();
        file(root, name("blockAndOne"), 4097).close();
        file(root, name("large"), 5_000_017).close();
        file(root, name("-rf"), 10).close();
        file(root, name("@file"), 10).close();
        file(root, name(".hidden"), 10).close();
        file(root, name("new\nline\ttab \u001b[31m"), 10).close();
        file(root, name("no utf8 \u00ff\u00fe\u0080"), 10).close();
        file(root, name("utf8 \u00c3\u00a9"), 10).close();
        file(root, name("colon:"), 10).close();
        file(root, name("back\\slash"), 10).close();
        file(root, name("x".repeat(255)), 10).close();
        holes();
        modes();
        links();
        xattrs();
        specialFiles();
        directories();
        root.setTimes(time(1), time(2));
    }

    private void holes() throws IOException {
        try (var file = root.createFile(name("all hole"), 0644)) {
            file.truncate(3 << 20);
        }
        try (var file = root.createFile(name("hole first"), 0644)) {
            file.write(arena.allocate(100).fill((byte) 7), 1 << 20);
        }
        try (var file = root.createFile(name("hole last"), 0644)) {
            file.write(arena.allocate(8192).fill((byte) 7), 0);
            file.truncate((1 << 20) + 5);
        }
        try (var file = root.createFile(name("holes between"), 0644)) {
            for (var offset = 0L; offset < 40; offset += 4) {
                file.write(arena.allocate(4096).fill((byte) (offset + 1)), offset * 65536);
            }
        }
        try (var file = root.createFile(name("zeros, no hole"), 0644)) {
            file.write(arena.allocate(1 << 20), 0);
        }
    }

    private void modes() throws IOException {
        for (var mode : List.of(0, 0400, 0600, 0777, 04755, 02755, 06711, 01644)) {
            try (var file = file(root, name("mode" + Integer.toOctalString(mode)), 20)) {
                if (isRoot) {
                    file.setOwner(1000 + mode, 2000 + mode);
                }
                file.setMode(mode);
                file.setTimes(time(mode), time(mode + 1));
            }
        }
        try (var file = file(root, name("before the epoch"), 20)) {
            file.setTimes(new HostTime(-1, 1), new HostTime(-1_000_000, 999_999_999));
        }
    }

    private void links() throws IOException {
        root.makeDirectory(name("links"), 0755);
        try (var directory = root.openDirectory(name("links"))) {
            file(directory, name("a"), 10_000).close();
            directory.link(name("a"), directory, name("b"));
            directory.link(name("a"), root, name("link of a"));
            directory.makeSymbolicLink(name("to a"), name("a"));
            directory.makeSymbolicLink(name("nowhere"), name("no such \u00ff"));
            directory.makeSymbolicLink(name("long"), name("y".repeat(4000)));
            directory.makeSymbolicLink(name("up"), name("../.."));
            directory.link(name("to a"), directory, name("hard link of a symbolic one"));
            directory.setTimes(name("to a"), time(5), time(6));
            if (isRoot) {
                directory.setOwner(name("nowhere"), 5, 6);
            }
        }
    }

    private void xattrs() throws IOException {
        try (var file = file(root, name("attributes"), 10)) {
            var values = new ArrayList<>(List.of("short", "", "z".repeat(1000)));
            for (var i = 0; i < values.size(); i++) {
                trySetXattr(file, "user.test" + i, values.get(i));
            }
            if (isRoot) {
                trySetXattr(file, "trusted.test", "t");
                trySetXattr(file, "security.test", "s");
            }
        }
        root.makeDirectory(name("attributed directory"), 0750);
        try (var directory = root.openDirectory(name("attributed directory"))) {
            try {
                directory.setXattr(name("user.directory"), name("\u0000\u00ff"));
            } catch (VfsException e) {
                ignoreUnsupported(e);
            }
        }
    }

    private static void trySetXattr(HostFile file, String attribute, String value) throws VfsException {
        try {
            file.setXattr(name(attribute), name(value));
        } catch (VfsException e) {
            ignoreUnsupported(e);
        }
    }

    private static void ignoreUnsupported(VfsException failure) throws VfsException {
        if (failure.errno() != Errno.EOPNOTSUPP && failure.errno() != Errno.EPERM && failure.errno() != Errno.ENOSPC) {
            throw failure;
        }
    }

    private void specialFiles() throws IOException {
        root.makeNode(name("fifo"), HostFileType.FIFO, 0640, 0, 0);
        root.setTimes(name("fifo"), time(8), time(9));
        if (isRoot) {
            root.makeNode(name("device"), HostFileType.CHARACTER_DEVICE, 0666, 1, 3);
            root.makeNode(name("large device"), HostFileType.BLOCK_DEVICE, 0660, 300, 70_000);
        }
    }

    private void directories() throws IOException {
        root.makeDirectory(name("empty directory"), 0700);
        root.setTimes(name("empty directory"), time(10), time(11));
        var directory = root;
        var opened = new ArrayList<HostDirectory>();
        for (var depth = 0; depth < 60; depth++) {
            var name = name("deep".repeat(20) + depth);
            directory.makeDirectory(name, 0755);
            directory = directory.openDirectory(name);
            opened.add(directory);
        }
        file(directory, name("at the bottom, past the longest path"), 100).close();
        for (var open : opened.reversed()) {
            open.setMode(02751);
            open.setTimes(time(12), time(13));
            open.close();
        }
    }

    private HostFile file(HostDirectory directory, byte[] name, int bytes) throws IOException {
        var content = new byte[bytes];
        random.nextBytes(content);
        var file = directory.createFile(name, 0644);
        if (bytes > 0) {
            file.write(arena.allocateFrom(ValueLayout.JAVA_BYTE, content), 0);
        }
        return file;
    }

    private static HostTime time(int number) {
        return new HostTime(MOMENT + number, 100_000_000 + number);
    }

    @Override
    public void close() {
        root.close();
        arena.close();
    }
}
