package samepage.rocksdb;

import samepage.volume.MemoryMetadataStore;
import samepage.volume.MetadataStore;

/** The memory store keeps the contract that the durable one keeps. */
class MemoryMetadataStoreTest extends MetadataStoreContract {
    @Override
    MetadataStore open() {
        return new MemoryMetadataStore();
    }
}
