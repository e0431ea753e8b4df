package samepage.remap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import samepage.block.MemoryBlockDevice;
import samepage.inode.Inode;
import samepage.inode.SetIdBits;
import samepage.io.FileIo;
import samepage.io.ReadAhead;
import samepage.volume.FileType;
import samepage.volume.InodeRecord;
import samepage.volume.MemoryMetadataStore;
import samepage.volume.Timestamp;
import samepage.volume.Transaction;
import samepage.volume.Volume;

/** A volume in memory with files that have no names, and what remap's tests do with them. */
final class RemapFixture implements AutoCloseable {
    static final int BLOCK = 4096;

    final Volume volume;
    final FileIo io;
    final Remap remap;
    private final List<Inode> inodes = new ArrayList<>();

    RemapFixture() throws IOException {
        this(32L << 20);
    }

    RemapFixture(long cacheBytes) throws IOException {
        volume = Volume.createOn(new MemoryBlockDevice(BLOCK), new MemoryMetadataStore());
        io = new FileIo(volume, cacheBytes, arena -> arena);
        remap = new Remap(volume);
    }

    Inode file(byte[] content) throws IOException {
        Inode inode = file();
        write(inode, 0, content);
        return inode;
    }

    Inode file() throws IOException {
        return inode(FileType.REGULAR, 0);
    }

    Inode inode(FileType type, int flags) throws IOException {
        Timestamp now = new Timestamp(1, 2);
        try (Transaction transaction = volume.begin()) {
            var record = new InodeRecord(
                    transaction.newInode(), type.modeBits() | 0644, 0, 0, 1, 0, 0, 0, flags, 0, now, now, now, now);
            Inode inode = io.inodes().created(record);
            inode.put(transaction);
            transaction.complete();
            inodes.add(inode);
            return inode;
        }
    }

    void write(Inode inode, long offset, byte[] content) throws IOException {
        int done = 0;
        while (done < content.length) {
            var source = MemorySegment.ofArray(content).asSlice(done);
            done += io.write(inode, offset + done, source, SetIdBits.KEEP).bytes();
        }
    }

    byte[] read(Inode inode) throws IOException {
        byte[] content = new byte[(int) inode.sizeBytes()];
        int done = 0;
        var readAhead = new ReadAhead();
        while (done < content.length) {
            int bytes = io.read(inode, done, MemorySegment.ofArray(content).asSlice(done), readAhead);
            assertThat(bytes).isPositive();
            done += bytes;
        }
        return content;
    }

    RemapOutcome dedupe(Inode source, long from, Inode target, long to, long length, RemapOptions.Protocol protocol)
            throws IOException {
        return remap.dedupe(new RemapRequest(source, from, target, to, length), new RemapOptions(protocol, 2));
    }

    /** Where the inode's content lies, block by block; -1 for a hole. */
    long[] physical(Inode inode) throws IOException {
        io.writeBack(inode);
        long[] blocks = new long[(int) ((inode.sizeBytes() + BLOCK - 1) / BLOCK)];
        java.util.Arrays.fill(blocks, -1);
        for (var extent : inode.extents().lookup(0, blocks.length)) {
            for (int i = 0; i < extent.blockCount(); i++) {
                blocks[(int) extent.fileBlock() + i] = extent.physicalBlock() + i;
            }
        }
        return blocks;
    }

    static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Ends with what every volume must be able to say of itself: these files, being nameless, are the only complaint. */
    @Override
    public void close() throws IOException {
        io.sync();
        for (Inode inode : inodes) {
            io.inodes().release(inode);
        }
        io.close();
        assertThat(volume.audit().problems())
                .filteredOn(
                        problem -> !problem.contains("name") && !problem.contains("link") && !problem.contains("root"))
                .isEmpty();
        volume.close();
    }
}
