package samepage.cli;

import java.util.List;
import java.util.Set;

/** Rows of text whose columns stand below each other; the last column is as long as it is. */
final class Columns {
    private final Set<Integer> rightAligned;

    private Columns(Set<Integer> rightAligned) {
        this.rightAligned = rightAligned;
    }

    /** The columns with these indexes, for numbers, end at the same place. */
    static Columns rightAligned(Integer... columns) {
        return new Columns(Set.of(columns));
    }

    void print(List<List<String>> rows, Console console) {
        var widths = new int[rows.isEmpty() ? 0 : rows.getFirst().size()];
        for (var row : rows) {
            for (var column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        for (var row : rows) {
            console.print(line(row, widths));
        }
    }

    private String line(List<String> row, int[] widths) {
        var line = new StringBuilder();
        for (var column = 0; column < widths.length; column++) {
            var cell = row.get(column);
            var padding = " ".repeat(widths[column] - cell.length());
            line.append(column == 0 ? "" : "  ");
            if (rightAligned.contains(column)) {
                line.append(padding).append(cell);
            } else {
                line.append(cell).append(column == widths.length - 1 ? "" : padding);
            }
        }
        return line.toString();
    }
}
