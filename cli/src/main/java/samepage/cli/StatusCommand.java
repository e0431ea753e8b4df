package samepage.cli;

import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import samepage.errno.PrintableName;

@Command(name = "status", header = "Show whether a volume is mounted, where, and what sharing saves.", description = "")
final class StatusCommand extends ReportingSubcommand {
    @Parameters(paramLabel = "VOLUME|DIR", description = "The volume, or a directory it is mounted at.")
    private String argument = "";

    @Override
    int run() throws IOException {
        var path = VolumePath.existing(argument);
        try (var open = OpenVolume.toRead(path.volume())) {
            var usage = open.volume().usage();
            long blockSize = open.volume().blockSize();
            var logicalBytes = usage.mappedBlocks() * blockSize;
            var storedBytes = usage.storedBlocks() * blockSize;
            var live = LiveVolume.current();

            var object = new LinkedHashMap<String, Object>();
            object.put("volume", PrintableName.of(path.volume()));
            object.put("mounted", live != null);
            if (live != null) {
                object.put("mountPoint", live.facts().mountPoint());
                object.put(
                        "since",
                        live.facts().since().truncatedTo(ChronoUnit.SECONDS).toString());
                object.put("process", ProcessHandle.current().pid());
                object.put("openFiles", live.mount().openFileCount());
            }
            var sharing = live == null ? null : live.sharing();
            if (sharing != null) {
                var totals = sharing.totals();
                object.put("backgroundPasses", totals.passes());
                object.put("backgroundSharedBytes", totals.sharedBytes());
                object.put("backgroundFreedBytes", totals.freedBytes());
                object.put("backgroundLongestStallMillis", HumanText.millis(totals.longestStall()));
            }
            object.put("logicalBytes", logicalBytes);
            object.put("storedBytes", storedBytes);
            object.put("savedBytes", usage.savedBlocks() * blockSize);
            report(object, console -> {
                console.print(
                        live == null
                                ? "not mounted"
                                : "mounted at " + live.facts().mountPoint() + " by process "
                                        + ProcessHandle.current().pid() + " since "
                                        + live.facts().since().truncatedTo(ChronoUnit.SECONDS) + ", "
                                        + HumanText.count(live.mount().openFileCount(), "open file", "open files"));
                if (sharing != null) {
                    var totals = sharing.totals();
                    console.print("shared in the background " + HumanText.size(totals.sharedBytes()) + " in "
                            + HumanText.count(totals.passes(), "pass", "passes") + ", which freed "
                            + HumanText.size(totals.freedBytes()) + "; longest stall of a writer "
                            + Math.round(HumanText.millis(totals.longestStall())) + " ms");
                }
                console.print("the files hold " + HumanText.size(logicalBytes) + ", the volume stores "
                        + HumanText.size(storedBytes));
            });
        }
        return Main.DONE;
    }
}
