package samepage.bench;

import com.sun.management.GarbageCollectionNotificationInfo;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/** When the collector held everybody up, in nanoseconds of {@link System#nanoTime}; exact to the millisecond. */
final class GcPauses {
    private static final long MILLI = 1_000_000;

    private final List<Pause> pauses = new CopyOnWriteArrayList<>();
    private final long uptimeZeroNanos =
            System.nanoTime() - ManagementFactory.getRuntimeMXBean().getUptime() * MILLI;

    private record Pause(long start, long end) {}

    GcPauses() {
        for (var collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            ((NotificationEmitter) collector)
                    .addNotificationListener(
                            (notification, _) -> {
                                var info = GarbageCollectionNotificationInfo.from(
                                                (CompositeData) notification.getUserData())
                                        .getGcInfo();
                                pauses.add(new Pause(
                                        uptimeZeroNanos + (info.getStartTime() - 1) * MILLI,
                                        uptimeZeroNanos + (info.getEndTime() + 1) * MILLI));
                            },
                            null,
                            null);
        }
    }

    /** How much of the time from {@code start} to {@code end} was no pause. */
    long outside(long start, long end) {
        return end
                - start
                - pauses.stream()
                        .mapToLong(pause -> Math.max(0, Math.min(end, pause.end) - Math.max(start, pause.start)))
                        .sum();
    }

    /** The longest pause that overlaps, in seconds, a millisecond too long at either end. */
    double longest(long start, long end) {
        return pauses.stream()
                        .filter(pause -> pause.start < end && pause.end > start)
                        .mapToLong(pause -> pause.end - pause.start - 2 * MILLI)
                        .max()
                        .orElse(0)
                / 1e9;
    }
}
