package samepage.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A mounted volume beside the file system that it lies on, and where the system property {@code samepage.passthrough} names one
 * (libfuse's example {@code passthrough_hp}), beside a passthrough in C: what FUSE itself costs. As root.
 */
final class MountBenchmark implements Bench.Benchmark {
    private static final String HOST = "host";
    private static final int FILES = 20_000;
    private static final int FILE_MEBIBYTES = 512;

    /** Shell commands, each begun in an empty place with the host's caches empty, {@code $D} the directory. */
    private static final Map<String, String> JOBS = jobs();

    private final Timings timings = new Timings();

    private static Map<String, String> jobs() {
        var jobs = new LinkedHashMap<String, String>();
        String fio = "fio --output=/dev/null --name=j --directory=$D --filename=fio --size=" + FILE_MEBIBYTES + "m ";
        jobs.put("write 512 MiB by 1 MiB, fsync", fio + "--rw=write --bs=1m --end_fsync=1");
        jobs.put("read it by 1 MiB", fio + "--rw=read --bs=1m");
        jobs.put("read 64 MiB of it at random by 4 KiB", fio + "--rw=randread --bs=4k --io_size=64m");
        jobs.put(
                "create 20,000 empty files",
                "mkdir $D/many && cd $D/many && for d in $(seq 40); do mkdir $d && (cd $d && seq -f f%g " + FILES / 40
                        + " | xargs touch); done");
        jobs.put("stat them", "find $D/many -type f -printf %s > /dev/null");
        jobs.put("unlink them", "rm -rf $D/many");
        jobs.put("untar /usr/include", "mkdir $D/tree && tar xf $T -C $D/tree");
        jobs.put("read the tree", "grep -rc nowhere-to-be-found $D/tree > /dev/null || true");
        jobs.put("remove the tree", "rm -rf $D/tree");
        return jobs;
    }

    @Override
    public void run(Path scratch, int rounds) throws Exception {
        Path tar = scratch.resolve("tree.tar");
        HostCommand.run("tar", "cf", tar.toString(), "-C", "/usr/include", ".");
        for (int round = 0; round < rounds; round++) {
            measure(HOST, Files.createDirectories(scratch.resolve("host")), tar);
            measureMounted(scratch, tar);
            String passthrough = System.getProperty("samepage.passthrough");
            if (passthrough != null) {
                measurePassthrough(passthrough, scratch, tar);
            }
        }
        print();
    }

    private void measureMounted(Path scratch, Path tar) throws Exception {
        String samepage = System.getProperty("samepage.launcher", "./samepage");
        Path directory = Files.createDirectories(scratch.resolve("mounted"));
        Path volume = scratch.resolve("volume");
        HostCommand.run(samepage, "mount", "--create", "--dedupe=off", volume.toString(), directory.toString());
        try {
            measure("mounted", directory, tar);
        } finally {
            HostCommand.run(samepage, "umount", directory.toString());
        }
    }

    private void measurePassthrough(String passthrough, Path scratch, Path tar) throws Exception {
        Path below = Files.createDirectories(scratch.resolve("below"));
        Path directory = Files.createDirectories(scratch.resolve("through"));
        HostCommand.run(passthrough, below.toString(), directory.toString());
        try {
            measure("passthrough", directory, tar);
        } finally {
            HostCommand.run("umount", directory.toString());
        }
    }

    private void measure(String place, Path directory, Path tar) throws Exception {
        for (var job : JOBS.entrySet()) {
            HostCommand.run("sh", "-c", "sync; echo 3 > /proc/sys/vm/drop_caches");
            String command = "D='" + directory + "'; T='" + tar + "'; set -e; " + job.getValue();
            timings.time(place + ": " + job.getKey(), () -> HostCommand.run("sh", "-c", command));
        }
        HostCommand.run("sh", "-c", "rm -f '" + directory + "/fio'");
    }

    private void print() {
        var table = new Table("speed", "host s", "mounted s", "of host", "passthrough s", "of passthrough");
        for (String job : JOBS.keySet()) {
            double host = median(HOST, job);
            double mounted = median("mounted", job);
            double through = median("passthrough", job);
            table.row(
                    job,
                    Table.number("%.2f", host),
                    Table.number("%.2f", mounted),
                    Table.number("%.2f", host / mounted),
                    Table.number("%.2f", through),
                    Table.number("%.2f", through / mounted));
        }
        table.print("Mount");
    }

    /** NaN for a place that was not measured. */
    private double median(String place, String job) {
        return timings.median(place + ": " + job);
    }
}
