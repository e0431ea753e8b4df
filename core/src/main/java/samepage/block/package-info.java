@NullMarked
package samepage.block;

import org.jspecify.annotations.NullMarked;
