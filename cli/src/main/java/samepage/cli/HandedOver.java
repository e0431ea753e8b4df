package samepage.cli;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;

/** A command that is not done here: the process that has its volume mounted does it, and this one prints what that says. */
final class HandedOver extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Path volume;
    private final transient SocketChannel connection;

    /** @param connection to that process, which the command takes over */
    HandedOver(Path volume, SocketChannel connection) {
        super("the volume is mounted", null, false, false);
        this.volume = volume;
        this.connection = connection;
    }

    /** Has the command done; gives its exit status. */
    int run(Console console, List<String> arguments) throws IOException {
        try (connection;
                var in = new DataInputStream(Channels.newInputStream(connection));
                var out = new DataOutputStream(Channels.newOutputStream(connection))) {
            var absolute = arguments.stream().map(MountedPath::absolute).toList();
            ControlFormat.write(new ControlFormat.Command(absolute, console.terminalColumns()), out);
            while (true) {
                var kind = in.readUnsignedByte();
                var bytes = in.readNBytes(in.readInt());
                switch (kind) {
                    case ControlFormat.OUTPUT -> console.print(bytes);
                    case ControlFormat.ERRORS -> {
                        console.err().write(bytes, 0, bytes.length);
                        console.err().flush();
                    }
                    default -> {
                        return bytes[0];
                    }
                }
            }
        } catch (EOFException e) {
            throw new Refusal(volume.toString(), "was unmounted before the command was done");
        }
    }
}
