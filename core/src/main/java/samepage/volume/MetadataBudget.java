package samepage.volume;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * What new records may take of the host. Where less is left than is kept, only what gives space back is recorded, and what
 * has been promised before: so that deleting goes on on a full host, and frees what it deletes.
 */
final class MetadataBudget {
    private static final long SAMPLE_NANOS = 200_000_000;

    private final MetadataStore store;
    private final TransactionLog log;
    private final long keptBytes;

    @GuardedBy("this") private long usableBytes;

    @GuardedBy("this") private long sampledAtNanos = System.nanoTime() - 2 * SAMPLE_NANOS;

    MetadataBudget(MetadataStore store, TransactionLog log, long keptBytes) {
        this.store = store;
        this.log = log;
        this.keptBytes = keptBytes;
    }

    /**
     * Looks whether there is room for more.
     *
     * @throws VfsException ENOSPC where there is none
     */
    synchronized void checkRoom() throws IOException {
        if (!hasRoom() || System.nanoTime() - sampledAtNanos > SAMPLE_NANOS) {
            usableBytes = store.usableBytes();
            sampledAtNanos = System.nanoTime();
        }
        if (!hasRoom()) {
            throw new VfsException(Errno.ENOSPC, "no space left for the volume's metadata");
        }
    }

    /** In memory a record takes no less than what it will take in the store. */
    @GuardedBy("this") private boolean hasRoom() {
        return usableBytes - log.running().heapBytes() >= keptBytes;
    }
}
