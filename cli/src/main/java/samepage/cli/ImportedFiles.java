package samepage.cli;

import java.io.IOException;

/** Is told of what an import brings. */
interface ImportedFiles {
    /** Does nothing about it. */
    ImportedFiles UNSHARED = new ImportedFiles() {
        @Override
        public void imported(long ino, long sizeBytes) {}

        @Override
        public boolean makeRoom() {
            return false;
        }
    };

    /** A file has been copied to its end. May take as long as it takes to keep up. */
    void imported(long ino, long sizeBytes) throws IOException;

    /** The volume is full. Gives whether it may have room now that it did not have before. */
    boolean makeRoom() throws IOException;
}
