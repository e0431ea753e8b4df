package samepage.cli;

import static samepage.cli.HumanText.size;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import samepage.errno.PrintableName;

@Command(
        name = "du",
        header = "Show what trees of a volume take.",
        description = {
            "",
            "Logical is the size of the files, stored what is kept of it, shared the part of that which more than one place in the volume"
                    + " refers to, and exclusive the part that only this tree refers to: what its removal would free. Each file counts once,"
                    + " however many names it has.",
            ""
        })
final class UsageCommand extends ReportingSubcommand {
    @Parameters(arity = "1..*", paramLabel = "VOLUME[:/PATH]", description = "Where the trees begin.")
    private List<String> arguments = new ArrayList<>();

    @Override
    int run() throws IOException {
        var objects = new ArrayList<Map<String, Object>>();
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("logical", "stored", "shared", "exclusive", "files", ""));
        for (var argument : arguments) {
            var path = VolumePath.existing(argument);
            try (var volume = OpenVolume.toRead(path.volume())) {
                var usage = TreeUsage.of(volume, volume.find(path.path()));
                rows.add(List.of(
                        size(usage.logicalBytes()),
                        size(usage.storedBytes()),
                        size(usage.sharedBytes()),
                        size(usage.exclusiveBytes()),
                        HumanText.number(usage.files()),
                        path.toString()));
                var object = new LinkedHashMap<String, Object>();
                object.put("path", PrintableName.of(path.path()));
                object.put("files", usage.files());
                object.put("directories", usage.directories());
                object.put("logicalBytes", usage.logicalBytes());
                object.put("storedBytes", usage.storedBytes());
                object.put("sharedBytes", usage.sharedBytes());
                object.put("exclusiveBytes", usage.exclusiveBytes());
                objects.add(object);
            }
        }
        report(
                objects.size() == 1 ? objects.getFirst() : Map.of("trees", objects),
                console -> Columns.rightAligned(0, 1, 2, 3, 4).print(rows, console));
        return Main.DONE;
    }
}
