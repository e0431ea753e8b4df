package samepage.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import samepage.dedupe.FinderResult;
import samepage.errno.Errno;
import samepage.errno.PrintableName;
import samepage.linux.reflink.TreeChanges;
import samepage.linux.syscall.HostProcess;
import samepage.volume.Volume;

@Command(
        name = "dedupe",
        header = "Let files with the same bytes share their storage.",
        description = {
            "",
            "Looks through a whole volume, or the trees below PATH, for ranges with the same bytes, compares them and stores them once."
                    + " Content, times and everything else about the files stay as they are.",
            "",
            "On XFS, Btrfs and others that can share storage, PATH is any directory or file, and the kernel compares. Further runs"
                    + " read only what has changed. The options are for these.",
            ""
        })
final class DedupeCommand extends ReportingSubcommand {
    @Parameters(
            arity = "0..*",
            paramLabel = "PATH",
            description =
                    "What to look through: a volume or VOLUME:/PATH, all of one volume; or directories and files of one"
                            + " file system.")
    private List<String> arguments = new ArrayList<>();

    @Option(
            names = "--progress",
            paramLabel = "FORM",
            description = "With json, print a JSON object on standard error every second.")
    private @Nullable String progressForm;

    /** Whether a watch has told of a pass. */
    private boolean hasReported;

    @Mixin
    private TreeOptions options = new TreeOptions();

    @Override
    int run() throws IOException {
        var list = options.fileList();
        if (list == null && arguments.isEmpty()) {
            throw new Refusal("dedupe", "PATH is missing", "see 'samepage dedupe --help'");
        }
        for (var argument : arguments) {
            if (!argument.contains(":/") && !VolumeLocation.exists(ArgumentText.bytes(argument))) {
                throw new Refusal(
                        PrintableName.of(ArgumentText.bytes(argument)),
                        Errno.ENOENT.text(),
                        "PATH is a directory or a file, or a volume");
            }
        }
        return arguments.stream().allMatch(DedupeCommand::isTree) ? runOnTrees(list) : runOnVolume();
    }

    /** What is there and no volume is a tree of the host's; a name with a volume in front of it is none of the host's. */
    private static boolean isTree(String argument) {
        var path = ArgumentText.bytes(argument);
        return VolumeLocation.exists(path) && !VolumeLocation.isVolume(path);
    }

    private Progress progress() {
        if (progressForm != null && !progressForm.equals("json")) {
            throw new Refusal("--progress=" + progressForm, "is no form", "there is json");
        }
        return new Progress(console(), progressForm != null);
    }

    private int runOnTrees(@Nullable FileList list) throws IOException {
        var paths = new ArrayList<byte[]>();
        for (var argument : arguments) {
            paths.add(TreePaths.real(ArgumentText.bytes(argument)));
        }
        if (list != null && paths.isEmpty()) {
            paths.add(list.directory());
        }
        TreePaths.checkSameFileSystem(paths);
        if (options.isIdle()) {
            HostProcess.beIdleOnDisk();
        }
        var settings = options.settings(paths, list);
        try {
            if (options.isWatch()) {
                watch(paths, settings);
            }
            return runOnTrees(paths, settings);
        } catch (Interrupted interrupted) {
            throw new Interrupted(
                    "what was shared is kept, the files are as they were, and the next run goes on from here");
        }
    }

    private int runOnTrees(List<byte[]> paths, TreeSettings settings) throws IOException {
        try (var progress = progress()) {
            var leftOut = new LeftOut(progress);
            var sharing = new TreeSharing(paths, settings, TreeChanges.ALL, progress, leftOut);
            if (options.isDryRun()) {
                var outcome = sharing.runDry();
                progress.end();
                reportDry(outcome, progress.seconds());
                return leftOut.exitStatus();
            }
            try (var place = IndexPlace.take(indexPlace(settings))) {
                var outcome = sharing.run(place);
                progress.end();
                record(paths, place, outcome, progress.seconds());
            }
            return leftOut.exitStatus();
        }
    }

    private Path indexPlace(TreeSettings settings) {
        var named = options.index();
        return named == null ? IndexPlace.usual(settings.digest()) : named;
    }

    private void record(List<byte[]> paths, IndexPlace place, TreeSharing.Outcome outcome, double seconds)
            throws IOException {
        place.addToHistory(RunHistory.line(paths, outcome, seconds));
        report(outcome, seconds);
    }

    private void watch(List<byte[]> paths, TreeSettings settings) throws IOException {
        if (options.isDryRun()) {
            throw new Refusal("--watch", "shares what changes, and --dry-run changes nothing", "leave out one of them");
        }
        new TreeWatching(paths, settings, options).run(changes -> runOnce(paths, settings, changes), (object, line) -> {
            report(object, console -> console.print(line));
            console().flush();
        });
    }

    /** A pass of a watch: waits where another run has the index, and says nothing where there was nothing to do. */
    private long runOnce(List<byte[]> paths, TreeSettings settings, TreeChanges changes) throws IOException {
        try (var progress = progress();
                var place = IndexPlace.await(indexPlace(settings))) {
            var sharing = new TreeSharing(paths, settings, changes, progress, new LeftOut(progress));
            var outcome = sharing.run(place);
            progress.end();
            if (!hasReported || outcome.result().files() > 0) {
                hasReported = true;
                record(paths, place, outcome, progress.seconds());
                console().flush();
            }
            return outcome.foundFiles();
        }
    }

    @Override
    boolean isLineWanted() {
        return options.isWatch();
    }

    private void report(TreeSharing.Outcome outcome, double seconds) {
        var result = outcome.result();
        report(RunHistory.object(outcome, seconds), console -> {
            console.print("looked through " + HumanText.count(outcome.foundFiles(), "file", "files") + " and read "
                    + (result.files() == 0 ? "none" : HumanText.number(result.files())) + " of them, "
                    + HumanText.size(result.logicalBytes()) + ", in " + HumanText.duration(seconds));
            console.print(
                    result.sharedBytes() == 0
                            ? "nothing more to share"
                            : "shared " + HumanText.size(result.sharedBytes()) + ", which freed "
                                    + HumanText.size(Math.max(0, result.freedBytes()))
                                    + "; the longest wait for a writer was "
                                    + String.format(Locale.ROOT, "%.1f ms", HumanText.millis(result.longestStall())));
            console.print("the file system has " + HumanText.size(outcome.usedBytes()) + " in use");
        });
    }

    private void reportDry(TreeSharing.Outcome outcome, double seconds) {
        var result = outcome.result();
        var files = options.isEstimate() ? options.filesToEstimate() : outcome.foundFiles();
        var bytes = options.isEstimate() ? options.bytesToEstimate() : outcome.foundBytes();
        var scale = options.isEstimate() ? (double) bytes / Math.max(1, result.logicalBytes()) : 1;
        var shareable = Math.min(bytes, (long) (result.sharedBytes() * scale));
        var object = new LinkedHashMap<String, Object>();
        object.put("files", files);
        object.put("bytes", bytes);
        object.put("readFiles", result.files());
        object.put("readBytes", result.logicalBytes());
        object.put("shareableBytes", shareable);
        object.put("isEstimate", options.isEstimate());
        object.put("seconds", seconds);
        report(object, console -> {
            console.print("looked at " + HumanText.count(files, "file", "files") + ", "
                    + HumanText.size(bytes) + ", and read " + HumanText.number(result.files())
                    + " of them, " + HumanText.size(result.logicalBytes()) + ", in " + HumanText.duration(seconds));
            console.print((options.isEstimate() ? "about " : "") + HumanText.size(shareable)
                    + " could be shared; nothing was changed");
        });
    }

    private int runOnVolume() throws IOException {
        givenOf(TreeOptions.class).ifPresent(option -> {
            throw new Refusal(
                    option,
                    "is for directories of XFS, Btrfs and others that can share, not for a volume",
                    option.equals("--watch") ? "a mounted volume shares what is written by itself" : "leave it out");
        });
        var paths = arguments.stream().map(VolumePath::existing).toList();
        try (var progress = progress();
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
