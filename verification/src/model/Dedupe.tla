------------------------------- MODULE Dedupe -------------------------------
(***************************************************************************)
(* Clone and dedupe of ranges among the files of FileSystem.tla, locked and *)
(* optimistic, as samepage.remap does them.                                 *)
(***************************************************************************)
EXTENDS FileSystem

CONSTANTS
    MaxRounds,   \* of comparing unlocked
    Beginnings   \* the contents of the slots to begin with

\* A request: whose slots, in pairs; by which protocol.
Request(from, to, how) == [from |-> from, to |-> to, how |-> how]
A == <<1, 2>>
B == <<3, 4>>
Locked_A_to_B == <<Request(A, B, "locked")>>
Optimistic_A_to_B == <<Request(A, B, "optimistic")>>
Clone_A_to_B == <<Request(A, B, "clone")>>
Crossing == <<Request(A, B, "locked"), Request(B, A, "locked")>>
Optimistic_Crossing == <<Request(A, B, "optimistic"), Request(B, A, "optimistic")>>
Optimistic_One_Block == <<Request(<<1>>, <<3>>, "optimistic")>>
While_Target_Is_Shared == <<Request(<<1>>, <<3>>, "optimistic"), Request(<<4>>, <<3>>, "locked")>>
Optimistic_And_Clone == <<Request(A, B, "optimistic"), Request(<<2>>, <<1>>, "clone")>>
Crossing_One_Block == <<Request(<<1>>, <<3>>, "locked"), Request(<<3>>, <<1>>, "locked")>>
Within_A_Both_Ways == <<Request(<<1>>, <<2>>, "optimistic"), Request(<<2>>, <<1>>, "locked")>>
Optimistic_Crossing_One_Block == <<Request(<<1>>, <<3>>, "optimistic"), Request(<<3>>, <<1>>, "optimistic")>>
Locked_One_Block == <<Request(<<1>>, <<3>>, "locked")>>
Nobody == <<>>

\* Contents to begin with, and which block each slot has.
Alike == {[values |-> <<1, 1, 1, 1>>, blocks |-> <<1, 2, 3, 4>>]}
FirstAlike == {[values |-> <<1, 1, 1, 2>>, blocks |-> <<1, 2, 3, 4>>]}
TargetAhead == {[values |-> <<1, 1, 2, 1>>, blocks |-> <<1, 2, 3, 4>>]}
Shared == {[values |-> <<1, 1, 1, 1>>, blocks |-> <<1, 2, 1, 2>>]}
PinCase == {[values |-> <<1, 1, 2, 2>>, blocks |-> <<1, 2, 3, 4>>]}
Mixed == Alike \cup TargetAhead \cup Shared

Source(d, k) == Requests[d].from[k]
Target(d, k) == Requests[d].to[k]
Pairs(d) == 1..Len(Requests[d].from)
SourceFile(d) == FileOf(Source(d, 1))
TargetFile(d) == FileOf(Target(d, 1))
First(d) == IF Has("inode order") THEN (IF SourceFile(d) < TargetFile(d) THEN SourceFile(d) ELSE TargetFile(d))
                                  ELSE SourceFile(d)
Second(d) == IF First(d) = SourceFile(d) THEN TargetFile(d) ELSE SourceFile(d)

\* Which of the ten steps a file's lock is: of source or target; within one file, of both.
Takes(d, step, f) ==
    \/ f = SourceFile(d) /\ Has(step \o " source")
    \/ f = TargetFile(d) /\ Has(step \o " target")

Nowhere == [kind |-> "none", slot |-> 0, at |-> 0]

\* k: the pair at hand; read: the content of its source; compare: the pairs to compare now; unverified: those that may have
\* changed since they were last compared; pieces: those to share; postponed: those that could not be.
NotBegun(d) == [pc |-> "start", locked |-> FALSE, k |-> 0, source |-> Nowhere, target |-> Nowhere, read |-> 0, seen |-> <<>>,
                compare |-> {}, unverified |-> {}, pieces |-> {}, postponed |-> {}, differs |-> FALSE, round |-> 1, pass |-> 1,
                recalled |-> FALSE, holdsOff |-> FALSE, verdict |-> "none",
                optimistic |-> Requests[d].how = "optimistic",
                files |-> {SourceFile(d), TargetFile(d)},
                slots |-> {Source(d, k) : k \in Pairs(d)} \cup {Target(d, k) : k \in Pairs(d)}]

Init ==
    \E beginning \in Beginnings :
       /\ extents = beginning.blocks
       /\ durable = beginning.blocks
       /\ synced = beginning.values
       /\ device = [b \in Device |-> IF \E s \in Slots : beginning.blocks[s] = b
                                         THEN beginning.values[CHOOSE s \in Slots : beginning.blocks[s] = b] ELSE 0]
       /\ content = [s \in Slots |-> {beginning.values[s]}]
       /\ held = [b \in Device |-> {}]
       /\ size = [f \in Files |-> 2]
       /\ page = [s \in Slots |-> NoPage]
       /\ inode = [f \in Files |-> Unheld]
       /\ invalidate = [f \in Files |-> Unheld]
       /\ flushing = [f \in Files |-> [slot |-> 0, value |-> 0]]
       /\ fill = [slot |-> 0, block |-> 0]
       /\ buffered = [pc |-> "idle", slot |-> 0]
       /\ direct = [pc |-> "idle", slot |-> 0, value |-> 0]
       /\ cut = [pc |-> "idle", slot |-> 0]
       /\ lease = [f \in Files |-> NoLease]
       /\ left = [buffered |-> BufferedWrites, direct |-> DirectWrites, mapped |-> MappedStores, fault |-> Faults, lease |-> Leases, leased |-> LeasedStores,
                  cut |-> Cuts, commit |-> Commits]
       /\ dedupe = [d \in Dedupes |-> NotBegun(d)]
       /\ noted = [d \in Dedupes |-> {}]

\* Most steps of a dedupe change nothing but where it stands.
Moves(d, to) == dedupe' = [dedupe EXCEPT ![d] = to]
OthersUnchanged == UNCHANGED <<size, flushing, fill, writers_, left>>
At(d, pc) == dedupe[d].pc = pc
IsClone(d) == Requests[d].how = "clone"

-----------------------------------------------------------------------------
(* Optimistic: watch and pin, compare with no lock held, take what has been noted. *)

WatchesAndPins(d) ==
    /\ At(d, "start")
    /\ Moves(d, [dedupe[d] EXCEPT !.pc = IF dedupe[d].optimistic THEN "take dirty source" ELSE "lock inode 1"])
    /\ OthersUnchanged /\ UNCHANGED <<device_, page, locks_, noted, content>>

Clean(slots) == \A s \in slots : ~Busy(s)
SourceSlots(d) == {Source(d, k) : k \in Pairs(d)}
TargetSlots(d) == {Target(d, k) : k \in Pairs(d)}

\* What was dirty before the watch may differ over blocks that are shared.
BusyPairs(slots(_)) == IF Has("look for dirty pages") THEN {k \in 1..2 : slots(k) # 0 /\ Busy(slots(k))} ELSE {}
TakesDirty(d) ==
    LET source(k) == IF k \in Pairs(d) THEN Source(d, k) ELSE 0
        target(k) == IF k \in Pairs(d) THEN Target(d, k) ELSE 0
    IN \/ /\ At(d, "take dirty source")
          /\ Moves(d, [dedupe[d] EXCEPT !.pc = "take dirty target", !.unverified = BusyPairs(source)])
       \/ /\ At(d, "take dirty target")
          /\ Moves(d, [dedupe[d] EXCEPT !.pc = "look up source", !.unverified = @ \cup BusyPairs(target)])
TakesDirtyPages(d) == TakesDirty(d) /\ OthersUnchanged /\ UNCHANGED <<device_, page, locks_, noted, content>>

\* Done by FileSystem's writeback, of what could not be shared.  When it returns a page may be dirty again, which has been
\* noted then.
WritesBack(d) ==
    /\ At(d, "write back")
    /\ \A s \in dedupe[d].slots : ~Busy(s) \/ s \in noted[d]
    /\ Moves(d, [dedupe[d] EXCEPT !.pc = "take up"])
    /\ OthersUnchanged /\ UNCHANGED <<device_, page, locks_, noted, content>>

\* What is one block already, or a hole on both sides, need not be compared unless it changes.
LooksUpExtents(d) ==
    /\ \/ /\ At(d, "look up source")
          /\ Moves(d, [dedupe[d] EXCEPT !.pc = "look up target", !.seen = [k \in Pairs(d) |-> extents[Source(d, k)]]])
       \/ /\ At(d, "look up target")
          /\ LET differing == {k \in Pairs(d) : extents[Target(d, k)] # dedupe[d].seen[k]}
                 toShare == differing \cup dedupe[d].unverified
             IN Moves(d, [dedupe[d] EXCEPT !.pc = "begin round", !.seen = <<>>, !.pieces = toShare, !.unverified = toShare])
    /\ OthersUnchanged /\ UNCHANGED <<device_, page, locks_, noted, content>>

Changed(d) == {k \in Pairs(d) : Source(d, k) \in noted[d] \/ Target(d, k) \in noted[d]}
ChangedOrMapped(d) == Changed(d) \cup {k \in Pairs(d) : page[Source(d, k)].window \/ page[Target(d, k)].window}

\* Takes the windows of both ranges away, and what has been noted.  The pairs that may have changed are the answer.
TakesWritabilityAndNotes(d) ==
    /\ \A s \in Windows(dedupe[d].slots) : page[s].lock = 0
    /\ IF Has("writability")
           THEN /\ page' = WithoutWindows(dedupe[d].slots)
                /\ noted' = [e \in Dedupes |-> IF e = d THEN {} ELSE
                                IF Unlocked(e) THEN noted[e] \cup (Windows(dedupe[d].slots) \cap dedupe[e].slots) ELSE noted[e]]
           ELSE UNCHANGED page /\ noted' = [noted EXCEPT ![d] = {}]
TakenNotes(d) == IF Has("writability") THEN ChangedOrMapped(d) ELSE Changed(d)

BeginsRound(d) ==
    /\ At(d, "begin round")
    /\ TakesWritabilityAndNotes(d)
    /\ LET compare == dedupe[d].unverified \cup TakenNotes(d)
       IN Moves(d, [dedupe[d] EXCEPT !.pc = "find source", !.k = 1, !.unverified = {},
                       !.compare = IF Has("compare of what changed") THEN compare ELSE compare \cap dedupe[d].pieces])
    /\ OthersUnchanged /\ UNCHANGED <<device_, locks_, content>>

\* The page in memory, pinned, or the block that the extents name now.
Place(s) == IF Present(s) THEN [kind |-> "page", slot |-> s, at |-> 0]
                          ELSE [kind |-> "device", slot |-> s, at |-> extents[s]]

\* Memory that belongs to somebody else by now may hold anything.
ReadsAs(place, v) ==
    CASE place.kind = "page" -> v = page[place.slot].value
      [] place.kind = "device" -> v = Content(place.at)
      [] place.kind = "orphan" -> v = place.at - 100
      [] place.kind = "foreign" -> v \in 0..2

\* Unlocked before the verdict; locked; unlocked again, of what could not be shared at once.
AfterPairs(d) == IF dedupe[d].locked THEN "share" ELSE IF dedupe[d].verdict = "same" THEN "pieces" ELSE "take notes"

SkipsPair(d) ==
    /\ At(d, "find source")
    /\ \/ dedupe[d].k > Len(Requests[d].from) /\ Moves(d, [dedupe[d] EXCEPT !.pc = AfterPairs(d), !.k = 0])
       \/ dedupe[d].k \in Pairs(d) \ dedupe[d].compare /\ Moves(d, [dedupe[d] EXCEPT !.k = @ + 1])
    /\ OthersUnchanged /\ UNCHANGED <<device_, page, locks_, noted, content>>

FindsSource(d) ==
    /\ At(d, "find source") /\ dedupe[d].k \in dedupe[d].compare
    /\ Moves(d, [dedupe[d] EXCEPT !.pc = IF dedupe[d].locked THEN "find target" ELSE "read source",
                                  !.source = Place(Source(d, dedupe[d].k))])
    /\ OthersUnchanged /\ UNCHANGED <<device_, page, locks_, noted, content>>

ReadsSource(d) ==
    /\ At(d, "read source")
    /\ \E v \in 0..2 :
          /\ ReadsAs(dedupe[d].source, v)
          /\ Moves(d, [dedupe[d] EXCEPT !.pc = "find target", !.source = Nowhere, !.read = v])
    /\ OthersUnchanged /\ UNCHANGED <<device_, page, locks_, noted, content>>

FindsTarget(d) ==
    /\ At(d, "find target")
    /\ Moves(d, [dedupe[d] EXCEPT !.pc = IF dedupe[d].locked THEN "lock page 1" ELSE "read target",
                                  !.target = Place(Target(d, dedupe[d].k))])
    /\ OthersUnchanged /\ UNCHANGED <<device_, page, locks_, noted, content>>

\* Before the verdict one difference ends the round; after it, what differs has been changed since and is not shared.
ComparesUnlocked(d) ==
    /\ At(d, "read target")
    /\ \E v \in 0..2 :
          /\ ReadsAs(dedupe[d].target, v)
          /\ LET same == v = dedupe[d].read
                 goesOn == same \/ dedupe[d].verdict = "same"
             IN Moves(d, [dedupe[d] EXCEPT !.pc = IF goesOn THEN "find source" ELSE "take notes",
                                           !.k = IF goesOn THEN @ + 1 ELSE @, !.differs = ~same /\ ~goesOn,
                                           !.postponed = IF same THEN @ ELSE @ \ {dedupe[d].k},
                                           !.target = Nowhere, !.read = 0])
    /\ OthersUnchanged /\ UNCHANGED <<device_, page, locks_, noted, content>>

\* Its pin goes, and with it blocks that nobody else needs.
Unpins(d, map, committed, contents) ==
    LET before == Mapped(extents) \cup Mapped(durable)
        after == Mapped(map) \cup Mapped(committed)
        holds == [b \in Device |-> (IF b \in before \ after THEN held[b] \cup Pins ELSE held[b]) \ {d}]
    IN /\ extents' = map /\ durable' = committed /\ held' = holds
       /\ device' = [b \in Device |-> IF b \in Mapped(map) \cup DurablyMapped(committed) \cup LeasedBlocks \/ holds[b] # {}
                                          THEN contents[b] ELSE 0]

Ended(d, verdict) == [NotBegun(d) EXCEPT !.pc = "done", !.verdict = verdict]

TakesNotesUnlocked(d) ==
    LET now == dedupe[d]
        unverified == Changed(d) \cup (IF now.differs THEN now.compare ELSE {})
        next == [now EXCEPT !.unverified = unverified, !.compare = {}, !.differs = FALSE, !.k = 0]
    IN /\ At(d, "take notes")
       /\ noted' = [noted EXCEPT ![d] = {}]
       /\ IF now.differs /\ now.k \notin Changed(d)
              THEN Moves(d, Ended(d, "differs")) /\ Unpins(d, extents, durable, device)
              ELSE /\ \/ /\ now.round < MaxRounds \/ ~Has("bounded rounds")
                         /\ unverified # {}
                         /\ Moves(d, [next EXCEPT !.pc = "begin round", !.round = IF Has("bounded rounds") THEN @ + 1 ELSE @])
                      \/ /\ Has("bounded rounds") \/ unverified = {}
                         /\ Moves(d, [next EXCEPT !.pc = "lock inode 1"])
                   /\ UNCHANGED <<extents, durable, device, held>>
       /\ OthersUnchanged /\ UNCHANGED <<synced, page, locks_, content>>

-----------------------------------------------------------------------------
(* Locked: both inodes, both invalidate locks, in inode order; then look for layouts. *)

LocksOne(d, pc, step, f, lock, next) ==
    /\ At(d, pc)
    /\ IF Takes(d, step, f) THEN IsFree(lock[f]) ELSE TRUE
    /\ Moves(d, [dedupe[d] EXCEPT !.pc = next])

LocksInode(d, pc, f, next) ==
    /\ LocksOne(d, pc, "inode lock", f, inode, next)
    /\ inode' = IF Takes(d, "inode lock", f) THEN [inode EXCEPT ![f].exclusive = d] ELSE inode
    /\ OthersUnchanged /\ UNCHANGED <<device_, page, invalidate, noted, content>>

LocksInvalidate(d, pc, f, next) ==
    /\ LocksOne(d, pc, "invalidate lock", f, invalidate, next)
    /\ invalidate' = IF Takes(d, "invalidate lock", f) THEN [invalidate EXCEPT ![f].exclusive = d] ELSE invalidate
    /\ OthersUnchanged /\ UNCHANGED <<device_, page, inode, noted, content>>

OneFile(d) == First(d) = Second(d)

LocksFirstInode(d) == LocksInode(d, "lock inode 1", First(d), IF OneFile(d) THEN "lock invalidate 1" ELSE "lock inode 2")
LocksSecondInode(d) == LocksInode(d, "lock inode 2", Second(d), "lock invalidate 1")
LocksFirstInvalidate(d) ==
    LocksInvalidate(d, "lock invalidate 1", First(d), IF OneFile(d) THEN "look for layouts" ELSE "lock invalidate 2")
LocksSecondInvalidate(d) == LocksInvalidate(d, "lock invalidate 2", Second(d), "look for layouts")

GivenBack(locks, d) == [f \in Files |-> IF locks[f].exclusive = d THEN [locks[f] EXCEPT !.exclusive = 0] ELSE locks[f]]

InTheWay(d) == \E f \in dedupe[d].files : Leased(f) /\ Takes(d, "layouts", f)

\* Where there is one, the locks are given back, and none is granted anew until they have been taken again.
LooksForLayouts(d) ==
    /\ At(d, "look for layouts")
    /\ IF InTheWay(d) /\ ~dedupe[d].recalled
           THEN /\ Moves(d, [dedupe[d] EXCEPT !.pc = "recall", !.holdsOff = Has("hold off"), !.recalled = TRUE])
                /\ IF Has("unlocked recall") THEN inode' = GivenBack(inode, d) /\ invalidate' = GivenBack(invalidate, d)
                                             ELSE UNCHANGED locks_
           ELSE /\ Moves(d, [dedupe[d] EXCEPT !.pc = "drain", !.holdsOff = FALSE, !.recalled = FALSE])
                /\ UNCHANGED locks_
    /\ OthersUnchanged /\ UNCHANGED <<device_, page, noted, content>>

\* Their holders return them: FileSystem's LeaseReturned.
RecallsLayouts(d) ==
    /\ At(d, "recall") /\ ~InTheWay(d)
    /\ Moves(d, [dedupe[d] EXCEPT !.pc = IF Has("unlocked recall") THEN "lock inode 1" ELSE "look for layouts"])
    /\ OthersUnchanged /\ UNCHANGED <<device_, page, locks_, noted, content>>

Drained(d) == \A f \in dedupe[d].files : Takes(d, "drain", f) => ~DirectUnderWay(f)
RangeIsThere(d) == \A s \in dedupe[d].slots : InFile(s)

Releases(d) == inode' = GivenBack(inode, d) /\ invalidate' = GivenBack(invalidate, d)

DrainsAndChecksRange(d) ==
    /\ At(d, "drain") /\ Drained(d)
    /\ IF RangeIsThere(d)
           THEN Moves(d, [dedupe[d] EXCEPT !.pc = IF dedupe[d].optimistic THEN "take writability" ELSE "clean source"])
                /\ UNCHANGED <<locks_, device_, noted>>
           ELSE /\ Moves(d, Ended(d, "refused")) /\ Releases(d)
                /\ Unpins(d, extents, durable, device) /\ noted' = [noted EXCEPT ![d] = {}] /\ UNCHANGED synced
    /\ OthersUnchanged /\ UNCHANGED <<page, content>>

\* Writing back is done by FileSystem's writeback, at whose end the dedupe goes on; nobody makes a page dirty meanwhile.
CleansSource(d) ==
    /\ At(d, "clean source") /\ (Has("clean source") => Clean(SourceSlots(d)))
    /\ Moves(d, [dedupe[d] EXCEPT !.pc = IF IsClone(d) THEN "drop" ELSE "clean target"])
    /\ OthersUnchanged /\ UNCHANGED <<device_, page, locks_, noted, content>>

\* With the target clean too, the extents say what is shared already, and need not be compared.
CleansTarget(d) ==
    /\ At(d, "clean target") /\ (Has("clean target") => Clean(TargetSlots(d)))
    /\ LET differing == {k \in Pairs(d) : extents[Source(d, k)] # extents[Target(d, k)]}
       IN Moves(d, [dedupe[d] EXCEPT !.pc = "find source", !.k = 1, !.locked = TRUE, !.compare = differing, !.pieces = differing])
    /\ OthersUnchanged /\ UNCHANGED <<device_, page, locks_, noted, content>>

\* The optimistic way under the locks: nothing changes any more, and what has changed is known.  That is compared, which gives
\* the verdict.
TakesWritabilityLocked(d) ==
    LET unverified == dedupe[d].unverified \cup (IF Has("watch") THEN TakenNotes(d) ELSE {})
    IN /\ At(d, "take writability")
       /\ TakesWritabilityAndNotes(d)
       /\ Moves(d, [dedupe[d] EXCEPT !.pc = "find source", !.k = 1, !.locked = TRUE, !.compare = unverified, !.unverified = {}])
       /\ OthersUnchanged /\ UNCHANGED <<device_, locks_, content>>

-----------------------------------------------------------------------------
(* Compare a pair of pages under their locks, in order, looked at again after locking. *)

PagesOf(d) == {p \in {dedupe[d].source, dedupe[d].target} : p.kind \in {"page", "orphan", "foreign"}}
PageSlots(d) == {p.slot : p \in PagesOf(d)}
FirstPage(d) == IF Has("page order") THEN CHOOSE s \in PageSlots(d) : \A t \in PageSlots(d) : s <= t
                                     ELSE IF Source(d, dedupe[d].k) \in PageSlots(d) THEN Source(d, dedupe[d].k)
                                     ELSE Target(d, dedupe[d].k)

LocksFirstPage(d) ==
    /\ At(d, "lock page 1")
    /\ IF PageSlots(d) = {}
           THEN UNCHANGED page /\ Moves(d, [dedupe[d] EXCEPT !.pc = "compare"])
           ELSE LET s == FirstPage(d)
                IN /\ page[s].lock = 0
                   /\ page' = [page EXCEPT ![s].lock = d]
                   /\ Moves(d, [dedupe[d] EXCEPT !.pc = IF PageSlots(d) = {s} THEN "compare" ELSE "lock page 2"])
    /\ OthersUnchanged /\ UNCHANGED <<device_, locks_, noted, content>>

LocksSecondPage(d) ==
    /\ At(d, "lock page 2")
    /\ LET s == CHOOSE t \in PageSlots(d) : t # FirstPage(d)
       IN page[s].lock = 0 /\ page' = [page EXCEPT ![s].lock = d]
    /\ Moves(d, [dedupe[d] EXCEPT !.pc = "compare"])
    /\ OthersUnchanged /\ UNCHANGED <<device_, locks_, noted, content>>

PagesUnlocked(d) == [s \in Slots |-> IF page[s].lock = d THEN [page[s] EXCEPT !.lock = 0] ELSE page[s]]

IsStillThere(place) == place.kind \in {"page", "device"}

ComparesLocked(d) ==
    LET now == dedupe[d]
    IN /\ At(d, "compare")
       /\ page' = PagesUnlocked(d)
       /\ IF Has("recheck") /\ ~(IsStillThere(now.source) /\ IsStillThere(now.target))
              THEN /\ Moves(d, [now EXCEPT !.pc = "find source", !.source = Nowhere, !.target = Nowhere])
                   /\ UNCHANGED <<locks_, device_, noted>>
              ELSE \E v \in 0..2, w \in 0..2 :
                     /\ ReadsAs(now.source, v) /\ ReadsAs(now.target, w)
                     /\ IF v = w
                            THEN /\ Moves(d, [now EXCEPT !.pc = "find source", !.k = @ + 1,
                                                         !.source = Nowhere, !.target = Nowhere])
                                 /\ UNCHANGED <<locks_, device_, noted>>
                            ELSE /\ Moves(d, Ended(d, "differs")) /\ Releases(d)
                                 /\ Unpins(d, extents, durable, device) /\ noted' = [noted EXCEPT ![d] = {}]
                                 /\ UNCHANGED synced
       /\ OthersUnchanged /\ UNCHANGED content

-----------------------------------------------------------------------------
(* Share, in one transaction, and release. *)

SharedMap(d, pairs) ==
    [s \in Slots |-> IF \E k \in pairs : Target(d, k) = s THEN extents[Source(d, CHOOSE k \in pairs : Target(d, k) = s)]
                                                        ELSE extents[s]]

BothWritebackFree(d) == \A f \in dedupe[d].files : WritebackFree(f)

SharesAllAndReleases(d) ==
    /\ At(d, "share") /\ ~dedupe[d].optimistic /\ BothWritebackFree(d)
    /\ LET map == SharedMap(d, dedupe[d].pieces) IN Unpins(d, map, Committed(map), device)
    /\ Moves(d, Ended(d, "same")) /\ Releases(d)
    /\ OthersUnchanged /\ UNCHANGED <<synced, page, noted, content>>

\* The optimistic way knows that the ranges are the same, gives the locks back, and shares while writers go on.
KnowsAndReleases(d) ==
    /\ At(d, "share") /\ dedupe[d].optimistic
    /\ IF dedupe[d].pieces = {}
           THEN /\ Moves(d, Ended(d, "same")) /\ Unpins(d, extents, durable, device)
                /\ noted' = [noted EXCEPT ![d] = {}] /\ UNCHANGED synced
           ELSE /\ Moves(d, [dedupe[d] EXCEPT !.pc = "lock extents", !.locked = FALSE, !.verdict = "same", !.compare = {}, !.k = 0])
                /\ UNCHANGED <<device_, noted>>
    /\ Releases(d)
    /\ OthersUnchanged /\ UNCHANGED <<page, content>>

\* With both writeback locks, and no other.  A lease that stands on a range is recalled first, which the model leaves out: what
\* follows is true of more than the code does.
LocksExtentsAndTakesNotes(d) ==
    /\ At(d, "lock extents")
    /\ Has("writeback locks") => BothWritebackFree(d)
    /\ IF RangeIsThere(d)
           THEN /\ Moves(d, [dedupe[d] EXCEPT !.pc = "choose", !.unverified = @ \cup (IF Has("watch") THEN Changed(d) ELSE {})])
                /\ noted' = [noted EXCEPT ![d] = {}] /\ UNCHANGED device_
           ELSE /\ Moves(d, Ended(d, "same")) /\ Unpins(d, extents, durable, device)
                /\ noted' = [noted EXCEPT ![d] = {}] /\ UNCHANGED synced
    /\ OthersUnchanged /\ UNCHANGED <<page, locks_, content>>

\* What has not changed since it was compared and is clean on both sides.  Whoever stores into it from here on has a page
\* that is written back once the extents have been changed.
Sharable(d, k) ==
    /\ k \notin dedupe[d].unverified
    /\ Has("clean source") => ~Busy(Source(d, k))
    /\ Has("clean target") => ~Busy(Target(d, k))

\* All at once, or one pair at a time.
ChoosesPieces(d) ==
    /\ At(d, "choose")
    /\ \E tried \in {dedupe[d].pieces} \cup {{k} : k \in dedupe[d].pieces} :
          LET shared == {k \in tried : Sharable(d, k)}
          IN Moves(d, [dedupe[d] EXCEPT !.pc = "map pieces", !.compare = shared, !.pieces = @ \ tried,
                                        !.postponed = @ \cup (tried \ shared)])
    /\ OthersUnchanged /\ UNCHANGED <<device_, page, locks_, noted, content>>

MapsPiecesAndUnlocks(d) ==
    /\ At(d, "map pieces")
    /\ LET now == dedupe[d]
           map == SharedMap(d, now.compare)
           next == [now EXCEPT !.compare = {}]
       IN IF now.pieces = {} /\ (now.postponed = {} \/ now.pass = 2)
              THEN /\ Unpins(d, map, Committed(map), device)
                   /\ Moves(d, Ended(d, "same"))
                   /\ noted' = [noted EXCEPT ![d] = {}]
                   /\ UNCHANGED synced
              ELSE /\ Remap(map, Committed(map), device)
                   /\ Moves(d, IF now.pieces # {} THEN [next EXCEPT !.pc = "lock extents"]
                                                  ELSE [next EXCEPT !.pc = "write back", !.pass = 2])
                   /\ UNCHANGED <<synced, noted>>
    /\ OthersUnchanged /\ UNCHANGED <<page, locks_, content>>

\* What could not be shared has been written back: it is compared again where it has changed.
TakesUpPostponed(d) ==
    /\ At(d, "take up")
    /\ TakesWritabilityAndNotes(d)
    /\ LET unverified == dedupe[d].unverified \cup TakenNotes(d)
       IN Moves(d, [dedupe[d] EXCEPT !.pc = "find source", !.k = 1, !.compare = dedupe[d].postponed \cap unverified,
                                     !.unverified = unverified \ dedupe[d].postponed])
    /\ OthersUnchanged /\ UNCHANGED <<device_, locks_, content>>

PostponedBecomePieces(d) ==
    /\ At(d, "pieces")
    /\ IF dedupe[d].postponed = {}
           THEN /\ Moves(d, Ended(d, "same")) /\ Unpins(d, extents, durable, device)
                /\ noted' = [noted EXCEPT ![d] = {}] /\ UNCHANGED synced
           ELSE /\ Moves(d, [dedupe[d] EXCEPT !.pc = "lock extents", !.pieces = dedupe[d].postponed, !.postponed = {}, !.compare = {}])
                /\ UNCHANGED <<device_, noted>>
    /\ OthersUnchanged /\ UNCHANGED <<page, locks_, content>>

CloneDropsPages(d) ==
    /\ At(d, "drop") /\ BothWritebackFree(d)
    /\ \A s \in TargetSlots(d) : page[s].lock = 0
    /\ page' = [s \in Slots |-> IF s \in TargetSlots(d) THEN NoPage ELSE page[s]]
    /\ dedupe' = [e \in Dedupes |->
                     LET orphaned == [dedupe[e] EXCEPT
                             !.source = IF @.slot \in TargetSlots(d) THEN Orphan(@, @.slot) ELSE @,
                             !.target = IF @.slot \in TargetSlots(d) THEN Orphan(@, @.slot) ELSE @]
                     IN IF e = d THEN [orphaned EXCEPT !.pc = "map"] ELSE orphaned]
    /\ OthersUnchanged /\ UNCHANGED <<device_, locks_, noted, content>>

CloneMapsAndNotes(d) ==
    /\ At(d, "map")
    /\ LET map == SharedMap(d, Pairs(d)) IN Remap(map, Committed(map), device)
    /\ content' = [s \in Slots |-> IF \E k \in Pairs(d) : Target(d, k) = s
                                       THEN content[Source(d, CHOOSE k \in Pairs(d) : Target(d, k) = s)] ELSE content[s]]
    /\ Note(TargetSlots(d))
    /\ Moves(d, Ended(d, "cloned")) /\ Releases(d)
    /\ OthersUnchanged /\ UNCHANGED <<synced, page>>

-----------------------------------------------------------------------------

DedupeProceeds(d) ==
    \/ WatchesAndPins(d) \/ TakesDirtyPages(d) \/ WritesBack(d) \/ LooksUpExtents(d) \/ BeginsRound(d) \/ TakesNotesUnlocked(d)
    \/ SkipsPair(d) \/ FindsSource(d) \/ ReadsSource(d) \/ FindsTarget(d) \/ ComparesUnlocked(d)
    \/ LocksFirstInode(d) \/ LocksSecondInode(d) \/ LocksFirstInvalidate(d) \/ LocksSecondInvalidate(d)
    \/ LooksForLayouts(d) \/ RecallsLayouts(d)
    \/ DrainsAndChecksRange(d) \/ CleansSource(d) \/ CleansTarget(d) \/ TakesWritabilityLocked(d)
    \/ LocksFirstPage(d) \/ LocksSecondPage(d) \/ ComparesLocked(d)
    \/ SharesAllAndReleases(d) \/ KnowsAndReleases(d)
    \/ LocksExtentsAndTakesNotes(d) \/ ChoosesPieces(d) \/ MapsPiecesAndUnlocks(d) \/ TakesUpPostponed(d) \/ PostponedBecomePieces(d)
    \/ CloneDropsPages(d) \/ CloneMapsAndNotes(d)

\* All is done: not a deadlock.
AllDone ==
    /\ \A d \in Dedupes : At(d, "done")
    /\ buffered.pc = "idle" /\ direct.pc = "idle" /\ cut.pc = "idle"
    /\ UNCHANGED vars

Next == (\E d \in Dedupes : DedupeProceeds(d)) \/ Others \/ AllDone

\* Whoever waits for a lock gets it in the end; whoever has begun goes on; a lease that is asked back is returned.
Fair ==
    /\ \A d \in Dedupes : SF_vars(DedupeProceeds(d))
    /\ \A f \in Files : SF_vars(WritebackProceeds(f))
    /\ SF_vars(\E s \in Slots : BufferedWriterProceeds(s) \/ DirectWriterProceeds(s) \/ CutProceeds(s))
    /\ WF_vars(\E s \in Slots : FillReadsBlock(s))
    /\ SF_vars(\E f \in Files : (\E d \in Dedupes : At(d, "recall") /\ f \in dedupe[d].files) /\ LeaseReturned(f))

Safety == Init /\ [][Next]_vars
Liveness == Safety /\ Fair

-----------------------------------------------------------------------------
(* What dedupe promises. *)

\* A dedupe that says SAME has found the ranges equal, and they are at the moment when it knows, under the locks.
SameMeansEqual ==
    \A d \in Dedupes : At(d, "share") /\ dedupe[d].verdict = "none" => \A k \in Pairs(d) : content[Source(d, k)] \cap content[Target(d, k)] # {}

EveryDedupeEnds == \A d \in Dedupes : <>At(d, "done")
=============================================================================
