package samepage.linux.syscall;

/** What posix_fadvise(2) tells the host's page cache about a range. */
public enum ReadAdvice {
    NORMAL(0),
    RANDOM(1),
    SEQUENTIAL(2),
    /** Begin to read it in. */
    WILL_NEED(3),
    /** Drop what is clean of it. */
    DONT_NEED(4);

    private final int number;

    ReadAdvice(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
