package samepage.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import samepage.errno.PrintableName;
import samepage.volume.DataScrub;

/** Reads every stored block and tells in which files the damaged ones are. */
final class DataCheck {
    private final OpenVolume volume;
    private final long blockSize;

    DataCheck(OpenVolume volume) {
        this.volume = volume;
        this.blockSize = volume.volume().blockSize();
    }

    /**
     * What was found.
     *
     * @param problems one line each
     * @param damaged where in files: path, offset and length
     */
    record Result(long checkedBytes, long damagedBytes, List<String> problems, List<Map<String, Object>> damaged) {
        static final Result NONE = new Result(0, 0, List.of(), List.of());
    }

    Result run(Progress progress) throws IOException {
        progress.begin("reading");
        var report = volume.volume().verifyData((blocks, ofBlocks) -> {
            progress.total(0, ofBlocks * blockSize);
            progress.set(0, blocks * blockSize);
        });
        var problems = new ArrayList<String>();
        var damaged = new ArrayList<Map<String, Object>>();
        if (!report.isClean()) {
            problems.add(HumanText.count(report.damagedBlocks(), "block is", "blocks are")
                    + " not what was written, or cannot be read");
            tellFiles(report, problems, damaged);
        }
        return new Result(report.verifiedBlocks() * blockSize, report.damagedBlocks() * blockSize, problems, damaged);
    }

    private void tellFiles(DataScrub.Report report, List<String> problems, List<Map<String, Object>> damaged)
            throws IOException {
        var inodes = new HashSet<Long>();
        report.files().forEach(damage -> inodes.add(damage.ino()));
        var paths = volume.volume().metadata().pathsOf(inodes);
        for (var damage : report.files()) {
            var offset = damage.fileBlock() * blockSize;
            var length = damage.run().blockCount() * blockSize;
            var names = paths.getOrDefault(damage.ino(), List.of()).stream()
                    .map(DataCheck::fromRoot)
                    .toList();
            problems.add((names.isEmpty() ? "inode " + damage.ino() + ", which has no name" : String.join(" = ", names))
                    + ": " + HumanText.size(length) + " at offset " + offset + " damaged");
            var item = new LinkedHashMap<String, Object>();
            item.put("inode", damage.ino());
            item.put("paths", names);
            item.put("offsetBytes", offset);
            item.put("lengthBytes", length);
            damaged.add(item);
        }
    }

    private static String fromRoot(byte[] path) {
        return (path.length > 0 && path[0] == '/' ? "" : "/") + PrintableName.of(path);
    }
}
