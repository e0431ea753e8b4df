package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import samepage.block.HostSpace;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** Volumes in directories; their metadata stores are in memory and outlive the volumes. */
class VolumeCreationTest {
    @TempDir
    Path parent;

    private Path directory;
    private final Map<Path, MemoryMetadataStore> stores = new HashMap<>();
    private final VolumeOptions options = VolumeOptions.of(this::openStore, file -> new NoHostSpace());

    @BeforeEach
    void choose() {
        directory = parent.resolve("volume");
    }

    private MetadataStore openStore(Path place, boolean readOnly) throws IOException {
        assertThat(place).isDirectory();
        Files.write(place.resolve("store"), new byte[] {1});
        MemoryMetadataStore kept = stores.computeIfAbsent(place, any -> new MemoryMetadataStore());
        MemoryMetadataStore given = kept.copy();
        stores.put(place, given);
        return new CopiedAtClose(given, () -> stores.put(place, given.copy()));
    }

    /** A store whose log is damaged opens as it was before the damage, and does not know of it. */
    @Test
    void open_storeHasLostCommits_isForReadingAndTheAuditSaysSo() throws IOException {
        Volume.create(directory, options).close();
        Path metadata = directory.resolve("metadata");
        MemoryMetadataStore earlier =
                Objects.requireNonNull(stores.get(metadata)).copy();
        Map<Long, Map<Long, Long>> content;
        try (Volume volume = Volume.open(directory, options)) {
            var files = new TestFiles(volume);
            files.write(files.create("file"), 0, 10);
            volume.commit();
            files.write(files.create("other"), 0, 10);
            content = files.content();
        }
        MemoryMetadataStore whole = stores.get(metadata);

        stores.put(metadata, earlier);
        refused(() -> Volume.open(directory, options), Errno.EUCLEAN, "lost=2");
        try (Volume volume = Volume.open(directory, options.withReadOnly(true))) {
            assertThat(volume.audit().problems()).singleElement().asString().contains("lost=2");
        }

        stores.put(metadata, whole);
        try (Volume volume = Volume.open(directory, options)) {
            assertThat(TestFiles.contentOf(volume)).isEqualTo(content);
            assertThat(volume.audit().problems()).isEmpty();
        }
    }

    @Test
    void open_markIsOldOrDamagedOrMissing_nothingIsWrong() throws IOException {
        Path mark = directory.resolve("commits");
        Volume.create(directory, options).close();
        byte[] old = Files.readAllBytes(mark);
        try (Volume volume = Volume.open(directory, options)) {
            var files = new TestFiles(volume);
            files.write(files.create("file"), 0, 10);
        }
        assertThat(Files.readAllBytes(mark)).isNotEqualTo(old);

        Files.write(mark, old);
        Volume.open(directory, options).close();
        Files.write(mark, new byte[] {127, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
        Volume.open(directory, options).close();
        Files.delete(mark);
        Volume.open(directory, options).close();
    }

    /** Else every user of the host reads what the permissions of files in the volume keep from him. */
    @Test
    void create_inANewDirectoryOrAnExistingOne_contentIsForItsOwnerAlone() throws IOException {
        Volume.create(directory, options).close();
        assertThat(permissions(directory)).isEqualTo("rwx------");
        Path existing = Files.createDirectory(parent.resolve("existing"));
        Volume.create(existing, options).close();
        assertThat(permissions(existing.resolve("data"))).isEqualTo("rw-------");
        assertThat(permissions(existing.resolve("metadata"))).isEqualTo("rwx------");
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void create_inANewDirectory_makesAVolumeThatCanBeOpened() throws IOException {
        assertThat(Volume.isVolume(directory)).isFalse();
        Map<Long, Map<Long, Long>> content;
        try (Volume volume = Volume.create(directory, options.withBlockSize(1024))) {
            var files = new TestFiles(volume);
            files.write(files.create("file"), 0, 100);
            content = files.content();
        }

        assertThat(Volume.isVolume(directory)).isTrue();
        assertThat(directory.resolve("incomplete")).doesNotExist();
        try (Volume volume = Volume.open(directory, options)) {
            assertThat(volume.blockSize()).isEqualTo(1024);
            assertThat(TestFiles.contentOf(volume)).isEqualTo(content);
            assertThat(volume.audit().problems()).isEmpty();
        }
        try (Volume volume = Volume.open(directory, options.withReadOnly(true))) {
            assertThat(TestFiles.contentOf(volume)).isEqualTo(content);
            assertThat(volume.audit().problems()).isEmpty();
            assertThat(volume.verifyData((blocks, of) -> {}).isClean()).isTrue();
            refused(volume::begin, Errno.EROFS, "open for reading only");
        }
    }

    @Test
    void create_whereSomethingIs_isRefusedAndTouchesNothing() throws IOException {
        refused(() -> Volume.create(parent.resolve("no/volume"), options), Errno.ENOENT, "no directory to create");

        Files.createDirectory(directory);
        Path data = Files.writeString(directory.resolve("data"), "mine");
        refused(() -> Volume.create(directory, options), Errno.ENOTEMPTY, "neither a volume nor empty");
        assertThat(data).hasContent("mine");
        assertThat(directory.resolve("incomplete")).doesNotExist();

        Path file = Files.writeString(parent.resolve("file"), "mine");
        refused(() -> Volume.create(file, options), Errno.ENOTDIR, "a file is in the volume's place");

        Path taken = parent.resolve("taken");
        Volume.create(taken, options).close();
        refused(() -> Volume.create(taken, options), Errno.EEXIST, "a volume is there already");
    }

    @Test
    void create_afterAnInterruptedCreation_startsAfresh() throws IOException {
        var failing = VolumeOptions.of(
                (place, readOnly) -> {
                    Files.write(place.resolve("half"), new byte[10]);
                    throw new VfsException(Errno.EIO, "interrupted");
                },
                file -> new NoHostSpace());
        refused(() -> Volume.create(directory, failing), Errno.EIO, "interrupted");
        assertThat(Volume.isVolume(directory)).isFalse();
        refused(() -> Volume.open(directory, options), Errno.EINVAL, "not a Samepage volume");

        try (Volume volume = Volume.create(directory, options)) {
            assertThat(volume.audit().problems()).isEmpty();
            assertThat(directory.resolve("metadata/half")).doesNotExist();
        }
    }

    @Test
    void create_afterAnInterruptedCreationWithSomethingElseBeside_isRefused() throws IOException {
        Files.createDirectory(directory);
        Files.createFile(directory.resolve("incomplete"));
        Path mine = Files.writeString(directory.resolve("letter"), "mine");

        refused(() -> Volume.create(directory, options), Errno.ENOTEMPTY, "neither a volume nor empty");

        assertThat(mine).hasContent("mine");
    }

    @Test
    void create_whereAnotherIsBeingCreated_isRefused() throws IOException {
        var interfering = VolumeOptions.of(
                (place, readOnly) -> {
                    if (!Volume.isVolume(directory)) {
                        refused(() -> Volume.create(directory, options), Errno.EBUSY, "open already in this process");
                    }
                    return openStore(place, readOnly);
                },
                file -> new NoHostSpace());

        Volume.create(directory, interfering).close();
    }

    @Test
    void open_ofSomethingElse_isRefused() throws IOException {
        refused(() -> Volume.open(directory, options), Errno.ENOENT, "no such volume");
        Path file = Files.createFile(parent.resolve("file"));
        refused(() -> Volume.open(file, options), Errno.EINVAL, "but a file");
        refused(() -> Volume.open(parent, options), Errno.EINVAL, "not a Samepage volume");
    }

    @Test
    void open_whileItIsOpen_isRefused() throws IOException {
        try (Volume volume = Volume.create(directory, options)) {
            refused(() -> Volume.open(directory, options), Errno.EBUSY, "open already in this process");
            assertThat(volume.audit().problems()).isEmpty();
        }
        Volume.open(directory, options).close();
    }

    @Test
    void open_withTheDataOfAnotherVolume_isRefusedAndReleasesTheLock() throws IOException {
        Volume.create(directory, options).close();
        Path other = parent.resolve("other");
        Volume.create(other, options).close();
        Path data = directory.resolve("data");
        byte[] own = Files.readAllBytes(data);
        Files.write(data, Files.readAllBytes(other.resolve("data")));
        refused(() -> Volume.open(directory, options), Errno.EUCLEAN, "does not belong to this volume");

        Files.delete(data);
        assertThatThrownBy(() -> Volume.open(directory, options)).isInstanceOf(VfsException.class);
        assertThat(data).as("opening makes nothing up").doesNotExist();

        Files.write(data, own);
        Volume.open(directory, options).close();
    }

    @Test
    void open_withADamagedSuperblock_isRefused() throws IOException {
        Volume.create(directory, options).close();
        byte[] superblock = Files.readAllBytes(directory.resolve("superblock"));
        superblock[20] ^= 1;
        Files.write(directory.resolve("superblock"), superblock);

        refused(() -> Volume.open(directory, options), Errno.EUCLEAN, "the superblock is damaged");
        refused(() -> Volume.create(directory, options), Errno.EEXIST, "a volume is there already");
    }

    private static void refused(ThrowingCallable call, Errno errno, String text) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        VfsException.class, e -> assertThat(e.errno()).isEqualTo(errno))
                .hasMessageContaining(text);
    }

    /** Tells of as much space as nobody needs. */
    private static final class NoHostSpace implements HostSpace {
        @Override
        public void punchHole(long offsetBytes, long lengthBytes) throws IOException {
            throw new VfsException(Errno.EOPNOTSUPP);
        }

        @Override
        public void reserve(long offsetBytes, long lengthBytes) {}

        @Override
        public long allocatedBytes() {
            return 0;
        }

        @Override
        public long usableBytes() {
            return 1L << 40;
        }
    }

    /** A store whose content is kept when it is closed. */
    private record CopiedAtClose(MemoryMetadataStore store, Runnable beforeClose) implements MetadataStore {
        @Override
        public byte @Nullable [] get(byte[] key) {
            return store.get(key);
        }

        @Override
        public Map.@Nullable Entry<byte[], byte[]> floor(byte[] highest, byte[] lowest) {
            return store.floor(highest, lowest);
        }

        @Override
        public Cursor scan(byte[] from, byte[] to) {
            return store.scan(from, to);
        }

        @Override
        public void apply(java.util.SortedMap<byte[], byte[]> batch) {
            store.apply(batch);
        }

        @Override
        public long allocatedBytes() {
            return store.allocatedBytes();
        }

        @Override
        public void close() {
            beforeClose.run();
            store.close();
        }
    }
}
