/** What is native: the system calls of Linux. */
module samepage.linux {
    requires com.dynatrace.hash4j;
    requires transitive samepage.core;
    requires transitive samepage.dedupe;
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;

    exports samepage.linux.fuse;
    exports samepage.linux.reflink;
    exports samepage.linux.syscall;
}
