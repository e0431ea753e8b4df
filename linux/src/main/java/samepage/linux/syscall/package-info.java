/** System calls that the JDK does not offer, by the foreign function interface. */
@NullMarked
package samepage.linux.syscall;

import org.jspecify.annotations.NullMarked;
