package samepage.cli;

/** Nobody reads standard output any more, as after {@code samepage ls ... | head}. */
final class OutputClosed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutputClosed() {
        super("standard output is closed", null, false, false);
    }
}
