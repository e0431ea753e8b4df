package samepage.verification.schedule;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/** What rewritten code calls in place of what the JDK and the JVM would do. */
public final class Controlled {
    /** Bytes are moved in pieces of as many: what another thread sees in between is made of such pieces. */
    static final int CELL_BYTES = 256;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private Controlled() {}

    /** Before something that other threads see or change. */
    public static void yieldPoint() {
        Scheduler.here().yieldPoint();
    }

    public static void monitorEnter(Object of) {
        Scheduler scheduler = Scheduler.here();
        scheduler.yieldPoint();
        scheduler.monitor(of).enter(scheduler);
    }

    public static void monitorExit(Object of) {
        Scheduler scheduler = Scheduler.here();
        scheduler.monitor(of).exit(scheduler);
    }

    public static void await(Object of) throws InterruptedException {
        Scheduler scheduler = Scheduler.here();
        scheduler.monitor(of).await(scheduler, Long.MAX_VALUE);
    }

    public static void await(Object of, long millis) throws InterruptedException {
        Scheduler scheduler = Scheduler.here();
        long wakeNanos = millis == 0 ? Long.MAX_VALUE : scheduler.nanoTime() + millis * NANOS_PER_MILLI;
        scheduler.monitor(of).await(scheduler, wakeNanos);
    }

    /** Takes the place of {@link TimeUnit#timedWait}. */
    public static void timedWait(TimeUnit unit, Object of, long timeout) throws InterruptedException {
        Scheduler scheduler = Scheduler.here();
        scheduler.monitor(of).await(scheduler, scheduler.nanoTime() + unit.toNanos(timeout));
    }

    public static void notifyOne(Object of) {
        Scheduler scheduler = Scheduler.here();
        scheduler.monitor(of).notifyOne(scheduler);
    }

    public static void notifyEveryone(Object of) {
        Scheduler scheduler = Scheduler.here();
        scheduler.monitor(of).notifyEveryone(scheduler);
    }

    public static long nanoTime() {
        return Scheduler.here().nanoTime();
    }

    /** Confined: all logical threads are one thread of the JVM's, and closing takes no handshake. */
    @SuppressWarnings("MustBeClosedChecker") // whoever asked for it closes it, or the end of the run
    public static Arena sharedArena() {
        return Scheduler.here().track(Arena.ofConfined());
    }

    public static void copy(
            MemorySegment source, long sourceOffset, MemorySegment target, long targetOffset, long bytes) {
        Scheduler scheduler = Scheduler.here();
        for (long done = 0; done < bytes; done += CELL_BYTES) {
            scheduler.yieldPoint();
            long piece = Math.min(CELL_BYTES, bytes - done);
            MemorySegment.copy(source, sourceOffset + done, target, targetOffset + done, piece);
        }
    }

    public static MemorySegment copyFrom(MemorySegment target, MemorySegment source) {
        copy(source, 0, target, 0, source.byteSize());
        return target;
    }

    public static MemorySegment fill(MemorySegment target, byte value) {
        Scheduler scheduler = Scheduler.here();
        for (long done = 0; done < target.byteSize(); done += CELL_BYTES) {
            scheduler.yieldPoint();
            target.asSlice(done, Math.min(CELL_BYTES, target.byteSize() - done)).fill(value);
        }
        return target;
    }

    public static long mismatch(
            MemorySegment one, long from, long to, MemorySegment other, long otherFrom, long otherTo) {
        if (to - from != otherTo - otherFrom) {
            throw new UnsupportedOperationException("ranges of unequal length are compared");
        }
        Scheduler scheduler = Scheduler.here();
        for (long done = 0; done < to - from; done += CELL_BYTES) {
            scheduler.yieldPoint();
            long end = Math.min(done + CELL_BYTES, to - from);
            long at = MemorySegment.mismatch(one, from + done, from + end, other, otherFrom + done, otherFrom + end);
            if (at >= 0) {
                return done + at;
            }
        }
        return -1;
    }
}
