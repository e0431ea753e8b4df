package samepage.cli;

/** The command is not done, for a reason that a person can do something about. Its message is the whole line. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The line {@code WHAT: WHY}. */
    Refusal(String what, String why) {
        super(what + ": " + why);
    }

    /** The line {@code WHAT: WHY; TO DO}. */
    Refusal(String what, String why, String toDo) {
        super(what + ": " + why + "; " + toDo);
    }
}
