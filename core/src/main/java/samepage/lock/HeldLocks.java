package samepage.lock;

import java.util.ArrayList;
import java.util.List;

/** What this thread holds, kept only where assertions are on: its methods are called from {@code assert}. */
final class HeldLocks {
    private static final ThreadLocal<List<RankedLock>> HELD = ThreadLocal.withInitial(ArrayList::new);

    private HeldLocks() {}

    static boolean mayTake(RankedLock wanted) {
        for (RankedLock held : HELD.get()) {
            if (!wanted.comesAfter(held)) {
                throw new AssertionError("lock order: wants " + wanted + " while holding " + HELD.get());
            }
        }
        return true;
    }

    static boolean taken(RankedLock lock) {
        HELD.get().add(lock);
        return true;
    }

    static boolean released(RankedLock lock) {
        if (!HELD.get().remove(lock)) {
            throw new AssertionError("released by a thread that does not hold it: " + lock);
        }
        return true;
    }
}
