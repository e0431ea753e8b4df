package samepage.vfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.volume.FileType;
import samepage.volume.Timestamp;

/**
 * Every operation on names and attributes, by every class of user, in directories and on files of every mode: each is allowed
 * or refused as POSIX has it, which is computed here anew, and one that is refused changes nothing.
 */
public abstract class PermissionMatrix {
    private static final int OWNER = 65_534;
    private static final int OTHER = 65_533;
    private static final int OWNERS_GROUP = 65_534;
    private static final int OTHERS_GROUP = 65_532;

    private static final int READ = 4;
    private static final int WRITE = 2;
    private static final int SEARCH = 1;

    protected PosixTree tree;

    protected PermissionMatrix() {}

    /** An empty tree, as root sees it; closing it checks what lies below. */
    protected abstract PosixTree openTree() throws IOException;

    @BeforeEach
    void open() throws IOException {
        tree = openTree();
        tree.chmod("/", 0755);
    }

    @AfterEach
    void close() throws IOException {
        tree.close();
    }

    /** Who asks, and which three bits of a mode are theirs where {@link #OWNER} is the owner. */
    private enum Asker {
        OWNING(OWNER, OWNERS_GROUP, 6),
        OF_THE_GROUP(OTHER, OWNERS_GROUP, 3),
        NEITHER(OTHER, OTHERS_GROUP, 0);

        private final int uid;
        private final int gid;
        private final int shift;

        Asker(int uid, int gid, int shift) {
            this.uid = uid;
            this.gid = gid;
            this.shift = shift;
        }

        private PosixTree in(PosixTree tree) {
            return tree.as(uid, gid);
        }

        private int mode(int bits) {
            return bits << shift;
        }
    }

    /** Something to do in a directory {@code /d} which has the file {@code f} and the empty directory {@code s}. */
    private record Operation(String name, int needed, Action action, Errno refusal) {
        private interface Action {
            void run(PosixTree as) throws IOException;
        }
    }

    private static final List<Operation> IN_A_DIRECTORY = List.of(
            new Operation("create", WRITE | SEARCH, as -> as.create("/d/new", 0600), Errno.EACCES),
            new Operation("mkdir", WRITE | SEARCH, as -> as.mkdir("/d/new", 0700), Errno.EACCES),
            new Operation(
                    "mkfifo",
                    WRITE | SEARCH,
                    as -> as.makeNode("/d/new", FileType.FIFO.modeBits() | 0600, 0),
                    Errno.EACCES),
            new Operation("symlink", WRITE | SEARCH, as -> as.symlink("x", "/d/new"), Errno.EACCES),
            new Operation("link to", WRITE | SEARCH, as -> as.link("/free", "/d/new"), Errno.EACCES),
            new Operation("link from", SEARCH, as -> as.link("/d/f", "/open/new"), Errno.EACCES),
            new Operation("unlink", WRITE | SEARCH, as -> as.unlink("/d/f"), Errno.EACCES),
            new Operation("rmdir", WRITE | SEARCH, as -> as.rmdir("/d/s"), Errno.EACCES),
            new Operation("rename out", WRITE | SEARCH, as -> as.rename("/d/f", "/open/new"), Errno.EACCES),
            new Operation("rename in", WRITE | SEARCH, as -> as.rename("/open/g", "/d/new"), Errno.EACCES),
            new Operation("rename over", WRITE | SEARCH, as -> as.rename("/open/g", "/d/f"), Errno.EACCES),
            new Operation("rename within", WRITE | SEARCH, as -> as.rename("/d/f", "/d/new"), Errno.EACCES),
            new Operation(
                    "exchange", WRITE | SEARCH, as -> as.rename("/open/g", "/d/f", RenameMode.EXCHANGE), Errno.EACCES),
            new Operation("list", READ, as -> as.list("/d"), Errno.EACCES),
            new Operation("stat", SEARCH, as -> as.stat("/d/f"), Errno.EACCES),
            new Operation("open", SEARCH, as -> as.open("/d/f", OpenFlag.READ).close(), Errno.EACCES),
            new Operation("truncate", SEARCH, as -> as.truncate("/d/f", 3), Errno.EACCES),
            new Operation("readlink", SEARCH, as -> as.readlink("/d/l"), Errno.EACCES));

    private static final List<Operation> ON_A_FILE = List.of(
            new Operation("read", READ, as -> as.open("/d/f", OpenFlag.READ).close(), Errno.EACCES),
            new Operation("write", WRITE, as -> as.open("/d/f", OpenFlag.WRITE).close(), Errno.EACCES),
            new Operation(
                    "read and write",
                    READ | WRITE,
                    as -> as.open("/d/f", OpenFlag.READ, OpenFlag.WRITE).close(),
                    Errno.EACCES),
            new Operation(
                    "open truncating",
                    WRITE,
                    as -> as.open("/d/f", OpenFlag.WRITE, OpenFlag.TRUNCATE).close(),
                    Errno.EACCES),
            new Operation("truncate", WRITE, as -> as.truncate("/d/f", 1), Errno.EACCES),
            new Operation("access read", READ, as -> as.access("/d/f", READ), Errno.EACCES),
            new Operation("access write", WRITE, as -> as.access("/d/f", WRITE), Errno.EACCES),
            new Operation("access execute", SEARCH, as -> as.access("/d/f", SEARCH), Errno.EACCES),
            new Operation("read an xattr", READ, as -> as.getXattr("/d/f", "user.x"), Errno.EACCES),
            new Operation(
                    "write an xattr",
                    WRITE,
                    as -> as.setXattr("/d/f", "user.x", new byte[] {2}, XattrMode.SET),
                    Errno.EACCES));

    private void begin(int fileMode) throws IOException {
        tree.mkdir("/open", 0777);
        tree.chmod("/open", 0777);
        tree.create("/open/g", 0666);
        tree.create("/free", 0666);
        tree.chmod("/free", 0666);
        tree.mkdir("/d", 0700);
        tree.create("/d/f", 0666);
        tree.setXattr("/d/f", "user.x", new byte[] {1}, XattrMode.SET);
        tree.mkdir("/d/s", 0777);
        tree.symlink("nowhere", "/d/l");
        tree.lchown("/d", OWNER, OWNERS_GROUP);
        tree.lchown("/d/f", OWNER, OWNERS_GROUP);
        tree.chmod("/d/f", fileMode);
    }

    private void end() throws IOException {
        for (String directory : List.of("/d", "/open", "/")) {
            for (String name : tree.list(directory)) {
                String path = directory.equals("/") ? "/" + name : directory + "/" + name;
                if (tree.lstat(path).type() == FileType.DIRECTORY) {
                    if (!directory.equals("/") || tree.list(path).isEmpty()) {
                        tree.rmdir(path);
                    }
                } else {
                    tree.unlink(path);
                }
            }
        }
        for (String directory : tree.list("/")) {
            tree.rmdir("/" + directory);
        }
    }

    /** The refusal; null where there was none. */
    private static @Nullable Errno outcome(Operation operation, PosixTree as) throws IOException {
        try {
            operation.action.run(as);
            return null;
        } catch (VfsException e) {
            return e.errno();
        }
    }

    private List<String> everything() throws IOException {
        var all = new ArrayList<String>();
        for (String directory : List.of("/", "/d", "/open")) {
            for (String name : tree.list(directory)) {
                var stat = tree.lstat(directory + "/" + name);
                all.add(directory + " " + name + " " + stat.ino() + " " + stat.permissions() + " " + stat.uid() + " "
                        + stat.gid() + " " + stat.sizeBytes() + " " + stat.modifyTime() + " " + stat.changeTime());
            }
        }
        return all;
    }

    private void hold(String where, Operation operation, PosixTree as, boolean allowed) throws IOException {
        List<String> before = everything();
        assertThat(outcome(operation, as))
                .as(where + ": " + operation.name)
                .isEqualTo(allowed ? null : operation.refusal);
        if (!allowed) {
            assertThat(everything())
                    .as(where + ": " + operation.name + " was refused")
                    .isEqualTo(before);
        }
    }

    @Test
    void directory_everyModeAndUser_allowsWhatItsBitsSay() throws IOException {
        for (Operation operation : IN_A_DIRECTORY) {
            for (Asker asker : Asker.values()) {
                for (int bits = 0; bits < 8; bits++) {
                    begin(0666);
                    tree.chmod("/d", asker.mode(bits));
                    hold(
                            "directory %04o, %s".formatted(asker.mode(bits), asker),
                            operation,
                            asker.in(tree),
                            (bits & operation.needed) == operation.needed);
                    end();
                }
            }
            begin(0666);
            tree.chmod("/d", 0);
            hold("directory 0000, root", operation, tree, true);
            end();
        }
    }

    /** The bits of another class than one's own count for nothing, more or fewer. */
    @Test
    void file_everyModeAndUser_allowsWhatItsBitsSay() throws IOException {
        for (Operation operation : ON_A_FILE) {
            for (Asker asker : Asker.values()) {
                for (int bits = 0; bits < 8; bits++) {
                    for (int others : new int[] {0, 0777}) {
                        int mode = (others & ~asker.mode(7)) | asker.mode(bits);
                        begin(mode);
                        tree.chmod("/d", 0755);
                        hold(
                                "file %04o, %s".formatted(mode, asker),
                                operation,
                                asker.in(tree),
                                (bits & operation.needed) == operation.needed);
                        end();
                    }
                }
            }
        }
    }

    @Test
    void attributes_areForTheOwnerToChange() throws IOException {
        var time = new Timestamp(5, 5);
        for (Asker asker : Asker.values()) {
            boolean owns = asker == Asker.OWNING;
            for (Operation operation : List.of(
                    new Operation("chmod", 0, as -> as.chmod("/d/f", 0640), Errno.EPERM),
                    new Operation("set times", 0, as -> as.setTimes("/d/f", time, time), Errno.EPERM),
                    new Operation("chown to its group", 0, as -> as.lchown("/d/f", -1, asker.gid), Errno.EPERM))) {
                begin(0666);
                tree.chmod("/d", 0777);
                hold("file 0666, " + asker, operation, asker.in(tree), owns);
                end();
            }
            for (Operation operation : List.of(
                    new Operation("chown to another", 0, as -> as.lchown("/d/f", 12_345, -1), Errno.EPERM),
                    new Operation("chown to another group", 0, as -> as.lchown("/d/f", -1, 12_345), Errno.EPERM))) {
                begin(0666);
                tree.chmod("/d", 0777);
                hold("file 0666, " + asker, operation, asker.in(tree), false);
                end();
            }
        }
    }

    /** In a sticky directory an entry goes by its owner's hand, or the directory's. */
    @Test
    void stickyDirectory_everyOwnership_letsOwnersRemove() throws IOException {
        for (Operation operation : IN_A_DIRECTORY) {
            if (!List.of("unlink", "rename out", "rename over", "rename within", "exchange")
                    .contains(operation.name)) {
                continue;
            }
            for (boolean ownsDirectory : new boolean[] {false, true}) {
                for (boolean ownsFile : new boolean[] {false, true}) {
                    begin(0666);
                    tree.lchown("/d", ownsDirectory ? OTHER : 12_345, 0);
                    tree.lchown("/d/f", ownsFile ? OTHER : 12_345, 0);
                    tree.chmod("/d", 01777);
                    hold(
                            "sticky, directory one's own: " + ownsDirectory + ", file: " + ownsFile,
                            new Operation(operation.name, 0, operation.action, Errno.EPERM),
                            tree.as(OTHER, OTHERS_GROUP),
                            ownsDirectory || ownsFile);
                    end();
                }
            }
        }
    }
}
