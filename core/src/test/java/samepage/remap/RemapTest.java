package samepage.remap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static samepage.remap.RemapFixture.BLOCK;
import static samepage.remap.RemapFixture.random;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.inode.SetIdBits;
import samepage.remap.RemapOptions.Protocol;
import samepage.volume.FileType;
import samepage.volume.InodeRecord;

/** The rows of the dedupe and clone contract that a library can show. */
class RemapTest {
    private RemapFixture files;

    @BeforeEach
    void open() throws IOException {
        files = new RemapFixture();
    }

    @AfterEach
    void close() throws IOException {
        files.close();
    }

    @ParameterizedTest
    @EnumSource
    void dedupe_equalFiles_shareEveryBlock(Protocol protocol) throws IOException {
        byte[] content = random(1, 40 * BLOCK + 123);
        Inode source = files.file(content);
        Inode target = files.file(content);

        RemapOutcome outcome = files.dedupe(source, 0, target, 0, content.length, protocol);

        assertThat(outcome).isInstanceOfSatisfying(RemapOutcome.Same.class, same -> {
            assertThat(same.dedupedBytes()).isEqualTo(content.length);
            assertThat(same.newlySharedBytes()).isEqualTo(content.length);
        });
        assertThat(files.physical(target)).isEqualTo(files.physical(source));
        assertThat(files.volume.usage().storedBlocks()).isEqualTo(41);
        assertThat(files.volume.usage().sharedBlocks()).isEqualTo(41);
        assertThat(files.read(source)).isEqualTo(content);
        assertThat(files.read(target)).isEqualTo(content);
    }

    @ParameterizedTest
    @EnumSource
    void dedupe_sharedAlready_sharesNothingNew(Protocol protocol) throws IOException {
        byte[] content = random(1, 8 * BLOCK);
        Inode source = files.file(content);
        Inode target = files.file(content);
        files.dedupe(source, 0, target, 0, content.length, protocol);

        RemapOutcome outcome = files.dedupe(source, 0, target, 0, content.length, protocol);

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        RemapOutcome.Same.class,
                        same -> assertThat(same.newlySharedBytes()).isZero());
    }

    @ParameterizedTest
    @EnumSource
    void dedupe_anyByteDiffers_differsAndLeavesBothAlone(Protocol protocol) throws IOException {
        byte[] content = random(1, 20 * BLOCK);
        byte[] other = content.clone();
        other[17 * BLOCK + 4095] ^= 1;
        Inode source = files.file(content);
        Inode target = files.file(other);

        assertThat(files.dedupe(source, 0, target, 0, content.length, protocol))
                .isInstanceOf(RemapOutcome.Differs.class);
        assertThat(files.volume.usage().sharedBlocks()).isZero();
        assertThat(files.read(target)).isEqualTo(other);
    }

    @ParameterizedTest
    @EnumSource
    void dedupe_targetOverwrittenAfterwards_sourceUnchanged(Protocol protocol) throws IOException {
        byte[] content = random(1, 8 * BLOCK);
        Inode source = files.file(content);
        Inode target = files.file(content);
        files.dedupe(source, 0, target, 0, content.length, protocol);

        files.write(target, 3 * BLOCK + 5, new byte[] {1, 2, 3});
        files.io.fsync(target, false);

        assertThat(files.read(source)).isEqualTo(content);
        byte[] expected = content.clone();
        System.arraycopy(new byte[] {1, 2, 3}, 0, expected, 3 * BLOCK + 5, 3);
        assertThat(files.read(target)).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource
    void dedupe_holeAgainstZeros_targetTakesTheHole(Protocol protocol) throws IOException {
        Inode source = files.file();
        files.io.setSize(source, 16 * BLOCK, record -> record);
        Inode target = files.file(new byte[16 * BLOCK]);

        assertThat(files.dedupe(source, 0, target, 0, 16 * BLOCK, protocol)).isInstanceOf(RemapOutcome.Same.class);
        assertThat(files.physical(target)).containsOnly(-1);
        assertThat(files.read(target)).isEqualTo(new byte[16 * BLOCK]);
    }

    @ParameterizedTest
    @EnumSource
    void dedupe_withinOneFile_sharesApartRanges(Protocol protocol) throws IOException {
        byte[] half = random(1, 4 * BLOCK);
        byte[] content = Arrays.copyOf(half, 8 * BLOCK);
        System.arraycopy(half, 0, content, 4 * BLOCK, 4 * BLOCK);
        Inode file = files.file(content);

        assertThat(files.dedupe(file, 0, file, 4 * BLOCK, 4 * BLOCK, protocol)).isInstanceOf(RemapOutcome.Same.class);
        assertThat(files.volume.usage().storedBlocks()).isEqualTo(4);
        assertThat(files.read(file)).isEqualTo(content);
    }

    @ParameterizedTest
    @EnumSource
    void dedupe_tailOfSourceAgainstMiddleOfTarget_isRoundedDown(Protocol protocol) throws IOException {
        byte[] content = random(1, 2 * BLOCK + 100);
        Inode source = files.file(content);
        Inode target = files.file(Arrays.copyOf(content, 5 * BLOCK));

        assertThat(files.dedupe(source, 0, target, 0, content.length, protocol))
                .isInstanceOfSatisfying(
                        RemapOutcome.Same.class,
                        same -> assertThat(same.dedupedBytes()).isEqualTo(2 * BLOCK));
        assertThat(files.read(target)).isEqualTo(Arrays.copyOf(content, 5 * BLOCK));
    }

    /** Race 27: a caller that advances by the figure must not loop on nothing. */
    @ParameterizedTest
    @EnumSource
    void dedupe_noWholeBlock_differsInsteadOfSharingNothing(Protocol protocol) throws IOException {
        Inode source = files.file(random(1, 100));
        Inode target = files.file(Arrays.copyOf(random(1, 100), 5 * BLOCK));

        assertThat(files.dedupe(source, 0, target, 0, 100, protocol)).isInstanceOf(RemapOutcome.Differs.class);
    }

    @Test
    void dedupe_emptyRequest_isSame() throws IOException {
        Inode source = files.file(random(1, 100));
        Inode target = files.file(random(2, 100));

        assertThat(files.dedupe(source, 100, target, 0, 0, Protocol.OPTIMISTIC))
                .isInstanceOfSatisfying(
                        RemapOutcome.Same.class,
                        same -> assertThat(same.dedupedBytes()).isZero());
    }

    @Test
    void dedupe_movesNoTimesNorSetIds() throws IOException {
        byte[] content = random(1, 4 * BLOCK);
        Inode source = files.file(content);
        Inode target = files.file(content);
        target.update(record -> record.withMode(record.mode() | 06010));
        files.io.writeBack(target);
        InodeRecord sourceBefore = source.record();
        InodeRecord targetBefore = target.record();

        files.dedupe(source, 0, target, 0, content.length, Protocol.OPTIMISTIC);

        assertThat(source.record()).isEqualTo(sourceBefore);
        assertThat(target.record()).isEqualTo(targetBefore);
    }

    @Test
    void dedupe_refusals() throws IOException {
        Inode a = files.file(random(1, 4 * BLOCK));
        Inode b = files.file(random(1, 4 * BLOCK));
        Inode directory = files.inode(FileType.DIRECTORY, 0);
        Inode fifo = files.inode(FileType.FIFO, 0);
        Inode immutable = files.file(random(1, 4 * BLOCK));
        immutable.update(record -> record.withFlags(InodeRecord.FLAG_IMMUTABLE));
        Inode swap = files.file(random(1, 4 * BLOCK));
        swap.update(record -> record.withFlags(InodeRecord.FLAG_SWAP));

        refused(Errno.EISDIR, directory, 0, a, 0, BLOCK);
        refused(Errno.EISDIR, a, 0, directory, 0, BLOCK);
        refused(Errno.EINVAL, fifo, 0, a, 0, BLOCK);
        refused(Errno.EINVAL, a, -BLOCK, b, 0, BLOCK);
        refused(Errno.EINVAL, a, 0, b, 0, -1);
        refused(Errno.EINVAL, a, Long.MAX_VALUE, b, 0, BLOCK);
        refused(Errno.EINVAL, a, 0, b, 0, 5 * BLOCK);
        refused(Errno.EINVAL, a, 5 * BLOCK, b, 0, 0);
        refused(Errno.EINVAL, a, 1, b, 0, BLOCK);
        refused(Errno.EINVAL, a, 0, b, 512, BLOCK);
        refused(Errno.EINVAL, a, 0, b, 3 * BLOCK, 2 * BLOCK);
        refused(Errno.EINVAL, a, 0, a, 0, BLOCK);
        refused(Errno.EINVAL, a, 0, a, BLOCK, 2 * BLOCK);
        refused(Errno.EPERM, a, 0, immutable, 0, BLOCK);
        refused(Errno.ETXTBSY, swap, 0, a, 0, BLOCK);
        refused(Errno.ETXTBSY, a, 0, swap, 0, BLOCK);
        assertThat(files.dedupe(immutable, 0, a, 0, BLOCK, Protocol.LOCKED)).isInstanceOf(RemapOutcome.Same.class);
        assertThat(files.dedupe(b, 0, b, BLOCK, BLOCK, Protocol.LOCKED)).isInstanceOf(RemapOutcome.Differs.class);
    }

    private void refused(Errno errno, Inode source, long from, Inode target, long to, long length) {
        for (Protocol protocol : Protocol.values()) {
            assertThatThrownBy(() -> files.dedupe(source, from, target, to, length, protocol))
                    .isInstanceOfSatisfying(
                            VfsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
        }
    }

    @Test
    void clone_wholeFile_sharesAllWithTailAndGrowsTarget() throws IOException {
        byte[] content = random(1, 10 * BLOCK + 7);
        Inode source = files.file(content);
        Inode target = files.file(random(2, 3 * BLOCK));
        target.update(record -> record.withMode(record.mode() | 06010));
        InodeRecord before = source.record();

        long bytes = files.remap.clone(new RemapRequest(source, 0, target, 0, 0), SetIdBits.STRIP);

        assertThat(bytes).isEqualTo(content.length);
        assertThat(files.read(target)).isEqualTo(content);
        assertThat(files.physical(target)).isEqualTo(files.physical(source));
        assertThat(target.record().permissions() & 06000).isZero();
        assertThat(target.record().modifyTime()).isGreaterThan(before.modifyTime());
        assertThat(source.record().accessTime()).isEqualTo(before.accessTime());
    }

    @Test
    void clone_pastTheTargetsEnd_gapReadsAsZeros() throws IOException {
        byte[] content = random(1, 2 * BLOCK);
        Inode source = files.file(content);
        Inode target = files.file(random(2, 100));

        files.remap.clone(new RemapRequest(source, 0, target, 4 * BLOCK, 0), SetIdBits.KEEP);

        byte[] expected = new byte[6 * BLOCK];
        System.arraycopy(random(2, 100), 0, expected, 0, 100);
        System.arraycopy(content, 0, expected, 4 * BLOCK, 2 * BLOCK);
        assertThat(files.read(target)).isEqualTo(expected);
    }

    @Test
    void clone_dirtySource_takesItsNewestBytes() throws IOException {
        Inode source = files.file(random(1, 4 * BLOCK));
        files.io.fsync(source, false);
        files.write(source, BLOCK, random(3, BLOCK));
        Inode target = files.file(random(2, 4 * BLOCK));

        files.remap.clone(new RemapRequest(source, 0, target, 0, 0), SetIdBits.KEEP);

        assertThat(files.read(target)).isEqualTo(files.read(source));
    }

    @Test
    void clone_refusals() throws IOException {
        Inode a = files.file(random(1, 4 * BLOCK + 100));
        Inode b = files.file(random(1, 8 * BLOCK));
        cloneRefused(Errno.EINVAL, a, 5 * BLOCK, b, 0, 0);
        cloneRefused(Errno.EINVAL, a, 0, b, 0, 5 * BLOCK);
        cloneRefused(Errno.EINVAL, a, 0, b, 0, 100);
        cloneRefused(Errno.EINVAL, a, 4 * BLOCK, b, 0, 100);
        cloneRefused(Errno.EINVAL, a, 0, a, 0, 0);
        cloneRefused(Errno.EINVAL, b, 0, b, BLOCK, 4 * BLOCK);
        cloneRefused(Errno.EINVAL, a, 10, b, 0, BLOCK);
        cloneRefused(Errno.EISDIR, files.inode(FileType.DIRECTORY, 0), 0, b, 0, 0);
        assertThat(files.remap.clone(new RemapRequest(b, 8 * BLOCK, a, 0, 0), SetIdBits.KEEP))
                .isZero();
    }

    private void cloneRefused(Errno errno, Inode source, long from, Inode target, long to, long length) {
        assertThatThrownBy(() -> files.remap.clone(new RemapRequest(source, from, target, to, length), SetIdBits.KEEP))
                .isInstanceOfSatisfying(
                        VfsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    /** Random writes, clones and dedupes on a few files, against plain byte arrays. */
    @ParameterizedTest
    @EnumSource
    void randomOperations_contentIsAlwaysTheModels(Protocol protocol) throws IOException {
        long seed = System.nanoTime();
        var random = new Random(seed);
        int blocks = 32;
        Inode[] inodes = new Inode[3];
        byte[][] models = new byte[3][];
        for (int i = 0; i < inodes.length; i++) {
            models[i] = new byte[blocks * BLOCK];
            inodes[i] = files.file(models[i]);
        }
        for (int step = 0; step < 3000; step++) {
            int a = random.nextInt(3);
            int b = random.nextInt(3);
            int from = random.nextInt(blocks);
            int to = random.nextInt(blocks);
            int count = 1 + random.nextInt(blocks - Math.max(from, to));
            String what = "seed=" + seed + " step=" + step;
            switch (random.nextInt(5)) {
                case 0 -> {
                    byte[] content = new byte[1 + random.nextInt(count * BLOCK)];
                    Arrays.fill(content, (byte) random.nextInt(3));
                    files.write(inodes[a], bytes(from), content);
                    System.arraycopy(content, 0, models[a], from * BLOCK, content.length);
                }
                case 1 -> {
                    if (a != b || Math.abs(from - to) >= count) {
                        files.remap.clone(
                                new RemapRequest(inodes[a], bytes(from), inodes[b], bytes(to), bytes(count)),
                                SetIdBits.KEEP);
                        System.arraycopy(models[a], from * BLOCK, models[b], to * BLOCK, count * BLOCK);
                    }
                }
                case 2 -> {
                    files.io.punchHole(inodes[a], bytes(from), bytes(count), SetIdBits.KEEP);
                    Arrays.fill(models[a], from * BLOCK, (from + count) * BLOCK, (byte) 0);
                }
                case 3 -> files.io.fsync(inodes[a], false);
                default -> {
                    if (a != b || Math.abs(from - to) >= count) {
                        RemapOutcome outcome =
                                files.dedupe(inodes[a], bytes(from), inodes[b], bytes(to), bytes(count), protocol);
                        boolean equal = Arrays.equals(
                                models[a],
                                from * BLOCK,
                                (from + count) * BLOCK,
                                models[b],
                                to * BLOCK,
                                (to + count) * BLOCK);
                        assertThat(outcome instanceof RemapOutcome.Same)
                                .as(what)
                                .isEqualTo(equal);
                    }
                }
            }
            assertThat(files.read(inodes[b])).as(what).isEqualTo(models[b]);
        }
    }

    private static long bytes(int blocks) {
        return (long) blocks * BLOCK;
    }
}
