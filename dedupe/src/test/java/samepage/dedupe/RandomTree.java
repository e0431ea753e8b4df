package samepage.dedupe;

import java.util.Arrays;
import java.util.Random;

/** Fills a model with files that have much in common: copies, edited copies, clones, runs of each other, frequent blocks. */
final class RandomTree {
    private static final int FREQUENT_CONTENTS = 3;

    private final ModelTarget files;
    private final Random random;
    private long nextContent = 100;

    private RandomTree(ModelTarget files, Random random) {
        this.files = files;
        this.random = random;
    }

    static void fill(ModelTarget files, Random random) {
        var tree = new RandomTree(files, random);
        int count = 3 + random.nextInt(40);
        for (int i = 0; i < count; i++) {
            tree.addFile();
        }
    }

    private void addFile() {
        long known = files.fileCount();
        if (known > 0 && random.nextInt(10) == 0) {
            files.addClone(random.nextLong(known));
            return;
        }
        long[] contents = known > 0 && random.nextInt(3) == 0
                ? edited(files.contents(random.nextLong(known)).clone())
                : composed();
        int tail = contents.length > 0 && contents[contents.length - 1] != 0 && random.nextBoolean()
                ? 100 * (1 + random.nextInt(3))
                : 0;
        files.addWithTail(tail, contents);
    }

    private long[] edited(long[] contents) {
        for (int edits = random.nextInt(4); edits > 0 && contents.length > 0; edits--) {
            contents[random.nextInt(contents.length)] = nextContent++;
        }
        return random.nextInt(3) > 0 ? contents : Arrays.copyOf(contents, random.nextInt(contents.length + 1));
    }

    private long[] composed() {
        long[] contents = new long[0];
        for (int parts = random.nextInt(6); parts > 0; parts--) {
            long[] part = part(1 + random.nextInt(30));
            int length = contents.length;
            contents = Arrays.copyOf(contents, length + part.length);
            System.arraycopy(part, 0, contents, length, part.length);
        }
        return contents;
    }

    private long[] part(int blocks) {
        long[] part = new long[blocks];
        long frequent = random.nextInt(FREQUENT_CONTENTS);
        long[] other = files.fileCount() == 0 ? part : files.contents(random.nextLong(files.fileCount()));
        int from = random.nextInt(other.length + 1);
        int kind = random.nextInt(4);
        for (int i = 0; i < blocks; i++) {
            part[i] = switch (kind) {
                case 0 -> nextContent++;
                case 1 -> frequent;
                case 2 -> i % 3 == 0 ? 1 : nextContent++;
                default -> from + i < other.length ? other[from + i] : nextContent++;
            };
        }
        return part;
    }
}
