/** The one class beside core's own that is rewritten: what a program's operations are on a volume. */
@NullMarked
package samepage.verification.schedule.world;

import org.jspecify.annotations.NullMarked;
