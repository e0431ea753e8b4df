package samepage.verification.schedule;

import java.io.IOException;
import java.util.List;

/** A volume with files, made of rewritten classes; all calls come from logical threads. */
public interface World {
    /** Bytes of a block. */
    int BLOCK_BYTES = 2 * Controlled.CELL_BYTES;
    /** Bytes of a cell. */
    int CELL_BYTES = Controlled.CELL_BYTES;

    /** Makes files of these contents, see {@link Program#files}. */
    void setUp(List<String> files) throws IOException;

    Outcome perform(Operation operation) throws IOException;

    /** The calling thread has done its last operation. */
    void threadEnds() throws IOException;

    /** All cells of each file as {@link #setUp} has left them. */
    List<int[]> initial();

    /** All cells of each file, first as pages have them, then as the device has them. */
    List<int[]> readAll(boolean fromDevice) throws IOException;

    /** Closes the volume and gives what is wrong with it. */
    List<String> close() throws IOException;
}
