/** What is native: the system calls of Linux. */
module samepage.linux {
    requires transitive samepage.core;
    requires samepage.dedupe;
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;

    exports samepage.linux.fuse;
    exports samepage.linux.syscall;
}
