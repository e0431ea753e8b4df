/** The command line. */
module samepage.cli {
    requires com.google.gson;
    requires info.picocli;
    requires samepage.core;
    requires samepage.dedupe;
    requires samepage.linux;
    requires samepage.rocksdb;
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;

    opens samepage.cli to
            info.picocli;
}
