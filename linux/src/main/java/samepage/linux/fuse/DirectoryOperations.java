package samepage.linux.fuse;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.vfs.Caller;
import samepage.vfs.Vfs;
import samepage.volume.DirectoryEntry;
import samepage.volume.FileType;
import samepage.volume.InodeRecord;

/** Reads directories. A place in one is an entry's cookie, so that nothing needs be remembered between requests. */
final class DirectoryOperations {
    private static final long AFTER_DOT = 1;
    private static final long AFTER_DOT_DOT = 2;
    private static final byte[] DOT = {'.'};
    private static final byte[] DOT_DOT = {'.', '.'};

    private static final int LEAST_ENTRY_BYTES = 32;
    private static final int TYPE_SHIFT = 12;

    private final Served served;
    private final Vfs vfs;

    DirectoryOperations(Served served) {
        this.served = served;
        this.vfs = served.vfs();
    }

    /** Handle u64, place u64, room u32, ...: entries after the place, as many as there is room for; none at the end. */
    void read(Request request, Reply reply) throws IOException {
        new Listing(request, reply, false).fill();
    }

    /** The same, each entry with what a lookup of it would give. */
    void readWithAttributes(Request request, Reply reply) throws IOException {
        new Listing(request, reply, true).fill();
    }

    /** Handle u64, ...; makes the directory's entries durable. */
    void sync(Request request) throws IOException {
        vfs.fsync(request.node());
    }

    /** One answer. */
    private final class Listing {
        private final Reply reply;
        private final boolean withAttributes;
        private final long directory;
        private final long place;
        private final int roomBytes;
        private final List<Long> toldOf = new ArrayList<>();

        Listing(Request request, Reply reply, boolean withAttributes) {
            this.reply = reply;
            this.withAttributes = withAttributes;
            this.directory = request.node();
            request.skip(8);
            this.place = request.nextLong();
            this.roomBytes = request.nextInt();
        }

        void fill() throws IOException {
            if (putDots()) {
                putEntries();
            }
            toldOf.forEach(served.references()::lookedUp);
        }

        private boolean putDots() throws IOException {
            if (place >= AFTER_DOT_DOT) {
                return true;
            }
            InodeRecord self = vfs.getAttributes(directory);
            if (place < AFTER_DOT && !put(new DirectoryEntry(DOT, directory, FileType.DIRECTORY, AFTER_DOT), null)) {
                return false;
            }
            return put(new DirectoryEntry(DOT_DOT, self.parent(), FileType.DIRECTORY, AFTER_DOT_DOT), null);
        }

        private void putEntries() throws IOException {
            long after = place <= AFTER_DOT_DOT ? 0 : place;
            int bytesOfOne = LEAST_ENTRY_BYTES + (withAttributes ? AttributeFormat.ENTRY_BYTES : 0);
            int atLeast = Math.max(1, roomBytes / bytesOfOne);
            List<DirectoryEntry> entries = vfs.readDirectory(Caller.ROOT, directory, after, atLeast);
            // Entries that share a cookie are told of together or not at all: there is no place between them.
            long groupCookie = -1;
            long groupStart = 0;
            int toldOfBefore = 0;
            for (DirectoryEntry entry : entries) {
                if (entry.cookie() != groupCookie) {
                    groupCookie = entry.cookie();
                    groupStart = reply.bodyBytes();
                    toldOfBefore = toldOf.size();
                }
                if (!put(entry, withAttributes ? attributesOrNull(entry) : null)) {
                    reply.cutTo(groupStart);
                    toldOf.subList(toldOfBefore, toldOf.size()).clear();
                    return;
                }
            }
        }

        /** Null where it has gone in the meantime; the kernel looks it up itself, then. */
        private @Nullable InodeRecord attributesOrNull(DirectoryEntry entry) throws IOException {
            try {
                return vfs.getAttributes(entry.ino());
            } catch (VfsException e) {
                if (e.errno() == Errno.ESTALE) {
                    return null;
                }
                throw e;
            }
        }

        /**
         * False where there is no room.
         *
         * <pre>
         *   with attributes: as for a lookup, 128 bytes; node 0 for none
         *   0 inode u64   8 place after it u64   16 length of the name u32   20 type u32   24 name, up to the next 8 bytes
         * </pre>
         */
        private boolean put(DirectoryEntry entry, @Nullable InodeRecord inode) {
            int nameBytes = entry.name().length;
            int paddedNameBytes = (nameBytes + 7) & ~7;
            int bytes = (withAttributes ? AttributeFormat.ENTRY_BYTES : 0) + 24 + paddedNameBytes;
            if (reply.bodyBytes() + bytes > roomBytes) {
                return false;
            }
            if (inode != null) {
                served.attributes().putEntry(reply, inode);
                toldOf.add(entry.ino());
            } else if (withAttributes) {
                reply.putZeros(AttributeFormat.ENTRY_BYTES);
            }
            reply.put(entry.ino()).put(entry.cookie()).put(nameBytes);
            reply.put(entry.type().modeBits() >>> TYPE_SHIFT);
            reply.put(entry.name()).putZeros(paddedNameBytes - nameBytes);
            return true;
        }
    }
}
