package samepage.verification.schedule;

/** No thread of the program can go on, or none ever ends. */
final class DeadlockError extends Error {
    private static final long serialVersionUID = 1;

    DeadlockError(String who) {
        super(who);
    }
}
