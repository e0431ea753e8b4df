package samepage.linux.fuse;

import samepage.linux.fuse.SetAttributeRequest.Bits;
import samepage.vfs.SetAttributes;
import samepage.vfs.SetAttributes.NewTime;
import samepage.volume.InodeRecord;
import samepage.volume.Timestamp;

/** Attributes on the wire, and how long the kernel may believe them. */
final class AttributeFormat {
    static final int ENTRY_BYTES = 128;

    private static final int STATX_BASIC_AND_BIRTH = 0xfff;
    private static final int STATX_IMMUTABLE = 0x10;
    private static final int STATX_APPEND_ONLY = 0x20;
    private static final int SECTOR_BYTES = 512;
    private static final int MAJOR_SHIFT = 8;

    /** Nobody else changes the volume: names and attributes stay true until the kernel itself changes them, or is told. */
    private static final long LONG_SECONDS = 24 * 60 * 60;

    /** Blocks that a file takes follow its last change: content is written back later than the program wrote it. */
    private static final long SETTLING_SECONDS = 40;

    private final int blockSize;

    AttributeFormat(int blockSize) {
        this.blockSize = blockSize;
    }

    /**
     * A name and what it refers to. With node 0 it says for as long that there is none of that name.
     *
     * <pre>
     *    0 node u64          8 generation u64
     *   16 name valid, seconds u64
     *   24 attributes valid, seconds u64
     *   32 their nanoseconds, u32 each
     *   40 attributes
     * </pre>
     */
    void putEntry(Reply reply, InodeRecord inode) {
        reply.put(inode.ino()).put(0L);
        reply.put(LONG_SECONDS).put(validSeconds(inode)).put(0L);
        putAttributes(reply, inode);
    }

    void putNoEntry(Reply reply) {
        reply.put(0L).put(0L).put(LONG_SECONDS).putZeros(ENTRY_BYTES - 24);
    }

    /** Valid, seconds u64, nanoseconds u32, padding; then the attributes. */
    void putAttributesOut(Reply reply, InodeRecord inode) {
        reply.put(validSeconds(inode)).put(0L);
        putAttributes(reply, inode);
    }

    private static long validSeconds(InodeRecord inode) {
        boolean settling = inode.isRegular()
                && inode.sizeBytes() > 0
                && Timestamp.now().seconds() - inode.changeTime().seconds() < SETTLING_SECONDS;
        return settling ? 1 : LONG_SECONDS;
    }

    /**
     * <pre>
     *    0 inode u64   8 size u64   16 blocks of 512 bytes u64
     *   24 access, modify, change time, seconds, u64 each
     *   48 their nanoseconds, u32 each
     *   60 mode   64 links   68 uid   72 gid   76 device   80 block size   84 flags, u32 each
     * </pre>
     */
    private void putAttributes(Reply reply, InodeRecord inode) {
        reply.put(inode.ino()).put(inode.sizeBytes()).put(sectors(inode));
        reply.put(inode.accessTime().seconds())
                .put(inode.modifyTime().seconds())
                .put(inode.changeTime().seconds());
        reply.put(inode.accessTime().nanos())
                .put(inode.modifyTime().nanos())
                .put(inode.changeTime().nanos());
        reply.put(inode.mode()).put(inode.linkCount()).put(inode.uid()).put(inode.gid());
        reply.put((int) inode.deviceNumber()).put(blockSize).put(0);
    }

    private long sectors(InodeRecord inode) {
        return inode.mappedBlocks() * (blockSize / SECTOR_BYTES);
    }

    /**
     * What statx(2) gives.
     *
     * <pre>
     *    0 valid, seconds u64   8 nanoseconds u32   12 flags u32   16 spare
     *   32 mask u32   36 block size u32   40 attributes u64
     *   48 links u32   52 uid u32   56 gid u32   60 mode u16, spare
     *   64 inode u64   72 size u64   80 blocks u64   88 attributes that are known u64
     *   96 access, birth, change, modify time: seconds i64, nanoseconds u32, spare
     *  160 device major, minor; of the file system major, minor; u32 each
     *  176 spare
     *  288
     * </pre>
     */
    void putStatx(Reply reply, InodeRecord inode) {
        long attributes = (inode.has(InodeRecord.FLAG_IMMUTABLE) ? STATX_IMMUTABLE : 0)
                | (inode.has(InodeRecord.FLAG_APPEND_ONLY) ? STATX_APPEND_ONLY : 0);
        reply.put(validSeconds(inode)).put(0L).putZeros(16);
        reply.put(STATX_BASIC_AND_BIRTH).put(blockSize).put(attributes);
        reply.put(inode.linkCount()).put(inode.uid()).put(inode.gid());
        reply.putShort(inode.mode()).putShort(0);
        reply.put(inode.ino()).put(inode.sizeBytes()).put(sectors(inode));
        reply.put((long) (STATX_IMMUTABLE | STATX_APPEND_ONLY));
        putTime(reply, inode.accessTime());
        putTime(reply, inode.birthTime());
        putTime(reply, inode.changeTime());
        putTime(reply, inode.modifyTime());
        int device = (int) inode.deviceNumber();
        reply.put((device >>> MAJOR_SHIFT) & 0xfff).put((device & 0xff) | ((device >>> 12) & 0xfff00));
        reply.putZeros(8 + 112);
    }

    private static void putTime(Reply reply, Timestamp time) {
        reply.put(time.seconds()).put(time.nanos()).put(0);
    }

    /** What a SETATTR request asks for, as the volume takes it. */
    static SetAttributes wanted(SetAttributeRequest request) {
        var wanted = SetAttributes.NONE;
        if (request.has(Bits.MODE)) {
            wanted = wanted.withMode(request.mode());
        }
        if (request.has(Bits.UID)) {
            wanted = wanted.withUid(request.uid());
        }
        if (request.has(Bits.GID)) {
            wanted = wanted.withGid(request.gid());
        }
        if (request.has(Bits.SIZE)) {
            wanted = wanted.withSize(request.sizeBytes());
        }
        if (request.has(Bits.ACCESS_TIME)) {
            wanted = wanted.withAccessTime(
                    request.has(Bits.ACCESS_TIME_NOW) ? NewTime.NOW : NewTime.at(request.accessTime()));
        }
        if (request.has(Bits.MODIFY_TIME)) {
            wanted = wanted.withModifyTime(
                    request.has(Bits.MODIFY_TIME_NOW) ? NewTime.NOW : NewTime.at(request.modifyTime()));
        }
        return wanted;
    }
}
