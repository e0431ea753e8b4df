package samepage.cli;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "continue",
        header = "Continue the sharing of duplicates in the background of a mounted volume.",
        description = "")
final class ContinueCommand extends Subcommand {
    @Parameters(paramLabel = "VOLUME|DIR", description = "The volume, or a directory it is mounted at.")
    private String argument = "";

    @Override
    int run() throws IOException {
        LiveVolume.sharingOf(argument).goOn();
        return Main.DONE;
    }
}
