package samepage.cli;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.vfs.OpenFlag;

@Command(
        name = "cat",
        header = "Write the content of files to standard output.",
        description = {
            "",
            "Writes one file after the other, byte for byte. Symbolic links are followed inside the volume.",
            ""
        })
final class CatCommand extends Subcommand {
    private static final int BUFFER_BYTES = 1 << 20;

    @Parameters(arity = "1..*", paramLabel = "VOLUME:/PATH", description = "What to write.")
    private List<String> arguments = new ArrayList<>();

    @Override
    int run() throws IOException {
        for (var argument : arguments) {
            var path = VolumePath.existing(argument);
            try (var volume = OpenVolume.toRead(path.volume())) {
                write(volume, path.path());
            }
        }
        return Main.DONE;
    }

    private void write(OpenVolume volume, byte[] path) throws IOException {
        var inode = volume.find(path, true);
        if (!inode.isRegular()) {
            throw volume.refusal(path, new VfsException(inode.isDirectory() ? Errno.EISDIR : Errno.EINVAL));
        }
        var bytes = new byte[BUFFER_BYTES];
        try (var arena = Arena.ofConfined();
                var file = volume.vfs().open(OpenVolume.PRIVILEGED, inode.ino(), EnumSet.of(OpenFlag.READ))) {
            var buffer = arena.allocate(BUFFER_BYTES);
            var position = 0L;
            for (var read = file.read(position, buffer); read > 0; read = file.read(position, buffer)) {
                Interruption.check();
                buffer.asSlice(0, read).asByteBuffer().get(bytes, 0, read);
                console().print(bytes, 0, read);
                position += read;
            }
        } catch (VfsException e) {
            throw volume.refusal(path, e);
        }
    }
}
