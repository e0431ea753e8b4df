/**
 * Minutes of everything at once on a real volume: writers of every kind, each knowing what its files must hold, against
 * dedupes of random ranges, writeback, eviction and commits.
 */
@NullMarked
package samepage.verification.stress;

import org.jspecify.annotations.NullMarked;
