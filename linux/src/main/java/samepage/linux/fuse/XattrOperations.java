package samepage.linux.fuse;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.vfs.Caller;
import samepage.vfs.Vfs;
import samepage.vfs.XattrMode;

/**
 * Extended attributes. Who may is the kernel's to check. Access control lists are refused: they could be kept here, but nobody
 * would heed them.
 */
final class XattrOperations {
    private static final String ACCESS_CONTROL_LIST = "system.posix_acl_";
    private static final String TRUSTED = "trusted.";
    private static final int CREATE = 1;
    private static final int REPLACE = 2;

    private final Vfs vfs;

    XattrOperations(Served served) {
        this.vfs = served.vfs();
    }

    /** Room for the value u32, padding; name. Without room only the size is wanted: u32, padding. */
    void get(Request request, Reply reply) throws IOException {
        int roomBytes = request.nextInt();
        request.skip(4);
        byte[] name = request.nextName();
        checkNoAccessControlList(name);
        answer(reply, roomBytes, vfs.getXattr(Caller.ROOT, request.node(), name));
    }

    /** Room for the names u32, padding. */
    void list(Request request, Reply reply) throws IOException {
        int roomBytes = request.nextInt();
        var names = new StringBuilder();
        for (byte[] name : vfs.listXattrs(Caller.ROOT, request.node())) {
            String text = text(name);
            if (!text.startsWith(ACCESS_CONTROL_LIST) && (request.isByRoot() || !text.startsWith(TRUSTED))) {
                names.append(text).append('\0');
            }
        }
        answer(reply, roomBytes, names.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void answer(Reply reply, int roomBytes, byte[] value) throws VfsException {
        if (roomBytes == 0) {
            reply.put(value.length).put(0);
        } else if (value.length > roomBytes) {
            throw new VfsException(Errno.ERANGE).with("bytes", value.length);
        } else {
            reply.put(value);
        }
    }

    /** Size of the value u32, flags u32; name; value. */
    void set(Request request) throws IOException {
        int sizeBytes = request.nextInt();
        int flags = request.nextInt();
        byte[] name = request.nextName();
        checkNoAccessControlList(name);
        byte[] value = request.nextData(sizeBytes).toArray(ValueLayout.JAVA_BYTE);
        XattrMode mode = switch (flags) {
            case CREATE -> XattrMode.CREATE;
            case REPLACE -> XattrMode.REPLACE;
            default -> XattrMode.SET;
        };
        vfs.setXattr(Caller.ROOT, request.node(), name, value, mode);
    }

    /** Name. */
    void remove(Request request) throws IOException {
        byte[] name = request.nextName();
        checkNoAccessControlList(name);
        vfs.removeXattr(Caller.ROOT, request.node(), name);
    }

    private static void checkNoAccessControlList(byte[] name) throws VfsException {
        if (text(name).startsWith(ACCESS_CONTROL_LIST)) {
            throw new VfsException(Errno.EOPNOTSUPP, "access control lists").with("name", name);
        }
    }

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }
}
