package samepage.vfs;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * A POSIX access control list as Linux has it in extended attributes, little-endian.
 *
 * <pre>
 *   0 version u32, 2
 *   4 entries: 0 tag u16   2 permissions u16, as of a mode   4 user or group u32
 * </pre>
 *
 * <p>Owner, other, and the mask, or where there is none the group, are the same as the nine bits of the file's mode: whatever
 * changes one changes the other.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record AccessControlList(byte[] value) {
    static final byte[] ACCESS = "system.posix_acl_access".getBytes(StandardCharsets.US_ASCII);
    static final byte[] DEFAULT = "system.posix_acl_default".getBytes(StandardCharsets.US_ASCII);

    private static final int VERSION = 2;
    private static final int HEADER_BYTES = 4;
    private static final int ENTRY_BYTES = 8;

    private static final int OWNER = 1;
    private static final int GROUP = 4;
    private static final int MASK = 0x10;
    private static final int OTHER = 0x20;

    private static final int NINE_BITS = 0777;

    /** EINVAL where it is none; the order of the entries, and that each there must be is there, the kernel has checked. */
    static AccessControlList parse(byte[] value) throws VfsException {
        boolean isWhole = value.length >= HEADER_BYTES && (value.length - HEADER_BYTES) % ENTRY_BYTES == 0;
        if (!isWhole || bytes(value).getInt(0) != VERSION) {
            throw new VfsException(Errno.EINVAL, "no access control list").with("bytes", value.length);
        }
        return new AccessControlList(value.clone());
    }

    private static ByteBuffer bytes(byte[] value) {
        return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
    }

    private int count() {
        return (value.length - HEADER_BYTES) / ENTRY_BYTES;
    }

    /** The entry with that tag, or -1. */
    private int find(int tag) {
        for (int i = 0; i < count(); i++) {
            if (bytes(value).getShort(HEADER_BYTES + i * ENTRY_BYTES) == tag) {
                return i;
            }
        }
        return -1;
    }

    private int permissions(int entry) {
        return entry < 0 ? 0 : bytes(value).getShort(HEADER_BYTES + entry * ENTRY_BYTES + Short.BYTES) & 7;
    }

    private int groupClass() {
        int mask = find(MASK);
        return mask >= 0 ? mask : find(GROUP);
    }

    /** Whether it says no more than a mode does. */
    boolean isMinimal() {
        return count() <= 3 && find(MASK) < 0;
    }

    /** The nine bits of the mode that go with it. */
    int mode() {
        return permissions(find(OWNER)) << 6 | permissions(groupClass()) << 3 | permissions(find(OTHER));
    }

    /** The list that goes with those nine bits. */
    AccessControlList withMode(int mode) {
        byte[] changed = value.clone();
        put(changed, find(OWNER), mode >> 6);
        put(changed, groupClass(), mode >> 3);
        put(changed, find(OTHER), mode);
        return new AccessControlList(changed);
    }

    private static void put(byte[] value, int entry, int permissions) {
        if (entry >= 0) {
            bytes(value).putShort(HEADER_BYTES + entry * ENTRY_BYTES + Short.BYTES, (short) (permissions & 7));
        }
    }

    /** For something made in a directory with this default list: of the mode asked for what the list allows. */
    int inherited(int mode) {
        return mode & (~NINE_BITS | mode());
    }
}
