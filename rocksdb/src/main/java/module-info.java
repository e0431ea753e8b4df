/** The durable metadata store. */
module samepage.rocksdb {
    requires rocksdbjni;
    requires transitive samepage.core;
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;

    exports samepage.rocksdb;
}
