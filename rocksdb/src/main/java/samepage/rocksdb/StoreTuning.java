package samepage.rocksdb;

import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompressionType;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.TablePropertiesCollectorFactory;

/** RocksDB's settings for a volume's metadata in a small process, and the native objects that hold them. */
final class StoreTuning implements AutoCloseable {
    /** Deletions among so many neighbouring entries of a table: a search that comes there steps over each. */
    private static final long MOST_DELETIONS_TOGETHER = 256;

    private static final long NEIGHBOURS = 512;

    private final Cache cache;
    private final BloomFilter filter;
    private final TablePropertiesCollectorFactory deletions =
            TablePropertiesCollectorFactory.NewCompactOnDeletionCollectorFactory(
                    NEIGHBOURS, MOST_DELETIONS_TOGETHER, 0);
    private final Options options = new Options();

    StoreTuning(RocksDbMetadataStore.Options budget) {
        this.cache = new LRUCache(budget.blockCacheBytes(), 2, false, 0.5);
        this.filter = new BloomFilter(budget.isDense() ? 6 : 10);
        setUp(budget);
    }

    private void setUp(RocksDbMetadataStore.Options budget) {
        options.setCreateIfMissing(budget.createIfMissing())
                .setWriteBufferSize(budget.writeBufferBytes())
                .setMaxWriteBufferNumber(2)
                .setTargetFileSizeBase(budget.writeBufferBytes())
                .setMaxBytesForLevelBase(4 * budget.writeBufferBytes())
                .setMaxBackgroundJobs(2)
                .setMaxTotalWalSize(2 * budget.writeBufferBytes());
        openingFast();
        stayingSmall();
        options.setTablePropertiesCollectorFactory(List.of(deletions));
        options.setTableFormatConfig(new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setBlockSize(budget.isDense() ? 32 << 10 : 8 << 10)
                .setFormatVersion(6)
                .setFilterPolicy(filter)
                // Indexes and filters count against the cache's bytes, and go last; in parts, because a whole filter of
                // a
                // megabyte would push out the others and be read again for nearly every get (150 us instead of 5).
                .setCacheIndexAndFilterBlocks(true)
                .setCacheIndexAndFilterBlocksWithHighPriority(true)
                .setIndexType(IndexType.kTwoLevelIndexSearch)
                .setPartitionFilters(true)
                .setMetadataBlockSize(4 << 10)
                .setPinTopLevelIndexAndFilter(true));
        // Blocks that would not shrink by an eighth, checksums among them, are stored as they are.
        options.setCompressionType(
                budget.isDense() ? CompressionType.ZSTD_COMPRESSION : CompressionType.LZ4_COMPRESSION);
    }

    /** A killed process's log is read into memory and stays in the log; tables are opened when they are asked for. */
    private void openingFast() {
        options.setAvoidFlushDuringRecovery(true)
                .setSkipStatsUpdateOnDbOpen(true)
                .setMaxOpenFiles(256)
                .setMaxFileOpeningThreads(1);
    }

    /** Nothing is allocated ahead, the log for people is short. */
    private void stayingSmall() {
        options.setAllowFAllocate(false)
                .setManifestPreallocationSize(64 << 10)
                .setMaxManifestFileSize(16 << 20)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(1 << 20)
                .setKeepLogFileNum(2)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0);
    }

    Options options() {
        return options;
    }

    @Override
    public void close() {
        options.close();
        deletions.close();
        filter.close();
        cache.close();
    }
}
