package samepage.linux.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static samepage.linux.syscall.HostTree.assertRefused;
import static samepage.linux.syscall.HostTree.name;
import static samepage.linux.syscall.HostTree.segment;
import static samepage.linux.syscall.HostTree.text;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import samepage.errno.Errno;
import samepage.errno.VfsException;

final class HostFileTest {
    private static final long MEBIBYTE = 1 << 20;

    private final Arena arena = Arena.ofConfined();
    private HostTree tree;
    private HostFile file;

    @BeforeEach
    void open() throws Exception {
        tree = new HostTree();
        file = tree.directory.createFile(name("file"), 0644);
    }

    @AfterEach
    void close() throws Exception {
        arena.close();
        file.close();
        tree.close();
    }

    @Test
    void read_whatWasWritten_comesBackUpToTheEnd() throws VfsException {
        file.write(segment(arena, "0123456789"), 5);
        var target = arena.allocate(100);

        assertThat(file.read(target, 0)).isEqualTo(15);
        assertThat(text(target, 15)).isEqualTo("\0\0\0\0\0" + "0123456789");
        assertThat(file.read(target, 12)).isEqualTo(3);
        assertThat(file.read(target, 15)).isZero();
        assertThat(file.read(target.asSlice(0, 4), 5)).isEqualTo(4);
        assertThat(text(target, 4)).isEqualTo("0123");
    }

    @Test
    void read_largeBuffer_isWhole() throws VfsException {
        var source = arena.allocate(64 * MEBIBYTE, 4096);
        source.asSlice(17 * MEBIBYTE, 8).set(ValueLayout.JAVA_LONG, 0, 42);
        file.write(source, 0);
        var target = arena.allocate(65 * MEBIBYTE, 4096);

        assertThat(file.read(target, 0)).isEqualTo(64 * MEBIBYTE);
        assertThat(MemorySegment.mismatch(source, 0, source.byteSize(), target, 0, source.byteSize()))
                .isEqualTo(-1);
    }

    @Test
    void readNext_andWriteNext_goOnFromTheLast() throws VfsException {
        file.writeNext(segment(arena, "one "));
        file.writeNext(segment(arena, "two"));
        var target = arena.allocate(4);

        try (var again = tree.directory.openToRead(name("file"))) {
            assertThat(again.readNext(target)).isEqualTo(4);
            assertThat(text(target, 4)).isEqualTo("one ");
            assertThat(again.readNext(target)).isEqualTo(3);
            assertThat(again.readNext(target)).isZero();
        }
    }

    @Test
    void read_intoHeap_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> file.read(MemorySegment.ofArray(new byte[8]), 0));
    }

    @Test
    void read_intoClosedArena_isRefused() {
        MemorySegment target;
        try (var closing = Arena.ofShared()) {
            target = closing.allocate(8);
        }

        assertThatThrownBy(() -> file.read(target, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void write_toFileOpenedToRead_isRefusedWithItsPath() throws VfsException {
        try (var reading = tree.directory.openToRead(name("file"))) {
            assertThatThrownBy(() -> reading.write(segment(arena, "x"), 7))
                    .hasMessage("cannot write: path=" + tree.path + "/file offset=7 (Bad file descriptor)");
        }
    }

    @Test
    void write_toFullDevice_isEnospc() throws VfsException {
        try (var full = HostFile.open(name("/dev/full"), OpenFlags.READ_WRITE, 0)) {
            assertRefused(Errno.ENOSPC, () -> full.writeNext(segment(arena, "x")));
        }
    }

    @Test
    void write_beyondTheLargestSize_isEfbig() {
        assertRefused(Errno.EFBIG, () -> file.truncate(Long.MAX_VALUE));
        assertRefused(Errno.EINVAL, () -> file.truncate(-1));
        assertRefused(Errno.EINVAL, () -> file.read(arena.allocate(1), -1));
    }

    @Test
    void seek_sparseFile_findsDataAndHoles() throws VfsException {
        file.write(segment(arena, "x".repeat(4096)), 4 * MEBIBYTE);
        file.truncate(16 * MEBIBYTE);

        assertThat(file.seekData(0)).isEqualTo(4 * MEBIBYTE);
        assertThat(file.seekHole(4 * MEBIBYTE)).isEqualTo(4 * MEBIBYTE + 4096);
        assertThat(file.seekData(5 * MEBIBYTE)).isEqualTo(HostFile.NOWHERE);
        assertThat(file.seekHole(5 * MEBIBYTE)).isEqualTo(5 * MEBIBYTE);
        assertThat(file.seekData(16 * MEBIBYTE)).isEqualTo(HostFile.NOWHERE);
        assertThat(file.seekHole(16 * MEBIBYTE)).isEqualTo(HostFile.NOWHERE);
        assertThat(file.stat().allocatedBytes()).isLessThan(MEBIBYTE);
        assertThat(file.sizeBytes()).isEqualTo(16 * MEBIBYTE);
    }

    @Test
    void seek_fullFile_endsInAHole() throws VfsException {
        file.write(segment(arena, "x".repeat(100)), 0);

        assertThat(file.seekData(50)).isEqualTo(50);
        assertThat(file.seekHole(0)).isEqualTo(100);
    }

    @Test
    void punchHole_inData_givesItsStorageBack() throws VfsException {
        file.write(arena.allocate(MEBIBYTE).fill((byte) 'x'), 0);
        var before = file.stat().allocatedBytes();

        file.punchHole(65536, 131072);

        assertThat(file.stat().allocatedBytes()).isEqualTo(before - 131072);
        assertThat(file.stat().sizeBytes()).isEqualTo(MEBIBYTE);
        assertThat(file.seekHole(0)).isEqualTo(65536);
        assertThat(file.seekData(65536)).isEqualTo(65536 + 131072);
    }

    @Test
    void allocate_keepingSize_reservesBehindTheEnd() throws VfsException {
        file.allocate(FallocateMode.KEEP_SIZE, 0, MEBIBYTE);

        assertThat(file.stat().sizeBytes()).isZero();
        assertThat(file.stat().allocatedBytes()).isGreaterThanOrEqualTo(MEBIBYTE);
        file.allocate(0, 0, MEBIBYTE);
        assertThat(file.stat().sizeBytes()).isEqualTo(MEBIBYTE);
        assertRefused(Errno.EINVAL, () -> file.allocate(0, 0, 0));
    }

    @Test
    void copyTo_anotherFile_copiesUpToTheEnd() throws VfsException {
        file.write(segment(arena, "0123456789"), 0);
        try (var target = tree.directory.createFile(name("target"), 0644)) {
            assertThat(file.copyTo(target, 2, 3, 100)).isEqualTo(8);
        }

        assertThat(tree.read("target")).isEqualTo("\0\0\0" + "23456789");
    }

    @Test
    void lock_heldByAnotherOpen_isNotGiven() throws VfsException {
        try (var other = tree.directory.openToWrite(name("file"))) {
            assertThat(file.tryLockExclusive()).isTrue();
            assertThat(other.tryLockExclusive()).isFalse();
            assertThat(other.tryLockShared()).isFalse();
            file.unlock();
            assertThat(other.tryLockShared()).isTrue();
            assertThat(file.tryLockShared()).isTrue();
            assertThat(file.tryLockExclusive()).isFalse();
        }
    }

    @Test
    void control_whatTheDeviceDoesNotKnow_isEnotty() {
        assertRefused(Errno.ENOTTY, () -> file.control(0x5413, arena.allocate(8)));
    }

    @Test
    void control_bytesToRead_areTold() throws VfsException {
        file.write(segment(arena, "12345"), 0);
        var count = arena.allocate(ValueLayout.JAVA_INT);
        var fionread = 0x541B;

        assertThat(file.control(fionread, count)).isZero();
        assertThat(count.get(ValueLayout.JAVA_INT, 0)).isEqualTo(5);
    }

    @Test
    void sync_ofEveryKind_passes() throws VfsException {
        file.write(segment(arena, "x"), 0);

        file.dataSync();
        file.sync();
        file.syncFileSystem();
        tree.directory.sync();
        file.advise(ReadAdvice.SEQUENTIAL, 0, 0);
        file.advise(ReadAdvice.DONT_NEED, 0, 0);
        assertThat(file.fileSystem().totalBytes())
                .isGreaterThan(file.fileSystem().usableBytes());
        assertThat(file.fileSystem().longestNameBytes()).isEqualTo(255);
    }

    @Test
    void advise_onAFifo_isRefused() throws VfsException {
        tree.directory.makeNode(name("fifo"), HostFileType.FIFO, 0600, 0, 0);
        try (var fifo = tree.directory.openToRead(name("fifo"))) {
            assertRefused(Errno.ESPIPE, () -> fifo.advise(ReadAdvice.SEQUENTIAL, 0, 0));
        }
    }

    @Test
    void close_thenUse_isRefused() {
        file.close();

        assertRefused(Errno.EBADF, () -> file.stat());
        assertRefused(Errno.EBADF, () -> file.read(arena.allocate(1), 0));
    }

    @Test
    void calls_fromManyThreads_doNotDisturbEachOther() throws Exception {
        var threads = new Thread[8];
        var failures = new Throwable[threads.length];
        for (var i = 0; i < threads.length; i++) {
            var index = i;
            var name = name("thread-" + i);
            tree.directory.makeSymbolicLink(name, name("target-" + i));
            var worker = (Runnable) () -> {
                try {
                    for (var round = 0; round < 2000; round++) {
                        assertThat(tree.directory.readLink(name)).isEqualTo(name("target-" + index));
                        assertRefused(Errno.ENOENT, () -> tree.directory.stat(name("gone-" + index)));
                    }
                } catch (Throwable failure) {
                    failures[index] = failure;
                }
            };
            threads[i] = i % 2 == 0
                    ? Thread.ofPlatform().start(worker)
                    : Thread.ofVirtual().start(worker);
        }
        for (var thread : threads) {
            thread.join();
        }

        assertThat(failures).containsOnlyNulls();
    }
}
