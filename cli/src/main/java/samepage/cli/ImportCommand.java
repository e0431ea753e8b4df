package samepage.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import samepage.errno.Errno;
import samepage.errno.VfsException;

@Command(
        name = "import",
        header = "Copy files and directories into a volume, and share what is the same as it comes.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {"samepage import [--no-dedupe] [--json] SOURCE... VOLUME[:/DIR]"},
        description = {
            "",
            "Each SOURCE is copied into the volume's directory DIR (or its root) under its own name. Mode, times, links, hard links,"
                    + " extended attributes and holes are kept, and for root owners, too. A SOURCE that ends in a slash stands for the"
                    + " content of the directory.",
            "",
            "VOLUME and DIR are created where they are missing. Directories that are there already are merged, files replaced. What"
                    + " the volume has already, by size and modification time, is not read again: an interrupted import is completed"
                    + " by running it again.",
            ""
        })
final class ImportCommand extends ReportingSubcommand {
    @Spec
    private @org.jspecify.annotations.Nullable CommandSpec spec;

    @Parameters(
            arity = "1..*",
            hideParamSyntax = true,
            paramLabel = "SOURCE... VOLUME[:/DIR]",
            description = "What is copied, and last where to.")
    private List<String> arguments = new ArrayList<>();

    @Option(names = "--no-dedupe", description = "Only copy; 'samepage dedupe' can share what is the same later.")
    private boolean dedupeUnwanted;

    @Override
    int run() throws IOException {
        if (arguments.size() < 2 && spec != null) {
            throw new ParameterException(spec.commandLine(), "Missing required parameter: 'VOLUME[:/DIR]'");
        }
        var sources = arguments.subList(0, arguments.size() - 1).stream()
                .map(ImportSource::of)
                .toList();
        var target = VolumePath.existingOrNew(arguments.getLast());
        try (var progress = new Progress(console());
                var volume = OpenVolume.toChangeOrCreate(target.volume())) {
            return copyAndShare(sources, target, volume, progress);
        }
    }

    private int copyAndShare(List<ImportSource> sources, VolumePath target, OpenVolume volume, Progress progress)
            throws IOException {
        var leftOut = new LeftOut(progress);
        var storedBefore = volume.storedBytes();
        try (var sharing = dedupeUnwanted ? null : new ImportSharing(volume, progress, leftOut);
                var importer =
                        new Importer(volume, progress, leftOut, sharing == null ? ImportedFiles.UNSHARED : sharing)) {
            importer.checkNotFromVolume(sources);
            progress.begin("importing");
            if (progress.isShown()) {
                SourceCount.begin(sources, progress);
            }
            var isComplete = copyAll(importer, sources, target, volume, progress);
            var copySeconds = progress.seconds();
            if (sharing != null && isComplete) {
                sharing.finish();
            }
            var shared = sharing == null ? ImportSharing.Totals.NONE : sharing.totals();
            progress.end();
            report(new ImportResult(
                    importer.counts(),
                    shared.sharedBytes(),
                    shared.freedBytes(),
                    HumanText.millis(shared.longestStall()),
                    volume.storedBytes(),
                    storedBefore,
                    copySeconds,
                    progress.seconds(),
                    leftOut,
                    isComplete));
            return isComplete ? leftOut.exitStatus() : Main.DONE_IN_PART;
        }
    }

    /** Gives false where the volume had no room for all of it. */
    private boolean copyAll(
            Importer importer, List<ImportSource> sources, VolumePath target, OpenVolume volume, Progress progress)
            throws IOException {
        try {
            importer.copy(sources, target.path());
            volume.vfs().sync();
            return true;
        } catch (VfsException e) {
            if (e.errno() != Errno.ENOSPC && e.errno() != Errno.EDQUOT) {
                throw e;
            }
            progress.complain(target + ": " + FailureText.why(e)
                    + "; what was imported before is kept; make room and run the import again to complete it");
            return false;
        }
    }

    private void report(ImportResult result) {
        var object = new LinkedHashMap<String, Object>();
        result.putInto(object);
        report(object, console -> result.lines().forEach(console::print));
    }
}
