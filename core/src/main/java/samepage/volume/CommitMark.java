package samepage.volume;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * A witness of how many commits the metadata store has made durable, in a file of its own. A store whose log is damaged in its
 * middle opens as if nothing had come after: blocks that it takes for referenced may have been written again since. The
 * store's own count is then less than this one.
 *
 * <pre>
 *   0         8      12
 *   +---------+------+
 *   | commits | crc  |    big-endian; crc: CRC-32C of the bytes before it
 *   +---------+------+
 * </pre>
 *
 * Written after each commit, and forced to the disk at the end alone: after a crash it may lag by what the host had not
 * written, some seconds, but it is never ahead. A file that is missing or damaged says nothing.
 */
final class CommitMark implements AutoCloseable {
    private static final int LENGTH = Long.BYTES + Integer.BYTES;

    /** Not a channel, which an interrupt would close. */
    private final RandomAccessFile file;

    private CommitMark(RandomAccessFile file) {
        this.file = file;
    }

    static CommitMark open(Path path) throws IOException {
        return new CommitMark(new RandomAccessFile(path.toFile(), "rw"));
    }

    /** What is wrong with a store that holds so many commits; null where nothing is known to be. */
    static @Nullable VfsException lost(Path path, long commitsInStore) throws IOException {
        long made = Files.exists(path) ? decode(Files.readAllBytes(path)) : 0;
        return made <= commitsInStore
                ? null
                : new VfsException(
                                Errno.EUCLEAN,
                                "the metadata store has lost what was committed last; what it holds can be read only")
                        .with("commits", made)
                        .with("lost", made - commitsInStore);
    }

    void write(long commits) throws IOException {
        file.seek(0);
        file.write(encode(commits));
    }

    /** The last number is on the disk from now on. */
    @Override
    public void close() throws IOException {
        try (file) {
            file.getFD().sync();
        }
    }

    private static byte[] encode(long commits) {
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH).putLong(commits);
        return bytes.putInt(crc(bytes.array())).array();
    }

    private static long decode(byte[] value) {
        return value.length == LENGTH && ByteBuffer.wrap(value).getInt(Long.BYTES) == crc(value)
                ? ByteBuffer.wrap(value).getLong()
                : 0;
    }

    private static int crc(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes, 0, Long.BYTES);
        return (int) crc.getValue();
    }
}
