package samepage.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import samepage.errno.PrintableName;
import samepage.linux.fuse.MountTable;
import samepage.linux.syscall.HostPath;

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
            var readers = live == null ? mountedReadOnly(open) : List.<String>of();
            object.put("mounted", live != null || !readers.isEmpty());
            if (!readers.isEmpty()) {
                object.put("readOnlyMountPoints", readers);
            }
            if (live != null) {
                object.put("mountPoint", live.facts().mountPoint());
                object.put(
                        "since",
                        live.facts().since().truncatedTo(ChronoUnit.SECONDS).toString());
                object.put("process", ProcessHandle.current().pid());
                object.put("openFiles", live.mount().openFileCount());
                object.put("ioUring", live.mount().usesRings());
            }
            var sharing = live == null ? null : live.sharing();
            if (sharing != null) {
                var totals = sharing.totals();
                object.put("background", sharing.state());
                object.put("backgroundPasses", totals.passes());
                object.put("backgroundScannedBytes", totals.scannedBlocks() * blockSize);
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
                                ? readers.isEmpty()
                                        ? "not mounted"
                                        : "mounted read-only at " + String.join(", ", readers)
                                : "mounted at " + live.facts().mountPoint() + " by process "
                                        + ProcessHandle.current().pid() + " since "
                                        + live.facts().since().truncatedTo(ChronoUnit.SECONDS) + ", "
                                        + HumanText.count(live.mount().openFileCount(), "open file", "open files")
                                        + (live.mount().usesRings() ? ", by io_uring" : ""));
                if (sharing != null) {
                    var totals = sharing.totals();
                    console.print("sharing in the background: " + sharing.state() + "; so far "
                            + HumanText.size(totals.sharedBytes()) + " in "
                            + HumanText.count(totals.passes(), "pass", "passes") + " over "
                            + HumanText.size(totals.scannedBlocks() * blockSize) + ", which freed "
                            + HumanText.size(totals.freedBytes()) + "; longest stall of a writer "
                            + Math.round(HumanText.millis(totals.longestStall())) + " ms");
                } else if (live != null || !readers.isEmpty()) {
                    console.print("nothing is shared in the background");
                }
                console.print("the files hold " + HumanText.size(logicalBytes) + ", the volume stores "
                        + HumanText.size(storedBytes) + ": sharing saves "
                        + HumanText.size(usage.savedBlocks() * blockSize));
            });
        }
        return Main.DONE;
    }

    /** Where other processes have it mounted, to be read: these have no socket, for there may be many. */
    private static List<String> mountedReadOnly(OpenVolume open) throws IOException {
        var real = new String(HostPath.of(open.hostPath().toRealPath()), StandardCharsets.ISO_8859_1);
        return MountTable.read().stream()
                .filter(mounted ->
                        mounted.type().startsWith("fuse") && mounted.source().equals(real) && !mounted.isStale())
                .map(mounted -> MountPoint.printable(mounted.directory()))
                .toList();
    }
}
