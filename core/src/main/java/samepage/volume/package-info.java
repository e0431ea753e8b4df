@NullMarked
package samepage.volume;

import org.jspecify.annotations.NullMarked;
