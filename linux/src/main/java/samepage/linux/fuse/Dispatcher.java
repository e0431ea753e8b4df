package samepage.linux.fuse;

import java.io.IOException;
import samepage.errno.Errno;

/** Finds the operation that a request asks for. */
final class Dispatcher {
    private final NameOperations names;
    private final InodeOperations inodes;
    private final FileOperations files;
    private final RangeOperations ranges;
    private final DirectoryOperations directories;
    private final XattrOperations xattrs;
    private final IoctlOperations ioctls;
    private final Served served;
    private final boolean directoriesAreOpened;

    /** @param directoriesAreOpened whether each opening of a directory is to be told, and its entries read anew */
    Dispatcher(Served served, boolean directoriesAreOpened) {
        this.directoriesAreOpened = directoriesAreOpened;
        this.served = served;
        this.names = new NameOperations(served);
        this.inodes = new InodeOperations(served);
        this.files = new FileOperations(served);
        this.ranges = new RangeOperations(served);
        this.directories = new DirectoryOperations(served);
        this.xattrs = new XattrOperations(served);
        this.ioctls = new IoctlOperations(served);
    }

    /** Told once that there is no need, the kernel never asks again, and keeps entries. */
    private void openDirectory(Reply reply) {
        if (directoriesAreOpened) {
            reply.put(0L).put(0).put(0);
        } else {
            reply.fail(Errno.ENOSYS);
        }
    }

    /**
     * Serves a request.
     *
     * @param slowly by which it is answered where that takes the kernel's doing
     * @return whether the reply is to be sent: some requests get none, some get it later
     */
    boolean serve(Request request, Reply reply, SlowAnswers slowly) throws IOException {
        boolean answered = true;
        switch (request.opcode()) {
            case Opcode.READ -> files.read(request, reply);
            case Opcode.WRITE -> files.write(request, reply);
            case Opcode.LOOKUP -> names.lookup(request, reply);
            case Opcode.GETATTR -> inodes.getAttributes(request, reply);
            case Opcode.STATX -> inodes.statx(request, reply);
            case Opcode.SETATTR -> inodes.setAttributes(request, reply);
            case Opcode.OPEN -> answered = files.open(request, reply, slowly);
            case Opcode.CREATE -> files.create(request, reply);
            case Opcode.TMPFILE -> files.createUnnamed(request, reply);
            case Opcode.RELEASE -> files.release(request);
            case Opcode.FSYNC -> files.sync(request);
            case Opcode.OPENDIR -> openDirectory(reply);
            case Opcode.RELEASEDIR -> {}
            case Opcode.READDIR -> directories.read(request, reply);
            case Opcode.READDIRPLUS -> directories.readWithAttributes(request, reply);
            case Opcode.FSYNCDIR -> directories.sync(request);
            case Opcode.READLINK -> names.readLink(request, reply);
            case Opcode.SYMLINK -> names.makeLink(request, reply);
            case Opcode.MKNOD -> names.makeNode(request, reply);
            case Opcode.MKDIR -> names.makeDirectory(request, reply);
            case Opcode.UNLINK -> names.unlink(request);
            case Opcode.RMDIR -> names.removeDirectory(request);
            case Opcode.RENAME -> names.rename(request);
            case Opcode.RENAME2 -> names.renameWithFlags(request);
            case Opcode.LINK -> names.link(request, reply);
            case Opcode.GETXATTR -> xattrs.get(request, reply);
            case Opcode.LISTXATTR -> xattrs.list(request, reply);
            case Opcode.SETXATTR -> xattrs.set(request);
            case Opcode.REMOVEXATTR -> xattrs.remove(request);
            case Opcode.STATFS -> inodes.statFs(reply);
            case Opcode.SYNCFS -> served.vfs().sync();
            case Opcode.FALLOCATE -> ranges.allocate(request);
            case Opcode.COPY_FILE_RANGE -> ranges.copyUpTo32Bits(request, reply);
            case Opcode.COPY_FILE_RANGE_64 -> ranges.copyUpTo64Bits(request, reply);
            case Opcode.LSEEK -> answered = ranges.seek(request, reply, slowly);
            case Opcode.IOCTL -> answered = ioctls.control(request, reply, slowly);
            case Opcode.FORGET -> {
                names.forget(request);
                answered = false;
            }
            case Opcode.BATCH_FORGET -> {
                names.forgetMany(request);
                answered = false;
            }
            // What could be interrupted is short: it is answered as if nothing had been asked.
            case Opcode.INTERRUPT -> answered = false;
            case Opcode.DESTROY, Opcode.NOTIFY_REPLY -> {}
            // The kernel remembers, and does it itself or goes without: locks, polling, flushing.
            default -> reply.fail(Errno.ENOSYS);
        }
        return answered;
    }
}
