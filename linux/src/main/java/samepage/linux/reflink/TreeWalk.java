package samepage.linux.reflink;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import samepage.dedupe.InodeSet;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostEntry;
import samepage.linux.syscall.HostFileId;
import samepage.linux.syscall.HostFileType;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.HostStat;

/**
 * Goes through the directories below the roots and hands on each regular file once, whatever names it has. It stays on the
 * mounts of the roots, follows no symbolic link, and passes over what vanishes before its eyes.
 */
final class TreeWalk {
    private static final byte[] NOTHING = {};

    private final List<TreeRoot> roots;
    private final TreeFilter filter;
    private final TreeProblems problems;
    private final BooleanSupplier isCancelled;

    /** Files with several names, and all files where roots may overlap, by subvolume. */
    private final Map<Long, InodeSet> handedOn = new HashMap<>();

    private boolean isComplete = true;

    /** Where files go. */
    interface Sink {
        void take(TreeFile found) throws IOException;
    }

    /** A directory that is still to be read: where it is, and which device and subvolume the one above is on. */
    @SuppressWarnings("ArrayRecordComponent") // nothing compares them
    private record ToVisit(byte[] path, HostFileId parent, long subvolume) {}

    TreeWalk(List<TreeRoot> roots, TreeFilter filter, TreeProblems problems, BooleanSupplier isCancelled) {
        this.roots = roots;
        this.filter = filter;
        this.problems = problems;
        this.isCancelled = isCancelled;
    }

    /** False once something was left out that may hold files. */
    boolean isComplete() {
        return isComplete;
    }

    void walk(Sink sink) throws IOException {
        for (int root = 0; root < roots.size(); root++) {
            walk(root, sink);
        }
    }

    private void walk(int root, Sink sink) throws IOException {
        var top = roots.get(root);
        long mount = top.directory().mountId();
        long subvolume = top.directory().subvolume();
        if (top.start().length > 0) {
            take(root, top.directory(), top.start(), NOTHING, subvolume, sink);
            return;
        }
        var toVisit = new ArrayDeque<ToVisit>();
        toVisit.push(new ToVisit(NOTHING, top.directory().stat().id(), subvolume));
        while (!toVisit.isEmpty() && !isCancelled.getAsBoolean()) {
            var next = toVisit.pop();
            try (var directory = top.directory().openDirectoryBelow(next.path)) {
                if (directory.mountId() == mount) {
                    visit(root, directory, next, toVisit, sink);
                }
            } catch (VfsException e) {
                leftOut(top.pathOf(next.path), e);
            }
        }
        isComplete &= toVisit.isEmpty();
    }

    private void visit(int root, HostDirectory directory, ToVisit visit, ArrayDeque<ToVisit> toVisit, Sink sink)
            throws IOException {
        var id = directory.stat().id();
        boolean isSameDevice = id.deviceMajor() == visit.parent.deviceMajor()
                && id.deviceMinor() == visit.parent.deviceMinor();
        long subvolume = isSameDevice ? visit.subvolume : directory.subvolume();
        var entries = directory.remainingEntries();
        // Inodes that are neighbours on the disk are read one after the other.
        entries.sort(Comparator.comparingLong(HostEntry::inode));
        for (var entry : entries) {
            switch (entry.type()) {
                case DIRECTORY -> enter(visit.path, entry.name(), id, subvolume, toVisit);
                case REGULAR -> take(root, directory, entry.name(), visit.path, subvolume, sink);
                case UNKNOWN -> {
                    if (typeOf(directory, entry.name()) == HostFileType.DIRECTORY) {
                        enter(visit.path, entry.name(), id, subvolume, toVisit);
                    } else {
                        take(root, directory, entry.name(), visit.path, subvolume, sink);
                    }
                }
                default -> {}
            }
        }
    }

    private void enter(byte[] parent, byte[] name, HostFileId device, long subvolume, ArrayDeque<ToVisit> toVisit) {
        byte[] path = pathOf(parent, name);
        if (filter.enters(path)) {
            toVisit.push(new ToVisit(path, device, subvolume));
        }
    }

    private static HostFileType typeOf(HostDirectory directory, byte[] name) {
        try {
            return directory.stat(name).type();
        } catch (VfsException e) {
            return HostFileType.UNKNOWN;
        }
    }

    private void take(int root, HostDirectory directory, byte[] name, byte[] parent, long subvolume, Sink sink)
            throws IOException {
        HostStat stat;
        try {
            stat = directory.stat(name);
        } catch (VfsException e) {
            leftOut(HostPath.join(directory.path(), name), e);
            return;
        }
        byte[] path = pathOf(parent, name);
        if (!stat.isRegular() || stat.sizeBytes() == 0 || !filter.takes(path, stat.sizeBytes())) {
            return;
        }
        boolean isKnownByOneName = stat.linkCount() == 1 && roots.size() == 1;
        if (isKnownByOneName
                || handedOn.computeIfAbsent(subvolume, _ -> new InodeSet())
                        .add(stat.id().inode())) {
            long version = TreeFile.versionOf(stat);
            sink.take(new TreeFile(
                    0, root, path, subvolume, stat.id().inode(), stat.sizeBytes(), version, 0, 0, null));
        }
    }

    private void leftOut(byte[] path, VfsException reason) {
        if (reason.errno() != Errno.ENOENT && reason.errno() != Errno.ESTALE) {
            isComplete = false;
            problems.leftOut(path, reason);
        }
    }

    private static byte[] pathOf(byte[] parent, byte[] name) {
        return parent.length == 0 ? name : HostPath.join(parent, name);
    }
}
