/** The file system: block devices, volumes, pages, inodes, and the sharing of ranges between files. Pure Java. */
module samepage.core {
    requires com.dynatrace.hash4j;
    requires jdk.unsupported; // ExtendedOpenOption.DIRECT
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;

    exports samepage.block;
    exports samepage.errno;
    exports samepage.volume;
}
