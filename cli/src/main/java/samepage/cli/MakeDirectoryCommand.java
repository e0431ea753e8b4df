package samepage.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import samepage.errno.VfsException;

@Command(name = "mkdir", header = "Make directories in a volume.", description = "")
final class MakeDirectoryCommand extends Subcommand {
    private static final int PERMISSIONS = 0755;

    @Parameters(arity = "1..*", paramLabel = "VOLUME:/PATH", description = "The directories to make.")
    private List<String> arguments = new ArrayList<>();

    @Option(
            names = {"-p", "--parents"},
            description = "Make those above, too, and accept what is there already.")
    private boolean parentsWanted;

    @Override
    int run() throws IOException {
        var paths = arguments.stream().map(VolumePath::existing).toList();
        try (var volume = OpenVolume.toChange(VolumePath.sameVolume(paths))) {
            for (var path : paths) {
                if (parentsWanted) {
                    volume.findOrMakeDirectories(path.path());
                } else {
                    make(volume, path.path());
                }
            }
        }
        return Main.DONE;
    }

    private static void make(OpenVolume volume, byte[] path) throws IOException {
        try {
            var place = volume.vfs().resolveParent(OpenVolume.PRIVILEGED, path);
            volume.vfs().mkdir(OpenVolume.PRIVILEGED, place.parent(), place.name(), PERMISSIONS);
        } catch (VfsException e) {
            throw volume.refusal(path, e);
        }
    }
}
