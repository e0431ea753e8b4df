package samepage.pagecache;

import java.util.List;

/** What lies under the pages of a cache; the room above provides it. */
public interface PageBacking {
    /** Writes back all dirty pages of the mappings; called by the cache's own threads, with no lock held. */
    void writeBack(List<PageMapping> mappings);

    /** False once nothing can be written back any more, however long one waits. */
    boolean isWritable();

    /** Takes promises of space back that dropped dirty pages have held. */
    void returnPromises(int blocks);
}
