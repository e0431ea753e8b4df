package samepage.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Times of several contenders over interleaved rounds, by name, in seconds. */
final class Timings {
    private final Map<String, List<Double>> seconds = new LinkedHashMap<>();

    void time(String name, BusyThread.Work work) throws Exception {
        long start = System.nanoTime();
        work.run();
        add(name, (System.nanoTime() - start) / 1e9);
    }

    void add(String name, double value) {
        seconds.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
    }

    Iterable<String> names() {
        return seconds.keySet();
    }

    double median(String name) {
        return atRank(name, 0.5);
    }

    double least(String name) {
        return atRank(name, 0);
    }

    double most(String name) {
        return atRank(name, 1);
    }

    /** How many times as fast as {@code other} this one is, by the medians. */
    double speed(String name, String other) {
        return median(other) / median(name);
    }

    private double atRank(String name, double rank) {
        List<Double> sorted =
                seconds.getOrDefault(name, List.of()).stream().sorted().toList();
        return sorted.isEmpty() ? Double.NaN : sorted.get((int) Math.round(rank * (sorted.size() - 1)));
    }
}
