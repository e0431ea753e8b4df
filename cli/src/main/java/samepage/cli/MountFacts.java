package samepage.cli;

import java.time.Instant;

/** What is known of a mount besides its volume, for {@code status}. */
record MountFacts(String mountPoint, Instant since) {}
