/** Benchmarks. */
module samepage.bench {
    requires jmh.core;
    requires samepage.core;
    requires samepage.dedupe;
    requires samepage.linux;
    requires samepage.rocksdb;
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
}
