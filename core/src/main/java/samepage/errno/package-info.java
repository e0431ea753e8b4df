/** Refusals as Linux names them, and how names made of bytes are shown to people. The lowest room: it uses nothing but the JDK. */
@NullMarked
package samepage.errno;

import org.jspecify.annotations.NullMarked;
