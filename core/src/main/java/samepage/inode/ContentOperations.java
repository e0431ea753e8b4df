package samepage.inode;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** How an inode's pages and its blocks on the device come together: the kernel's address space operations. */
public interface ContentOperations {
    /** See {@link Inode#writeBack}. */
    void writeBack(Inode inode, long from, long to) throws IOException;

    /** See {@link Inode#readFromDevice}. */
    void readFromDevice(Inode inode, long block, MemorySegment target) throws IOException;

    /** Nobody refers any more to an inode that has no name left. */
    void lastReferenceGone(Inode inode) throws IOException;
}
