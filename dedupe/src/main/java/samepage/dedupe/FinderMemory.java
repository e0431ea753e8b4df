package samepage.dedupe;

import java.io.IOException;

/** Where contents are, as a finder's runs have found out one after the other, while nobody else asks: not kept when it is closed. */
public final class FinderMemory implements AutoCloseable {
    private final FingerprintIndex index;

    /**
     * An empty one.
     *
     * @param opener opens the store for what has outgrown memory
     * @param contentsInMemory of how many contents, the last ones, every one is remembered; 48 bytes each
     */
    public FinderMemory(Finder.IndexOpener opener, int contentsInMemory) {
        this.index = FingerprintIndex.lasting(opener, contentsInMemory);
    }

    FingerprintIndex index() {
        return index;
    }

    @Override
    public void close() throws IOException {
        index.forget();
    }
}
