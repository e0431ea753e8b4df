package samepage.linux.syscall;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** Who this process is, and what it was started with. User and group numbers are unsigned. */
public final class HostProcess {
    /** TIOCGWINSZ: struct winsize, rows and columns as the first two of four u16. */
    private static final long GET_WINDOW_SIZE = 0x5413;

    /** ioprio_set(2): the class is above the 13 bits of the level. */
    private static final int IDLE_CLASS = 3;

    private static final int CLASS_SHIFT = 13;

    /** As many as Linux can have. */
    private static final int PROCESSORS = 8192;

    private HostProcess() {}

    public static int userId() {
        return ProcessCalls.userId();
    }

    /** The user whose permissions count; 0 for root. */
    public static int effectiveUserId() {
        return ProcessCalls.effectiveUserId();
    }

    public static int groupId() {
        return ProcessCalls.groupId();
    }

    /** The group whose permissions count, together with {@link #supplementaryGroupIds}. */
    public static int effectiveGroupId() {
        return ProcessCalls.effectiveGroupId();
    }

    public static int[] supplementaryGroupIds() throws VfsException {
        var bulk = CallScratch.ofThread().bulk();
        var count = ProcessCalls.groups(bulk, (int) (bulk.byteSize() / Integer.BYTES));
        if (count < 0) {
            throw new VfsException(Errno.of(-count), "cannot read the groups");
        }
        return bulk.asSlice(0, (long) count * Integer.BYTES).toArray(ValueLayout.JAVA_INT);
    }

    /** Sets the permission bits that are taken from whatever this process creates, in all its threads; returns the former ones. */
    public static int setUmask(int mask) {
        return ProcessCalls.setUmask(mask);
    }

    /** Leaves the terminal and its signals, where this process is not the first of its group. */
    public static void leaveTerminal() {
        var _ = ChildCalls.newSession();
    }

    /**
     * From now on this thread, and those it starts, read and write only when the disk has nothing else to do, as far as the
     * disk's scheduler knows of such things.
     */
    public static void beIdleOnDisk() throws VfsException {
        var result = ProcessCalls.setIoPriority(IDLE_CLASS << CLASS_SHIFT);
        if (result < 0) {
            throw new VfsException(Errno.of(-result), "cannot set the priority of input and output");
        }
    }

    /** Something to do with system calls. */
    public interface Action {
        void run() throws IOException;
    }

    /**
     * Does something on that processor.
     *
     * @throws VfsException EINVAL where this thread may not run there
     */
    public static void runOn(int processor, Action action) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var before = arena.allocate(PROCESSORS / Byte.SIZE, Long.BYTES);
            var one = arena.allocate(PROCESSORS / Byte.SIZE, Long.BYTES);
            one.set(ValueLayout.JAVA_BYTE, processor / Byte.SIZE, (byte) (1 << processor % Byte.SIZE));
            check(ProcessCalls.affinity(before));
            check(ProcessCalls.setAffinity(one));
            try {
                action.run();
            } finally {
                check(ProcessCalls.setAffinity(before));
            }
        }
    }

    private static void check(int result) throws VfsException {
        if (result < 0) {
            throw new VfsException(Errno.of(-result), "cannot choose the processor");
        }
    }

    /** Whether a descriptor, such as 1 for standard output, is a terminal. */
    public static boolean isTerminal(int descriptor) {
        return ProcessCalls.isTerminal(descriptor) == 1;
    }

    /** The columns of a descriptor's terminal; 0 where it is none or does not say. */
    public static int terminalColumns(int descriptor) {
        var size = CallScratch.ofThread().record;
        var result = FileCalls.control(descriptor, GET_WINDOW_SIZE, size);
        return result < 0 ? 0 : size.get(ValueLayout.JAVA_SHORT, Short.BYTES) & 0xffff;
    }

    /**
     * The last {@code count} arguments this process was started with, as bytes: {@code main}'s own strings have lost what is not
     * text in the locale's encoding.
     *
     * @param count how many {@code main} was given
     */
    public static List<byte[]> lastArguments(int count) throws IOException {
        var line = Files.readAllBytes(Path.of("/proc/self/cmdline"));
        var arguments = new ArrayList<byte[]>();
        var start = 0;
        for (var position = 0; position < line.length; position++) {
            if (line[position] == 0) {
                arguments.add(Arrays.copyOfRange(line, start, position));
                start = position + 1;
            }
        }
        return List.copyOf(arguments.subList(Math.max(0, arguments.size() - count), arguments.size()));
    }
}
