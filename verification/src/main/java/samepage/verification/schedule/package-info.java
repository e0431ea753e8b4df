/**
 * Core's own classes under a scheduler: one seed, one interleaving.
 *
 * <p>{@link samepage.verification.schedule.ControlledClasses} loads them rewritten, so that production code knows nothing of
 * it: locks, monitors, waiting, threads and time belong to {@link samepage.verification.schedule.Scheduler}, which runs one
 * logical thread at a time and switches where threads can see each other: before locks, volatile and atomic accesses, and
 * each piece of bytes that is moved. A {@link samepage.verification.schedule.Program} says what the threads do, a {@link
 * samepage.verification.schedule.Strategy} in which interleaving, {@link samepage.verification.schedule.Linearizability}
 * whether files of plain bytes could have behaved so. A {@link samepage.verification.schedule.Mutant} takes a protection
 * out: some interleaving must show it.
 *
 * <p>What it does not see: memory effects weaker than sequential consistency, code of the JDK's own as anything but one
 * step, and what lies below the block device.
 */
@NullMarked
package samepage.verification.schedule;

import org.jspecify.annotations.NullMarked;
