package samepage.cli;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.HostProcess;

/**
 * A socket in a mounted volume's directory, for its owner alone: commands that another process cannot do, for the volume is in
 * use, are done here, by the process that uses it.
 */
final class ControlSocket implements AutoCloseable {
    /** The commands that can be done on a volume that programs use meanwhile. */
    static final Set<String> COMMANDS =
            Set.of("dedupe", "clone", "ls", "cat", "stat", "df", "du", "status", "pause", "continue");

    private static final String NAME = "control";
    private static final int OWNER_ONLY = 077;

    private final Path file;
    private final HostDirectory directory;
    private final ServerSocketChannel server;
    private final LiveVolume volume;

    private ControlSocket(Path file, HostDirectory directory, ServerSocketChannel server, LiveVolume volume) {
        this.file = file;
        this.directory = directory;
        this.server = server;
        this.volume = volume;
    }

    /** Listens from now on. What a killed process has left is replaced: the volume's lock is ours. */
    static ControlSocket listen(Path hostPath, LiveVolume volume) throws IOException {
        var file = hostPath.resolve(NAME);
        Files.deleteIfExists(file);
        var directory = HostDirectory.open(HostPath.of(hostPath));
        var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            bind(server, directory);
        } catch (Throwable e) {
            server.close();
            directory.close();
            throw e;
        }
        var socket = new ControlSocket(file, directory, server, volume);
        Thread.ofPlatform().daemon().name("samepage-control").start(socket::accept);
        return socket;
    }

    private static void bind(ServerSocketChannel server, HostDirectory directory) throws IOException {
        var before = HostProcess.setUmask(OWNER_ONLY);
        try {
            server.bind(address(directory));
        } finally {
            HostProcess.setUmask(before);
        }
    }

    /** The address of a socket has room for 107 bytes: too few for many a path. */
    private static UnixDomainSocketAddress address(HostDirectory directory) {
        return UnixDomainSocketAddress.of("/proc/self/fd/" + directory.number() + "/" + NAME);
    }

    /** A connection to the process that has a volume mounted; null where there is none, or it is not ours to ask. */
    static @Nullable SocketChannel connect(Path hostPath) {
        try (var directory = HostDirectory.open(HostPath.of(hostPath))) {
            return SocketChannel.open(address(directory));
        } catch (IOException e) {
            return null;
        }
    }

    private void accept() {
        try {
            while (true) {
                var connection = server.accept();
                Thread.ofPlatform().daemon().name("samepage-command").start(() -> serve(connection));
            }
        } catch (ClosedChannelException e) {
            // Unmounted.
        } catch (IOException e) {
            System.err.println("samepage: the control socket: " + FailureText.whole(e));
        }
    }

    private void serve(SocketChannel connection) {
        try (connection;
                var in = new DataInputStream(Channels.newInputStream(connection));
                var out = new DataOutputStream(Channels.newOutputStream(connection))) {
            var command = ControlFormat.read(in);
            var console = new Console(
                    ControlFormat.stream(out, ControlFormat.OUTPUT),
                    ControlFormat.stream(out, ControlFormat.ERRORS),
                    command.columns());
            var status = run(console, command);
            ControlFormat.stream(out, ControlFormat.STATUS).write(new byte[] {(byte) status}, 0, 1);
        } catch (IOException e) {
            // Whoever asked has gone.
        }
    }

    private int run(Console console, ControlFormat.Command command) {
        var arguments = command.arguments().toArray(String[]::new);
        if (arguments.length == 0 || !COMMANDS.contains(arguments[0])) {
            console.complain("a mounted volume cannot do that");
            return Main.REFUSED;
        }
        return volume.during(() -> Main.run(console, arguments));
    }

    @Override
    public void close() throws IOException {
        try (directory) {
            server.close();
            Files.deleteIfExists(file);
        }
    }
}
