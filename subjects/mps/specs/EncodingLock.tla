---------------------------- MODULE EncodingLock ----------------------------
(***************************************************************************)
(* The lock hierarchy of the MPS backend, with the encoding lock last.     *)
(*                                                                         *)
(* Metal's encoding paths are not safe to run in parallel on the drivers   *)
(* that the backend supports, so one global mutex serialises them.  It is  *)
(* taken in the middle of operations that already hold other mutexes.      *)
(* Four ranks, always taken upwards:                                       *)
(*                                                                         *)
(*    pool  <  allocator  <  stream  <  encoding                           *)
(*                                                                         *)
(* "pool" is the mutex of a buffer pool, "allocator" is m_mutex (module    *)
(* Allocator), "stream" a stream's mutex (module CommandBuffer).  The last *)
(* three are recursive: a method of the stream may call another one.       *)
(* Path(o) lists the locks that operation o takes, one inside the other.   *)
(*                                                                         *)
(* Whoever waits for the device lets go of the encoding lock before.  The  *)
(* backend aspires to this (GL.NoWaitUnderEncodingLock); WaitUnderLock is  *)
(* a synchronize that keeps it.  Nothing deadlocks then, but every other   *)
(* thread stands still for as long as the device computes.                 *)
(*                                                                         *)
(* Shutdown.  New operations are refused; the mutexes, which are static    *)
(* objects, are destroyed when no operation is under way.                  *)
(*                                                                         *)
(* Source: getGlobalMetalEncodingMutex, MPSEncodingLock, MPSStream::       *)
(* synchronize, commit, copy_and_sync, MPSHeapAllocatorImpl::malloc.       *)
(*                                                                         *)
(* Abstractions.  There is one stream and one pool; what is done under the *)
(* locks is left out; the device completes a thread's work at any time.    *)
(***************************************************************************)
EXTENDS Naturals, Sequences

CONSTANTS Threads, NoThread

CONSTANTS             \* defects, all FALSE in the protocol as it should be
    InvertedOrder,    \* synchronize takes the encoding lock first
    PlainStreamMutex, \* the stream's mutex is not recursive
    ReleaseAtOnce,    \* a mutex taken twice is free after the first release
    WaitUnderLock,    \* synchronize waits for the device under all its locks
    DestroyEarly      \* the mutexes die while operations are under way

Locks      == {"pool", "allocator", "stream", "encoding"}
Operations == {"malloc", "encode", "commit", "copy", "synchronize"}

Rank(l) == CASE l = "pool"      -> 1
             [] l = "allocator" -> 2
             [] l = "stream"    -> 3
             [] l = "encoding"  -> 4

Recursive(l) == \/ l \in {"allocator", "encoding"}
                \/ l = "stream" /\ ~PlainStreamMutex

Path(o) ==
    CASE o = "malloc"      -> <<"pool", "allocator">>
      [] o = "encode"      -> <<"stream", "encoding">>
      [] o = "commit"      -> <<"stream", "stream", "encoding", "encoding">>
      [] o = "copy"        -> <<"allocator", "stream", "encoding">>
      [] o = "synchronize" -> IF InvertedOrder THEN <<"encoding", "stream">>
                                               ELSE <<"stream", "encoding">>

VARIABLES
    phase,  \* "running", "stopping", "down"
    holder, \* of each lock
    op,     \* the operation of each thread
    taken,  \* how many of the locks of its path the thread holds
    pc      \* where each thread is

vars == <<phase, holder, op, taken, pc>>

Labels == {"idle", "climb", "work", "wait", "descend"}

TypeOK ==
    /\ phase \in {"running", "stopping", "down"}
    /\ holder \in [Locks -> Threads \cup {NoThread}]
    /\ op \in [Threads -> Operations \cup {"none"}]
    /\ taken \in [Threads -> 0 .. 4]
    /\ pc \in [Threads -> Labels]

Init ==
    /\ phase = "running"
    /\ holder = [l \in Locks |-> NoThread]
    /\ op = [t \in Threads |-> "none"]
    /\ taken = [t \in Threads |-> 0]
    /\ pc = [t \in Threads |-> "idle"]

-----------------------------------------------------------------------------
Goto(t, label) == pc' = [pc EXCEPT ![t] = label]
Held(t)        == {Path(op[t])[i] : i \in 1 .. taken[t]}
Top(t)         == Path(op[t])[taken[t]]      \* the lock it took last
Wanted(t)      == Path(op[t])[taken[t] + 1]  \* the lock it wants next
Again(t)       == \E i \in 1 .. taken[t] - 1 : Path(op[t])[i] = Top(t)

Begin(t, o) ==
    /\ phase = "running"
    /\ pc[t] = "idle"
    /\ op' = [op EXCEPT ![t] = o]
    /\ Goto(t, "climb")
    /\ UNCHANGED <<phase, holder, taken>>

Acquire(t) ==  \* also when it has the lock already, if the lock is recursive
    /\ pc[t] = "climb"
    /\ LET l == Wanted(t)
       IN  /\ IF holder[l] = t THEN Recursive(l) ELSE holder[l] = NoThread
           /\ holder' = [holder EXCEPT ![l] = t]
    /\ taken' = [taken EXCEPT ![t] = @ + 1]
    /\ Goto(t, IF taken[t] + 1 = Len(Path(op[t])) THEN "work" ELSE "climb")
    /\ UNCHANGED <<phase, op>>

Release(t) ==
    /\ taken' = [taken EXCEPT ![t] = @ - 1]
    /\ holder' = IF Again(t) /\ ~ReleaseAtOnce
                 THEN holder ELSE [holder EXCEPT ![Top(t)] = NoThread]

\* synchronize lets go of the encoding lock and waits; the others just end.
Work(t) ==
    /\ pc[t] = "work"
    /\ IF op[t] = "synchronize" /\ WaitUnderLock
       THEN UNCHANGED <<holder, taken>>
       ELSE Release(t)
    /\ Goto(t, IF op[t] = "synchronize" THEN "wait" ELSE "descend")
    /\ UNCHANGED <<phase, op>>

DeviceDone(t) ==
    /\ pc[t] = "wait"
    /\ Goto(t, "descend")
    /\ UNCHANGED <<phase, holder, op, taken>>

Descend(t) ==
    /\ pc[t] = "descend" /\ taken[t] > 0
    /\ Release(t)
    /\ UNCHANGED <<phase, op, pc>>

Return(t) ==
    /\ pc[t] = "descend" /\ taken[t] = 0
    /\ op' = [op EXCEPT ![t] = "none"]
    /\ Goto(t, "idle")
    /\ UNCHANGED <<phase, holder, taken>>

BeginShutdown ==
    /\ phase = "running"
    /\ phase' = "stopping"
    /\ UNCHANGED <<holder, op, taken, pc>>

DestroyLocks ==
    /\ phase = "stopping"
    /\ DestroyEarly \/ \A t \in Threads : pc[t] = "idle"
    /\ phase' = "down"
    /\ UNCHANGED <<holder, op, taken, pc>>

-----------------------------------------------------------------------------
Step(t) == Acquire(t) \/ Work(t) \/ DeviceDone(t) \/ Descend(t) \/ Return(t)

Done == phase = "down" /\ UNCHANGED vars  \* terminal: the model stutters here

Next ==
    \/ \E t \in Threads : Step(t) \/ \E o \in Operations : Begin(t, o)
    \/ BeginShutdown \/ DestroyLocks
    \/ Done

Spec == Init /\ [][Next]_vars

\* Mutexes are not fair, but nobody begins operations for ever.
Fairness == /\ \A t \in Threads : SF_vars(Step(t))
            /\ WF_vars(DestroyLocks)
LiveSpec == Spec /\ Fairness

OperationEnds == \A t \in Threads : pc[t] # "idle" ~> pc[t] = "idle"

-----------------------------------------------------------------------------
\* GL.LockOrderEncodingLast: a lock that is awaited ranks above all that are
\* held; only a lock that is held already may be taken out of order.
LockOrderEncodingLast ==
    \A t \in Threads : pc[t] = "climb" =>
        \/ Wanted(t) \in Held(t)
        \/ \A l \in Held(t) : Rank(l) < Rank(Wanted(t))

\* GL.NoReentrantDeadlock: no thread waits for a lock that it holds.
NoReentrantDeadlock ==
    \A t \in Threads : pc[t] = "climb" =>
        (holder[Wanted(t)] = t => Recursive(Wanted(t)))

\* GL.ShutdownSafe: the locks are not destroyed under anybody's hands.
ShutdownSafe ==
    phase = "down" => /\ \A l \in Locks : holder[l] = NoThread
                      /\ \A t \in Threads : pc[t] = "idle"

\* GL.NoWaitUnderEncodingLock
NoWaitUnderEncodingLock ==
    \A t \in Threads : pc[t] = "wait" => holder["encoding"] # t

\* GL.HoldersConsistent: who holds a lock is who took it.
HoldersConsistent ==
    \A t \in Threads : \A l \in Locks :
        holder[l] = t <=> op[t] # "none" /\ l \in Held(t)
=============================================================================
