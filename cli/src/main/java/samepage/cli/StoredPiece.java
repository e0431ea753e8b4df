package samepage.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import samepage.volume.InodeRecord;
import samepage.volume.PhysicalRun;

/**
 * A piece of a file's content that lies in one place.
 *
 * @param offsetBytes where in the file
 * @param deviceOffsetBytes where on the device
 * @param written false where it is allocated and reads as zeros
 * @param references how many places of files are stored there
 */
record StoredPiece(long offsetBytes, long lengthBytes, long deviceOffsetBytes, boolean written, long references) {
    /** The pieces of a file in order; what is missing in between is a hole. */
    static List<StoredPiece> of(OpenVolume open, InodeRecord inode) throws IOException {
        var volume = open.volume();
        long blockSize = volume.blockSize();
        var pieces = new ArrayList<StoredPiece>();
        var extents = volume.extents(inode);
        for (var extent = extents.next(0); extent != null; extent = extents.next(extent.endBlock())) {
            var shift = extent.fileBlock() - extent.physicalBlock();
            for (var shared : volume.references(new PhysicalRun(extent.physicalBlock(), extent.blockCount()))) {
                var run = shared.run();
                pieces.add(new StoredPiece(
                        (run.start() + shift) * blockSize,
                        run.blockCount() * blockSize,
                        run.start() * blockSize,
                        extent.written(),
                        shared.references()));
            }
        }
        return pieces;
    }
}
