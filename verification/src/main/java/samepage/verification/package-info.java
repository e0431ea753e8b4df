/** What the tests of more than one module share. The rules of the architecture are tested here. */
@NullMarked
package samepage.verification;

import org.jspecify.annotations.NullMarked;
