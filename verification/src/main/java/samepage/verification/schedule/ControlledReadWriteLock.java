package samepage.verification.schedule;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes the place of {@link java.util.concurrent.locks.ReentrantReadWriteLock}. Who gets it next is the scheduler's choice. */
public final class ControlledReadWriteLock {
    private final ReadLock readLock = new ReadLock(this);
    private final WriteLock writeLock = new WriteLock(this);
    private final WaitQueue waiting = new WaitQueue(this);
    private final Map<LogicalThread, Integer> readers = new LinkedHashMap<>();
    private @Nullable LogicalThread writer;
    private int writeHolds;
    private int waitingWriters;

    public ControlledReadWriteLock() {}

    public ReadLock readLock() {
        return readLock;
    }

    public WriteLock writeLock() {
        return writeLock;
    }

    public boolean isWriteLockedByCurrentThread() {
        return writer == Scheduler.here().current();
    }

    public int getReadHoldCount() {
        return readers.getOrDefault(Scheduler.here().current(), 0);
    }

    private void lockShared() {
        Scheduler scheduler = Scheduler.here();
        scheduler.yieldPoint();
        LogicalThread self = scheduler.current();
        while ((writer != null && writer != self)
                || (scheduler.prefersWriters() && waitingWriters > 0 && writer != self && !readers.containsKey(self))) {
            scheduler.block(waiting);
        }
        readers.merge(self, 1, Integer::sum);
    }

    private void unlockShared() {
        Scheduler scheduler = Scheduler.here();
        LogicalThread self = scheduler.current();
        Integer holds = readers.get(self);
        if (holds == null) {
            throw new IllegalMonitorStateException("not held shared: " + this);
        }
        if (holds == 1) {
            readers.remove(self);
        } else {
            readers.put(self, holds - 1);
        }
        scheduler.wakeAll(waiting);
    }

    private void lockExclusive() {
        Scheduler scheduler = Scheduler.here();
        scheduler.yieldPoint();
        LogicalThread self = scheduler.current();
        while (!isFreeFor(self)) {
            waitingWriters++;
            scheduler.block(waiting);
            waitingWriters--;
        }
        writer = self;
        writeHolds++;
    }

    private boolean tryLockExclusive() {
        Scheduler scheduler = Scheduler.here();
        scheduler.yieldPoint();
        LogicalThread self = scheduler.current();
        if (!isFreeFor(self)) {
            return false;
        }
        writer = self;
        writeHolds++;
        return true;
    }

    private boolean tryLockShared() {
        Scheduler scheduler = Scheduler.here();
        scheduler.yieldPoint();
        LogicalThread self = scheduler.current();
        if (writer != null && writer != self) {
            return false;
        }
        readers.merge(self, 1, Integer::sum);
        return true;
    }

    private boolean isFreeFor(LogicalThread self) {
        return writer == self || (writer == null && readers.isEmpty());
    }

    private void unlockExclusive() {
        Scheduler scheduler = Scheduler.here();
        if (writer != scheduler.current()) {
            throw new IllegalMonitorStateException("not held exclusively: " + this);
        }
        if (--writeHolds == 0) {
            writer = null;
            scheduler.wakeAll(waiting);
        }
    }

    @Override
    public String toString() {
        return "a lock that " + (writer != null ? writer + " holds" : readers.keySet() + " share");
    }

    /** The shared side. */
    public static final class ReadLock {
        private final ControlledReadWriteLock lock;

        private ReadLock(ControlledReadWriteLock lock) {
            this.lock = lock;
        }

        public void lock() {
            lock.lockShared();
        }

        public boolean tryLock() {
            return lock.tryLockShared();
        }

        public void unlock() {
            lock.unlockShared();
        }
    }

    /** The exclusive side. */
    public static final class WriteLock {
        private final ControlledReadWriteLock lock;

        private WriteLock(ControlledReadWriteLock lock) {
            this.lock = lock;
        }

        public void lock() {
            lock.lockExclusive();
        }

        public boolean tryLock() {
            return lock.tryLockExclusive();
        }

        public void unlock() {
            lock.unlockExclusive();
        }
    }
}
