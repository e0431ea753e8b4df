package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import samepage.block.FaultyBlockDevice;
import samepage.block.MemoryBlockDevice;
import samepage.errno.Errno;
import samepage.errno.VfsException;

class VolumeTest {
    private static final int BLOCK = 512;

    private final MemoryBlockDevice memory = new MemoryBlockDevice(BLOCK, 200);
    private final FaultyBlockDevice device = new FaultyBlockDevice(memory);
    private final MemoryMetadataStore store = new MemoryMetadataStore();

    @Test
    void reopen_afterClose_holdsWhatWasWritten() throws IOException {
        Map<Long, Map<Long, Long>> content;
        State left;
        try (Volume volume = Volume.createOn(memory, store)) {
            var files = new TestFiles(volume);
            var file = files.create("file");
            files.write(file, 3, 10);
            files.share(file, 4, 8, files.create("other"), 1);
            content = files.content();
            left = committed(volume);
        }

        try (Volume volume = Volume.openOn(left.device, left.store)) {
            assertThat(TestFiles.contentOf(volume)).isEqualTo(content);
            assertThat(volume.usage()).isEqualTo(new SpaceUsage(10, 14, 4, 3));
            assertThat(volume.audit().problems()).isEmpty();
        }
    }

    /** V5. */
    @Test
    void commit_waitingForATransactionThatIsLeftIncomplete_isRefusedAndAppliesNothing() throws Exception {
        Volume volume = Volume.createOn(device, store);
        byte[] before = store.get(RecordKey.of(RecordKey.ACCOUNTING));
        var begun = new CountDownLatch(1);
        try (var other = Executors.newSingleThreadExecutor()) {
            var commit = other.submit(() -> {
                begun.await();
                volume.commit();
                return null;
            });
            try (var transaction = volume.begin()) {
                transaction.putOrphan(77);
                begun.countDown();
                Thread.sleep(100); // the commit waits for this handle by now
            }
            assertThatThrownBy(commit::get).hasRootCauseInstanceOf(VfsException.class);
        }

        assertThat(store.get(RecordKey.of(RecordKey.ORPHAN, 77))).isNull();
        assertThat(store.get(RecordKey.of(RecordKey.ACCOUNTING))).isEqualTo(before);
        assertThatThrownBy(volume::begin)
                .isInstanceOf(VfsException.class)
                .hasMessage("the volume was stopped, what was committed is safe: a transaction was left incomplete"
                        + " (Input/output error)");
        assertThatThrownBy(volume::close).isInstanceOf(VfsException.class);
    }

    @Test
    void close_ofAStoppedVolume_saysThatSomethingWasLost() throws IOException {
        Volume volume = Volume.createOn(device, store);
        var files = new TestFiles(volume);
        files.create("file");
        device.failAlways(FaultyBlockDevice.Operation.FLUSH, Errno.EIO);
        assertThatThrownBy(volume::commit)
                .isInstanceOf(VfsException.class)
                .hasMessageContaining("a commit failed: injected fault");
        device.heal();

        assertThatThrownBy(volume::close).isInstanceOf(VfsException.class);
        volume.close();
    }

    /** V4. */
    @Test
    void read_ofABlockThatChangedOnTheDevice_fails() throws IOException {
        try (Volume volume = Volume.createOn(device, store)) {
            var files = new TestFiles(volume);
            var file = files.create("file");
            files.write(file, 0, 4);
            long physical = file.extents.lookup(2, 3).getFirst().physicalBlock();
            device.flipBitOnRead(physical, 1234);

            assertThatThrownBy(files::verifyContent)
                    .isInstanceOf(VfsException.class)
                    .hasMessage("a block is not what was written: block=" + physical + " (Input/output error)");
        }
    }

    /** V6: what is freed while a pin is open stays as it is until the pin is closed; then it is used again. */
    @Test
    void freedBlocks_underAPin_keepTheirContent() throws IOException {
        try (Volume volume = Volume.createOn(device, store)) {
            var files = new TestFiles(volume);
            var file = files.create("file");
            files.write(file, 0, 100);
            Extent old = file.extents.lookup(0, 100).getFirst();
            var before = MemorySegment.ofArray(new byte[100 * BLOCK]);
            memory.read(old.physicalBlock(), before);
            BlockPin pin = volume.pin();
            files.punch(file, 0, 100);
            volume.commit();
            files.write(file, 0, 90);
            assertThatThrownBy(() -> files.write(file, 200, 100))
                    .isInstanceOf(VfsException.class)
                    .hasMessageContaining("no space left");

            var after = MemorySegment.ofArray(new byte[100 * BLOCK]);
            memory.read(old.physicalBlock(), after);
            assertThat(after.mismatch(before)).isEqualTo(-1);

            pin.close();
            files.write(file, 200, 100);
            files.verifyContent();
            files.audit();
        }
    }

    /** V1, V6: what an uncommitted transaction has freed is what a crash would leave, and stays as it is. */
    @Test
    void freedBlocks_beforeTheirCommit_keepTheirContent() throws IOException {
        try (Volume volume = Volume.createOn(device, store)) {
            var files = new TestFiles(volume);
            var file = files.create("file");
            files.write(file, 0, 50);
            volume.commit();
            Extent old = file.extents.lookup(0, 50).getFirst();
            var before = MemorySegment.ofArray(new byte[50 * BLOCK]);
            memory.read(old.physicalBlock(), before);

            files.punch(file, 0, 50);
            files.write(file, 0, 50);
            files.write(file, 100, 50);

            var after = MemorySegment.ofArray(new byte[50 * BLOCK]);
            memory.read(old.physicalBlock(), after);
            assertThat(after.mismatch(before)).isEqualTo(-1);
        }
    }

    @Test
    void promise_deviceFullOfBlocksJustFreed_findsThem() throws IOException {
        try (Volume volume = Volume.createOn(device, store)) {
            var files = new TestFiles(volume);
            for (int i = 0; i < 300; i++) {
                var file = files.create("file" + i);
                files.write(file, 0, 150);
                files.punch(file, 0, 150);
            }
            files.audit();
        }
    }

    @Test
    void promise_rightAfterOpening_findsWhatWasFreeBefore() throws IOException {
        State left;
        try (Volume volume = Volume.createOn(memory, store)) {
            var files = new TestFiles(volume);
            var file = files.create("file");
            files.write(file, 0, 190);
            files.punch(file, 0, 180);
            left = committed(volume);
        }
        var slow = new SlowReferences(left.store);
        try (Volume volume = Volume.openOn(left.device, slow)) {
            Thread.ofVirtual().start(() -> {
                sleep();
                slow.released.countDown();
            });

            volume.promise(150);
            volume.redeem(150, 0);
        }
    }

    /** V6: the search for free runs knows only what was committed when it began. */
    @Test
    void searchForFreeRuns_whileBlocksAreReleased_doesNotTakeThemForFree() throws IOException {
        long ino;
        State left;
        try (Volume volume = Volume.createOn(memory, store)) {
            var files = new TestFiles(volume);
            var file = files.create("file");
            ino = file.ino;
            files.write(file, 0, 100);
            left = committed(volume);
        }
        var slow = new SlowReferences(left.store);
        try (Volume volume = Volume.openOn(left.device, slow)) {
            var files = new TestFiles(volume);
            var file = files.open(ino);
            files.punch(file, 10, 20);
            slow.released.countDown();
            files.audit();
            assertThat(volume.space().freeBlocks()).isEqualTo(109);
        }
    }

    /** The running transaction is not all that a commit frees. */
    @Test
    void lazyRecords_haveGrownLarge_areCommittedSoon() throws IOException {
        var puts = new AtomicInteger();
        try (Volume volume = Volume.createOn(new MemoryBlockDevice(BLOCK), store)) {
            volume.setLazyRecords(new LazyRecords() {
                @Override
                public void putAll(Sink transaction) {
                    puts.incrementAndGet();
                }

                @Override
                public long heapBytes() {
                    return puts.get() == 0 ? Runtime.getRuntime().maxMemory() / 6 : 0;
                }
            });

            try (var transaction = volume.begin()) {
                transaction.complete();
            }

            await().atMost(2, TimeUnit.SECONDS).until(() -> puts.get() > 0);
        }
    }

    @Test
    void audit_whileOthersWrite_isCleanAndDisturbsNobody() throws Exception {
        try (Volume volume = Volume.createOn(new MemoryBlockDevice(BLOCK), store);
                var others = Executors.newFixedThreadPool(2)) {
            var writers = List.of(new TestFiles(volume), new TestFiles(volume));
            var lazy = List.copyOf(writers);
            volume.setLazyRecords(sink -> lazy.forEach(files -> files.putDirty(sink)));
            var done = writers.stream()
                    .map(files -> others.submit(() -> {
                        var random = new java.util.Random(files.hashCode());
                        for (int i = 0; i < 2000; i++) {
                            files.operate(random);
                        }
                        return null;
                    }))
                    .toList();
            while (!done.stream().allMatch(java.util.concurrent.Future::isDone)) {
                assertThat(volume.audit().problems()).isEmpty();
            }
            for (var one : done) {
                one.get();
            }
            for (TestFiles files : writers) {
                files.verifyContent();
            }
            assertThat(volume.audit().problems()).isEmpty();
        }
    }

    @Test
    void commit_storeHasNoRoom_nothingIsLostAndALaterOneSucceeds() throws IOException {
        var narrow = new NarrowStore(store);
        Map<Long, Map<Long, Long>> content;
        State left;
        try (Volume volume = Volume.createOn(memory, narrow)) {
            var files = new TestFiles(volume);
            var file = files.create("file");
            files.write(file, 0, 10);
            volume.commit();
            State before = committed(volume);
            narrow.isFull = true;
            for (int i = 0; i < 20; i++) {
                files.write(file, i, 2);
                files.punch(file, i, i + 1);
                files.share(file, i + 1, i + 2, files.create("other" + i), 0);
                assertThatThrownBy(volume::commit)
                        .isInstanceOfSatisfying(
                                VfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
            }
            files.verifyContent();
            assertThat(volume.isWritable()).isTrue();
            try (Volume afterCrash = Volume.openOn(memory.copy(), store.copy())) {
                assertThat(TestFiles.contentOf(afterCrash)).isEqualTo(TestFiles.contentOf(before.open()));
                assertThat(afterCrash.audit().problems()).isEmpty();
            }

            narrow.isFull = false;
            volume.commit();
            content = files.content();
            left = committed(volume);
        }
        try (Volume volume = left.open()) {
            assertThat(TestFiles.contentOf(volume)).isEqualTo(content);
            assertThat(volume.audit().problems()).isEmpty();
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** What a volume leaves behind. */
    private record State(MemoryBlockDevice device, MemoryMetadataStore store) {
        Volume open() throws IOException {
            return Volume.openOn(device, store);
        }
    }

    private State committed(Volume volume) throws IOException {
        assertThat(volume.audit().problems()).isEmpty();
        return new State(memory.copy(), store.copy());
    }

    /** Has no room now and then. */
    private static final class NarrowStore implements MetadataStore {
        boolean isFull;
        private final MemoryMetadataStore store;

        NarrowStore(MemoryMetadataStore store) {
            this.store = store;
        }

        @Override
        public Cursor scan(byte[] from, byte[] to) {
            return store.scan(from, to);
        }

        @Override
        public byte @Nullable [] get(byte[] key) {
            return store.get(key);
        }

        @Override
        public Map.@Nullable Entry<byte[], byte[]> floor(byte[] highest, byte[] lowest) {
            return store.floor(highest, lowest);
        }

        @Override
        public void apply(SortedMap<byte[], byte[]> batch) throws IOException {
            if (isFull) {
                throw new VfsException(Errno.ENOSPC);
            }
            store.apply(batch);
        }

        @Override
        public long allocatedBytes() {
            return store.allocatedBytes();
        }

        @Override
        public void close() {}
    }

    /** Its first walk over the reference counts waits before each record. */
    private static final class SlowReferences implements MetadataStore {
        final CountDownLatch released = new CountDownLatch(1);
        private final MemoryMetadataStore store;

        SlowReferences(MemoryMetadataStore store) {
            this.store = store;
        }

        @Override
        public Cursor scan(byte[] from, byte[] to) {
            Cursor cursor = store.scan(from, to);
            return from[0] != RecordKey.REFERENCES || from.length > 1 ? cursor : new SlowCursor(cursor);
        }

        @Override
        public byte @Nullable [] get(byte[] key) {
            return store.get(key);
        }

        @Override
        public Map.@Nullable Entry<byte[], byte[]> floor(byte[] highest, byte[] lowest) {
            return store.floor(highest, lowest);
        }

        @Override
        public void apply(SortedMap<byte[], byte[]> batch) {
            store.apply(batch);
        }

        @Override
        public long allocatedBytes() {
            return store.allocatedBytes();
        }

        @Override
        public void close() {
            store.close();
        }

        private final class SlowCursor implements Cursor {
            private final Cursor cursor;
            private boolean begun;

            SlowCursor(Cursor cursor) {
                this.cursor = cursor;
            }

            @Override
            public boolean next() throws IOException {
                if (begun) {
                    try {
                        released.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                }
                begun = true;
                return cursor.next();
            }

            @Override
            public byte[] key() {
                return cursor.key();
            }

            @Override
            public byte[] value() {
                return cursor.value();
            }

            @Override
            public void close() {
                cursor.close();
            }
        }
    }
}
