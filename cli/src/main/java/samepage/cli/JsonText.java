package samepage.cli;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Results as JSON: maps, lists, strings, numbers, truth values and null. Names of files are given to it as
 * {@link samepage.errno.PrintableName} text, so that any name has one and names differ where their bytes do.
 */
final class JsonText {
    private JsonText() {}

    static String of(Map<String, ?> object) {
        var text = new StringWriter();
        try (var writer = new JsonWriter(text)) {
            writer.setIndent("  ");
            write(writer, object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** The object on one line. */
    static String lineOf(Map<String, ?> object) {
        var text = new StringWriter();
        try (var writer = new JsonWriter(text)) {
            write(writer, object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void write(JsonWriter writer, @Nullable Object value) throws IOException {
        switch (value) {
            case null -> writer.nullValue();
            case Map<?, ?> map -> {
                writer.beginObject();
                for (var entry : map.entrySet()) {
                    writer.name(String.valueOf(entry.getKey()));
                    write(writer, entry.getValue());
                }
                writer.endObject();
            }
            case List<?> list -> {
                writer.beginArray();
                for (var element : list) {
                    write(writer, element);
                }
                writer.endArray();
            }
            case Number number -> writer.value(number);
            case Boolean truth -> writer.value(truth);
            default -> writer.value(value.toString());
        }
    }
}
