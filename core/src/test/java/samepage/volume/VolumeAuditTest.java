package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import samepage.block.MemoryBlockDevice;
import samepage.errno.VfsException;

class VolumeAuditTest {
    private static final int BLOCK = 512;

    private final MemoryBlockDevice device = new MemoryBlockDevice(BLOCK);
    private final MemoryMetadataStore store = new MemoryMetadataStore();
    private TestFiles files = open();
    private TestFiles.TestFile file;
    private TestFiles.TestFile other;
    private long directory;
    private long link;

    private TestFiles open() {
        try {
            return new TestFiles(Volume.createOn(device, store));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void fill() throws IOException {
        file = files.create("file");
        other = files.create("other");
        files.write(file, 0, 10);
        files.preallocate(file, 20, 4);
        files.write(other, 5, 3);
        files.share(file, 2, 6, other, 0);
        directory = files.createDirectory(Volume.ROOT, "directory");
        long below = files.createDirectory(directory, "below");
        files.createDirectory(below, "deep");
        link = files.createSymlink(directory, "link", "target");
        files.link(file, "second name");
        try (var transaction = files.volume.begin()) {
            file.record = file.record.withFlags(file.record.flags() | InodeRecord.FLAG_HAS_XATTRS);
            transaction.putXattr(file.ino, TestFiles.bytes("user.a"), new byte[0]);
            file.dirty = true;
            transaction.complete();
        }
        files.volume.commit();
    }

    @Test
    void audit_afterAllKindsOfRecords_isClean() throws IOException {
        files.verifyContent();

        VolumeAudit.Report report = files.volume.audit();

        assertThat(report.problems()).isEmpty();
        assertThat(report.inodes()).isEqualTo(7);
        assertThat(report.extents()).isEqualTo(4);
    }

    @Test
    void audit_referenceCountTooHigh_isFound() throws IOException {
        change(firstReferences(), record -> record[15]++);

        assertThat(problems()).anyMatch(p -> p.matches("block=1.*references recorded are 2, extents that map it 1"));
    }

    @Test
    void audit_referenceCountMissing_isFoundAndNamesTheBlocks() throws IOException {
        remove(firstReferences());

        assertThat(problems())
                .contains("block=1 to 2: references recorded are 0, extents that map it 1")
                .anyMatch(p -> p.contains("is free or referenced besides") || p.contains("extents that map it"));
    }

    @Test
    void audit_blockLeaked_isFound() throws IOException {
        put(RecordKey.of(RecordKey.REFERENCES, 1000), new SpaceMap.Counted(1000, 2, 1).encode());

        assertThat(problems()).contains("block=1000 to 1001: references recorded are 1, extents that map it 0");
    }

    @Test
    void audit_referenceRunsOverlap_isFound() throws IOException {
        put(RecordKey.of(RecordKey.REFERENCES, 2), new SpaceMap.Counted(2, 1, 1).encode());

        assertThat(problems()).contains("block=2: reference counts recorded twice");
    }

    @Test
    void audit_extentLost_isFound() throws IOException {
        remove(RecordKey.of(RecordKey.EXTENT, other.ino, 0));

        assertThat(problems())
                .contains("inode=" + other.ino + ": mapped blocks are 7, its extents map 3")
                .anyMatch(p -> p.contains("references recorded are 2, extents that map it 1"));
    }

    @Test
    void audit_extentsOverlap_isFound() throws IOException {
        put(RecordKey.of(RecordKey.EXTENT, file.ino, 9), ExtentFormat.encode(new Extent(9, 900, 1, true)));

        assertThat(problems())
                .contains("inode=" + file.ino + " extent at block 9: overlaps the one before, which ends at block 10");
    }

    @Test
    void audit_extentPastTheEnd_isFound() throws IOException {
        putInode(file.ino, inode -> inode.withSize(9 * BLOCK + 1).withFlags(0));

        assertThat(problems())
                .contains(
                        "inode=" + file.ino + " extent at block 20: ends at block 24, the file at block 10",
                        "inode=" + file.ino + " extent at block 20: is not written, the inode's flags say all are")
                .noneMatch(p -> p.contains("extent at block 0"));
    }

    @Test
    void audit_extentPastTheEndWhileTruncationIsPending_isClean() throws IOException {
        putInode(file.ino, inode -> inode.withSize(1));
        put(RecordKey.of(RecordKey.ORPHAN, file.ino), new byte[] {0});

        assertThat(problems()).isEmpty();
    }

    @Test
    void audit_inodeMissing_isFoundInEveryTable() throws IOException {
        remove(RecordKey.of(RecordKey.INODE, file.ino));
        put(RecordKey.of(RecordKey.ORPHAN, file.ino), new byte[] {0});

        String missing = "inode=" + file.ino + ": is missing, but has ";
        assertThat(problems())
                .contains(missing + "extents", missing + "an orphan record", missing + "extended attributes")
                .contains("entry file of inode=1: refers to inode=" + file.ino + ", which is missing");
    }

    @Test
    void audit_entryOfWrongType_isFound() throws IOException {
        put(EntryFormat.key(Volume.ROOT, TestFiles.bytes("file")), EntryFormat.encode(file.ino, FileType.SOCKET));

        assertThat(problems()).contains("entry file of inode=1: is a SOCKET, inode=" + file.ino + " is a REGULAR");
    }

    @Test
    void audit_nameLost_isFound() throws IOException {
        remove(EntryFormat.key(Volume.ROOT, TestFiles.bytes("file")));

        assertThat(problems()).containsExactly("inode=" + file.ino + ": links are 2, names found 1");
    }

    @Test
    void audit_noNameAndNoOrphanRecord_isFound() throws IOException {
        remove(EntryFormat.key(Volume.ROOT, TestFiles.bytes("other")));
        putInode(other.ino, inode -> inode.withLinkCount(0));

        assertThat(problems()).containsExactly("inode=" + other.ino + ": has no name and is no orphan");
    }

    @Test
    void audit_orphan_isClean() throws IOException {
        remove(EntryFormat.key(Volume.ROOT, TestFiles.bytes("other")));
        putInode(other.ino, inode -> inode.withLinkCount(0).withSize(0));
        put(RecordKey.of(RecordKey.ORPHAN, other.ino), new byte[] {0});

        assertThat(problems()).isEmpty();
    }

    @Test
    void audit_directoryLinksWrong_isFound() throws IOException {
        putInode(directory, inode -> inode.withLinkCount(2));

        assertThat(problems()).containsExactly("inode=" + directory + ": links are 2, expected 3");
    }

    @Test
    void audit_parentWrong_isFound() throws IOException {
        long below = directory + 1;
        putInode(below, inode -> inode.withParent(Volume.ROOT));

        assertThat(problems())
                .containsExactly(
                        "entry below of inode=" + directory + ": the parent of inode=" + below + " is inode=1");
    }

    @Test
    void audit_directoriesInACircle_areFound() throws IOException {
        long below = directory + 1;
        remove(EntryFormat.key(Volume.ROOT, TestFiles.bytes("directory")));
        putInode(Volume.ROOT, inode -> inode.withLinkCount(2));
        put(EntryFormat.key(below, TestFiles.bytes("up")), EntryFormat.encode(directory, FileType.DIRECTORY));
        putInode(below, inode -> inode.withLinkCount(4));
        putInode(directory, inode -> inode.withParent(below));

        String lost = ": the directory cannot be reached from the root";
        assertThat(problems())
                .containsExactlyInAnyOrder(
                        "inode=" + directory + lost, "inode=" + below + lost, "inode=" + (below + 1) + lost);
    }

    @Test
    void audit_rootMissing_isFound() throws IOException {
        remove(RecordKey.of(RecordKey.INODE, Volume.ROOT));

        assertThat(problems()).contains("inode=1: the root directory is missing");
    }

    @Test
    void audit_symlinkTargetLostOrLonger_isFound() throws IOException {
        put(RecordKey.of(RecordKey.SYMLINK, link), new byte[3]);
        assertThat(problems()).containsExactly("inode=" + link + ": size is 6, its target's length 3");

        remove(RecordKey.of(RecordKey.SYMLINK, link));
        assertThat(problems()).containsExactly("inode=" + link + ": a symbolic link without a target");
    }

    @Test
    void audit_accountingWrong_isFound() throws IOException {
        SpaceUsage usage = files.volume.usage();
        var wrong = new SpaceUsage.Format(
                new SpaceUsage(
                        usage.storedBlocks() + 1,
                        usage.mappedBlocks() - 1,
                        usage.sharedBlocks() + 2,
                        usage.inodeCount() + 3),
                2,
                3);
        put(RecordKey.of(RecordKey.ACCOUNTING), wrong.encode());

        assertThat(problems())
                .contains(
                        "accounting: stored blocks are 18, counted 17",
                        "accounting: mapped blocks are 20, counted 21",
                        "accounting: shared blocks are 6, counted 4",
                        "accounting: inodes are 10, counted 7")
                .anyMatch(p -> p.startsWith("accounting: the next inode is 2, but there is inode="))
                .anyMatch(p -> p.startsWith("accounting: the high-water mark is 3, blocks are in use up to 17"));
    }

    @Test
    void audit_damagedRecords_areNamedAndNothingFails() throws IOException {
        for (byte table : new byte[] {'I', 'E', 'R', 'D'}) {
            try (var cursor = store.scan(RecordKey.of(table), RecordKey.of((byte) (table + 1)))) {
                while (cursor.next()) {
                    put(cursor.key(), new byte[] {1, 2, 3});
                }
            }
        }

        assertThat(problems())
                .contains("inode=1: its record is damaged", "inode=1: a directory entry is damaged")
                .anyMatch(p -> p.contains("an extent's record is damaged"))
                .anyMatch(p -> p.contains("a reference count's record is damaged"));
    }

    @Test
    void audit_manyProblems_keepsTheFirstAndCountsAll() throws IOException {
        var batch = new TreeMap<byte[], byte[]>(Arrays::compareUnsigned);
        for (int i = 0; i < 1500; i++) {
            batch.put(RecordKey.of(RecordKey.ORPHAN, 1000 + i), new byte[] {0});
        }
        store.apply(batch);

        VolumeAudit.Report report = reopened().audit();

        assertThat(report.problems()).hasSize(1000);
        assertThat(report.problemCount()).isEqualTo(1500);
        assertThat(report.isClean()).isFalse();
    }

    @Test
    void audit_freeSpaceHoldsAReferencedBlock_isFound() throws IOException {
        files.volume.space().foundFree(new PhysicalRun(3, 1));

        assertThat(files.volume.audit().problems())
                .anyMatch(p -> p.startsWith("block=3") && p.contains("is free or referenced besides"));
    }

    @Test
    void audit_blocksForgotten_areFound() throws IOException {
        remove(RecordKey.of(RecordKey.EXTENT, file.ino, 20));
        put(RecordKey.of(RecordKey.REFERENCES, 7), new SpaceMap.Counted(7, 4, 1).encode());
        put(RecordKey.of(RecordKey.REFERENCES, 15), new SpaceMap.Counted(15, 3, 1).encode());

        assertThat(files.volume.audit().problems()).contains("block=11 to 14: neither free nor referenced");
    }

    @Test
    void audit_blocksAllocatedAndNotRecorded_isClean() throws IOException {
        files.unlink(other);
        files.free(other);
        files.volume.commit();
        assertThat(files.volume.audit().problems()).isEmpty();

        List<PhysicalRun> forgotten = files.volume.space().allocate(1);
        assertThat(files.volume.audit().problems()).isEmpty();

        files.volume.space().reuse(List.of());
        assertThat(files.volume.audit().problems()).isEmpty();
        files.volume.space().abandon(forgotten);
        assertThat(files.volume.audit().problems()).isEmpty();
    }

    private byte[] firstReferences() throws IOException {
        return RecordKey.of(RecordKey.REFERENCES, 1);
    }

    private interface Change {
        void apply(byte[] record);
    }

    private void change(byte[] key, Change change) {
        byte[] value = java.util.Objects.requireNonNull(store.get(key)).clone();
        change.apply(value);
        put(key, value);
    }

    private void putInode(long ino, java.util.function.UnaryOperator<InodeRecord> change) {
        byte[] key = RecordKey.of(RecordKey.INODE, ino);
        var record = InodeFormat.decode(ino, java.util.Objects.requireNonNull(store.get(key)));
        put(key, InodeFormat.encode(change.apply(record)));
    }

    private void put(byte[] key, byte[] value) {
        var batch = new TreeMap<byte[], byte[]>(Arrays::compareUnsigned);
        batch.put(key, value);
        store.apply(batch);
    }

    private void remove(byte[] key) {
        put(key, MetadataStore.DELETED);
    }

    private Volume reopened() throws IOException {
        return Volume.openOn(device.copy(), store.copy());
    }

    private List<String> problems() throws IOException {
        Volume volume = reopened();
        List<String> problems = volume.audit().problems();
        try {
            volume.close();
        } catch (VfsException e) {
            // Opening finds out as well where the damage is in the reference counts, and stops the volume.
            assertThat(problems).isNotEmpty();
        }
        return problems;
    }
}
