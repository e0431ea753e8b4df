/** The commands: they wire the rooms together and print. */
@NullMarked
package samepage.cli;

import org.jspecify.annotations.NullMarked;
