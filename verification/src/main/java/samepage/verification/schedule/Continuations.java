package samepage.verification.schedule;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * The JDK's own one-shot continuations, on which virtual threads are built: what switches between logical threads in less
 * than a microsecond, all on one thread. Not exported by {@code java.base}: the JVM needs {@code --add-exports
 * java.base/jdk.internal.vm=samepage.verification}.
 */
final class Continuations {
    private static final Object SCOPE;
    private static final MethodHandle NEW;
    private static final MethodHandle RUN;
    private static final MethodHandle YIELD;
    private static final MethodHandle IS_DONE;
    private static final MethodHandle STACK_TRACE;

    static {
        try {
            var lookup = MethodHandles.lookup();
            Class<?> continuation = Class.forName("jdk.internal.vm.Continuation");
            Class<?> scope = Class.forName("jdk.internal.vm.ContinuationScope");
            SCOPE = scope.getConstructor(String.class).newInstance("schedule");
            NEW = lookup.findConstructor(continuation, MethodType.methodType(void.class, scope, Runnable.class))
                    .bindTo(SCOPE)
                    .asType(MethodType.methodType(Object.class, Runnable.class));
            RUN = lookup.findVirtual(continuation, "run", MethodType.methodType(void.class))
                    .asType(MethodType.methodType(void.class, Object.class));
            YIELD = lookup.findStatic(continuation, "yield", MethodType.methodType(boolean.class, scope))
                    .bindTo(SCOPE);
            IS_DONE = lookup.findVirtual(continuation, "isDone", MethodType.methodType(boolean.class))
                    .asType(MethodType.methodType(boolean.class, Object.class));
            STACK_TRACE = lookup.findVirtual(
                            continuation, "getStackTrace", MethodType.methodType(StackTraceElement[].class))
                    .asType(MethodType.methodType(StackTraceElement[].class, Object.class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Continuations() {}

    static Object make(Runnable action) {
        try {
            return (Object) NEW.invokeExact(action);
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    /** Runs the continuation until it yields or ends. */
    static void run(Object continuation) {
        try {
            RUN.invokeExact(continuation);
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    static boolean isDone(Object continuation) {
        try {
            return (boolean) IS_DONE.invokeExact(continuation);
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    /**
     * Back to whoever runs this continuation.
     *
     * @return false, at once, where it cannot yield, for a native frame or a monitor of the JDK's own is on its stack
     */
    static boolean suspend() {
        try {
            var _ = (boolean) YIELD.invokeExact();
            return true;
        } catch (Throwable e) {
            if (e instanceof IllegalStateException
                    && String.valueOf(e.getMessage()).startsWith("Pinned")) {
                return false;
            }
            throw thrown(e);
        }
    }

    /** Where a continuation that has yielded stands. */
    static StackTraceElement[] stackTrace(Object continuation) {
        try {
            return (StackTraceElement[]) STACK_TRACE.invokeExact(continuation);
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    private static RuntimeException thrown(Throwable e) {
        return switch (e) {
            case Error error -> throw error;
            case RuntimeException exception -> exception;
            default -> new IllegalStateException(e);
        };
    }
}
