package samepage.cli;

/** The person has asked to stop. */
final class Interrupted extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Interrupted() {
        this("what was finished before is kept, and the volume is intact");
    }

    /** Its message says in what state things are. */
    Interrupted(String state) {
        super("interrupted; " + state, null, false, false);
    }
}
