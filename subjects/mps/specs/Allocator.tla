----------------------------- MODULE Allocator ------------------------------
(***************************************************************************)
(* The caching allocator of the MPS backend and its defence against ABA.   *)
(*                                                                         *)
(* A block is a device buffer with a header.  Blocks belong to pools; each *)
(* pool has a mutex and a list of free blocks.  The table of all blocks    *)
(* has one global mutex, m_mutex.  In front of the pools every thread has  *)
(* a cache of blocks that it has freed, and takes from it without a lock.  *)
(*                                                                         *)
(* Lock order.  Allocation and emptyCache hold the pool's mutex and take   *)
(* m_mutex inside it.  An operation that is given a pointer must look it   *)
(* up in the table to learn the pool, so it meets the two in the other     *)
(* order.  It therefore lets go of m_mutex before it takes the pool's, and *)
(* in between the block may be freed and handed out again.  The            *)
(* double-check pattern:                                                   *)
(*                                                                         *)
(*    LookupLock, Lookup   m_mutex: find the block, capture its use_count  *)
(*    LockPool             the pool's mutex, m_mutex having been released  *)
(*    Relock, Recheck      m_mutex again: the same block is there, its     *)
(*                         use_count is the captured one, it is in use     *)
(*    ActQuery, ActFree    the operation itself, under both locks          *)
(*                                                                         *)
(* It stands in getSharedBufferPtr, recordStream, waitForEvents,           *)
(* recordEvents and getUnalignedBufferSize (here: "query") and in free.    *)
(*                                                                         *)
(* `gen` is BufferBlock::use_count.  `incarnation` is a history variable   *)
(* that counts what really happened: the times a block was handed out.     *)
(* An operation is sound if it acts on the incarnation it looked up.       *)
(*                                                                         *)
(* Two orders matter more than they seem to.                               *)
(*  - A block taken from a thread's cache is prepared without a lock, so   *)
(*    its use_count must be incremented before in_use is set; the other    *)
(*    way round (PublishFirst) there is an instant at which the re-check   *)
(*    accepts the new incarnation for the old one.                         *)
(*  - emptyCache deletes blocks, and a new block may get the address of a  *)
(*    deleted one.  The model keeps use_count with the address, so that it *)
(*    never restarts.  A count that lives in the header and starts afresh  *)
(*    with it (RestartGeneration) cannot tell the two blocks apart.        *)
(*                                                                         *)
(* Source: MPSHeapAllocatorImpl::malloc, alloc_buffer_block, free,         *)
(* free_buffer, release_cached_buffers, getSharedBufferPtr and its kin,    *)
(* the thread-local cache and its flush at shutdown.                       *)
(*                                                                         *)
(* Abstractions.  Sizes, heaps and watermarks; a block's address is its    *)
(* name.  Memory is sequentially consistent although use_count is relaxed. *)
(* Any thread may free any block that is in use, so that racing frees of   *)
(* one pointer are among the behaviours.  Blocks that clients still hold   *)
(* at shutdown are theirs to leak.                                         *)
(***************************************************************************)
EXTENDS Integers, FiniteSets

CONSTANTS
    Threads,
    NoThread,        \* "nobody", as the owner of a mutex
    SmallBlocks,     \* the blocks of the pool "small"
    LargeBlocks,     \* the blocks of the pool "large"
    NoBlock,
    CacheCapacity,   \* blocks that a thread keeps in its cache
    MaxIncarnation   \* times a block is handed out; bounds the model

CONSTANTS            \* defects, all FALSE in the protocol as it should be
    NoIncrement,     \* allocation leaves use_count alone
    RestartGeneration, \* use_count dies with its block
    PublishFirst,    \* in_use is set before use_count is incremented
    SkipRecheck,     \* the second look at the table is missing
    NoInUseTest,     \* a free to the cache does not look at in_use
    HoldAcross,      \* m_mutex is kept while the pool's mutex is taken
    WrongPool,       \* a block is given back to the pool of another
    SkipFlush        \* a thread ends without emptying its cache

Pools  == {"small", "large"}
Blocks == SmallBlocks \cup LargeBlocks

BlocksOf(q)  == IF q = "small" THEN SmallBlocks ELSE LargeBlocks
PoolOf(b)    == IF b \in SmallBlocks THEN "small" ELSE "large"
Other(q)     == IF q = "small" THEN "large" ELSE "small"

ASSUME /\ SmallBlocks \cap LargeBlocks = {}
       /\ NoBlock \notin Blocks /\ NoThread \notin Threads
       /\ CacheCapacity \in Nat /\ MaxIncarnation \in Nat

VARIABLES
    phase,       \* of the allocator: "running", "stopping", "down"
    present,     \* the blocks in the table m_allocated_buffers
    inUse,       \* BufferBlock::in_use
    gen,         \* BufferBlock::use_count
    freeList,    \* of each pool: available_buffers
    cache,       \* of each thread
    mLock,       \* owner of m_mutex
    poolLock,    \* owner of each pool's mutex
    pc,          \* where each thread is
    op,          \* "query" or "free", while it works on a given pointer
    blk,         \* the block it works on
    want,        \* the pool it works on
    captured,    \* the use_count it has captured
    incarnation, \* history: how often each block was handed out
    looked       \* history: the incarnation it has looked up

blockVars == <<present, inUse, gen, freeList, cache, incarnation>>
lockVars  == <<mLock, poolLock>>
opVars    == <<op, blk, want, captured, looked>>
vars      == <<phase, blockVars, lockVars, opVars, pc>>

Labels == {"idle", "publish", "stopped",
           "allocPool", "allocTake", "insertLock", "insert",
           "lookup", "lockPool", "relock", "recheck", "act",
           "emptyLock", "empty", "flush"}

TypeOK ==
    /\ phase \in {"running", "stopping", "down"}
    /\ present \subseteq Blocks
    /\ inUse \in [Blocks -> BOOLEAN]
    /\ gen \in [Blocks -> 0 .. MaxIncarnation]
    /\ freeList \in [Pools -> SUBSET Blocks]
    /\ cache \in [Threads -> SUBSET Blocks]
    /\ mLock \in Threads \cup {NoThread}
    /\ poolLock \in [Pools -> Threads \cup {NoThread}]
    /\ pc \in [Threads -> Labels]
    /\ op \in [Threads -> {"none", "query", "free"}]
    /\ blk \in [Threads -> Blocks \cup {NoBlock}]
    /\ want \in [Threads -> Pools \cup {"none"}]
    /\ captured \in [Threads -> 0 .. MaxIncarnation]
    /\ incarnation \in [Blocks -> 0 .. MaxIncarnation]
    /\ looked \in [Threads -> 0 .. MaxIncarnation]

Init ==
    /\ phase = "running"
    /\ present = {}
    /\ inUse = [b \in Blocks |-> FALSE]
    /\ gen = [b \in Blocks |-> 0]
    /\ freeList = [q \in Pools |-> {}]
    /\ cache = [t \in Threads |-> {}]
    /\ mLock = NoThread
    /\ poolLock = [q \in Pools |-> NoThread]
    /\ pc = [t \in Threads |-> "idle"]
    /\ op = [t \in Threads |-> "none"]
    /\ blk = [t \in Threads |-> NoBlock]
    /\ want = [t \in Threads |-> "none"]
    /\ captured = [t \in Threads |-> 0]
    /\ incarnation = [b \in Blocks |-> 0]
    /\ looked = [t \in Threads |-> 0]

-----------------------------------------------------------------------------
Goto(t, label)  == pc' = [pc EXCEPT ![t] = label]
Fresh(b)        == incarnation[b] < MaxIncarnation
Bumped(b)       == IF NoIncrement THEN gen[b] ELSE gen[b] + 1

\* A thread returns from an operation: its registers are cleared.
Return(t) ==
    /\ Goto(t, "idle")
    /\ op' = [op EXCEPT ![t] = "none"]
    /\ blk' = [blk EXCEPT ![t] = NoBlock]
    /\ want' = [want EXCEPT ![t] = "none"]
    /\ captured' = [captured EXCEPT ![t] = 0]
    /\ looked' = [looked EXCEPT ![t] = 0]

LockM(t)       == mLock = NoThread /\ mLock' = t
UnlockM        == mLock' = NoThread
LockQ(t, q)    == /\ poolLock[q] = NoThread
                  /\ poolLock' = [poolLock EXCEPT ![q] = t]
UnlockQ(q)     == poolLock' = [poolLock EXCEPT ![q] = NoThread]

HandOut(b) ==  \* under the pool's mutex
    /\ gen' = [gen EXCEPT ![b] = Bumped(b)]
    /\ inUse' = [inUse EXCEPT ![b] = TRUE]
    /\ incarnation' = [incarnation EXCEPT ![b] = @ + 1]

(***************************************************************************)
(* malloc, first from the thread's own cache: two steps without a lock.    *)
(***************************************************************************)
CacheHit(t, b) ==
    /\ phase = "running" /\ pc[t] = "idle"
    /\ b \in cache[t] /\ Fresh(b)
    /\ cache' = [cache EXCEPT ![t] = @ \ {b}]
    /\ incarnation' = [incarnation EXCEPT ![b] = @ + 1]
    /\ IF PublishFirst
       THEN inUse' = [inUse EXCEPT ![b] = TRUE] /\ UNCHANGED gen
       ELSE gen' = [gen EXCEPT ![b] = Bumped(b)] /\ UNCHANGED inUse
    /\ blk' = [blk EXCEPT ![t] = b]
    /\ Goto(t, "publish")
    /\ UNCHANGED <<phase, present, freeList, lockVars,
                   op, want, captured, looked>>

Publish(t) ==
    /\ pc[t] = "publish"
    /\ LET b == blk[t]
       IN  IF PublishFirst
           THEN gen' = [gen EXCEPT ![b] = Bumped(b)] /\ UNCHANGED inUse
           ELSE inUse' = [inUse EXCEPT ![b] = TRUE] /\ UNCHANGED gen
    /\ Return(t)
    /\ UNCHANGED <<phase, present, freeList, cache, incarnation, lockVars>>

(***************************************************************************)
(* malloc, otherwise from the pool, or with a new block for the table.     *)
(***************************************************************************)
CacheMiss(t, q) ==
    /\ phase = "running" /\ pc[t] = "idle"
    /\ cache[t] \cap BlocksOf(q) = {}
    /\ want' = [want EXCEPT ![t] = q]
    /\ Goto(t, "allocPool")
    /\ UNCHANGED <<phase, blockVars, lockVars, op, blk, captured, looked>>

AllocLockPool(t) ==
    /\ pc[t] = "allocPool"
    /\ LockQ(t, want[t])
    /\ Goto(t, "allocTake")
    /\ UNCHANGED <<phase, blockVars, mLock, opVars>>

TakeFree(t, b) ==
    /\ pc[t] = "allocTake"
    /\ b \in freeList[want[t]] /\ Fresh(b)
    /\ freeList' = [freeList EXCEPT ![want[t]] = @ \ {b}]
    /\ HandOut(b)
    /\ UnlockQ(want[t])
    /\ Return(t)
    /\ UNCHANGED <<phase, present, cache, mLock>>

ChooseNew(t, b) ==
    /\ pc[t] = "allocTake"
    /\ freeList[want[t]] = {}
    /\ b \in BlocksOf(want[t]) \ present /\ Fresh(b)
    /\ blk' = [blk EXCEPT ![t] = b]
    /\ Goto(t, "insertLock")
    /\ UNCHANGED <<phase, blockVars, lockVars, op, want, captured, looked>>

InsertLock(t) ==
    /\ pc[t] = "insertLock"
    /\ LockM(t)
    /\ Goto(t, "insert")
    /\ UNCHANGED <<phase, blockVars, poolLock, opVars>>

Insert(t) ==
    /\ pc[t] = "insert"
    /\ present' = present \cup {blk[t]}
    /\ HandOut(blk[t])
    /\ UnlockM /\ UnlockQ(want[t])
    /\ Return(t)
    /\ UNCHANGED <<phase, freeList, cache>>

OutOfMemory(t) ==
    /\ pc[t] = "allocTake"
    /\ ~ \E b \in freeList[want[t]] : Fresh(b)
    /\ freeList[want[t]] = {} =>
           ~ \E b \in BlocksOf(want[t]) \ present : Fresh(b)
    /\ UnlockQ(want[t])
    /\ Return(t)
    /\ UNCHANGED <<phase, blockVars, mLock>>

(***************************************************************************)
(* An operation on a pointer: look up, let go, lock, look again.           *)
(***************************************************************************)
LookupLock(t, b, o) ==
    /\ phase = "running" /\ pc[t] = "idle"
    /\ b \in present
    /\ LockM(t)
    /\ blk' = [blk EXCEPT ![t] = b]
    /\ op' = [op EXCEPT ![t] = o]
    /\ Goto(t, "lookup")
    /\ UNCHANGED <<phase, blockVars, poolLock, want, captured, looked>>

Known(t) == blk[t] \in present /\ inUse[blk[t]]

LookupMiss(t) ==  \* unknown, or freed in the meantime: the call has no effect
    /\ pc[t] = "lookup"
    /\ ~Known(t)
    /\ op[t] = "free" => ~NoInUseTest
    /\ UnlockM
    /\ Return(t)
    /\ UNCHANGED <<phase, blockVars, poolLock>>

Lookup(t) ==
    /\ pc[t] = "lookup"
    /\ Known(t)
    /\ captured' = [captured EXCEPT ![t] = gen[blk[t]]]
    /\ looked' = [looked EXCEPT ![t] = incarnation[blk[t]]]
    /\ want' = [want EXCEPT ![t] = PoolOf(blk[t])]
    /\ IF HoldAcross THEN UNCHANGED mLock ELSE UnlockM
    /\ Goto(t, "lockPool")
    /\ UNCHANGED <<phase, blockVars, poolLock, op, blk>>

FreeToCache(t) ==  \* a free that ends here, still under m_mutex
    /\ pc[t] = "lookup" /\ op[t] = "free"
    /\ Known(t) \/ NoInUseTest
    /\ Cardinality(cache[t]) < CacheCapacity
    /\ inUse' = [inUse EXCEPT ![blk[t]] = FALSE]
    /\ cache' = [cache EXCEPT ![t] = @ \cup {blk[t]}]
    /\ UnlockM
    /\ Return(t)
    /\ UNCHANGED <<phase, present, gen, freeList, incarnation, poolLock>>

LockPool(t) ==
    /\ pc[t] = "lockPool"
    /\ LockQ(t, want[t])
    /\ Goto(t, IF mLock = t THEN "recheck" ELSE "relock")
    /\ UNCHANGED <<phase, blockVars, mLock, opVars>>

Relock(t) ==
    /\ pc[t] = "relock"
    /\ LockM(t)
    /\ Goto(t, "recheck")
    /\ UNCHANGED <<phase, blockVars, poolLock, opVars>>

Recheck(t) ==
    /\ pc[t] = "recheck"
    /\ \/ Known(t) /\ gen[blk[t]] = captured[t]
       \/ SkipRecheck
    /\ Goto(t, "act")
    /\ UNCHANGED <<phase, blockVars, lockVars, opVars>>

RecheckFails(t) ==  \* the block is gone or another's: the call has no effect
    /\ pc[t] = "recheck"
    /\ ~(Known(t) /\ gen[blk[t]] = captured[t]) /\ ~SkipRecheck
    /\ UnlockM /\ UnlockQ(want[t])
    /\ Return(t)
    /\ UNCHANGED <<phase, blockVars>>

ActQuery(t) ==
    /\ pc[t] = "act" /\ op[t] = "query"
    /\ UnlockM /\ UnlockQ(want[t])
    /\ Return(t)
    /\ UNCHANGED <<phase, blockVars>>

ActFree(t) ==
    /\ pc[t] = "act" /\ op[t] = "free"
    /\ LET q == IF WrongPool THEN Other(want[t]) ELSE want[t]
       IN  freeList' = [freeList EXCEPT ![q] = @ \cup {blk[t]}]
    /\ inUse' = [inUse EXCEPT ![blk[t]] = FALSE]
    /\ UnlockM /\ UnlockQ(want[t])
    /\ Return(t)
    /\ UNCHANGED <<phase, present, gen, cache, incarnation>>

(***************************************************************************)
(* emptyCache: the free blocks of a pool go back to the device.            *)
(***************************************************************************)
EmptyLockPool(t, q) ==
    /\ phase = "running" /\ pc[t] = "idle"
    /\ freeList[q] # {}
    /\ LockQ(t, q)
    /\ want' = [want EXCEPT ![t] = q]
    /\ Goto(t, "emptyLock")
    /\ UNCHANGED <<phase, blockVars, mLock, op, blk, captured, looked>>

EmptyLockM(t) ==
    /\ pc[t] = "emptyLock"
    /\ LockM(t)
    /\ Goto(t, "empty")
    /\ UNCHANGED <<phase, blockVars, poolLock, opVars>>

Empty(t) ==
    /\ pc[t] = "empty"
    /\ present' = present \ freeList[want[t]]
    /\ gen' = [b \in Blocks |-> IF RestartGeneration /\ b \in freeList[want[t]]
                                THEN 0 ELSE gen[b]]
    /\ freeList' = [freeList EXCEPT ![want[t]] = {}]
    /\ UnlockM /\ UnlockQ(want[t])
    /\ Return(t)
    /\ UNCHANGED <<phase, inUse, cache, incarnation>>

(***************************************************************************)
(* Shutdown: no thread starts anything new, each one returns the blocks of *)
(* its cache to their pools, and when all have, the pools are destroyed.   *)
(***************************************************************************)
BeginShutdown ==
    /\ phase = "running"
    /\ phase' = "stopping"
    /\ UNCHANGED <<blockVars, lockVars, opVars, pc>>

FlushLock(t, q) ==
    /\ phase = "stopping" /\ pc[t] = "idle"
    /\ ~SkipFlush
    /\ cache[t] \cap BlocksOf(q) # {}
    /\ LockQ(t, q)
    /\ want' = [want EXCEPT ![t] = q]
    /\ Goto(t, "flush")
    /\ UNCHANGED <<phase, blockVars, mLock, op, blk, captured, looked>>

Flush(t) ==
    /\ pc[t] = "flush"
    /\ LET q == want[t]
       IN  /\ freeList' =
                  [freeList EXCEPT ![q] = @ \cup (cache[t] \cap BlocksOf(q))]
           /\ cache' = [cache EXCEPT ![t] = @ \ BlocksOf(q)]
           /\ UnlockQ(q)
    /\ Return(t)
    /\ UNCHANGED <<phase, present, inUse, gen, incarnation, mLock>>

Stop(t) ==
    /\ phase = "stopping" /\ pc[t] = "idle"
    /\ cache[t] = {} \/ SkipFlush
    /\ Goto(t, "stopped")
    /\ UNCHANGED <<phase, blockVars, lockVars, opVars>>

DestroyPools ==
    /\ phase = "stopping"
    /\ \A t \in Threads : pc[t] = "stopped"
    /\ phase' = "down"
    /\ present' = present \ UNION {freeList[q] : q \in Pools}
    /\ freeList' = [q \in Pools |-> {}]
    /\ UNCHANGED <<inUse, gen, cache, incarnation, lockVars, opVars, pc>>

-----------------------------------------------------------------------------
Malloc(t)   == \/ \E b \in Blocks : CacheHit(t, b)
               \/ Publish(t)
               \/ \E q \in Pools : CacheMiss(t, q)
               \/ AllocLockPool(t)
               \/ \E b \in Blocks : TakeFree(t, b)
               \/ \E b \in Blocks : ChooseNew(t, b)
               \/ InsertLock(t) \/ Insert(t) \/ OutOfMemory(t)
Checked(t)  == \/ \E b \in Blocks, o \in {"query", "free"} : LookupLock(t, b, o)
               \/ LookupMiss(t) \/ Lookup(t) \/ FreeToCache(t)
               \/ LockPool(t) \/ Relock(t) \/ Recheck(t) \/ RecheckFails(t)
               \/ ActQuery(t) \/ ActFree(t)
EmptyCache(t) == \/ \E q \in Pools : EmptyLockPool(t, q)
                 \/ EmptyLockM(t) \/ Empty(t)
Shutdown(t) == \/ \E q \in Pools : FlushLock(t, q)
               \/ Flush(t) \/ Stop(t)

Done == phase = "down" /\ UNCHANGED vars  \* terminal: the model stutters here

Next ==
    \/ \E t \in Threads : \/ Malloc(t) \/ Checked(t)
                          \/ EmptyCache(t) \/ Shutdown(t)
    \/ BeginShutdown \/ DestroyPools
    \/ Done

Spec == Init /\ [][Next]_vars

\* A thread that is not idle goes on, and shutdown, once begun, completes.
Goes(t)  == pc[t] # "idle" /\ (Malloc(t) \/ Checked(t) \/ EmptyCache(t))
Fairness == /\ \A t \in Threads : SF_vars(Goes(t)) /\ SF_vars(Shutdown(t))
            /\ WF_vars(DestroyPools)
LiveSpec == Spec /\ Fairness

OperationEnds == \A t \in Threads :
                     pc[t] # "idle" ~> pc[t] \in {"idle", "stopped"}
ShutdownEnds  == phase = "stopping" ~> phase = "down"

-----------------------------------------------------------------------------
Cached(b) == \E t \in Threads : b \in cache[t]
Listed(b) == \E q \in Pools : b \in freeList[q]
Taken(b)  == \E t \in Threads : pc[t] = "publish" /\ blk[t] = b

\* A.NoDoubleFree: a block that is about to be freed is not free already,
\* and no block is free in two places.
NoDoubleFree ==
    /\ \A t \in Threads : pc[t] = "act" /\ op[t] = "free" =>
           ~Cached(blk[t]) /\ ~Listed(blk[t])
    /\ \A t, u \in Threads : t # u => cache[t] \cap cache[u] = {}
    /\ \A b \in Blocks : Cached(b) => ~Listed(b)

\* A.NoUseAfterFree: an operation acts on a block that exists and is in use.
NoUseAfterFree ==
    \A t \in Threads : pc[t] = "act" => blk[t] \in present /\ inUse[blk[t]]

\* A.ABADetectionSound: it acts on the incarnation that it looked up.
ABADetectionSound ==
    \A t \in Threads : pc[t] = "act" => incarnation[blk[t]] = looked[t]

\* A.LockOrderNoDeadlock: whoever waits for a pool's mutex holds no mutex,
\* and whoever waits for m_mutex does not hold it.  So every lock that is
\* awaited ranks above every lock that is held, and no cycle can form.
Awaits(t) == IF pc[t] \in {"allocPool", "lockPool"} THEN "pool"
             ELSE IF pc[t] \in {"insertLock", "relock", "emptyLock"} THEN "m"
             ELSE "none"
LockOrderNoDeadlock ==
    \A t \in Threads :
        /\ Awaits(t) = "pool" => mLock # t /\ \A q \in Pools : poolLock[q] # t
        /\ Awaits(t) = "m" => mLock # t

\* A.BufferConsistency: a block of the table is in exactly one place, a block
\* that is not in the table is nowhere, and no cache outlives the pools.
BufferConsistency ==
    /\ \A b \in Blocks :
           IF b \in present
           THEN Cardinality({p \in {"client", "cache", "list", "taken"} :
                    \/ p = "client" /\ inUse[b]
                    \/ p = "cache"  /\ Cached(b)
                    \/ p = "list"   /\ Listed(b)
                    \/ p = "taken"  /\ Taken(b)}) = 1
           ELSE ~inUse[b] /\ ~Cached(b) /\ ~Listed(b)
    /\ phase = "down" => \A t \in Threads : cache[t] = {}

\* A.PoolsDisjoint
PoolsDisjoint == \A q \in Pools : freeList[q] \subseteq BlocksOf(q)

\* A.GenerationMonotone: no step takes a use_count back.
GenerationMonotone == [][\A b \in Blocks : gen'[b] >= gen[b]]_vars
\* A.RegistersClear: between operations a thread remembers nothing.
RegistersClear ==
    \A t \in Threads : pc[t] \in {"idle", "stopped"} =>
        /\ op[t] = "none" /\ blk[t] = NoBlock /\ want[t] = "none"
        /\ captured[t] = 0 /\ looked[t] = 0

\* A.CacheBounded
CacheBounded == \A t \in Threads : Cardinality(cache[t]) <= CacheCapacity

\* A.PhasesInOrder: shutdown begins once and is never taken back.
PhasesInOrder ==
    [][phase' # phase =>
           <<phase, phase'>> \in {<<"running", "stopping">>,
                                  <<"stopping", "down">>}]_vars

\* What a thread begins in a step.
Begins(t, labels) == pc[t] = "idle" /\ pc'[t] \in labels

\* A.BeginsInPhase: operations begin while the allocator runs; a cache is
\* emptied, and a thread ends, only while it stops.
BeginsInPhase ==
    [][\A t \in Threads :
           /\ Begins(t, Labels \ {"idle", "flush", "stopped"})
                => phase = "running"
           /\ Begins(t, {"flush", "stopped"}) => phase = "stopping"]_vars

\* A.LocksWithReason: a thread goes to a pool for a block only if its cache has
\* none for it, makes a new block only if the pool has none, and takes the mutex
\* to empty only what is not empty.
LocksWithReason ==
    [][\A t \in Threads :
           /\ Begins(t, {"allocPool"}) => cache[t] \cap BlocksOf(want'[t]) = {}
           /\ pc[t] = "allocTake" /\ pc'[t] = "insertLock"
                => freeList[want[t]] = {}
           /\ Begins(t, {"emptyLock"}) => freeList[want'[t]] # {}
           /\ Begins(t, {"flush"}) => cache[t] \cap BlocksOf(want'[t]) # {}]_vars

\* A.OutOfMemoryHonest: malloc gives up only if no block of the pool is left.
OutOfMemoryHonest ==
    [][\A t \in Threads :
           pc[t] = "allocTake" /\ pc'[t] = "idle" /\ incarnation' = incarnation =>
               /\ \A b \in freeList[want[t]] : ~Fresh(b)
               /\ freeList[want[t]] = {} =>
                      \A b \in BlocksOf(want[t]) \ present : ~Fresh(b)]_vars

\* A.LookupDecides: a pointer of the table is looked up; an operation goes on
\* with a block in use and the use_count it has then, and it is without effect
\* only if the block is not in use or another's.
InUse(b) == b \in present /\ inUse[b]
LookupDecides ==
    [][\A t \in Threads :
           /\ Begins(t, {"lookup"}) => blk'[t] \in present
           /\ pc[t] = "lookup" /\ pc'[t] = "lockPool" =>
                  InUse(blk[t]) /\ captured'[t] = gen[blk[t]]
           /\ pc[t] = "lookup" /\ pc'[t] = "idle" /\ cache' = cache =>
                  ~InUse(blk[t])
           /\ pc[t] = "recheck" /\ pc'[t] = "idle" =>
                  ~(InUse(blk[t]) /\ gen[blk[t]] = captured[t])]_vars

\* A.FreeFrees: a block leaves use by a free of it, and a free that acts frees.
FreeFrees ==
    [][/\ \A b \in Blocks : inUse[b] /\ ~inUse'[b] =>
              \E t \in Threads : op[t] = "free" /\ blk[t] = b /\ pc'[t] = "idle"
       /\ \A t \in Threads : pc[t] = "act" /\ op[t] = "free" /\ pc'[t] = "idle" =>
              ~inUse'[blk[t]]]_vars
=============================================================================
