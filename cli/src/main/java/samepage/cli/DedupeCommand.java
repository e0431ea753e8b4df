package samepage.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import samepage.dedupe.FinderResult;
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
    @Parameters(arity = "1..*", paramLabel = "VOLUME[:/PATH]", description = "What to look through; all of one volume.")
    private List<String> arguments = new ArrayList<>();

    @Override
    int run() throws IOException {
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
