package samepage.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;
import samepage.errno.PrintableName;
import samepage.linux.syscall.HostProcess;

/** The command {@code samepage}. */
@Command(
        name = "samepage",
        description = "Files with the same bytes share the same storage.",
        versionProvider = BuildVersion.class,
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            " 0:done",
            " 1:done in part; what was left out is listed",
            " 2:refused, and nothing was changed",
            "130:ended by Ctrl-C; what was finished is kept"
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  samepage import ~/photos store.samepage",
            "  samepage ls -l store.samepage:/photos",
            "  samepage export store.samepage:/photos restored",
            "",
            "A volume is a directory. VOLUME:/PATH names what is inside of it."
        })
final class Main {
    static final int DONE = 0;
    static final int DONE_IN_PART = 1;
    static final int REFUSED = 2;
    static final int INTERRUPTED = 130;
    /** What the shell shows for a program that ends because nobody reads what it writes. */
    static final int OUTPUT_CLOSED = 141;

    private static final String[] VERSION = {"--version"};
    private static final int LEAST_HELP_COLUMNS = 60;
    private static final int MOST_HELP_COLUMNS = 110;

    private static final Map<String, Supplier<Subcommand>> SUBCOMMANDS = subcommands();

    private final Console console;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean helpWanted;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version and exit.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean versionWanted;

    private Main(Console console) {
        this.console = console;
    }

    public static void main(String[] arguments) {
        Interruption.install();
        int status;
        try {
            status = run(Console.ofProcess(), withVolumes(exactly(arguments)));
        } finally {
            Interruption.ended();
        }
        System.exit(status);
    }

    /** Runs one command in the process's own streams and returns its exit status. */
    static int run(String... arguments) {
        return run(Console.ofProcess(), arguments);
    }

    /** Runs one command and returns its exit status. */
    static int run(Console console, String... arguments) {
        try {
            var status = commandLine(console, wanted(arguments)).execute(arguments);
            console.flush();
            return status;
        } catch (OutputClosed closed) {
            return OUTPUT_CLOSED;
        } catch (Refusal refused) {
            console.complain(String.valueOf(refused.getMessage()));
            return REFUSED;
        }
    }

    Console console() {
        return console;
    }

    private static Map<String, Supplier<Subcommand>> subcommands() {
        var subcommands = new LinkedHashMap<String, Supplier<Subcommand>>();
        subcommands.put("import", ImportCommand::new);
        subcommands.put("export", ExportCommand::new);
        subcommands.put("dedupe", DedupeCommand::new);
        subcommands.put("report", ReportCommand::new);
        subcommands.put("clone", CloneCommand::new);
        subcommands.put("ls", ListCommand::new);
        subcommands.put("cat", CatCommand::new);
        subcommands.put("stat", StatCommand::new);
        subcommands.put("mkdir", MakeDirectoryCommand::new);
        subcommands.put("mv", MoveCommand::new);
        subcommands.put("rm", RemoveCommand::new);
        subcommands.put("df", SpaceCommand::new);
        subcommands.put("du", UsageCommand::new);
        subcommands.put("mount", MountCommand::new);
        subcommands.put("umount", UnmountCommand::new);
        subcommands.put("status", StatusCommand::new);
        subcommands.put("pause", PauseCommand::new);
        subcommands.put("continue", ContinueCommand::new);
        subcommands.put("check", CheckCommand::new);
        subcommands.put("completion", CompletionCommand::new);
        return subcommands;
    }

    /** The command line with all commands. */
    static CommandLine commandLine(Console console) {
        return commandLine(console, SUBCOMMANDS.keySet());
    }

    /** The commands that can be meant: each one that is described to the library costs some of the time of a start. */
    private static Set<String> wanted(String[] arguments) {
        if (arguments.length > 0 && SUBCOMMANDS.containsKey(arguments[0])) {
            return Set.of(arguments[0]);
        }
        return Arrays.equals(arguments, VERSION) ? Set.of() : SUBCOMMANDS.keySet();
    }

    private static CommandLine commandLine(Console console, Set<String> commands) {
        var isTerminal = Terminal.is(Terminal.OUTPUT);
        var columns = Terminal.columns(Terminal.OUTPUT);
        var out = new PrintWriter(new ConsoleWriter(console), true);
        // A file's name may begin with @ as well as with anything else.
        var commandLine = new CommandLine(new Main(console));
        commands.forEach(name -> commandLine.addSubcommand(
                name, Objects.requireNonNull(SUBCOMMANDS.get(name)).get()));
        return commandLine
                .setExpandAtFiles(false)
                .setOut(out)
                .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8))
                .setColorScheme(Help.defaultColorScheme(isTerminal ? Help.Ansi.ON : Help.Ansi.OFF))
                .setUsageHelpWidth(columns == 0 ? 100 : Math.clamp(columns, LEAST_HELP_COLUMNS, MOST_HELP_COLUMNS))
                .setParameterExceptionHandler(Main::misused)
                .setExecutionExceptionHandler(Main::failed);
    }

    /** Where the command can be done on a mounted volume: what is inside of one, named as such. */
    private static String[] withVolumes(String[] arguments) {
        return arguments.length > 1 && ControlSocket.COMMANDS.contains(arguments[0])
                ? Arrays.stream(arguments).map(MountedPath::inVolume).toArray(String[]::new)
                : arguments;
    }

    /** The arguments with every byte kept. */
    private static String[] exactly(String[] arguments) {
        try {
            var exact = HostProcess.lastArguments(arguments.length).stream()
                    .map(ArgumentText::of)
                    .toArray(String[]::new);
            return exact.length == arguments.length ? exact : arguments;
        } catch (IOException e) {
            return arguments;
        }
    }

    private static int misused(ParameterException misuse, String[] arguments) {
        var commandLine = misuse.getCommandLine();
        var main = (Main) commandLine.getCommandSpec().root().userObject();
        var isRoot = commandLine.getParent() == null;
        var name = commandLine.getCommandSpec().qualifiedName();
        var why = switch (misuse) {
            case MissingParameterException missing ->
                missing.getMissing().stream().map(ArgSpec::paramLabel).collect(Collectors.joining(" ")) + " is missing";
            case UnmatchedArgumentException unmatched -> {
                var first = PrintableName.of(
                        ArgumentText.bytes(unmatched.getUnmatched().getFirst()));
                yield unmatched.isUnknownOption()
                        ? "there is no option " + first
                        : isRoot ? "there is no command " + first : first + " is one argument too many";
            }
            default -> String.valueOf(misuse.getMessage()).replaceAll("\\s*\\R\\s*", " ");
        };
        main.console.complain(
                (isRoot ? "" : commandLine.getCommandName() + ": ") + why + "; see '" + name + " --help'");
        return REFUSED;
    }

    private static int failed(Exception failure, CommandLine commandLine, ParseResult parsed) {
        var command = (Subcommand) commandLine.getCommand();
        var console = command.console();
        return switch (failure) {
            case OutputClosed _ -> OUTPUT_CLOSED;
            case HandedOver elsewhere -> handOver(elsewhere, command);
            case Interrupted interrupted -> {
                console.complain(String.valueOf(interrupted.getMessage()));
                yield INTERRUPTED;
            }
            case Refusal refused -> refuse(command, String.valueOf(refused.getMessage()));
            case IOException refused -> refuse(command, FailureText.whole(refused));
            case UncheckedIOException refused -> refuse(command, FailureText.whole(refused));
            default -> {
                console.complain("this is a mistake in samepage itself, please report it: " + failure);
                failure.printStackTrace(console.err());
                yield REFUSED;
            }
        };
    }

    private static int handOver(HandedOver elsewhere, Subcommand command) {
        var arguments = command.arguments();
        try {
            if (arguments.isEmpty() || !ControlSocket.COMMANDS.contains(arguments.getFirst())) {
                return refuse(command, "the volume is mounted; unmount it first");
            }
            return elsewhere.run(command.console(), arguments);
        } catch (Refusal refused) {
            return refuse(command, String.valueOf(refused.getMessage()));
        } catch (IOException refused) {
            return refuse(command, FailureText.whole(refused));
        }
    }

    private static int refuse(Subcommand command, String line) {
        if (command.isJsonWanted()) {
            command.console().print(JsonText.of(Map.of("error", line)));
        }
        command.console().complain(line);
        return REFUSED;
    }
}
