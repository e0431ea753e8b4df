package samepage.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import samepage.errno.VfsException;

@Command(
        name = "clone",
        header = "Copy a file or tree inside of a volume without copying its content.",
        description = {
            "",
            "The copy has its source's content, attributes, links and holes, and shares its storage until one of them is written to. Where"
                    + " TARGET is a directory, the copy is made inside of it; what exists is not replaced.",
            ""
        })
final class CloneCommand extends ReportingSubcommand {
    @Parameters(index = "0", paramLabel = "VOLUME:/SOURCE", description = "What to clone.")
    private String source = "";

    @Parameters(index = "1", paramLabel = "VOLUME:/TARGET", description = "Where the clone is to be.")
    private String target = "";

    @Override
    int run() throws IOException {
        var from = VolumePath.existing(source);
        var to = VolumePath.existing(target);
        try (var progress = new Progress(console());
                var volume = OpenVolume.toChange(VolumePath.sameVolume(List.of(from, to)))) {
            progress.begin("cloning");
            var inode = volume.find(from.path());
            var clone = new TreeClone(volume, progress);
            try {
                var sourceName = volume.vfs()
                        .resolveParent(OpenVolume.PRIVILEGED, from.path())
                        .name();
                var place = TargetPlace.of(volume, to.path(), sourceName);
                clone.copy(inode, place);
                volume.entryAdded(place.directory(), place.name());
            } catch (VfsException e) {
                throw new Refusal(from + " to " + to, FailureText.why(e));
            }
            volume.vfs().sync();
            progress.end();
            report(clone, progress.seconds());
        }
        return Main.DONE;
    }

    private void report(TreeClone clone, double seconds) {
        var object = new LinkedHashMap<String, Object>();
        object.put("files", clone.files());
        object.put("logicalBytes", clone.logicalBytes());
        object.put("seconds", seconds);
        report(
                object,
                console -> console.print("cloned " + HumanText.count(clone.files(), "file", "files") + ", "
                        + HumanText.size(clone.logicalBytes()) + ", in " + HumanText.duration(seconds)));
    }
}
