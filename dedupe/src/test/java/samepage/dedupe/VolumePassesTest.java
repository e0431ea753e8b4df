package samepage.dedupe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import samepage.vfs.Caller;
import samepage.volume.MemoryMetadataStore;
import samepage.volume.WrittenFiles;

/** Passes over what was written since the last one. */
class VolumePassesTest {
    private static final int BLOCK = 4096;

    private final Random random = new Random(7);
    private TestVolume files;
    private VolumePasses passes;
    private FinderMemory memory;
    private WrittenFiles written;

    @BeforeEach
    void createVolume() throws IOException {
        files = new TestVolume();
        passes = new VolumePasses(files.vfs, Caller.ROOT);
        memory = new FinderMemory(MemoryMetadataStore::new, 64);
        written = files.vfs.volume().writtenFiles();
    }

    @AfterEach
    void closeVolume() throws IOException {
        memory.close();
        files.close();
    }

    private byte[] random(int bytes) {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        return content;
    }

    private FinderResult first() throws IOException {
        files.vfs.sync();
        var _ = written.take();
        return run(passes.all());
    }

    private FinderResult next() throws IOException {
        files.vfs.sync();
        var set = new InodeSet();
        written.take().forEach(set::add);
        return run(passes.next(set));
    }

    private FinderResult run(VolumeDedupeTarget target) throws IOException {
        var options = FinderOptions.DEFAULT.withThreads(1).withContentsInMemory(64);
        var result = Finder.remembering(memory).run(target, options, FinderProgress.NONE);
        files.checkAll();
        return result;
    }

    @Test
    void next_newCopyOfOldContent_isFoundLookingAtTheCopyAlone() throws IOException {
        byte[] content = random(200 * BLOCK + 5);
        files.file(content);
        for (int i = 0; i < 20; i++) {
            files.file(random(50 * BLOCK));
        }
        assertThat(first().files()).isEqualTo(21);
        files.file(content);
        FinderResult result = next();
        assertThat(result.files()).isEqualTo(1);
        assertThat(result.scannedBlocks()).isEqualTo(201);
        assertThat(result.sharedBytes()).isEqualTo(content.length);
        assertThat(next().files()).isZero();
    }

    @Test
    void next_oldFileRewrittenWithYoungersContent_isFound() throws IOException {
        long old = files.file(random(30 * BLOCK));
        byte[] content = random(30 * BLOCK);
        files.file(content);
        first();
        files.write(old, 0, content);
        assertThat(next().sharedBytes()).isEqualTo(content.length);
        // And what has come to be the content's first place is found again there.
        files.file(content);
        assertThat(next().sharedBytes()).isEqualTo(content.length);
    }

    /** Where a content's first place has got another, its copies are found again by a pass over all alone. */
    @Test
    void passes_randomly_changeNoContentAndAPassOverAllFindsTheRest() throws IOException {
        byte[][] contents = new byte[6][];
        for (int i = 0; i < contents.length; i++) {
            contents[i] = random(16 * BLOCK);
        }
        first();
        var inos = new ArrayList<Long>();
        for (int pass = 0; pass < 40; pass++) {
            for (int i = random.nextInt(4); i >= 0; i--) {
                byte[] content = contents[random.nextInt(contents.length)];
                if (inos.size() < 5 || random.nextBoolean()) {
                    inos.add(files.file(content));
                } else {
                    files.write(inos.get(random.nextInt(inos.size())), 0, content);
                }
            }
            next();
        }
        memory.close();
        memory = new FinderMemory(MemoryMetadataStore::new, 64);
        passes = new VolumePasses(files.vfs, Caller.ROOT);
        first();
        assertThat(files.storedBlocks()).isEqualTo(6 * 16);
    }

    @Test
    void take_givesEachFileOnce_andWhatIsGivenBackAgain() throws IOException {
        var _ = written.take();
        long ino = files.file(random(BLOCK));
        files.vfs.sync();
        assertThat(written.take()).containsExactly(ino);
        assertThat(written.take()).isEmpty();
        written.giveBack(List.of(ino));
        assertThat(written.take()).containsExactly(ino);
    }
}
