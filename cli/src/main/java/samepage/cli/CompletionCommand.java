package samepage.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;

@Command(
        name = "completion",
        header = "Print a script that completes commands and options.",
        description = {
            "Bash:  source <(samepage completion)",
            "Zsh:   autoload -U +X bashcompinit && bashcompinit && source <(samepage completion)"
        })
final class CompletionCommand extends Subcommand {
    @Override
    int run() {
        console().print(AutoComplete.bash("samepage", Main.commandLine(console())));
        return Main.DONE;
    }
}
