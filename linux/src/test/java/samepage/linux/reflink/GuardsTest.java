package samepage.linux.reflink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static samepage.linux.reflink.HostTrees.BLOCK;
import static samepage.linux.reflink.HostTrees.bytes;
import static samepage.linux.reflink.HostTrees.look;
import static samepage.linux.reflink.HostTrees.write;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import samepage.dedupe.FinderOptions;
import samepage.dedupe.FinderProgress;
import samepage.linux.reflink.LoopFileSystem.Kind;
import samepage.volume.MemoryMetadataStore;

/** What a tree may hold, and what may happen to it meanwhile, that must not harm, hang or stop a run. */
@Timeout(120)
final class GuardsTest {
    private static final byte[] CONTENT = bytes(1, 32 * BLOCK);

    /** All is found before anything is shared. */
    private static final FinderOptions FIND_THEN_SHARE = FinderOptions.DEFAULT.withRunsAside(0);

    @AfterEach
    void empty() throws IOException, InterruptedException {
        ReflinkTargetTest.removeAll();
    }

    @AfterAll
    static void unmount() throws IOException {
        ReflinkTargetTest.unmount();
    }

    private static Path directory(Kind kind) throws IOException, InterruptedException {
        return ReflinkTargetTest.directory(kind);
    }

    private interface Change {
        void make() throws IOException, InterruptedException;
    }

    /** A run during which something happens between the reading of the files and the first request to share. */
    private static Pass passWith(Path tree, Change change) throws IOException {
        var isDone = new AtomicBoolean();
        var pass = Pass.over(tree, new MemoryMetadataStore(), TreeFilter.ALL, FIND_THEN_SHARE, new FinderProgress() {
            @Override
            public void sharing(long bytes, long ofBytes, long sharedBytes) {
                if (isDone.compareAndSet(false, true)) {
                    try {
                        change.make();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
            }
        });
        assertThat(isDone).isTrue();
        assertThat(pass.result().isComplete()).isTrue();
        return pass;
    }

    private static void copies(Path tree, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            write(tree.resolve("file" + i), CONTENT);
        }
    }

    /** Whether any of its extents has another owner, too. */
    private static boolean isShared(Path file) throws IOException, InterruptedException {
        LoopFileSystem.run("sync", "-f", file.toString());
        return LoopFileSystem.run("filefrag", "-v", file.toString()).contains("shared");
    }

    /** The kernel says that it has shared a tail where it has shared nothing: a length it was not asked for. */
    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void noProgress_tailsThatOnlyLookAlike_endAndAreNotCounted(Kind kind) throws Exception {
        var tree = directory(kind);
        for (int i = 0; i < 40; i++) {
            write(tree.resolve("short" + i), Arrays.copyOf(CONTENT, 1 + i));
            write(tree.resolve("tail" + i), Arrays.copyOf(CONTENT, BLOCK + 1 + i));
        }
        var before = look(tree);
        var pass = Pass.over(tree, new MemoryMetadataStore());
        assertThat(pass.result().isComplete()).isTrue();
        assertThat(pass.requests()).isLessThan(100);
        assertThat(pass.result().sharedBytes()).isEqualTo(39L * BLOCK);
        if (kind == Kind.XFS) {
            // Btrfs has such short files among its records, and changes those.
            assertThat(pass.result().freedBytes()).isEqualTo(39L * BLOCK);
        }
        assertThat(look(tree)).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void filesThatChangeMeanwhile_keepWhatWasWritten(Kind kind) throws Exception {
        var tree = directory(kind);
        copies(tree, 8);
        passWith(tree, () -> {
            for (int i = 0; i < 8; i += 2) {
                try (var file = new RandomAccessFile(tree.resolve("file" + i).toFile(), "rw")) {
                    file.seek(5 * BLOCK + i);
                    file.write(i + 1);
                    file.setLength(CONTENT.length - i);
                }
            }
        });
        for (int i = 0; i < 8; i++) {
            byte[] expected = CONTENT.clone();
            if (i % 2 == 0) {
                expected[5 * BLOCK + i] = (byte) (i + 1);
                expected = Arrays.copyOf(expected, CONTENT.length - i);
            }
            assertThat(Files.readAllBytes(tree.resolve("file" + i)))
                    .as("file%d", i)
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void filesThatVanish_areNothingToTell_andTheRestIsShared(Kind kind) throws Exception {
        var tree = directory(kind);
        copies(tree, 6);
        Files.createDirectory(tree.resolve("directory"));
        copies(tree.resolve("directory"), 3);
        var pass = passWith(tree, () -> {
            Files.delete(tree.resolve("file4"));
            LoopFileSystem.run("rm", "-r", tree.resolve("directory").toString());
        });
        assertThat(pass.leftOut()).isEmpty();
        assertThat(pass.result().sharedBytes()).isGreaterThanOrEqualTo(2L * CONTENT.length);
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void filesThatBecomeSomethingElse_areNotFollowed(Kind kind) throws Exception {
        var tree = directory(kind);
        var outside = write(directory(kind).resolve("outside"), CONTENT);
        var above = Files.createDirectory(outside.resolveSibling("above"));
        write(above.resolve("file0"), CONTENT);
        copies(tree, 5);
        copies(Files.createDirectory(tree.resolve("d")), 1);
        passWith(tree, () -> {
            Files.delete(tree.resolve("file1"));
            Files.createSymbolicLink(tree.resolve("file1"), outside);
            Files.delete(tree.resolve("file2"));
            LoopFileSystem.run("mkfifo", tree.resolve("file2").toString());
            Files.delete(tree.resolve("file3"));
            Files.createDirectory(tree.resolve("file3"));
            Files.move(tree.resolve("d"), tree.resolve("moved"));
            Files.createSymbolicLink(tree.resolve("d"), above);
        });
        assertThat(isShared(outside)).isFalse();
        assertThat(isShared(above.resolve("file0"))).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void otherFileSystemsAndMountsBelow_areNotEntered(Kind kind) throws Exception {
        var tree = directory(kind);
        var elsewhere = directory(kind);
        copies(tree, 2);
        write(elsewhere.resolve("bound"), CONTENT);
        var other = Files.createDirectory(tree.resolve("other"));
        var bound = Files.createDirectory(tree.resolve("bound"));
        LoopFileSystem.run("mount", "-t", "tmpfs", "none", other.toString());
        LoopFileSystem.run("mount", "--bind", elsewhere.toString(), bound.toString());
        try {
            write(other.resolve("elsewhere"), CONTENT);
            var pass = Pass.over(tree, new MemoryMetadataStore());
            assertThat(pass.result().files()).isEqualTo(2);
            assertThat(pass.leftOut()).isEmpty();
            assertThat(isShared(elsewhere.resolve("bound"))).isFalse();
        } finally {
            LoopFileSystem.run("umount", other.toString());
            LoopFileSystem.run("umount", bound.toString());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void symbolicLinksInALoop_areNotFollowed(Kind kind) throws Exception {
        var tree = directory(kind);
        copies(tree, 2);
        Files.createSymbolicLink(tree.resolve("here"), Path.of("."));
        Files.createSymbolicLink(tree.resolve("up"), Path.of(".."));
        Files.createSymbolicLink(tree.resolve("one"), Path.of("two"));
        Files.createSymbolicLink(tree.resolve("two"), Path.of("one"));
        Files.createSymbolicLink(tree.resolve("nowhere"), Path.of("/nowhere/at/all"));
        var pass = Pass.over(tree, new MemoryMetadataStore());
        assertThat(pass.result().files()).isEqualTo(2);
        assertThat(pass.leftOut()).isEmpty();
    }

    /** One that is opened would wait for its other end, or do something. */
    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void specialFiles_areNotOpened(Kind kind) throws Exception {
        var tree = directory(kind);
        copies(tree, 2);
        LoopFileSystem.run("mkfifo", tree.resolve("fifo").toString());
        LoopFileSystem.run("mknod", tree.resolve("tape").toString(), "c", "9", "0");
        LoopFileSystem.run("mknod", tree.resolve("block").toString(), "b", "7", "200");
        try (var socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(tree.resolve("socket")));
            var pass = Pass.over(tree, new MemoryMetadataStore());
            assertThat(pass.result().files()).isEqualTo(2);
            assertThat(pass.leftOut()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void immutableIsTold_appendOnlyIsShared(Kind kind) throws Exception {
        var tree = directory(kind);
        copies(tree, 4);
        var before = look(tree);
        LoopFileSystem.run("chattr", "+i", tree.resolve("file2").toString());
        LoopFileSystem.run("chattr", "+a", tree.resolve("file3").toString());
        try {
            var changed = look(tree);
            var pass = Pass.over(tree, new MemoryMetadataStore());
            assertThat(pass.leftOut()).hasSize(1).first().asString().contains("file2");
            assertThat(pass.result().sharedBytes()).isEqualTo(2L * CONTENT.length);
            assertThat(look(tree)).isEqualTo(changed).hasSameSizeAs(before);
        } finally {
            LoopFileSystem.run("chattr", "-i", tree.resolve("file2").toString());
            LoopFileSystem.run("chattr", "-a", tree.resolve("file3").toString());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void activeSwapFile_isToldAndLeftAlone(Kind kind) throws Exception {
        var tree = directory(kind);
        copies(tree, 2);
        var swap = tree.resolve("swap");
        Files.createFile(swap).toFile().setReadable(false, false);
        if (kind == Kind.BTRFS) {
            LoopFileSystem.run("chattr", "+C", swap.toString());
        }
        LoopFileSystem.run("dd", "if=/dev/zero", "of=" + swap, "bs=64k", "count=64", "conv=fsync");
        LoopFileSystem.run("chmod", "600", swap.toString());
        LoopFileSystem.run("mkswap", swap.toString());
        write(tree.resolve("copy of it"), Files.readAllBytes(swap));
        try {
            LoopFileSystem.run("swapon", swap.toString());
        } catch (IOException e) {
            assumeTrue(false, "no swap here: " + e.getMessage());
        }
        try {
            var pass = Pass.over(tree, new MemoryMetadataStore());
            assertThat(pass.result().isComplete()).isTrue();
            assertThat(pass.leftOut())
                    .isNotEmpty()
                    .allSatisfy(line -> assertThat(line).contains("swap"));
            assertThat(isShared(swap)).isFalse();
            assertThat(isShared(tree.resolve("file1"))).isTrue();
        } finally {
            LoopFileSystem.run("swapoff", swap.toString());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void programsThatRun_areShared_andGoOn(Kind kind) throws Exception {
        var tree = directory(kind);
        for (String name : new String[] {"one", "two"}) {
            Files.copy(Path.of("/bin/sleep"), tree.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
        }
        var running = new ProcessBuilder(tree.resolve("two").toString(), "60").start();
        try {
            var pass = Pass.over(tree, new MemoryMetadataStore());
            assertThat(pass.leftOut()).isEmpty();
            assertThat(pass.result().sharedBytes()).isEqualTo(Files.size(Path.of("/bin/sleep")));
            assertThat(running.isAlive()).isTrue();
        } finally {
            running.destroy();
        }
    }
}
