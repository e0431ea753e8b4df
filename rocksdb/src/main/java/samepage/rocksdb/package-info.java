/** Metadata of volumes on disk, kept in RocksDB. No RocksDB type leaves this package. */
@NullMarked
package samepage.rocksdb;

import org.jspecify.annotations.NullMarked;
