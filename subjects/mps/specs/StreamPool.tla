----------------------------- MODULE StreamPool -----------------------------
(***************************************************************************)
(* The stream pool of the MPS backend.                                     *)
(*                                                                         *)
(* A process owns NumStreams streams (32 in the product).  Stream 0 is the *)
(* default stream of the main thread.  Every other thread binds one of the *)
(* worker streams 1 .. NumStreams-1 on its first request, keeps it in      *)
(* thread-local storage, and gives it back when it exits.  The free list   *)
(* is one atomic word with a bit for each free worker stream; it is read   *)
(* with a load and changed with compare-and-swap or fetch-or, never under  *)
(* a lock.  A thread that finds the word empty sleeps on a condition       *)
(* variable until an exiting thread returns a slot (back-pressure).        *)
(*                                                                         *)
(* Source: MPSStreamPool::getCurrentStream (Check1 .. Leave), acquireSlot  *)
(* (Load, CompareAndSwap, Lock, Sleep, Wake), ~ThreadStreamSlot and        *)
(* releaseSlotIfPoolAlive (BeginExit .. Signal), ~MPSStreamPool            *)
(* (BeginDestroy .. FreePool), the pthread_atfork child handler            *)
(* (ChildAtFork).                                                          *)
(*                                                                         *)
(* Static destruction.  `alive` is the global flag g_pool_alive; `freed`   *)
(* says that the pool's memory is gone.  A thread tests the flag three     *)
(* times: before it enters the pool (Check1), inside (Check2, repeated     *)
(* each time the slow path has taken the mutex) and after the slow path    *)
(* (Check3).  No number of such tests can close the window between a test  *)
(* and the access that relies on it, so a thread also registers in         *)
(* `users` while it is inside, and the destructor drains that counter      *)
(* before it frees.  SkipDrain = TRUE is the triple check on its own, and  *)
(* it is refuted.                                                          *)
(*                                                                         *)
(* Fork.  The model follows the child; the parent's future is that of a    *)
(* behaviour in which nobody forks.  Only the forking thread survives, and *)
(* its thread-local binding is copied with it until the handler runs.      *)
(*                                                                         *)
(* Abstractions.  The bit mask is the set of its bits.  Memory is          *)
(* sequentially consistent.  The weak compare-and-swap does not fail       *)
(* spuriously, and nobody wakes up spuriously or by time-out: those steps  *)
(* only repeat a loop, and a model that has them hides lost wake-ups.      *)
(* What a thread does with its stream, it does in control state "use".     *)
(***************************************************************************)
EXTENDS Integers, FiniteSets

CONSTANTS
    Threads,     \* every thread of the process, the main thread among them
    MainThread,  \* the one that owns stream 0 and destroys the pool
    NoThread,    \* "nobody", as the owner of the mutex
    NumStreams   \* stream 0 and the worker streams 1 .. NumStreams-1

CONSTANTS              \* defects, all FALSE in the protocol as it should be
    DefaultInMask,     \* the free list starts with bit 0 set as well
    PlainStore,        \* a slot is claimed by a store instead of a CAS
    DoubleRelease,     \* the exit handler leaves its binding behind
    LeakOnExit,        \* the exit handler drops its slot
    NotifyOutsideMutex,\* the releaser notifies without passing the mutex
    SkipThirdCheck,    \* no test of the flag after the slow path
    SkipDrain,         \* the destructor does not wait for registered users
    KeepTLSAcrossFork  \* the child handler forgets the binding

ASSUME /\ MainThread \in Threads
       /\ NoThread \notin Threads
       /\ NumStreams \in Nat /\ NumStreams > 1
       /\ {DefaultInMask, PlainStore, DoubleRelease, LeakOnExit,
           NotifyOutsideMutex, SkipThirdCheck, SkipDrain,
           KeepTLSAcrossFork} \subseteq BOOLEAN

Default     == 0
WorkerSlots == 1 .. (NumStreams - 1)
AllSlots    == 0 .. (NumStreams - 1)
Unbound     == -1

VARIABLES
    alive,   \* the global flag g_pool_alive
    freed,   \* the memory of the pool and of its streams is gone
    users,   \* threads registered inside the pool
    mask,    \* the free list: the set of slots whose bit is set
    cvLock,  \* owner of the mutex of the condition variable
    forked,  \* this process is the child of a fork
    pc,      \* where each thread is
    tls,     \* each thread's binding, in thread-local storage
    seen,    \* each thread's last load of the mask (a register)
    slot     \* the slot a thread has claimed and not yet bound (a register)

vars == <<alive, freed, users, mask, cvLock, forked, pc, tls, seen, slot>>

(***************************************************************************)
(* Control states.  A thread in Outside touches no memory of the pool: the *)
(* flag and the counter of users are global variables of their own.        *)
(***************************************************************************)
Outside == {"idle", "enter", "check2", "leave",
            "exit", "exitEnter", "exitCheck",
            "wakeAll", "drain", "atfork", "done", "gone"}
Inside  == {"load", "cas", "lock", "wait", "sleep", "woken", "check3", "use",
            "release", "signal"}

TypeOK ==
    /\ alive \in BOOLEAN /\ freed \in BOOLEAN /\ forked \in BOOLEAN
    /\ users \in 0 .. Cardinality(Threads)
    /\ mask \subseteq AllSlots
    /\ cvLock \in Threads \cup {NoThread}
    /\ pc   \in [Threads -> Outside \cup Inside]
    /\ tls  \in [Threads -> AllSlots \cup {Unbound}]
    /\ seen \in [Threads -> SUBSET AllSlots]
    /\ slot \in [Threads -> AllSlots \cup {Unbound}]

Init ==
    /\ alive = TRUE /\ freed = FALSE /\ forked = FALSE
    /\ users = 0
    /\ mask = IF DefaultInMask THEN AllSlots ELSE WorkerSlots
    /\ cvLock = NoThread
    /\ pc   = [t \in Threads |-> "idle"]
    /\ tls  = [t \in Threads |-> Unbound]
    /\ seen = [t \in Threads |-> {}]
    /\ slot = [t \in Threads |-> Unbound]

-----------------------------------------------------------------------------
Goto(t, label) == pc' = [pc EXCEPT ![t] = label]
Lowest(S)      == CHOOSE s \in S : \A r \in S : s <= r
Sleepers       == {t \in Threads : pc[t] = "sleep"}
Unlocked(t)    == IF cvLock = t THEN NoThread ELSE cvLock
Holds(t, s)    == tls[t] = s \/ slot[t] = s

(***************************************************************************)
(* A request for the current stream.                                       *)
(***************************************************************************)
Check1(t) ==
    /\ pc[t] = "idle"
    /\ Goto(t, IF alive THEN "enter" ELSE "exit")
    /\ UNCHANGED <<alive, freed, users, mask, cvLock, forked, tls, seen, slot>>

Enter(t) ==
    /\ pc[t] = "enter"
    /\ users' = users + 1
    /\ Goto(t, "check2")
    /\ UNCHANGED <<alive, freed, mask, cvLock, forked, tls, seen, slot>>

Check2(t) ==
    /\ pc[t] = "check2"
    /\ IF ~alive
       THEN /\ Goto(t, "leave")
            /\ cvLock' = Unlocked(t)
            /\ UNCHANGED tls
       ELSE /\ UNCHANGED cvLock
            /\ IF tls[t] # Unbound
               THEN Goto(t, "use") /\ UNCHANGED tls
               ELSE IF t = MainThread
               THEN Goto(t, "use") /\ tls' = [tls EXCEPT ![t] = Default]
               ELSE Goto(t, "load") /\ UNCHANGED tls
    /\ UNCHANGED <<alive, freed, users, mask, forked, seen, slot>>

\* An empty mask sends the first attempt to the mutex, one under it to sleep.
Load(t) ==
    /\ pc[t] = "load"
    /\ seen' = [seen EXCEPT ![t] = mask]
    /\ Goto(t, IF mask # {} THEN "cas"
               ELSE IF cvLock = t THEN "wait" ELSE "lock")
    /\ UNCHANGED <<alive, freed, users, mask, cvLock, forked, tls, slot>>

\* The comparison is by value: a mask that was changed and changed back is as
\* good as one that was never touched, because only the word itself is replaced.
CompareAndSwap(t) ==
    /\ pc[t] = "cas"
    /\ IF mask = seen[t] \/ PlainStore
       THEN LET s == Lowest(seen[t])
            IN  /\ mask' = seen[t] \ {s}
                /\ slot' = [slot EXCEPT ![t] = s]
                /\ cvLock' = Unlocked(t)
                /\ Goto(t, "check3")
       ELSE /\ Goto(t, "load")
            /\ UNCHANGED <<mask, slot, cvLock>>
    /\ seen' = [seen EXCEPT ![t] = {}]
    /\ UNCHANGED <<alive, freed, users, forked, tls>>

Lock(t) ==
    /\ pc[t] = "lock"
    /\ cvLock = NoThread
    /\ cvLock' = t
    /\ Goto(t, "check2")
    /\ UNCHANGED <<alive, freed, users, mask, forked, tls, seen, slot>>

Sleep(t) ==  \* condition_variable::wait: unlock and sleep in one step
    /\ pc[t] = "wait"
    /\ cvLock' = NoThread
    /\ Goto(t, "sleep")
    /\ UNCHANGED <<alive, freed, users, mask, forked, tls, seen, slot>>

Wake(t) ==   \* ... and its other half: a notified thread takes the mutex again
    /\ pc[t] = "woken"
    /\ cvLock = NoThread
    /\ cvLock' = t
    /\ Goto(t, "check2")
    /\ UNCHANGED <<alive, freed, users, mask, forked, tls, seen, slot>>

\* The test of the flag and the store of the binding are one step: the binding
\* is private to its thread, so the store commutes with all that others do.
Check3(t) ==
    /\ pc[t] = "check3"
    /\ IF alive \/ SkipThirdCheck
       THEN tls' = [tls EXCEPT ![t] = slot[t]] /\ Goto(t, "use")
       ELSE Goto(t, "leave") /\ UNCHANGED tls
    /\ slot' = [slot EXCEPT ![t] = Unbound]
    /\ UNCHANGED <<alive, freed, users, mask, cvLock, forked, seen>>

\* From "use" with the stream, from "leave" without one, and from "leave" at
\* the end of an exit.  A thread that has no binding then ends.
Leave(t) ==
    /\ pc[t] \in {"use", "leave"}
    /\ users' = users - 1
    /\ Goto(t, IF tls[t] = Unbound THEN "exit" ELSE "idle")
    /\ UNCHANGED <<alive, freed, mask, cvLock, forked, tls, seen, slot>>

(***************************************************************************)
(* A thread ends: the destructor of its thread-local slot.                 *)
(***************************************************************************)
BeginExit(t) ==
    /\ pc[t] = "idle"
    /\ t # MainThread
    /\ Goto(t, "exit")
    /\ UNCHANGED <<alive, freed, users, mask, cvLock, forked, tls, seen, slot>>

ExitCheck(t) ==
    /\ pc[t] = "exit"
    /\ IF alive /\ tls[t] # Unbound
       THEN Goto(t, "exitEnter") /\ UNCHANGED tls
       ELSE Goto(t, "done") /\ tls' = [tls EXCEPT ![t] = Unbound]
    /\ UNCHANGED <<alive, freed, users, mask, cvLock, forked, seen, slot>>

ExitEnter(t) ==
    /\ pc[t] = "exitEnter"
    /\ users' = users + 1
    /\ Goto(t, "exitCheck")
    /\ UNCHANGED <<alive, freed, mask, cvLock, forked, tls, seen, slot>>

ExitRecheck(t) ==
    /\ pc[t] = "exitCheck"
    /\ IF alive
       THEN Goto(t, "release") /\ UNCHANGED tls
       ELSE Goto(t, "leave") /\ tls' = [tls EXCEPT ![t] = Unbound]
    /\ UNCHANGED <<alive, freed, users, mask, cvLock, forked, seen, slot>>

Release(t) ==  \* fetch_or of the slot's bit
    /\ pc[t] = "release"
    /\ mask' = IF LeakOnExit THEN mask ELSE mask \cup {tls[t]}
    /\ tls' = IF DoubleRelease THEN tls ELSE [tls EXCEPT ![t] = Unbound]
    /\ Goto(t, "signal")
    /\ UNCHANGED <<alive, freed, users, cvLock, forked, seen, slot>>

\* Lock, unlock, notify_one.  A waiter decides to sleep under the mutex, so
\* passing through it puts the notification after the decision or the new bit
\* before it.  One step: nothing a third party does tells the three apart.
Signal(t) ==
    /\ pc[t] = "signal"
    /\ cvLock = NoThread \/ NotifyOutsideMutex
    /\ IF Sleepers = {}
       THEN Goto(t, "leave")
       ELSE \E u \in Sleepers :
               pc' = [pc EXCEPT ![t] = "leave", ![u] = "woken"]
    /\ UNCHANGED <<alive, freed, users, mask, cvLock, forked, tls, seen, slot>>

Respawn(t) ==  \* the process starts another thread
    /\ pc[t] = "done"
    /\ alive
    /\ Goto(t, "idle")
    /\ UNCHANGED <<alive, freed, users, mask, cvLock, forked, tls, seen, slot>>

(***************************************************************************)
(* Static destruction, by the main thread.                                 *)
(***************************************************************************)
BeginDestroy ==
    /\ pc[MainThread] = "idle"
    /\ alive
    /\ alive' = FALSE
    /\ Goto(MainThread, "wakeAll")
    /\ UNCHANGED <<freed, users, mask, cvLock, forked, tls, seen, slot>>

WakeAll ==
    /\ pc[MainThread] = "wakeAll"
    /\ cvLock = NoThread
    /\ pc' = [t \in Threads |-> IF t = MainThread THEN "drain"
                                ELSE IF t \in Sleepers THEN "woken" ELSE pc[t]]
    /\ UNCHANGED <<alive, freed, users, mask, cvLock, forked, tls, seen, slot>>

FreePool ==
    /\ pc[MainThread] = "drain"
    /\ users = 0 \/ SkipDrain
    /\ freed' = TRUE
    /\ Goto(MainThread, "done")
    /\ UNCHANGED <<alive, users, mask, cvLock, forked, tls, seen, slot>>

(***************************************************************************)
(* Fork.  The prepare handler holds the mutex, so nobody else owns it at   *)
(* the instant of the fork (module ForkHandler is about those handlers).   *)
(***************************************************************************)
Fork(t) ==
    /\ pc[t] = "idle"
    /\ alive
    /\ cvLock = NoThread
    /\ forked' = TRUE
    /\ pc'   = [u \in Threads |-> IF u = t THEN "atfork" ELSE "gone"]
    /\ tls'  = [u \in Threads |-> IF u = t THEN tls[t] ELSE Unbound]
    /\ seen' = [u \in Threads |-> {}]
    /\ slot' = [u \in Threads |-> Unbound]
    /\ UNCHANGED <<alive, freed, users, mask, cvLock>>

ChildAtFork(t) ==
    /\ pc[t] = "atfork"
    /\ alive' = FALSE
    /\ users' = 0
    /\ tls' = IF KeepTLSAcrossFork THEN tls ELSE [tls EXCEPT ![t] = Unbound]
    /\ Goto(t, "idle")
    /\ UNCHANGED <<freed, mask, cvLock, forked, seen, slot>>

-----------------------------------------------------------------------------
Request(t) == \/ Enter(t) \/ Check2(t) \/ Load(t) \/ CompareAndSwap(t)
              \/ Lock(t) \/ Sleep(t) \/ Wake(t) \/ Check3(t) \/ Leave(t)
Exit(t)    == \/ ExitCheck(t) \/ ExitEnter(t) \/ ExitRecheck(t)
              \/ Release(t) \/ Signal(t)
Destroy    == WakeAll \/ FreePool

\* Every thread has ended and nothing can start one: the model stutters here.
Done ==
    /\ ~alive
    /\ \A t \in Threads : pc[t] \in {"done", "gone"}
    /\ UNCHANGED vars

Next ==
    \/ \E t \in Threads : \/ Check1(t) \/ Request(t)
                          \/ BeginExit(t) \/ Exit(t) \/ Respawn(t)
                          \/ Fork(t) \/ ChildAtFork(t)
    \/ BeginDestroy
    \/ Destroy
    \/ Done

Spec == Init /\ [][Next]_vars

\* What has begun is finished; nobody is obliged to begin.  The mutex is free
\* again and again, not continuously, hence strong fairness.
Fairness == /\ \A t \in Threads : SF_vars(Request(t)) /\ SF_vars(Exit(t))
            /\ SF_vars(Destroy)
LiveSpec == Spec /\ Fairness

DestructionEnds == pc[MainThread] = "wakeAll" ~> freed
NotifiedRuns    == \A t \in Threads : pc[t] = "woken" ~> pc[t] # "woken"

-----------------------------------------------------------------------------
\* SP.MutualExclusion
MutualExclusion ==
    \A t, u \in Threads : \A s \in WorkerSlots :
        Holds(t, s) /\ Holds(u, s) => t = u

\* SP.TLSBindingValid: main is bound to stream 0 only, a worker to a worker
\* stream only, and what is bound is not on the free list.
TLSBindingValid ==
    \A t \in Threads : tls[t] # Unbound =>
        /\ tls[t] \notin mask
        /\ IF t = MainThread THEN tls[t] = Default ELSE tls[t] \in WorkerSlots

\* SP.NoUseAfterFree
NoUseAfterFree ==
    freed => cvLock = NoThread /\ \A t \in Threads : pc[t] \notin Inside

\* SP.NoDoubleRelease: whoever is about to set a bit finds it clear.
NoDoubleRelease == \A t \in Threads : pc[t] = "release" => tls[t] \notin mask

\* SP.SlotNoLeak: every stream but the default one is a worker's.
SlotNoLeak ==
    alive /\ ~forked =>
        \A s \in AllSlots \ {Default} : s \in mask \/ \E t \in Threads : Holds(t, s)

\* SP.BackpressureNoLostWakeup: if a thread sleeps while a slot is free, then a
\* notification is on its way, or an awakened thread is trying the slot.
BackpressureNoLostWakeup ==
    Sleepers # {} /\ mask # {} =>
        \E u \in Threads : \/ pc[u] \in {"signal", "woken", "wakeAll"}
                           \/ cvLock = u /\ pc[u] \in {"check2", "load", "cas"}

\* SP.ForkInvalidatesTLS: once the child handler has run, no binding is left
\* and nobody gets past the first test.
ForkInvalidatesTLS ==
    forked => \A t \in Threads : pc[t] # "atfork" =>
                  tls[t] = Unbound /\ pc[t] \in {"idle", "exit", "done", "gone"}

\* SP.TOCTOUTripleCheck: a binding is made only while the pool is alive,
\* however long the thread has slept on the way.
TOCTOUTripleCheck ==
    [][\A t \in Threads : tls[t] = Unbound /\ tls'[t] # Unbound => alive]_vars

\* SP.UsersCounted: the counter that the destructor drains is the number of
\* registered threads.  The child inherits a count of threads that it has not,
\* until its handler has run.
UsersCounted ==
    (\A t \in Threads : pc[t] # "atfork") =>
        users = Cardinality({t \in Threads :
                    pc[t] \in Inside \cup {"check2", "leave", "exitCheck"}})

\* SP.BindingFollowsControl: who uses a stream is bound to one, and a worker
\* that has ended is not.
BindingFollowsControl ==
    \A t \in Threads : /\ pc[t] = "use" => tls[t] # Unbound
                       /\ pc[t] \in {"done", "gone"} /\ t # MainThread
                              => tls[t] = Unbound

\* SP.RegistersClear: a load of the mask outlives only the loop that uses it, a
\* claimed slot only the step that binds it.
RegistersClear ==
    \A t \in Threads :
        /\ seen[t] # {} => pc[t] = "cas"
        /\ slot[t] # Unbound <=> pc[t] = "check3"

\* SP.MutexOwner: the mutex is held by a thread on the slow path, and a thread
\* that is about to sleep holds it.
MutexOwner ==
    /\ cvLock # NoThread => pc[cvLock] \in {"check2", "load", "cas", "wait"}
    /\ \A t \in Threads : pc[t] = "wait" => cvLock = t

\* SP.LowestSlotFirst: of the free slots a thread claims the lowest.
LowestSlotFirst ==
    [][\A t \in Threads : slot[t] = Unbound /\ slot'[t] # Unbound =>
           slot'[t] \in seen[t] /\ \A s \in seen[t] : slot'[t] <= s]_vars

\* SP.NoLateThread: once destruction has begun, no thread is started.
NoLateThread ==
    [][\A t \in Threads : pc[t] = "done" /\ pc'[t] # "done" => alive \/ forked']_vars

\* SP.ForkUnderMutex: a process forks while nobody owns the mutex, from a
\* thread that is outside the pool, and while the pool is alive.
ForkUnderMutex ==
    [][~forked /\ forked' =>
           /\ alive /\ cvLock = NoThread
           /\ \E t \in Threads : pc[t] = "idle" /\ pc'[t] = "atfork"]_vars

\* SP.WakeTakesMutex: a thread that was woken goes on with the mutex, from
\* somebody who gave it up.
WakeTakesMutex ==
    [][\A t \in Threads : pc[t] = "woken" /\ pc'[t] = "check2" =>
           cvLock = NoThread /\ cvLock' = t]_vars

\* SP.ExitWhileAlive: a thread that ends goes to give its stream back only if
\* it finds the pool alive and has one.
ExitWhileAlive ==
    [][\A t \in Threads : pc[t] = "exit" /\ pc'[t] = "exitEnter" =>
           alive /\ tls[t] # Unbound]_vars
=============================================================================
