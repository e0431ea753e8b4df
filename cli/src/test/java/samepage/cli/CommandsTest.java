package samepage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    private Path volume;

    @BeforeEach
    void setUp() throws IOException {
        volume = directory.resolve("store.samepage");
        var tree = Files.createDirectories(directory.resolve("tree/sub"));
        var content = new byte[MIB];
        new Random(1).nextBytes(content);
        Files.write(tree.resolve("one"), content);
        Files.write(tree.resolve("two"), content);
        Files.writeString(tree.resolveSibling("b"), "bee\n");
        Files.writeString(tree.resolveSibling("a\nb"), "newline\n");
        Files.writeString(tree.resolveSibling(".hidden"), "hidden\n");
        Files.createSymbolicLink(tree.resolveSibling("link"), Path.of("b"));
        CommandRun.done("import", "--no-dedupe", directory.resolve("tree"), volume);
    }

    @AfterEach
    void audit() {
        CommandRun.assertClean(volume);
    }

    private String inside(String path) {
        return volume + ":" + path;
    }

    @Test
    void ls_directory_isSortedAndEscaped() {
        assertThat(CommandRun.done("ls", inside("/tree")).text()).isEqualTo("a\\nb\nb\nlink\nsub\n");
        assertThat(CommandRun.done("ls", "-a", inside("/tree")).text()).startsWith(".hidden\n");
        assertThat(CommandRun.done("ls", "-l", inside("/tree")).text())
                .containsPattern("(?m)^-rw-r--r--  1 .* 4 .* b$")
                .containsPattern("(?m)^lrwxrwxrwx  1 .* link -> b$")
                .containsPattern("(?m)^drwxr-xr-x  2 .* sub$");
        assertThat(CommandRun.done("ls", volume).text()).isEqualTo("tree\n");
        assertThat(CommandRun.refused("ls", inside("/nope"))).endsWith("/nope: No such file or directory");
    }

    @Test
    void ls_json_isOneObject() {
        var entries = CommandRun.done("ls", "--json", inside("/tree")).json().getAsJsonArray("entries");

        assertThat(entries).hasSize(4);
        assertThat(entries.get(0).getAsJsonObject().get("name").getAsString()).isEqualTo("a\\nb");
    }

    @Test
    void cat_files_writesTheirBytes() throws IOException {
        assertThat(CommandRun.done("cat", inside("/tree/sub/one")).output())
                .isEqualTo(Files.readAllBytes(directory.resolve("tree/sub/one")));
        assertThat(CommandRun.done("cat", inside("/tree/link"), inside("/tree/a\nb"))
                        .text())
                .isEqualTo("bee\nnewline\n");
        assertThat(CommandRun.refused("cat", inside("/tree"))).endsWith("Is a directory");
    }

    @Test
    void stat_file_tellsAllThereIs() {
        var stat =
                CommandRun.done("stat", "--json", "-v", inside("/tree/sub/one")).json();

        assertThat(stat.get("sizeBytes").getAsLong()).isEqualTo(MIB);
        assertThat(stat.getAsJsonArray("extents")).isNotEmpty();
        assertThat(CommandRun.done("stat", "-v", inside("/tree/sub/one")).text())
                .contains("extent at");
        assertThat(CommandRun.done("stat", inside("/tree/link")).text())
                .contains("symbolic link")
                .contains("target");
    }

    @Test
    void dedupe_duplicates_areShared() {
        var deduped = CommandRun.done("dedupe", "--json", volume).json();

        assertThat(deduped.get("sharedBytes").getAsLong()).isEqualTo(MIB);
        assertThat(deduped.get("freedBytes").getAsLong()).isEqualTo(MIB);
        for (var field : Arrays.asList("files", "logicalBytes", "storedBytes", "seconds", "longestStallMillis")) {
            assertThat(deduped.has(field)).as(field).isTrue();
        }
        var usage = CommandRun.done("du", "--json", inside("/tree/sub/one")).json();
        assertThat(usage.get("sharedBytes").getAsLong()).isEqualTo(MIB);
        assertThat(usage.get("exclusiveBytes").getAsLong()).isZero();
        var both = CommandRun.done("du", "--json", inside("/tree/sub")).json();
        assertThat(both.get("logicalBytes").getAsLong()).isEqualTo(2 * MIB);
        assertThat(both.get("storedBytes").getAsLong()).isEqualTo(MIB);
        assertThat(both.get("exclusiveBytes").getAsLong()).isEqualTo(MIB);
    }

    /** Better than to ignore them. */
    @Test
    void dedupe_ofAVolumeWithOptionsForDirectories_isRefused() {
        assertThat(CommandRun.refused("dedupe", "--memory", "64M", volume)).contains("--memory", "not for a volume");
        assertThat(CommandRun.refused("dedupe", "--watch", volume)).contains("--watch", "mounted volume");
        assertThat(CommandRun.refused("dedupe", "-n", inside("/tree/b"))).contains("--dry-run", "leave it out");
    }

    @Test
    void dedupe_within_leavesOthersAlone() {
        CommandRun.done("clone", inside("/tree/b"), inside("/apart"));
        var deduped = CommandRun.done("dedupe", "--json", inside("/tree/b")).json();

        assertThat(deduped.get("files").getAsLong()).isEqualTo(1);
        assertThat(deduped.get("sharedBytes").getAsLong()).isZero();
    }

    @Test
    void clone_fileAndTree_sharesAndKeepsAttributes() {
        var before = CommandRun.done("df", "--json", volume).json();
        CommandRun.done("clone", inside("/tree"), inside("/copy"));
        CommandRun.done("clone", inside("/tree/sub/one"), inside("/copy/sub/three"));

        var after = CommandRun.done("df", "--json", volume).json();
        assertThat(after.get("storedBytes")).isEqualTo(before.get("storedBytes"));
        assertThat(after.get("logicalBytes").getAsLong())
                .isGreaterThan(2 * before.get("logicalBytes").getAsLong());
        assertThat(CommandRun.done("cat", inside("/copy/sub/three")).output())
                .isEqualTo(CommandRun.done("cat", inside("/tree/sub/one")).output());
        assertThat(CommandRun.done("ls", "-la", inside("/copy")).text())
                .isEqualTo(CommandRun.done("ls", "-la", inside("/tree")).text());
        assertThat(CommandRun.refused("clone", inside("/tree/b"), inside("/copy/sub/three")))
                .endsWith("File exists");
        assertThat(CommandRun.refused("clone", inside("/tree"), inside("/tree/sub/x")))
                .endsWith("Invalid argument");
    }

    @Test
    void mkdirMoveRemove_doWhatTheySay() {
        assertThat(CommandRun.refused("mkdir", inside("/x/y"))).endsWith("/x/y: No such file or directory");
        CommandRun.done("mkdir", "-p", inside("/x/y"));
        CommandRun.done("mkdir", "-p", inside("/x/y"));
        assertThat(CommandRun.refused("mkdir", inside("/x"))).endsWith("/x: File exists");
        CommandRun.done("mv", inside("/tree/b"), inside("/x"));
        CommandRun.done("mv", inside("/x/b"), inside("/x/c"));
        assertThat(CommandRun.done("cat", inside("/x/c")).text()).isEqualTo("bee\n");
        assertThat(CommandRun.refused("mv", inside("/x"), inside("/x/y"))).endsWith("Invalid argument");
        assertThat(CommandRun.refused("rm", inside("/x"))).endsWith("/x: Is a directory");
        assertThat(CommandRun.refused("rm", inside("/nope"))).endsWith("/nope: No such file or directory");
        CommandRun.done("rm", "-f", inside("/nope"));
        CommandRun.done("rm", "-r", inside("/tree"), inside("/x"));
        assertThat(CommandRun.done("ls", "-a", volume).text()).isEmpty();
        assertThat(CommandRun.done("df", "--json", volume)
                        .json()
                        .get("storedBytes")
                        .getAsLong())
                .isZero();
        assertThat(CommandRun.refused("rm", "-r", inside("/"))).contains(volume.toString());
    }

    @Test
    void df_volume_tellsInWordsAndFigures() {
        var space = CommandRun.done("df", "--json", volume).json();

        for (var field : Arrays.asList("logicalBytes", "storedBytes", "deviceBytes")) {
            assertThat(space.get(field).getAsLong()).as(field).isGreaterThan(2 * MIB);
        }
        assertThat(CommandRun.done("df", volume).text()).contains("logical").contains("MiB");
    }

    @Test
    void check_damagedBlock_namesTheFilesItIsIn() throws IOException {
        CommandRun.done("dedupe", volume);
        var extent = CommandRun.done("stat", "--json", "-v", inside("/tree/sub/one"))
                .json()
                .getAsJsonArray("extents")
                .get(0)
                .getAsJsonObject();
        var offset = extent.get("deviceOffsetBytes").getAsLong() + 8192;
        var data = volume.resolve("data");
        var original = new byte[1];
        try (var file = new RandomAccessFile(data.toFile(), "rw")) {
            file.seek(offset);
            original[0] = file.readByte();
            file.seek(offset);
            file.write(original[0] ^ 1);
        }

        var run = CommandRun.of("check", "--data", volume);
        var asJson = CommandRun.of("check", "--data", "--json", volume);

        assertThat(run.status()).isEqualTo(Main.DONE_IN_PART);
        assertThat(run.text())
                .contains("/tree/sub/one: 4.0 KiB at offset 8192 damaged")
                .contains("/tree/sub/two: ");
        assertThat(asJson.json().get("clean").getAsBoolean()).isFalse();
        assertThat(asJson.json().getAsJsonArray("damaged")).hasSize(2);
        assertThat(CommandRun.done("check", volume).text()).contains("is whole");
        assertThat(CommandRun.of("cat", inside("/tree/sub/one")).errors()).contains("Input/output error");
        try (var file = new RandomAccessFile(data.toFile(), "rw")) {
            file.seek(offset);
            file.write(original[0]);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "import",
                "export",
                "dedupe",
                "clone",
                "ls",
                "cat",
                "stat",
                "mkdir",
                "mv",
                "rm",
                "df",
                "du",
                "check",
                "completion"
            })
    void help_ofEachCommand_tellsItsUsage(String command) {
        assertThat(CommandRun.done(command, "--help").text()).contains("Usage: samepage " + command);
    }

    @Test
    void misuse_ofAnyKind_isOneLine() {
        assertThat(CommandRun.refused("frob")).isEqualTo("samepage: there is no command frob; see 'samepage --help'");
        assertThat(CommandRun.refused("ls", "--frob", volume)).contains("there is no option --frob");
        assertThat(CommandRun.refused("import", volume)).contains("VOLUME[:/DIR]");
        assertThat(CommandRun.refused("df", volume, "x")).contains("one argument too many");
        assertThat(CommandRun.refused("mv", inside("/tree/b"), directory + "/other:/b"))
                .contains("not in the same volume");
        assertThat(CommandRun.refused()).contains("samepage --help");
    }

    @Test
    void refusal_withJson_isOneObject() {
        var run = CommandRun.of("df", "--json", directory.resolve("none"));

        assertThat(run.status()).isEqualTo(Main.REFUSED);
        assertThat(run.json().get("error").getAsString()).contains("no such volume");
    }

    @Test
    void volumePath_withSeparatorInside_isFound() throws IOException {
        var odd = Files.createDirectories(directory.resolve("odd:")).resolve("store");
        CommandRun.done("import", directory.resolve("tree/b"), odd + ":/into:/this");

        assertThat(CommandRun.done("ls", odd + ":/into:").text()).isEqualTo("this\n");
        assertThat(CommandRun.done("cat", odd + ":/into:/this/b").output())
                .isEqualTo("bee\n".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void volumePath_notUtf8_works() {
        var odd = directory + "/odd\udcff";
        CommandRun.done("import", directory.resolve("tree/b"), odd);

        assertThat(CommandRun.done("cat", odd + ":/b").text()).isEqualTo("bee\n");
        assertThat(CommandRun.done("check", "--data", odd).text()).contains("odd\\xff is whole");
    }

    @Test
    void completion_isAScriptForBash() throws InterruptedException, IOException {
        var script = Files.write(
                directory.resolve("completion"), CommandRun.done("completion").output());

        assertThat(HostCommand.run("bash", "-n", script)).isEmpty();
    }
}
