package samepage.bench;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A mounted volume beside the file system that it lies on, and beside libfuse's example {@code passthrough_hp} over the same
 * file system: what FUSE itself costs. As root. Each round mounts anew, so that the daemon's JVM is a fresh one, and the
 * contenders take turns in being first. Where the kernel has FUSE over io_uring, the volume is mounted both with and without.
 *
 * <p>Every job begins with all written back and the host's caches empty. The time of fio's jobs is what fio says of its I/O,
 * an fsync at the end of writing included; of others it is that of the whole command, in which nothing is synced.
 */
final class MountBenchmark implements Bench.Benchmark {
    private static final String HOST = "host";
    private static final String MOUNTED = "mounted";
    private static final String BY_RINGS = "by io_uring";
    private static final Path KERNEL_OFFERS_RINGS = Path.of("/sys/module/fuse/parameters/enable_uring");
    private static final String PASSTHROUGH = "passthrough";

    private static final int MOST_FILES = 100_000;
    private static final int FILES_OF_DIRECTORY = 1000;

    /** What the passthrough opens besides the files that the kernel knows, one descriptor for each. */
    private static final int OTHER_DESCRIPTORS = 1000;

    /** Of fio's terse output, version 3: how long it has read, and written, in ms. */
    private static final int READ_MILLIS_FIELD = 8;

    private static final int WRITE_MILLIS_FIELD = 49;

    private final Timings timings = new Timings();

    /** A shell command; {@code $D} is the directory, {@code $T} the archive, {@code $R} the repository. */
    private record Job(String name, String command, boolean isFio, boolean isForPassthrough) {
        static Job fio(String name, String options) {
            return new Job(
                    name,
                    "fio --output-format=terse --terse-version=3 --name=j --directory=$D --size=512m " + options,
                    true,
                    true);
        }

        static Job shell(String name, String command) {
            return new Job(name, command, false, true);
        }

        Job notForPassthrough() {
            return new Job(name, command, isFio, false);
        }

        double seconds(String environment) throws Exception {
            long start = System.nanoTime();
            String output = HostCommand.output("sh", "-c", environment + command);
            if (!isFio) {
                return (System.nanoTime() - start) / 1e9;
            }
            String[] fields = Arrays.stream(output.split("\n", -1))
                    .filter(line -> line.startsWith("3;"))
                    .findFirst()
                    .orElseThrow()
                    .split(";", -1);
            return (Double.parseDouble(fields[READ_MILLIS_FIELD]) + Double.parseDouble(fields[WRITE_MILLIS_FIELD]))
                    / 1e3;
        }
    }

    private static List<Job> jobs(int files) {
        var jobs = new ArrayList<Job>(List.of(
                Job.fio(
                        "write 512 MiB by 1 MiB, fsync; just mounted",
                        "--filename=one --rw=write --bs=1m --end_fsync=1"),
                Job.fio("the same again, another file", "--filename=two --rw=write --bs=1m --end_fsync=1"),
                Job.fio("read the first by 1 MiB", "--filename=one --rw=read --bs=1m"),
                Job.fio(
                        "read 64 MiB of the second at random by 4 KiB",
                        "--filename=two --rw=randread --bs=4k --io_size=64m")));
        jobs.addAll(jobsOfFiles(files));
        if (files < MOST_FILES) {
            jobsOfFiles(MOST_FILES).stream().map(Job::notForPassthrough).forEach(jobs::add);
        }
        jobs.addAll(List.of(
                Job.shell("untar /usr/include", "mkdir $D/tree && tar xf $T -C $D/tree"),
                Job.shell("read the tree", "grep -rc nowhere-to-be-found $D/tree > /dev/null || true"),
                Job.shell("remove the tree", "rm -rf $D/tree"),
                Job.shell("git clone of /usr/include", "git clone --quiet --no-local $R $D/clone"),
                Job.shell("git status", "git -C $D/clone status --short")));
        return jobs;
    }

    private static List<Job> jobsOfFiles(int files) {
        String count = String.format("%,d", files);
        return List.of(
                Job.shell(
                        "create " + count + " empty files",
                        "rm -f $D/one $D/two; mkdir $D/many && cd $D/many && for d in $(seq "
                                + files / FILES_OF_DIRECTORY + "); do mkdir $d && (cd $d && seq -f f%g "
                                + FILES_OF_DIRECTORY + " | xargs touch); done"),
                Job.shell("stat " + count, "find $D/many -type f -printf %s > /dev/null"),
                Job.shell("unlink " + count, "rm -rf $D/many"));
    }

    @Override
    public void run(Path scratch, int rounds) throws Exception {
        Optional<String> passthrough = passthrough();
        int files = MOST_FILES;
        if (passthrough.isPresent()) {
            int descriptors = Integer.parseInt(HostCommand.output("sh", "-c", "ulimit -Hn"));
            files = Math.min(files, (descriptors - OTHER_DESCRIPTORS) / FILES_OF_DIRECTORY * FILES_OF_DIRECTORY);
            if (files < MOST_FILES) {
                System.out.printf(
                        "%,d files for passthrough_hp, and %,d without it: it has one open for each, and may have %,d (ulimit -Hn)%n",
                        files, MOST_FILES, descriptors);
            }
        } else {
            System.out.println("No passthrough_hp, neither on the PATH nor as -Dsamepage.passthrough=FILE in"
                    + " SAMEPAGE_BENCH_OPTIONS: beside the host only. HACKING.md says how to build it.");
        }
        String source = prepare(scratch);
        List<Job> jobs = jobs(files);
        var places = new ArrayList<String>(List.of(HOST));
        passthrough.ifPresent(_ -> places.add(PASSTHROUGH));
        places.add(MOUNTED);
        if (Files.exists(KERNEL_OFFERS_RINGS)) {
            places.add(BY_RINGS);
        }
        for (int round = 0; round < rounds; round++) {
            for (int turn = 0; turn < places.size(); turn++) {
                String place = places.get((round + turn) % places.size());
                switch (place) {
                    case MOUNTED -> measureMounted(place, "noio_uring", scratch, source, jobs);
                    case BY_RINGS -> measureByRings(scratch, source, jobs);
                    case PASSTHROUGH -> measurePassthrough(passthrough.orElseThrow(), scratch, source, jobs);
                    default -> measure(place, Files.createDirectories(scratch.resolve("host")), source, jobs);
                }
            }
        }
        print(jobs);
    }

    private static Optional<String> passthrough() {
        String named = System.getProperty("samepage.passthrough");
        return named != null
                ? Optional.of(named)
                : Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "")
                                .split(File.pathSeparator, -1))
                        .map(directory -> directory + "/passthrough_hp")
                        .filter(file -> Files.isExecutable(Path.of(file)))
                        .findFirst();
    }

    /** An archive and a repository of the same tree; gives the shell's names for them. */
    private static String prepare(Path scratch) throws Exception {
        Path tar = scratch.resolve("tree.tar");
        Path repository = scratch.resolve("repository");
        HostCommand.run("tar", "cf", tar.toString(), "-C", "/usr/include", ".");
        HostCommand.run(
                "sh",
                "-c",
                "mkdir -p '" + repository + "' && cd '" + repository + "' && tar xf '" + tar
                        + "' && git init -q && git add -A && git -c user.name=bench -c user.email=bench@localhost commit -q -m tree");
        return "T='" + tar + "'; R='" + repository + "'; ";
    }

    /** With what the kernel's administrator would have switched on. */
    private void measureByRings(Path scratch, String source, List<Job> jobs) throws Exception {
        String before = Files.readString(KERNEL_OFFERS_RINGS);
        Files.writeString(KERNEL_OFFERS_RINGS, "Y");
        try {
            measureMounted(BY_RINGS, "io_uring", scratch, source, jobs);
        } finally {
            Files.writeString(KERNEL_OFFERS_RINGS, before);
        }
    }

    private void measureMounted(String place, String option, Path scratch, String source, List<Job> jobs)
            throws Exception {
        String samepage = System.getProperty("samepage.launcher", "./samepage");
        Path directory = Files.createDirectories(scratch.resolve("mounted"));
        Path volume = scratch.resolve("volume");
        HostCommand.run(
                samepage, "mount", "--create", "--dedupe=off", "-o", option, volume.toString(), directory.toString());
        try {
            measure(place, directory, source, jobs);
        } finally {
            HostCommand.run(samepage, "umount", directory.toString());
        }
    }

    private void measurePassthrough(String passthrough, Path scratch, String source, List<Job> jobs) throws Exception {
        Path below = Files.createDirectories(scratch.resolve("below"));
        Path directory = Files.createDirectories(scratch.resolve("through"));
        HostCommand.run(
                "sh",
                "-c",
                "ulimit -n $(ulimit -Hn); '" + passthrough + "' '" + below + "' '" + directory
                        + "' && for i in $(seq 50); do mountpoint -q '" + directory
                        + "' && exit 0; sleep 0.1; done; exit 1");
        try {
            measure(PASSTHROUGH, directory, source, jobs);
        } finally {
            HostCommand.run("umount", directory.toString());
        }
    }

    private void measure(String place, Path directory, String source, List<Job> jobs) throws Exception {
        String environment = "D='" + directory + "'; " + source + "set -e; ";
        for (Job job : jobs) {
            if (!job.isForPassthrough && place.equals(PASSTHROUGH)) {
                continue;
            }
            HostCommand.run("sh", "-c", "sync; echo 3 > /proc/sys/vm/drop_caches");
            timings.add(place + ": " + job.name, job.seconds(environment));
        }
        HostCommand.run("sh", "-c", "rm -rf '" + directory + "/clone'");
    }

    private void print(List<Job> jobs) {
        var table = new Table(
                "seconds; speed as a ratio",
                HOST,
                PASSTHROUGH,
                MOUNTED,
                BY_RINGS,
                "mounted of passthrough",
                "by io_uring of passthrough",
                "of host");
        for (Job job : jobs) {
            double host = median(HOST, job);
            double mounted = median(MOUNTED, job);
            double through = median(PASSTHROUGH, job);
            double byRings = median(BY_RINGS, job);
            table.row(
                    job.name,
                    Table.number("%.2f", host),
                    Table.number("%.2f", through),
                    Table.number("%.2f", mounted),
                    Table.number("%.2f", byRings),
                    Table.number("%.2f", through / mounted),
                    Table.number("%.2f", through / byRings),
                    Table.number("%.2f", host / byRings));
        }
        table.print("Mount");
    }

    /** NaN for a place that was not measured. */
    private double median(String place, Job job) {
        return timings.median(place + ": " + job.name);
    }
}
