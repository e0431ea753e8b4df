package samepage.vfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static samepage.vfs.OpenFlag.APPEND;
import static samepage.vfs.OpenFlag.NO_ACCESS_TIME;
import static samepage.vfs.OpenFlag.READ;
import static samepage.vfs.OpenFlag.TRUNCATE;
import static samepage.vfs.OpenFlag.WRITE;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.vfs.PosixTree.PosixFile;
import samepage.vfs.PosixTree.Stat;
import samepage.volume.FileType;
import samepage.volume.InodeRecord;
import samepage.volume.Timestamp;

/** What POSIX and Linux promise of a tree of files, over whatever reaches one. */
public abstract class PosixSuite {
    private static final int ALICE = 1001;
    private static final int BOB = 1002;
    private static final int STAFF = 50;

    /** The tree as whoever runs the suite sees it: root, or an ordinary user. */
    protected PosixTree tree;

    private PosixTree root;
    private PosixTree alice;
    private PosixTree bob;

    protected PosixSuite() {}

    /** An empty tree; closing it checks what lies below. */
    protected abstract PosixTree openTree() throws IOException;

    @BeforeEach
    void open() throws IOException {
        tree = openTree();
        root = tree.as(0, 0);
        root.chmod("/", 0777);
        alice = tree.as(ALICE, ALICE, STAFF);
        bob = tree.as(BOB, BOB);
    }

    @AfterEach
    void close() throws IOException {
        tree.close();
    }

    private static void refused(Errno errno, ThrowingCallable action) {
        assertThatThrownBy(action)
                .asInstanceOf(InstanceOfAssertFactories.type(VfsException.class))
                .extracting(VfsException::errno)
                .isEqualTo(errno);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private void write(String path, String content) throws IOException {
        try (PosixFile file = tree.createAndOpen(path, 0644, READ, WRITE)) {
            file.write(0, bytes(content));
        }
    }

    private String read(String path) throws IOException {
        try (PosixFile file = tree.open(path, READ)) {
            return new String(file.read(0, 1 << 16), StandardCharsets.ISO_8859_1);
        }
    }

    /** Times that do not pass are no evidence. */
    private static Timestamp tick() {
        Timestamp before = Timestamp.now();
        while (Timestamp.now().compareTo(before) <= 0) {
            Thread.onSpinWait();
        }
        return Timestamp.now();
    }

    // Names and paths

    @Test
    void create_newName_isAnEmptyFile() throws IOException {
        tree.create("/file", 0640);
        Stat stat = tree.stat("/file");
        assertThat(stat.type()).isEqualTo(FileType.REGULAR);
        assertThat(stat.permissions()).isEqualTo(0640);
        assertThat(stat.linkCount()).isEqualTo(1);
        assertThat(stat.sizeBytes()).isZero();
        assertThat(tree.list("/")).containsExactly("file");
    }

    @Test
    void create_takenName_EEXIST() throws IOException {
        tree.create("/file", 0600);
        tree.mkdir("/directory", 0700);
        tree.symlink("nowhere", "/link");
        for (String taken : List.of("/file", "/directory", "/link")) {
            refused(Errno.EEXIST, () -> tree.create(taken, 0600));
            refused(Errno.EEXIST, () -> tree.mkdir(taken, 0700));
            refused(Errno.EEXIST, () -> tree.symlink("x", taken));
            refused(Errno.EEXIST, () -> tree.link("/file", taken));
            refused(Errno.EEXIST, () -> tree.makeNode(taken, FileType.FIFO.modeBits(), 0));
        }
    }

    @Test
    void name_255Bytes_isTaken256_ENAMETOOLONG() throws IOException {
        String longest = "n".repeat(255);
        tree.create("/" + longest, 0600);
        assertThat(tree.list("/")).containsExactly(longest);
        refused(Errno.ENAMETOOLONG, () -> tree.create("/" + longest + "n", 0600));
        refused(Errno.ENAMETOOLONG, () -> tree.mkdir("/" + longest + "n", 0700));
        refused(Errno.ENAMETOOLONG, () -> tree.stat("/" + longest + "n"));
        refused(Errno.ENAMETOOLONG, () -> tree.rename("/" + longest, "/" + longest + "n"));
        tree.unlink("/" + longest);
    }

    @Test
    void name_anyBytes_areKept() throws IOException {
        List<String> names = List.of("\u0001\n", " ", "\u00ff\u00fe", "a\\b", "caf\u00c3\u00a9", "...");
        for (String name : names) {
            tree.create("/" + name, 0600);
        }
        assertThat(tree.list("/")).containsExactlyInAnyOrderElementsOf(names);
        tree.remount();
        assertThat(tree.list("/")).containsExactlyInAnyOrderElementsOf(names);
    }

    @Test
    void path_4095Bytes_isWalked4096_ENAMETOOLONG() throws IOException {
        tree.mkdir("/d", 0755);
        tree.create("/d/f", 0600);
        String slashes = "/".repeat(4095 - 4);
        assertThat(tree.stat(slashes + "/d/f").type()).isEqualTo(FileType.REGULAR);
        refused(Errno.ENAMETOOLONG, () -> tree.stat(slashes + "//d/f"));
    }

    @Test
    void path_throughAFile_ENOTDIR() throws IOException {
        tree.create("/file", 0600);
        refused(Errno.ENOTDIR, () -> tree.stat("/file/x"));
        refused(Errno.ENOTDIR, () -> tree.create("/file/x", 0600));
        refused(Errno.ENOTDIR, () -> tree.stat("/file/"));
        refused(Errno.ENOTDIR, () -> tree.list("/file"));
        refused(Errno.ENOENT, () -> tree.stat("/missing/x"));
        refused(Errno.ENOENT, () -> tree.create("/missing/x", 0600));
    }

    @Test
    void path_dots_leadWhereTheyShould() throws IOException {
        tree.mkdir("/a", 0755);
        tree.mkdir("/a/b", 0755);
        long root = tree.stat("/").ino();
        assertThat(tree.stat("/..").ino()).isEqualTo(root);
        assertThat(tree.stat("/a/b/../../.").ino()).isEqualTo(root);
        assertThat(tree.stat("/a/./b/..").ino()).isEqualTo(tree.stat("/a").ino());
        assertThat(tree.stat("//a///b//").ino()).isEqualTo(tree.stat("/a/b").ino());
    }

    @Test
    void path_dotsWhereANameIsWanted_areRefused() throws IOException {
        tree.mkdir("/a", 0755);
        refused(Errno.EEXIST, () -> tree.mkdir("/a/.", 0755));
        refused(Errno.EEXIST, () -> tree.mkdir("/a/..", 0755));
        refused(Errno.EINVAL, () -> tree.rmdir("/a/."));
        refused(Errno.ENOTEMPTY, () -> tree.rmdir("/a/.."));
        refused(Errno.EISDIR, () -> tree.unlink("/a/."));
        refused(Errno.EBUSY, () -> tree.rename("/a/.", "/b"));
        refused(Errno.EBUSY, () -> tree.rename("/a", "/a/.."));
    }

    // Symbolic links

    @Test
    void symlink_isFollowedInThePathAndAtItsEnd() throws IOException {
        tree.mkdir("/d", 0755);
        write("/d/file", "content");
        tree.symlink("d", "/relative");
        tree.symlink("/d/file", "/absolute");
        assertThat(read("/relative/file")).isEqualTo("content");
        assertThat(read("/absolute")).isEqualTo("content");
        assertThat(tree.readlink("/absolute")).isEqualTo("/d/file");
        assertThat(tree.lstat("/absolute").type()).isEqualTo(FileType.SYMBOLIC_LINK);
        assertThat(tree.lstat("/absolute").sizeBytes()).isEqualTo(7);
        assertThat(tree.lstat("/relative/").type()).isEqualTo(FileType.DIRECTORY);
        refused(Errno.EINVAL, () -> tree.readlink("/d/file"));
        refused(Errno.ENOTDIR, () -> tree.stat("/absolute/"));
        tree.remount();
        assertThat(tree.readlink("/relative")).isEqualTo("d");
    }

    @Test
    void symlink_dangling_ENOENT() throws IOException {
        tree.symlink("nowhere", "/link");
        refused(Errno.ENOENT, () -> tree.stat("/link"));
        assertThat(tree.lstat("/link").sizeBytes()).isEqualTo(7);
        tree.unlink("/link");
    }

    @Test
    void symlink_40AreFollowed41_ELOOP() throws IOException {
        tree.create("/l0", 0600);
        for (int i = 1; i <= 41; i++) {
            tree.symlink("l" + (i - 1), "/l" + i);
        }
        assertThat(tree.stat("/l40").type()).isEqualTo(FileType.REGULAR);
        refused(Errno.ELOOP, () -> tree.stat("/l41"));
        tree.symlink("self", "/self");
        refused(Errno.ELOOP, () -> tree.stat("/self"));
        refused(Errno.ELOOP, () -> tree.create("/self/x", 0600));
    }

    @Test
    void symlink_longestTarget_isKept() throws IOException {
        String target = "t".repeat(4095);
        tree.symlink(target, "/link");
        assertThat(tree.readlink("/link")).isEqualTo(target);
        refused(Errno.ENAMETOOLONG, () -> tree.symlink(target + "t", "/other"));
        refused(Errno.ENOENT, () -> tree.symlink("", "/other"));
    }

    // Directories

    @Test
    void mkdir_countsInItsParent() throws IOException {
        int before = tree.stat("/").linkCount();
        tree.mkdir("/d", 0755);
        assertThat(tree.stat("/").linkCount()).isEqualTo(before + 1);
        assertThat(tree.stat("/d").linkCount()).isEqualTo(2);
        tree.rmdir("/d");
        assertThat(tree.stat("/").linkCount()).isEqualTo(before);
    }

    @Test
    void rmdir_refusals() throws IOException {
        tree.mkdir("/d", 0755);
        tree.create("/d/f", 0600);
        refused(Errno.ENOTEMPTY, () -> tree.rmdir("/d"));
        refused(Errno.ENOTDIR, () -> tree.rmdir("/d/f"));
        refused(Errno.ENOENT, () -> tree.rmdir("/d/g"));
        refused(Errno.EISDIR, () -> tree.unlink("/d"));
        tree.unlink("/d/f");
        tree.rmdir("/d");
        refused(Errno.ENOENT, () -> tree.stat("/d"));
    }

    @Test
    void directory_manyEntries_areAllListed() throws IOException {
        var names = new ArrayList<String>();
        for (int i = 0; i < 500; i++) {
            names.add("entry-%04d".formatted(i));
            tree.create("/" + names.getLast(), 0600);
        }
        assertThat(tree.list("/")).isEqualTo(names);
        for (int i = 0; i < 500; i += 2) {
            tree.unlink("/" + names.get(i));
        }
        tree.remount();
        assertThat(tree.list("/")).hasSize(250);
    }

    // Hard links

    @Test
    void link_givesAnotherName() throws IOException {
        write("/a", "content");
        tree.link("/a", "/b");
        assertThat(tree.stat("/a").linkCount()).isEqualTo(2);
        assertThat(tree.stat("/b").ino()).isEqualTo(tree.stat("/a").ino());
        tree.unlink("/a");
        assertThat(read("/b")).isEqualTo("content");
        assertThat(tree.stat("/b").linkCount()).isEqualTo(1);
        tree.mkdir("/d", 0755);
        refused(Errno.EPERM, () -> tree.link("/d", "/e"));
        refused(Errno.ENOENT, () -> tree.link("/missing", "/e"));
        tree.symlink("b", "/s");
        tree.link("/s", "/t");
        assertThat(tree.readlink("/t")).isEqualTo("b");
        assertThat(tree.lstat("/s").linkCount()).isEqualTo(2);
    }

    // Unlinked and unnamed files

    @Test
    void unlink_openFile_livesUntilItIsClosed() throws IOException {
        write("/file", "before");
        try (PosixFile file = tree.open("/file", READ, WRITE)) {
            tree.unlink("/file");
            refused(Errno.ENOENT, () -> tree.stat("/file"));
            assertThat(file.stat().linkCount()).isZero();
            file.write(6, bytes(" after"));
            assertThat(file.read(0, 100)).isEqualTo(bytes("before after"));
            file.fsync();
            refused(Errno.ENOENT, () -> file.link("/again"));
        }
        assertThat(tree.list("/")).isEmpty();
    }

    @Test
    void rename_overAnOpenFile_leavesItToItsUser() throws IOException {
        write("/old", "old");
        write("/new", "new");
        try (PosixFile file = tree.open("/old", READ)) {
            tree.rename("/new", "/old");
            assertThat(file.read(0, 10)).isEqualTo(bytes("old"));
            assertThat(read("/old")).isEqualTo("new");
        }
    }

    @Test
    void openUnnamed_isLinkedOrGone() throws IOException {
        try (PosixFile file = tree.openUnnamed("/", 0640)) {
            file.write(0, bytes("kept"));
            assertThat(file.stat().linkCount()).isZero();
            file.link("/kept");
            assertThat(file.stat().linkCount()).isEqualTo(1);
        }
        try (PosixFile file = tree.openUnnamed("/", 0640)) {
            file.write(0, bytes("gone"));
        }
        assertThat(tree.list("/")).containsExactly("kept");
        tree.remount();
        assertThat(read("/kept")).isEqualTo("kept");
    }

    // Rename

    @Test
    void rename_fileAndDirectory_move() throws IOException {
        tree.mkdir("/a", 0755);
        tree.mkdir("/b", 0755);
        tree.mkdir("/a/d", 0755);
        write("/a/d/f", "content");
        tree.rename("/a/d", "/b/e");
        assertThat(read("/b/e/f")).isEqualTo("content");
        assertThat(tree.stat("/b/e/..").ino()).isEqualTo(tree.stat("/b").ino());
        assertThat(tree.stat("/a").linkCount()).isEqualTo(2);
        assertThat(tree.stat("/b").linkCount()).isEqualTo(3);
        tree.rename("/b/e/f", "/f");
        assertThat(tree.list("/b/e")).isEmpty();
        tree.remount();
        assertThat(read("/f")).isEqualTo("content");
        assertThat(tree.stat("/b/e/..").ino()).isEqualTo(tree.stat("/b").ino());
    }

    @Test
    void rename_ontoExisting_replacesItsKindOnly() throws IOException {
        write("/f", "f");
        write("/g", "g");
        tree.rename("/f", "/g");
        assertThat(read("/g")).isEqualTo("f");
        tree.mkdir("/d", 0755);
        tree.mkdir("/e", 0755);
        refused(Errno.EISDIR, () -> tree.rename("/g", "/d"));
        refused(Errno.ENOTDIR, () -> tree.rename("/d", "/g"));
        int links = tree.stat("/").linkCount();
        tree.rename("/d", "/e");
        assertThat(tree.stat("/").linkCount()).isEqualTo(links - 1);
        tree.create("/e/x", 0600);
        tree.mkdir("/d", 0755);
        refused(Errno.ENOTEMPTY, () -> tree.rename("/d", "/e"));
        assertThat(tree.list("/")).containsExactly("d", "e", "g");
    }

    @Test
    void rename_intoItself_EINVAL() throws IOException {
        tree.mkdir("/a", 0755);
        tree.mkdir("/a/b", 0755);
        tree.mkdir("/a/b/c", 0755);
        refused(Errno.EINVAL, () -> tree.rename("/a", "/a/x"));
        refused(Errno.EINVAL, () -> tree.rename("/a", "/a/b/c/x"));
        refused(Errno.ENOTEMPTY, () -> tree.rename("/a/b/c", "/a"));
        refused(Errno.EINVAL, () -> tree.rename("/a", "/a/b/c", RenameMode.EXCHANGE));
        refused(Errno.EINVAL, () -> tree.rename("/a/b/c", "/a", RenameMode.EXCHANGE));
    }

    @Test
    void rename_sameFile_nothingHappens() throws IOException {
        write("/a", "content");
        tree.link("/a", "/b");
        tree.rename("/a", "/b");
        assertThat(tree.list("/")).containsExactly("a", "b");
        tree.rename("/a", "/a");
        assertThat(read("/a")).isEqualTo("content");
        tree.mkdir("/d", 0755);
        tree.rename("/d", "/d");
    }

    @Test
    void rename_noReplace_keepsWhatIsThere() throws IOException {
        write("/a", "a");
        write("/b", "b");
        refused(Errno.EEXIST, () -> tree.rename("/a", "/b", RenameMode.NO_REPLACE));
        tree.rename("/a", "/c", RenameMode.NO_REPLACE);
        assertThat(read("/c")).isEqualTo("a");
    }

    @Test
    void rename_exchange_swaps() throws IOException {
        tree.mkdir("/x", 0755);
        tree.mkdir("/y", 0755);
        tree.mkdir("/x/d", 0755);
        write("/x/d/inside", "inside");
        write("/y/f", "file");
        tree.rename("/x/d", "/y/f", RenameMode.EXCHANGE);
        assertThat(read("/x/d")).isEqualTo("file");
        assertThat(read("/y/f/inside")).isEqualTo("inside");
        assertThat(tree.stat("/y/f/..").ino()).isEqualTo(tree.stat("/y").ino());
        assertThat(tree.stat("/x").linkCount()).isEqualTo(2);
        assertThat(tree.stat("/y").linkCount()).isEqualTo(3);
        refused(Errno.ENOENT, () -> tree.rename("/x/d", "/x/none", RenameMode.EXCHANGE));
        tree.mkdir("/x/e", 0755);
        tree.rename("/x/e", "/y/f", RenameMode.EXCHANGE);
        assertThat(read("/x/e/inside")).isEqualTo("inside");
    }

    @Test
    void rename_leavingWhiteout_putsOneInTheOldPlace() throws IOException {
        tree.create("/a", 0644);
        tree.create("/b", 0644);
        tree.rename("/a", "/b", RenameMode.REPLACE_LEAVING_WHITEOUT);
        Stat whiteout = tree.lstat("/a");
        assertThat(whiteout.type()).isEqualTo(FileType.CHARACTER_DEVICE);
        assertThat(whiteout.deviceNumber()).isZero();
        assertThat(whiteout.linkCount()).isEqualTo(1);
        refused(Errno.EEXIST, () -> tree.rename("/b", "/a", RenameMode.NO_REPLACE_LEAVING_WHITEOUT));
        tree.mkdir("/d", 0755);
        tree.mkdir("/e", 0755);
        tree.rename("/d", "/e/d", RenameMode.NO_REPLACE_LEAVING_WHITEOUT);
        assertThat(tree.lstat("/d").type()).isEqualTo(FileType.CHARACTER_DEVICE);
        assertThat(tree.lstat("/e").linkCount()).isEqualTo(3);
        tree.unlink("/d");
        tree.unlink("/a");
        assertThat(tree.list("/")).containsExactly("b", "e");
    }

    @Test
    void rename_missing_ENOENT() throws IOException {
        tree.create("/a", 0600);
        refused(Errno.ENOENT, () -> tree.rename("/missing", "/a"));
        refused(Errno.ENOENT, () -> tree.rename("/a", "/missing/a"));
        refused(Errno.ENOTDIR, () -> tree.rename("/a/x", "/b"));
    }

    // Nodes

    @Test
    void makeNode_specialFiles_keepTypeAndNumber() throws IOException {
        tree.makeNode("/fifo", FileType.FIFO.modeBits() | 0644, 0);
        tree.makeNode("/socket", FileType.SOCKET.modeBits() | 0600, 0);
        root.makeNode("/null", FileType.CHARACTER_DEVICE.modeBits() | 0666, 0x103);
        root.makeNode("/disk", FileType.BLOCK_DEVICE.modeBits() | 0660, 0x800);
        tree.remount();
        assertThat(root.stat("/fifo").type()).isEqualTo(FileType.FIFO);
        assertThat(root.stat("/socket").type()).isEqualTo(FileType.SOCKET);
        assertThat(root.stat("/null").deviceNumber()).isEqualTo(0x103);
        assertThat(root.stat("/disk").type()).isEqualTo(FileType.BLOCK_DEVICE);
        refused(Errno.EPERM, () -> alice.makeNode("/x", FileType.CHARACTER_DEVICE.modeBits(), 1));
        alice.makeNode("/whiteout", FileType.CHARACTER_DEVICE.modeBits(), 0);
        alice.makeNode("/alices", FileType.FIFO.modeBits() | 0600, 0);
        root.unlink("/disk");
    }

    // Permissions

    @Test
    void permissions_decideByTheFirstClassThatFits() throws IOException {
        root.create("/file", 0);
        root.lchown("/file", ALICE, STAFF);
        root.chmod("/file", 0040);
        refused(Errno.EACCES, () -> alice.open("/file", READ));
        root.chmod("/file", 0004);
        refused(Errno.EACCES, () -> root.as(BOB, STAFF).open("/file", READ));
        bob.open("/file", READ).close();
        root.chmod("/file", 0400);
        alice.open("/file", READ).close();
        refused(Errno.EACCES, () -> alice.open("/file", WRITE));
        refused(Errno.EACCES, () -> bob.open("/file", READ));
        root.open("/file", READ, WRITE).close();
        alice.access("/file", 4);
        refused(Errno.EACCES, () -> alice.access("/file", 2));
        refused(Errno.EACCES, () -> root.access("/file", 1));
        root.chmod("/file", 0010);
        root.access("/file", 7);
    }

    @Test
    void permissions_searchIsNeededOnEveryDirectory() throws IOException {
        root.mkdir("/d", 0755);
        root.mkdir("/d/e", 0755);
        root.create("/d/e/f", 0666); // Linux may refuse links to what one could not write
        root.chmod("/d", 0744);
        refused(Errno.EACCES, () -> alice.stat("/d/e/f"));
        refused(Errno.EACCES, () -> alice.stat("/d/e"));
        assertThat(alice.list("/d")).containsExactly("e");
        root.chmod("/d", 0711);
        alice.stat("/d/e/f");
        refused(Errno.EACCES, () -> alice.list("/d"));
        refused(Errno.EACCES, () -> alice.create("/d/x", 0644));
        refused(Errno.EACCES, () -> alice.unlink("/d/e/f"));
        refused(Errno.EACCES, () -> alice.rename("/d/e/f", "/d/e/g"));
        refused(Errno.EACCES, () -> alice.link("/d/e/f", "/d/e/g"));
    }

    @Test
    void permissions_sticky_keepsOthersEntries() throws IOException {
        root.mkdir("/tmp", 01777);
        alice.create("/tmp/alices", 0666);
        bob.create("/tmp/bobs", 0666);
        refused(Errno.EPERM, () -> bob.unlink("/tmp/alices"));
        refused(Errno.EPERM, () -> bob.rename("/tmp/alices", "/tmp/mine"));
        refused(Errno.EPERM, () -> bob.rename("/tmp/bobs", "/tmp/alices"));
        refused(Errno.EPERM, () -> bob.rename("/tmp/bobs", "/tmp/alices", RenameMode.EXCHANGE));
        alice.unlink("/tmp/alices");
        root.unlink("/tmp/bobs");
        root.lchown("/tmp", ALICE, -1);
        bob.create("/tmp/bobs", 0666);
        alice.unlink("/tmp/bobs");
    }

    @Test
    void permissions_directoryThatMoves_mustBeWritable() throws IOException {
        tree.mkdir("/from", 0777);
        tree.mkdir("/to", 0777);
        tree.mkdir("/from/d", 0755);
        refused(Errno.EACCES, () -> alice.rename("/from/d", "/to/d"));
        alice.rename("/from/d", "/from/e");
    }

    @Test
    void umask_takesBitsAway() throws IOException {
        PosixTree masked = alice.withUmask(027);
        masked.create("/file", 0666);
        masked.mkdir("/dir", 0777);
        masked.symlink("x", "/link");
        assertThat(root.stat("/file").permissions()).isEqualTo(0640);
        assertThat(root.stat("/dir").permissions()).isEqualTo(0750);
        assertThat(root.lstat("/link").permissions()).isEqualTo(0777);
        assertThat(root.stat("/file").uid()).isEqualTo(ALICE);
        assertThat(root.stat("/file").gid()).isEqualTo(ALICE);
    }

    @Test
    void setgidDirectory_handsItsGroupDown() throws IOException {
        root.mkdir("/d", 0777);
        root.lchown("/d", 0, STAFF);
        root.chmod("/d", 02777);
        alice.create("/d/file", 0644);
        alice.mkdir("/d/sub", 0755);
        bob.create("/d/set", 02755);
        assertThat(root.stat("/d/file").gid()).isEqualTo(STAFF);
        assertThat(root.stat("/d/file").permissions()).isEqualTo(0644);
        assertThat(root.stat("/d/sub").gid()).isEqualTo(STAFF);
        assertThat(root.stat("/d/sub").permissions()).isEqualTo(02755);
        assertThat(root.stat("/d/set").permissions())
                .as("bob is not of that group")
                .isEqualTo(0755);
    }

    // Attributes

    @Test
    void chmod_ownerOnly() throws IOException {
        alice.create("/file", 0600);
        refused(Errno.EPERM, () -> bob.chmod("/file", 0666));
        alice.chmod("/file", 04755);
        assertThat(root.stat("/file").permissions()).isEqualTo(04755);
        root.lchown("/file", ALICE, BOB);
        alice.chmod("/file", 02755);
        assertThat(root.stat("/file").permissions()).as("not alice's group").isEqualTo(0755);
        root.chmod("/file", 07777);
        assertThat(root.stat("/file").permissions()).isEqualTo(07777);
    }

    @Test
    void chown_rules() throws IOException {
        alice.create("/file", 0755);
        refused(Errno.EPERM, () -> alice.lchown("/file", BOB, -1));
        refused(Errno.EPERM, () -> alice.lchown("/file", -1, BOB));
        refused(Errno.EPERM, () -> bob.lchown("/file", -1, BOB));
        alice.lchown("/file", ALICE, STAFF);
        assertThat(root.stat("/file").gid()).isEqualTo(STAFF);
        root.chmod("/file", 06755);
        root.lchown("/file", BOB, BOB);
        assertThat(root.stat("/file").permissions()).as("set-ids go").isEqualTo(0755);
        assertThat(root.stat("/file").uid()).isEqualTo(BOB);
        root.chmod("/file", 02766);
        root.lchown("/file", ALICE, STAFF);
        assertThat(root.stat("/file").permissions())
                .as("set-gid without execution is no privilege")
                .isEqualTo(02766);
        root.mkdir("/dir", 02755);
        root.chmod("/dir", 02755);
        root.lchown("/dir", BOB, BOB);
        assertThat(root.stat("/dir").permissions()).isEqualTo(02755);
    }

    @Test
    void write_unprivileged_takesSetIdsAway() throws IOException {
        root.create("/file", 0777);
        root.chmod("/file", 06777);
        try (PosixFile file = root.open("/file", WRITE)) {
            file.write(0, bytes("root may"));
        }
        assertThat(root.stat("/file").permissions()).isEqualTo(06777);
        try (PosixFile file = alice.open("/file", WRITE)) {
            file.write(0, bytes("x"));
        }
        assertThat(root.stat("/file").permissions()).isEqualTo(0777);
        root.chmod("/file", 06767);
        alice.truncate("/file", 3);
        assertThat(root.stat("/file").permissions())
                .as("alice is not of its group")
                .isEqualTo(0767);
        root.lchown("/file", 0, STAFF);
        root.chmod("/file", 06767);
        alice.truncate("/file", 2);
        assertThat(root.stat("/file").permissions())
                .as("set-gid without execution stays")
                .isEqualTo(02767);
    }

    @Test
    void times_nanosecondsAreKept() throws IOException {
        tree.create("/file", 0644);
        var access = new Timestamp(-5, 123_456_789);
        var modify = new Timestamp(4_102_444_800L, 987_654_321);
        tree.setTimes("/file", access, modify);
        tree.remount();
        Stat stat = tree.stat("/file");
        assertThat(stat.accessTime()).isEqualTo(access);
        assertThat(stat.modifyTime()).isEqualTo(modify);
        assertThat(stat.changeTime()).isGreaterThan(access);
    }

    @Test
    void times_rules() throws IOException {
        tree.create("/file", 0666);
        var time = new Timestamp(1, 1);
        refused(Errno.EPERM, () -> alice.setTimes("/file", time, time));
        alice.touch("/file");
        tree.chmod("/file", 0644);
        refused(Errno.EACCES, () -> alice.touch("/file"));
    }

    @Test
    void times_moveWithWhatTheyStandFor() throws IOException {
        tree.mkdir("/d", 0755);
        Timestamp start = tick();
        tree.create("/d/f", 0644);
        assertThat(tree.stat("/d").modifyTime()).isGreaterThanOrEqualTo(start);
        assertThat(tree.stat("/d").changeTime()).isGreaterThanOrEqualTo(start);
        Timestamp beforeWrite = tick();
        try (PosixFile file = tree.open("/d/f", WRITE)) {
            file.write(0, bytes("x"));
        }
        assertThat(tree.stat("/d/f").modifyTime()).isGreaterThanOrEqualTo(beforeWrite);
        assertThat(tree.stat("/d/f").changeTime()).isGreaterThanOrEqualTo(beforeWrite);
        assertThat(tree.stat("/d").modifyTime()).isLessThan(beforeWrite);
        Timestamp beforeChmod = tick();
        tree.chmod("/d/f", 0600);
        assertThat(tree.stat("/d/f").modifyTime()).isLessThan(beforeChmod);
        assertThat(tree.stat("/d/f").changeTime()).isGreaterThanOrEqualTo(beforeChmod);
        Timestamp beforeChown = tick();
        tree.lchown("/d/f", -1, -1);
        assertThat(tree.stat("/d/f").changeTime()).isGreaterThanOrEqualTo(beforeChown);
        Timestamp beforeLink = tick();
        tree.link("/d/f", "/g");
        assertThat(tree.stat("/g").changeTime()).isGreaterThanOrEqualTo(beforeLink);
        assertThat(tree.stat("/").modifyTime()).isGreaterThanOrEqualTo(beforeLink);
        Timestamp beforeRename = tick();
        tree.rename("/g", "/d/h");
        assertThat(tree.stat("/").modifyTime()).isGreaterThanOrEqualTo(beforeRename);
        assertThat(tree.stat("/d").modifyTime()).isGreaterThanOrEqualTo(beforeRename);
        Timestamp beforeUnlink = tick();
        tree.unlink("/d/h");
        assertThat(tree.stat("/d").modifyTime()).isGreaterThanOrEqualTo(beforeUnlink);
        assertThat(tree.stat("/d/f").changeTime()).isGreaterThanOrEqualTo(beforeUnlink);
        Timestamp beforeTruncate = tick();
        tree.truncate("/d/f", 10);
        assertThat(tree.stat("/d/f").modifyTime()).isGreaterThanOrEqualTo(beforeTruncate);
    }

    @Test
    void accessTime_relative_movesOnceAfterAChange() throws IOException {
        write("/f", "x");
        tick();
        read("/f");
        Timestamp first = tree.stat("/f").accessTime();
        assertThat(first).isGreaterThan(tree.stat("/f").modifyTime());
        tick();
        read("/f");
        assertThat(tree.stat("/f").accessTime()).isEqualTo(first);
        tree.touch("/f");
        Timestamp touched = tree.stat("/f").accessTime();
        tick();
        try (PosixFile file = tree.open("/f", READ, NO_ACCESS_TIME)) {
            file.read(0, 1);
        }
        assertThat(tree.stat("/f").accessTime()).isEqualTo(touched);
        refused(Errno.EPERM, () -> alice.open("/f", READ, NO_ACCESS_TIME));
        tick();
        read("/f");
        assertThat(tree.stat("/f").accessTime()).isGreaterThan(touched);
    }

    @Test
    void truncate_changesTheSize() throws IOException {
        write("/f", "0123456789");
        tree.truncate("/f", 4);
        assertThat(read("/f")).isEqualTo("0123");
        tree.truncate("/f", 8);
        assertThat(read("/f")).isEqualTo("0123\0\0\0\0");
        tree.mkdir("/d", 0755);
        refused(Errno.EISDIR, () -> tree.truncate("/d", 0));
        refused(Errno.EINVAL, () -> tree.truncate("/f", -1));
        refused(Errno.EACCES, () -> alice.truncate("/f", 0));
    }

    // Open files

    @Test
    void open_flags_areKept() throws IOException {
        write("/f", "content");
        try (PosixFile file = tree.open("/f", READ)) {
            refused(Errno.EBADF, () -> file.write(0, bytes("x")));
            refused(Errno.EBADF, () -> file.truncate(0));
        }
        try (PosixFile file = tree.open("/f", WRITE)) {
            refused(Errno.EBADF, () -> file.read(0, 1));
        }
        try (PosixFile file = tree.open("/f", WRITE, APPEND)) {
            file.write(0, bytes("+"));
            file.write(0, bytes("+"));
        }
        assertThat(read("/f")).isEqualTo("content++");
        tree.open("/f", WRITE, TRUNCATE).close();
        assertThat(tree.stat("/f").sizeBytes()).isZero();
        tree.mkdir("/d", 0755);
        refused(Errno.EISDIR, () -> tree.open("/d", WRITE));
        refused(Errno.ENOENT, () -> tree.open("/missing", READ));
    }

    @Test
    void createAndOpen_modeWithoutWrite_isOpenForWriting() throws IOException {
        try (PosixFile file = alice.createAndOpen("/f", 0444, WRITE)) {
            file.write(0, bytes("x"));
        }
        refused(Errno.EACCES, () -> alice.open("/f", WRITE));
        assertThat(tree.stat("/f").sizeBytes()).isEqualTo(1);
    }

    @Test
    void file_greatestSize_isReadAndWrittenAtItsEnd() throws IOException {
        tree.create("/f", 0644);
        tree.truncate("/f", Long.MAX_VALUE);
        try (PosixFile file = tree.open("/f", READ, WRITE)) {
            assertThat(file.write(Long.MAX_VALUE - 3, bytes("end"))).isEqualTo(3);
            assertThat(file.read(Long.MAX_VALUE - 5, 100)).isEqualTo(bytes("\0\0end"));
            refused(Errno.EFBIG, () -> file.write(Long.MAX_VALUE - 3, bytes("four")));
            file.fsync();
            file.truncate(Long.MAX_VALUE - 1);
            assertThat(file.read(Long.MAX_VALUE - 5, 100)).isEqualTo(bytes("\0\0en"));
        }
        tree.remount();
        assertThat(tree.stat("/f").sizeBytes()).isEqualTo(Long.MAX_VALUE - 1);
        try (PosixFile file = tree.open("/f", READ)) {
            assertThat(file.read(Long.MAX_VALUE - 5, 100)).isEqualTo(bytes("\0\0en"));
        }
    }

    @Test
    void stat_unwrittenContent_showsBlocks() throws IOException {
        write("/f", "x");
        assertThat(tree.stat("/f").allocatedBytes()).isPositive();
        write("/g", "x".repeat(100_000));
        assertThat(tree.stat("/g").allocatedBytes()).isGreaterThanOrEqualTo(100_000);
        tree.create("/hole", 0600);
        tree.truncate("/hole", 1 << 20);
        assertThat(tree.stat("/hole").allocatedBytes()).isZero();
    }

    // Flags

    @Test
    void immutable_nothingChanges() throws IOException {
        root.mkdir("/d", 0777);
        write("/d/f", "x");
        root.setFlags("/d/f", InodeRecord.FLAG_IMMUTABLE);
        refused(Errno.EPERM, () -> root.open("/d/f", WRITE));
        refused(Errno.EPERM, () -> root.chmod("/d/f", 0));
        refused(Errno.EPERM, () -> root.touch("/d/f"));
        refused(Errno.EPERM, () -> root.truncate("/d/f", 0));
        refused(Errno.EPERM, () -> root.unlink("/d/f"));
        refused(Errno.EPERM, () -> root.rename("/d/f", "/d/g"));
        refused(Errno.EPERM, () -> root.link("/d/f", "/d/g"));
        refused(Errno.EPERM, () -> root.setXattr("/d/f", "user.x", bytes("1"), XattrMode.SET));
        assertThat(read("/d/f")).isEqualTo("x");
        refused(Errno.EPERM, () -> alice.setFlags("/d/f", 0));
        root.setFlags("/d/f", 0);
        root.setFlags("/d", InodeRecord.FLAG_IMMUTABLE);
        refused(Errno.EPERM, () -> root.create("/d/g", 0600));
        refused(Errno.EPERM, () -> root.unlink("/d/f"));
        try (PosixFile file = root.open("/d/f", WRITE)) {
            file.write(0, bytes("y"));
        }
        root.setFlags("/d", 0);
    }

    @Test
    void appendOnly_onlyGrows() throws IOException {
        write("/f", "x");
        root.setFlags("/f", InodeRecord.FLAG_APPEND_ONLY);
        refused(Errno.EPERM, () -> root.open("/f", WRITE));
        refused(Errno.EPERM, () -> root.open("/f", WRITE, APPEND, TRUNCATE));
        try (PosixFile file = root.open("/f", WRITE, APPEND)) {
            file.write(0, bytes("y"));
            refused(Errno.EPERM, () -> file.truncate(0));
        }
        refused(Errno.EPERM, () -> root.unlink("/f"));
        refused(Errno.EPERM, () -> root.chmod("/f", 0));
        root.touch("/f");
        assertThat(read("/f")).isEqualTo("xy");
        root.mkdir("/d", 0755);
        root.create("/d/g", 0600);
        root.setFlags("/d", InodeRecord.FLAG_APPEND_ONLY);
        root.create("/d/h", 0600);
        refused(Errno.EPERM, () -> root.unlink("/d/g"));
        root.setFlags("/d", 0);
        root.setFlags("/f", 0);
    }

    // Extended attributes

    @Test
    void xattrs_areSetReadListedRemoved() throws IOException {
        write("/f", "x");
        tree.setXattr("/f", "user.a", bytes("1"), XattrMode.SET);
        tree.setXattr("/f", "user.empty", new byte[0], XattrMode.CREATE);
        root.setXattr("/f", "trusted.t", bytes("t"), XattrMode.SET);
        root.setXattr("/f", "security.s", bytes("s"), XattrMode.SET);
        refused(Errno.EEXIST, () -> tree.setXattr("/f", "user.a", bytes("2"), XattrMode.CREATE));
        refused(Errno.ENODATA, () -> tree.setXattr("/f", "user.b", bytes("2"), XattrMode.REPLACE));
        tree.setXattr("/f", "user.a", bytes("3"), XattrMode.REPLACE);
        tree.remount();
        assertThat(tree.getXattr("/f", "user.a")).isEqualTo(bytes("3"));
        assertThat(tree.getXattr("/f", "user.empty")).isEmpty();
        assertThat(root.listXattrs("/f")).containsExactly("security.s", "trusted.t", "user.a", "user.empty");
        tree.removeXattr("/f", "user.a");
        refused(Errno.ENODATA, () -> tree.getXattr("/f", "user.a"));
        refused(Errno.ENODATA, () -> tree.removeXattr("/f", "user.a"));
        tree.unlink("/f");
    }

    @Test
    void xattrs_accessControlLists_areHeededOrKeptForTheirExportOnly() throws IOException {
        alice.create("/f", 0640);
        byte[] list = {2, 0, 0, 0, 1, 0, 6, 0, -1, -1, -1, -1, 4, 0, 4, 0, -1, -1, -1, -1, 32, 0, 0, 0, -1, -1, -1, -1};
        if (tree.heedsAccessControlLists()) {
            refused(Errno.EPERM, () -> bob.setXattr("/f", "system.posix_acl_access", list, XattrMode.SET));
            alice.setXattr("/f", "system.posix_acl_access", list, XattrMode.SET);
            assertThat(alice.listXattrs("/f")).as("no more than a mode").isEmpty();
        } else {
            refused(Errno.EOPNOTSUPP, () -> alice.setXattr("/f", "system.posix_acl_access", list, XattrMode.SET));
            root.setXattr("/f", "system.posix_acl_access", list, XattrMode.SET);
            assertThat(tree.listXattrs("/f")).containsExactly("system.posix_acl_access");
        }
    }

    @Test
    void xattrs_limits() throws IOException {
        tree.create("/f", 0644);
        String longest = "user." + "n".repeat(250);
        tree.setXattr("/f", longest, new byte[65_536], XattrMode.SET);
        assertThat(tree.getXattr("/f", longest)).hasSize(65_536);
        refused(Errno.ERANGE, () -> tree.setXattr("/f", longest + "n", bytes("x"), XattrMode.SET));
        refused(Errno.E2BIG, () -> tree.setXattr("/f", "user.big", new byte[65_537], XattrMode.SET));
        refused(Errno.EOPNOTSUPP, () -> tree.setXattr("/f", "other.x", bytes("x"), XattrMode.SET));
        refused(Errno.EINVAL, () -> tree.setXattr("/f", "user.", bytes("x"), XattrMode.SET));
    }

    @Test
    void xattrs_permissions() throws IOException {
        alice.create("/f", 0640);
        alice.setXattr("/f", "user.a", bytes("1"), XattrMode.SET);
        refused(Errno.EACCES, () -> bob.getXattr("/f", "user.a"));
        refused(Errno.EACCES, () -> bob.setXattr("/f", "user.a", bytes("2"), XattrMode.SET));
        refused(Errno.EPERM, () -> alice.setXattr("/f", "trusted.t", bytes("2"), XattrMode.SET));
        root.setXattr("/f", "trusted.t", bytes("t"), XattrMode.SET);
        refused(Errno.ENODATA, () -> alice.getXattr("/f", "trusted.t"));
        assertThat(alice.listXattrs("/f")).containsExactly("user.a");
        root.symlink("f", "/s");
        refused(Errno.EPERM, () -> root.setXattr("/s", "user.a", bytes("1"), XattrMode.SET));
        refused(Errno.ENODATA, () -> root.getXattr("/s", "user.a"));
        root.mkdir("/tmp", 01777);
        refused(Errno.EPERM, () -> alice.setXattr("/tmp", "user.a", bytes("1"), XattrMode.SET));
        root.setXattr("/tmp", "user.a", bytes("1"), XattrMode.SET);
    }
}
