package samepage.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "check",
        header = "Check that a volume is whole.",
        description = {
            "",
            "Checks all records against each other: names, files, the places where content is stored, and how often each is referred to."
                    + " With --data every stored block is read and compared with its checksum, too; the files that a damaged one is in are"
                    + " named. The exit status is 1 where anything is wrong. Nothing is changed.",
            ""
        })
final class CheckCommand extends ReportingSubcommand {
    @Parameters(paramLabel = "VOLUME", description = "The volume.")
    private String argument = "";

    @Option(names = "--data", description = "Read every block, too.")
    private boolean dataWanted;

    @Override
    int run() throws IOException {
        Interruption.endAtOnce();
        var path = VolumePath.existing(argument);
        try (var progress = new Progress(console());
                var volume = OpenVolume.toRead(path.volume())) {
            progress.begin("checking");
            var audit = volume.volume().audit();
            var problems = new ArrayList<>(audit.problems());
            if (audit.problemCount() > problems.size()) {
                problems.add("and " + HumanText.number(audit.problemCount() - problems.size()) + " more problems");
            }
            var data = dataWanted ? new DataCheck(volume).run(progress) : DataCheck.Result.NONE;
            problems.addAll(data.problems());
            progress.end();

            var object = new LinkedHashMap<String, Object>();
            object.put("clean", problems.isEmpty());
            object.put("inodes", audit.inodes());
            object.put("extents", audit.extents());
            object.put("checkedBytes", data.checkedBytes());
            object.put("damagedBytes", data.damagedBytes());
            object.put("damaged", data.damaged());
            object.put("problems", problems);
            object.put("seconds", progress.seconds());
            report(object, console -> {
                problems.forEach(console::print);
                console.print(path + (problems.isEmpty() ? " is whole: " : " is damaged: ")
                        + HumanText.count(audit.inodes(), "inode", "inodes") + " and "
                        + HumanText.count(audit.extents(), "extent", "extents")
                        + (dataWanted ? " and " + HumanText.size(data.checkedBytes()) + " of data" : "") + " checked");
            });
            return problems.isEmpty() ? Main.DONE : Main.DONE_IN_PART;
        }
    }
}
