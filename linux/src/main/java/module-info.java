/** What is native: the system calls of Linux. */
module samepage.linux {
    requires samepage.core;
    requires samepage.dedupe;
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
}
