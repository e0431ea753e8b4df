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
 * @param copySeconds how much of {@code seconds} went by until all was copied
 */
record ImportResult(
        ImportCounts counts,
        long sharedBytes,
        long freedBytes,
        double longestStallMillis,
        long storedBytes,
        long storedBytesBefore,
        double copySeconds,
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
        object.put("sharedBytes", sharedBytes);
        object.put("freedBytes", freedBytes);
        object.put("seconds", seconds);
        object.put("longestStallMillis", longestStallMillis);
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
                + duration(copySeconds) + " (" + rate(counts.copiedBytes, copySeconds) + ")");
        if (sharedBytes > 0) {
            lines.add("shared " + size(sharedBytes) + " of duplicates, which freed " + size(freedBytes)
                    + ", meanwhile and in " + duration(seconds - copySeconds) + " after it");
        }
        var added = storedBytes - storedBytesBefore;
        lines.add("the volume stores " + size(storedBytes)
                + (storedBytesBefore == 0
                        ? ""
                        : added >= 0
                                ? ", " + size(added) + " more than before"
                                : ", " + size(-added) + " less than before"));
        if (!leftOut.isEmpty()) {
            lines.add("left out: " + count(leftOut.count(), "item", "items") + ", named above");
        }
        return lines;
    }
}
