package samepage.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Where a command writes: results to standard output, all else to standard error. Text is UTF-8. */
final class Console {
    private static final int BUFFER_BYTES = 64 << 10;

    private final OutputStream out;
    private final PrintStream err;
    private final int columns;

    /** @param columns of the terminal that {@code err} is; 0 where it is none */
    Console(OutputStream out, OutputStream err, int columns) {
        this.out = new BufferedOutputStream(out, BUFFER_BYTES);
        this.err = new PrintStream(err, true, StandardCharsets.UTF_8);
        this.columns = columns;
    }

    /** The process's own streams. */
    static Console ofProcess() {
        return new Console(
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                Terminal.columns(Terminal.ERROR));
    }

    /** The columns of the terminal that standard error is; 0 where it is none. */
    int terminalColumns() {
        return columns;
    }

    void print(String line) {
        print((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    void print(byte[] bytes) {
        print(bytes, 0, bytes.length);
    }

    void print(byte[] bytes, int start, int length) {
        try {
            out.write(bytes, start, length);
        } catch (IOException e) {
            throw outputFailed(e);
        }
    }

    void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw outputFailed(e);
        }
    }

    /** A line {@code samepage: ...} on standard error. */
    void complain(String line) {
        err.print("samepage: " + line + "\n");
        err.flush();
    }

    /** Standard error, for what is not a line. */
    PrintStream err() {
        return err;
    }

    /** The JDK tells the host's error by its words only. */
    private static RuntimeException outputFailed(IOException failure) {
        return "Broken pipe".equals(failure.getMessage())
                ? new OutputClosed()
                : new Refusal("standard output", FailureText.whole(failure));
    }
}
