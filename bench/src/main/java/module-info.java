/** Benchmarks. */
module samepage.bench {
    requires java.management;
    requires jdk.jfr;
    requires samepage.core;
    requires samepage.linux;
    requires samepage.rocksdb;
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
}
