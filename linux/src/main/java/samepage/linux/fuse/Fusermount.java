package samepage.linux.fuse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.StringJoiner;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.DescriptorSource;
import samepage.linux.syscall.HostFile;

/** Mounts as an ordinary user may: by the program that comes with libfuse, which has root's rights and checks who asks. */
final class Fusermount {
    private static final List<String> PATHS =
            List.of("/usr/bin/fusermount3", "/bin/fusermount3", "/usr/local/bin/fusermount3");
    private static final String SOCKET_VARIABLE = "_FUSE_COMMFD";

    private Fusermount() {}

    /** The device of the new mount. What the program has to say goes to standard error. */
    static HostFile mount(byte[] directory, FuseOptions options) throws VfsException {
        var result = DescriptorSource.run(
                program(), List.of(bytes("-o"), bytes(list(options)), bytes("--"), directory), SOCKET_VARIABLE);
        if (result.descriptor() < 0) {
            throw new VfsException(Errno.EPERM, "fusermount3 refused").with("path", directory);
        }
        return FuseDevice.ofDescriptor(result.descriptor());
    }

    private static String list(FuseOptions options) {
        var list = new StringJoiner(",");
        list.add("fsname=" + escape(options.source())).add("default_permissions");
        if (!options.subtype().isEmpty()) {
            list.add("subtype=" + options.subtype());
        }
        list.add(options.readOnly() ? "ro" : "rw");
        if (options.allowOther()) {
            list.add("allow_other");
        }
        if (!options.execution()) {
            list.add("noexec");
        }
        return list.toString();
    }

    private static String escape(String source) {
        return source.replace("\\", "\\\\").replace(",", "\\,");
    }

    static void unmount(byte[] directory, boolean detached) throws IOException {
        var result = DescriptorSource.run(
                program(),
                List.of(bytes("-u"), bytes(detached ? "-qz" : "-q"), bytes("--"), directory),
                SOCKET_VARIABLE);
        if (result.exitStatus() != 0) {
            throw new VfsException(Errno.EBUSY, "fusermount3 could not unmount").with("path", directory);
        }
    }

    private static String program() throws VfsException {
        for (String path : PATHS) {
            if (Files.isExecutable(Path.of(path))) {
                return path;
            }
        }
        throw new VfsException(
                Errno.ENOENT, "fusermount3 is not installed (package fuse3): only root can mount without it");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
