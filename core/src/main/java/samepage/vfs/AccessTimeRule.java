package samepage.vfs;

import samepage.inode.Inode;
import samepage.volume.InodeRecord;
import samepage.volume.Timestamp;

/** When reading moves the access time. It is kept in memory and put with the next commit. */
final class AccessTimeRule {
    private static final long DAY_SECONDS = 24 * 60 * 60;

    private final VfsOptions.AccessTimes mode;

    private final boolean directoriesToo;

    private AccessTimeRule(VfsOptions.AccessTimes mode, boolean directoriesToo) {
        this.mode = mode;
        this.directoriesToo = directoriesToo;
    }

    /** The mount's rule; what is open for reading only keeps its times. */
    static AccessTimeRule of(VfsOptions options, boolean readOnly) {
        return new AccessTimeRule(
                readOnly ? VfsOptions.AccessTimes.NEVER : options.accessTimes(), options.directoriesToo());
    }

    /** The inode's content has been read. */
    void accessed(Inode inode) {
        if (mode == VfsOptions.AccessTimes.NEVER) {
            return;
        }
        Timestamp now = Timestamp.now();
        if (isDue(inode.record(), now)) {
            inode.update(record -> record.withTimes(now, record.modifyTime(), record.changeTime()));
        }
    }

    /** True where reading at {@code now} moves the access time. */
    boolean isDue(InodeRecord record, Timestamp now) {
        if (record.isDirectory() && !directoriesToo) {
            return false;
        }
        Timestamp last = record.accessTime();
        return switch (mode) {
            case NEVER -> false;
            case ALWAYS -> last.compareTo(now) < 0;
            case RELATIVE ->
                last.compareTo(record.modifyTime()) <= 0
                        || last.compareTo(record.changeTime()) <= 0
                        || now.seconds() - last.seconds() >= DAY_SECONDS;
        };
    }
}
