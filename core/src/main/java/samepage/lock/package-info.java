/**
 * The one order in which locks are taken, and the locks that check it.
 *
 * <p>Every lock that is ever held together with another is a {@link samepage.lock.RankedLock}. With assertions on, which
 * is every test run, taking a lock out of order fails at once and names both locks; in production the check is not
 * there. {@code docs/locking.md} has the table.
 */
@NullMarked
package samepage.lock;

import org.jspecify.annotations.NullMarked;
