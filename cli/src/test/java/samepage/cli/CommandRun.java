package samepage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** A command, run in this process, and what came of it. */
// A record compares arrays by identity; nothing compares these.
@SuppressWarnings("ArrayRecordComponent")
record CommandRun(int status, byte[] output, String errors) {
    static CommandRun of(Object... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var words = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
        var status = Main.run(new Console(out, err, 0), words);
        return new CommandRun(status, out.toByteArray(), err.toString(StandardCharsets.UTF_8));
    }

    /** A command that must be done, with nothing to complain about. */
    static CommandRun done(Object... arguments) {
        var run = of(arguments);
        assertThat(run.errors).isEmpty();
        assertThat(run.status).isEqualTo(Main.DONE);
        return run;
    }

    /** A command that must be refused with one line. */
    static String refused(Object... arguments) {
        var run = of(arguments);
        assertThat(run.status).as(run.errors).isEqualTo(Main.REFUSED);
        assertThat(run.errors).startsWith("samepage: ").hasLineCount(1);
        return run.errors.strip();
    }

    static void assertClean(Path volume) {
        assertThat(done("check", "--data", volume).text()).contains("is whole");
    }

    String text() {
        return new String(output, StandardCharsets.UTF_8);
    }

    JsonObject json() {
        return JsonParser.parseString(text()).getAsJsonObject();
    }
}
