package samepage.cli;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "pause",
        header = "Pause the sharing of duplicates in the background of a mounted volume.",
        description = "")
final class PauseCommand extends Subcommand {
    @Parameters(paramLabel = "VOLUME|DIR", description = "The volume, or a directory it is mounted at.")
    private String argument = "";

    @Override
    int run() throws IOException {
        LiveVolume.sharingOf(argument).pause();
        return Main.DONE;
    }
}
