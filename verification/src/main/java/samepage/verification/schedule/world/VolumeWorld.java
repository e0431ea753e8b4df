package samepage.verification.schedule.world;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.inode.LayoutLease;
import samepage.inode.SetIdBits;
import samepage.io.FileIo;
import samepage.io.GrantedLayout;
import samepage.io.ReadAhead;
import samepage.pagecache.Window;
import samepage.remap.Remap;
import samepage.remap.RemapOptions;
import samepage.remap.RemapOutcome;
import samepage.remap.RemapRequest;
import samepage.verification.schedule.Operation;
import samepage.verification.schedule.Outcome;
import samepage.verification.schedule.World;
import samepage.volume.FileType;
import samepage.volume.InodeRecord;
import samepage.volume.MemoryMetadataStore;
import samepage.volume.Timestamp;
import samepage.volume.Transaction;
import samepage.volume.Volume;

/** A volume in memory, with files that have no names. */
public final class VolumeWorld implements World {

    /** So little that a few dirty blocks are too many, and reading {@link #HOG_BLOCKS} evicts the rest. */
    private static final long CACHE_BYTES = 32 * BLOCK_BYTES;

    private static final int HOG_BLOCKS = 40;

    /** Long enough for a holder that is let run. */
    private static final Duration DEADLINE = Duration.ofDays(1);

    private final List<@Nullable Inode> files = new ArrayList<>();
    private final ThreadLocal<List<Inode>> inUse = ThreadLocal.withInitial(ArrayList::new);
    private final List<PowerCut> powerCuts = new ArrayList<>();
    private final PowerCutDevice device;
    private final MemoryMetadataStore store = new MemoryMetadataStore();
    private final Volume volume;
    private final FileIo io;
    private final Remap remap;
    private final Inode hog;
    private final List<int[]> initial = new ArrayList<>();
    private final ThreadLocal<List<OpenWindow>> windows = ThreadLocal.withInitial(ArrayList::new);
    private final ThreadLocal<List<HeldLease>> leases = ThreadLocal.withInitial(ArrayList::new);
    private boolean contentChanged;
    private boolean storedThroughMaps;

    /** What a thread's memory map has of a file now. */
    private record OpenWindow(Inode inode, Window window) {}

    /** What a power cut has left. */
    private record PowerCut(PowerCutDevice device, MemoryMetadataStore store) {}

    public VolumeWorld(long deviceBlocks) throws IOException {
        device = new PowerCutDevice(BLOCK_BYTES, deviceBlocks);
        volume = Volume.createOn(device, store);
        io = new FileIo(volume, CACHE_BYTES, arena -> arena);
        remap = new Remap(volume);
        hog = newFile();
        io.setSize(hog, (long) HOG_BLOCKS * BLOCK_BYTES, record -> record);
    }

    @Override
    public void setUp(List<String> contents) throws IOException {
        inUse.set(new ArrayList<>());
        for (int i = 0; i < contents.size(); i++) {
            files.add(newFile());
        }
        contentChanged = contents.stream().anyMatch(content -> content.startsWith("*")); // nothing of it is durable
        writeParts(contents, false);
        writeParts(contents, true);
        initial.addAll(readAll(false));
        for (int i = 0; i < contents.size(); i++) {
            if (contents.get(i).startsWith("~")) {
                file(i).pages().dropClean(0, Long.MAX_VALUE);
            }
        }
        giveBack(inUse.get());
    }

    private void giveBack(List<Inode> used) throws IOException {
        for (Inode inode : used) {
            io.inodes().release(inode);
        }
    }

    /** Writes the parts of all files by turns and makes each durable, so that they lie apart on the device. */
    private void writeParts(List<String> contents, boolean dirty) throws IOException {
        long[] offsets = new long[contents.size()];
        boolean left = true;
        for (int part = 0; left; part++) {
            left = false;
            for (int i = 0; i < contents.size(); i++) {
                List<String> parts =
                        Pattern.compile("\\|").splitAsStream(contents.get(i)).toList();
                if (contents.get(i).startsWith("*") == dirty && part < parts.size()) {
                    offsets[i] = write(file(i), parts.get(part), offsets[i]);
                    left = true;
                }
            }
            if (!dirty) {
                io.sync();
            }
        }
    }

    /** Writes one part; gives its end. */
    private long write(Inode file, String content, long start) throws IOException {
        long offset = start;
        for (int i = 0; i < content.length(); i++) {
            if (content.charAt(i) == '.') {
                offset += BLOCK_BYTES;
            } else if (Character.isLetter(content.charAt(i))) {
                int end = i;
                while (end < content.length() && Character.isLetter(content.charAt(end))) {
                    end++;
                }
                MemorySegment run = blocks(content.substring(i, end));
                io.write(file, offset, run, SetIdBits.KEEP);
                offset += run.byteSize();
                i = end - 1;
            }
        }
        io.setSize(file, offset, record -> record);
        return offset;
    }

    /** A block of each letter, half a block of a capital one. */
    private static MemorySegment blocks(String letters) {
        byte[] content = new byte[letters.length() * BLOCK_BYTES];
        int at = 0;
        for (int i = 0; i < letters.length(); i++) {
            char letter = letters.charAt(i);
            int end = at + (Character.isUpperCase(letter) ? CELL_BYTES : BLOCK_BYTES);
            Arrays.fill(content, at, end, (byte) Character.toLowerCase(letter));
            at = end;
        }
        return MemorySegment.ofArray(content).asSlice(0, at);
    }

    private Inode newFile() throws IOException {
        Timestamp now = new Timestamp(1, 2);
        try (Transaction transaction = volume.begin()) {
            long ino = transaction.newInode();
            int mode = FileType.REGULAR.modeBits() | 0644;
            Inode inode = io.inodes().created(new InodeRecord(ino, mode, 0, 0, 1, 0, 0, 0, 0, 0, now, now, now, now));
            inode.put(transaction);
            transaction.complete();
            return inode;
        }
    }

    @Override
    public Outcome perform(Operation operation) throws IOException {
        List<Inode> used = new ArrayList<>();
        inUse.set(used);
        try {
            return performUnrefused(operation);
        } catch (VfsException e) {
            return switch (e.errno()) {
                case EINVAL, ENOSPC, ESTALE, EFBIG, EFAULT, EBUSY, EAGAIN, EBADF ->
                    Outcome.refused(e.errno().name());
                default -> throw e;
            };
        } finally {
            giveBack(used);
        }
    }

    private Outcome performUnrefused(Operation operation) throws IOException {
        return switch (operation) {
            case Operation.Read r -> Outcome.read(read(file(r.file()), r.cell(), r.cells(), new ReadAhead()));
            case Operation.DirectRead r -> {
                byte[] content = new byte[r.blocks() * BLOCK_BYTES];
                int bytes = io.readDirect(file(r.file()), offset(r.block()), MemorySegment.ofArray(content));
                yield Outcome.read(cells(content, bytes));
            }
            case Operation.Lease l -> lease(l);
            case Operation.LeaseRead r -> {
                byte[] content = new byte[BLOCK_BYTES];
                leased(r.file(), r.block(), false).layout().read(r.block(), MemorySegment.ofArray(content));
                yield Outcome.read(cells(content, BLOCK_BYTES));
            }
            case Operation.LeaseReturn() -> {
                threadEnds();
                yield Outcome.done(0);
            }
            case Operation.MapLoad m -> Outcome.read(load(m));
            case Operation.WriteBack w -> {
                io.writeBack(file(w.file()));
                yield Outcome.done(0);
            }
            case Operation.Fsync f -> {
                io.fsync(file(f.file()), false);
                yield Outcome.done(0);
            }
            case Operation.Commit() -> {
                volume.commit();
                yield Outcome.done(0);
            }
            case Operation.DropClean d -> {
                file(d.file()).pages().dropClean(0, Long.MAX_VALUE);
                yield Outcome.done(0);
            }
            case Operation.Pressure() -> {
                read(hog, 0, 2 * HOG_BLOCKS, new ReadAhead());
                yield Outcome.done(0);
            }
            case Operation.Rename r -> {
                rename(file(r.one()), file(r.other()));
                yield Outcome.done(0);
            }
            case Operation.PowerCut() -> {
                MemoryMetadataStore records = store.copy(); // nobody comes between this and the next
                powerCuts.add(new PowerCut(device.afterPowerCut(), records));
                yield Outcome.done(0);
            }
            case Operation.Dedupe d -> dedupe(d);
            default -> {
                contentChanged = true;
                yield change(operation);
            }
        };
    }

    private Outcome change(Operation operation) throws IOException {
        switch (operation) {
            case Operation.Write w -> {
                MemorySegment source = filled(w.cells() * CELL_BYTES, w.value());
                int bytes = io.write(file(w.file()), (long) w.cell() * CELL_BYTES, source, SetIdBits.KEEP)
                        .bytes();
                return Outcome.done(bytes / CELL_BYTES);
            }
            case Operation.DirectWrite w -> {
                MemorySegment source = filled(w.blocks() * BLOCK_BYTES, w.value());
                if (w.async()) {
                    return submitted(io.writeDirectAsync(file(w.file()), offset(w.block()), source, SetIdBits.KEEP));
                }
                io.writeDirect(file(w.file()), offset(w.block()), source, SetIdBits.KEEP);
            }
            case Operation.MapStore m -> store(m);
            case Operation.LeaseWrite w -> {
                HeldLease lease = leased(w.file(), w.block(), true);
                lease.layout().write(w.block(), filled(BLOCK_BYTES, w.value()));
                return submitted(lease.returned);
            }
            case Operation.Punch p ->
                io.punchHole(
                        file(p.file()), (long) p.cell() * CELL_BYTES, (long) p.cells() * CELL_BYTES, SetIdBits.KEEP);
            case Operation.Truncate t -> io.setSize(file(t.file()), (long) t.cells() * CELL_BYTES, record -> record);
            case Operation.Collapse c ->
                io.collapseRange(file(c.file()), offset(c.block()), offset(c.blocks()), SetIdBits.KEEP);
            case Operation.Insert i ->
                io.insertRange(file(i.file()), offset(i.block()), offset(i.blocks()), SetIdBits.KEEP);
            case Operation.Allocate a ->
                io.allocate(file(a.file()), offset(a.block()), offset(a.blocks()), true, SetIdBits.KEEP);
            case Operation.Clone c -> {
                var request = new RemapRequest(
                        file(c.source()), offset(c.from()), file(c.target()), offset(c.to()), offset(c.blocks()));
                return Outcome.done((int) (remap.clone(request, SetIdBits.KEEP) / CELL_BYTES));
            }
            case Operation.Unlink u -> unlink(u.file(), file(u.file()));
            default -> throw new IllegalStateException(operation.toString());
        }
        return Outcome.done(0);
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // once rewritten the two types are one
    private static Outcome submitted(CompletableFuture<Integer> pending) {
        return Outcome.submitted((samepage.verification.schedule.ControlledFuture) (Object) pending);
    }

    private Outcome lease(Operation.Lease l) throws IOException {
        Inode inode = file(l.file());
        var access = l.toWrite() ? LayoutLease.Access.WRITE : LayoutLease.Access.READ;
        var lease = new HeldLease(l.file(), l.block(), l.block() + l.blocks(), l.toWrite());
        lease.layout = io.lease(inode, l.block(), l.block() + l.blocks(), access, DEADLINE, lease::giveBack);
        lease.granted.complete(1);
        leases.get().add(lease);
        return Outcome.done(0);
    }

    /** The thread's lease on the block. One to write has blocks of its own until it is returned: nothing of the file's to read. */
    private HeldLease leased(int file, int block, boolean toWrite) throws VfsException {
        for (HeldLease lease : leases.get().reversed()) {
            if (lease.file == file && lease.toWrite == toWrite && block >= lease.from && block < lease.to) {
                return lease;
            }
        }
        throw new VfsException(Errno.ESTALE).with("file", file).with("block", block);
    }

    @Override
    public void threadEnds() {
        leases.get().forEach(HeldLease::giveBack);
    }

    @Override
    public List<int[]> initial() {
        return initial;
    }

    /** A lease and its holder: who gives it back, on any thread. */
    private static final class HeldLease {
        final int file;
        final int from;
        final int to;
        final boolean toWrite;
        final CompletableFuture<Integer> granted = new CompletableFuture<>();
        final CompletableFuture<Integer> returned = new CompletableFuture<>();
        final AtomicBoolean returning = new AtomicBoolean();

        @Nullable GrantedLayout layout;

        HeldLease(int file, int from, int to, boolean toWrite) {
            this.toWrite = toWrite;
            this.file = file;
            this.from = from;
            this.to = to;
        }

        GrantedLayout layout() {
            return java.util.Objects.requireNonNull(layout);
        }

        void giveBack() {
            try {
                granted.get();
                if (returning.getAndSet(true)) {
                    returned.get(); // somebody else is giving it back
                    return;
                }
                layout().giveBack();
                returned.complete(BLOCK_BYTES);
            } catch (IOException e) {
                returned.complete(-1); // fenced: what was written is lost
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** As a program does whose store faults: again, until it has gone through. */
    private void store(Operation.MapStore m) throws IOException {
        storedThroughMaps = true;
        Inode inode = file(m.file());
        while (true) {
            Window window = window(inode, m.cell() / 2, true);
            try {
                window.segment()
                        .asSlice((m.cell() % 2) * (long) CELL_BYTES, CELL_BYTES)
                        .copyFrom(filled(CELL_BYTES, m.value()));
                return;
            } catch (IllegalStateException e) {
                throwUnlessTaken(window, e);
            }
        }
    }

    private int[] load(Operation.MapLoad m) throws IOException {
        Inode inode = file(m.file());
        byte[] content = new byte[CELL_BYTES];
        while (true) {
            Window window = window(inode, m.cell() / 2, false);
            try {
                MemorySegment.ofArray(content)
                        .copyFrom(window.segment().asSlice((m.cell() % 2) * (long) CELL_BYTES, CELL_BYTES));
                return cells(content, CELL_BYTES);
            } catch (IllegalStateException e) {
                throwUnlessTaken(window, e);
            }
        }
    }

    private Window window(Inode inode, long block, boolean writable) throws IOException {
        List<OpenWindow> open = windows.get();
        open.removeIf(candidate -> !candidate.window.isOpen());
        for (OpenWindow candidate : open) {
            if (candidate.inode == inode
                    && candidate.window.from() == block
                    && (candidate.window.isWritable() || !writable)) {
                return candidate.window;
            }
        }
        var opened = new OpenWindow(inode, io.fault(inode, block, block, block + 1, writable));
        open.add(opened);
        return opened.window;
    }

    private static void throwUnlessTaken(Window window, IllegalStateException e) {
        if (window.isOpen()) {
            throw e;
        }
    }

    private Outcome dedupe(Operation.Dedupe d) throws IOException {
        var protocol = d.optimistic() ? RemapOptions.Protocol.OPTIMISTIC : RemapOptions.Protocol.LOCKED;
        Inode source = file(d.source());
        Inode target = file(d.target());
        var request = new RemapRequest(source, offset(d.from()), target, offset(d.to()), (long) d.cells() * CELL_BYTES);
        return switch (remap.dedupe(request, new RemapOptions(protocol, 1))) {
            case RemapOutcome.Same same -> {
                if (same.dedupedBytes() == 0) {
                    throw new IllegalStateException("same, and nothing done: who goes on from there never ends");
                }
                yield Outcome.deduped((int) (same.dedupedBytes() / CELL_BYTES), same.newlySharedBytes() > 0);
            }
            case RemapOutcome.Differs _ -> Outcome.deduped(-1, false);
        };
    }

    /** The locks of a rename of two files over each other. */
    private void rename(Inode one, Inode other) throws IOException {
        Inode first = one.ino() < other.ino() ? one : other;
        Inode second = first == one ? other : one;
        try (var _ = first.inodeLock().lockExclusive();
                var _ = second.inodeLock().lockExclusive();
                Transaction transaction = volume.begin()) {
            Timestamp now = new Timestamp(3, 4);
            first.update(transaction, record -> record.modifiedAt(now));
            second.update(transaction, record -> record.modifiedAt(now));
            transaction.complete();
        }
    }

    private void unlink(int file, Inode inode) throws IOException {
        try (var _ = inode.inodeLock().lockExclusive();
                Transaction transaction = volume.begin()) {
            transaction.putOrphan(inode.ino());
            inode.update(transaction, record -> record.withLinkCount(0));
            transaction.complete();
        }
        files.set(file, null);
        io.inodes().release(inode);
    }

    /** The file, in use by this operation from now on. */
    private Inode file(int file) throws VfsException {
        Inode known = files.get(file);
        Inode inode = known == null ? null : io.inodes().getIfPresent(known.ino());
        if (inode == null) {
            throw new VfsException(Errno.ESTALE).with("file", file);
        }
        inUse.get().add(inode);
        return inode;
    }

    private static long offset(int block) {
        return (long) block * BLOCK_BYTES;
    }

    private static MemorySegment filled(int bytes, char value) {
        byte[] content = new byte[bytes];
        Arrays.fill(content, (byte) value);
        return MemorySegment.ofArray(content);
    }

    private int[] read(Inode inode, int cell, int count, ReadAhead readAhead) throws IOException {
        byte[] content = new byte[count * CELL_BYTES];
        int bytes = io.read(inode, (long) cell * CELL_BYTES, MemorySegment.ofArray(content), readAhead);
        return cells(content, bytes);
    }

    private static int[] cells(byte[] content, int bytes) {
        int[] cells = new int[bytes / CELL_BYTES];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = content[i * CELL_BYTES];
            for (int at = i * CELL_BYTES; at < (i + 1) * CELL_BYTES; at++) {
                if (content[at] != cells[i]) {
                    cells[i] = Outcome.TORN;
                    break;
                }
            }
        }
        return cells;
    }

    @Override
    public List<int[]> readAll(boolean fromDevice) throws IOException {
        var all = new ArrayList<int[]>();
        for (Inode inode : files) {
            if (inode == null) {
                all.add(new int[0]);
                continue;
            }
            if (fromDevice) {
                io.writeBack(inode);
                inode.pages().dropClean(0, Long.MAX_VALUE);
            }
            all.add(read(inode, 0, (int) (inode.sizeBytes() / CELL_BYTES), new ReadAhead()));
        }
        return all;
    }

    @Override
    public List<String> close() throws IOException {
        var problems = new ArrayList<String>();
        io.sync();
        var numbers = new ArrayList<Long>();
        for (Inode inode : files) {
            numbers.add(inode == null ? -1 : inode.ino());
            if (inode != null) {
                io.inodes().release(inode);
            }
        }
        io.inodes().release(hog);
        io.close();
        problemsOf(volume, problems);
        volume.close();
        for (PowerCut cut : powerCuts) {
            open(cut, numbers, problems);
        }
        return problems;
    }

    private void open(PowerCut cut, List<Long> numbers, List<String> problems) throws IOException {
        try (Volume reopened = Volume.openOn(cut.device, cut.store);
                var files = new FileIo(reopened, CACHE_BYTES, arena -> arena)) {
            problemsOf(reopened, problems);
            for (int i = 0; i < numbers.size(); i++) {
                Inode inode = files.inodes().get(numbers.get(i));
                long end = inode.sizeBytes();
                byte[] content = new byte[(int) inode.sizeBytes()];
                int bytes = files.read(inode, 0, MemorySegment.ofArray(content), new ReadAhead());
                if (!contentChanged && !Arrays.equals(cells(content, bytes), initial.get(i))) {
                    problems.add("after a power cut file " + i + " reads " + Outcome.read(cells(content, bytes)));
                }
                if (!storedThroughMaps && Arrays.stream(cells(content, bytes)).anyMatch(cell -> cell == Outcome.TORN)) {
                    problems.add("after a power cut file " + i + " has a part of a write: "
                            + Outcome.read(cells(content, bytes)));
                }
                byte[] past = new byte[2 * BLOCK_BYTES];
                files.setSize(inode, end + past.length, record -> record);
                files.read(inode, end, MemorySegment.ofArray(past), new ReadAhead());
                if (MemorySegment.ofArray(past).mismatch(MemorySegment.ofArray(new byte[past.length])) >= 0) {
                    problems.add("after a power cut old bytes come back past the end of file " + i + ": "
                            + Outcome.read(cells(past, past.length)));
                }
                files.inodes().release(inode);
            }
        }
    }

    private static void problemsOf(Volume volume, List<String> problems) throws IOException {
        for (String problem : volume.audit().problems()) {
            if (!problem.contains("name") && !problem.contains("link") && !problem.contains("root")) {
                problems.add(problem);
            }
        }
    }
}
