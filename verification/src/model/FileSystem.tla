----------------------------- MODULE FileSystem -----------------------------
(***************************************************************************)
(* Two files of two blocks each on one volume, and everybody who reads,     *)
(* changes or moves them but clone and dedupe: those are in Dedupe.tla.     *)
(*                                                                          *)
(* An action is what the code does under one page lock, in one transaction  *)
(* or in one access to memory.  A step that `Missing` names is taken out.   *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets, Sequences

CONSTANTS
    DeviceBlocks,     \* how many blocks the device has
    Missing,          \* names of the steps taken out
    StoreValues,      \* what writers store; 0 is the content of a hole
    InUse,            \* the slots that writers and page fills turn to
    BufferedWrites,   \* how many of each kind happen at most
    DirectWrites,
    MappedStores,
    Faults,
    Leases,
    LeasedStores,
    Cuts,             \* punches and truncations
    Fills,            \* whether pages are filled and evicted: 0 or 1
    Commits,          \* how many transactions become durable; 0: each at once
    Endless,          \* TRUE: buffered writes never end
    Requests          \* the clones and dedupes, see Dedupe.tla

\* File 1 has slots 1 and 2, file 2 has slots 3 and 4.  The inode order is 1, 2.
Files == 1..2
Slots == 1..4
FileOf(s) == (s + 1) \div 2
IndexOf(s) == IF s % 2 = 1 THEN 1 ELSE 2
Device == 1..DeviceBlocks
Dedupes == 1..Len(Requests)

Has(step) == step \notin Missing

\* Who holds a lock or a pin: a dedupe by its number, or one of these; 0 is nobody.
Writer == 11
Cutter == 12
Filler == 13
Submitter == 14

VARIABLES
    extents,    \* slot -> block, 0 for a hole: the running transaction
    durable,    \* the same as the last commit has it
    synced,     \* slot -> content as the last commit had it
    device,     \* block -> content
    held,       \* block -> the pins that keep it from being used again
    size,       \* file -> blocks up to its end
    page,       \* slot -> state, content, writable window, holder of the page lock
    inode,      \* file -> inode lock: exclusive holder, shared holders
    invalidate, \* file -> invalidate (mmap) lock, likewise
    flushing,   \* file -> the slot under writeback and its snapshot; slot 0: nothing is
    fill,       \* the page fill under way
    buffered,   \* the buffered writer
    direct,     \* the direct write under way
    cut,        \* the punch or truncation under way
    lease,      \* file -> its write lease
    left,       \* kind -> operations left
    dedupe,     \* the clones and dedupes under way
    noted,      \* dedupe -> slots that its range watches have noted
    content     \* slot -> what a reader may be shown: the ghost, a set only while a direct write is under way

device_ == <<extents, durable, synced, device, held>>
locks_ == <<inode, invalidate>>
writers_ == <<buffered, direct, cut, lease>>
vars == <<extents, durable, synced, device, held, size, page, inode, invalidate, flushing, fill, buffered, direct, cut,
          lease, left, dedupe, noted, content>>

-----------------------------------------------------------------------------
(* Blocks of the device: written once, counted by the extents that map them. *)

Content(b) == IF b = 0 THEN 0 ELSE device[b]
Mapped(map) == {map[s] : s \in Slots}
DurablyMapped(map) == IF Has("reuse after commit") THEN Mapped(map) ELSE {}

\* A dedupe that compares unlocked pins every block that is mapped when it begins; so does a page fill.
Unlocked(d) == dedupe[d].optimistic /\ dedupe[d].pc \notin {"start", "done"}
\* Under writes without end the device would be full, which is not what is looked at then.
Pins == {d \in Dedupes : Unlocked(d) /\ Has("block pin") /\ ~Endless}
            \cup (IF fill.slot # 0 /\ Has("fill pin") THEN {Filler} ELSE {})

LeasedBlocks == {lease[f].block : f \in Files}
Free == {b \in Device : b \notin Mapped(extents) \cup DurablyMapped(durable) \cup LeasedBlocks /\ held[b] = {}}

\* Blocks that somebody has looked up and not read or written yet: the allocator may take those, or another.  Which other
\* makes no difference; taking one that is named after the slot keeps states few.
Remembered == {fill.block} \cup {dedupe[d].source.at : d \in Dedupes} \cup {dedupe[d].target.at : d \in Dedupes}
Allocatable(s) ==
    LET usual == {b \in Free : b % 4 = s % 4}
        any == IF usual = {} THEN Free ELSE usual
    IN (Free \cap Remembered) \cup {b \in any : \A c \in any : b <= c}

\* Extents become `map`.  A block that loses its last reference is held by the pins of now, then free, and discarded.
Remap(map, committed, contents) ==
    LET before == Mapped(extents) \cup Mapped(durable)
        after == Mapped(map) \cup Mapped(committed)
        holds == [b \in Device |-> IF b \in before \ after THEN held[b] \cup Pins ELSE held[b]]
    IN /\ extents' = map
       /\ durable' = committed
       /\ held' = holds
       /\ device' = [b \in Device |-> IF b \in Mapped(map) \cup DurablyMapped(committed) \cup LeasedBlocks \/ holds[b] # {}
                                          THEN contents[b] ELSE 0]

\* Without commits of their own, transactions are durable at once: the soonest that a freed block can be used again.
Committed(map) == IF Commits = 0 THEN map ELSE durable

MapTo(s, b, contents) == Remap([extents EXCEPT ![s] = b], Committed([extents EXCEPT ![s] = b]), contents)

WriteFresh(s, v) == \E b \in Allocatable(s) : MapTo(s, b, [device EXCEPT ![b] = v])

-----------------------------------------------------------------------------
(* Locks and notes. *)

Unheld == [exclusive |-> 0, shared |-> {}]
IsFree(lock) == lock.exclusive = 0 /\ lock.shared = {}

Note(slots) == noted' = [d \in Dedupes |-> IF Unlocked(d) THEN noted[d] \cup (slots \cap dedupe[d].slots) ELSE noted[d]]

InFile(s) == IndexOf(s) <= size[FileOf(s)]
Busy(s) == page[s].state \in {"dirty", "writeback", "dirty writeback"}
Present(s) == page[s].state # "none"
NoPage == [state |-> "none", value |-> 0, window |-> FALSE, lock |-> 0]
Leased(f) == lease[f].state # "none"
Refers(place, s) == place.kind = "page" /\ place.slot = s
Pinned(s) == \E d \in Dedupes : Refers(dedupe[d].source, s) \/ Refers(dedupe[d].target, s)

\* Whoever still refers to a page that leaves its file has an orphan; without a pin, memory that is somebody else's.
Orphan(place, s) ==
    IF Refers(place, s) THEN [place EXCEPT !.kind = IF Has("page pin") THEN "orphan" ELSE "foreign", !.at = 100 + page[s].value]
                        ELSE place
OrphanPlaces(s) == dedupe' = [d \in Dedupes |-> [dedupe[d] EXCEPT !.source = Orphan(@, s), !.target = Orphan(@, s)]]

\* A dedupe that shares holds both files' writeback locks from the look at the pages until the extents are changed; so does a
\* clone from dropping the pages.
Shares(d) == dedupe[d].pc \in {"choose", "map pieces"} /\ Has("writeback locks")
\* Writeback, and whoever else changes a file's extents, do so with its writeback lock, until the change is noted.
WritebackFree(f) ==
    /\ flushing[f].slot = 0
    /\ ~(cut.pc = "dropped" /\ FileOf(cut.slot) = f)
    /\ ~(direct.pc = "recorded" /\ FileOf(direct.slot) = f /\ Has("note with the extents"))
    /\ \A d \in Dedupes : f \in dedupe[d].files => ~Shares(d) /\ dedupe[d].pc # "map"

Did(kind) == left' = [left EXCEPT ![kind] = @ - 1]

-----------------------------------------------------------------------------
(* Buffered writes: inode lock exclusive, the change and its note under the page lock. *)

BufferedWriteLocksInode(s) ==
    /\ left.buffered > 0 /\ buffered.pc = "idle"
    /\ IsFree(inode[FileOf(s)]) /\ ~Leased(FileOf(s)) /\ InFile(s)
    /\ inode' = [inode EXCEPT ![FileOf(s)].exclusive = Writer]
    /\ buffered' = [pc |-> "locked", slot |-> s]
    /\ UNCHANGED <<device_, size, page, invalidate, flushing, fill, direct, cut, lease, left, dedupe, noted, content>>

BufferedWriteStores(s, v) ==
    /\ buffered.pc = "locked" /\ s = buffered.slot
    /\ page[s].lock = 0
    /\ page' = [page EXCEPT ![s].state = IF @ \in {"writeback", "dirty writeback"} THEN "dirty writeback" ELSE "dirty",
                            ![s].value = v, ![s].lock = Writer]
    /\ content' = [content EXCEPT ![s] = {v}]
    /\ buffered' = [buffered EXCEPT !.pc = "stored"]
    /\ IF Endless THEN UNCHANGED left ELSE Did("buffered")
    /\ UNCHANGED <<device_, size, locks_, flushing, fill, direct, cut, lease, dedupe, noted>>

BufferedWriteNotesAndUnlocks(s) ==
    /\ buffered.pc = "stored" /\ s = buffered.slot
    /\ Note({s})
    /\ page' = [page EXCEPT ![s].lock = 0]
    /\ inode' = [inode EXCEPT ![FileOf(s)].exclusive = 0]
    /\ buffered' = [pc |-> "idle", slot |-> 0]
    /\ UNCHANGED <<device_, size, invalidate, flushing, fill, direct, cut, lease, left, dedupe, content>>

-----------------------------------------------------------------------------
(* Direct writes: submitted with the inode lock shared, completing after it has been given back. *)

DirectWriteLocksInode(s) ==
    /\ left.direct > 0 /\ direct.pc = "idle"
    /\ inode[FileOf(s)].exclusive = 0 /\ ~Leased(FileOf(s)) /\ InFile(s)
    /\ inode' = [inode EXCEPT ![FileOf(s)].shared = @ \cup {Submitter}]
    /\ direct' = [pc |-> "submitting", slot |-> s, value |-> 0]
    /\ Did("direct")
    /\ UNCHANGED <<device_, size, page, invalidate, flushing, fill, buffered, cut, lease, dedupe, noted, content>>

DirectWriteSubmits(s, v) ==
    /\ direct.pc = "submitting" /\ s = direct.slot
    /\ ~Busy(s)
    /\ inode' = [inode EXCEPT ![FileOf(s)].shared = @ \ {Submitter}]
    /\ direct' = [direct EXCEPT !.pc = "under way", !.value = v]
    /\ IF Has("note after the change") THEN UNCHANGED noted ELSE Note({s})
    /\ UNCHANGED <<device_, size, page, invalidate, flushing, fill, buffered, cut, lease, left, dedupe, content>>

\* Until the old page has been dropped, a reader may be shown either.
DirectWriteRecordsExtents(s) ==
    /\ direct.pc = "under way" /\ s = direct.slot
    /\ WritebackFree(FileOf(s))
    /\ WriteFresh(s, direct.value)
    /\ content' = [content EXCEPT ![s] = IF page[s].state = "dirty" THEN @ ELSE @ \cup {direct.value}]
    /\ direct' = [direct EXCEPT !.pc = "recorded"]
    /\ UNCHANGED <<synced, size, page, locks_, flushing, fill, buffered, cut, lease, left, dedupe, noted>>

DirectWriteDropsPageAndCompletes(s) ==
    /\ direct.pc = "recorded" /\ s = direct.slot
    /\ page[s].lock = 0
    /\ IF Busy(s)
           THEN UNCHANGED <<page, dedupe>>
           ELSE /\ page' = [page EXCEPT ![s] = NoPage]
                /\ OrphanPlaces(s)
    /\ content' = [content EXCEPT ![s] = IF direct.value \in @ THEN {direct.value} ELSE @]
    /\ IF Has("note after the change") THEN Note({s}) ELSE UNCHANGED noted
    /\ direct' = [pc |-> "idle", slot |-> 0, value |-> 0]
    /\ UNCHANGED <<device_, size, locks_, flushing, fill, buffered, cut, lease, left>>

\* Counted by the file's DrainableCount.
DirectUnderWay(f) == direct.pc # "idle" /\ FileOf(direct.slot) = f

-----------------------------------------------------------------------------
(* Memory maps.  A writable window's block is dirty for as long as it is open; a store through it asks nobody. *)

PageFaultOpensWindow(s) ==
    /\ left.fault > 0
    /\ invalidate[FileOf(s)].exclusive = 0 /\ ~Leased(FileOf(s)) /\ InFile(s)
    /\ Present(s) /\ page[s].lock = 0 /\ ~page[s].window
    /\ page' = [page EXCEPT ![s].state = IF @ \in {"writeback", "dirty writeback"} THEN "dirty writeback" ELSE "dirty",
                            ![s].window = TRUE]
    /\ content' = [content EXCEPT ![s] = {page[s].value}]
    /\ Did("fault")
    /\ UNCHANGED <<device_, size, locks_, flushing, fill, writers_, dedupe, noted>>

StoreThroughWindow(s, v) ==
    /\ left.mapped > 0 /\ page[s].window
    /\ page' = [page EXCEPT ![s].value = v]
    /\ content' = [content EXCEPT ![s] = {v}]
    /\ Did("mapped")
    /\ UNCHANGED <<device_, size, locks_, flushing, fill, writers_, dedupe, noted>>

\* A dedupe takes the windows of its ranges away, and has what may have come through them noted.
Windows(slots) == {s \in slots : page[s].window}
WithoutWindows(slots) == [s \in Slots |-> IF s \in slots THEN [page[s] EXCEPT !.window = FALSE] ELSE page[s]]

UnmapClosesWindow(s) ==
    /\ page[s].window /\ page[s].lock = 0
    /\ page' = [page EXCEPT ![s].window = FALSE]
    /\ Note({s})
    /\ UNCHANGED <<device_, size, locks_, flushing, fill, writers_, left, dedupe, content>>

-----------------------------------------------------------------------------
(* Layout leases.  A write lease is on a fresh block, which becomes the file's when the lease is returned.  Whoever *)
(* reads or changes the block in between recalls it first, so what the holder has written counts as the file's.      *)

HeldOff(f) == \E d \in Dedupes : dedupe[d].holdsOff /\ f \in dedupe[d].files

NoLease == [state |-> "none", slot |-> 0, block |-> 0]

LeaseGranted(s) ==
    LET f == FileOf(s)
    IN /\ left.lease > 0 /\ ~Leased(f) /\ ~HeldOff(f) /\ InFile(s)
       /\ IsFree(inode[f]) /\ IsFree(invalidate[f])
       /\ WritebackFree(f) /\ page[s].lock = 0 /\ ~Busy(s) /\ ~DirectUnderWay(f)
       /\ \E b \in Allocatable(s) : lease' = [lease EXCEPT ![f] = [state |-> "granted", slot |-> s, block |-> b]]
       /\ page' = [page EXCEPT ![s] = NoPage]
       /\ OrphanPlaces(s)
       /\ Did("lease")
       /\ UNCHANGED <<device_, size, locks_, flushing, fill, buffered, direct, cut, noted, content>>

LeaseHolderStores(f, v) ==
    /\ left.leased > 0 /\ Leased(f)
    /\ device' = [device EXCEPT ![lease[f].block] = v]
    /\ lease' = [lease EXCEPT ![f].state = "written"]
    /\ content' = [content EXCEPT ![lease[f].slot] = {v}]
    /\ Did("leased")
    /\ UNCHANGED <<extents, durable, synced, held, size, page, locks_, flushing, fill, buffered, direct, cut, dedupe, noted>>

\* Under both locks of the file, which the holder waits for.
LeaseReturned(f) ==
    /\ Leased(f)
    /\ IsFree(inode[f]) /\ IsFree(invalidate[f]) /\ WritebackFree(f)
    /\ IF lease[f].state = "written" THEN MapTo(lease[f].slot, lease[f].block, device) /\ UNCHANGED synced
                                     ELSE UNCHANGED device_
    /\ Note({lease[f].slot})
    /\ lease' = [lease EXCEPT ![f] = NoLease]
    /\ UNCHANGED <<size, page, locks_, flushing, fill, buffered, direct, cut, left, dedupe, content>>

-----------------------------------------------------------------------------
(* Writeback, in the background or asked for: a snapshot, then a fresh block and the extent, with the writeback lock. *)

WritebackSnapshots(s) ==
    LET f == FileOf(s)
    IN /\ WritebackFree(f)
       /\ page[s].state = "dirty" /\ page[s].lock = 0
       /\ page' = [page EXCEPT ![s].state = "writeback", ![s].window = IF Has("revocation") THEN FALSE ELSE @]
       /\ IF page[s].window /\ Has("revocation") /\ Has("note of windows") THEN Note({s}) ELSE UNCHANGED noted
       /\ flushing' = [flushing EXCEPT ![f] = [slot |-> s, value |-> page[s].value]]
       /\ UNCHANGED <<device_, size, locks_, fill, writers_, left, dedupe, content>>

\* The copy is made without the page lock: what is dirty again after it is copied once more, under the lock, and stays dirty.
WritebackCopiesAgain(s) ==
    LET f == FileOf(s)
    IN /\ flushing[f].slot = s /\ page[s].state = "dirty writeback" /\ page[s].lock = 0
       /\ flushing[f].value # page[s].value
       /\ flushing' = [flushing EXCEPT ![f].value = page[s].value]
       /\ UNCHANGED <<device_, page, noted, size, locks_, fill, writers_, left, dedupe, content>>

WritebackRecordsExtents(f) ==
    LET s == flushing[f].slot
    IN /\ s # 0 /\ page[s].lock = 0
       /\ WriteFresh(s, flushing[f].value)
       /\ page' = [page EXCEPT ![s].state = IF @ = "writeback" THEN "clean" ELSE "dirty"]
       /\ flushing' = [flushing EXCEPT ![f] = [slot |-> 0, value |-> 0]]
       /\ UNCHANGED <<synced, size, locks_, fill, writers_, left, dedupe, noted, content>>

-----------------------------------------------------------------------------
(* Pages come and go. *)

FillLooksUpExtent(s) ==
    /\ Fills = 1 /\ fill.slot = 0
    /\ invalidate[FileOf(s)].exclusive = 0 /\ ~Leased(FileOf(s)) /\ InFile(s)
    /\ page[s].state = "none" /\ page[s].lock = 0
    /\ fill' = [slot |-> s, block |-> extents[s]]
    /\ page' = [page EXCEPT ![s].lock = Filler]
    /\ invalidate' = [invalidate EXCEPT ![FileOf(s)].shared = @ \cup {Filler}]
    /\ UNCHANGED <<device_, size, inode, flushing, writers_, left, dedupe, noted, content>>

FillReadsBlock(s) ==
    /\ fill.slot = s
    /\ page' = [page EXCEPT ![s] = [state |-> "clean", value |-> Content(fill.block), window |-> FALSE, lock |-> 0]]
    /\ invalidate' = [invalidate EXCEPT ![FileOf(s)].shared = @ \ {Filler}]
    /\ fill' = [slot |-> 0, block |-> 0]
    /\ held' = [b \in Device |-> held[b] \ {Filler}]
    /\ device' = [b \in Device |-> IF held[b] = {Filler} /\ b \notin Mapped(extents) \cup DurablyMapped(durable) \cup LeasedBlocks
                                       THEN 0 ELSE device[b]]
    /\ UNCHANGED <<extents, durable, synced, size, inode, flushing, writers_, left, dedupe, noted, content>>

Eviction(s) ==
    /\ Fills = 1
    /\ page[s].state = "clean" /\ page[s].lock = 0 /\ ~page[s].window
    /\ Has("page pin") => ~Pinned(s)
    /\ page' = [page EXCEPT ![s] = NoPage]
    /\ OrphanPlaces(s)
    /\ UNCHANGED <<device_, size, locks_, flushing, fill, writers_, left, noted, content>>

-----------------------------------------------------------------------------
(* Punch and truncation: both locks exclusive, direct I/O drained; pages go before extents, the note comes last. *)

CutLocksInode(s) ==
    /\ left.cut > 0 /\ cut.pc = "idle"
    /\ IsFree(inode[FileOf(s)]) /\ ~Leased(FileOf(s)) /\ InFile(s)
    /\ inode' = [inode EXCEPT ![FileOf(s)].exclusive = Cutter]
    /\ cut' = [pc |-> "locked", slot |-> s]
    /\ Did("cut")
    /\ UNCHANGED <<device_, size, page, invalidate, flushing, fill, buffered, direct, lease, dedupe, noted, content>>

CutLocksInvalidate(s) ==
    /\ cut.pc = "locked" /\ s = cut.slot
    /\ ~DirectUnderWay(FileOf(s)) /\ IsFree(invalidate[FileOf(s)])
    /\ invalidate' = [invalidate EXCEPT ![FileOf(s)].exclusive = Cutter]
    /\ cut' = [cut EXCEPT !.pc = "both locked"]
    /\ UNCHANGED <<device_, size, page, inode, flushing, fill, buffered, direct, lease, left, dedupe, noted, content>>

CutDropsPage(s) ==
    /\ cut.pc = "both locked" /\ s = cut.slot
    /\ WritebackFree(FileOf(s)) /\ page[s].lock = 0
    /\ page' = [page EXCEPT ![s] = NoPage]
    /\ OrphanPlaces(s)
    /\ cut' = [cut EXCEPT !.pc = "dropped"]
    /\ UNCHANGED <<device_, size, locks_, flushing, fill, buffered, direct, lease, left, noted, content>>

\* Block 1 is punched; of block 2 the file may be cut off instead.
CutUnmapsAndNotes(s, truncates) ==
    /\ cut.pc = "dropped" /\ s = cut.slot
    /\ truncates => IndexOf(s) = 2
    /\ MapTo(s, 0, device)
    /\ content' = [content EXCEPT ![s] = {0}]
    /\ size' = [size EXCEPT ![FileOf(s)] = IF truncates THEN 1 ELSE @]
    /\ Note({s})
    /\ inode' = [inode EXCEPT ![FileOf(s)].exclusive = 0]
    /\ invalidate' = [invalidate EXCEPT ![FileOf(s)].exclusive = 0]
    /\ cut' = [pc |-> "idle", slot |-> 0]
    /\ UNCHANGED <<synced, page, flushing, fill, buffered, direct, lease, left, dedupe>>

Extension(f) ==
    /\ size[f] = 1 /\ IsFree(inode[f]) /\ IsFree(invalidate[f]) /\ ~Leased(f)
    /\ size' = [size EXCEPT ![f] = 2]
    /\ UNCHANGED <<device_, page, locks_, flushing, fill, writers_, left, dedupe, noted, content>>

-----------------------------------------------------------------------------
(* What a crash would leave. *)

Commit ==
    /\ left.commit > 0
    /\ Remap(extents, extents, device)
    /\ synced' = [s \in Slots |-> Content(extents[s])]
    /\ Did("commit")
    /\ UNCHANGED <<size, page, locks_, flushing, fill, writers_, dedupe, noted, content>>

-----------------------------------------------------------------------------

BufferedWriterProceeds(s) ==
    \/ \E v \in StoreValues : BufferedWriteStores(s, v)
    \/ BufferedWriteNotesAndUnlocks(s)

DirectWriterProceeds(s) ==
    \/ \E v \in StoreValues : DirectWriteSubmits(s, v)
    \/ DirectWriteRecordsExtents(s)
    \/ DirectWriteDropsPageAndCompletes(s)

CutProceeds(s) ==
    \/ CutLocksInvalidate(s)
    \/ CutDropsPage(s)
    \/ \E truncates \in BOOLEAN : CutUnmapsAndNotes(s, truncates)

WritebackProceeds(f) ==
    \/ WritebackRecordsExtents(f)
    \/ \E s \in {t \in Slots : FileOf(t) = f} : WritebackSnapshots(s) \/ WritebackCopiesAgain(s)

Others ==
    \/ \E s \in InUse :
          \/ BufferedWriteLocksInode(s) \/ BufferedWriterProceeds(s)
          \/ DirectWriteLocksInode(s) \/ DirectWriterProceeds(s)
          \/ PageFaultOpensWindow(s) \/ UnmapClosesWindow(s)
          \/ \E v \in StoreValues : StoreThroughWindow(s, v)
          \/ LeaseGranted(s)
          \/ FillLooksUpExtent(s) \/ FillReadsBlock(s) \/ Eviction(s)
          \/ CutLocksInode(s) \/ CutProceeds(s)
    \/ \E f \in Files :
          \/ WritebackProceeds(f)
          \/ LeaseReturned(f)
          \/ \E v \in StoreValues : LeaseHolderStores(f, v)
          \/ Extension(f)
    \/ Commit

-----------------------------------------------------------------------------
(* What must hold whatever happens. *)

\* While a cut or clone has dropped a page and not changed the extents yet, readers wait for its invalidate lock; while a
\* lease holder has written, they recall the lease.
Unreadable(s) ==
    \/ cut.pc = "dropped" /\ cut.slot = s
    \/ \E d \in Dedupes : dedupe[d].pc = "map" /\ s \in dedupe[d].slots
    \/ \E f \in Files : lease[f].state = "written" /\ lease[f].slot = s

\* No file ever shows a byte that was not written to it, nor an older one.
ReadersSeeTheFile == \A s \in Slots : Present(s) /\ InFile(s) => page[s].value \in content[s]

\* Every store survives: what is not waiting in a page is on the device, where a page that is evicted is read again.
StoresSurvive == \A s \in Slots : ~Busy(s) /\ ~Unreadable(s) => Content(extents[s]) \in content[s]

\* After a crash the files are as the last commit had them.
CrashLeavesTheCommit == Commits > 0 => \A s \in Slots : Content(durable[s]) = synced[s]

\* A block that pins keep from being used again is mapped by no file.
HeldBlocksAreNobodys == \A b \in Device : held[b] # {} => b \notin Mapped(extents)
=============================================================================
