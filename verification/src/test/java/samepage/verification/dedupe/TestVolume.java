package samepage.verification.dedupe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import samepage.block.MemoryBlockDevice;
import samepage.dedupe.Finder;
import samepage.dedupe.FinderOptions;
import samepage.dedupe.FinderProgress;
import samepage.dedupe.FinderResult;
import samepage.dedupe.RangePair;
import samepage.dedupe.VolumeDedupeTarget;
import samepage.inode.Inode;
import samepage.io.FileIo;
import samepage.io.ReadAhead;
import samepage.remap.Remap;
import samepage.remap.RemapOptions;
import samepage.remap.RemapOutcome;
import samepage.remap.RemapRequest;
import samepage.volume.FileType;
import samepage.volume.InodeRecord;
import samepage.volume.MemoryMetadataStore;
import samepage.volume.Timestamp;
import samepage.volume.Transaction;
import samepage.volume.Volume;

/** A volume in memory whose files a test writes, has deduplicated, and looks at again. */
final class TestVolume implements AutoCloseable, VolumeDedupeTarget.Remapper {
    final int blockSize;
    final Volume volume;
    final FileIo io;
    final List<RangePair> requests = new ArrayList<>();
    private final Remap remap;
    private final Map<Long, byte[]> contents = new LinkedHashMap<>();
    private Before before = request -> {};

    /** What happens before each request. */
    interface Before {
        void share(RangePair request) throws IOException;
    }

    TestVolume(int blockSize) throws IOException {
        this.blockSize = blockSize;
        this.volume = Volume.createOn(new MemoryBlockDevice(blockSize), new MemoryMetadataStore());
        this.io = new FileIo(volume, 64 << 20);
        this.remap = new Remap(volume, io);
    }

    /** Makes a file in the root directory and gives its inode number. */
    long file(byte[] content) throws IOException {
        return file(Volume.ROOT, content);
    }

    long file(long directory, byte[] content) throws IOException {
        long ino = node(directory, FileType.REGULAR);
        write(ino, 0, content);
        contents.put(ino, content.clone());
        return ino;
    }

    long directory(long parent) throws IOException {
        return node(parent, FileType.DIRECTORY);
    }

    private long node(long parent, FileType type) throws IOException {
        InodeRecord parentRecord = inode(parent).record();
        boolean isDirectory = type == FileType.DIRECTORY;
        try (Transaction transaction = volume.begin()) {
            long ino = transaction.newInode();
            Timestamp now = Timestamp.now();
            var record = new InodeRecord(
                    ino,
                    type.modeBits() | 0755,
                    0,
                    0,
                    isDirectory ? 2 : 1,
                    0,
                    0,
                    0,
                    0,
                    isDirectory ? parent : 0,
                    now,
                    now,
                    now,
                    now);
            transaction.putInode(record);
            transaction.putEntry(parent, ("f" + ino).getBytes(java.nio.charset.StandardCharsets.UTF_8), ino, type);
            if (isDirectory) {
                inode(parent).update(transaction, _ -> parentRecord.withLinkCount(parentRecord.linkCount() + 1));
            }
            transaction.complete();
            io.inodes().created(record);
            return ino;
        }
    }

    /** Leaks a reference, which does no harm here. */
    Inode inode(long ino) throws IOException {
        return io.inodes().get(ino);
    }

    void write(long ino, long offset, byte[] bytes) throws IOException {
        for (int done = 0; done < bytes.length; ) {
            var rest = MemorySegment.ofArray(bytes).asSlice(done);
            done += io.write(inode(ino), offset + done, rest, FileIo.SetIdBits.KEEP).bytes();
        }
        if (contents.containsKey(ino)) {
            contents.put(ino, read(ino));
        }
    }

    void setSize(long ino, long bytes) throws IOException {
        io.setSize(inode(ino), bytes, record -> record);
        contents.put(ino, read(ino));
    }

    void allocate(long ino, long offset, long length) throws IOException {
        io.allocate(inode(ino), offset, length, true, FileIo.SetIdBits.KEEP);
    }

    byte[] read(long ino) throws IOException {
        byte[] bytes = new byte[(int) inode(ino).sizeBytes()];
        var readAhead = new ReadAhead();
        for (int done = 0; done < bytes.length; ) {
            done += io.read(inode(ino), done, MemorySegment.ofArray(bytes).asSlice(done), readAhead);
        }
        return bytes;
    }

    void clone(long source, long target) throws IOException {
        remap.clone(new RemapRequest(inode(source), 0, inode(target), 0, 0), FileIo.SetIdBits.KEEP);
        contents.put(target, read(target));
    }

    /** Its content is not compared at the end. */
    void forget(long ino) {
        contents.remove(ino);
    }

    void beforeEachRequest(Before action) {
        before = action;
    }

    FinderResult dedupe(FinderOptions options) throws IOException {
        return dedupe(VolumeDedupeTarget.of(volume, this), options, FinderProgress.NONE);
    }

    /** Runs the finder; checks that nobody can tell, but for the space. */
    FinderResult dedupe(VolumeDedupeTarget target, FinderOptions options, FinderProgress progress) throws IOException {
        requests.clear();
        FinderResult result = new Finder(MemoryMetadataStore::new).run(target, options, progress);
        io.sync();
        for (var file : contents.entrySet()) {
            inode(file.getKey()).pages().drop(0, Long.MAX_VALUE);
            assertThat(read(file.getKey())).as("inode=%d", file.getKey()).isEqualTo(file.getValue());
        }
        return result;
    }

    long storedBlocks() throws IOException {
        io.sync();
        return volume.usage().storedBlocks();
    }

    @Override
    public RemapOutcome dedupe(RangePair ranges) throws IOException {
        requests.add(ranges);
        before.share(ranges);
        var request = new RemapRequest(
                inode(ranges.sourceFile()),
                ranges.sourceOffset(),
                inode(ranges.targetFile()),
                ranges.targetOffset(),
                ranges.lengthBytes());
        var o= remap.dedupe(request, RemapOptions.DEFAULT);
        System.out.println(ranges + " " + o+ " "+volume.usage());
        return o;
    }

    @Override
    public void sync() throws IOException {
        io.sync();
    }

    @Override
    public void close() throws IOException {
        io.close();
        assertThat(volume.audit().problems()).isEmpty();
        volume.close();
    }
}
