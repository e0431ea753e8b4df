package samepage.verification.schedule;

import java.util.ArrayList;
import java.util.List;

/** Those who wait for one thing. */
final class WaitQueue {
    final List<LogicalThread> waiting = new ArrayList<>();
    private final Object what;

    /** @param what its text names it in a report */
    WaitQueue(Object what) {
        this.what = what;
    }

    @Override
    public String toString() {
        return what.toString();
    }
}
