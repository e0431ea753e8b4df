package samepage.volume;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import samepage.errno.PrintableName;

/** Holds the names in directories against the inodes they refer to. */
final class TreeAudit {
    private static final int LONGEST_NAME = 255;

    private final TableWalk entries;
    private final InodeTally inodes;
    private final AuditProblems problems;

    TreeAudit(TableWalk entries, InodeTally inodes, AuditProblems problems) {
        this.entries = entries;
        this.inodes = inodes;
        this.problems = problems;
    }

    void run() throws IOException {
        long directory = -1;
        int at = -1;
        for (; !entries.isAtEnd(); entries.advance()) {
            if (entries.first() != directory) {
                directory = entries.first();
                at = inodes.find(directory);
                checkHolder(directory, at);
            }
            DirectoryEntry entry = decode(directory);
            if (entry != null) {
                check(directory, at, entry);
            }
        }
        checkRoot();
        for (int i = 0; i < inodes.count(); i++) {
            if (inodes.isDirectory(i)) {
                checkDirectory(i);
            } else {
                checkFile(i);
            }
        }
    }

    private void checkHolder(long directory, int at) {
        if (at < 0) {
            problems.add("inode=" + directory + ": is missing, but has directory entries");
        } else if (!inodes.isDirectory(at)) {
            problems.add("inode=" + directory + ": has directory entries, but is a " + inodes.type(at));
        }
    }

    private @Nullable DirectoryEntry decode(long directory) {
        try {
            DirectoryEntry entry = EntryFormat.decode(entries.key(), entries.value());
            if (!Arrays.equals(entries.key(), EntryFormat.key(directory, entry.name())) || !isName(entry.name())) {
                throw new IllegalArgumentException("name");
            }
            return entry;
        } catch (RuntimeException e) {
            problems.add("inode=" + directory + ": a directory entry is damaged");
            return null;
        }
    }

    private static boolean isName(byte[] name) {
        boolean isDots = name.length <= 2 && name[0] == '.' && name[name.length - 1] == '.';
        if (isDots || name.length > LONGEST_NAME) {
            return false;
        }
        for (byte b : name) {
            if (b == '/' || b == 0) {
                return false;
            }
        }
        return true;
    }

    private void check(long directory, int holder, DirectoryEntry entry) {
        int at = inodes.find(entry.ino());
        if (at < 0) {
            problems.add(name(directory, entry) + ": refers to inode=" + entry.ino() + ", which is missing");
            return;
        }
        inodes.nameFound(at);
        if (entry.type() != inodes.type(at)) {
            problems.add(name(directory, entry) + ": is a " + entry.type() + ", inode=" + entry.ino() + " is a "
                    + inodes.type(at));
        }
        if (inodes.isDirectory(at)) {
            if (holder >= 0) {
                inodes.subdirectoryFound(holder);
            }
            if (inodes.parent(at) != directory) {
                problems.add(name(directory, entry) + ": the parent of inode=" + entry.ino() + " is inode="
                        + inodes.parent(at));
            }
        }
    }

    private static String name(long directory, DirectoryEntry entry) {
        return "entry " + PrintableName.of(entry.name()) + " of inode=" + directory;
    }

    private void checkRoot() {
        int root = inodes.find(Volume.ROOT);
        if (root < 0 || !inodes.isDirectory(root)) {
            problems.add("inode=" + Volume.ROOT + ": the root directory is missing");
        } else if (inodes.parent(root) != Volume.ROOT) {
            problems.add("inode=" + Volume.ROOT + ": the root's parent is inode=" + inodes.parent(root));
        }
    }

    private void checkDirectory(int at) {
        long ino = inodes.ino(at);
        boolean isRoot = ino == Volume.ROOT;
        if (inodes.links(at) == 0) {
            checkNameless(at);
            if (inodes.subdirectories(at) > 0) {
                problems.add("inode=" + ino + ": a removed directory that has subdirectories");
            }
            return;
        }
        int expectedLinks = 2 + inodes.subdirectories(at);
        if (inodes.links(at) != expectedLinks) {
            problems.add("inode=" + ino + ": links are " + inodes.links(at) + ", expected " + expectedLinks);
        }
        int expectedNames = isRoot ? 0 : 1;
        if (inodes.names(at) != expectedNames) {
            problems.add(
                    "inode=" + ino + ": a directory with " + inodes.names(at) + " names, expected " + expectedNames);
        }
        if (!inodes.reachesRoot(at)) {
            problems.add("inode=" + ino + ": the directory cannot be reached from the root");
        }
    }

    private void checkFile(int at) {
        if (inodes.links(at) == 0) {
            checkNameless(at);
        } else if (inodes.links(at) != inodes.names(at)) {
            problems.add("inode=" + inodes.ino(at) + ": links are " + inodes.links(at) + ", names found "
                    + inodes.names(at));
        }
    }

    private void checkNameless(int at) {
        if (inodes.names(at) > 0) {
            problems.add("inode=" + inodes.ino(at) + ": links are 0, names found " + inodes.names(at));
        }
        if (!inodes.isOrphan(at)) {
            problems.add("inode=" + inodes.ino(at) + ": has no name and is no orphan");
        }
    }
}
