package samepage.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import samepage.errno.PrintableName;

@Command(
        name = "mount",
        header = "Mount a volume at a directory, for all programs.",
        description = {
            "",
            "Returns when the volume is mounted, and prints nothing; a process in the background serves it until it is unmounted. Root"
                    + " mounts for all users, others for themselves, by the program fusermount3.",
            ""
        },
        footerHeading = "%nOptions of -o:%n",
        footer = {
            "  ro                    nothing can be changed; others may read the volume meanwhile",
            "  noatime, strictatime  when reading moves access times; relatime otherwise",
            "  nodiratime            reading directories never does",
            "  [no]suid, [no]dev, [no]exec  as for every mount; nosuid,nodev,exec otherwise",
            "  [no]allow_other       whether other users may use it; only for root otherwise",
            "  dedupe=background|off whether duplicates are shared while it is mounted; background otherwise",
            "  max_stall=MS          how long that should keep a writer waiting at most, 5 otherwise",
            "  include=PATTERN, exclude=PATTERN  as --include and --exclude",
            "  cache=SIZE            memory for content, 64m otherwise",
            "  [no]io_uring          whether requests come by io_uring where the kernel offers that; they do otherwise",
            "  create                as --create",
            "What mount(8) and fstab add for themselves is passed over."
        })
final class MountCommand extends Subcommand {
    @Parameters(index = "0", paramLabel = "VOLUME", description = "The volume.")
    private String volumeArgument = "";

    @Parameters(index = "1", paramLabel = "DIR", description = "The directory to mount at.")
    private String directoryArgument = "";

    @Option(names = "-o", paramLabel = "OPTIONS", description = "Options of the mount, with commas in between.")
    private List<String> optionLists = new ArrayList<>();

    @Option(names = "--create", description = "Create the volume, empty, where there is none.")
    private boolean createWanted;

    @Option(
            names = "--dedupe",
            paramLabel = "background|off",
            description = "Whether duplicates are shared while it is mounted; background otherwise.")
    private @Nullable String dedupe;

    @Option(
            names = "--max-stall",
            paramLabel = "MS",
            description = "How many milliseconds that should keep a writer waiting at most; 5 otherwise.")
    private @Nullable String maxStall;

    @Option(
            names = "--include",
            paramLabel = "PATTERN",
            description = "Share only files that fit, or are in a directory that does; as in .gitignore.")
    private List<String> includes = new ArrayList<>();

    @Option(
            names = "--exclude",
            paramLabel = "PATTERN",
            description = "Share no file that fits, nor what is in a directory that does.")
    private List<String> excludes = new ArrayList<>();

    @Option(names = "--foreground", description = "Serve in this process, and end when it is unmounted.")
    private boolean foregroundWanted;

    @Option(names = "--daemon", hidden = true, description = "Be the process in the background.")
    private boolean daemonWanted;

    @Override
    int run() throws IOException {
        if (dedupe != null) {
            optionLists.add("dedupe=" + dedupe);
        }
        if (maxStall != null) {
            optionLists.add("max_stall=" + maxStall);
        }
        var options = MountOptions.parse(optionLists);
        options.share(includes, excludes);
        var _ = options.ofSharing(); // refuses what is no pattern
        if (createWanted) {
            options.createWhereMissing();
        }
        var volume = ArgumentText.bytes(volumeArgument);
        if (!VolumeLocation.exists(volume) && !options.isToBeCreated()) {
            throw new Refusal(PrintableName.of(volume), "no such volume", "--create creates it");
        }
        var mountPoint = MountPoint.of(directoryArgument);
        if (!foregroundWanted && !daemonWanted) {
            return MountLaunch.inBackground(console(), arguments().size());
        }
        var daemon = new MountDaemon(volume, mountPoint, options);
        if (daemonWanted) {
            MountLaunch.becomeBackground();
            daemon.serve(MountLaunch::reportReady);
        } else {
            daemon.serve(_ -> {});
        }
        return Main.DONE;
    }
}
