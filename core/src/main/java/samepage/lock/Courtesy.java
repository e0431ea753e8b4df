package samepage.lock;

/** For long work beside others' short work. */
public final class Courtesy {
    private Courtesy() {}

    /**
     * Lets those run who wait for this processor, if any do. Who computes for long does so every fraction of a millisecond,
     * with no lock held that others want: else a writer on the same processor waits until its time is over, some 4 ms.
     */
    @SuppressWarnings("ThreadPriorityCheck") // nothing depends on it but how long others wait
    public static void giveWay() {
        Thread.yield();
    }
}
