package samepage.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import samepage.errno.Errno;
import samepage.errno.VfsException;

@Timeout(60)
class PageCacheTest {
    private static final int BLOCK = 4096;

    /** Backing that never writes anything, for the given reason. */
    private static class Failing implements PageBacking {
        final Exception reason;
        final AtomicReference<Throwable> stoppedBy = new AtomicReference<>();

        Failing(Exception reason) {
            this.reason = reason;
        }

        @Override
        public void writeBack(List<PageMapping> mappings) throws IOException {
            if (reason instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException(reason);
        }

        @Override
        public void broken(Throwable bug) {
            stoppedBy.set(bug);
        }

        @Override
        public boolean isWritable() {
            return stoppedBy.get() == null;
        }

        @Override
        public void returnPromises(int blocks) {}
    }

    /** A cache of two regions with half of it dirty: whoever wants to dirty more waits. */
    private static PageMapping fullOfDirtyPages(PageCache cache) {
        PageMapping pages = cache.newMapping(1);
        Folio folio = pages.findOrCreate(0, 512);
        try (var _ = folio.lock()) {
            folio.setUpToDate(0, 512);
            folio.setDirty(0, 512, false);
        }
        folio.unpin();
        return pages;
    }

    @Test
    void pagesComeAndGo_withoutEviction_theClockForgetsThem() {
        try (var cache = new PageCache(BLOCK, 64L << 20, new Failing(new Exception()), arena -> arena)) {
            for (int file = 0; file < 50_000; file++) {
                PageMapping pages = cache.newMapping(file);
                pages.findOrCreate(0, 1).unpin();
                pages.drop(0, Long.MAX_VALUE);
            }

            assertThat(cache.clockSize()).isLessThan(10_000).isNotNegative();
        }
    }

    @Test
    void writebackMeetsABug_theVolumeIsStoppedAndWritersGoOnToFindItSo() throws IOException {
        var backing = new Failing(new Exception("broken on purpose"));
        try (var cache = new PageCache(BLOCK, 4L << 20, backing, arena -> arena)) {
            PageMapping pages = fullOfDirtyPages(cache);

            cache.throttle();

            assertThat(backing.stoppedBy)
                    .hasValueSatisfying(bug -> assertThat(bug.getCause()).isSameAs(backing.reason));
            pages.drop(0, Long.MAX_VALUE);
        }
    }

    /** It would pause after what it takes for a failure. */
    @Test
    void writeback_asMuchIsDirtiedMeanwhile_goesOnAtOnce() throws Exception {
        var rounds = new CountDownLatch(100);
        var backing = new Failing(new Exception()) {
            @Override
            public void writeBack(List<PageMapping> mappings) {
                Folio folio = Objects.requireNonNull(mappings.getFirst().find(0));
                try (var _ = folio.lock()) {
                    folio.beginWriteback(0, 512);
                    folio.endWriteback(0, 512);
                    if (rounds.getCount() > 1) {
                        folio.setDirty(0, 512, false);
                    }
                }
                folio.unpin();
                rounds.countDown();
            }
        };
        try (var cache = new PageCache(BLOCK, 4L << 20, backing, arena -> arena)) {
            fullOfDirtyPages(cache);

            assertThat(rounds.await(4, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void throttle_writebackKeepsFailing_theWriterIsToldWhy() {
        var backing = new Failing(new VfsException(Errno.EIO, "broken disk"));
        try (var cache = new PageCache(BLOCK, 4L << 20, backing, arena -> arena)) {
            PageMapping pages = fullOfDirtyPages(cache);

            assertThatThrownBy(cache::throttle)
                    .isInstanceOfSatisfying(
                            VfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EIO))
                    .hasCause(backing.reason);
            assertThat(backing.stoppedBy).hasValue(null);

            pages.drop(0, Long.MAX_VALUE);
            assertThatCode(cache::throttle).doesNotThrowAnyException();
        }
    }
}
