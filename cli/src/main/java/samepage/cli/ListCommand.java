package samepage.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import samepage.errno.PrintableName;
import samepage.volume.FileType;
import samepage.volume.InodeRecord;

@Command(
        name = "ls",
        header = "List a directory of a volume.",
        description = {
            "",
            "Lists the entries of a directory in the order of their bytes, or a file itself. Bytes that are not printable text are shown as"
                    + " \\xHH and the like.",
            ""
        })
final class ListCommand extends ReportingSubcommand {
    @Parameters(arity = "1..*", paramLabel = "VOLUME[:/PATH]", description = "What to list.")
    private List<String> arguments = new ArrayList<>();

    @Option(
            names = {"-l", "--long"},
            description = "Show type, mode, links, owner, group, size and time of modification, too.")
    private boolean longWanted;

    @Option(
            names = {"-a", "--all"},
            description = "Also entries that begin with a dot.")
    private boolean allWanted;

    @Option(
            names = {"-d", "--directory"},
            description = "List directories themselves, not what is in them.")
    private boolean directoryWanted;

    @Override
    int run() throws IOException {
        var listings = new ArrayList<Map<String, Object>>();
        for (var argument : arguments) {
            var path = VolumePath.existing(argument);
            try (var volume = OpenVolume.toRead(path.volume())) {
                var listed = volume.find(path.path(), !longWanted);
                var entries = listed.isDirectory() && !directoryWanted
                        ? VolumeEntry.sorted(volume, listed.ino(), allWanted)
                        : List.of(new VolumeEntry(path.path(), listed));
                if (isJsonWanted()) {
                    listings.add(object(volume, path, entries));
                } else {
                    print(volume, path, entries);
                }
            }
        }
        if (isJsonWanted()) {
            report(listings.size() == 1 ? listings.getFirst() : Map.of("listings", listings), console -> {});
        }
        return Main.DONE;
    }

    private void print(OpenVolume volume, VolumePath path, List<VolumeEntry> entries) throws IOException {
        if (arguments.size() > 1) {
            console().print(path + ":");
        }
        if (!longWanted) {
            for (var entry : entries) {
                console().print(PrintableName.of(entry.name()));
            }
            return;
        }
        var rows = new ArrayList<List<String>>();
        for (var entry : entries) {
            rows.add(row(volume, entry));
        }
        Columns.rightAligned(1, 4).print(rows, console());
    }

    private static List<String> row(OpenVolume volume, VolumeEntry entry) throws IOException {
        var inode = entry.inode();
        var name = PrintableName.of(entry.name());
        if (inode.type() == FileType.SYMBOLIC_LINK) {
            name += " -> " + PrintableName.of(volume.vfs().readlink(inode.ino()));
        }
        return List.of(
                ModeText.of(inode.mode()),
                Integer.toString(inode.linkCount()),
                Integer.toUnsignedString(inode.uid()),
                Integer.toUnsignedString(inode.gid()),
                sizeOrDevice(inode),
                Moments.toMinutes(inode.modifyTime()),
                name);
    }

    private static String sizeOrDevice(InodeRecord inode) {
        return switch (inode.type()) {
            case CHARACTER_DEVICE, BLOCK_DEVICE ->
                DeviceNumber.major(inode.deviceNumber()) + "," + DeviceNumber.minor(inode.deviceNumber());
            default -> Long.toString(inode.sizeBytes());
        };
    }

    private static Map<String, Object> object(OpenVolume volume, VolumePath path, List<VolumeEntry> entries)
            throws IOException {
        var items = new ArrayList<Map<String, Object>>();
        for (var entry : entries) {
            var item = new LinkedHashMap<String, Object>();
            item.put("name", PrintableName.of(entry.name()));
            StatusText.putInto(item, entry.inode());
            if (entry.inode().type() == FileType.SYMBOLIC_LINK) {
                item.put(
                        "target",
                        PrintableName.of(volume.vfs().readlink(entry.inode().ino())));
            }
            items.add(item);
        }
        var object = new LinkedHashMap<String, Object>();
        object.put("path", PrintableName.of(path.path()));
        object.put("entries", items);
        return object;
    }
}
