package samepage.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PageCacheTest {
    private static final int BLOCK = 4096;

    /** Backing that fails in the way of a bug. */
    private static final class Broken implements PageBacking {
        final AtomicInteger calls = new AtomicInteger();

        @Override
        public void writeBack(List<PageMapping> mappings) {
            calls.incrementAndGet();
            throw new IllegalStateException("broken on purpose");
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void returnPromises(int blocks) {}
    }

    @Test
    void pagesComeAndGo_withoutEviction_theClockForgetsThem() {
        try (var cache = new PageCache(BLOCK, 64L << 20, new Broken())) {
            for (int file = 0; file < 50_000; file++) {
                PageMapping pages = cache.newMapping(file);
                pages.findOrCreate(0, 1).unpin();
                pages.drop(0, Long.MAX_VALUE);
            }

            assertThat(cache.clockSize()).isLessThan(10_000).isNotNegative();
        }
    }

    @Test
    void writebackThrows_theThreadTriesAgain() {
        var backing = new Broken();
        try (var cache = new PageCache(BLOCK, 4L << 20, backing)) {
            PageMapping pages = cache.newMapping(1);
            Folio folio = pages.findOrCreate(0, 512);
            try (var _ = folio.lock()) {
                folio.setUpToDate(0, 512);
                folio.setDirty(0, 512, false);
            }

            await().dontCatchUncaughtExceptions().until(() -> backing.calls.get() > 1);

            folio.unpin();
            pages.drop(0, Long.MAX_VALUE);
        }
    }
}
