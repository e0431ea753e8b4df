package samepage.verification.schedule;

import java.util.ArrayList;
import java.util.List;

/** What a run did, switch by switch: for whoever reads a finding. */
final class Trace {
    private static final int FRAMES = 4;

    private final List<String> lines = new ArrayList<>();

    void resumed(LogicalThread thread) {
        lines.add("> " + thread);
    }

    void stopped(LogicalThread thread, StackTraceElement[] stack) {
        var text = new StringBuilder("< " + thread);
        if (thread.waitsFor != null) {
            text.append(" waits for ").append(thread.waitsFor);
        }
        int frames = 0;
        for (StackTraceElement frame : stack) {
            if (isOfTheProgram(frame) && frames++ < FRAMES) {
                String type =
                        frame.getClassName().substring(frame.getClassName().lastIndexOf('.') + 1);
                text.append(frames == 1 ? " at " : " < ")
                        .append(type)
                        .append('.')
                        .append(frame.getMethodName())
                        .append(':')
                        .append(frame.getLineNumber());
            }
        }
        lines.add(text.toString());
    }

    void note(String what) {
        lines.add("  " + what);
    }

    static boolean isOfTheProgram(StackTraceElement frame) {
        String type = frame.getClassName();
        return type.startsWith("samepage.")
                && (!type.startsWith("samepage.verification.")
                        || type.startsWith("samepage.verification.schedule.world"));
    }

    @Override
    public String toString() {
        return String.join("\n", lines);
    }
}
