package samepage.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
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
        name = "stat",
        header = "Show all that is known of a file.",
        description = {"", "A symbolic link stands for itself, unless the path ends in a slash.", ""})
final class StatCommand extends ReportingSubcommand {
    @Parameters(arity = "1..*", paramLabel = "VOLUME:/PATH", description = "What to show.")
    private List<String> arguments = new ArrayList<>();

    @Option(
            names = {"-v", "--extents"},
            description = "Also where its content is stored, and how many places share each piece.")
    private boolean extentsWanted;

    @Override
    int run() throws IOException {
        var objects = new ArrayList<Map<String, Object>>();
        for (var argument : arguments) {
            var path = VolumePath.existing(argument);
            try (var volume = OpenVolume.toRead(path.volume())) {
                var inode = volume.find(path.path());
                var object = new LinkedHashMap<String, Object>();
                object.put("path", PrintableName.of(path.path()));
                StatusText.putInto(object, inode);
                putStorage(object, volume, inode);
                objects.add(object);
                if (!isJsonWanted()) {
                    print(object, volume, inode, path);
                }
            }
        }
        if (isJsonWanted()) {
            report(objects.size() == 1 ? objects.getFirst() : Map.of("files", objects), console -> {});
        }
        return Main.DONE;
    }

    private void putStorage(Map<String, Object> object, OpenVolume volume, InodeRecord inode) throws IOException {
        object.put("allocatedBytes", inode.mappedBlocks() * volume.volume().blockSize());
        if (inode.type() == FileType.SYMBOLIC_LINK) {
            object.put("target", PrintableName.of(volume.vfs().readlink(inode.ino())));
        }
        var xattrs = new LinkedHashMap<String, Object>();
        for (var name : volume.vfs().listXattrs(OpenVolume.PRIVILEGED, inode.ino())) {
            var value = volume.vfs().getXattr(OpenVolume.PRIVILEGED, inode.ino(), name);
            xattrs.put(PrintableName.of(name), PrintableName.of(value));
        }
        object.put("xattrs", xattrs);
        if (extentsWanted) {
            var extents = new ArrayList<Map<String, Object>>();
            for (var piece : StoredPiece.of(volume, inode)) {
                var extent = new LinkedHashMap<String, Object>();
                extent.put("offsetBytes", piece.offsetBytes());
                extent.put("lengthBytes", piece.lengthBytes());
                extent.put("deviceOffsetBytes", piece.deviceOffsetBytes());
                extent.put("written", piece.written());
                extent.put("references", piece.references());
                extents.add(extent);
            }
            object.put("extents", extents);
        }
    }

    private void print(Map<String, Object> object, OpenVolume volume, InodeRecord inode, VolumePath path)
            throws IOException {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("path", path.toString()));
        rows.add(List.of("type", ModeText.type(inode.type())));
        if (object.containsKey("target")) {
            rows.add(List.of("target", String.valueOf(object.get("target"))));
        }
        if (object.containsKey("deviceMajor")) {
            rows.add(List.of("device", object.get("deviceMajor") + ", " + object.get("deviceMinor")));
        }
        rows.add(List.of("size", inode.sizeBytes() + " bytes"));
        rows.add(List.of("allocated", object.get("allocatedBytes") + " bytes"));
        rows.add(List.of("inode", Long.toString(inode.ino())));
        rows.add(List.of("links", Integer.toString(inode.linkCount())));
        rows.add(List.of("mode", StatusText.octal(inode) + " (" + ModeText.of(inode.mode()) + ")"));
        rows.add(List.of(
                "owner", Integer.toUnsignedString(inode.uid()) + ", group " + Integer.toUnsignedString(inode.gid())));
        rows.add(List.of("accessed", Moments.exact(inode.accessTime())));
        rows.add(List.of("modified", Moments.exact(inode.modifyTime())));
        rows.add(List.of("changed", Moments.exact(inode.changeTime())));
        rows.add(List.of("born", Moments.exact(inode.birthTime())));
        if (object.get("xattrs") instanceof Map<?, ?> xattrs) {
            xattrs.forEach((name, value) -> rows.add(List.of("attribute", name + " = " + value)));
        }
        Columns.rightAligned().print(rows, console());
        if (extentsWanted) {
            printExtents(StoredPiece.of(volume, inode));
        }
    }

    private void printExtents(List<StoredPiece> pieces) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("extent at", "bytes", "stored at", "references"));
        for (var piece : pieces) {
            rows.add(Arrays.asList(
                    Long.toString(piece.offsetBytes()),
                    Long.toString(piece.lengthBytes()),
                    Long.toString(piece.deviceOffsetBytes()),
                    piece.references() + (piece.written() ? "" : ", not written yet")));
        }
        Columns.rightAligned(0, 1, 2).print(rows, console());
    }
}
