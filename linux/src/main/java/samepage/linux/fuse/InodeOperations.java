package samepage.linux.fuse;

import java.io.IOException;
import samepage.linux.fuse.SetAttributeRequest.Bits;
import samepage.vfs.StatFs;
import samepage.vfs.Vfs;
import samepage.volume.InodeRecord;

/** What is done with inodes by their number: attributes, and how full the volume is. */
final class InodeOperations {
    private static final int LONGEST_NAME_BYTES = 255;

    private final Served served;
    private final Vfs vfs;
    private final Privileges privileges;

    InodeOperations(Served served) {
        this.served = served;
        this.vfs = served.vfs();
        this.privileges = new Privileges(served);
    }

    void getAttributes(Request request, Reply reply) throws IOException {
        served.attributes().putAttributesOut(reply, vfs.getAttributes(request.node()));
    }

    void statx(Request request, Reply reply) throws IOException {
        served.attributes().putStatx(reply, vfs.getAttributes(request.node()));
    }

    void setAttributes(Request request, Reply reply) throws IOException {
        var wanted = SetAttributeRequest.read(request);
        long ino = request.node();
        boolean nothingNamed = wanted.namesNothing();
        boolean takesPrivileges = nothingNamed || wanted.has(Bits.UID | Bits.GID | Bits.SIZE);
        InodeRecord before = takesPrivileges ? vfs.getAttributes(ino) : null;
        if (nothingNamed && before != null) {
            privileges.checkMayDrop(request, before);
        }
        InodeRecord after = vfs.setAttributes(request.caller(), ino, AttributeFormat.wanted(wanted));
        if (before != null) {
            privileges.drop(request, before, wanted.has(Bits.STRIP_SET_IDS) || nothingNamed);
            after = vfs.getAttributes(ino);
        }
        served.attributes().putAttributesOut(reply, after);
    }

    /**
     * <pre>
     *   0 blocks u64   8 free u64   16 available u64   24 inodes u64   32 free inodes u64
     *  40 block size u32   44 longest name u32   48 fragment size u32   52 padding, spare
     *  80
     * </pre>
     */
    void statFs(Reply reply) throws IOException {
        StatFs status = vfs.statFs();
        // An inode takes no block of its own: as many more can be made as there are blocks.
        long freeInodes = status.freeBlocks();
        reply.put(status.totalBlocks()).put(status.freeBlocks()).put(status.freeBlocks());
        reply.put(status.inodeCount() + freeInodes).put(freeInodes);
        reply.put(status.blockSize()).put(LONGEST_NAME_BYTES).put(status.blockSize());
        reply.putZeros(28);
    }
}
