package samepage.volume;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the paths of directories by walking up, each directory once. */
final class PathsOfDirectories {
    /** Deeper trees are damaged ones, in which directories form a circle. */
    private static final int DEEPEST = 4096;

    private static final byte[] ROOT = {};

    private final MetadataView metadata;
    private final Map<Long, Optional<byte[]>> known = new HashMap<>();

    PathsOfDirectories(MetadataView metadata) {
        this.metadata = metadata;
        known.put(Volume.ROOT, Optional.of(ROOT));
    }

    /** The path of a name in a directory; null where the directory cannot be reached. */
    byte @Nullable [] below(long directory, byte[] name) throws IOException {
        byte[] above = path(directory, DEEPEST);
        return above == null ? null : joined(above, name);
    }

    private byte @Nullable [] path(long directory, int levels) throws IOException {
        Optional<byte[]> seen = known.get(directory);
        if (seen != null) {
            return seen.orElse(null);
        }
        known.put(directory, Optional.empty()); // until it is found: ends a circle
        byte[] path = null;
        InodeRecord inode = metadata.inode(directory);
        if (inode != null && levels > 0) {
            byte[] name = metadata.nameOf(inode.parent(), directory);
            byte[] above = name == null ? null : path(inode.parent(), levels - 1);
            path = above == null || name == null ? null : joined(above, name);
        }
        known.put(directory, Optional.ofNullable(path));
        return path;
    }

    private static byte[] joined(byte[] above, byte[] name) {
        if (above.length == 0) {
            return name;
        }
        return ByteBuffer.allocate(above.length + 1 + name.length)
                .put(above)
                .put((byte) '/')
                .put(name)
                .array();
    }
}
