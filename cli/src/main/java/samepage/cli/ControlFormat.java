package samepage.cli;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * What goes through a control socket: one command, then what it prints, then its exit status.
 *
 * <pre>
 *   there:  version u8, columns of the terminal i32, count i32, for each argument: length i32, bytes
 *   back:   kind u8, length i32, bytes; the kinds are 1 standard output, 2 standard error, 3 exit status, one byte, the last
 * </pre>
 */
final class ControlFormat {
    static final int OUTPUT = 1;
    static final int ERRORS = 2;
    static final int STATUS = 3;

    private static final int VERSION = 1;
    private static final int MOST_ARGUMENTS = 10_000;
    private static final int LONGEST_ARGUMENT_BYTES = 1 << 20;

    private ControlFormat() {}

    /** A command and the width of the terminal of whom it is for; 0 for none. */
    record Command(List<String> arguments, int columns) {}

    static void write(Command command, DataOutputStream out) throws IOException {
        out.writeByte(VERSION);
        out.writeInt(command.columns);
        out.writeInt(command.arguments.size());
        for (var argument : command.arguments) {
            var bytes = ArgumentText.bytes(argument);
            out.writeInt(bytes.length);
            out.write(bytes);
        }
        out.flush();
    }

    static Command read(DataInputStream in) throws IOException {
        if (in.readUnsignedByte() != VERSION) {
            throw new IOException("the other side is of another version");
        }
        var columns = in.readInt();
        var count = in.readInt();
        check(count >= 0 && count <= MOST_ARGUMENTS);
        var arguments = new ArrayList<String>();
        for (var i = 0; i < count; i++) {
            var length = in.readInt();
            check(length >= 0 && length <= LONGEST_ARGUMENT_BYTES);
            arguments.add(ArgumentText.of(in.readNBytes(length)));
        }
        return new Command(arguments, columns);
    }

    private static void check(boolean holds) throws IOException {
        if (!holds) {
            throw new IOException("what came through the control socket is no command");
        }
    }

    /** A stream of which each write is a piece of one kind. */
    static OutputStream stream(DataOutputStream out, int kind) {
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int start, int length) throws IOException {
                synchronized (out) {
                    out.writeByte(kind);
                    out.writeInt(length);
                    out.write(bytes, start, length);
                    out.flush();
                }
            }
        };
    }
}
