package samepage.bench;

import java.util.ArrayList;
import java.util.List;

/** A table in Markdown. */
final class Table {
    private final List<String[]> rows = new ArrayList<>();

    Table(String... heads) {
        rows.add(heads);
    }

    void row(String... cells) {
        rows.add(cells);
    }

    static String number(String format, double value) {
        return Double.isNaN(value) ? "–" : String.format(format, value);
    }

    void print(String title) {
        System.out.println("\n" + title + "\n");
        int columns = rows.getFirst().length;
        for (int i = 0; i < rows.size(); i++) {
            var line = new StringBuilder("|");
            for (int column = 0; column < columns; column++) {
                int width = width(column);
                String cell = rows.get(i)[column];
                line.append(' ')
                        .append(
                                column == 0
                                        ? cell + " ".repeat(width - cell.length())
                                        : " ".repeat(width - cell.length()) + cell)
                        .append(" |");
            }
            System.out.println(line);
            if (i == 0) {
                System.out.println("|" + "---|" + "---:|".repeat(columns - 1));
            }
        }
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row[column].length()).max().orElse(0);
    }
}
