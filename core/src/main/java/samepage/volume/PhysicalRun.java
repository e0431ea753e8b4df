package samepage.volume;

/** Neighbouring blocks of the device. */
public record PhysicalRun(long start, long blockCount) {
    /** The first block after it. */
    public long end() {
        return start + blockCount;
    }
}
