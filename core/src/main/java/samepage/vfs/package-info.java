/**
 * The POSIX tree: names, permissions, open files; the public face of a mounted volume is {@link samepage.vfs.Vfs}.
 *
 * <p>An operation goes: look the names up with no lock, take references to the inodes, take their locks in order, look
 * again, refuse what is to be refused, and put all changes through one transaction. References are given back when nothing
 * is held any more, for the last one frees an inode without a name.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>T1. A directory's entries change only with its inode lock held exclusive; a lookup is one record and needs none.
 *   <li>T2. Several inode locks are taken in ascending order of inode numbers ({@code InodeLocks}); what was looked up
 *       before is looked up again after.
 *   <li>T3. A directory's parent changes only with the rename lock held, under which a walk upwards ends at the root and
 *       meets no directory that is being moved: the tree stays a tree.
 *   <li>T4. All changes of one operation are in one transaction, which is opened after the last refusal.
 *   <li>T5. No reference to an inode is given back while a lock or a transaction is held.
 *   <li>T6. An inode whose last name goes is an orphan from the same transaction on, until its last user has gone.
 *   <li>T7. A directory's link count is two plus the number of its subdirectories; a removed directory takes no entry.
 * </ul>
 */
@NullMarked
package samepage.vfs;

import org.jspecify.annotations.NullMarked;
