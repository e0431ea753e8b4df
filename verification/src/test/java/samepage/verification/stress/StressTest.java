package samepage.verification.stress;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The short form; {@code verification/run stress} is the long one. */
class StressTest {
    private static final long SECONDS = 10;

    @Test
    @Timeout(300)
    @SuppressWarnings("SystemOut")
    void everythingAtOnce_onAVolumeOnDisk_everyByteIsWhatWasWritten(@TempDir Path directory) throws Exception {
        System.out.println(new Stress(directory, System.nanoTime()).run(SECONDS));
    }
}
