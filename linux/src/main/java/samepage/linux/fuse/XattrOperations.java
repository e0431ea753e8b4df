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
 * Extended attributes. Who may is the kernel's to check. Access control lists come as such too: the kernel heeds them, and
 * leaves it to the volume to keep them and the modes true to each other.
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
        answer(reply, roomBytes, vfs.getXattr(Caller.ROOT, request.node(), name));
    }

    /** Room for the names u32, padding. */
    void list(Request request, Reply reply) throws IOException {
        int roomBytes = request.nextInt();
        var names = new StringBuilder();
        for (byte[] name : vfs.listXattrs(Caller.ROOT, request.node())) {
            String text = text(name);
            if (request.isByRoot() || !text.startsWith(TRUSTED)) {
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
        byte[] value = request.nextData(sizeBytes).toArray(ValueLayout.JAVA_BYTE);
        XattrMode mode = switch (flags) {
            case CREATE, CREATE | REPLACE -> XattrMode.CREATE;
            case REPLACE -> XattrMode.REPLACE;
            default -> XattrMode.SET;
        };
        boolean isList = text(name).startsWith(ACCESS_CONTROL_LIST);
        vfs.setXattr(isList ? listSetter(request) : Caller.ROOT, request.node(), name, value, mode);
    }

    /** As the owner, of the file's group or not: one who is not loses the set-group-id bit by it. */
    private Caller listSetter(Request request) throws IOException {
        var inode = vfs.getAttributes(request.node());
        return request.isByRoot() || request.asker().isMemberOf(inode.gid())
                ? Caller.ROOT
                : Caller.user(inode.uid(), request.asker().gid(), 0);
    }

    /** Name. */
    void remove(Request request) throws IOException {
        byte[] name = request.nextName();
        try {
            vfs.removeXattr(Caller.ROOT, request.node(), name);
        } catch (VfsException e) {
            if (e.errno() != Errno.ENODATA || !text(name).startsWith(ACCESS_CONTROL_LIST)) { // none is none already
                throw e;
            }
        }
    }

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }
}
