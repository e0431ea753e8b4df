package samepage.linux.reflink;

import java.util.List;
import samepage.linux.syscall.HostStat;

/** What of the trees a run is to look at: all of them, or what has changed since one that did. */
public final class TreeChanges {
    /** All there is. */
    public static final TreeChanges ALL = new TreeChanges(List.of(), Long.MAX_VALUE);

    private static final long CLOCK_MILLIS = 1000;

    private final List<Place> places;
    private final long restingSinceMillis;

    /**
     * Some names in a directory below a root.
     *
     * @param names none for all that is below
     */
    @SuppressWarnings("ArrayRecordComponent") // nothing compares places
    record Place(int root, byte[] directory, List<byte[]> names) {}

    private TreeChanges(List<Place> places, long restingSinceMillis) {
        this.places = places;
        this.restingSinceMillis = restingSinceMillis;
    }

    /** These places, and of the files there those that have not changed since that moment. */
    static TreeChanges at(List<Place> places, long restingSinceMillis) {
        return new TreeChanges(List.copyOf(places), restingSinceMillis);
    }

    boolean isAll() {
        return places.isEmpty();
    }

    List<Place> places() {
        return places;
    }

    /** Whether the file has been left alone for as long as it is to be; one that has not will be told of again. */
    boolean hasRested(HostStat stat) {
        return hasRested(stat, restingSinceMillis);
    }

    static boolean hasRested(HostStat stat, long sinceMillis) {
        var changed = stat.changed();
        long changedMillis = changed.seconds() * 1000 + changed.nanoseconds() / 1_000_000;
        // One in the future is of a clock that was set back since.
        return changedMillis <= sinceMillis || changedMillis > System.currentTimeMillis() + CLOCK_MILLIS;
    }
}
