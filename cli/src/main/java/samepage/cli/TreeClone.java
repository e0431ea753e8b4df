package samepage.cli;

import static samepage.cli.OpenVolume.PRIVILEGED;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.vfs.SetAttributes;
import samepage.vfs.SetAttributes.NewTime;
import samepage.vfs.XattrMode;
import samepage.volume.DirectoryEntry;
import samepage.volume.FileType;
import samepage.volume.InodeRecord;

/** Copies a tree inside of a volume, its files as clones. */
final class TreeClone {
    private final OpenVolume volume;
    private final Progress progress;
    private final ArrayDeque<Level> levels = new ArrayDeque<>();
    /** What each file with several names has become. */
    private final Map<Long, Long> linked = new HashMap<>();

    private long files;
    private long logicalBytes;

    TreeClone(OpenVolume volume, Progress progress) {
        this.volume = volume;
        this.progress = progress;
    }

    long files() {
        return files;
    }

    long logicalBytes() {
        return logicalBytes;
    }

    /** A directory that is being copied. */
    private record Level(InodeRecord source, long target, Iterator<DirectoryEntry> entries) {}

    /** @throws VfsException EEXIST where the place is taken, EINVAL where it is inside of the tree itself */
    void copy(InodeRecord source, TargetPlace place) throws IOException {
        if (source.isDirectory()) {
            checkOutside(source.ino(), place.directory());
        } else if (place.mustBeDirectory()) {
            throw new VfsException(Errno.ENOTDIR);
        }
        copyEntry(source, place.directory(), place.name());
        while (!levels.isEmpty()) {
            Interruption.check();
            var level = levels.peek();
            if (level.entries.hasNext()) {
                var entry = level.entries.next();
                copyEntry(VolumeEntry.attributes(volume, entry), level.target, entry.name());
            } else {
                copyAttributes(level.source, level.target);
                levels.pop();
            }
        }
    }

    private void checkOutside(long tree, long directory) throws IOException {
        for (var ancestor = directory; ; ) {
            if (ancestor == tree) {
                throw new VfsException(Errno.EINVAL);
            }
            var parent = volume.vfs().getAttributes(ancestor).parent();
            if (parent == ancestor) {
                return;
            }
            ancestor = parent;
        }
    }

    private void copyEntry(InodeRecord source, long directory, byte[] name) throws IOException {
        var vfs = volume.vfs();
        if (source.isDirectory()) {
            var target = vfs.mkdir(PRIVILEGED, directory, name, source.permissions());
            var entries = VolumeEntry.names(volume, source.ino());
            levels.push(new Level(source, target.ino(), entries.iterator()));
            return;
        }
        var known = source.linkCount() > 1 ? linked.get(source.ino()) : null;
        if (known != null) {
            vfs.link(PRIVILEGED, known, directory, name);
            return;
        }
        var target = create(source, directory, name);
        copyAttributes(source, target);
        if (source.linkCount() > 1) {
            linked.put(source.ino(), target);
        }
    }

    private long create(InodeRecord source, long directory, byte[] name) throws IOException {
        var vfs = volume.vfs();
        if (source.type() == FileType.SYMBOLIC_LINK) {
            return vfs.symlink(PRIVILEGED, directory, name, vfs.readlink(source.ino()))
                    .ino();
        }
        if (!source.isRegular()) {
            return vfs.makeNode(PRIVILEGED, directory, name, source.mode(), source.deviceNumber())
                    .ino();
        }
        var target =
                vfs.create(PRIVILEGED, directory, name, source.permissions()).ino();
        if (source.sizeBytes() > 0) {
            try {
                vfs.cloneRange(PRIVILEGED, source.ino(), 0, target, 0, 0);
            } catch (Throwable e) {
                vfs.unlink(PRIVILEGED, directory, name);
                throw e;
            }
        }
        files++;
        logicalBytes += source.sizeBytes();
        progress.set(files, logicalBytes);
        return target;
    }

    private void copyAttributes(InodeRecord source, long target) throws IOException {
        var vfs = volume.vfs();
        var isLink = source.type() == FileType.SYMBOLIC_LINK;
        var attributes = SetAttributes.NONE
                .withOwner(source.uid(), source.gid())
                .withTimes(NewTime.at(source.accessTime()), NewTime.at(source.modifyTime()));
        vfs.setAttributes(PRIVILEGED, target, isLink ? attributes : attributes.withMode(source.permissions()));
        if (source.has(InodeRecord.FLAG_HAS_XATTRS)) {
            for (var name : vfs.listXattrs(PRIVILEGED, source.ino())) {
                var value = vfs.getXattr(PRIVILEGED, source.ino(), name);
                vfs.setXattr(PRIVILEGED, target, name, value, XattrMode.SET);
            }
        }
    }
}
