package samepage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What must not harm, mislead or stop a dedupe of a tree, as its user sees it. */
@Timeout(180)
class TreeGuardsTest {
    private static final int KIB = 1024;
    private static final int FILE_BYTES = 40 * KIB;

    @TempDir
    Path directory;

    private LoopFileSystem mounted;
    private Path tree;
    private Path index;
    private Path scratch;

    @BeforeEach
    void setUp() throws Exception {
        mounted = LoopFileSystem.mount("xfs");
        tree = Files.createDirectory(mounted.directory.resolve("tree"));
        index = directory.resolve("index");
        scratch = Files.createDirectory(directory.resolve("scratch"));
    }

    @AfterEach
    void unmount() throws IOException {
        mounted.close();
    }

    private static byte[] bytes(long seed) {
        var bytes = new byte[FILE_BYTES];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private Map<String, Long> look() throws IOException {
        var seen = new TreeMap<String, Long>();
        try (var paths = Files.walk(tree)) {
            for (var path : paths.filter(Files::isRegularFile).toList()) {
                var sum = new CRC32C();
                sum.update(Files.readAllBytes(path));
                seen.put(tree.relativize(path).toString(), sum.getValue());
            }
        }
        return seen;
    }

    private Process start(List<String> before, String... arguments) throws IOException {
        var line = new ArrayList<>(before);
        line.addAll(ChildCommand.line(scratch, arguments));
        return new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("output").toFile())
                .start();
    }

    private String output() throws IOException {
        return ChildCommand.text(scratch.resolve("output"));
    }

    @Test
    void ordinaryUser_whatMayNotBeReadOrShared_isToldAndTheRestIsDone() throws Exception {
        for (var name : List.of("mine1", "mine2", "others", "unreadable")) {
            Files.write(tree.resolve(name), bytes(1));
        }
        var closed = Files.createDirectory(tree.resolve("closed"));
        Files.write(closed.resolve("file"), bytes(1));
        LoopFileSystem.run("chown", "1234:1234", tree.resolve("others").toString());
        LoopFileSystem.run("chown", "1234:1234", tree.resolve("unreadable").toString());
        LoopFileSystem.run("chown", "1234:1234", closed.toString());
        LoopFileSystem.run("chmod", "600", tree.resolve("unreadable").toString());
        LoopFileSystem.run("chmod", "700", closed.toString());
        var before = look();

        // Without any capability root is a user as any other.
        var process = start(
                List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"),
                "dedupe",
                "--index",
                index.toString(),
                tree.toString());

        assertThat(process.waitFor()).as(output()).isEqualTo(Main.DONE_IN_PART);
        assertThat(output().lines().filter(line -> line.startsWith("samepage: ")))
                .as(output())
                .hasSize(3)
                .anyMatch(line -> line.contains("/closed: Permission denied"))
                .anyMatch(line -> line.contains("/unreadable: Permission denied"))
                .anyMatch(line -> line.contains("/others: Operation not permitted"));
        assertThat(output()).contains("shared 40.0 KiB");
        assertThat(look()).isEqualTo(before);
    }

    @Test
    void namesOfAnyBytes_doNotBreakTheOutput() throws Exception {
        var script =
                "cd %s && for n in $'a\\n\\e[31mred' $'\\xff\\xfe' $'tab\\there' '<b>&\"x' $'\\xe2\\x80\\xaeback'; do"
                                .formatted(tree)
                        + " cp %s \"$n\" && cp %s \"2$n\" && chattr +i \"$n\"; done"
                                .formatted(
                                        Files.write(directory.resolve("content"), bytes(1)),
                                        directory.resolve("content"));
        LoopFileSystem.run("bash", "-c", script);
        try {
            var run = CommandRun.of("dedupe", "--index", index, tree);
            assertThat(run.status()).isEqualTo(Main.DONE_IN_PART);
            assertPrintable(run.errors() + run.text());
            // One of the five that may not change can be the file that others share with.
            assertThat(run.errors().lines().count()).isBetween(4L, 5L);
            assertThat(run.errors()
                            + CommandRun.done("report", "--index", index).text())
                    .contains("a\\n\\x1b[31mred", "\\xff\\xfe", "tab\\there");
            var json = CommandRun.of("dedupe", "--json", "--index", directory.resolve("second"), tree);
            assertPrintable(json.errors() + json.text());
            assertThat(json.json().get("files").getAsInt()).isEqualTo(10);
            assertPrintable(CommandRun.done("report", "--index", index).text());
            assertPrintable(
                    CommandRun.done("report", "--json", "--index", index).text());
            var page = directory.resolve("page.html");
            CommandRun.done("report", "--html", page, "--index", index);
            assertPrintable(Files.readString(page));
            assertThat(Files.readString(page)).doesNotContain("<b>&\"x").contains("&lt;b&gt;&amp;&quot;x");
        } finally {
            LoopFileSystem.run("chattr", "-R", "-i", tree.toString());
        }
    }

    /** No byte reaches a terminal that means something to it but the end of a line. */
    private static void assertPrintable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            assertThat(Character.isISOControl(c) && c != '\n')
                    .as("%s at %d", text, i)
                    .isFalse();
            assertThat(Character.getType(c)).as("%s at %d", text, i).isNotEqualTo((int) Character.FORMAT);
            assertThat(c).as("%s at %d", text, i).isNotEqualTo('\ufffd');
        }
    }

    @Test
    void filesFromStandardInput_endedByNul_takeAnyName() throws Exception {
        for (int i = 0; i < 3; i++) {
            Files.write(tree.resolve("not-named" + i), bytes(1));
        }
        var script =
                "T=%s; cp --reflink=never $T/not-named0 $T/$'odd\\n\\xff' && cp --reflink=never $T/not-named0 \"$T/ spaced \" && "
                                .formatted(tree)
                        + "printf '%s\\0' $T/$'odd\\n\\xff' \"$T/ spaced \" | "
                        + String.join(
                                " ",
                                ChildCommand.line(
                                        scratch,
                                        "dedupe",
                                        "--json",
                                        "--index",
                                        index.toString(),
                                        "--files-from",
                                        "-",
                                        "--null"));
        var json =
                JsonParser.parseString(LoopFileSystem.run("bash", "-c", script)).getAsJsonObject();
        assertThat(json.get("readFiles").getAsInt()).isEqualTo(2);
        assertThat(json.get("sharedBytes").getAsInt()).isEqualTo(FILE_BYTES);
    }

    @Test
    void twoRunsOnOneIndex_secondIsRefusedWithOneLine_firstGoesOn() throws Exception {
        for (int i = 0; i < 100; i++) {
            Files.write(tree.resolve("file" + i), bytes(i / 2));
        }
        var first = start(List.of(), "dedupe", "--rate", "1M", "--index", index.toString(), tree.toString());
        while (first.isAlive() && !Files.exists(index.resolve("store"))) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertThat(CommandRun.refused("dedupe", "--index", index, tree))
                .contains(index.toString(), "another run", "wait for it");
        assertThat(first.waitFor()).as(output()).isEqualTo(Main.DONE);
        assertThat(output()).contains("shared 2.0 MiB");
    }

    /** Each file of the index in turn gets bytes that nobody wrote; whatever they meant, the run finds and shares all. */
    @Test
    void damagedIndex_bytesFlipped_isMadeAnewAndNotTrusted() throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 40; i++) {
            Files.write(tree.resolve("file" + i), bytes(i / 2));
        }
        dedupe(40);
        int added = 0;
        for (var name : storeFiles()) {
            var file = index.resolve("store").resolve(name);
            if (!Files.exists(file) || Files.size(file) == 0) {
                continue;
            }
            flip(file, random);
            Files.write(tree.resolve("added" + added), bytes(added % 20));
            added++;
            var before = look();

            var run = CommandRun.of("dedupe", "--json", "--index", index, tree);

            assertThat(run.status())
                    .as("seed=%d %s %s", seed, name, run.errors())
                    .isEqualTo(Main.DONE);
            assertThat(run.json().get("sharedBytes").getAsLong())
                    .as("seed=%d %s", seed, name)
                    .isBetween((long) FILE_BYTES, 3L * FILE_BYTES);
            assertThat(look()).isEqualTo(before);
            dedupe(40 + added);
        }
        assertThat(added).isGreaterThan(3);
    }

    private void dedupe(int files) {
        var run = CommandRun.of("dedupe", "--json", "--index", index, tree);
        assertThat(run.status()).as(run.errors()).isEqualTo(Main.DONE);
        assertThat(run.json().get("files").getAsInt()).isEqualTo(files);
    }

    private List<String> storeFiles() throws IOException {
        try (var files = Files.list(index.resolve("store"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static void flip(Path file, Random random) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (int i = 0; i < Math.max(8, channel.size() / 50); i++) {
                long at = Math.floorMod(random.nextLong(), channel.size());
                var one = ByteBuffer.allocate(1);
                channel.read(one, at);
                one.put(0, (byte) (one.get(0) ^ (1 + random.nextInt(255)))).rewind();
                channel.write(one, at);
            }
        }
    }

    @Test
    void noRoomForTheIndex_isOneLineThatSaysWhereAndWhatToDo() throws Exception {
        for (int i = 0; i < 1000; i++) {
            Files.write(tree.resolve("file" + i), bytes(i));
        }
        var small = Files.createDirectory(directory.resolve("small"));
        LoopFileSystem.run("mount", "-t", "tmpfs", "-o", "size=100k", "none", small.toString());
        try {
            var line = CommandRun.refused("dedupe", "--index", small.resolve("index"), tree);
            assertThat(line).contains(small.toString(), "No space left on device", "--index");
        } finally {
            LoopFileSystem.run("umount", small.toString());
        }
    }

    @Test
    void pathThatIsNot_isRefusedWithOneLine() {
        assertThat(CommandRun.refused("dedupe", "--index", index, tree.resolve("missing")))
                .contains("missing", "No such file or directory");
        assertThat(CommandRun.refused("dedupe", "--index", index, "/dev/null")).contains("/dev/null", "neither");
        assertThat(CommandRun.refused("dedupe", "--index", index, tree, "/proc"))
                .contains("/proc");
    }

    @Test
    void aFileInsteadOfADirectory_isLookedAtAlone() throws Exception {
        var file = Files.write(tree.resolve("one"), new byte[0]);
        for (int i = 0; i < 4; i++) {
            Files.write(file, bytes(1), StandardOpenOption.APPEND);
        }
        var run = CommandRun.done("dedupe", "--json", "--index", index, file);
        assertThat(run.json().get("files").getAsInt()).isEqualTo(1);
        assertThat(run.json().get("sharedBytes").getAsInt()).isEqualTo(3 * FILE_BYTES);
        assertThat(new String(Files.readAllBytes(index.resolve("history.jsonl")), StandardCharsets.UTF_8))
                .hasLineCount(1);
    }
}
