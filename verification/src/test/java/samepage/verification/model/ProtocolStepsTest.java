package samepage.verification.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The document names methods of the code: they must be there. */
class ProtocolStepsTest {
    private static final Pattern METHOD = Pattern.compile("`([A-Z]\\w+)\\.([a-z]\\w+)`");
    private static final List<String> ROOMS = List.of("remap", "inode", "io", "pagecache", "volume", "lock", "vfs");

    @Test
    void methods_namedInTheDocument_areInTheCode() throws IOException {
        String document = Files.readString(Path.of("..", "docs", "protocol.md"));
        String steps = document.substring(document.indexOf("## The steps"), document.indexOf("## Counterexamples"));

        var missing = METHOD.matcher(steps)
                .results()
                .filter(name -> !isInTheCode(name.group(1), name.group(2)))
                .map(name -> name.group())
                .toList();

        assertThat(METHOD.matcher(steps).results().count()).isGreaterThan(20);
        assertThat(missing).isEmpty();
    }

    private static boolean isInTheCode(String type, String method) {
        return ROOMS.stream()
                .map(room -> find("samepage." + room + "." + type))
                .flatMap(Optional::stream)
                .flatMap(found -> Arrays.stream(found.getDeclaredMethods()))
                .map(Method::getName)
                .anyMatch(method::equals);
    }

    private static Optional<Class<?>> find(String name) {
        try {
            return Optional.of(Class.forName(name, false, ProtocolStepsTest.class.getClassLoader()));
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        }
    }
}
