package samepage.cli;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashSet;
import samepage.volume.InodeRecord;
import samepage.volume.PhysicalRun;

/**
 * What a tree takes.
 *
 * @param logicalBytes the sizes of its files
 * @param storedBytes the blocks that its files refer to, each counted once
 * @param sharedBytes those of them that more than one place in the volume refers to
 * @param exclusiveBytes those of them that nothing outside of the tree refers to
 */
record TreeUsage(
        long files, long directories, long logicalBytes, long storedBytes, long sharedBytes, long exclusiveBytes) {

    static TreeUsage of(OpenVolume volume, InodeRecord root) throws IOException {
        return new Count(volume).count(root);
    }

    private static final class Count {
        private final OpenVolume volume;
        private final long blockSize;
        private final RunCounts references = new RunCounts();
        private final HashSet<Long> seenLinks = new HashSet<>();
        private final ArrayDeque<Long> directoriesLeft = new ArrayDeque<>();
        private long files;
        private long directories;
        private long logicalBytes;
        private long storedBytes;
        private long sharedBytes;
        private long exclusiveBytes;

        Count(OpenVolume volume) {
            this.volume = volume;
            this.blockSize = volume.volume().blockSize();
        }

        TreeUsage count(InodeRecord root) throws IOException {
            add(root);
            while (!directoriesLeft.isEmpty()) {
                Interruption.check();
                for (var entry : VolumeEntry.names(volume, directoriesLeft.pop())) {
                    add(VolumeEntry.attributes(volume, entry));
                }
            }
            references.forEach(this::addStored);
            return new TreeUsage(files, directories, logicalBytes, storedBytes, sharedBytes, exclusiveBytes);
        }

        private void add(InodeRecord inode) throws IOException {
            if (inode.isDirectory()) {
                directories++;
                directoriesLeft.push(inode.ino());
                return;
            }
            if (inode.linkCount() > 1 && !seenLinks.add(inode.ino())) {
                return;
            }
            files++;
            if (inode.isRegular()) {
                logicalBytes += inode.sizeBytes();
                addExtents(inode);
            }
        }

        private void addExtents(InodeRecord inode) throws IOException {
            if (inode.mappedBlocks() == 0) {
                return;
            }
            var extents = volume.volume().extents(inode);
            for (var extent = extents.next(0); extent != null; extent = extents.next(extent.endBlock())) {
                references.add(extent.physicalBlock(), extent.blockCount());
            }
        }

        private void addStored(long start, long blockCount, long referencesHere) throws IOException {
            for (var piece : volume.volume().references(new PhysicalRun(start, blockCount))) {
                var bytes = piece.run().blockCount() * blockSize;
                storedBytes += bytes;
                sharedBytes += piece.references() > 1 ? bytes : 0;
                exclusiveBytes += piece.references() == referencesHere ? bytes : 0;
            }
        }
    }
}
