package samepage.linux.syscall;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Binds functions of the C library. Every bound handle takes, before the function's own arguments, where to leave errno. */
final class Libc {
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    static final AddressLayout POINTER = ValueLayout.ADDRESS;

    /** Whether this is aarch64; otherwise it is x86_64. */
    static final boolean AARCH64 = isAarch64();

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup SYMBOLS = LINKER.defaultLookup();
    private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");

    private Libc() {}

    /** A function with a fixed number of arguments. */
    static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
        return bind(name, FunctionDescriptor.of(result, arguments), CAPTURE_ERRNO);
    }

    /** A function whose arguments after the first {@code fixedCount} stand in its declaration as three dots. */
    static MethodHandle variadic(String name, int fixedCount, MemoryLayout result, MemoryLayout... arguments) {
        var descriptor = FunctionDescriptor.of(result, arguments);
        return bind(name, descriptor, CAPTURE_ERRNO, Linker.Option.firstVariadicArg(fixedCount));
    }

    /**
     * What to throw for what a bound handle threw. A handle never fails by itself: only a refused argument (a heap segment, a
     * closed arena) or a failure of the virtual machine comes here, and both pass through unchanged.
     */
    static RuntimeException unexpected(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        return thrown instanceof RuntimeException refused ? refused : new IllegalStateException(thrown);
    }

    @SuppressWarnings("restricted")
    private static MethodHandle bind(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        MemorySegment symbol =
                SYMBOLS.find(name).orElseThrow(() -> new UnsupportedOperationException("the C library has no " + name));
        return LINKER.downcallHandle(symbol, descriptor, options);
    }

    private static boolean isAarch64() {
        var machine = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        return switch (machine) {
            case "Linux amd64" -> false;
            case "Linux aarch64" -> true;
            default -> throw new UnsupportedOperationException("neither Linux x86_64 nor Linux aarch64: " + machine);
        };
    }
}
