/** Finds ranges with the same bytes and proposes to share their storage. Its fingerprints are hints: the volume's byte compare decides. */
@NullMarked
package samepage.dedupe;

import org.jspecify.annotations.NullMarked;
