package samepage.linux.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.vfs.OpenFlag;
import samepage.vfs.PosixTree;
import samepage.vfs.PosixTree.PosixFile;
import samepage.vfs.XattrMode;

/** What a program file loses when somebody changes it: set-id bits and capabilities. */
class MountPrivilegesTest {
    private static final int ALICE = 1001;
    private static final int STAFF = 50;
    private static final int PUNCH_HOLE_AND_KEEP_SIZE = 3;
    private static final int ZERO_RANGE = 0x10;

    @RegisterExtension
    static final MountedForTest MOUNT = MountedForTest.byRoot();

    private PosixTree root;
    private PosixTree alice;
    private PosixTree aliceOfStaff;

    private interface Change {
        void of(String path) throws IOException;
    }

    @BeforeEach
    void openTree() throws IOException {
        root = MOUNT.begin(0);
        root.chmod("/", 0777);
        alice = root.as(ALICE, ALICE);
        aliceOfStaff = root.as(ALICE, ALICE, STAFF);
    }

    @AfterEach
    void closeTree() throws IOException {
        root.close();
    }

    private static void write(PosixTree as, String path) throws IOException {
        try (PosixFile file = as.open(path, OpenFlag.WRITE)) {
            file.write(0, new byte[] {1});
        }
    }

    private static void allocate(String path, int mode) throws IOException {
        MOUNT.client().run(ALICE, ALICE, new int[0], 0, arena -> {
            long file =
                    RawSyscall.call(RawSyscall.OPENAT, RawSyscall.WORKING_DIRECTORY, RawSyscall.string(arena, path), 2);
            RawSyscall.call(RawSyscall.FALLOCATE, file, mode, 0, 100);
            return RawSyscall.call(RawSyscall.CLOSE, file);
        });
    }

    /** The permissions after a change of a file that had those and is root's, of group staff. */
    private int after(int permissions, Change change) throws IOException {
        root.create("/f", 0666);
        write(root, "/f");
        root.lchown("/f", 0, STAFF);
        root.chmod("/f", permissions);
        change.of("/f");
        int left = root.stat("/f").permissions();
        root.unlink("/f");
        return left;
    }

    @Test
    void contentChangedByAnother_setIdsGo() throws IOException {
        assertThat(after(06777, path -> write(alice, path))).isEqualTo(0777);
        assertThat(after(06777, path -> alice.truncate(path, 3))).isEqualTo(0777);
        assertThat(after(
                        06777,
                        path -> alice.open(path, OpenFlag.WRITE, OpenFlag.TRUNCATE)
                                .close()))
                .isEqualTo(0777);
        assertThat(after(06777, path -> allocate(path, 0))).isEqualTo(0777);
        assertThat(after(06777, path -> allocate(path, PUNCH_HOLE_AND_KEEP_SIZE)))
                .isEqualTo(0777);
        assertThat(after(06777, path -> allocate(path, ZERO_RANGE))).isEqualTo(0777);
    }

    @Test
    void contentChangedByRoot_setIdsStay() throws IOException {
        assertThat(after(06777, path -> write(root, path))).isEqualTo(06777);
        assertThat(after(06777, path -> root.truncate(path, 3))).isEqualTo(06777);
    }

    @Test
    void contentChanged_setGidWithoutExecution_staysWithItsGroup() throws IOException {
        assertThat(after(02766, path -> write(aliceOfStaff, path))).isEqualTo(02766);
        assertThat(after(02766, path -> write(alice, path))).isEqualTo(0766);
        assertThat(after(02766, path -> aliceOfStaff.truncate(path, 3))).isEqualTo(02766);
        assertThat(after(02766, path -> alice.truncate(path, 3))).isEqualTo(0766);
    }

    @Test
    void chown_namingNobody_takesSetIdsToo() throws IOException {
        assertThat(after(06755, path -> root.lchown(path, -1, -1))).isEqualTo(0755);
        assertThat(after(06755, path -> root.lchown(path, 0, -1))).isEqualTo(0755);
        root.mkdir("/d", 0755);
        root.chmod("/d", 02755);
        root.lchown("/d", -1, -1);
        assertThat(root.stat("/d").permissions())
                .as("a directory keeps its own")
                .isEqualTo(02755);
    }

    /** Whoever may not change the mode may not do so by this either. */
    @Test
    void chown_namingNobody_byAnother_isRefusedWhereSetIdsWouldGo() throws IOException {
        for (int permissions : new int[] {04755, 02755, 02745}) {
            assertThat(after(
                            permissions,
                            path -> assertThatThrownBy(() -> alice.lchown(path, -1, -1))
                                    .isInstanceOfSatisfying(
                                            VfsException.class,
                                            e -> assertThat(e.errno()).isEqualTo(Errno.EPERM))))
                    .isEqualTo(permissions);
        }
        assertThat(after(0755, path -> alice.lchown(path, -1, -1))).isEqualTo(0755);
        assertThat(after(02745, path -> aliceOfStaff.lchown(path, -1, -1))).isEqualTo(02745);
    }

    @Test
    void chown_toAnotherGroup_setGidWithoutExecution_staysWithWhoIsOfTheOldOne() throws IOException {
        assertThat(after(02767, path -> giveToGroupOf(alice, path))).isEqualTo(0767);
        assertThat(after(02767, path -> giveToGroupOf(aliceOfStaff, path))).isEqualTo(02767);
    }

    private void giveToGroupOf(PosixTree owner, String path) throws IOException {
        root.lchown(path, ALICE, STAFF);
        root.chmod(path, 02767);
        owner.lchown(path, -1, ALICE);
    }

    @Test
    void capabilities_goWithContentAndOwner() throws IOException {
        byte[] capabilities = {1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        for (Change change : new Change[] {
            path -> write(root, path), path -> root.truncate(path, 0), path -> root.lchown(path, ALICE, -1)
        }) {
            after(0755, path -> {
                root.setXattr(path, "security.capability", capabilities, XattrMode.SET);
                change.of(path);
                assertThatThrownBy(() -> root.getXattr(path, "security.capability"))
                        .isInstanceOfSatisfying(
                                VfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODATA));
            });
        }
    }

    @Test
    void truncate_toTheSameSize_givesBackWhatWasAllocatedPastIt() throws IOException {
        root.create("/f", 0666);
        allocate("/f", 1);
        assertThat(root.stat("/f").allocatedBytes()).isPositive();
        root.truncate("/f", 0);
        assertThat(root.stat("/f").allocatedBytes()).isZero();
    }
}
