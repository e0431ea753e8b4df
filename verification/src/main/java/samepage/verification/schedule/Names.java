package samepage.verification.schedule;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Puts our classes in the place of the JDK's by their names alone, which stand in a class file's constant pool once, for
 * types, descriptors and signatures alike.
 */
final class Names {
    private static final String HERE = "samepage/verification/schedule/";

    private static final Map<String, String> REPLACED = Map.of(
            "java/util/concurrent/locks/ReentrantReadWriteLock", HERE + "ControlledReadWriteLock",
            "java/util/concurrent/locks/LockSupport", HERE + "ControlledLockSupport",
            "java/util/concurrent/CompletableFuture", HERE + "ControlledFuture",
            "java/util/concurrent/Executors", HERE + "ControlledExecutors",
            "java/lang/ThreadLocal", HERE + "ControlledThreadLocal",
            "java/lang/Thread", HERE + "ControlledThread");

    /** What parks a thread of the JVM's and has no stand-in yet: a class that uses one would escape the scheduler. */
    private static final List<String> UNSUPPORTED = List.of(
            "java/util/concurrent/locks/ReentrantLock",
            "java/util/concurrent/locks/StampedLock",
            "java/util/concurrent/locks/Condition",
            "java/util/concurrent/Semaphore",
            "java/util/concurrent/CountDownLatch",
            "java/util/concurrent/CyclicBarrier",
            "java/util/concurrent/Phaser",
            "java/util/concurrent/BlockingQueue",
            "java/util/concurrent/LinkedBlockingQueue",
            "java/util/concurrent/ArrayBlockingQueue",
            "java/util/concurrent/ForkJoinPool",
            "java/util/concurrent/StructuredTaskScope",
            "java/util/Timer");

    private static final Pattern NAME = Pattern.compile("(" + String.join("|", REPLACED.keySet()) + ")(?=$|[;<$])");

    private static final int MAGIC_AND_VERSION_BYTES = 8;
    private static final int UTF8 = 1;

    private Names() {}

    static byte[] replaceIn(byte[] classFile) {
        try {
            var in = new DataInputStream(new ByteArrayInputStream(classFile));
            var bytes = new ByteArrayOutputStream(classFile.length + 256);
            var out = new DataOutputStream(bytes);
            out.write(in.readNBytes(MAGIC_AND_VERSION_BYTES));
            int count = in.readUnsignedShort();
            out.writeShort(count);
            for (int i = 1; i < count; i++) {
                int tag = in.readUnsignedByte();
                out.writeByte(tag);
                if (tag == UTF8) {
                    out.writeUTF(replaced(in.readUTF()));
                } else {
                    out.write(in.readNBytes(lengthOf(tag)));
                    i += tag == 5 || tag == 6 ? 1 : 0; // longs and doubles take two places
                }
            }
            in.transferTo(out);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String replaced(String text) {
        for (String name : UNSUPPORTED) {
            if (text.equals(name) || text.contains("L" + name + ";")) {
                throw new IllegalStateException("no stand-in for " + name);
            }
        }
        return NAME.matcher(text).replaceAll(match -> REPLACED.get(match.group(1)));
    }

    private static int lengthOf(int tag) {
        return switch (tag) {
            case 7, 8, 16, 19, 20 -> 2;
            case 15 -> 3;
            case 3, 4, 9, 10, 11, 12, 17, 18 -> 4;
            case 5, 6 -> 8;
            default -> throw new IllegalStateException("constant pool tag " + tag);
        };
    }
}
