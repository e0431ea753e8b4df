package samepage.linux.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static samepage.linux.syscall.HostTree.assertRefused;
import static samepage.linux.syscall.HostTree.name;

import java.nio.file.Files;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import samepage.errno.Errno;

final class LinuxHostSpaceTest {
    private HostTree tree;

    @BeforeEach
    void open() throws Exception {
        tree = new HostTree();
    }

    @AfterEach
    void close() throws Exception {
        tree.close();
    }

    @Test
    void punchHole_writtenRange_isTakenOffWhatIsAllocated() throws Exception {
        var data = Files.write(tree.path.resolve("data"), new byte[1 << 20]);
        try (var space = LinuxHostSpace.of(data)) {
            var before = space.allocatedBytes();
            assertThat(before).isGreaterThanOrEqualTo(1 << 20);

            space.punchHole(0, 1 << 19);

            assertThat(space.allocatedBytes()).isEqualTo(before - (1 << 19));
            assertThat(Files.size(data)).isEqualTo(1 << 20);
        }
    }

    @Test
    void reserve_pastTheEnd_isTakenAndCanBeGivenBack() throws Exception {
        var data = Files.write(tree.path.resolve("data"), new byte[] {1});
        try (var space = LinuxHostSpace.of(data)) {
            space.reserve(1 << 20, 1 << 20);

            assertThat(space.allocatedBytes()).isGreaterThanOrEqualTo(1 << 20);
            space.punchHole(1 << 20, 1 << 20);
            assertThat(space.allocatedBytes()).isLessThan(1 << 20);
        }
    }

    @Test
    void usableBytes_ofTheHost_agreesWithTheJdk() throws Exception {
        var data = Files.createFile(tree.path.resolve("data"));
        try (var space = LinuxHostSpace.of(data)) {
            var expected = Files.getFileStore(data).getUsableSpace();

            // Others write to the same disk meanwhile.
            assertThat((double) space.usableBytes()).isBetween(expected * 0.9, expected * 1.1);
        }
    }

    @Test
    void of_whatIsNoDataFile_isRefused() throws Exception {
        assertRefused(Errno.ENOENT, () -> LinuxHostSpace.of(tree.path.resolve("missing")));
        assertRefused(Errno.EISDIR, () -> LinuxHostSpace.of(tree.path));
        tree.directory.makeNode(name("fifo"), HostFileType.FIFO, 0600, 0, 0);
        assertRefused(Errno.EINVAL, () -> LinuxHostSpace.of(tree.path.resolve("fifo")));
    }
}
