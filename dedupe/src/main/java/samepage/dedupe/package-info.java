/**
 * Finds ranges with the same bytes and proposes to share their storage. Its fingerprints are hints: the target's byte
 * compare decides.
 *
 * <p>A run goes ({@link samepage.dedupe.Finder}):
 *
 * <ol>
 *   <li>Scan: the target's files in the order of their numbers, each from its first block to its last ({@link
 *       samepage.dedupe.DuplicateScan}).
 *   <li>Index: of the blocks that nobody has had before, a sample is remembered by fingerprint ({@link
 *       samepage.dedupe.FingerprintIndex}). A sampled block that is known already has a leader: the first block of its
 *       content.
 *   <li>Grow: from such a pair in both directions, as far as neighbours match, sampled or not. What lies in the same place
 *       already is left out; the rest are runs.
 *   <li>Share: the longest first, short ones as they were found, in requests of bounded length ({@link
 *       samepage.dedupe.RunSharing}). When so many runs are waiting that memory would grow, or while the scan goes on.
 * </ol>
 *
 * <p>What holds:
 *
 * <ul>
 *   <li>D1. A run's source comes before its target in the order of the scan: a lower file, or a lower block of the same
 *       file. So runs have no cycles, and the first block of a content is the one that stays.
 *   <li>D2. No block is the target of two runs, and runs are found in the order of their targets.
 *   <li>D3. A run whose source another waiting run is going to remap is shared after that one: it would keep storage alive
 *       that nobody else needs.
 *   <li>D4. Each block of a file is passed over a bounded number of times, whatever the data: growth skips what it has
 *       covered, and never goes back into a run.
 *   <li>D5. A partial last block matches only a partial last block of the same length.
 * </ul>
 */
@NullMarked
package samepage.dedupe;

import org.jspecify.annotations.NullMarked;
