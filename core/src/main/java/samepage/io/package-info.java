/**
 * Reading and writing the content of files: buffered, direct, through memory maps and layout leases, and behind them the
 * writeback that puts dirty pages into new blocks. The face is {@link samepage.io.FileIo}.
 *
 * <p>Who changes content holds the inode lock exclusive, but for direct writes within the file, which share it and count
 * themselves in {@code Inode.directIo}, and for page faults, which hold the invalidate lock shared. Who takes content away
 * from under its pages holds the invalidate lock exclusive. Order: {@link samepage.lock.LockRank}.
 */
@NullMarked
package samepage.io;

import org.jspecify.annotations.NullMarked;
