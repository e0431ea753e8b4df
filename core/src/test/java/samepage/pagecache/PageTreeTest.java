package samepage.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTreeTest {
    private static final int BLOCK = 512;

    private final PageCache cache = new PageCache(BLOCK, 64 << 20, new Unused(), arena -> arena);
    private final PageMapping mapping = cache.newMapping(1);
    private final PageTree tree = new PageTree();
    private final TreeMap<Long, Folio> expected = new TreeMap<>();

    @AfterEach
    void close() {
        cache.close();
    }

    /** Indices near to each other, far apart and at the end of the greatest file. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void insertAndRemove_inRandomOrder_findWhatAPlainMapFinds(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < 4000; i++) {
            long index = index(random);
            if (random.nextInt(100) < 55) {
                int order = random.nextInt(10);
                long start = index >> order << order;
                boolean free = isFree(start, start + (1L << order));
                assertThat(tree.isFree(start, start + (1L << order))).isEqualTo(free);
                if (free && expected.size() < 200) {
                    var folio = new Folio(mapping, start, cache.frames().takeBeyondBudget(order), BLOCK);
                    expected.put(start, folio);
                    tree.insert(folio);
                }
            } else if (!expected.isEmpty()) {
                var entry = expected.ceilingEntry(index);
                Folio folio = entry == null ? expected.firstEntry().getValue() : entry.getValue();
                expected.remove(folio.index());
                tree.remove(folio);
                folio.detach();
                folio.unpin();
            }
            verify(random);
        }
        for (Folio folio : List.copyOf(expected.values())) {
            tree.remove(folio);
        }
        assertThat(tree.folios(0, Long.MAX_VALUE)).isEmpty();
    }

    private static long index(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(64);
            case 1 -> random.nextInt(10_000);
            case 2 -> random.nextLong() >>> (11 + random.nextInt(40));
            default -> Long.MAX_VALUE / BLOCK - random.nextInt(2000);
        };
    }

    private boolean isFree(long from, long to) {
        return folios(from, to).isEmpty();
    }

    private List<Folio> folios(long from, long to) {
        var found = new ArrayList<Folio>();
        var before = expected.floorEntry(from);
        if (before != null && before.getValue().endIndex() > from) {
            found.add(before.getValue());
        }
        found.addAll(expected.subMap(from, before == null || before.getKey() < from, to, false)
                .values());
        return found.stream().distinct().toList();
    }

    private @Nullable Folio find(long index) {
        var before = expected.floorEntry(index);
        return before != null && before.getValue().endIndex() > index ? before.getValue() : null;
    }

    private void verify(Random random) {
        for (int i = 0; i < 5; i++) {
            long index = index(random);
            assertThat(tree.get(index)).isSameAs(find(index));
        }
        long from = index(random);
        long to = random.nextInt(5) == 0 ? Long.MAX_VALUE : from + 1 + random.nextInt(3000);
        assertThat(tree.folios(from, to)).containsExactlyElementsOf(folios(from, to));
        assertThat(tree.folios(0, Long.MAX_VALUE)).containsExactlyElementsOf(expected.values());
    }

    @Test
    void get_pastTheOnlyFolio_findsNothing() {
        var folio = new Folio(mapping, 0, cache.frames().takeBeyondBudget(0), BLOCK);
        tree.insert(folio);

        assertThat(tree.get(0)).isSameAs(folio);
        assertThat(tree.get(1)).isNull();
        assertThat(tree.get(1L << 50)).isNull();
    }

    private static final class Unused implements PageBacking {
        @Override
        public void writeBack(List<PageMapping> mappings) {}

        @Override
        public void broken(Throwable bug) {}

        @Override
        public void returnPromises(int blocks) {}

        @Override
        public boolean isWritable() {
            return true;
        }
    }
}
