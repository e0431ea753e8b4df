package samepage.block;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;

/**
 * The one sequence of what recording devices and stores did, in the order in which the operations returned, from which crash
 * tests build the states that a crash can leave behind. Operations that failed are not in it.
 */
public final class Recording {
    @GuardedBy("this") private final List<Entry> entries = new ArrayList<>();

    /** An empty recording. */
    public Recording() {}

    /** What a recorder did; each recorder has its own kinds and knows its own again. */
    public interface Event {}

    /**
     * An operation that returned.
     *
     * @param began how many operations had returned when this one began: all those before entry {@code began} are known to
     *     have happened before it, those from there on ran beside it
     */
    public record Entry(int began, Event event) {}

    /** Marks the beginning of an operation; hand the mark to {@link #add} when it has returned. */
    public synchronized int begin() {
        return entries.size();
    }

    /** Records an operation that has just returned. */
    public synchronized void add(int began, Event event) {
        entries.add(new Entry(began, event));
    }

    /** Operations recorded until now. */
    public synchronized int size() {
        return entries.size();
    }

    /** The operations recorded until now, in the order in which they returned. */
    public synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }

    /**
     * The operations that may have had an effect when the machine stopped after the first {@code count} had returned and
     * before the next did: those, then the ones that were under way.
     */
    public List<Entry> startedWithin(int count) {
        var all = entries();
        var started = new ArrayList<>(all.subList(0, count));
        for (var later : all.subList(count, all.size())) {
            if (later.began() <= count) {
                started.add(later);
            }
        }
        return started;
    }
}
