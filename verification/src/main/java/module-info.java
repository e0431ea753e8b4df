/** Models, schedules and crash states that the file system is held against. */
module samepage.verification {
    requires samepage.cli;
    requires samepage.core;
    requires samepage.dedupe;
    requires samepage.linux;
    requires samepage.rocksdb;
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;

    exports samepage.verification.schedule; // to rewritten classes, which are in no module
}
