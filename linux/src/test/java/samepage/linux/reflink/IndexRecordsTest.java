package samepage.linux.reflink;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Objects;
import java.util.Random;
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
