package samepage.cli;

import static samepage.cli.OpenVolume.PRIVILEGED;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.volume.DirectoryEntry;
import samepage.volume.FileType;

@Command(
        name = "rm",
        header = "Remove files, or with -r whole trees, from a volume.",
        description = {"", "What other files share stays with them.", ""})
final class RemoveCommand extends Subcommand {
    @Parameters(arity = "1..*", paramLabel = "VOLUME:/PATH", description = "What to remove.")
    private List<String> arguments = new ArrayList<>();

    @Option(
            names = {"-r", "-R", "--recursive"},
            description = "Remove directories with all that is in them.")
    private boolean recursionWanted;

    @Option(
            names = {"-f", "--force"},
            description = "Accept what is not there.")
    private boolean missingAccepted;

    @Override
    int run() throws IOException {
        var paths = arguments.stream().map(VolumePath::existing).toList();
        try (var progress = new Progress(console());
                var volume = OpenVolume.toChange(VolumePath.sameVolume(paths))) {
            var leftOut = new LeftOut(progress);
            for (var path : paths) {
                try {
                    remove(volume, path.path());
                } catch (VfsException e) {
                    if (!missingAccepted || e.errno() != Errno.ENOENT) {
                        leftOut.add(path.toString().getBytes(StandardCharsets.UTF_8), e);
                    }
                }
            }
            if (leftOut.count() == paths.size()) {
                return Main.REFUSED;
            }
            return leftOut.exitStatus();
        }
    }

    private void remove(OpenVolume volume, byte[] path) throws IOException {
        var place = volume.vfs().resolveParent(PRIVILEGED, path);
        var inode = volume.vfs().lookup(PRIVILEGED, place.parent(), place.name());
        if (place.name().length == 0) {
            throw new VfsException(Errno.EBUSY, "the root stays");
        }
        if (!inode.isDirectory()) {
            volume.vfs().unlink(PRIVILEGED, place.parent(), place.name());
            return;
        }
        if (!recursionWanted) {
            throw new VfsException(Errno.EISDIR);
        }
        removeTree(volume, place.parent(), place.name(), inode.ino());
    }

    /** A directory that is being emptied. */
    // A record compares arrays by identity; nothing compares these.
    @SuppressWarnings("ArrayRecordComponent")
    private record Level(long parent, byte[] name, long directory, Iterator<DirectoryEntry> entries) {}

    private static void removeTree(OpenVolume volume, long parent, byte[] name, long directory) throws IOException {
        var levels = new ArrayDeque<Level>();
        levels.push(level(volume, parent, name, directory));
        while (!levels.isEmpty()) {
            Interruption.check();
            var level = levels.peek();
            if (!level.entries.hasNext()) {
                volume.vfs().rmdir(PRIVILEGED, level.parent, level.name);
                levels.pop();
                continue;
            }
            var entry = level.entries.next();
            if (entry.type() == FileType.DIRECTORY) {
                levels.push(level(volume, level.directory, entry.name(), entry.ino()));
            } else {
                volume.vfs().unlink(PRIVILEGED, level.directory, entry.name());
            }
        }
    }

    private static Level level(OpenVolume volume, long parent, byte[] name, long directory) throws IOException {
        return new Level(
                parent, name, directory, VolumeEntry.names(volume, directory).iterator());
    }
}
