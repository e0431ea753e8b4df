package samepage.cli;

/** The person has asked to stop. */
final class Interrupted extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Interrupted() {
        super("interrupted", null, false, false);
    }
}
