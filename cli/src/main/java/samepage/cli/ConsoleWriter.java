package samepage.cli;

import java.io.Writer;
import java.nio.charset.StandardCharsets;

/** The console's standard output for what writes text, such as help. */
final class ConsoleWriter extends Writer {
    private final Console console;

    ConsoleWriter(Console console) {
        this.console = console;
    }

    @Override
    public void write(char[] text, int start, int length) {
        console.print(new String(text, start, length).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void flush() {
        console.flush();
    }

    @Override
    public void close() {
        flush();
    }
}
