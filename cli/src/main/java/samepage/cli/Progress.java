package samepage.cli;

import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One line on the terminal that tells what has been done, how fast, and how long the rest will take; nothing where standard error is
 * no terminal. The working thread adds, a thread of its own draws. Closing it wipes the line.
 */
final class Progress implements AutoCloseable {
    private static final long INTERVAL_MILLIS = 200;

    private static final long JSON_INTERVAL_MILLIS = 1000;

    /** What a file costs beside its bytes, in bytes: so that the time left is right for many small files, too. */
    private static final long FILE_COST_BYTES = 32 << 10;

    private static final double NANOS = 1e9;

    private final Console console;
    private final boolean asJson;
    private final @Nullable Thread drawing;
    private final long startedNanos = System.nanoTime();
    private volatile String doing = "";
    private volatile long phaseStartedNanos = startedNanos;
    private volatile long files;
    private volatile long bytes;
    private volatile long totalFiles;
    private volatile long totalBytes;
    private volatile long sharedBytes;
    private volatile boolean closed;
    private boolean lineIsDrawn;

    Progress(Console console) {
        this(console, false);
    }

    /** @param asJson whether to print an object a second, on a line of its own, wherever standard error goes */
    Progress(Console console, boolean asJson) {
        this.console = console;
        this.asJson = asJson;
        this.drawing = console.terminalColumns() == 0 && !asJson
                ? null
                : Thread.ofPlatform().daemon().name("samepage-progress").start(this::draw);
    }

    boolean isShown() {
        return drawing != null;
    }

    /** A new phase begins, such as {@code importing}: counts start at nothing, with no total known. */
    void begin(String whatIsDone) {
        files = 0;
        bytes = 0;
        totalFiles = 0;
        totalBytes = 0;
        phaseStartedNanos = System.nanoTime();
        doing = whatIsDone;
    }

    /** How much there will be in all. */
    void total(long fileCount, long byteCount) {
        totalBytes = byteCount;
        totalFiles = fileCount;
    }

    void addFile() {
        set(files + 1, bytes);
    }

    void addBytes(long count) {
        set(files, bytes + count);
    }

    /** What has been done of this phase. One thread counts. */
    void set(long fileCount, long byteCount) {
        files = fileCount;
        bytes = byteCount;
    }

    double seconds() {
        return (System.nanoTime() - startedNanos) / NANOS;
    }

    /** A line {@code samepage: ...} on standard error, beside the progress. */
    synchronized void complain(String line) {
        wipe();
        console.complain(line);
    }

    @Override
    public void close() {
        end();
    }

    /** Nothing more is drawn: results can be printed. */
    void end() {
        closed = true;
        if (drawing != null) {
            drawing.interrupt();
        }
        synchronized (this) {
            wipe();
        }
    }

    private void draw() {
        while (!closed) {
            try {
                Thread.sleep(asJson ? JSON_INTERVAL_MILLIS : INTERVAL_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
            synchronized (this) {
                if (!closed && asJson) {
                    printJson();
                } else if (!closed && !doing.isEmpty()) {
                    var line = line((System.nanoTime() - phaseStartedNanos) / NANOS);
                    var width = Math.max(1, console.terminalColumns() - 1);
                    console.err().print("\r" + line.substring(0, Math.min(line.length(), width)) + "\u001b[K");
                    console.err().flush();
                    lineIsDrawn = true;
                }
            }
        }
    }

    private void printJson() {
        var object = new LinkedHashMap<String, Object>();
        object.put("doing", doing);
        object.put("seconds", seconds());
        object.put("files", files);
        object.put("bytes", bytes);
        object.put("totalFiles", totalFiles);
        object.put("totalBytes", totalBytes);
        object.put("sharedBytes", sharedBytes);
        console.err().print(JsonText.lineOf(object) + "\n");
        console.err().flush();
    }

    /** How much has come to be shared so far. */
    void shared(long byteCount) {
        sharedBytes = byteCount;
    }

    private void wipe() {
        if (lineIsDrawn) {
            console.err().print("\r\u001b[K");
            console.err().flush();
            lineIsDrawn = false;
        }
    }

    private String line(double seconds) {
        var soFar = sharedBytes == 0 ? "" : ", " + HumanText.size(sharedBytes) + " shared";
        return line(doing, files, bytes, totalFiles, totalBytes, seconds) + soFar;
    }

    /** {@code importing 1,234 of 50,000 files, 1.2 GiB of 3.0 GiB, 40%, 310 MiB/s, 6 s left}. */
    static String line(String doing, long files, long bytes, long totalFiles, long totalBytes, double seconds) {
        var text = new StringBuilder(doing);
        var isTotalKnown = totalFiles > 0 && totalFiles >= files && totalBytes >= bytes;
        if (files > 0 || isTotalKnown) {
            text.append(' ').append(HumanText.number(files));
            text.append(isTotalKnown ? " of " + HumanText.number(totalFiles) : "")
                    .append(" files,");
        }
        text.append(' ').append(HumanText.size(bytes));
        if (isTotalKnown) {
            var share = (double) cost(files, bytes) / Math.max(1, cost(totalFiles, totalBytes));
            text.append(" of ").append(HumanText.size(totalBytes));
            text.append(", ").append((int) (100 * share)).append('%');
        }
        text.append(", ").append(HumanText.rate(bytes, seconds));
        if (isTotalKnown && seconds > 1) {
            var rest = cost(totalFiles, totalBytes) - cost(files, bytes);
            var left = seconds * rest / Math.max(1, cost(files, bytes));
            text.append(", ").append(HumanText.duration(Math.ceil(left))).append(" left");
        }
        return text.toString();
    }

    private static long cost(long files, long bytes) {
        return bytes + files * FILE_COST_BYTES;
    }
}
