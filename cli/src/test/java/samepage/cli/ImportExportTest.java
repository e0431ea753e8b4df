package samepage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportExportTest {
    @TempDir
    Path directory;

    private Path tree;
    private Path volume;
    private Path out;

    @BeforeEach
    void setUp() {
        tree = directory.resolve("tree");
        volume = directory.resolve("store.samepage");
        out = directory.resolve("out");
    }

    @AfterEach
    void audit() throws InterruptedException {
        // Paths in there are longer than the JDK can remove.
        assertThat(HostCommand.run("rm", "-rf", tree, out, directory.resolve("copy")))
                .isEmpty();
        if (Files.exists(volume)) {
            CommandRun.assertClean(volume);
        }
    }

    @Test
    void export_whatWasImported_isTheSameInEverything() throws IOException {
        TestTree.make(tree, 1);

        CommandRun.done("import", tree, volume);
        CommandRun.done("export", volume, out);

        assertThat(TreeDescription.of(out.resolve("tree"))).isEqualTo(TreeDescription.of(tree));
    }

    @Test
    void export_whatWasImported_rsyncAndDiffFindNothing() throws Exception {
        TestTree.make(tree, 2);
        // diff knows no paths longer than the longest.
        assertThat(HostCommand.run("rm", "-rf", tree.resolve("deep".repeat(20) + "0")))
                .isEmpty();
        CommandRun.done("import", "--no-dedupe", tree, volume);
        CommandRun.done("export", volume + ":/tree", out);

        assertThat(HostCommand.run("diff", "-r", "--no-dereference", "-x", "*device", "-x", "fifo", tree, out))
                .isEmpty();
        assertThat(HostCommand.run("rsync", "-naicHAX", "--checksum", "--devices", "--specials", tree + "/", out + "/"))
                .isEmpty();
    }

    @Test
    void import_asAnotherTime_readsNothingAgain() throws IOException {
        TestTree.make(tree, 3);
        CommandRun.done("import", tree, volume);

        var again = CommandRun.done("import", "--json", tree, volume).json();

        assertThat(again.get("copiedBytes").getAsLong()).isZero();
        assertThat(again.get("addedBytes").getAsLong()).isZero();
        assertThat(again.get("unchangedFiles")).isEqualTo(again.get("files"));
        CommandRun.done("export", volume, out);
        assertThat(TreeDescription.of(out.resolve("tree"))).isEqualTo(TreeDescription.of(tree));
    }

    @Test
    void import_changedFiles_areReplaced() throws IOException {
        Files.createDirectories(tree);
        Files.writeString(tree.resolve("same size"), "before");
        Files.writeString(tree.resolve("longer"), "short");
        Files.writeString(tree.resolve("to link"), "file");
        Files.createSymbolicLink(tree.resolve("to file"), Path.of("longer"));
        Files.writeString(tree.resolve("mode only"), "x");
        Files.writeString(tree.resolve("linked"), "linked");
        Files.createLink(tree.resolve("linked too"), tree.resolve("linked"));
        CommandRun.done("import", tree, volume);

        Files.writeString(tree.resolve("same size"), "after!");
        Files.writeString(tree.resolve("longer"), "much longer than before");
        Files.delete(tree.resolve("to link"));
        Files.createSymbolicLink(tree.resolve("to link"), Path.of("elsewhere"));
        Files.delete(tree.resolve("to file"));
        Files.writeString(tree.resolve("to file"), "file now");
        tree.resolve("mode only").toFile().setExecutable(true);
        Files.delete(tree.resolve("linked too"));
        Files.copy(tree.resolve("linked"), tree.resolve("linked too"));
        Files.setLastModifiedTime(tree.resolve("linked too"), Files.getLastModifiedTime(tree.resolve("linked")));
        CommandRun.done("import", tree, volume);

        CommandRun.done("export", volume, out);
        assertThat(TreeDescription.of(out.resolve("tree"))).isEqualTo(TreeDescription.of(tree));
    }

    @Test
    void import_typeConflicts_areLeftOutAndNamed() throws IOException {
        Files.createDirectories(tree.resolve("directory first"));
        Files.writeString(tree.resolve("file first"), "file");
        CommandRun.done("import", tree, volume);

        Files.delete(tree.resolve("directory first"));
        Files.writeString(tree.resolve("directory first"), "a file now");
        Files.delete(tree.resolve("file first"));
        Files.createDirectories(tree.resolve("file first"));
        Files.writeString(tree.resolve("other"), "is imported");
        var run = CommandRun.of("import", tree, volume);

        assertThat(run.status()).isEqualTo(Main.DONE_IN_PART);
        assertThat(run.errors())
                .contains("/directory first: ")
                .contains("/file first: ")
                .hasLineCount(2);
        assertThat(CommandRun.done("cat", volume + ":/tree/other").text()).isEqualTo("is imported");
        assertThat(CommandRun.done("cat", volume + ":/tree/file first").text()).isEqualTo("file");
    }

    @Test
    void import_missingSource_isRefusedBeforeAnythingIsDone() throws IOException {
        Files.createDirectories(tree);

        var line = CommandRun.refused("import", tree, directory.resolve("no\nsuch"), volume);

        assertThat(line).contains("no\\nsuch: No such file or directory");
        assertThat(volume).doesNotExist();
    }

    @Test
    void import_socket_isLeftOutAndNamed() throws IOException {
        Files.createDirectories(tree);
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(tree.resolve("socket")));

            var run = CommandRun.of("import", "--json", tree, volume);

            assertThat(run.status()).isEqualTo(Main.DONE_IN_PART);
            assertThat(run.errors()).contains("/tree/socket: is a socket");
            var leftOut = run.json().getAsJsonArray("leftOut");
            assertThat(leftOut).hasSize(1);
            assertThat(leftOut.get(0).getAsJsonObject().get("path").getAsString())
                    .endsWith("/tree/socket");
        }
    }

    @Test
    void import_volumeInsideOfSource_isLeftOut() throws IOException {
        Files.createDirectories(tree);
        Files.writeString(tree.resolve("file"), "content");
        volume = tree.resolve("store.samepage");

        var run = CommandRun.of("import", tree, volume);

        assertThat(run.status()).isEqualTo(Main.DONE_IN_PART);
        assertThat(run.errors()).contains("is the volume that is imported into").hasLineCount(1);
        assertThat(CommandRun.done("ls", "-a", volume + ":/tree").text()).isEqualTo("file\n");
        CommandRun.assertClean(volume);
    }

    @Test
    void import_trailingSlash_isTheContent() throws IOException {
        TestTree.make(tree, 4);

        CommandRun.done("import", tree + "/", volume + ":/a/b");
        CommandRun.done("export", volume + ":/a/b", out);

        assertThat(TreeDescription.of(out)).isEqualTo(TreeDescription.of(tree));
    }

    @Test
    void import_hardLinksAcrossSources_areKept() throws IOException {
        var first = Files.createDirectories(directory.resolve("first"));
        var second = Files.createDirectories(directory.resolve("second"));
        Files.writeString(first.resolve("a"), "linked");
        Files.createLink(second.resolve("b"), first.resolve("a"));
        Files.createLink(second.resolve("c"), first.resolve("a"));

        CommandRun.done("import", first, second, second.resolve("c"), volume);

        var a = CommandRun.done("stat", "--json", volume + ":/first/a").json();
        var b = CommandRun.done("stat", "--json", volume + ":/second/b").json();
        assertThat(a.get("inode")).isEqualTo(b.get("inode"));
        assertThat(a.get("links").getAsInt()).isGreaterThanOrEqualTo(3);
    }

    @Test
    void import_symbolicLinkAsSource_staysOneUnlessASlashFollows() throws IOException {
        Files.createDirectories(tree);
        Files.writeString(tree.resolve("file"), "content");
        var link = Files.createSymbolicLink(directory.resolve("link"), tree);

        CommandRun.done("import", link, volume);
        CommandRun.done("import", link + "/", volume + ":/followed");

        assertThat(CommandRun.done("stat", volume + ":/link").text()).contains("symbolic link");
        assertThat(CommandRun.done("cat", volume + ":/followed/file").text()).isEqualTo("content");
    }

    @Test
    void import_duplicates_shareStorage() throws IOException {
        TestTree.make(tree, 5);
        TestTree.make(directory.resolve("copy"), 5);
        CommandRun.done("import", tree, volume);

        var second = CommandRun.done("import", "--json", directory.resolve("copy"), volume)
                .json();

        assertThat(second.get("addedBytes").getAsLong()).isZero();
        assertThat(second.get("sharedBytes").getAsLong()).isGreaterThan(5_000_000);
        CommandRun.done("export", volume, out);
        assertThat(TreeDescription.of(out.resolve("tree"))).isEqualTo(TreeDescription.of(tree));
        assertThat(TreeDescription.of(out.resolve("copy"))).isEqualTo(TreeDescription.of(directory.resolve("copy")));
    }

    @Test
    void import_fileThatGrowsMeanwhile_isNamedAndReadable() throws Exception {
        Files.createDirectories(tree);
        var growing = tree.resolve("growing");
        Files.write(growing, new byte[64 << 20]);
        var writer = Thread.ofPlatform().start(() -> append(growing));
        CommandRun run;
        try {
            run = CommandRun.of("import", "--no-dedupe", tree, volume);
        } finally {
            writer.interrupt();
            writer.join();
        }

        assertThat(run.status()).isEqualTo(Main.DONE_IN_PART);
        assertThat(run.errors()).contains("/growing: changed while it was read");
        var size = CommandRun.done("stat", "--json", volume + ":/tree/growing")
                .json()
                .get("sizeBytes")
                .getAsLong();
        assertThat(CommandRun.done("cat", volume + ":/tree/growing").output()).hasSize((int) size);
    }

    private static void append(Path file) {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Files.writeString(file, "more", StandardOpenOption.APPEND);
                Thread.sleep(1);
            } catch (IOException | InterruptedException e) {
                return;
            }
        }
    }

    @Test
    void import_volumeLocations_thatCannotBe_areRefused() throws IOException {
        Files.createDirectories(tree);
        var file = Files.writeString(directory.resolve("file"), "x");
        var full = Files.createDirectories(directory.resolve("full"));
        Files.writeString(full.resolve("something"), "x");

        assertThat(CommandRun.refused("import", tree, file)).contains("file: is no volume, but a file");
        assertThat(CommandRun.refused("import", tree, full))
                .contains("is no volume, but a directory with something in it");
        assertThat(CommandRun.refused("import", tree, directory.resolve("no/such")))
                .contains("no directory to put it in");
        assertThat(CommandRun.refused("df", file)).contains("is not a Samepage volume");
        assertThat(CommandRun.refused("df", full)).contains("is not a Samepage volume");
        assertThat(CommandRun.refused("df", directory.resolve("none"))).contains("no such volume");
    }

    @Test
    void export_existingFiles_stayUnlessForced() throws IOException {
        Files.createDirectories(tree);
        Files.writeString(tree.resolve("a"), "from the volume");
        Files.writeString(tree.resolve("b"), "from the volume");
        CommandRun.done("import", tree, volume);
        Files.createDirectories(out);
        Files.writeString(out.resolve("a"), "mine");

        var run = CommandRun.of("export", volume + ":/tree", out);

        assertThat(run.status()).isEqualTo(Main.DONE_IN_PART);
        assertThat(run.errors()).contains("/out/a: exists already").hasLineCount(1);
        assertThat(out.resolve("a")).hasContent("mine");
        assertThat(out.resolve("b")).hasContent("from the volume");
        CommandRun.done("export", "--force", volume + ":/tree", out);
        assertThat(out.resolve("a")).hasContent("from the volume");
    }

    @Test
    void export_oneFile_goesToThePathOrIntoTheDirectory() throws IOException {
        Files.createDirectories(tree);
        Files.writeString(tree.resolve("a"), "content");
        Files.setLastModifiedTime(tree.resolve("a"), FileTime.from(Instant.ofEpochSecond(1_000_000_000, 123_456_789)));
        CommandRun.done("import", tree, volume);

        CommandRun.done("export", volume + ":/tree/a", out);
        CommandRun.done("export", volume + ":/tree/a", directory);

        assertThat(out).hasContent("content");
        assertThat(directory.resolve("a")).hasContent("content");
        assertThat(Files.getLastModifiedTime(out)).isEqualTo(Files.getLastModifiedTime(tree.resolve("a")));
    }

    @Test
    void export_partOfHardLinks_linksWhatThereIs() throws IOException {
        TestTree.make(tree, 6);
        CommandRun.done("import", tree, volume);

        CommandRun.done("export", volume + ":/tree/links", out);

        assertThat(Files.getAttribute(out.resolve("a"), "unix:nlink")).isEqualTo(2);
        assertThat(Files.getAttribute(out.resolve("a"), "unix:ino"))
                .isEqualTo(Files.getAttribute(out.resolve("b"), "unix:ino"));
    }

    @Test
    void import_unreadableFile_isLeftOutAndNamed() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "taking permissions away for a child needs root");
        Files.createDirectories(tree);
        Files.writeString(tree.resolve("fine"), "fine");
        Files.writeString(tree.resolve("secret"), "secret");
        assertThat(HostCommand.run("chown", "12345", tree.resolve("secret"))).isEmpty();
        assertThat(HostCommand.run("chmod", "600", tree.resolve("secret"))).isEmpty();
        var child = ChildCommand.withoutOverride(directory, "import", tree.toString(), volume.toString());

        assertThat(child.status()).isEqualTo(Main.DONE_IN_PART);
        assertThat(child.errors()).contains("/tree/secret: Permission denied");
        assertThat(CommandRun.done("cat", volume + ":/tree/fine").output())
                .isEqualTo("fine".getBytes(StandardCharsets.UTF_8));
    }
}
