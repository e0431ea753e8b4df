package samepage.volume;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.lock.LockRank;
import samepage.lock.RankedLock;

/**
 * The running transaction in front of the store, and the one being committed between them.
 *
 * <p>Every operation joins the running transaction as a handle; a commit closes it to new handles, waits for those inside,
 * puts an empty one in its place, and makes it durable as one batch. Reads look through all layers, so what an operation
 * did is seen at once.
 */
final class TransactionLog {
    private final MetadataStore store;
    private final RankedLock commitLock = new RankedLock(LockRank.COMMIT);
    private final RankedLock transactionLock = new RankedLock(LockRank.TRANSACTION);
    private volatile Layers layers = new Layers(new Overlay(1), null);
    private volatile long committedSequence;

    TransactionLog(MetadataStore store) {
        this.store = store;
    }

    /** What a commit does around the batch. */
    interface CommitSteps {
        /**
         * Puts what has been kept in memory until now; no handle is open that could change anything meanwhile.
         *
         * @throws IOException where the transaction must not be committed; it goes on running
         */
        void putLast(Overlay running) throws IOException;

        /** Makes every block durable that the closed transaction refers to (V2). */
        void flushData() throws IOException;

        /** The batch is durable. */
        void committed(Overlay committed);
    }

    /** Joins the running transaction; the handle keeps it open. */
    RankedLock.Held join() {
        return transactionLock.lockShared();
    }

    /** The transaction that handles join now; stays the same while the caller has joined. */
    Overlay running() {
        return layers.running;
    }

    /** The last transaction that is durable. */
    long committedSequence() {
        return committedSequence;
    }

    /**
     * Makes transaction {@code sequence} durable, and with it all before; returns at once where it is already.
     *
     * @throws VfsException ENOSPC where the store has no room for the batch: then all of it is in the running transaction,
     *     and durable with a later commit
     */
    void commit(long sequence, CommitSteps steps) throws IOException {
        if (committedSequence >= sequence) {
            return;
        }
        try (var _ = commitLock.lockExclusive()) {
            if (committedSequence >= sequence) {
                return;
            }
            Overlay closed = close(steps);
            if (!closed.isEmpty()) {
                steps.flushData();
                apply(closed);
            }
            layers = new Layers(layers.running, null);
            committedSequence = closed.sequence;
            steps.committed(closed);
        }
    }

    private void apply(Overlay closed) throws IOException {
        try {
            store.apply(closed.records);
        } catch (VfsException e) {
            if (e.errno() == Errno.ENOSPC) {
                try (var _ = transactionLock.lockExclusive()) {
                    layers = new Layers(Overlay.merged(closed, layers.running), null);
                }
            }
            throw e;
        }
    }

    /** What needs one committed state; waits for no other operation. */
    interface CommittedAction<T> {
        T run() throws IOException;
    }

    /** Runs an action while no commit is under way and none begins. */
    <T> T whileNothingCommits(CommittedAction<T> action) throws IOException {
        try (var _ = commitLock.lockExclusive()) {
            return action.run();
        }
    }

    private Overlay close(CommitSteps steps) throws IOException {
        try (var _ = transactionLock.lockExclusive()) {
            Overlay closing = layers.running;
            steps.putLast(closing);
            layers = new Layers(new Overlay(closing.sequence + 1), closing);
            return closing;
        }
    }

    /**
     * Deletes a record within the running transaction, which the caller has joined. One that came with this transaction goes
     * without a trace: a walk passes every deletion one by one, as does a look down the store, and a run that grows or shrinks
     * block by block would leave as many.
     */
    void delete(Overlay running, byte[] key) throws IOException {
        Layers now = layers;
        boolean isBelow = !running.records.containsKey(key)
                || (now.committing != null && now.committing.records.containsKey(key))
                || store.get(key) != null;
        if (isBelow) {
            running.put(key, MetadataStore.DELETED);
        } else {
            running.remove(key);
        }
    }

    byte @Nullable [] get(byte[] key) throws IOException {
        Layers now = layers;
        byte[] value = now.running.records.get(key);
        if (value == null && now.committing != null) {
            value = now.committing.records.get(key);
        }
        if (value != null) {
            return MetadataStore.isDeletion(value) ? null : value;
        }
        return store.get(key);
    }

    /** How far a record reaches, of a table whose records stand for ranges of numbers. */
    interface Reach {
        /** Whether the record's range has the number that is looked for, which is not below its key. */
        boolean has(byte[] key, byte[] value);
    }

    /**
     * The record whose range has the number that {@code key} stands for; null where none has. For tables whose records are
     * ranges that never overlap, and are deleted only where they are: what is older than a change, and begins before it, ends
     * before it too. So it takes one look at each layer, however many deletions there are.
     *
     * @param lowest no record below this key is asked for
     */
    Map.@Nullable Entry<byte[], byte[]> covering(byte[] key, byte[] lowest, Reach reach) throws IOException {
        return covering(key, lowest, reach, store);
    }

    /** The same, of what the transactions in memory hold. */
    Map.@Nullable Entry<byte[], byte[]> coveringInMemory(byte[] key, byte[] lowest, Reach reach) throws IOException {
        return covering(key, lowest, reach, null);
    }

    private Map.@Nullable Entry<byte[], byte[]> covering(
            byte[] key, byte[] lowest, Reach reach, @Nullable MetadataStore beneath) throws IOException {
        Layers now = layers;
        byte[] from = lowest;
        for (Overlay layer = now.running; layer != null; layer = layer == now.running ? now.committing : null) {
            var put = layer.floorOfPuts(key, from);
            if (put != null && reach.has(put.getKey(), put.getValue())) {
                return layer == now.running || !now.running.records.containsKey(put.getKey()) ? put : null;
            }
            var nearest = layer.floor(key, from);
            from = nearest == null ? from : nearest.getKey();
        }
        var stored = beneath == null ? null : beneath.floor(key, from);
        return stored != null && now.decide(stored.getKey()) == null && reach.has(stored.getKey(), stored.getValue())
                ? stored
                : null;
    }

    MetadataStore.Cursor scan(byte[] from, byte[] to) throws IOException {
        Layers now = layers;
        return MergedCursor.open(now.running, now.committing, store, from, to);
    }

    private record Layers(Overlay running, @Nullable Overlay committing) {
        /** What the overlays say of {@code key}: a value, a deletion, or null where they say nothing. */
        byte @Nullable [] decide(byte[] key) {
            byte[] value = running.records.get(key);
            return value != null || committing == null ? value : committing.records.get(key);
        }
    }
}
