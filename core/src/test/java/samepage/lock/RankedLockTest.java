package samepage.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class RankedLockTest {
    private final RankedLock inode1 = new RankedLock(LockRank.INODE, 1);
    private final RankedLock inode2 = new RankedLock(LockRank.INODE, 2);
    private final RankedLock page = new RankedLock(LockRank.PAGE, 1, 5);
    private final RankedLock laterPage = new RankedLock(LockRank.PAGE, 1, 6);
    private final RankedLock commit = new RankedLock(LockRank.COMMIT);

    @Test
    void lock_inTheOrderOfRanksAndNumbers_isGranted() {
        try (var _ = inode1.lockExclusive();
                var _ = inode2.lockShared();
                var _ = page.lockExclusive();
                var _ = laterPage.lockExclusive();
                var _ = commit.lockExclusive()) {
            assertThat(inode1.isHeldExclusively()).isTrue();
            assertThat(inode2.isHeldExclusively()).isFalse();
            assertThat(inode2.isHeld()).isTrue();
        }
        assertThat(inode1.isHeld()).isFalse();
        assertThat(inode2.isHeld()).isFalse();
    }

    @Test
    void lock_outOfOrder_failsAndNamesBoth() {
        try (var _ = page.lockExclusive()) {
            refused(inode1::lockExclusive, "wants INODE(1,0) while holding [PAGE(1,5)]");
            refused(inode1::lockShared, "wants INODE(1,0)");
        }
        try (var _ = inode2.lockShared()) {
            refused(inode1::lockShared, "wants INODE(1,0) while holding [INODE(2,0)]");
        }
        try (var _ = laterPage.lockExclusive()) {
            refused(page::lockExclusive, "wants PAGE(1,5) while holding [PAGE(1,6)]");
        }
    }

    @Test
    void lock_twice_fails() {
        try (var _ = inode1.lockShared()) {
            refused(inode1::lockShared, "wants INODE(1,0)");
            refused(inode1::lockExclusive, "wants INODE(1,0)");
        }
        try (var _ = inode1.lockExclusive()) {
            refused(inode1::lockExclusive, "wants INODE(1,0)");
            refused(inode1::tryLockExclusive, "INODE(1,0)");
        }
    }

    @Test
    void tryLock_outOfOrder_isGrantedAndCountsForWhatFollows() {
        try (var _ = page.lockExclusive()) {
            var held = inode1.tryLockExclusive();
            assertThat(held).isNotNull();
            try (var _ = held) {
                refused(inode2::lockShared, "wants INODE(2,0)");
            }
        }
    }

    @Test
    void tryLock_heldByAnother_isNotGranted() throws Exception {
        var taken = new CountDownLatch(1);
        var done = new CountDownLatch(1);
        try (var other = Executors.newSingleThreadExecutor()) {
            var holding = other.submit(() -> {
                try (var _ = inode1.lockShared()) {
                    taken.countDown();
                    done.await();
                }
                return null;
            });
            try {
                taken.await();
                assertThat(inode1.tryLockExclusive()).isNull();
                try (var _ = inode1.lockShared()) {
                    assertThat(inode1.isHeld()).isTrue();
                }
            } finally {
                done.countDown();
                holding.get();
            }
        }
        try (var held = inode1.tryLockExclusive()) {
            assertThat(held).isNotNull();
        }
    }

    @Test
    void close_byAThreadThatDoesNotHoldIt_fails() throws Exception {
        var held = inode1.lockExclusive();
        try (var other = Executors.newSingleThreadExecutor()) {
            assertThatThrownBy(() -> other.submit(held::close).get())
                    .hasRootCauseInstanceOf(AssertionError.class)
                    .rootCause()
                    .hasMessageContaining("does not hold it: INODE(1,0)");
        }
        held.close();
    }

    @Test
    void awaitZero_whileSomethingIsUnderWay_waits() throws Exception {
        var count = new DrainableCount();
        count.begin();
        count.begin();
        try (var other = Executors.newSingleThreadExecutor()) {
            var drained = other.submit(count::awaitZero);
            count.end();
            Thread.sleep(50);
            assertThat(drained.isDone()).isFalse();
            count.end();
            drained.get();
        }
        assertThatThrownBy(count::end).isInstanceOf(IllegalStateException.class);
    }

    private static void refused(ThrowingCallable call, String text) {
        assertThatThrownBy(call).isInstanceOf(AssertionError.class).hasMessageContaining(text);
    }
}
