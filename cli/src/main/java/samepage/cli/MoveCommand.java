package samepage.cli;

import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.vfs.RenameMode;

@Command(
        name = "mv",
        header = "Rename or move a file or directory inside of a volume.",
        description = {
            "",
            "Where TARGET is a directory, SOURCE moves into it; where it is a file, SOURCE replaces it.",
            ""
        })
final class MoveCommand extends Subcommand {
    @Parameters(index = "0", paramLabel = "VOLUME:/SOURCE", description = "What to move.")
    private String source = "";

    @Parameters(index = "1", paramLabel = "VOLUME:/TARGET", description = "Where to.")
    private String target = "";

    @Option(
            names = {"-n", "--no-clobber"},
            description = "Refuse where TARGET is a file that exists.")
    private boolean replacingUnwanted;

    @Override
    int run() throws IOException {
        var from = VolumePath.existing(source);
        var to = VolumePath.existing(target);
        try (var volume = OpenVolume.toChange(VolumePath.sameVolume(List.of(from, to)))) {
            var moved = volume.find(from.path());
            try {
                var old = volume.vfs().resolveParent(OpenVolume.PRIVILEGED, from.path());
                var place = TargetPlace.of(volume, to.path(), old.name());
                if (place.mustBeDirectory() && !moved.isDirectory()) {
                    throw volume.refusal(to.path(), new VfsException(Errno.ENOTDIR));
                }
                volume.vfs()
                        .rename(
                                OpenVolume.PRIVILEGED,
                                old.parent(),
                                old.name(),
                                place.directory(),
                                place.name(),
                                replacingUnwanted ? RenameMode.NO_REPLACE : RenameMode.REPLACE);
            } catch (VfsException e) {
                throw new Refusal(from + " to " + to, FailureText.why(e));
            }
        }
        return Main.DONE;
    }
}
