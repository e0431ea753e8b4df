/** The file system: block devices, volumes, pages, inodes, and the sharing of ranges between files. Pure Java. */
@SuppressWarnings("module") // qualified exports name a module that is built later
module samepage.core {
    requires com.dynatrace.hash4j;
    requires jdk.unsupported; // ExtendedOpenOption.DIRECT
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;

    exports samepage.block;
    exports samepage.errno;
    exports samepage.inode to
            samepage.verification;
    exports samepage.io to
            samepage.verification;
    exports samepage.lock to
            samepage.verification;
    exports samepage.pagecache to
            samepage.verification;
    exports samepage.remap;
    exports samepage.vfs;
    exports samepage.volume;
}
