package samepage.cli;

import static samepage.cli.HumanText.size;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "df",
        header = "Show how full a volume is and what sharing saves.",
        description = {
            "",
            "Logical is what the files hold, each for itself; stored is what is kept of it, as the same bytes are kept once; shared is"
                    + " the part of it that more than one place in files refers to.",
            ""
        })
final class SpaceCommand extends ReportingSubcommand {
    @Parameters(paramLabel = "VOLUME", description = "The volume.")
    private String argument = "";

    @Override
    int run() throws IOException {
        var path = VolumePath.existing(argument);
        try (var open = OpenVolume.toRead(path.volume())) {
            var volume = open.volume();
            long blockSize = volume.blockSize();
            var usage = volume.usage();
            var logicalBytes = usage.mappedBlocks() * blockSize;
            var storedBytes = usage.storedBlocks() * blockSize;
            var sharedBytes = usage.sharedBlocks() * blockSize;
            var freeBytes = volume.availableBlocks() * blockSize;
            var deviceBytes = volume.deviceBytes();

            var object = new LinkedHashMap<String, Object>();
            object.put("logicalBytes", logicalBytes);
            object.put("storedBytes", storedBytes);
            object.put("sharedBytes", sharedBytes);
            object.put("savedBytes", usage.savedBlocks() * blockSize);
            object.put("freeBytes", freeBytes);
            object.put("deviceBytes", deviceBytes);
            object.put("inodes", usage.inodeCount());
            object.put("blockSizeBytes", blockSize);
            report(
                    object,
                    console -> Columns.rightAligned(1)
                            .print(
                                    List.of(
                                            List.of("logical", size(logicalBytes), "what the files hold"),
                                            List.of(
                                                    "stored",
                                                    size(storedBytes),
                                                    "what is kept of it" + saved(logicalBytes, storedBytes)),
                                            List.of(
                                                    "shared",
                                                    size(sharedBytes),
                                                    "of what is stored, used by more than one place"),
                                            List.of("on disk", size(deviceBytes), "what the volume takes, all told"),
                                            List.of("free", size(freeBytes), "what could still be stored"),
                                            List.of(
                                                    "inodes",
                                                    HumanText.number(usage.inodeCount()),
                                                    "files, directories and the like")),
                                    console));
        }
        return Main.DONE;
    }

    private static String saved(long logicalBytes, long storedBytes) {
        return storedBytes >= logicalBytes
                ? ""
                : ": sharing saves " + size(logicalBytes - storedBytes) + ", "
                        + 100 * (logicalBytes - storedBytes) / logicalBytes + "%";
    }
}
