/**
 * The finder's target on a file system of the kernel's: XFS, Btrfs, and any other that knows FIDEDUPERANGE. The kernel compares
 * and shares; what is here finds out, cheaply, what is worth asking it.
 *
 * <p>A file's way ({@link samepage.linux.reflink.ReflinkTarget}):
 *
 * <ol>
 *   <li>Walk ({@link samepage.linux.reflink.TreeWalk}): directories, status of each file; or only what a watch ({@link
 *       samepage.linux.reflink.TreeWatch}) has been told of. What the index ({@link samepage.linux.reflink.TreeIndex}) knows
 *       and has not changed goes no further.
 *   <li>Survey ({@link samepage.linux.reflink.Survey}): where each file's extents are. By that, batches of files are sorted, and
 *       get their ids: the order of ids is that of the disk.
 *   <li>Read ({@link samepage.linux.reflink.Reading}): in that order, by several threads, ahead of who wants them: pieces of
 *       files, of each block a fingerprint. An extent that a file before has, too, is not read again.
 *   <li>Find: the finder takes the files in order, and asks for the blocks of those it has had before, which the index keeps.
 *   <li>Share ({@link samepage.linux.reflink.Sharing}): both files are opened anew, must still be the same, are read into the
 *       page cache side by side, and the kernel compares.
 *   <li>Remember: what was scanned and shared is written to the index, so that the next run begins behind it.
 * </ol>
 *
 * <p>What holds:
 *
 * <ul>
 *   <li>K1. Nothing here writes to a file, changes its times, or waits for one that is no regular file.
 *   <li>K2. Of a file that the kernel is asked to share, inode and size were looked at through the descriptor that it is asked
 *       with. Symbolic links are followed nowhere below the roots.
 *   <li>K3. The kernel's own count of shared bytes is never believed: ranges are cut so that it cannot share less than asked.
 *   <li>K4. The index holds hints: a wrong or stale one costs a request that differs, or a duplicate not found, nothing else.
 *   <li>K5. In the index a file stands only after all that was found in it has been shared.
 * </ul>
 */
@NullMarked
package samepage.linux.reflink;

import org.jspecify.annotations.NullMarked;
