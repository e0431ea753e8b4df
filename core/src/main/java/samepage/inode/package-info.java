/**
 * One file in memory: its attributes, its locks, its pages, its extents, its direct I/O, and who watches it change. What is
 * done with them is the business of the rooms above.
 */
@NullMarked
package samepage.inode;

import org.jspecify.annotations.NullMarked;
