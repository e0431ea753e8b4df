package samepage.cli;

import samepage.errno.Errno;

/** Whether a refusal says no more than that a file has gone, or become another one: nothing that anybody need be told. */
final class VanishedFile {
    private VanishedFile() {}

    static boolean is(Errno errno) {
        return errno == Errno.ENOENT || errno == Errno.ESTALE;
    }
}
