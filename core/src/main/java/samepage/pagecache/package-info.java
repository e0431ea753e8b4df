/**
 * Pages of files in memory: found without locks, changed under page locks, written back through {@link
 * samepage.pagecache.PageBacking}. Knows nothing of extents.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>P1. A block of a folio is read only while it is up to date, and a folio's memory only while it is pinned.
 *   <li>P2. A folio's content and its dirty blocks change only under its lock, by one who found it still attached after
 *       taking the lock.
 *   <li>P3. A dirty block holds a promise of space or lies over blocks allocated for it.
 *   <li>P4. A folio that is dirty or under writeback is never evicted.
 *   <li>P5. No two attached folios of a mapping overlap.
 *   <li>P6. A block under a writable window is dirty: whoever cleans it takes the window away first, and what may have
 *       changed through it is reported then.
 * </ul>
 */
@NullMarked
package samepage.pagecache;

import org.jspecify.annotations.NullMarked;
