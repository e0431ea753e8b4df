package samepage.linux.syscall;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** Runs a program that opens a file this process may not open, and hands it over through a socket, as fusermount3 does. */
public final class DescriptorSource {
    private static final int UNIX = 1;
    private static final int STREAM = 1;
    private static final int CLOSE_ON_EXEC_SOCKET = 02000000;
    private static final int CLOSE_ON_EXEC_RECEIVED = 0x40000000;
    private static final int SET_DESCRIPTOR_FLAGS = 2;

    /** struct msghdr: name, its length, the vector, its count, the control data, their length, flags. */
    private static final int MESSAGE_BYTES = 56;

    private static final int VECTOR = 16;
    private static final int VECTOR_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_BYTES = 40;

    /** struct cmsghdr: u64 length, u32 level, u32 type, then here one descriptor. */
    private static final int CONTROL_HEADER_BYTES = 16;

    /** A program's exit status, and what it has handed over; -1 for nothing. */
    public record Result(int exitStatus, int descriptor) {}

    private DescriptorSource() {}

    /**
     * Runs a program to its end.
     *
     * @param path of the program
     * @param arguments without the program's own name
     * @param socketVariable the environment variable that tells the program its end of the socket
     */
    public static Result run(String path, List<byte[]> arguments, String socketVariable) throws VfsException {
        try (var arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocate(ValueLayout.JAVA_INT, 2);
            check(ChildCalls.socketPair(UNIX, STREAM | CLOSE_ON_EXEC_SOCKET, pair), "socketpair failed");
            int ours = pair.getAtIndex(ValueLayout.JAVA_INT, 0);
            int theirs = pair.getAtIndex(ValueLayout.JAVA_INT, 1);
            try {
                int pid;
                try {
                    check(ChildCalls.control(theirs, SET_DESCRIPTOR_FLAGS, 0), "fcntl failed");
                    pid = spawn(arena, path, arguments, socketVariable + "=" + theirs);
                } finally {
                    FileCalls.close(theirs);
                }
                int descriptor = receive(arena, ours);
                return new Result(exitStatus(arena, pid), descriptor);
            } finally {
                FileCalls.close(ours);
            }
        }
    }

    private static int spawn(Arena arena, String path, List<byte[]> arguments, String variable) throws VfsException {
        var line = new ArrayList<byte[]>();
        line.add(path.getBytes(StandardCharsets.UTF_8));
        line.addAll(arguments);
        var environment = new ArrayList<byte[]>();
        System.getenv()
                .forEach((name, value) -> environment.add((name + "=" + value).getBytes(StandardCharsets.UTF_8)));
        environment.add(variable.getBytes(StandardCharsets.UTF_8));
        MemorySegment pid = arena.allocate(ValueLayout.JAVA_INT);
        check(
                ChildCalls.spawn(
                        pid,
                        CStrings.of(arena, line.getFirst()),
                        CStrings.vector(arena, line),
                        CStrings.vector(arena, environment)),
                "cannot start " + path);
        return pid.get(ValueLayout.JAVA_INT, 0);
    }

    /** The descriptor that comes through the socket; -1 where the other end is closed without sending one. */
    private static int receive(Arena arena, int socket) throws VfsException {
        MemorySegment content = arena.allocate(ValueLayout.JAVA_LONG);
        MemorySegment vector = arena.allocate(ValueLayout.JAVA_LONG, 2);
        vector.set(ValueLayout.ADDRESS, 0, content);
        vector.set(ValueLayout.JAVA_LONG, Long.BYTES, 1);
        MemorySegment control = arena.allocate(CONTROL_HEADER_BYTES + Long.BYTES, Long.BYTES);
        MemorySegment message = arena.allocate(MESSAGE_BYTES, Long.BYTES);
        message.set(ValueLayout.ADDRESS, VECTOR, vector);
        message.set(ValueLayout.JAVA_LONG, VECTOR_COUNT, 1);
        message.set(ValueLayout.ADDRESS, CONTROL, control);
        message.set(ValueLayout.JAVA_LONG, CONTROL_BYTES, control.byteSize());
        long bytes = ChildCalls.receive(socket, message, CLOSE_ON_EXEC_RECEIVED);
        check((int) bytes, "recvmsg failed");
        boolean received = bytes > 0 && message.get(ValueLayout.JAVA_LONG, CONTROL_BYTES) > CONTROL_HEADER_BYTES;
        return received ? control.get(ValueLayout.JAVA_INT, CONTROL_HEADER_BYTES) : -1;
    }

    private static int exitStatus(Arena arena, int pid) throws VfsException {
        MemorySegment status = arena.allocate(ValueLayout.JAVA_INT);
        check(ChildCalls.await(pid, status), "waitpid failed");
        int raw = status.get(ValueLayout.JAVA_INT, 0);
        return (raw & 0x7f) == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f);
    }

    private static void check(int result, String text) throws VfsException {
        if (result < 0) {
            throw new VfsException(Errno.of(-result), text);
        }
    }
}
