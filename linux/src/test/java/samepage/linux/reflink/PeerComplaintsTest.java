package samepage.linux.reflink;

import static org.assertj.core.api.Assertions.assertThat;
import static samepage.linux.reflink.HostTrees.BLOCK;
import static samepage.linux.reflink.HostTrees.bytes;
import static samepage.linux.reflink.HostTrees.look;
import static samepage.linux.reflink.HostTrees.write;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import samepage.dedupe.FinderOptions;
import samepage.dedupe.FinderProgress;
import samepage.linux.reflink.LoopFileSystem.Kind;
import samepage.volume.MemoryMetadataStore;

/**
 * What users of other tools complain about: each complaint a test, whose name begins with it. Those that take a process of its own
 * (memory growth, a crash in mid-run, a power loss that loses the index) are in the command's {@code TreeComplaintsTest}; a million
 * blocks and a million files alike are counted in the finder's {@code FinderTest}.
 */
@Timeout(120)
final class PeerComplaintsTest {
    private static final FinderOptions OPTIONS =
            FinderOptions.DEFAULT.withRunsAside(64).withMaxStall(Duration.ofSeconds(10));

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

    private static Pass pass(Path tree, MemoryMetadataStore store) throws IOException {
        return Pass.over(tree, store, TreeFilter.ALL, OPTIONS, FinderProgress.NONE);
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void endlessLoopsOnZeroProgress_filesChangeBeforeTheyAreShared_runEnds(Kind kind) throws Exception {
        var tree = directory(kind);
        for (int i = 0; i < 20; i++) {
            write(tree.resolve("file" + i), bytes(1, 64 * BLOCK));
        }
        var isDone = new AtomicBoolean();
        var progress = new FinderProgress() {
            @Override
            public void sharing(long bytes, long ofBytes, long sharedBytes) {
                if (isDone.compareAndSet(false, true)) {
                    spoil(tree);
                }
            }
        };
        var pass = Pass.over(tree, new MemoryMetadataStore(), TreeFilter.ALL, OPTIONS, progress);
        assertThat(pass.result().isComplete()).isTrue();
        assertThat(pass.result().differedBytes() + pass.result().leftOut()).isPositive();
        assertThat(pass.requests()).isLessThan(1000);
    }

    /** Changes a byte in every block of some files, shortens one and removes one. */
    private static void spoil(Path tree) {
        try {
            for (int i = 5; i < 20; i++) {
                try (var file = new RandomAccessFile(tree.resolve("file" + i).toFile(), "rw")) {
                    for (int block = 0; block < 64; block++) {
                        file.seek((long) block * BLOCK);
                        file.write(i);
                    }
                    if (i == 7) {
                        file.setLength(100);
                    }
                }
            }
            Files.delete(tree.resolve("file9"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The kernel says of a tail that is no whole block that it is shared, where it has shared nothing. */
    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void endlessLoopsOnZeroProgress_tailsOfOtherLengths_areNotAskedForAgainAndAgain(Kind kind) throws Exception {
        var tree = directory(kind);
        byte[] content = bytes(20, 3 * BLOCK);
        for (int i = 0; i < 10; i++) {
            write(tree.resolve("file" + i), Arrays.copyOf(content, 2 * BLOCK + 100 * (i + 1)));
        }
        var pass = pass(tree, new MemoryMetadataStore());
        assertThat(pass.requests()).isEqualTo(9);
        assertThat(pass.result().sharedBytes()).isEqualTo(9 * 2 * BLOCK);
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void quadraticTime_identicalBlocks_twiceAsManyTakeTwiceTheRequests(Kind kind) throws Exception {
        long few = requestsForIdenticalBlocks(kind, 4);
        long many = requestsForIdenticalBlocks(kind, 8);
        // 16,384 identical blocks: each file doubles its run a few times, or is one run.
        assertThat(few).isLessThan(100);
        assertThat(many).isLessThanOrEqualTo(2 * few + 8);
    }

    private static long requestsForIdenticalBlocks(Kind kind, int files) throws Exception {
        var tree = directory(kind);
        byte[] block = bytes(2, BLOCK);
        byte[] many = new byte[2048 * BLOCK];
        for (int i = 0; i < 2048; i++) {
            System.arraycopy(block, 0, many, i * BLOCK, BLOCK);
        }
        for (int i = 0; i < files; i++) {
            write(tree.resolve("file" + i), many);
        }
        var pass = pass(tree, new MemoryMetadataStore());
        assertThat(pass.result().sharedBytes()).isEqualTo((files * 2048L - 1) * BLOCK);
        LoopFileSystem.run("rm", "-r", tree.toString());
        return pass.requests();
    }

    /** Two terabytes that are not stored are not read; those zeros that are stored become holes, in few requests. */
    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void quadraticTime_hugeFilesOfZeros_costWhatIsStoredOfThem(Kind kind) throws Exception {
        var tree = directory(kind);
        for (int i = 0; i < 2; i++) {
            try (var file = new RandomAccessFile(tree.resolve("sparse" + i).toFile(), "rw")) {
                file.setLength(1L << 40);
            }
        }
        write(tree.resolve("stored"), new byte[48 << 20]);
        var pass = pass(tree, new MemoryMetadataStore());
        assertThat(pass.result().scannedBlocks()).isLessThanOrEqualTo((48 << 20) / BLOCK + 2);
        assertThat(pass.requests()).isLessThan(50);
        assertThat(pass.result().sharedBytes()).isEqualTo(48 << 20);
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void quadraticTime_manyIdenticalSmallFiles_askOnceForEach(Kind kind) throws Exception {
        var tree = directory(kind);
        byte[] content = bytes(3, 5000);
        for (int i = 0; i < 5000; i++) {
            write(tree.resolve("file" + i), content);
        }
        var pass = pass(tree, new MemoryMetadataStore());
        assertThat(pass.requests()).isEqualTo(4999);
        assertThat(pass.result().sharedBytes()).isEqualTo(4999 * 5000);
        assertThat(pass.result().freedBytes()).isGreaterThan(4999 * 5000);
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void hashFileGrowth_allDifferentData_staysWithinTwoThousandthsOfIt(Kind kind) throws Exception {
        var tree = directory(kind);
        long dataBytes = 0;
        for (int i = 0; i < 4; i++) {
            write(tree.resolve("file" + i), bytes(100 + i, 16 << 20));
            dataBytes += 16 << 20;
        }
        var store = new MemoryMetadataStore();
        pass(tree, store);
        long indexBytes = 0;
        try (var cursor = store.scan(new byte[] {0}, new byte[] {(byte) 0xff})) {
            while (cursor.next()) {
                indexBytes += cursor.key().length + cursor.value().length;
            }
        }
        assertThat(indexBytes).isLessThan(dataBytes / 500);
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void alreadySharedFilesDedupedAgain_evenWithoutIndex_areNotAskedFor(Kind kind) throws Exception {
        var tree = directory(kind);
        HostTrees.writeCopiesWithEdits(tree, 4, 40);
        pass(tree, new MemoryMetadataStore());
        var again = pass(tree, new MemoryMetadataStore());
        assertThat(again.result().sharedBytes()).isZero();
        assertThat(again.requests()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void identicalFilesWithDifferentExtentLayoutMissed_fragmentsOfOne_areFound(Kind kind) throws Exception {
        var tree = directory(kind);
        byte[] content = bytes(5, 200 * BLOCK);
        write(tree.resolve("whole"), content);
        try (var file =
                FileChannel.open(tree.resolve("fragments"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int step = 0; step < 2; step++) {
                for (int block = step; block < 200; block += 2) {
                    file.write(ByteBuffer.wrap(content, block * BLOCK, BLOCK), (long) block * BLOCK);
                    if (block % 10 == step) {
                        file.force(true);
                    }
                }
            }
        }
        var pass = pass(tree, new MemoryMetadataStore());
        assertThat(pass.result().sharedBytes()).isEqualTo(content.length);
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void onlyRatioNotBytesTrulyFreed_freedBytes_areThoseOfTheFileSystem(Kind kind) throws Exception {
        var tree = directory(kind);
        for (int i = 0; i < 6; i++) {
            write(tree.resolve("file" + i), bytes(6, 2 << 20));
        }
        LoopFileSystem.run("sync", "-f", tree.toString());
        long before = used(tree);
        var pass = pass(tree, new MemoryMetadataStore());
        LoopFileSystem.run("sync", "-f", tree.toString());
        assertThat(pass.result().freedBytes()).isEqualTo(before - used(tree)).isGreaterThan(9 << 20);
    }

    private static long used(Path tree) throws IOException, InterruptedException {
        var blocks = LoopFileSystem.run("stat", "-f", "-c", "%b %f %S", tree.toString())
                .split(" ", -1);
        return (Long.parseLong(blocks[0]) - Long.parseLong(blocks[1])) * Long.parseLong(blocks[2]);
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void readersAndWritersStalled_budgetForStalls_makesRequestsShorter(Kind kind) throws Exception {
        var tree = directory(kind);
        write(tree.resolve("a"), bytes(7, 48 << 20));
        write(tree.resolve("b"), bytes(7, 48 << 20));
        var options = OPTIONS.withRequestBytes(16 << 20)
                .withMaxStall(Duration.ofNanos(20_000))
                .withThreads(1);
        var pass = Pass.over(tree, new MemoryMetadataStore(), TreeFilter.ALL, options, FinderProgress.NONE);
        assertThat(pass.requests()).isGreaterThan(6);
        assertThat(pass.result().longestStall()).isPositive();
        assertThat(pass.result().sharedBytes()).isEqualTo(48 << 20);
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void freeSpaceShrinkingDuringTheRun_isNoMoreThanRecordsOfIt(Kind kind) throws Exception {
        var tree = directory(kind);
        HostTrees.writeCopiesWithEdits(tree, 8, 60);
        LoopFileSystem.run("sync", "-f", tree.toString());
        long before = used(tree);
        var most = new AtomicLong(before);
        var progress = new FinderProgress() {
            @Override
            public void sharing(long bytes, long ofBytes, long sharedBytes) {
                try {
                    most.accumulateAndGet(used(tree), Math::max);
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
        Pass.over(tree, new MemoryMetadataStore(), TreeFilter.ALL, OPTIONS, progress);
        assertThat(most.get() - before).isLessThan(1 << 20);
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void noPathFilter_filterSaysWhat_restStaysAsItIs(Kind kind) throws Exception {
        var tree = directory(kind);
        for (String name : new String[] {"a", "b", "secret"}) {
            write(tree.resolve(name), bytes(9, 10 * BLOCK));
        }
        var filter = new TreeFilter() {
            @Override
            public boolean takes(byte[] path, long sizeBytes) {
                return path.length == 1;
            }
        };
        var pass = Pass.over(tree, new MemoryMetadataStore(), filter, OPTIONS, FinderProgress.NONE);
        assertThat(pass.result().files()).isEqualTo(2);
        assertThat(pass.result().sharedBytes()).isEqualTo(10 * BLOCK);
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void inUseFilesRefused_runningPrograms_areShared(Kind kind) throws Exception {
        var tree = directory(kind);
        for (String name : new String[] {"sleep1", "sleep2"}) {
            Files.copy(Path.of("/bin/sleep"), tree.resolve(name));
            assertThat(tree.resolve(name).toFile().setExecutable(true)).isTrue();
        }
        var running = new ArrayList<Process>();
        for (String name : new String[] {"sleep1", "sleep2"}) {
            running.add(new ProcessBuilder(tree.resolve(name).toString(), "60").start());
        }
        try {
            var pass = pass(tree, new MemoryMetadataStore());
            assertThat(pass.leftOut()).isEmpty();
            assertThat(pass.result().sharedBytes()).isEqualTo(Files.size(Path.of("/bin/sleep")));
        } finally {
            running.forEach(Process::destroy);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void deletesThatStall_sharedFiles_areDeletedLikeOthers(Kind kind) throws Exception {
        var tree = directory(kind);
        for (int i = 0; i < 2000; i++) {
            write(tree.resolve("file" + i), bytes(10, 20_000));
        }
        pass(tree, new MemoryMetadataStore());
        var own = directory(kind);
        for (int i = 0; i < 2000; i++) {
            write(own.resolve("file" + i), bytes(1000 + i, 20_000));
        }
        LoopFileSystem.run("sync", "-f", tree.toString());
        var whileUnshared = timeToRemove(own);
        assertThat(timeToRemove(tree)).isLessThan(whileUnshared.multipliedBy(10).plusSeconds(2));
    }

    private static Duration timeToRemove(Path tree) throws IOException, InterruptedException {
        long start = System.nanoTime();
        LoopFileSystem.run("rm", "-rf", tree.toString());
        LoopFileSystem.run("sync");
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Writers, truncates, deletes and stores to memory maps all the while; what they have written is there afterwards. */
    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void corruption_othersWriteTruncateDeleteAndMap_allTheirBytesAreThere(Kind kind) throws Exception {
        var tree = directory(kind);
        int files = 24;
        var model = new TreeMap<Integer, byte[]>();
        for (int i = 0; i < files; i++) {
            byte[] content = bytes(11, 64 * BLOCK);
            write(tree.resolve("file" + i), content);
            model.put(i, content.clone());
        }
        write(tree.resolve("still"), bytes(11, 64 * BLOCK));
        var stop = new AtomicBoolean();
        try (var threads = Executors.newFixedThreadPool(2)) {
            for (int thread = 0; thread < 2; thread++) {
                int own = thread;
                var _ = threads.submit(() -> {
                    var random = new Random(own);
                    while (!stop.get()) {
                        disturb(tree, model, 2 * random.nextInt(files / 2) + own, random);
                    }
                    return null;
                });
            }
            try {
                for (int i = 0; i < 6; i++) {
                    assertThat(pass(tree, new MemoryMetadataStore()).result().isComplete())
                            .isTrue();
                }
            } finally {
                stop.set(true);
            }
        }
        for (var entry : model.entrySet()) {
            var path = tree.resolve("file" + entry.getKey());
            assertThat(Files.readAllBytes(path)).as("%s", path).isEqualTo(entry.getValue());
        }
        assertThat(Files.readAllBytes(tree.resolve("still"))).isEqualTo(bytes(11, 64 * BLOCK));
        // From the disk, too.
        LoopFileSystem.run("sync", "-f", tree.toString());
        try (var drop = Files.newOutputStream(Path.of("/proc/sys/vm/drop_caches"))) {
            drop.write('1');
        }
        for (var entry : model.entrySet()) {
            assertThat(Files.readAllBytes(tree.resolve("file" + entry.getKey())))
                    .isEqualTo(entry.getValue());
        }
    }

    /** Files of odd numbers are one thread's, those of even ones the other's. */
    private static void disturb(Path tree, Map<Integer, byte[]> model, int number, Random random) throws IOException {
        var path = tree.resolve("file" + number);
        byte[] content;
        synchronized (model) {
            content = Objects.requireNonNull(model.get(number));
        }
        switch (random.nextInt(5)) {
            case 0 -> {
                try (var file = new RandomAccessFile(path.toFile(), "rw")) {
                    int at = random.nextInt(content.length);
                    content[at] = (byte) random.nextInt();
                    file.seek(at);
                    file.write(content[at]);
                }
            }
            case 1 -> {
                content = Arrays.copyOf(content, 1 + random.nextInt(64 * BLOCK));
                try (var file = new RandomAccessFile(path.toFile(), "rw")) {
                    file.setLength(content.length);
                }
            }
            case 2 -> {
                Files.delete(path);
                content = bytes(11, 64 * BLOCK);
                write(path, content);
            }
            case 3 -> {
                try (var file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
                        var arena = Arena.ofConfined()) {
                    int at = random.nextInt(content.length);
                    content[at] = (byte) random.nextInt();
                    file.map(FileChannel.MapMode.READ_WRITE, 0, content.length, arena)
                            .set(ValueLayout.JAVA_BYTE, at, content[at]);
                }
            }
            default -> {
                content = bytes(11, 64 * BLOCK);
                Files.write(path, content);
            }
        }
        synchronized (model) {
            model.put(number, content);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void controlCharactersInNames_arePrintedEscaped(Kind kind) throws Exception {
        var tree = directory(kind);
        write(tree.resolve("a"), bytes(12, 10 * BLOCK));
        var odd = write(tree.resolve("b\n\u001b[31mred"), bytes(12, 10 * BLOCK));
        LoopFileSystem.run("chattr", "+i", odd.toString());
        try {
            var pass = pass(tree, new MemoryMetadataStore());
            assertThat(pass.leftOut().toString()).doesNotContain("\n", "\u001b");
        } finally {
            LoopFileSystem.run("chattr", "-i", odd.toString());
        }
        assertThat(look(tree)).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "BTRFS"})
    void crashInMidRunStartingOver_insideALargeFileToo_goesOnThere(Kind kind) throws Exception {
        var tree = directory(kind);
        int blocks = 3 * Piece.BLOCKS / 2;
        try (var out =
                FileChannel.open(tree.resolve("large"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 0; i < blocks / 256; i++) {
                out.write(ByteBuffer.wrap(bytes(i / 2, 256 * BLOCK)));
            }
        }
        var before = look(tree);
        var store = new MemoryMetadataStore();
        var options = FinderOptions.DEFAULT.withMaxWaitingSeconds(0);
        var stop = new AtomicLong(2L * blocks / 3 * BLOCK);
        var first = Pass.over(tree, store, TreeFilter.ALL, options, stoppingAt(stop));
        assertThat(first.result().isComplete()).isFalse();
        stop.set(Long.MAX_VALUE);
        var second = Pass.over(tree, store, TreeFilter.ALL, options, stoppingAt(stop));
        assertThat(second.result().isComplete()).isTrue();
        assertThat(second.result().scannedBlocks()).isLessThan(blocks / 2);
        assertThat(first.result().sharedBytes() + second.result().sharedBytes()).isEqualTo((long) blocks / 2 * BLOCK);
        assertThat(Pass.over(tree, store).unchangedFiles()).isEqualTo(1);
        assertThat(look(tree)).isEqualTo(before);
    }

    private static FinderProgress stoppingAt(AtomicLong limit) {
        return new FinderProgress() {
            private volatile long scanned;

            @Override
            public void scanning(long files, long ofFiles, long bytes) {
                scanned = bytes;
            }

            @Override
            public boolean isCancelled() {
                return scanned >= limit.get();
            }
        };
    }
}
