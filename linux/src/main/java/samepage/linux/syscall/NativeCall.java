package samepage.linux.syscall;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * A function of the C library. It is bound by where its pointers stand and called by the overload that has them there; all other
 * arguments are words, as many as the overload has, the surplus zero. A result of C's type {@code int} is the low half of the word.
 *
 * <p>Why words and not each function's own types: to link a new shape takes 5 to 15 ms of a cold start, one that is known 0.2 ms, and
 * of some fifty functions nearly every one would be new. On x86_64 and aarch64 each integer argument, those in place of three dots
 * included, fills a register of its own, of which the function reads the part its type says and ignores registers it has no
 * argument for. Pointers stay typed, so that the memory behind them cannot be freed during the call.
 *
 * @param handle constant for the compiler, being a record's component in a static final field
 */
record NativeCall(MethodHandle handle) {
    /** Whether this is aarch64; otherwise it is x86_64. */
    static final boolean AARCH64 = isAarch64();

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;
    private static final AddressLayout POINTER = ValueLayout.ADDRESS;
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup SYMBOLS = LINKER.defaultLookup();
    private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");

    static NativeCall ofWords(String name) {
        return bind(name, WORD, WORD, WORD, WORD);
    }

    static NativeCall ofSevenWords(String name) {
        return bind(name, WORD, WORD, WORD, WORD, WORD, WORD, WORD);
    }

    static NativeCall withPointerSecond(String name) {
        return bind(name, WORD, POINTER, WORD, WORD, WORD);
    }

    static NativeCall withPointerThird(String name) {
        return bind(name, WORD, WORD, POINTER, WORD, WORD);
    }

    static NativeCall withPointersSecondThird(String name) {
        return bind(name, WORD, POINTER, POINTER, WORD, WORD);
    }

    static NativeCall withPointersSecondFourth(String name) {
        return bind(name, WORD, POINTER, WORD, POINTER, WORD, WORD);
    }

    static NativeCall withPointersSecondFifth(String name) {
        return bind(name, WORD, POINTER, WORD, WORD, POINTER);
    }

    static NativeCall withPointerFirst(String name) {
        return bind(name, POINTER, WORD, WORD);
    }

    static NativeCall withPointerFifth(String name) {
        return bind(name, WORD, WORD, WORD, WORD, POINTER);
    }

    static NativeCall withPointersFourthFifth(String name) {
        return bind(name, WORD, WORD, WORD, POINTER, POINTER, WORD);
    }

    static NativeCall withPointersFirstThird(String name) {
        return bind(name, POINTER, WORD, POINTER);
    }

    static NativeCall withPointersFirstSecond(String name) {
        return bind(name, POINTER, POINTER, WORD);
    }

    static NativeCall withPointersFirstToThird(String name) {
        return bind(name, POINTER, POINTER, POINTER, WORD, WORD);
    }

    static NativeCall withPointerFourth(String name) {
        return bind(name, WORD, WORD, WORD, POINTER);
    }

    static NativeCall withPointersFirstToThirdFifth(String name) {
        return bind(name, POINTER, POINTER, POINTER, WORD, POINTER);
    }

    static NativeCall ofSixPointers(String name) {
        return bind(name, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER);
    }

    long invoke(CallScratch scratch, long first, long second, long third, long fourth) {
        try {
            return (long) handle.invokeExact(scratch.callState, first, second, third, fourth);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long invoke(
            CallScratch scratch,
            long first,
            long second,
            long third,
            long fourth,
            long fifth,
            long sixth,
            long seventh) {
        try {
            return (long) handle.invokeExact(scratch.callState, first, second, third, fourth, fifth, sixth, seventh);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long invoke(CallScratch scratch, long first, MemorySegment second, long third, long fourth, long fifth) {
        try {
            return (long) handle.invokeExact(scratch.callState, first, second, third, fourth, fifth);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long invoke(CallScratch scratch, long first, long second, MemorySegment third, long fourth, long fifth) {
        try {
            return (long) handle.invokeExact(scratch.callState, first, second, third, fourth, fifth);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long invoke(CallScratch scratch, long first, MemorySegment second, MemorySegment third, long fourth, long fifth) {
        try {
            return (long) handle.invokeExact(scratch.callState, first, second, third, fourth, fifth);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long invoke(
            CallScratch scratch,
            long first,
            MemorySegment second,
            long third,
            MemorySegment fourth,
            long fifth,
            long sixth) {
        try {
            return (long) handle.invokeExact(scratch.callState, first, second, third, fourth, fifth, sixth);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long invoke(CallScratch scratch, long first, MemorySegment second, long third, long fourth, MemorySegment fifth) {
        try {
            return (long) handle.invokeExact(scratch.callState, first, second, third, fourth, fifth);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long invoke(CallScratch scratch, MemorySegment first, long second, long third) {
        try {
            return (long) handle.invokeExact(scratch.callState, first, second, third);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long invoke(CallScratch scratch, long first, long second, long third, long fourth, MemorySegment fifth) {
        try {
            return (long) handle.invokeExact(scratch.callState, first, second, third, fourth, fifth);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long invoke(
            CallScratch scratch,
            long first,
            long second,
            long third,
            MemorySegment fourth,
            MemorySegment fifth,
            long sixth) {
        try {
            return (long) handle.invokeExact(scratch.callState, first, second, third, fourth, fifth, sixth);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long invoke(CallScratch scratch, MemorySegment first, long second, MemorySegment third) {
        try {
            return (long) handle.invokeExact(scratch.callState, first, second, third);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long invoke(CallScratch scratch, MemorySegment first, MemorySegment second, long third) {
        try {
            return (long) handle.invokeExact(scratch.callState, first, second, third);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long invoke(
            CallScratch scratch,
            MemorySegment first,
            MemorySegment second,
            MemorySegment third,
            long fourth,
            long fifth) {
        try {
            return (long) handle.invokeExact(scratch.callState, first, second, third, fourth, fifth);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long invoke(CallScratch scratch, long first, long second, long third, MemorySegment fourth) {
        try {
            return (long) handle.invokeExact(scratch.callState, first, second, third, fourth);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long invoke(
            CallScratch scratch,
            MemorySegment first,
            MemorySegment second,
            MemorySegment third,
            long fourth,
            MemorySegment fifth) {
        try {
            return (long) handle.invokeExact(scratch.callState, first, second, third, fourth, fifth);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    long invoke(
            CallScratch scratch,
            MemorySegment first,
            MemorySegment second,
            MemorySegment third,
            MemorySegment fourth,
            MemorySegment fifth,
            MemorySegment sixth) {
        try {
            return (long) handle.invokeExact(scratch.callState, first, second, third, fourth, fifth, sixth);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    /**
     * What to throw for what the handle threw. It never fails by itself: only a refused argument (a heap segment, a closed arena)
     * or a failure of the virtual machine comes here, and both pass through unchanged.
     */
    private static RuntimeException unexpected(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        return thrown instanceof RuntimeException refused ? refused : new IllegalStateException(thrown);
    }

    @SuppressWarnings("restricted")
    private static NativeCall bind(String name, MemoryLayout... arguments) {
        MemorySegment symbol =
                SYMBOLS.find(name).orElseThrow(() -> new UnsupportedOperationException("the C library has no " + name));
        return new NativeCall(LINKER.downcallHandle(symbol, FunctionDescriptor.of(WORD, arguments), CAPTURE_ERRNO));
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
