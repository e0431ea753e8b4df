/**
 * Clone and dedupe: the heart. Two ranges come to share their storage, atomically against every kind of writer.
 *
 * <h2>The locked protocol</h2>
 *
 * <ol>
 *   <li>Lock both inodes exclusive, in inode order ({@link samepage.remap.InodePairLock}): no write, truncation or clone
 *       begins on either. Where a layout lease stands on either range, give the locks back, recall it with none held and
 *       no new one granted, and lock again.
 *   <li>Lock both invalidate locks exclusive, in the same order: no fill begins, and no page fault, which is what a store
 *       into a clean mapped page is.
 *   <li>Check sizes, ranges and kinds as they are now ({@link samepage.remap.RemapChecks}).
 *   <li>Drain direct I/O of both: what was submitted before the locks has changed extents and size, or has failed. Then
 *       check again, for it may have moved an end.
 *   <li>Write back what is dirty of both ranges: the device has the content. A page under a memory map is cleaned by
 *       taking its writable windows away: the next store faults, and waits for step 2's lock.
 *   <li>Compare, page pairs under their locks in ascending order, each looked at again after locking ({@link
 *       samepage.remap.RangeComparison}). Not for a clone.
 *   <li>Share, in one transaction: count references, release what the target had, map ({@link
 *       samepage.remap.ExtentSharing}).
 * </ol>
 *
 * <h2>The optimistic protocol, the default for dedupe</h2>
 *
 * <ol>
 *   <li>Watch both ranges: whatever changes in them from now on is noted, block by block. Pin freed blocks.
 *   <li>Compare with no lock held what is not shared yet, and what is dirty. Writers and readers go on.
 *   <li>Compare again what has been noted meanwhile, until it is little, or a number of times. Writers that are faster than
 *       that are slowed down: each pauses a moment before it takes a lock ({@link
 *       samepage.inode.Inode#pauseWhereOutpaced}).
 *   <li>Take the locks as above, checks and drain included, and take writability away from memory maps, which notes what was
 *       stored through them. Compare what was noted since it was last compared: now it is known whether the ranges are the
 *       same. Give the locks back.
 *   <li>Share, piece by piece, each in one transaction, with both files' writeback locks and no other ({@link
 *       samepage.remap.WritebackPairLock}): what has not been noted again and is clean on both sides. Writers and readers
 *       go on: a store that comes after that look is in a page, and is written back to a block of its own once the locks
 *       are given back.
 *   <li>What was dirty or noted again: write back and compare it unlocked, then share it likewise; once or twice. What is
 *       still dirty then is being written to all the time, and stays unshared.
 * </ol>
 *
 * <p>No writer waits for a compare, for the device or for the sharing; for the locks only as long as the verdict takes,
 * whatever the range's length; readers of what is in memory never do. Where a writer is so fast that much is left to compare
 * after all rounds, that is compared under the locks, which is the locked protocol.
 *
 * <h2>Invariants</h2>
 *
 * <ul>
 *   <li>R1. Where the blocks of both files lie changes for nobody else, and has been noted where it has, while extents are
 *       shared: both writeback locks are held. Locked, and for a clone, both inodes and both invalidate locks are held too,
 *       exclusive, from the checks on.
 *   <li>R2. No direct I/O of either file is under way once comparison under the locks begins.
 *   <li>R3. No block that is shared was dirty, under writeback or under a writable window on either side when the writeback
 *       locks had been taken: what lies on the device is what its file read as.
 *   <li>R4. Every block that is shared has been compared with its partner after the last change of either that had come to
 *       the device or to a page by then; and at one moment this held for every block of the range, or the two were the same
 *       block of the device already.
 *   <li>R5. The files' content, as anyone reads it, is the same before, during and after a dedupe, crashes included.
 *   <li>R6. A block past a file's end is never compared nor shared; a tail block only where both files end in it.
 *   <li>R7. No layout lease stands on either range while its locks are held.
 * </ul>
 */
@NullMarked
package samepage.remap;

import org.jspecify.annotations.NullMarked;
