package samepage.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import samepage.dedupe.FinderResult;
import samepage.linux.reflink.ReflinkOptions;
import samepage.linux.reflink.TreeFilter;
import samepage.volume.Volume;

@Command(
        name = "dedupe",
        header = "Let files with the same bytes share their storage.",
        description = {
            "",
            "Looks through the whole volume, or the trees below PATH, for ranges with the same bytes, compares them and stores them once."
                    + " Content, times and everything else about the files stay as they are.",
            ""
        })
final class DedupeCommand extends ReportingSubcommand {
    private static final Duration MAX_STALL = Duration.ofMillis(50);
    private static final long MEMORY_BYTES = 256L << 20;

    @Parameters(
            arity = "1..*",
            paramLabel = "PATH",
            description = "What to look through: a volume or VOLUME:/PATH, all of one volume; or directories and files of one"
                    + " file system that can share storage, such as XFS and Btrfs.")
    private List<String> arguments = new ArrayList<>();

    @Option(
            names = "--index",
            paramLabel = "DIR",
            description = "Keep what was found out about the files here, instead of among the user's caches.")
    private @Nullable Path indexDirectory;

    @Override
    int run() throws IOException {
        return arguments.stream().allMatch(DedupeCommand::isTree) ? runOnTrees() : runOnVolume();
    }

    /** What is there and no volume is a tree of the host's; a name with a volume in front of it is none of the host's. */
    private static boolean isTree(String argument) {
        var path = ArgumentText.bytes(argument);
        return VolumeLocation.exists(path) && !VolumeLocation.isVolume(path);
    }

    private int runOnTrees() throws IOException {
        var paths = new ArrayList<byte[]>();
        for (var argument : arguments) {
            paths.add(TreePaths.real(ArgumentText.bytes(argument)));
        }
        var digest = TreePaths.digest(paths);
        var settings = new TreeSettings(digest, MEMORY_BYTES, MAX_STALL, TreeFilter.ALL, ReflinkOptions.DEFAULT);
        try (var progress = new Progress(console());
                var place = IndexPlace.take(indexDirectory == null ? IndexPlace.usual(digest) : indexDirectory)) {
            var leftOut = new LeftOut(progress);
            var outcome = new TreeSharing(paths, settings, progress, leftOut).run(place);
            progress.end();
            report(outcome, progress.seconds());
            return leftOut.exitStatus();
        }
    }

    private void report(TreeSharing.Outcome outcome, double seconds) {
        var result = outcome.result();
        var object = new LinkedHashMap<String, Object>();
        object.put("files", outcome.foundFiles());
        object.put("unchangedFiles", outcome.unchangedFiles());
        object.put("readFiles", result.files());
        object.put("readBytes", result.logicalBytes());
        object.put("requests", outcome.requests());
        object.put("sharedBytes", result.sharedBytes());
        object.put("freedBytes", result.freedBytes());
        object.put("usedBytes", outcome.usedBytes());
        object.put("seconds", seconds);
        object.put("longestStallMillis", HumanText.millis(result.longestStall()));
        report(object, console -> {
            console.print("looked through " + HumanText.count(outcome.foundFiles(), "file", "files") + " and read "
                    + (result.files() == 0 ? "none" : HumanText.number(result.files())) + " of them, "
                    + HumanText.size(result.logicalBytes()) + ", in " + HumanText.duration(seconds));
            console.print(
                    result.sharedBytes() == 0
                            ? "nothing more to share"
                            : "shared " + HumanText.size(result.sharedBytes()) + ", which freed "
                                    + HumanText.size(Math.max(0, result.freedBytes())) + "; the longest wait for a writer was "
                                    + String.format(Locale.ROOT, "%.1f ms", HumanText.millis(result.longestStall())));
            console.print("the file system has " + HumanText.size(outcome.usedBytes()) + " in use");
        });
    }

    private int runOnVolume() throws IOException {
        var paths = arguments.stream().map(VolumePath::existing).toList();
        try (var progress = new Progress(console());
                var volume = OpenVolume.toChange(VolumePath.sameVolume(paths))) {
            var leftOut = new LeftOut(progress);
            var roots = new ArrayList<Long>();
            for (var path : paths) {
                roots.add(volume.find(path.path()).ino());
            }
            var pass = new SharingPass(volume, progress, leftOut);
            var result = roots.contains(Volume.ROOT) ? pass.runOnAll() : pass.runWithin(roots);
            progress.end();
            report(result, volume.storedBytes(), progress.seconds());
            return leftOut.exitStatus();
        }
    }

    private void report(FinderResult result, long storedBytes, double seconds) {
        var object = new LinkedHashMap<String, Object>();
        object.put("files", result.files());
        object.put("logicalBytes", result.logicalBytes());
        object.put("storedBytes", storedBytes);
        object.put("sharedBytes", result.sharedBytes());
        object.put("freedBytes", result.freedBytes());
        object.put("seconds", seconds);
        object.put("longestStallMillis", HumanText.millis(result.longestStall()));
        report(object, console -> {
            console.print("looked through " + HumanText.count(result.files(), "file", "files") + ", "
                    + HumanText.size(result.logicalBytes()) + ", in " + HumanText.duration(seconds));
            console.print(
                    result.sharedBytes() == 0
                            ? "nothing more to share"
                            : "shared " + HumanText.size(result.sharedBytes()) + ", which freed "
                                    + HumanText.size(result.freedBytes()));
            console.print("the volume stores " + HumanText.size(storedBytes));
        });
    }
}
