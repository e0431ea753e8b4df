package samepage.bench;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.HostProcess;

/**
 * {@code samepage dedupe} beside its peers on XFS and Btrfs, and alone in a volume: two copies of the machine's own trees, with
 * small edits in some files of one; each contender begins with the same image and a cold cache. {@code --file-systems}, {@code
 * --peers} and {@code --mebibytes} (of one copy, files taken evenly from all) make it shorter.
 */
final class ReflinkBenchmark implements Bench.Benchmark {
    private static final String[] TREES = {"/usr/share", "/usr/include", "/usr/lib/jvm"};
    private static final long IMAGE_BYTES = 10L << 30;
    private static final String LAUNCHER = System.getProperty("samepage.launcher", "./samepage");

    /** Stands among the file systems for a volume of ours, on the scratch directory's disk. */
    private static final String VOLUME = "volume";

    private static final int EDIT_EVERY = 50;
    private static final double MEBIBYTE = 1 << 20;
    private static final long SETTLING_MILLIS = 500;

    /** A peer that takes a minute a round tells in so many what there is to tell. */
    private static final int ROUNDS_OF_SLOW = 2;

    private final Timings seconds = new Timings();
    private final Timings cpuSeconds = new Timings();
    private final Timings freed = new Timings();
    private final Timings resident = new Timings();

    /** A command that dedupes a directory; {@code again} whether a second run is timed, too. */
    private record Contender(String name, boolean again, int rounds, List<String> command) {}

    @Override
    public void run(Path scratch, int rounds) throws Exception {
        if (HostProcess.effectiveUserId() != 0) {
            System.out.println("left out: to mount file systems takes root");
            return;
        }
        List<Contender> contenders = contenders(scratch);
        for (String kind : Bench.option("file-systems", "xfs,btrfs,volume").split(",", -1)) {
            if (kind.equals(VOLUME)) {
                timeVolume(scratch, rounds);
                continue;
            }
            Path pristine = scratch.resolve(kind + ".pristine");
            makeImage(kind, pristine, scratch);
            for (int round = 0; round < rounds; round++) {
                for (Contender contender : contenders) {
                    if (round < contender.rounds) {
                        time(kind, contender, pristine, scratch);
                    }
                }
            }
            Files.delete(pristine);
        }
        print();
    }

    private static List<Contender> contenders(Path scratch) throws Exception {
        var contenders = new ArrayList<Contender>();
        HostCommand.run(LAUNCHER, "--version");
        contenders.add(new Contender(
                "samepage",
                true,
                Integer.MAX_VALUE,
                List.of(LAUNCHER, "dedupe", "--index", scratch.resolve("index").toString())));
        List<String> peers = List.of(
                Bench.option("peers", "duperemove,duperemove -b 4k,jdupes -B").split(",", -1));
        for (String peer : peers) {
            String program = peer.split(" ", -1)[0];
            if (!isInstalled(program)) {
                System.out.println(peer + " is left out: it is not installed");
            } else if (program.equals("jdupes")) {
                contenders.add(new Contender(peer, false, Integer.MAX_VALUE, List.of("jdupes", "-r", "-q", "-B")));
            } else {
                contenders.add(duperemove(program, peer.endsWith(" -b 4k"), scratch));
            }
        }
        return contenders;
    }

    /** By its path, as there may be two: the versions differ much in time and in what they find. */
    private static Contender duperemove(String program, boolean bySmallBlocks, Path scratch) throws Exception {
        String version = HostCommand.output(program, "--version");
        String hashes = "--hashfile=" + scratch.resolve("hashes");
        return bySmallBlocks
                ? new Contender(
                        version + " -b 4k", false, ROUNDS_OF_SLOW, List.of(program, "-rdhq", "-b", "4096", hashes))
                : new Contender(version, true, Integer.MAX_VALUE, List.of(program, "-rdhq", hashes));
    }

    private static boolean isInstalled(String program) throws Exception {
        return new ProcessBuilder("sh", "-c", "command -v " + program)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    private static void makeImage(String kind, Path pristine, Path scratch) throws Exception {
        HostCommand.run("truncate", "-s", Long.toString(IMAGE_BYTES), pristine.toString());
        HostCommand.run("mkfs." + kind, "-q", pristine.toString());
        Path directory = Files.createDirectories(scratch.resolve("mounted"));
        HostCommand.run("mount", "-o", "loop", pristine.toString(), directory.toString());
        try {
            makeTrees(directory, scratch);
            System.out.printf(
                    "%s: %s files, %.0f MiB in use%n",
                    kind,
                    HostCommand.output("sh", "-c", "find '" + directory + "' -type f | wc -l"),
                    usedBytes(directory) / MEBIBYTE);
        } finally {
            HostCommand.run("umount", directory.toString());
        }
    }

    private static void makeTrees(Path directory, Path scratch) throws Exception {
        Path list = scratch.resolve("files");
        Files.writeString(list, String.join("\0", chosenFiles()), StandardCharsets.UTF_8);
        for (String copy : new String[] {"a", "b"}) {
            Path target = Files.createDirectory(directory.resolve(copy));
            HostCommand.run(
                    "sh",
                    "-c",
                    "tar -C / -c --null -T '" + list + "' 2>/dev/null | tar -C '" + target + "' -x --no-same-owner");
        }
        edit(directory.resolve("b"));
    }

    /** The same trees in a volume: imported as they are, then deduped; and deduped as they are imported. */
    private void timeVolume(Path scratch, int rounds) throws Exception {
        Path trees = Files.createDirectory(scratch.resolve("trees"));
        makeTrees(trees, scratch);
        Path pristine = scratch.resolve("volume.pristine");
        HostCommand.run(LAUNCHER, "import", "--no-dedupe", trees + "/", pristine.toString());
        var dedupe = new Contender(VOLUME, false, rounds, List.of(LAUNCHER, "dedupe"));
        var importing = new Contender(VOLUME, false, rounds, List.of(LAUNCHER, "import", trees + "/"));
        Path volume = scratch.resolve("volume");
        for (int round = 0; round < rounds; round++) {
            HostCommand.run("cp", "-a", "--sparse=always", pristine.toString(), volume.toString());
            long before = allocatedBytes(volume);
            timeOnce(VOLUME + ": samepage", dedupe, volume, scratch);
            freed.add(VOLUME + ": samepage", (before - allocatedBytes(volume)) / MEBIBYTE);
            HostCommand.run("rm", "-rf", volume.toString());
            timeOnce(VOLUME + ": import that dedupes", importing, volume, scratch);
            HostCommand.run("rm", "-rf", volume.toString());
        }
        HostCommand.run("rm", "-rf", pristine.toString(), trees.toString());
    }

    private static long allocatedBytes(Path directory) throws Exception {
        return Long.parseLong(
                HostCommand.output("du", "-s", "-B1", directory.toString()).split("\t", -1)[0]);
    }

    /** The files to copy, without their leading slash: all, or evenly so many that they have the size wanted. */
    private static List<String> chosenFiles() throws IOException {
        var all = new ArrayList<Path>();
        long bytes = 0;
        for (String tree : TREES) {
            for (Path file : regularFiles(Path.of(tree))) {
                all.add(file);
                bytes += Files.size(file);
            }
        }
        double wanted = Double.parseDouble(Bench.option("mebibytes", "1e9")) * MEBIBYTE;
        double step = Math.max(1, bytes / wanted);
        var chosen = new ArrayList<String>();
        for (double at = 0; at < all.size(); at += step) {
            chosen.add(all.get((int) at).toString().substring(1));
        }
        return chosen;
    }

    private static List<Path> regularFiles(Path tree) throws IOException {
        try (var paths = Files.walk(tree)) {
            return paths.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && Files.isReadable(path))
                    .sorted()
                    .toList();
        }
    }

    /** One byte in the midst of every so many files. */
    private static void edit(Path tree) throws IOException {
        List<Path> files = regularFiles(tree);
        for (int i = 0; i < files.size(); i += EDIT_EVERY) {
            try (var file = new RandomAccessFile(files.get(i).toFile(), "rw")) {
                long at = file.length() / 2;
                if (file.length() > 0) {
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
        HostCommand.run("sync", image.toString());
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
            command.addAll(List.of("/usr/bin/time", "-o", usage.toString(), "-f", "%M %U %S"));
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
            String[] used = lines.getLast().strip().split(" ", -1);
            resident.add(name, Long.parseLong(used[0]) / 1024.0);
            cpuSeconds.add(name, Double.parseDouble(used[1]) + Double.parseDouble(used[2]));
            Files.delete(usage);
        }
        System.out.printf("%s: %.2f s%n", name, took);
    }

    /** Once it stays the same: Btrfs frees what a transaction has dropped in the ones after it. */
    private static long usedBytes(Path path) throws IOException, InterruptedException {
        try (HostDirectory directory = HostDirectory.open(HostPath.of(path))) {
            long before = -1;
            long used = usedBytes(directory);
            while (used != before) {
                Thread.sleep(SETTLING_MILLIS);
                before = used;
                used = usedBytes(directory);
            }
            return used;
        }
    }

    private static long usedBytes(HostDirectory directory) throws IOException {
        directory.syncFileSystem();
        var fileSystem = directory.fileSystem();
        return fileSystem.totalBytes() - fileSystem.freeBytes();
    }

    private void print() {
        var table = new Table("", "median s", "least", "most", "of samepage", "CPU s", "freed MiB", "resident MiB");
        for (String name : seconds.names()) {
            boolean isAgain = name.endsWith(", again");
            String ours = name.substring(0, name.indexOf(':')) + ": samepage" + (isAgain ? ", again" : "");
            table.row(
                    name,
                    Table.number("%.2f", seconds.median(name)),
                    Table.number("%.2f", seconds.least(name)),
                    Table.number("%.2f", seconds.most(name)),
                    Table.number("%.2f", seconds.median(name) / seconds.median(ours)),
                    Table.number("%.1f", cpuSeconds.median(name)),
                    Table.number("%.0f", freed.median(name)),
                    Table.number("%.0f", resident.median(name)));
        }
        table.print("Dedupe on the kernel's file systems, cold");
    }
}
