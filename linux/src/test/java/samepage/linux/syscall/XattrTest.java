package samepage.linux.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static samepage.linux.syscall.HostTree.assertRefused;
import static samepage.linux.syscall.HostTree.name;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import samepage.errno.Errno;
import samepage.errno.VfsException;

final class XattrTest {
    private static final byte[] ATTRIBUTE = name("user.a\u00ff");

    private HostTree tree;
    private HostFile file;

    @BeforeEach
    void open() throws Exception {
        tree = new HostTree();
        file = tree.create("file", "content");
        try {
            file.setXattr(name("user.probe"), name(""));
            file.removeXattr(name("user.probe"));
        } catch (VfsException refused) {
            assumeFalse(
                    refused.errno() == Errno.EOPNOTSUPP,
                    "the file system of the temporary directory keeps no user attributes");
            throw refused;
        }
    }

    @AfterEach
    void close() throws Exception {
        file.close();
        tree.close();
    }

    @Test
    void xattr_ofOpenFile_comesBackByteForByte() throws VfsException {
        var value = name("\0\u00ff\nvalue\0");

        file.setXattr(ATTRIBUTE, value);
        file.setXattr(name("user.empty"), name(""));

        assertThat(file.xattr(ATTRIBUTE)).isEqualTo(value);
        assertThat(file.xattr(name("user.empty"))).isEmpty();
        assertThat(file.xattrNames())
                .filteredOn(attribute -> attribute[0] == 'u')
                .containsExactlyInAnyOrder(ATTRIBUTE, name("user.empty"));
        assertThat(tree.directory.xattr(name("file"), ATTRIBUTE)).isEqualTo(value);
    }

    @Test
    void xattr_ofEntry_comesBackByteForByte() throws VfsException {
        var odd = name("odd\n\u00ff");
        tree.directory.makeDirectory(odd, 0755);

        tree.directory.setXattr(odd, ATTRIBUTE, name("one"));
        tree.directory.setXattr(odd, ATTRIBUTE, name("two"));

        assertThat(tree.directory.xattr(odd, ATTRIBUTE)).isEqualTo(name("two"));
        assertThat(tree.directory.xattrNames(odd)).contains(ATTRIBUTE);
        tree.directory.removeXattr(odd, ATTRIBUTE);
        assertThat(tree.directory.xattr(odd, ATTRIBUTE)).isNull();
    }

    @Test
    void xattr_thatIsNotThere_isNullAndCannotBeRemoved() throws VfsException {
        assertThat(file.xattr(name("user.none"))).isNull();
        assertThat(tree.directory.xattr(name("file"), name("user.none"))).isNull();
        assertRefused(Errno.ENODATA, () -> file.removeXattr(name("user.none")));
        assertRefused(Errno.ENODATA, () -> tree.directory.removeXattr(name("file"), name("user.none")));
    }

    @Test
    void xattr_ofSymbolicLink_isItsOwn() throws VfsException {
        assumeTrue(HostProcess.effectiveUserId() == 0, "attributes of symbolic links take root");
        tree.directory.makeSymbolicLink(name("link"), name("file"));
        file.setXattr(name("trusted.t"), name("of the file"));

        tree.directory.setXattr(name("link"), name("trusted.t"), name("of the link"));

        assertThat(tree.directory.xattr(name("link"), name("trusted.t"))).isEqualTo(name("of the link"));
        assertThat(tree.directory.xattrNames(name("link"))).contains(name("trusted.t"));
        assertThat(file.xattr(name("trusted.t"))).isEqualTo(name("of the file"));
        assertRefused(Errno.EPERM, () -> tree.directory.setXattr(name("link"), ATTRIBUTE, name("x")));
    }

    @Test
    void xattr_accessControlListAndCapability_areKept() throws VfsException {
        assumeTrue(HostProcess.effectiveUserId() == 0, "setting a capability takes root");
        var capability = name("\1\0\0\2\0\u0004\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        file.setXattr(name("security.capability"), capability);
        var list = name("\2\0\0\0" + "\1\0\6\0\u00ff\u00ff\u00ff\u00ff" + "\2\0\4\0\u00e8\3\0\0"
                + "\4\0\4\0\u00ff\u00ff\u00ff\u00ff" + "\u0010\0\4\0\u00ff\u00ff\u00ff\u00ff"
                + "\40\0\0\0\u00ff\u00ff\u00ff\u00ff");

        file.setXattr(name("system.posix_acl_access"), list);

        assertThat(file.xattr(name("security.capability"))).isEqualTo(capability);
        assertThat(file.xattr(name("system.posix_acl_access"))).isEqualTo(list);
        assertThat(file.xattrNames()).contains(name("security.capability"), name("system.posix_acl_access"));
    }

    @Test
    void xattr_nameOrValueThatCannotBe_isRefused() {
        assertRefused(Errno.ERANGE, () -> file.setXattr(name("user." + "a".repeat(251)), name("")));
        assertRefused(Errno.EINVAL, () -> file.setXattr(name("user.\0"), name("")));
        assertRefused(Errno.E2BIG, () -> file.setXattr(ATTRIBUTE, new byte[65537]));
        assertRefused(Errno.EOPNOTSUPP, () -> file.setXattr(name("nospace.a"), name("")));
    }

    @Test
    void xattrNames_ofWhatHasNone_isEmpty() throws VfsException {
        assertThat(file.xattrNames()).noneMatch(attribute -> attribute[0] == 'u');
        try (var processes = HostDirectory.open(name("/proc/self"))) {
            assertThat(processes.xattrNames(name("status"))).noneMatch(attribute -> attribute[0] == 'u');
        }
    }
}
