package samepage.linux.reflink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static samepage.linux.reflink.HostTrees.BLOCK;
import static samepage.linux.reflink.HostTrees.bytes;
import static samepage.linux.reflink.HostTrees.look;
import static samepage.linux.reflink.HostTrees.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import samepage.errno.VfsException;
import samepage.linux.reflink.LoopFileSystem.Kind;
import samepage.volume.MemoryMetadataStore;

/** The finder on real file systems of the kernel's. */
final class ReflinkTargetTest {
    private static final Map<Kind, LoopFileSystem> MOUNTED = new EnumMap<>(Kind.class);
    private static final AtomicLong NUMBER = new AtomicLong();

    /** A new directory on a file system of that kind. */
    static Path directory(Kind kind) throws IOException, InterruptedException {
        var mounted = MOUNTED.get(kind);
        if (mounted == null) {
            mounted = LoopFileSystem.mount(kind);
            MOUNTED.put(kind, mounted);
        }
        return Files.createDirectory(mounted.directory.resolve("test" + NUMBER.incrementAndGet()));
    }

    /** Makes room for the next test; what cannot be removed (a snapshot) stays. */
    @AfterEach
    void empty() throws IOException, InterruptedException {
        removeAll();
    }

    static void removeAll() throws IOException, InterruptedException {
        for (var mounted : MOUNTED.values()) {
            LoopFileSystem.run(
                    "sh", "-c", "find \"$0\" -mindepth 1 -delete 2>/dev/null; true", mounted.directory.toString());
        }
    }

    @AfterAll
    static void unmount() throws IOException {
        for (var mounted : MOUNTED.values()) {
            mounted.close();
        }
        MOUNTED.clear();
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void run_copiesWithEdits_freesWhatItReportsAndChangesNothingThatCanBeSeen(Kind kind) throws Exception {
        var tree = directory(kind);
        HostTrees.writeCopiesWithEdits(tree, 1, 60);
        var before = look(tree);
        var pass = Pass.over(tree, new MemoryMetadataStore());
        assertThat(look(tree)).isEqualTo(before);
        assertThat(pass.leftOut()).isEmpty();
        assertThat(pass.result().leftOut()).isZero();
        assertThat(pass.result().sharedBytes()).isGreaterThan(6_000_000);
        assertThat(pass.result().freedBytes()).isEqualTo(pass.usedBefore() - pass.usedAfter());
        if (kind == Kind.XFS) {
            // Btrfs keeps an extent as long as one block of it is in use.
            assertThat(pass.result().freedBytes())
                    .isCloseTo(pass.result().sharedBytes(), Percentage.withPercentage(10));
        }
        // What a block that differs by a bit is in stays, and all around it is shared: nearly every whole block.
        assertThat(pass.result().differedBytes()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void secondRun_nothingHasChanged_readsNothing(Kind kind) throws Exception {
        var tree = directory(kind);
        HostTrees.writeCopiesWithEdits(tree, 2, 30);
        var store = new MemoryMetadataStore();
        var first = Pass.over(tree, store);
        var second = Pass.over(tree, store);
        assertThat(first.result().files()).isEqualTo(60);
        assertThat(second.unchangedFiles()).isEqualTo(60);
        assertThat(second.result().files()).isZero();
        assertThat(second.requests()).isZero();
        assertThat(second.result().freedBytes()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void secondRun_fileCameAndFileChanged_findsThemInWhatItKnows(Kind kind) throws Exception {
        var tree = directory(kind);
        write(tree.resolve("old"), bytes(3, 40 * BLOCK));
        var other = write(tree.resolve("other"), bytes(4, 40 * BLOCK));
        var store = new MemoryMetadataStore();
        Pass.over(tree, store);
        write(tree.resolve("new"), bytes(3, 40 * BLOCK));
        write(other, bytes(3, 40 * BLOCK));
        Files.move(tree.resolve("new"), tree.resolve("moved"));
        var second = Pass.over(tree, store);
        assertThat(second.result().files()).isEqualTo(2);
        assertThat(second.result().sharedBytes()).isEqualTo(2 * 40 * BLOCK);
        Files.delete(tree.resolve("moved"));
        // One run forgets it, the next one reads anew a file that was known as its copy.
        Pass.over(tree, store);
        Pass.over(tree, store);
        assertThat(Pass.over(tree, store).unchangedFiles()).isEqualTo(2);
    }

    /** The files below a directory that is renamed keep all their times. */
    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void secondRun_directoryWasRenamed_filesBelowAreFoundByTheirNewPath(Kind kind) throws Exception {
        var tree = directory(kind);
        write(Files.createDirectories(tree.resolve("old/below")).resolve("file"), bytes(20, 40 * BLOCK));
        var store = new MemoryMetadataStore();
        Pass.over(tree, store);
        Files.move(tree.resolve("old"), tree.resolve("new"));
        write(tree.resolve("copy"), bytes(20, 40 * BLOCK));
        assertThat(Pass.over(tree, store).result().sharedBytes()).isEqualTo(40 * BLOCK);
        assertThat(Pass.over(tree, store).unchangedFiles()).isEqualTo(2);
    }

    /** The index knows of a copy only that it is one. */
    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void laterRuns_firstOfTheCopiesIsGone_findTheOthers(Kind kind) throws Exception {
        var tree = directory(kind);
        for (String name : new String[] {"deleted", "changed"}) {
            var first = write(tree.resolve(name), bytes(21, 40 * BLOCK));
            write(tree.resolve("of " + name), bytes(21, 40 * BLOCK));
            var store = new MemoryMetadataStore();
            assertThat(Pass.over(tree, store).result().sharedBytes()).isEqualTo(40 * BLOCK);
            if (name.equals("deleted")) {
                Files.delete(first);
            } else {
                write(first, bytes(22, 40 * BLOCK));
            }
            write(tree.resolve("new"), bytes(21, 40 * BLOCK));
            long shared = Pass.over(tree, store).result().sharedBytes();
            shared += Pass.over(tree, store).result().sharedBytes();
            assertThat(shared).as(name).isEqualTo(40 * BLOCK);
            LoopFileSystem.run("find", tree.toString(), "-type", "f", "-delete");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void newIndex_everythingSharedAlready_neitherReadsAllNorAsks(Kind kind) throws Exception {
        var tree = directory(kind);
        var original = write(tree.resolve("original"), bytes(5, 100 * BLOCK));
        for (int i = 0; i < 10; i++) {
            LoopFileSystem.run(
                    "cp",
                    "--reflink=always",
                    original.toString(),
                    tree.resolve("clone" + i).toString());
        }
        var pass = Pass.over(tree, new MemoryMetadataStore());
        assertThat(pass.result().files()).isEqualTo(11);
        assertThat(pass.requests()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void newIndex_moreExtentsThanAreKeptInMemory_asksForNothingThatIsShared(Kind kind) throws Exception {
        var tree = directory(kind);
        var original = tree.resolve("original");
        var random = new Random(41);
        try (var file = FileChannel.open(original, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            byte[] block = new byte[BLOCK];
            for (int i = 0; i < 20_000; i++) {
                random.nextBytes(block);
                file.write(ByteBuffer.wrap(block), 2L * i * BLOCK);
            }
        }
        LoopFileSystem.run(
                "cp",
                "--reflink=always",
                original.toString(),
                tree.resolve("clone").toString());
        var pass = Pass.over(tree, new MemoryMetadataStore());
        assertThat(pass.result().files()).isEqualTo(2);
        assertThat(pass.result().scannedBlocks()).isEqualTo(2 * 20_000);
        assertThat(pass.requests()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void hardLinks_moreThanAreRemembered_shareAsOneFileDoes(Kind kind) throws Exception {
        var tree = directory(kind);
        for (int i = 0; i < 300; i++) {
            var file = write(tree.resolve("file" + i), bytes(i % 150, 4 * BLOCK), bytes(1000 + i, 4 * BLOCK));
            Files.createLink(tree.resolve("linked" + i), file);
        }
        var before = look(tree);
        var options = ReflinkOptions.DEFAULT.withReaders(4).withMaxSharedExtents(1);
        var pass = Pass.over(tree, new MemoryMetadataStore(), options);
        assertThat(pass.result().leftOut()).isZero();
        assertThat(pass.result().differedBytes()).isZero();
        if (kind == Kind.XFS) {
            // Btrfs keeps an extent as long as one block of it is in use.
            assertThat(pass.result().freedBytes()).isEqualTo(150L * 4 * BLOCK);
        }
        assertThat(look(tree)).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void tail_sameEnd_isSharedAndOtherwiseNot(Kind kind) throws Exception {
        var tree = directory(kind);
        byte[] content = bytes(6, 3 * BLOCK + 100);
        write(tree.resolve("a"), content);
        write(tree.resolve("b"), content);
        write(tree.resolve("c"), Arrays.copyOf(content, 3 * BLOCK + 99));
        var pass = Pass.over(tree, new MemoryMetadataStore());
        assertThat(pass.result().sharedBytes()).isEqualTo(content.length + 3 * BLOCK);
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void zeros_storedAsSuch_becomeHoles(Kind kind) throws Exception {
        var tree = directory(kind);
        var file = write(tree.resolve("zeros"), new byte[500 * BLOCK], bytes(7, BLOCK), new byte[20 * BLOCK + 7]);
        var before = look(tree);
        var pass = Pass.over(tree, new MemoryMetadataStore());
        assertThat(pass.result().sharedBytes()).isEqualTo(520 * BLOCK);
        assertThat(look(tree)).isEqualTo(before);
        assertThat((long) Integer.parseInt(LoopFileSystem.run("stat", "-c", "%b", file.toString())) * 512)
                .isLessThan(16 * BLOCK);
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void partsOfFiles_whereverTheyAre_areShared(Kind kind) throws Exception {
        var tree = directory(kind);
        byte[] part = bytes(8, 33 * BLOCK);
        write(tree.resolve("a"), bytes(9, 5 * BLOCK), part, bytes(10, 70 * BLOCK), part);
        write(tree.resolve("b"), bytes(11, 64 * BLOCK), part);
        var before = look(tree);
        var pass = Pass.over(tree, new MemoryMetadataStore());
        assertThat(pass.result().sharedBytes()).isEqualTo(2 * 33 * BLOCK);
        assertThat(look(tree)).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void whatIsNoPlainFile_isPassedOver(Kind kind) throws Exception {
        var tree = directory(kind);
        byte[] content = bytes(12, 10 * BLOCK);
        write(tree.resolve("a"), content);
        write(Files.createDirectory(tree.resolve("d")).resolve("b"), content);
        Files.createLink(tree.resolve("linked"), tree.resolve("a"));
        Files.createSymbolicLink(tree.resolve("d/loop"), tree);
        Files.createSymbolicLink(tree.resolve("symbolic"), tree.resolve("a"));
        LoopFileSystem.run("mkfifo", tree.resolve("fifo").toString());
        LoopFileSystem.run("mknod", tree.resolve("null").toString(), "c", "1", "3");
        Files.createFile(tree.resolve("empty"));
        var below = Files.createDirectory(tree.resolve("mounted"));
        LoopFileSystem.run("mount", "-t", "tmpfs", "none", below.toString());
        try {
            write(below.resolve("elsewhere"), content);
            var pass = Pass.over(tree, new MemoryMetadataStore());
            assertThat(pass.result().files()).isEqualTo(2);
            assertThat(pass.result().sharedBytes()).isEqualTo(content.length);
            assertThat(pass.leftOut()).isEmpty();
        } finally {
            LoopFileSystem.run("umount", below.toString());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void immutableFile_isToldAndTheRestIsDone(Kind kind) throws Exception {
        var tree = directory(kind);
        byte[] content = bytes(13, 10 * BLOCK);
        for (String name : new String[] {"a", "b", "c"}) {
            write(tree.resolve(name), content);
        }
        LoopFileSystem.run("chattr", "+i", tree.resolve("b").toString());
        try {
            var pass = Pass.over(tree, new MemoryMetadataStore());
            assertThat(pass.leftOut()).hasSize(1);
            assertThat(pass.leftOut().getFirst()).contains("/b");
            assertThat(pass.result().sharedBytes()).isEqualTo(content.length);
        } finally {
            LoopFileSystem.run("chattr", "-i", tree.resolve("b").toString());
        }
    }

    @Test
    void snapshots_ofTheSameExtents_costNeitherReadingNorRequests() throws Exception {
        var tree = directory(Kind.BTRFS);
        var volume = tree.resolve("volume").toString();
        LoopFileSystem.run("btrfs", "subvolume", "create", volume);
        write(tree.resolve("volume/a"), bytes(14, 200 * BLOCK));
        write(tree.resolve("volume/b"), bytes(15, 50 * BLOCK));
        LoopFileSystem.run("sync");
        for (int i = 0; i < 4; i++) {
            LoopFileSystem.run(
                    "btrfs",
                    "subvolume",
                    "snapshot",
                    "-r",
                    volume,
                    tree.resolve("snapshot" + i).toString());
        }
        var pass = Pass.over(tree, new MemoryMetadataStore());
        assertThat(pass.result().files()).isEqualTo(10);
        assertThat(pass.requests()).isZero();
        assertThat(pass.leftOut()).isEmpty();
    }

    @Test
    void readOnlySnapshot_withADuplicate_isShared() throws Exception {
        var tree = directory(Kind.BTRFS);
        var volume = tree.resolve("volume").toString();
        LoopFileSystem.run("btrfs", "subvolume", "create", volume);
        write(tree.resolve("volume/a"), bytes(16, 50 * BLOCK));
        write(tree.resolve("outside"), bytes(16, 50 * BLOCK));
        LoopFileSystem.run(
                "btrfs",
                "subvolume",
                "snapshot",
                "-r",
                volume,
                tree.resolve("snapshot").toString());
        var pass = Pass.over(tree, new MemoryMetadataStore());
        assertThat(pass.leftOut()).isEmpty();
        assertThat(pass.result().freedBytes()).isGreaterThanOrEqualTo(50 * BLOCK);
    }

    @Test
    void ext4_isRefused() throws Exception {
        var tree = directory(Kind.EXT4);
        assertThatThrownBy(() -> Pass.over(tree, new MemoryMetadataStore()))
                .isInstanceOf(VfsException.class)
                .hasMessageContaining("cannot share storage");
    }
}
