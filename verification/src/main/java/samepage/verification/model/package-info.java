/**
 * Checks the model of the protocol, {@code verification/src/model}, with TLC: the whole protocol holds in every state that can
 * be reached, and without any one of its steps a counterexample is found. {@code docs/protocol.md} tells what comes of it.
 */
@NullMarked
package samepage.verification.model;

import org.jspecify.annotations.NullMarked;
