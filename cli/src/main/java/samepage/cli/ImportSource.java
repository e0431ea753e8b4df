package samepage.cli;

import org.jspecify.annotations.Nullable;
import samepage.errno.PrintableName;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.HostStat;

/**
 * One SOURCE of an import.
 *
 * @param path as given
 * @param name what it is called in the volume; null where a directory's content is meant, without the directory itself: where the
 *     path ends in a slash, or in {@code .} or {@code ..}
 * @param stat its status when the import began
 */
// A record compares arrays by identity; nothing compares these.
@SuppressWarnings("ArrayRecordComponent")
record ImportSource(byte[] path, byte @Nullable [] name, HostStat stat) {

    /** @throws Refusal where there is none */
    static ImportSource of(String argument) {
        var path = ArgumentText.bytes(argument);
        var name = HostPath.name(path);
        var isContent = name == null || path[path.length - 1] == '/';
        try {
            var stat = HostDirectory.statPath(path, isContent);
            if (isContent && !stat.isDirectory()) {
                throw new Refusal(PrintableName.of(path), "Not a directory");
            }
            return new ImportSource(path, isContent ? null : name, stat);
        } catch (VfsException e) {
            throw new Refusal(PrintableName.of(path), FailureText.why(e), "nothing was imported");
        }
    }

    /** The directory that {@link #name} is in, open. */
    HostDirectory openParent() throws VfsException {
        return HostDirectory.open(HostPath.parent(path));
    }
}
