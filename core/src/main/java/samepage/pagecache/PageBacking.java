package samepage.pagecache;

import java.io.IOException;
import java.util.List;

/** What lies under the pages of a cache; the room above provides it. */
public interface PageBacking {
    /**
     * Writes back all dirty pages of the mappings; called by the cache's own thread, with no lock held.
     *
     * @throws IOException the first failure: what it concerns is dirty as before, with the rest it has gone on
     */
    void writeBack(List<PageMapping> mappings) throws IOException;

    /** Writing back has met what must not be, and does not go on: nothing may be written any more. */
    void broken(Throwable bug);

    /** False once nothing can be written back any more, however long one waits. */
    boolean isWritable();

    /** Takes promises of space back that dropped dirty pages have held. */
    void returnPromises(int blocks);
}
