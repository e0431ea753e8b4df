/** Benchmarks: ratios measured side by side in one run. */
@NullMarked
package samepage.bench;

import org.jspecify.annotations.NullMarked;
