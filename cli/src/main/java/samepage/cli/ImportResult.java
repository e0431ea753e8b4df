package samepage.cli;

import static samepage.cli.HumanText.count;
import static samepage.cli.HumanText.duration;
import static samepage.cli.HumanText.rate;
import static samepage.cli.HumanText.size;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What an import came to.
 *
 * @param storedBytes what the volume stores now
 * @param storedBytesBefore what it stored before
 */
record ImportResult(
        ImportCounts counts,
        SharingPass.Result shared,
        long storedBytes,
        long storedBytesBefore,
        double seconds,
        LeftOut leftOut,
        boolean isComplete) {

    void putInto(Map<String, Object> object) {
        object.put("files", counts.files);
        object.put("unchangedFiles", counts.unchangedFiles);
        object.put("directories", counts.directories);
        object.put("symbolicLinks", counts.symbolicLinks);
        object.put("specialFiles", counts.specialFiles);
        object.put("hardLinks", counts.hardLinks);
        object.put("logicalBytes", counts.logicalBytes);
        object.put("copiedBytes", counts.copiedBytes);
        object.put("storedBytes", storedBytes);
        object.put("addedBytes", storedBytes - storedBytesBefore);
        object.put("sharedBytes", shared.sharedBytes());
        object.put("freedBytes", shared.freedBytes());
        object.put("seconds", seconds);
        object.put("longestStallMillis", shared.longestStallMillis());
        object.put("complete", isComplete && leftOut.isEmpty());
        object.put("leftOutCount", leftOut.count());
        object.put("leftOut", leftOut.items());
    }

    List<String> lines() {
        var lines = new ArrayList<String>();
        var unchanged = counts.unchangedFiles == 0
                ? ""
                : ", of which " + HumanText.number(counts.unchangedFiles) + " were there already,";
        lines.add("imported " + count(counts.files, "file", "files") + unchanged + " in "
                + count(counts.directories, "directory", "directories") + ": " + size(counts.logicalBytes) + " in "
                + duration(seconds) + " (" + rate(counts.copiedBytes, seconds) + ")");
        if (shared.sharedBytes() > 0) {
            lines.add("shared " + size(shared.sharedBytes()) + " of duplicates, which freed "
                    + size(shared.freedBytes()));
        }
        var added = storedBytes - storedBytesBefore;
        lines.add("the volume stores " + size(storedBytes)
                + (storedBytesBefore == 0
                        ? ""
                        : added >= 0 ? ", " + size(added) + " more than before" : ", " + size(-added) + " less than before"));
        if (!leftOut.isEmpty()) {
            lines.add("left out: " + count(leftOut.count(), "item", "items") + ", named above");
        }
        return lines;
    }
}
