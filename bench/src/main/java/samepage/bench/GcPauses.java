package samepage.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * When the collector held everybody up, as the JVM's own recorder has it, from the beginning until {@link #end}. Times are
 * those of {@link System#nanoTime}.
 */
final class GcPauses implements AutoCloseable {
    private final Recording recording = new Recording();
    private final Instant zero = Instant.now();
    private final long zeroNanos = System.nanoTime();
    private List<Pause> pauses = List.of();

    private record Pause(long start, long end) {}

    GcPauses() {
        recording.enable("jdk.GCPhasePause").withoutThreshold();
        recording.start();
    }

    /** Ends the recording; what follows asks for pauses until now. */
    void end() throws IOException {
        recording.stop();
        Path file = Files.createTempFile("samepage-bench", ".jfr");
        try {
            recording.dump(file);
            pauses = RecordingFile.readAllEvents(file).stream().map(this::pause).toList();
        } finally {
            Files.delete(file);
        }
    }

    private Pause pause(RecordedEvent event) {
        long start = zeroNanos + Duration.between(zero, event.getStartTime()).toNanos();
        return new Pause(start, start + event.getDuration().toNanos());
    }

    /** How much of the time from {@code start} to {@code end} was no pause. */
    long outside(long start, long end) {
        long within = 0;
        for (Pause pause : pauses) {
            within += Math.max(0, Math.min(end, pause.end) - Math.max(start, pause.start));
        }
        return end - start - within;
    }

    /** The longest pause that overlaps, in seconds. */
    double longest(long start, long end) {
        return pauses.stream()
                        .filter(pause -> pause.start < end && pause.end > start)
                        .mapToLong(pause -> pause.end - pause.start)
                        .max()
                        .orElse(0)
                / 1e9;
    }

    @Override
    public void close() {
        recording.close();
    }
}
