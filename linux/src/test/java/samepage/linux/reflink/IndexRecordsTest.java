package samepage.linux.reflink;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HashSet;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import samepage.dedupe.BlockWindow;
import samepage.volume.MemoryMetadataStore;

class IndexRecordsTest {
    private static final long[] PLACES = {BlockWindow.NO_DATA, BlockWindow.UNKNOWN_PLACE, BlockWindow.ZEROS, 5000};

    @Test
    void fileWithPiece_writtenAndRead_isTheSame() throws Exception {
        for (long seed = 0; seed < 200; seed++) {
            var random = new Random(seed);
            int blocks = 1 + random.nextInt(60);
            var piece = Piece.toRead(0, blocks);
            for (int i = 0; i < blocks; i++) {
                long place = PLACES[random.nextInt(PLACES.length)];
                if (place != BlockWindow.NO_DATA) {
                    piece.set(i, random.nextLong(), (char) random.nextInt(), place > 0 ? place + i : place);
                }
            }
            byte[] path = new byte[random.nextInt(300)];
            random.nextBytes(path);
            var file = new TreeFile(7, 3, path, random.nextLong(), random.nextLong(), blocks * 4096L, 0, 0, 0, null);
            var record = new RecordReader(IndexRecords.file(file, piece));
            assertThat(IndexRecords.readFile(7, record, _ -> null))
                    .usingRecursiveComparison()
                    .isEqualTo(file);
            var read = Objects.requireNonNull(IndexRecords.readPiece(0, blocks, record));
            for (int i = 0; i < blocks; i++) {
                assertThat(read.place(i)).as("seed=%d", seed).isEqualTo(piece.place(i));
                assertThat(read.hint(i)).as("seed=%d", seed).isEqualTo(piece.hint(i));
            }
        }
    }

    @Test
    void piece_ofCopy_isThatOfTheOriginalWhileThatIsKnown() throws Exception {
        var store = new MemoryMetadataStore();
        var index = TreeIndex.open(store, 4096, 1);
        var original = new TreeFile(1, 0, "a/usr/share/x".getBytes(US_ASCII), 0, 17, 8192, 1, 0, 0, null);
        var copy = new TreeFile(2, 0, "backup/usr/share/x".getBytes(US_ASCII), 0, 18, 8192, 1, 0, 0, null);
        var piece = Piece.toRead(0, 2);
        piece.set(0, 10, (char) 11, 100);
        piece.set(1, 12, (char) 13, 101);
        index.add(original, piece);
        index.add(copy, piece);
        index.remember(copy, 2);

        var later = TreeIndex.open(store, 4096, 1);
        assertThat(later.toRead(copy)).isNull();
        var known = Objects.requireNonNull(later.piece(copy, 0));
        assertThat(Objects.requireNonNull(later.file(2)).path()).isEqualTo(copy.path());
        assertThat(known.hint(1)).isEqualTo((char) 13);
        assertThat(known.place(1)).isEqualTo(101);
        later.forget(original);
        assertThat(later.file(2)).isNull();
        var lost = Objects.requireNonNull(later.piece(copy, 0));
        assertThat(lost.place(1)).isEqualTo(BlockWindow.NO_DATA);
    }

    @Test
    void filesOfAllKinds_rememberedInAnyOrderAndForgotten_areThoseOfTheModel() throws Exception {
        for (long seed = 0; seed < 20; seed++) {
            var random = new Random(seed);
            var store = new MemoryMetadataStore();
            var index = TreeIndex.open(store, 4096, 1);
            var model = new TreeMap<Long, TreeFile>();
            var pieces = new TreeMap<Long, Piece>();
            var copied = new HashSet<Piece>();
            for (long id = 1; id < 400; id++) {
                int blocks = 1 + random.nextInt(random.nextInt(10) == 0 ? 400 : 8);
                byte[] path = ("usr/share/" + random.nextInt(5) + "/file" + random.nextInt(1000)).getBytes(US_ASCII);
                long inode = random.nextInt(4) == 0 ? random.nextLong() >>> 1 : 1000 + 2 * id;
                var file = new TreeFile(id, random.nextInt(2), path, 0, inode, blocks * 4096L, id, 0, 0, null);
                boolean isCopy = random.nextInt(3) == 0 && !pieces.isEmpty();
                Piece piece = isCopy ? pieces.lastEntry().getValue() : piece(random, blocks);
                if (piece.blocks() == blocks) {
                    if (isCopy) {
                        copied.add(piece);
                    }
                    model.put(id, file);
                    pieces.put(id, piece);
                    index.add(file, piece);
                }
                if (random.nextInt(50) == 0) {
                    index.remember(file, blocks);
                }
            }
            var last = model.lastEntry().getValue();
            index.remember(last, last.blockCount(4096));

            var later = TreeIndex.open(store, 4096, 1);
            assertSame(seed, later, model, pieces);
            // A copy is known as long as its original is.
            model.keySet().removeIf(id -> random.nextInt(3) == 0 && !copied.contains(pieces.get(id)));
            for (var file : model.values()) {
                assertThat(later.toRead(file)).as("seed=%d", seed).isNull();
            }
            later.forgetUnseen();
            var afterwards = TreeIndex.open(store, 4096, 1);
            assertSame(seed, afterwards, model, pieces);
            for (long id = 1; id < 400; id++) {
                assertThat(afterwards.file(id) == null).as("seed=%d", seed).isEqualTo(!model.containsKey(id));
            }
        }
    }

    private static Piece piece(Random random, int blocks) {
        var piece = Piece.toRead(0, blocks);
        long place = random.nextInt(1 << 20);
        for (int i = 0; i < blocks; i++) {
            place = random.nextInt(10) == 0 ? random.nextInt(1 << 20) : place + 1;
            piece.set(i, random.nextLong(), (char) random.nextInt(), place);
        }
        return piece;
    }

    private static void assertSame(
            long seed, TreeIndex index, SortedMap<Long, TreeFile> model, SortedMap<Long, Piece> pieces)
            throws IOException {
        for (var expected : model.values()) {
            var file = Objects.requireNonNull(index.file(expected.id()));
            assertThat(file.path()).as("seed=%d", seed).isEqualTo(expected.path());
            assertThat(file.inode()).as("seed=%d", seed).isEqualTo(expected.inode());
            assertThat(file.root()).as("seed=%d", seed).isEqualTo(expected.root());
            assertThat(file.sizeBytes()).as("seed=%d", seed).isEqualTo(expected.sizeBytes());
            var piece = Objects.requireNonNull(index.piece(file, 0));
            var read = Objects.requireNonNull(pieces.get(expected.id()));
            for (int i = 0; i < read.blocks(); i++) {
                assertThat(piece.hint(i)).as("seed=%d", seed).isEqualTo(read.hint(i));
                assertThat(piece.place(i)).as("seed=%d", seed).isEqualTo(read.place(i));
            }
        }
    }

    @Test
    void key_ofAnyId_givesItBack() {
        for (long id : new long[] {1, 255, 256, 1L << 40, Long.MAX_VALUE}) {
            assertThat(IndexRecords.idOfKey(IndexRecords.fileKey(id))).isEqualTo(id);
        }
    }

    @Test
    void open_otherRootsOrBlocks_isDamaged() throws Exception {
        var store = new MemoryMetadataStore();
        var file = new TreeFile(1, 0, new byte[] {'a'}, 0, 17, 4096, 1, 0, 0, null);
        TreeIndex.open(store, 4096, 1).remember(file, 1);
        assertThat(TreeIndex.open(store, 4096, 1).nextId()).isEqualTo(2);
        assertThatThrownBy(() -> TreeIndex.open(store, 4096, 2)).isInstanceOf(IndexDamaged.class);
        assertThatThrownBy(() -> TreeIndex.open(store, 8192, 1)).isInstanceOf(IndexDamaged.class);
    }

    @Test
    void sharedExtents_secondFile_isKnownByTheFirst() {
        var shared = new SharedExtents(10);
        var first = new ExtentList();
        first.add(0, 10, 1000, true);
        var second = new ExtentList();
        second.add(4, 12, 1000, true);
        second.add(20, 3, 5000, false);
        assertThat(shared.resolve(1, first)).isSameAs(first);
        var resolved = shared.resolve(2, second);
        assertThat(resolved.size()).isEqualTo(3);
        assertThat(resolved.knownFile(0)).isEqualTo(1);
        assertThat(resolved.count(0)).isEqualTo(10);
        assertThat(resolved.knownFile(1)).isZero();
        assertThat(resolved.fileBlock(1)).isEqualTo(14);
        assertThat(resolved.place(1)).isEqualTo(1010);
        var origin = resolved.originOf(6);
        assertThat(origin).isNotNull();
        assertThat(origin.block()).isEqualTo(2);
    }
}
