package samepage.linux.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static samepage.linux.syscall.HostTree.assertRefused;
import static samepage.linux.syscall.HostTree.name;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import samepage.errno.Errno;
import samepage.errno.VfsException;

final class HostDirectoryTest {
    private HostTree tree;
    private HostDirectory directory;

    @BeforeEach
    void open() throws Exception {
        tree = new HostTree();
        directory = tree.directory;
    }

    @AfterEach
    void close() throws Exception {
        tree.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"plain", "\u00ff\u00fe\u0080", "line\nfeed", "\u001b[31m", " ", "-rf", "...", "*", "\u0001"})
    void entries_namesOfAnyBytes_comeBackAsTheyWereGiven(String name) throws VfsException {
        tree.create(name, "content of " + name).close();

        assertThat(directory.remainingEntries())
                .singleElement()
                .satisfies(entry -> assertThat(entry.name()).isEqualTo(name(name)));
        assertThat(tree.read(name)).isEqualTo("content of " + name);
    }

    @Test
    void entries_longestName_comesBackWhole() throws VfsException {
        var longest = "\u00e4".repeat(255);
        tree.create(longest, "x").close();

        assertThat(directory.remainingEntries().getFirst().name()).isEqualTo(name(longest));
        assertRefused(Errno.ENAMETOOLONG, () -> directory.createFile(name("a".repeat(256)), 0644));
        assertRefused(Errno.ENAMETOOLONG, () -> directory.stat(name("a".repeat(4095))));
        assertRefused(Errno.ENAMETOOLONG, () -> directory.stat(name("a".repeat(100_000))));
    }

    @Test
    void entries_manyMoreThanOneListing_areAllThereOnce() throws VfsException {
        var expected = new HashSet<String>();
        for (var i = 0; i < 5000; i++) {
            var name = "a-rather-long-name-so-that-the-buffer-fills-up-" + i;
            directory.makeNode(name(name), HostFileType.REGULAR, 0600, 0, 0);
            expected.add(name);
        }

        assertThat(namesListed()).hasSize(5000).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(directory.nextEntries()).isEmpty();
        directory.rewind();
        assertThat(directory.remainingEntries()).hasSize(5000);
    }

    @Test
    void entries_ofEveryType_sayTheirType() throws VfsException {
        tree.create("regular", "").close();
        directory.makeDirectory(name("directory"), 0755);
        directory.makeSymbolicLink(name("link"), name("nowhere"));
        directory.makeNode(name("fifo"), HostFileType.FIFO, 0600, 0, 0);
        directory.makeNode(name("socket"), HostFileType.SOCKET, 0600, 0, 0);

        for (var entry : directory.remainingEntries()) {
            var stat = directory.stat(entry.name());
            assertThat(stat.id().inode()).isEqualTo(entry.inode());
            assertThat(entry.type()).isIn(stat.type(), HostFileType.UNKNOWN);
        }
        assertThat(directory.stat(name("regular")).type()).isEqualTo(HostFileType.REGULAR);
        assertThat(directory.stat(name("directory")).type()).isEqualTo(HostFileType.DIRECTORY);
        assertThat(directory.stat(name("link")).type()).isEqualTo(HostFileType.SYMBOLIC_LINK);
        assertThat(directory.stat(name("fifo")).type()).isEqualTo(HostFileType.FIFO);
        assertThat(directory.stat(name("socket")).type()).isEqualTo(HostFileType.SOCKET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "/etc", "../escape", "nul\0"})
    void name_thatIsNoEntry_isRefusedByEveryCall(String name) {
        assertRefused(Errno.EINVAL, () -> directory.stat(name(name)));
        assertRefused(Errno.EINVAL, () -> directory.createFile(name(name), 0644));
        assertRefused(Errno.EINVAL, () -> directory.openDirectory(name(name)));
        assertRefused(Errno.EINVAL, () -> directory.makeDirectory(name(name), 0755));
        assertRefused(Errno.EINVAL, () -> directory.makeSymbolicLink(name(name), name("target")));
        assertRefused(Errno.EINVAL, () -> directory.unlink(name(name)));
        assertRefused(Errno.EINVAL, () -> directory.rename(name("a"), directory, name(name), RenameMode.REPLACE));
    }

    @Test
    void symbolicLink_toAnyBytes_comesBackAndIsNeverFollowed() throws VfsException {
        var target = name("../\u00ff\n/" + "x".repeat(4000));
        directory.makeSymbolicLink(name("link"), target);
        directory.makeSymbolicLink(name("slash"), name("/"));

        assertThat(directory.readLink(name("link"))).isEqualTo(target);
        assertThat(directory.stat(name("link")).sizeBytes()).isEqualTo(target.length);
        assertRefused(Errno.ELOOP, () -> directory.openToRead(name("slash")));
        assertRefused(Errno.ENOTDIR, () -> directory.openDirectory(name("slash")));
        assertThat(HostDirectory.statPath(HostPath.of(tree.path.resolve("slash")), true)
                        .isDirectory())
                .isTrue();
        assertThat(HostDirectory.statPath(HostPath.of(tree.path.resolve("slash")), false)
                        .isSymbolicLink())
                .isTrue();
    }

    @Test
    void readLink_ofWhatIsNone_isRefused() throws VfsException {
        tree.create("file", "").close();

        assertRefused(Errno.EINVAL, () -> directory.readLink(name("file")));
        assertRefused(Errno.ENOENT, () -> directory.makeSymbolicLink(name("link"), name("")));
    }

    @Test
    void link_secondName_isTheSameFile() throws VfsException {
        tree.create("one", "shared").close();
        directory.makeDirectory(name("below"), 0755);
        directory.makeSymbolicLink(name("symbolic"), name("one"));
        try (var below = directory.openDirectory(name("below"))) {
            directory.link(name("one"), below, name("two\u00ff"));
            directory.link(name("symbolic"), below, name("symbolic"));

            assertThat(below.stat(name("two\u00ff")).id())
                    .isEqualTo(directory.stat(name("one")).id());
            assertThat(directory.stat(name("one")).linkCount()).isEqualTo(2);
            assertThat(below.stat(name("symbolic")).isSymbolicLink()).isTrue();
        }
    }

    @Test
    void openToRead_fifoWithoutWriter_doesNotWait() throws VfsException {
        directory.makeNode(name("fifo"), HostFileType.FIFO, 0600, 0, 0);

        try (var fifo = directory.openToRead(name("fifo"))) {
            assertThat(fifo.stat().type()).isEqualTo(HostFileType.FIFO);
        }
    }

    @Test
    void makeNode_device_keepsItsNumbers() throws VfsException {
        assumeTrue(HostProcess.effectiveUserId() == 0, "making device files takes root");
        try {
            directory.makeNode(name("null"), HostFileType.CHARACTER_DEVICE, 0666, 1, 3);
        } catch (VfsException refused) {
            assumeFalse(refused.errno() == Errno.EPERM, "root may not make device files here");
            throw refused;
        }
        directory.makeNode(name("large"), HostFileType.BLOCK_DEVICE, 0600, 0xabc, 0xdef12);

        var character = directory.stat(name("null"));
        assertThat(character.type()).isEqualTo(HostFileType.CHARACTER_DEVICE);
        assertThat(character.specialMajor()).isEqualTo(1);
        assertThat(character.specialMinor()).isEqualTo(3);
        var block = directory.stat(name("large"));
        assertThat(block.type()).isEqualTo(HostFileType.BLOCK_DEVICE);
        assertThat(block.specialMajor()).isEqualTo(0xabc);
        assertThat(block.specialMinor()).isEqualTo(0xdef12);
    }

    @Test
    void rename_overExisting_doesWhatTheModeSays() throws VfsException {
        tree.create("a", "A").close();
        tree.create("b", "B").close();

        assertRefused(Errno.EEXIST, () -> directory.rename(name("a"), directory, name("b"), RenameMode.NO_REPLACE));
        directory.rename(name("a"), directory, name("b"), RenameMode.EXCHANGE);
        assertThat(tree.read("a")).isEqualTo("B");
        directory.rename(name("a"), directory, name("b"), RenameMode.REPLACE);
        assertThat(tree.read("b")).isEqualTo("B");
        assertRefused(Errno.ENOENT, () -> directory.stat(name("a")));
    }

    @Test
    void remove_fullDirectoryOrWrongType_isRefused() throws VfsException {
        directory.makeDirectory(name("full"), 0755);
        try (var full = directory.openDirectory(name("full"))) {
            full.makeNode(name("file"), HostFileType.REGULAR, 0600, 0, 0);
        }

        assertRefused(Errno.ENOTEMPTY, () -> directory.removeDirectory(name("full")));
        assertRefused(Errno.EISDIR, () -> directory.unlink(name("full")));
        assertRefused(Errno.EEXIST, () -> directory.makeDirectory(name("full"), 0755));
    }

    @Test
    void openDirectory_renamedAndReplacedMeanwhile_staysInTheOldOne() throws VfsException {
        directory.makeDirectory(name("work"), 0755);
        try (var work = directory.openDirectory(name("work"))) {
            directory.rename(name("work"), directory, name("moved"), RenameMode.REPLACE);
            directory.makeSymbolicLink(name("work"), name("/etc"));

            work.makeNode(name("file"), HostFileType.REGULAR, 0600, 0, 0);
        }

        assertThat(Files.exists(tree.path.resolve("moved/file"))).isTrue();
    }

    @Test
    void missing_entry_isEnoentAndNamesThePathPrintable() {
        assertThatThrownBy(() -> directory.openToRead(name("gone\n\u00ff")))
                .hasMessage("cannot open: path=" + tree.path + "/gone\\n\\xff (No such file or directory)");
        assertRefused(Errno.ENOENT, () -> directory.stat(name("gone")));
        assertRefused(Errno.ENOENT, () -> directory.readLink(name("gone")));
        assertRefused(Errno.ENOENT, () -> directory.xattrNames(name("gone")));
        assertRefused(Errno.ENOENT, () -> HostDirectory.open(name("/nowhere/at/all")));
    }

    @Test
    void forbidden_entry_isEacces() throws VfsException {
        assumeTrue(HostProcess.effectiveUserId() != 0, "root may read everything");
        try (var file = tree.create("secret", "x")) {
            file.setMode(0);
        }

        assertRefused(Errno.EACCES, () -> directory.openToRead(name("secret")));
    }

    @Test
    void openToRead_fileOfAnother_isReadWithoutTheRightToLeaveItsAccessTime() throws VfsException {
        assumeTrue(HostProcess.effectiveUserId() != 0, "root may leave every access time");

        HostFile.open(name("/etc/passwd"), OpenFlags.READ_ONLY | OpenFlags.NO_ACCESS_TIME, 0)
                .close();
    }

    @Test
    void stat_everyField_agreesWithTheJdk() throws Exception {
        var file = tree.path.resolve("file");
        Files.writeString(file, "hello");
        var expected = Files.readAttributes(file, "unix:*", LinkOption.NOFOLLOW_LINKS);

        var stat = directory.stat(name("file"));

        assertThat(stat.mode()).isEqualTo(expected.get("mode"));
        assertThat(stat.id().inode()).isEqualTo(expected.get("ino"));
        assertThat(stat.linkCount()).isEqualTo(expected.get("nlink"));
        assertThat(stat.userId()).isEqualTo(expected.get("uid"));
        assertThat(stat.groupId()).isEqualTo(expected.get("gid"));
        assertThat(stat.sizeBytes()).isEqualTo(5);
        assertThat(stat.allocatedBytes()).isPositive();
        assertThat(stat.blockSizeBytes()).isPositive();
        assertThat(asFileTime(stat.modified())).isEqualTo(expected.get("lastModifiedTime"));
        assertThat(asFileTime(stat.accessed())).isEqualTo(expected.get("lastAccessTime"));
        assertThat(asFileTime(stat.changed())).isEqualTo(expected.get("ctime"));
        try (var opened = directory.openToRead(name("file"))) {
            assertThat(opened.stat()).isEqualTo(stat);
        }
    }

    @Test
    void setMode_everyBit_isKept() throws VfsException {
        tree.create("file", "").close();
        directory.makeNode(name("fifo"), HostFileType.FIFO, 0600, 0, 0);
        directory.makeDirectory(name("directory"), 0700);

        directory.setMode(name("file"), 06711);
        directory.setMode(name("fifo"), 0666);
        directory.setMode(name("directory"), 01777);

        assertThat(directory.stat(name("file")).permissions()).isEqualTo(06711);
        assertThat(directory.stat(name("fifo")).permissions()).isEqualTo(0666);
        assertThat(directory.stat(name("directory")).permissions()).isEqualTo(01777);
    }

    @Test
    void setOwner_asRoot_isKeptForFilesAndLinks() throws VfsException {
        assumeTrue(HostProcess.effectiveUserId() == 0, "giving files away takes root");
        directory.makeSymbolicLink(name("link"), name("nowhere"));
        directory.setOwner(name("link"), 12345, -2);
        try (var file = tree.create("file", "")) {
            file.setOwner(1000, -1);
        }

        assertThat(directory.stat(name("link")).userId()).isEqualTo(12345);
        assertThat(directory.stat(name("link")).groupId()).isEqualTo(-2);
        assertThat(directory.stat(name("file")).userId()).isEqualTo(1000);
        assertThat(directory.stat(name("file")).groupId()).isEqualTo(HostProcess.effectiveGroupId());
    }

    @Test
    void setTimes_nanosecondsAndBefore1970_areKept() throws VfsException {
        tree.create("file", "").close();
        directory.makeSymbolicLink(name("link"), name("nowhere"));
        var early = new HostTime(-86_400L * 365, 123_456_789);
        var late = new HostTime(4_102_444_800L, 999_999_999);

        directory.setTimes(name("file"), early, late);
        directory.setTimes(name("link"), late, early);
        directory.setTimes(name("link"), null, new HostTime(-1, 1));

        assertThat(directory.stat(name("file")).accessed()).isEqualTo(early);
        assertThat(directory.stat(name("file")).modified()).isEqualTo(late);
        assertThat(directory.stat(name("link")).accessed()).isEqualTo(late);
        assertThat(directory.stat(name("link")).modified()).isEqualTo(new HostTime(-1, 1));
    }

    @Test
    void setTimes_ofOpenFile_leavesWhatIsNull() throws VfsException {
        try (var file = tree.create("file", "x")) {
            var time = new HostTime(1, 2);
            var modified = file.stat().modified();

            file.setTimes(time, null);

            assertThat(file.stat().accessed()).isEqualTo(time);
            assertThat(file.stat().modified()).isEqualTo(modified);
        }
    }

    @Test
    void open_closedDirectory_isRefused() throws VfsException {
        directory.makeDirectory(name("below"), 0755);
        var below = directory.openDirectory(name("below"));
        below.close();
        below.close();

        assertRefused(Errno.EBADF, () -> below.stat(name("x")));
        assertRefused(Errno.EBADF, below::nextEntries);
        assertThat(below.number()).isEqualTo(-1);
    }

    @Test
    void nextEntries_directoryRemovedMeanwhile_endsOrIsRefused() throws VfsException {
        directory.makeDirectory(name("below"), 0755);
        try (var below = directory.openDirectory(name("below"))) {
            directory.removeDirectory(name("below"));

            assertRefused(Errno.ENOENT, below::nextEntries);
        }
    }

    private List<String> namesListed() throws VfsException {
        var names = new ArrayList<String>();
        for (var entries = directory.nextEntries(); !entries.isEmpty(); entries = directory.nextEntries()) {
            for (var entry : entries) {
                names.add(new String(entry.name(), StandardCharsets.ISO_8859_1));
            }
        }
        return names;
    }

    private static FileTime asFileTime(HostTime time) {
        return FileTime.from(Instant.ofEpochSecond(time.seconds(), time.nanoseconds()));
    }
}
