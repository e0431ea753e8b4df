package samepage.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import samepage.errno.PrintableName;

@Command(
        name = "export",
        header = "Copy files and directories out of a volume.",
        description = {
            "",
            "The content of a directory is copied into TARGET, which is made where it is missing; a file is copied to TARGET, or into it"
                    + " where that is a directory. Mode, times, links, hard links, extended attributes and holes are kept, and for root"
                    + " owners and special files, too.",
            "",
            "What is in TARGET already is left alone and named, unless --force is given. Directories are merged.",
            ""
        })
final class ExportCommand extends ReportingSubcommand {
    @Parameters(index = "0", paramLabel = "VOLUME[:/PATH]", description = "What to copy.")
    private String source = "";

    @Parameters(index = "1", paramLabel = "TARGET", description = "Where to.")
    private String target = "";

    @Option(
            names = {"-f", "--force"},
            description = "Replace files that are there already.")
    private boolean replacingWanted;

    @Override
    int run() throws IOException {
        var path = VolumePath.existing(source);
        try (var progress = new Progress(console());
                var volume = OpenVolume.toRead(path.volume())) {
            var leftOut = new LeftOut(progress);
            progress.begin("exporting");
            var targetPath = ArgumentText.bytes(target);
            var counts = new ExportCounts();
            var isComplete = true;
            try (var exporter = new Exporter(volume, progress, leftOut, counts, replacingWanted)) {
                exporter.copy(path.path(), targetPath);
            } catch (TargetFull e) {
                progress.complain(PrintableName.of(targetPath) + ": " + FailureText.why(e.getCause())
                        + "; what was exported before is kept");
                isComplete = false;
            }
            progress.end();
            report(counts, leftOut, isComplete, progress.seconds());
            return isComplete ? leftOut.exitStatus() : Main.DONE_IN_PART;
        }
    }

    private void report(ExportCounts counts, LeftOut leftOut, boolean isComplete, double seconds) {
        var object = new LinkedHashMap<String, Object>();
        object.put("files", counts.files);
        object.put("directories", counts.directories);
        object.put("symbolicLinks", counts.symbolicLinks);
        object.put("specialFiles", counts.specialFiles);
        object.put("hardLinks", counts.hardLinks);
        object.put("logicalBytes", counts.logicalBytes);
        object.put("seconds", seconds);
        object.put("complete", isComplete && leftOut.isEmpty());
        object.put("leftOutCount", leftOut.count());
        object.put("leftOut", leftOut.items());
        report(object, console -> {
            console.print("exported " + HumanText.count(counts.files, "file", "files") + " in "
                    + HumanText.count(counts.directories, "directory", "directories") + ": "
                    + HumanText.size(counts.logicalBytes) + " in " + HumanText.duration(seconds) + " ("
                    + HumanText.rate(counts.logicalBytes, seconds) + ")");
            if (!leftOut.isEmpty()) {
                console.print("left out: " + HumanText.count(leftOut.count(), "item", "items") + ", named above");
            }
        });
    }
}
