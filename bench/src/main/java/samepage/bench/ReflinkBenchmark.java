package samepage.bench;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostFile;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.HostProcess;
import samepage.linux.syscall.OpenFlags;

/**
 * {@code samepage dedupe} beside its peers on XFS and Btrfs: two copies of the machine's own trees, with small edits in some files
 * of one; each contender begins with the same image and a cold cache.
 */
final class ReflinkBenchmark implements Bench.Benchmark {
    private static final String[] TREES = {"/usr/share", "/usr/include", "/usr/lib/jvm"};
    private static final long IMAGE_BYTES = 10L << 30;
    private static final int EDIT_EVERY = 50;
    private static final double MEBIBYTE = 1 << 20;

    private final Timings seconds = new Timings();
    private final Timings freed = new Timings();
    private final Timings resident = new Timings();

    /** A command that dedupes a directory; {@code again} whether a second run is timed, too. */
    private record Contender(String name, boolean again, List<String> command) {}

    @Override
    public void run(Path scratch, int rounds) throws Exception {
        if (HostProcess.effectiveUserId() != 0) {
            System.out.println("left out: to mount file systems takes root");
            return;
        }
        for (String kind : new String[] {"xfs", "btrfs"}) {
            Path pristine = scratch.resolve(kind + ".pristine");
            makeImage(kind, pristine, scratch);
            for (int round = 0; round < rounds; round++) {
                for (Contender contender : contenders(scratch)) {
                    try (HostFile lock = lock()) {
                        time(kind, contender, pristine, scratch);
                        lock.unlock();
                    }
                }
            }
            Files.delete(pristine);
        }
        print();
    }

    private static List<Contender> contenders(Path scratch) throws Exception {
        var contenders = new ArrayList<Contender>();
        String launcher = System.getProperty("samepage.launcher", "./samepage");
        HostCommand.run(launcher, "--version");
        contenders.add(new Contender(
                "samepage",
                true,
                List.of(launcher, "dedupe", "--index", scratch.resolve("index").toString())));
        String hashes = "--hashfile=" + scratch.resolve("hashes");
        addWhereInstalled(contenders, new Contender("duperemove", true, List.of("duperemove", "-rdhq", hashes)));
        addWhereInstalled(
                contenders,
                new Contender("duperemove -b 4k", false, List.of("duperemove", "-rdhq", "-b", "4096", hashes)));
        addWhereInstalled(contenders, new Contender("jdupes -B", false, List.of("jdupes", "-r", "-q", "-B")));
        return contenders;
    }

    private static void addWhereInstalled(List<Contender> contenders, Contender contender) throws Exception {
        String program = contender.command.getFirst();
        boolean isInstalled = new ProcessBuilder("sh", "-c", "command -v " + program)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
        if (isInstalled) {
            contenders.add(contender);
        } else if (contender.again) {
            System.out.println(program + " is left out: it is not installed");
        }
    }

    /** Where others measure on this machine, too, they and we agree on a file to lock meanwhile. */
    private static HostFile lock() throws Exception {
        String path = System.getenv().getOrDefault("SAMEPAGE_BENCH_LOCK", "/dev/null");
        HostFile file = HostFile.open(path.getBytes(StandardCharsets.UTF_8), OpenFlags.READ_ONLY, 0);
        while (!file.tryLockExclusive()) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return file;
    }

    private static void makeImage(String kind, Path pristine, Path scratch) throws Exception {
        HostCommand.run("truncate", "-s", Long.toString(IMAGE_BYTES), pristine.toString());
        HostCommand.run("mkfs." + kind, "-q", pristine.toString());
        Path directory = Files.createDirectories(scratch.resolve("mounted"));
        HostCommand.run("mount", "-o", "loop", pristine.toString(), directory.toString());
        try {
            for (String copy : new String[] {"a", "b"}) {
                Path target = Files.createDirectory(directory.resolve(copy));
                for (String tree : TREES) {
                    HostCommand.run("cp", "-a", tree, target.toString());
                }
            }
            edit(directory.resolve("b"));
        } finally {
            HostCommand.run("umount", directory.toString());
        }
    }

    /** One byte in the midst of every so many files. */
    private static void edit(Path tree) throws IOException {
        try (var paths = Files.walk(tree)) {
            var files = paths.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                            && path.toFile().length() > 0)
                    .sorted()
                    .toList();
            for (int i = 0; i < files.size(); i += EDIT_EVERY) {
                try (var file = new RandomAccessFile(files.get(i).toFile(), "rw")) {
                    long at = file.length() / 2;
                    file.seek(at);
                    int before = file.read();
                    file.seek(at);
                    file.write(before ^ 1);
                }
            }
        }
    }

    private void time(String kind, Contender contender, Path pristine, Path scratch) throws Exception {
        Path image = scratch.resolve("image");
        Path directory = scratch.resolve("mounted");
        HostCommand.run("cp", "--sparse=always", pristine.toString(), image.toString());
        String device = HostCommand.output("losetup", "--find", "--show", "--direct-io=on", image.toString());
        HostCommand.run("mount", "-o", "noatime", device, directory.toString());
        try {
            long before = usedBytes(directory);
            String name = kind + ": " + contender.name;
            timeOnce(name, contender, directory, scratch);
            freed.add(name, (before - usedBytes(directory)) / MEBIBYTE);
            if (contender.again) {
                timeOnce(name + ", again", contender, directory, scratch);
            }
        } finally {
            HostCommand.run("umount", directory.toString());
            HostCommand.run("losetup", "-d", device);
            HostCommand.run(
                    "rm",
                    "-rf",
                    image.toString(),
                    scratch.resolve("hashes").toString(),
                    scratch.resolve("index").toString());
        }
    }

    private void timeOnce(String name, Contender contender, Path directory, Path scratch) throws Exception {
        HostCommand.run("sh", "-c", "sync; echo 3 > /proc/sys/vm/drop_caches");
        Path usage = scratch.resolve("usage");
        var command = new ArrayList<String>();
        if (Files.isExecutable(Path.of("/usr/bin/time"))) {
            command.addAll(List.of("/usr/bin/time", "-o", usage.toString(), "-f", "%M"));
        }
        command.addAll(contender.command);
        command.add(directory.toString());
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("said").toFile())
                .start();
        int status = process.waitFor();
        double took = (System.nanoTime() - start) / 1e9;
        if (status != 0) {
            System.out.println(name + " ended with status " + status);
        }
        seconds.add(name, took);
        if (Files.exists(usage)) {
            List<String> lines = Files.readAllLines(usage);
            resident.add(name, Long.parseLong(lines.getLast().strip()) / 1024.0);
            Files.delete(usage);
        }
        System.out.printf("%s: %.2f s%n", name, took);
    }

    private static long usedBytes(Path path) throws IOException {
        try (HostDirectory directory = HostDirectory.open(HostPath.of(path))) {
            directory.syncFileSystem();
            var fileSystem = directory.fileSystem();
            return fileSystem.totalBytes() - fileSystem.freeBytes();
        }
    }

    private void print() {
        var table = new Table("", "median s", "least", "most", "of samepage", "freed MiB", "resident MiB");
        for (String name : seconds.names()) {
            boolean isAgain = name.endsWith(", again");
            String ours = name.substring(0, name.indexOf(':')) + ": samepage" + (isAgain ? ", again" : "");
            table.row(
                    name,
                    Table.number("%.2f", seconds.median(name)),
                    Table.number("%.2f", seconds.least(name)),
                    Table.number("%.2f", seconds.most(name)),
                    Table.number("%.2f", seconds.median(name) / seconds.median(ours)),
                    Table.number("%.0f", freed.median(name)),
                    Table.number("%.0f", resident.median(name)));
        }
        table.print("Dedupe on the kernel's file systems, cold");
    }
}
