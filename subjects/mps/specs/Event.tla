------------------------------- MODULE Event --------------------------------
(***************************************************************************)
(* Pooled events and their completion callbacks.                           *)
(*                                                                         *)
(* An MPSEvent is taken from a pool, recorded on a stream, and waited for. *)
(* To record it, its owner schedules a callback that the system runs on a  *)
(* queue of its own once the device has signalled; the callback captures   *)
(* `this`.  When its owner lets go, the event returns to the pool at once, *)
(* callback or not; the pool resets it for its next user, or destroys it.  *)
(*                                                                         *)
(* Two things can go wrong and each has its remedy.                        *)
(*  - The callback may outlive the object.  A counter of pending callbacks *)
(*    is incremented before a callback is scheduled and decremented as the *)
(*    last thing it does; the destructor waits for zero, for a bounded     *)
(*    time.  When time is up the object is abandoned, not freed: a leak is *)
(*    the price of a device that does not answer.                          *)
(*  - The callback may reach the next user.  A reset starts a new epoch;   *)
(*    a callback carries the epoch it was scheduled in and reports nothing *)
(*    to any other.                                                        *)
(*                                                                         *)
(* Source: MPSEventPool::acquireEvent, emptyCache and the deleter of       *)
(* MPSEventPtr; MPSEvent::recordLocked, notifyLocked, notifyCpuSync,       *)
(* synchronize, reset, ~MPSEvent.                                          *)
(*                                                                         *)
(* Abstractions.  Streams and their order: the device may signal whatever  *)
(* was scheduled, whenever it likes.  The time limit is a step that may    *)
(* happen at any moment of the wait, which covers every limit.  An event   *)
(* is recorded at most once in an epoch, and the epochs of an object are   *)
(* bounded by MaxEpoch.  Acquire and Release hold the pool's mutex and are *)
(* one step each.                                                          *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets

CONSTANTS
    Threads,
    Events,     \* the objects
    NoEvent,
    MaxEpoch    \* how often an object is handed out; bounds the model

CONSTANTS               \* defects, all FALSE in the protocol as it should be
    NoPendingWait,      \* the destructor does not wait
    FreeOnTimeout,      \* the destructor frees when its time is up
    ScheduleFirst,      \* the counter is incremented after the scheduling
    DecrementFirst,     \* the callback decrements before it does its work
    NoEpochCheck        \* the callback reports to whoever owns the event

Epochs == 1 .. MaxEpoch

VARIABLES
    life,      \* of each object: absent, pooled, owned, dying, freed, leaked
    epoch,     \* of each object
    pending,   \* of each object: the counter of pending callbacks
    completed, \* of each object: the flag m_cpu_sync_completed
    setBy,     \* history: the epoch of the callback that raised the flag
    callback,  \* of each object and epoch: the state of its callback
    pc,        \* where each thread is
    ev         \* the event that each thread owns or destroys

vars == <<life, epoch, pending, completed, setBy, callback, pc, ev>>

Lives == {"absent", "pooled", "owned", "dying", "freed", "leaked"}
\* A callback is scheduled with the device, signalled when the system queue
\* has it, and then runs in two steps: it works, and it finishes.
Stages == {"none", "scheduled", "signalled", "working", "finishing", "done"}
Labels == {"idle", "counted", "uncounted", "recorded", "waiting", "dtor"}

TypeOK ==
    /\ life \in [Events -> Lives]
    /\ epoch \in [Events -> 0 .. MaxEpoch]
    /\ pending \in [Events -> 0 .. MaxEpoch]
    /\ completed \in [Events -> BOOLEAN]
    /\ setBy \in [Events -> 0 .. MaxEpoch]
    /\ callback \in [Events -> [Epochs -> Stages]]
    /\ pc \in [Threads -> Labels]
    /\ ev \in [Threads -> Events \cup {NoEvent}]

Init ==
    /\ life = [e \in Events |-> "absent"]
    /\ epoch = [e \in Events |-> 0]
    /\ pending = [e \in Events |-> 0]
    /\ completed = [e \in Events |-> FALSE]
    /\ setBy = [e \in Events |-> 0]
    /\ callback = [e \in Events |-> [k \in Epochs |-> "none"]]
    /\ pc = [t \in Threads |-> "idle"]
    /\ ev = [t \in Threads |-> NoEvent]

-----------------------------------------------------------------------------
Goto(t, label)     == pc' = [pc EXCEPT ![t] = label]
Becomes(e, l)      == life' = [life EXCEPT ![e] = l]
Stage(e, k, stage) == callback' = [callback EXCEPT ![e][k] = stage]
Outstanding(e)     == {k \in Epochs : callback[e][k] \notin {"none", "done"}}

(***************************************************************************)
(* The pool.                                                               *)
(***************************************************************************)
Handover(t, e) ==  \* a new epoch, and a clean flag
    /\ Becomes(e, "owned")
    /\ epoch' = [epoch EXCEPT ![e] = @ + 1]
    /\ completed' = [completed EXCEPT ![e] = FALSE]
    /\ setBy' = [setBy EXCEPT ![e] = 0]
    /\ ev' = [ev EXCEPT ![t] = e]
    /\ UNCHANGED <<pending, callback, pc>>

AcquireNew(t, e) ==
    /\ pc[t] = "idle" /\ ev[t] = NoEvent
    /\ life[e] = "absent"
    /\ \A f \in Events : life[f] # "pooled"
    /\ Handover(t, e)

AcquirePooled(t, e) ==
    /\ pc[t] = "idle" /\ ev[t] = NoEvent
    /\ life[e] = "pooled" /\ epoch[e] < MaxEpoch
    /\ Handover(t, e)

Release(t) ==  \* the owner's last reference: back into the pool, at once
    /\ pc[t] \in {"idle", "recorded"} /\ ev[t] # NoEvent
    /\ Becomes(ev[t], "pooled")
    /\ ev' = [ev EXCEPT ![t] = NoEvent]
    /\ Goto(t, "idle")
    /\ UNCHANGED <<epoch, pending, completed, setBy, callback>>

(***************************************************************************)
(* Recording, and waiting for what was recorded.                           *)
(***************************************************************************)
Count(t, e)    == pending' = [pending EXCEPT ![e] = @ + 1]
Schedule(t, e) == Stage(e, epoch[e], "scheduled")

RecordFirstHalf(t) ==
    /\ pc[t] = "idle" /\ ev[t] # NoEvent
    /\ IF ScheduleFirst
       THEN Schedule(t, ev[t]) /\ Goto(t, "uncounted") /\ UNCHANGED pending
       ELSE Count(t, ev[t]) /\ Goto(t, "counted") /\ UNCHANGED callback
    /\ UNCHANGED <<life, epoch, completed, setBy, ev>>

RecordSecondHalf(t) ==
    /\ pc[t] \in {"counted", "uncounted"}
    /\ IF ScheduleFirst
       THEN Count(t, ev[t]) /\ UNCHANGED callback
       ELSE Schedule(t, ev[t]) /\ UNCHANGED pending
    /\ Goto(t, "recorded")
    /\ UNCHANGED <<life, epoch, completed, setBy, ev>>

Synchronize(t) ==
    /\ pc[t] = "recorded"
    /\ Goto(t, "waiting")
    /\ UNCHANGED <<life, epoch, pending, completed, setBy, callback, ev>>

Synchronized(t) ==  \* waitForCpuSync returns; the owner then lets go
    /\ pc[t] = "waiting"
    /\ completed[ev[t]]
    /\ Goto(t, "recorded")
    /\ UNCHANGED <<life, epoch, pending, completed, setBy, callback, ev>>

(***************************************************************************)
(* The device and the system queue.                                        *)
(***************************************************************************)
Signal(e, k) ==
    /\ callback[e][k] = "scheduled"
    /\ Stage(e, k, "signalled")
    /\ UNCHANGED <<life, epoch, pending, completed, setBy, pc, ev>>

\* A defect may take from zero; the model stays there instead of wrapping round.
Uncount(e) == pending' = [pending EXCEPT ![e] = IF @ = 0 THEN 0 ELSE @ - 1]

CallbackBegins(e, k) ==
    /\ callback[e][k] = "signalled"
    /\ Stage(e, k, "working")
    /\ IF DecrementFirst THEN Uncount(e) ELSE UNCHANGED pending
    /\ UNCHANGED <<life, epoch, completed, setBy, pc, ev>>

CallbackReports(e, k) ==  \* test and report in one step, under a mutex
    /\ callback[e][k] = "working"
    /\ Stage(e, k, "finishing")
    /\ IF epoch[e] = k \/ NoEpochCheck
       THEN /\ completed' = [completed EXCEPT ![e] = TRUE]
            /\ setBy' = [setBy EXCEPT ![e] = k]
       ELSE UNCHANGED <<completed, setBy>>
    /\ UNCHANGED <<life, epoch, pending, pc, ev>>

CallbackEnds(e, k) ==
    /\ callback[e][k] = "finishing"
    /\ Stage(e, k, "done")
    /\ IF DecrementFirst THEN UNCHANGED pending ELSE Uncount(e)
    /\ UNCHANGED <<life, epoch, completed, setBy, pc, ev>>

(***************************************************************************)
(* Destruction of a pooled event: emptyCache, or the end of the pool.      *)
(***************************************************************************)
BeginDestroy(t, e) ==
    /\ pc[t] = "idle" /\ ev[t] = NoEvent
    /\ life[e] = "pooled"
    /\ Becomes(e, "dying")
    /\ ev' = [ev EXCEPT ![t] = e]
    /\ Goto(t, "dtor")
    /\ UNCHANGED <<epoch, pending, completed, setBy, callback>>

EndDestroy(t, l) ==
    /\ Becomes(ev[t], l)
    /\ ev' = [ev EXCEPT ![t] = NoEvent]
    /\ Goto(t, "idle")
    /\ UNCHANGED <<epoch, pending, completed, setBy, callback>>

Destroyed(t) ==
    /\ pc[t] = "dtor"
    /\ pending[ev[t]] = 0 \/ NoPendingWait
    /\ EndDestroy(t, "freed")

TimedOut(t) ==
    /\ pc[t] = "dtor"
    /\ pending[ev[t]] # 0
    /\ EndDestroy(t, IF FreeOnTimeout THEN "freed" ELSE "leaked")

-----------------------------------------------------------------------------
Owner(t)  == \/ \E e \in Events : AcquireNew(t, e) \/ AcquirePooled(t, e)
             \/ RecordFirstHalf(t) \/ RecordSecondHalf(t)
             \/ Synchronize(t) \/ Synchronized(t)
             \/ Release(t)
Destroyer(t) == \/ \E e \in Events : BeginDestroy(t, e)
                \/ Destroyed(t) \/ TimedOut(t)
System(e, k) == \/ Signal(e, k) \/ CallbackBegins(e, k)
                \/ CallbackReports(e, k) \/ CallbackEnds(e, k)

\* Every object has come to its end and every callback has run: stutter.
Done ==
    /\ \A e \in Events : life[e] \in {"freed", "leaked"} /\ Outstanding(e) = {}
    /\ UNCHANGED vars

Next ==
    \/ \E t \in Threads : Owner(t) \/ Destroyer(t)
    \/ \E e \in Events, k \in Epochs : System(e, k)
    \/ Done

Spec == Init /\ [][Next]_vars

\* The device answers, the queue runs, and who has begun to record finishes.
Fairness == /\ \A e \in Events, k \in Epochs : WF_vars(System(e, k))
            /\ \A t \in Threads : /\ WF_vars(RecordSecondHalf(t))
                                  /\ WF_vars(Synchronized(t))
                                  /\ WF_vars(Destroyed(t))
LiveSpec == Spec /\ Fairness

CallbackRuns == \A e \in Events, k \in Epochs :
                    callback[e][k] = "scheduled" ~> callback[e][k] = "done"
WaitEnds     == \A t \in Threads : pc[t] = "waiting" ~> pc[t] = "recorded"

-----------------------------------------------------------------------------
\* E.CallbackNeverUAF: while a callback runs, its object's memory is there.
CallbackNeverUAF ==
    \A e \in Events, k \in Epochs :
        callback[e][k] \in {"working", "finishing"} => life[e] # "freed"

\* E.PoolReuseNoCrosstalk: an owner that finds the flag raised has been answered
\* by the callback that it scheduled itself.
PoolReuseNoCrosstalk ==
    \A e \in Events : life[e] = "owned" /\ completed[e] => setBy[e] = epoch[e]

\* E.DestructorWaitSafety: a freed object has no callback left anywhere, not
\* even one that the device has yet to signal.
DestructorWaitSafety ==
    \A e \in Events : life[e] = "freed" => Outstanding(e) = {}

\* E.PendingCounterCovers: the counter never falls short of the truth.
PendingCounterCovers ==
    \A e \in Events : pending[e] >= Cardinality(Outstanding(e))
\* E.PendingCounterExact: it counts the callbacks that are outstanding and those
\* that are about to be scheduled.
PendingCounterExact ==
    \A e \in Events :
        pending[e] = Cardinality(Outstanding(e))
                         + Cardinality({t \in Threads : pc[t] = "counted" /\ ev[t] = e})

\* E.HandoverClean: with a new epoch an event is owned, and its flag is down.
HandoverClean ==
    [][\A e \in Events : epoch'[e] # epoch[e] =>
           /\ epoch'[e] = epoch[e] + 1 /\ life'[e] = "owned"
           /\ ~completed'[e] /\ setBy'[e] = 0]_vars

\* E.PoolFirst: an object is made only if the pool has none.
PoolFirst ==
    [][(\E e \in Events : life[e] = "absent" /\ life'[e] = "owned") =>
           \A f \in Events : life[f] # "pooled"]_vars

\* E.ReleaseBetweenCalls: an owner lets go of its event between calls only, and
\* a wait returns only when it has been answered.
ReleaseBetweenCalls ==
    [][\A t \in Threads :
           /\ ev[t] # NoEvent /\ ev'[t] = NoEvent =>
                  pc[t] \in {"idle", "recorded", "dtor"}
           /\ pc[t] = "waiting" /\ pc'[t] # "waiting" => completed[ev[t]]]_vars

\* E.LeaksOnlyPending: memory is given up only for a callback that may yet run.
LeaksOnlyPending ==
    [][\A e \in Events :
           life[e] # "leaked" /\ life'[e] = "leaked" => pending[e] # 0]_vars
=============================================================================
