package samepage.cli;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The report as a page of HTML that refers to nothing else: its pictures are drawn in it. */
final class ReportPage {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm").withZone(ZoneId.systemDefault());
    private static final int DIRECTORIES = 10;
    private static final int WIDTH = 860;
    private static final int CHART_HEIGHT = 220;
    private static final int LEFT = 80;
    private static final int BAR_HEIGHT = 22;
    private static final int LABEL_COLUMNS = 58;
    private static final int LABEL_WIDTH = 120;
    private static final int RUNS_IN_TABLE = 50;

    private static final String STYLE = """
            :root { color-scheme: light dark; --ink: #1d2430; --quiet: #68758a; --line: #d9dfe8; --page: #fff;
                    --one: #2f6fde; --two: #14a37f; --three: #e0a030; }
            @media (prefers-color-scheme: dark) {
              :root { --ink: #e8ecf3; --quiet: #94a1b5; --line: #333d4d; --page: #161b24; } }
            body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
                   max-width: 900px; margin: 2rem auto; padding: 0 1rem; }
            h1 { font-size: 1.6rem; } h2 { font-size: 1.1rem; margin-top: 2.2rem; overflow-wrap: anywhere; }
            h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
            .tiles { display: flex; flex-wrap: wrap; gap: 1rem; }
            .tile { border: 1px solid var(--line); border-radius: 8px; padding: .6rem 1rem; min-width: 8rem; }
            .tile b { display: block; font-size: 1.4rem; } .tile span { color: var(--quiet); }
            svg { width: 100%; height: auto; } svg text { fill: var(--ink); font-size: 12px; }
            svg .quiet { fill: var(--quiet); } svg .grid { stroke: var(--line); }
            table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
            th, td { text-align: right; padding: .25rem .5rem; border-bottom: 1px solid var(--line); }
            th:first-child, td:first-child { text-align: left; } p { color: var(--quiet); }
            """;

    private final StringBuilder html = new StringBuilder();

    private ReportPage() {}

    static String of(List<TreeHistory> histories, int groups) {
        var page = new ReportPage();
        page.html
                .append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append(
                        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Samepage: what was saved</title>\n")
                .append("<style>\n")
                .append(STYLE)
                .append("</style>\n</head>\n<body>\n<h1>What sharing has saved</h1>\n");
        if (histories.isEmpty()) {
            page.html.append("<p>No dedupe of a directory has ended yet.</p>\n");
        }
        histories.forEach(history -> page.tree(history, groups));
        return page.html.append("</body>\n</html>\n").toString();
    }

    private void tree(TreeHistory history, int groups) {
        var last = history.runs().getLast();
        html.append("<h2>").append(escaped(history.name())).append("</h2>\n<div class=\"tiles\">\n");
        tile(HumanText.size(Math.max(0, history.freedBytes())), "freed, as measured on the disk");
        tile(HumanText.size(history.sharedBytes()), "came to be shared");
        tile(HumanText.size(last.usedBytes()), "in use now");
        tile(HumanText.number(last.files()), "files looked through");
        html.append("</div>\n<h3>Over time</h3>\n");
        overTime(history.runs());
        html.append("<h3>What is shared with what</h3>\n");
        groups(history.largestGroups(groups));
        html.append("<h3>Where the space came free</h3>\n");
        directories(history.sharedByDirectory(DIRECTORIES));
        html.append("<h3>Runs</h3>\n");
        table(history.runs());
    }

    private void tile(String amount, String what) {
        html.append("<div class=\"tile\"><b>")
                .append(escaped(amount))
                .append("</b><span>")
                .append(what)
                .append("</span></div>\n");
    }

    /** What is in use after each run, and on top of it what all runs so far have freed: together what it would be without. */
    private void overTime(List<RunRecord> runs) {
        long most = 1;
        long freed = 0;
        for (RunRecord run : runs) {
            freed += Math.max(0, run.freedBytes());
            most = Math.max(most, run.usedBytes() + freed);
        }
        openPicture(CHART_HEIGHT + 50, "space in use, and freed, after each run");
        for (int i = 0; i <= 4; i++) {
            long y = CHART_HEIGHT - Math.round(CHART_HEIGHT * i / 4.4);
            line(y);
            text(LEFT - 8, y + 4, "end", "quiet", HumanText.size(most * i / 4));
        }
        double step = (double) (WIDTH - LEFT) / runs.size();
        double width = Math.min(60, step * 0.7);
        int labelled = (int) Math.ceil(LABEL_WIDTH / step);
        freed = 0;
        for (int i = 0; i < runs.size(); i++) {
            RunRecord run = runs.get(i);
            freed += Math.max(0, run.freedBytes());
            double x = LEFT + step * i + (step - width) / 2;
            double usedHeight = CHART_HEIGHT / 1.1 * run.usedBytes() / most;
            double freedHeight = CHART_HEIGHT / 1.1 * freed / most;
            var about = TIME.format(run.time()) + ": " + HumanText.size(run.usedBytes()) + " in use, "
                    + HumanText.size(freed) + " freed so far";
            bar(x, CHART_HEIGHT - usedHeight, width, usedHeight, "--one", about);
            bar(x, CHART_HEIGHT - usedHeight - freedHeight, width, freedHeight, "--two", about);
            if (i % labelled == 0) {
                text(Math.round(x + width / 2), CHART_HEIGHT + 18, "middle", "quiet", TIME.format(run.time()));
            }
        }
        bar(LEFT, CHART_HEIGHT + 32, 12, 12, "--one", "");
        text(LEFT + 18, CHART_HEIGHT + 43, "start", "", "in use");
        bar(LEFT + 90, CHART_HEIGHT + 32, 12, 12, "--two", "");
        text(LEFT + 108, CHART_HEIGHT + 43, "start", "", "freed so far");
        html.append("</svg>\n<p>In use is what the whole file system has stored, whoever's it is.</p>\n");
    }

    private void groups(List<RunRecord.Group> groups) {
        if (groups.isEmpty()) {
            html.append("<p>Nothing yet.</p>\n");
            return;
        }
        int rowHeight = 2 * BAR_HEIGHT;
        openPicture(groups.size() * rowHeight + 6, "the pairs of files that share the most");
        long most = groups.getFirst().bytes();
        for (int i = 0; i < groups.size(); i++) {
            RunRecord.Group group = groups.get(i);
            int y = i * rowHeight;
            double length = Math.max(2, 300.0 * group.bytes() / most);
            bar(LEFT, y + 8, length, BAR_HEIGHT, "--one", group.target() + " with " + group.source());
            text(LEFT - 8, y + 24, "end", "", HumanText.size(group.bytes()));
            text(LEFT + 312, y + 18, "start", "", shortened(group.target()));
            text(LEFT + 312, y + 33, "start", "quiet", "with " + shortened(group.source()));
        }
        html.append("</svg>\n");
    }

    private void directories(List<Map.Entry<String, Long>> directories) {
        if (directories.isEmpty()) {
            html.append("<p>Nothing yet.</p>\n");
            return;
        }
        openPicture(directories.size() * (BAR_HEIGHT + 6) + 6, "the directories whose files share the most");
        long most = directories.getFirst().getValue();
        for (int i = 0; i < directories.size(); i++) {
            var directory = directories.get(i);
            int y = i * (BAR_HEIGHT + 6);
            bar(
                    LEFT,
                    y + 4,
                    Math.max(2, 300.0 * directory.getValue() / most),
                    BAR_HEIGHT,
                    "--three",
                    directory.getKey());
            text(LEFT - 8, y + 20, "end", "", HumanText.size(directory.getValue()));
            text(LEFT + 312, y + 20, "start", "", shortened(directory.getKey()));
        }
        html.append("</svg>\n<p>Of the largest pairs of each run.</p>\n");
    }

    private void table(List<RunRecord> runs) {
        html.append("<table>\n<tr><th>when</th><th>read</th><th>shared</th><th>freed</th><th>in use</th>")
                .append("<th>took</th><th>longest wait of a writer</th></tr>\n");
        for (RunRecord run : runs.reversed().subList(0, Math.min(runs.size(), RUNS_IN_TABLE))) {
            var cells = List.of(
                    TIME.format(run.time()),
                    HumanText.size(run.readBytes()),
                    HumanText.size(run.sharedBytes()),
                    HumanText.size(Math.max(0, run.freedBytes())),
                    HumanText.size(run.usedBytes()),
                    HumanText.duration(run.seconds()),
                    String.format(Locale.ROOT, "%.1f ms", run.longestStallMillis()));
            html.append("<tr>");
            cells.forEach(cell -> html.append("<td>").append(escaped(cell)).append("</td>"));
            html.append("</tr>\n");
        }
        html.append("</table>\n");
        if (runs.size() > RUNS_IN_TABLE) {
            html.append("<p>The last ")
                    .append(RUNS_IN_TABLE)
                    .append(" of ")
                    .append(runs.size())
                    .append(".</p>\n");
        }
    }

    private void openPicture(int height, String about) {
        html.append(String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
                WIDTH,
                height,
                escaped(about)));
    }

    private void line(long y) {
        html.append(String.format(
                Locale.ROOT, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>%n", LEFT, WIDTH, y, y));
    }

    private void bar(double x, double y, double width, double height, String color, String about) {
        html.append(String.format(
                Locale.ROOT,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"2\" style=\"fill: var(%s)\">"
                        + "<title>%s</title></rect>%n",
                x,
                y,
                width,
                Math.max(0, height),
                color,
                escaped(about)));
    }

    private void text(long x, long y, String anchor, String kind, String words) {
        html.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" class=\"%s\">%s</text>%n",
                x,
                y,
                anchor,
                kind,
                escaped(words)));
    }

    /** The end of a path tells more than its beginning. */
    private static String shortened(String path) {
        return path.length() <= LABEL_COLUMNS ? path : "…" + path.substring(path.length() - LABEL_COLUMNS + 1);
    }

    /** Names of files may hold whatever means something in HTML. */
    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
