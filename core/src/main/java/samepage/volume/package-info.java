/**
 * What is durable: superblock, transactions, inode and directory records, extents, reference counts, allocation,
 * checksums. Knows nothing of pages.
 *
 * <p>Invariants, cited by number where they are checked or relied upon:
 *
 * <ul>
 *   <li>V1. A block that a committed record refers to is never written again until a later commit has dropped the last
 *       reference to it.
 *   <li>V2. Data first: a batch is applied only after the device has flushed every block that it refers to.
 *   <li>V3. A block's reference count is the number of extents that map it, in every committed state.
 *   <li>V4. A block read back has the checksum that was recorded when it was written, or the read fails with EIO.
 *   <li>V5. What one transaction changes is durable as a whole or not at all.
 *   <li>V6. A freed block is reused only after the commit that freed it and after every pin that is older has gone.
 * </ul>
 *
 * <p>The face is {@link samepage.volume.Volume}; reading begins at {@link samepage.volume.MetadataView}, changing at
 * {@link samepage.volume.Transaction}, a file's blocks at {@link samepage.volume.ExtentMap}.
 */
@NullMarked
package samepage.volume;

import org.jspecify.annotations.NullMarked;
