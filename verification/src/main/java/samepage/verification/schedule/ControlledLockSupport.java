package samepage.verification.schedule;

/** Takes the place of {@link java.util.concurrent.locks.LockSupport}, as far as it is used: to pause. */
public final class ControlledLockSupport {
    private ControlledLockSupport() {}

    public static void parkNanos(long nanos) {
        Scheduler scheduler = Scheduler.here();
        scheduler.blockUntil(new WaitQueue("the end of a pause"), scheduler.nanoTime() + nanos);
    }
}
