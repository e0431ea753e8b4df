package samepage.verification.schedule;

import java.util.ArrayList;
import java.util.List;

/**
 * Some files, and what some threads do with them side by side.
 *
 * @param files a letter for each block; a dot for a hole. A capital letter is a last cell of half a block
 */
record Program(String name, List<String> files, List<List<Operation>> threads) {
    /** A program of these files, to which threads are added. */
    static Program of(String name, String... files) {
        return new Program(name, List.of(files), List.of());
    }

    Program thread(Operation... operations) {
        var more = new ArrayList<>(threads);
        more.add(List.of(operations));
        return new Program(name, files, List.copyOf(more));
    }

    @Override
    public String toString() {
        var text = new StringBuilder(name + ", files " + files);
        threads.forEach(operations -> text.append("\n  ").append(operations));
        return text.toString();
    }
}
