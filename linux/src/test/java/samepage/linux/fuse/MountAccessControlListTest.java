package samepage.linux.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.vfs.OpenFlag;
import samepage.vfs.PosixTree;
import samepage.vfs.XattrMode;
import samepage.volume.FileType;

/** POSIX access control lists: who they let in, how they follow the mode, and what inherits them. */
class MountAccessControlListTest {
    private static final String ACCESS = "system.posix_acl_access";
    private static final String DEFAULT = "system.posix_acl_default";
    private static final int ALICE = 1001;
    private static final int BOB = 1002;
    private static final int STAFF = 50;

    private static final int OWNER = 1;
    private static final int USER = 2;
    private static final int GROUP = 4;
    private static final int NAMED_GROUP = 8;
    private static final int MASK = 0x10;
    private static final int OTHER = 0x20;
    private static final int NOBODY = -1;

    @RegisterExtension
    static final MountedForTest MOUNT = MountedForTest.byRoot();

    private PosixTree root;
    private PosixTree alice;
    private PosixTree bob;

    @BeforeEach
    void openTree() throws IOException {
        root = MOUNT.begin(0);
        root.chmod("/", 0777);
        alice = root.as(ALICE, ALICE);
        bob = root.as(BOB, BOB);
    }

    @AfterEach
    void closeTree() throws IOException {
        root.close();
    }

    /** A list of entries: tag, permissions, id. */
    private static byte[] list(int... entries) {
        var bytes = ByteBuffer.allocate(4 + entries.length / 3 * 8).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(2);
        for (int i = 0; i < entries.length; i += 3) {
            bytes.putShort((short) entries[i]).putShort((short) entries[i + 1]).putInt(entries[i + 2]);
        }
        return bytes.array();
    }

    private static byte[] forBob(int permissions, int mask) {
        return list(OWNER, 6, NOBODY, USER, permissions, BOB, GROUP, 0, NOBODY, MASK, mask, NOBODY, OTHER, 0, NOBODY);
    }

    private static void refused(Errno errno, ThrowingCallable action) {
        assertThatThrownBy(action)
                .isInstanceOfSatisfying(
                        VfsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void access_namedUser_isLetInAsFarAsTheMaskGoes() throws IOException {
        alice.create("/f", 0600);
        refused(Errno.EACCES, () -> bob.open("/f", OpenFlag.READ));
        alice.setXattr("/f", ACCESS, forBob(6, 4), XattrMode.SET);
        bob.open("/f", OpenFlag.READ).close();
        refused(Errno.EACCES, () -> bob.open("/f", OpenFlag.WRITE));
        assertThat(root.stat("/f").permissions())
                .as("the mask is the group's place")
                .isEqualTo(0640);
        root.remount();
        bob.open("/f", OpenFlag.READ).close();
        assertThat(bob.getXattr("/f", ACCESS)).isEqualTo(forBob(6, 4));
        assertThat(root.listXattrs("/f")).containsExactly(ACCESS);
    }

    @Test
    void access_namedGroup_isLetIn() throws IOException {
        alice.create("/f", 0600);
        alice.setXattr(
                "/f",
                ACCESS,
                list(OWNER, 6, NOBODY, GROUP, 0, NOBODY, NAMED_GROUP, 4, STAFF, MASK, 4, NOBODY, OTHER, 0, NOBODY),
                XattrMode.SET);
        refused(Errno.EACCES, () -> bob.open("/f", OpenFlag.READ));
        root.as(BOB, BOB, STAFF).open("/f", OpenFlag.READ).close();
    }

    @Test
    void chmod_movesTheMask() throws IOException {
        alice.create("/f", 0600);
        alice.setXattr("/f", ACCESS, forBob(6, 6), XattrMode.SET);
        bob.open("/f", OpenFlag.WRITE).close();
        alice.chmod("/f", 0600);
        refused(Errno.EACCES, () -> bob.open("/f", OpenFlag.READ));
        assertThat(alice.getXattr("/f", ACCESS))
                .isEqualTo(list(OWNER, 6, NOBODY, USER, 6, BOB, GROUP, 0, NOBODY, MASK, 0, NOBODY, OTHER, 0, NOBODY));
        alice.chmod("/f", 0640);
        bob.open("/f", OpenFlag.READ).close();
        assertThat(root.stat("/f").permissions()).isEqualTo(0640);
    }

    @Test
    void remove_leavesTheModeAlone() throws IOException {
        alice.create("/f", 0600);
        alice.setXattr("/f", ACCESS, forBob(6, 6), XattrMode.SET);
        alice.removeXattr("/f", ACCESS);
        refused(Errno.EACCES, () -> bob.open("/f", OpenFlag.READ));
        refused(Errno.ENODATA, () -> alice.getXattr("/f", ACCESS));
    }

    @Test
    void minimal_isTheModeAlone() throws IOException {
        alice.create("/f", 0600);
        alice.setXattr("/f", ACCESS, forBob(6, 6), XattrMode.SET);
        alice.setXattr("/f", ACCESS, list(OWNER, 7, NOBODY, GROUP, 5, NOBODY, OTHER, 1, NOBODY), XattrMode.SET);
        assertThat(root.stat("/f").permissions()).isEqualTo(0751);
        assertThat(root.listXattrs("/f")).isEmpty();
    }

    @Test
    void default_isInherited_insteadOfTheUmask() throws IOException {
        alice.mkdir("/d", 0777);
        byte[] inherited = list(OWNER, 7, NOBODY, USER, 7, BOB, GROUP, 5, NOBODY, MASK, 7, NOBODY, OTHER, 0, NOBODY);
        alice.setXattr("/d", DEFAULT, inherited, XattrMode.SET);
        assertThat(root.stat("/d").permissions()).isEqualTo(0777);
        PosixTree masked = alice.withUmask(077);
        masked.create("/d/f", 0666);
        masked.mkdir("/d/sub", 0777);
        masked.makeNode("/d/fifo", FileType.FIFO.modeBits() | 0666, 0);
        masked.symlink("f", "/d/link");
        assertThat(root.stat("/d/f").permissions()).isEqualTo(0660);
        assertThat(root.stat("/d/sub").permissions()).isEqualTo(0770);
        assertThat(root.stat("/d/fifo").permissions()).isEqualTo(0660);
        bob.open("/d/f", OpenFlag.READ, OpenFlag.WRITE).close();
        bob.create("/d/sub/bobs", 0640);
        assertThat(alice.getXattr("/d/sub", DEFAULT)).isEqualTo(inherited);
        assertThat(alice.getXattr("/d/f", ACCESS))
                .isEqualTo(list(OWNER, 6, NOBODY, USER, 7, BOB, GROUP, 5, NOBODY, MASK, 6, NOBODY, OTHER, 0, NOBODY));
        masked.create("/plain", 0666);
        assertThat(root.stat("/plain").permissions())
                .as("the umask, where there is no default")
                .isEqualTo(0600);
    }

    @Test
    void default_ofAFile_isRefused() throws IOException {
        alice.create("/f", 0600);
        refused(Errno.EACCES, () -> alice.setXattr("/f", DEFAULT, forBob(6, 6), XattrMode.SET));
        refused(Errno.EPERM, () -> bob.setXattr("/f", ACCESS, forBob(6, 6), XattrMode.SET));
        refused(Errno.EINVAL, () -> alice.setXattr("/f", ACCESS, list(OWNER, 7, NOBODY), XattrMode.SET));
    }

    @Test
    void access_setByOneNotOfTheGroup_takesSetGroupIdAway() throws IOException {
        alice.create("/f", 0600);
        root.lchown("/f", -1, STAFF);
        root.chmod("/f", 02770);
        alice.setXattr("/f", ACCESS, forBob(6, 6), XattrMode.SET);
        assertThat(root.stat("/f").permissions()).isEqualTo(0660);
    }
}
