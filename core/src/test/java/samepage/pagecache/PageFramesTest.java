package samepage.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageFramesTest {
    private static final long BUDGET = 8 << 20;

    @ParameterizedTest
    @ValueSource(ints = {512, 4096, 65_536})
    void takeAndGive_inRandomOrder_neverGiveTheSameMemoryTwice(int blockSize) {
        var random = new Random(blockSize);
        var frames = new PageFrames(blockSize, BUDGET, arena -> arena);
        var taken = new ArrayList<PageFrames.Frame>();
        long stamp = 1;
        var stamps = new ArrayList<Long>();
        long blocks = 0;
        for (int i = 0; i < 20_000; i++) {
            if (random.nextInt(100) < 52) {
                int order = random.nextInt(frames.maxOrder() + 1);
                var frame = frames.take(order);
                if (frame == null) {
                    assertThat(blocks + (1L << frames.maxOrder())).isGreaterThan(1L << order);
                    continue;
                }
                assertThat(frame.order()).isEqualTo(order);
                assertThat(frame.memory().byteSize()).isEqualTo((long) blockSize << order);
                assertThat(frame.firstBlock() % (1 << order)).isZero();
                assertThat(frame.memory().address() % Math.min(4096, blockSize)).isZero();
                mark(frame, stamp);
                taken.add(frame);
                stamps.add(stamp++);
                blocks += 1L << order;
            } else if (!taken.isEmpty()) {
                int which = random.nextInt(taken.size());
                var frame = taken.remove(which);
                verify(frame, stamps.remove(which));
                blocks -= 1L << frame.order();
                frames.give(frame);
            }
            assertThat(blocks * blockSize).isLessThanOrEqualTo(BUDGET);
            if (i % 1000 == 0) {
                verifyDisjoint(taken);
            }
        }
        for (int i = 0; i < taken.size(); i++) {
            verify(taken.get(i), stamps.get(i));
            frames.give(taken.get(i));
        }
        // All has grown together again.
        for (int i = 0; i < BUDGET / (2 << 20); i++) {
            assertThat(frames.take(frames.maxOrder())).isNotNull();
        }
        assertThat(frames.take(0)).isNull();
        frames.close();
    }

    private static void mark(PageFrames.Frame frame, long stamp) {
        frame.memory().set(ValueLayout.JAVA_LONG, 0, stamp);
        frame.memory().set(ValueLayout.JAVA_LONG, frame.memory().byteSize() - Long.BYTES, stamp);
    }

    private static void verify(PageFrames.Frame frame, long stamp) {
        assertThat(frame.memory().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(stamp);
        assertThat(frame.memory().get(ValueLayout.JAVA_LONG, frame.memory().byteSize() - Long.BYTES))
                .isEqualTo(stamp);
    }

    private static void verifyDisjoint(List<PageFrames.Frame> taken) {
        var ends = new TreeMap<Long, Long>();
        taken.forEach(frame -> ends.put(
                frame.memory().address(),
                frame.memory().address() + frame.memory().byteSize()));
        long previousEnd = 0;
        for (var one : ends.entrySet()) {
            assertThat(one.getKey()).isGreaterThanOrEqualTo(previousEnd);
            previousEnd = one.getValue();
        }
        assertThat(ends).hasSize(taken.size());
    }

    @Test
    void takeBeyondBudget_whenAllIsTaken_addsARegionThatGoesWhenItIsEmpty() {
        var frames = new PageFrames(4096, BUDGET, arena -> arena);
        for (int i = 0; i < 4; i++) {
            assertThat(frames.take(frames.maxOrder())).isNotNull();
        }
        assertThat(frames.take(0)).isNull();

        PageFrames.Frame beyond = frames.takeBeyondBudget(0);
        PageFrames.Frame second = frames.takeBeyondBudget(3);
        assertThat(beyond.memory().scope().isAlive()).isTrue();
        frames.give(beyond);
        assertThat(second.memory().scope().isAlive()).isTrue();
        frames.give(second);

        assertThat(second.memory().scope().isAlive()).isFalse();
        assertThat(frames.take(0)).isNull();
        frames.close();
    }
}
