package samepage.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Runs the commands once on a small tree, so that the build can record what a start of the program loads and links (its
 * ahead-of-time cache). What the commands answer does not matter here. Its argument is an empty directory to work in, which
 * is empty again afterwards.
 */
final class Training {
    private static final int FILE_BYTES = 300_000;

    private Training() {}

    public static void main(String[] arguments) throws IOException {
        var directory = Path.of(arguments[0]);
        try {
            for (var command : commands(directory, writeTree(directory.resolve("tree")))) {
                var _ = Main.run(command.toArray(String[]::new));
            }
            MountTraining.run(directory);
        } finally {
            empty(directory);
        }
    }

    private static List<List<String>> commands(Path directory, Path tree) {
        var volume = directory.resolve("volume.samepage").toString();
        return List.of(
                List.of("--help"),
                List.of("--version"),
                List.of("import", tree.toString(), volume),
                List.of("dedupe", "--json", volume),
                List.of("ls", volume + ":/"),
                List.of("ls", "-l", volume + ":/tree"),
                List.of("cat", volume + ":/tree/short"),
                List.of("stat", volume + ":/tree/one"),
                List.of("mkdir", volume + ":/made"),
                List.of("clone", volume + ":/tree/one", volume + ":/made/clone"),
                List.of("mv", volume + ":/made/clone", volume + ":/made/moved"),
                List.of("du", volume + ":/"),
                List.of("df", volume),
                List.of("df", "--json", volume),
                List.of(
                        "export",
                        volume + ":/tree",
                        directory.resolve("exported").toString()),
                List.of("check", "--data", volume),
                List.of("dedupe", "--dry-run", directory.resolve("exported").toString()),
                List.of("report"),
                List.of("rm", volume + ":/made/moved"));
    }

    private static Path writeTree(Path tree) throws IOException {
        var content = new byte[FILE_BYTES];
        new Random(1).nextBytes(content);
        Files.createDirectories(tree);
        Files.write(tree.resolve("one"), content);
        Files.write(tree.resolve("two"), content);
        Files.createLink(tree.resolve("linked"), tree.resolve("one"));
        Files.createSymbolicLink(tree.resolve("symbolic"), Path.of("one"));
        Files.writeString(tree.resolve("short"), "same page\n");
        return tree;
    }

    private static void empty(Path directory) throws IOException {
        try (var paths = Files.walk(directory)) {
            var deepestFirst = paths.sorted(Comparator.reverseOrder())
                    .filter(path -> !path.equals(directory))
                    .toList();
            for (var path : deepestFirst) {
                Files.delete(path);
            }
        }
    }
}
