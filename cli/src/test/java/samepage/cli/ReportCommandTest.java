package samepage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {
    @TempDir
    Path directory;

    private Path index() throws Exception {
        var index = Files.createDirectory(directory.resolve("index"));
        var lines = new ArrayList<String>();
        for (int run = 0; run < 6; run++) {
            lines.add(String.format(
                    Locale.ROOT,
                    "{\"time\":\"2026-11-%02dT02:00:00Z\",\"paths\":[\"/srv/data\"],\"files\":109572,\"bytes\":2545478832,"
                            + "\"readBytes\":%d,\"sharedBytes\":%d,\"freedBytes\":%d,\"usedBytes\":%d,\"seconds\":%.1f,"
                            + "\"longestStallMillis\":12.5,\"groups\":[{\"source\":\"/srv/data/a/lib<b>%d\",\"target\":"
                            + "\"/srv/data/b/x/lib%d\",\"bytes\":%d}]}",
                    10 + run,
                    2_500_000_000L >> (2 * run),
                    1_500_000_000L >> (2 * run),
                    1_550_000_000L >> (2 * run),
                    1_450_000_000L + run * 90_000_000L,
                    12.0 / (run + 1),
                    run,
                    run,
                    140_000_000L >> run));
        }
        lines.add("{\"time\":\"2026-11-17T0");
        Files.write(index.resolve("history.jsonl"), lines);
        return index;
    }

    @Test
    void text_tellsRunsAndWhatIsSharedWithWhat() throws Exception {
        var text = CommandRun.done("report", "--index", index()).text();
        assertThat(text)
                .contains("/srv/data: freed 1.9 GiB in 6 runs")
                .contains("/srv/data/b/x/lib0  with  /srv/data/a/lib");
    }

    @Test
    void json_hasAllRuns() throws Exception {
        var json = CommandRun.done("report", "--json", "--index", index()).json();
        var tree = json.getAsJsonArray("trees").get(0).getAsJsonObject();
        assertThat(tree.getAsJsonArray("runs")).hasSize(6);
        assertThat(tree.get("usedBytes").getAsLong()).isEqualTo(1_900_000_000L);
    }

    @Test
    void html_refersToNothingElse_andEscapesNames() throws Exception {
        var page = directory.resolve("report.html");
        CommandRun.done("report", "--html", page, "--index", index());
        var html = Files.readString(page);
        assertThat(html)
                .startsWith("<!doctype html>")
                .contains("<svg", "lib&lt;b&gt;0")
                .doesNotContain("lib<b>");
        for (var outside : List.of("src=", "href=", "url(", "@import", "<script")) {
            assertThat(html).doesNotContain(outside);
        }
    }

    /** A watch adds a line for each time that something changed. */
    @Test
    void history_ofManyRuns_staysShortAndLosesNoSum() throws Exception {
        var index = index();
        var line = Files.readAllLines(index.resolve("history.jsonl")).getFirst();
        Files.delete(index.resolve("history.jsonl"));
        try (var place = IndexPlace.take(index)) {
            for (int run = 0; run < 2500; run++) {
                place.addToHistory(line);
            }
        }
        assertThat(IndexPlace.history(index)).hasSizeLessThan(1100);
        var history = TreeHistory.at(index).getFirst();
        assertThat(history.freedBytes()).isEqualTo(2500 * 1_550_000_000L);
        assertThat(history.sharedBytes()).isEqualTo(2500 * 1_500_000_000L);
        assertThat(history.runs().getLast().usedBytes()).isEqualTo(1_450_000_000L);
    }

    @Test
    void noRunYet_saysSo() {
        assertThat(CommandRun.done("report", "--index", directory).text()).contains("no dedupe");
    }
}
