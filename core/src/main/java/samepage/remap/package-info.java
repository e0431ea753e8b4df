/**
 * Clone and dedupe: the heart. Two ranges come to share their storage, atomically against every kind of writer.
 *
 * <h2>The locked protocol</h2>
 *
 * <ol>
 *   <li>Lock both inodes exclusive, in inode order ({@link samepage.remap.InodePairLock}): no write, truncation or clone
 *       begins on either. Where a layout lease stands on either range, give the locks back, recall it with none held and
 *       no new one granted, and lock again.
 *   <li>Lock both invalidate locks exclusive, in the same order: no page fault, which is what a store into a clean mapped page is, and no fill begins.
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
 *   <li>Write back, and compare with no lock held. Writers and readers go on.
 *   <li>Compare again what has been noted meanwhile, until it is little, or a number of times.
 *   <li>Take the locks and go through the locked protocol, with two short cuts: nearly nothing is dirty, and only what was
 *       noted since it was last compared is compared.
 * </ol>
 *
 * <p>Writers wait for the last step only, which is short whatever the range's length. Where a writer is so fast that much
 * is left to compare, that is compared under the locks, which is the locked protocol.
 *
 * <h2>Invariants</h2>
 *
 * <ul>
 *   <li>R1. Both inodes and both invalidate locks are held exclusive from the checks until the share is recorded.
 *   <li>R2. No direct I/O of either file is under way once comparison under the locks begins.
 *   <li>R3. No page of either range is dirty once comparison under the locks begins.
 *   <li>R4. Every block of the range has been compared with its partner after the last change of either, or the two are the
 *       same block of the device already.
 *   <li>R5. The files' content, as anyone reads it, is the same before, during and after a dedupe, crashes included.
 *   <li>R6. A block past a file's end is never compared nor shared; a tail block only where both files end in it.
 *   <li>R7. No layout lease stands on either range while both inodes are locked.
 * </ul>
 */
@NullMarked
package samepage.remap;

import org.jspecify.annotations.NullMarked;
