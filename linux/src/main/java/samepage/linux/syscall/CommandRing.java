package samepage.linux.syscall;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * An io_uring(7) through which the thread that opened it gives one command of a driver's own at a time, and waits for its result: both
 * in one system call. Linux 6.6 or newer. Its memory is the kernel's, which may write there a moment longer than the ring is open.
 *
 * <p>A command (struct io_uring_sqe of 128 bytes; what is not named is zero):
 *
 * <pre>
 *   0 opcode u8, IORING_OP_URING_CMD   4 descriptor i32   8 operation u32
 *  16 address u64   24 length u32
 *  48 the operation's own fields, 80 bytes
 * </pre>
 *
 * <p>Its result (struct io_uring_cqe): 0 user data u64, 8 result i32, 12 flags u32.
 */
public final class CommandRing implements AutoCloseable {
    private static final int PAGE_BYTES = 4096;
    private static final byte OPCODE_COMMAND = 46;
    private static final int COMMAND_BYTES = 128;
    private static final int RESULT_BYTES = 16;

    private static final int OPCODE = 0;
    private static final int DESCRIPTOR = 4;
    private static final int OPERATION = 8;
    private static final int ADDRESS = 16;
    private static final int LENGTH = 24;
    private static final int FIELDS = 48;
    private static final int RESULT = 8;

    /** How the ring is made: long commands, none of them listed; used by one thread, which does the kernel's work while it waits. */
    private static final int FLAGS = 1 << 10 | 1 << 12 | 1 << 13 | 1 << 16;

    // What of the descriptor is mapped.
    private static final long RING_OFFSET = 0;
    private static final long COMMANDS_OFFSET = 0x10000000;

    private static final int WAIT_FOR_RESULTS = 1;

    // struct io_uring_params, and the places in it that the kernel fills in, or is told.
    private static final int PARAMETER_BYTES = 120;
    private static final int PARAMETER_FLAGS = 8;
    private static final int COMMANDS_TAIL = 44;
    private static final int RESULTS_HEAD = 80;
    private static final int RESULTS_TAIL = 84;
    private static final int RESULTS_MASK = 88;
    private static final int RESULTS = 100;

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private final HostFile ring;
    private final MemorySegment command;
    private final MemorySegment shared;
    private final long commandsTail;
    private final long resultsHead;
    private final long resultsTail;
    private final long results;
    private final int resultsMask;

    private CommandRing(HostFile ring, MemorySegment command, MemorySegment shared, MemorySegment parameters) {
        this.ring = ring;
        this.command = command;
        this.shared = shared;
        this.commandsTail = parameters.get(ValueLayout.JAVA_INT, COMMANDS_TAIL);
        this.resultsHead = parameters.get(ValueLayout.JAVA_INT, RESULTS_HEAD);
        this.resultsTail = parameters.get(ValueLayout.JAVA_INT, RESULTS_TAIL);
        this.results = parameters.get(ValueLayout.JAVA_INT, RESULTS);
        this.resultsMask = shared.get(ValueLayout.JAVA_INT, parameters.get(ValueLayout.JAVA_INT, RESULTS_MASK));
    }

    /**
     * One for the calling thread.
     *
     * @throws VfsException ENOSYS, EPERM, EINVAL, ENOMEM where the kernel has none, for this process, of this kind, any more
     */
    public static CommandRing open() throws VfsException {
        try (var arena = Arena.ofConfined()) {
            MemorySegment parameters = arena.allocate(PARAMETER_BYTES, Long.BYTES);
            parameters.set(ValueLayout.JAVA_INT, PARAMETER_FLAGS, FLAGS);
            int descriptor = RingCalls.setUp(1, parameters);
            if (descriptor < 0) {
                throw new VfsException(Errno.of(-descriptor), "cannot set up an io_uring");
            }
            var ring = HostFile.ofDescriptor(descriptor, "io_uring".getBytes(StandardCharsets.US_ASCII));
            try {
                return open(ring, parameters);
            } catch (Throwable e) {
                ring.close();
                throw e;
            }
        }
    }

    private static CommandRing open(HostFile ring, MemorySegment parameters) throws VfsException {
        MemorySegment commands = map(ring, COMMANDS_OFFSET);
        try {
            return new CommandRing(ring, commands, map(ring, RING_OFFSET), parameters);
        } catch (Throwable e) {
            MemoryCalls.unmap(commands);
            throw e;
        }
    }

    /** One page: with one command neither has more. */
    @SuppressWarnings("restricted") // the length is what was mapped
    private static MemorySegment map(HostFile ring, long offset) throws VfsException {
        long address = MemoryCalls.map(ring.number(), offset, PAGE_BYTES);
        if (address < 0) {
            throw new VfsException(Errno.of((int) -address), "cannot map an io_uring");
        }
        return MemorySegment.ofAddress(address).reinterpret(PAGE_BYTES);
    }

    /** The operation's own fields of the next command, which keep what the last one had. */
    public MemorySegment fields() {
        return command.asSlice(FIELDS, COMMAND_BYTES - FIELDS);
    }

    /** Names the memory that the next command is about, in bytes or in whatever the operation counts. */
    public void setMemory(MemorySegment memory, int length) {
        command.set(ValueLayout.JAVA_LONG, ADDRESS, memory.address());
        command.set(ValueLayout.JAVA_INT, LENGTH, length);
    }

    /** Gives a command: the driver has it when this returns. */
    public void submit(HostFile file, int operation) throws VfsException {
        put(file, operation);
        int toSubmit = 1;
        while (toSubmit > 0) {
            toSubmit -= enter(toSubmit, 0);
        }
    }

    private void put(HostFile file, int operation) {
        command.set(ValueLayout.JAVA_BYTE, OPCODE, OPCODE_COMMAND);
        command.set(ValueLayout.JAVA_INT, DESCRIPTOR, file.number());
        command.set(ValueLayout.JAVA_INT, OPERATION, operation);
        INT.setRelease(shared, commandsTail, (int) INT.get(shared, commandsTail) + 1);
    }

    /** Waits for the result of what was submitted, which is the driver's: a failure is a negated error number. */
    public int await() throws VfsException {
        return await(0);
    }

    private int await(int notSubmitted) throws VfsException {
        int toSubmit = notSubmitted;
        int head = (int) INT.get(shared, resultsHead);
        while (head == (int) INT.getAcquire(shared, resultsTail)) {
            toSubmit -= enter(toSubmit, 1);
        }
        int result = shared.get(ValueLayout.JAVA_INT, results + (long) (head & resultsMask) * RESULT_BYTES + RESULT);
        INT.setRelease(shared, resultsHead, head + 1);
        return result;
    }

    /** Both, in one system call. */
    public int execute(HostFile file, int operation) throws VfsException {
        put(file, operation);
        return await(1);
    }

    /** How many commands were submitted; a signal may come before any is. */
    private int enter(int toSubmit, int toWaitFor) throws VfsException {
        int submitted = RingCalls.enter(ring.number(), toSubmit, toWaitFor, toWaitFor == 0 ? 0 : WAIT_FOR_RESULTS);
        if (submitted >= 0) {
            return submitted;
        }
        if (submitted == -Errno.EINTR.number()) {
            return 0;
        }
        throw new VfsException(Errno.of(-submitted), "cannot submit to an io_uring");
    }

    /** Not while a command is on its way. */
    @Override
    public void close() {
        ring.close();
        MemoryCalls.unmap(command);
        MemoryCalls.unmap(shared);
    }
}
