----------------------------- MODULE BatchQueue -----------------------------
(***************************************************************************)
(* The batch queue in front of a model that is served in parallel.         *)
(*                                                                         *)
(* Producers submit requests and get a future for each.  Workers take      *)
(* batches of them from one queue, run the model, and complete the         *)
(* futures, with a value or with the exception that the model threw.       *)
(* stop() closes the queue, wakes everybody, and joins the workers; each   *)
(* works until the queue is empty before it leaves.                        *)
(*                                                                         *)
(* The delicate part is a submit that meets a stop.  The flag is tested    *)
(* first without the mutex, to refuse cheaply, and again under it: the     *)
(* second test and the push are one critical section, and stop sets the    *)
(* flag in another, so a request is either refused or in the queue before  *)
(* any worker can see the queue closed and empty.  SkipSecondTest accepts  *)
(* requests that nobody is left to serve.                                  *)
(*                                                                         *)
(* Source: BatchQueue::submit (Submit .. Notify), the worker loop (Lock .. *)
(* Fail), BatchQueue::stop (StopLock .. Join).                             *)
(*                                                                         *)
(* Abstractions.  The queue has no capacity; every request is submitted    *)
(* at most once; a batch runs in one step.  Nobody wakes up spuriously.    *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
    Producers, Workers,
    Stopper,    \* the thread that calls stop()
    NoThread,
    Requests, NoRequest,
    MaxBatch    \* requests that a worker takes at one time

CONSTANTS             \* defects, all FALSE in the protocol as it should be
    SkipSecondTest,   \* submit does not test the flag under the mutex
    LeaveAtOnce,      \* a worker leaves a queue that is closed but not empty
    DropOnError,      \* the futures of a batch that failed are forgotten
    ForgetNotify,     \* submit wakes nobody
    NotifyOneOnStop   \* stop wakes one worker only

Threads == Producers \cup Workers \cup {Stopper}

ASSUME MaxBatch \in Nat \ {0}

VARIABLES
    closed,  \* the flag that stop() sets
    queue,   \* what was accepted and not taken
    future,  \* of each request
    batch,   \* what each worker has in hand, in order
    request, \* what each producer has in hand
    lock,    \* owner of the queue's mutex
    pc       \* where each thread is

vars == <<closed, queue, future, batch, request, lock, pc>>

Labels == {"idle", "lock", "push", "notify",           \* a producer
           "start", "look", "sleep", "run", "left",    \* a worker
           "stopLock", "close", "wakeAll", "join", "stopped"}

Range(s) == {s[i] : i \in 1 .. Len(s)}

TypeOK ==
    /\ closed \in BOOLEAN
    /\ Len(queue) <= Cardinality(Requests) /\ Range(queue) \subseteq Requests
    /\ future \in [Requests -> {"none", "pending", "value", "error", "refused"}]
    /\ DOMAIN batch = Workers
    /\ \A w \in Workers : /\ Len(batch[w]) <= MaxBatch
                          /\ Range(batch[w]) \subseteq Requests
    /\ request \in [Producers -> Requests \cup {NoRequest}]
    /\ lock \in Threads \cup {NoThread}
    /\ pc \in [Threads -> Labels]

Init ==
    /\ closed = FALSE
    /\ queue = <<>>
    /\ future = [r \in Requests |-> "none"]
    /\ batch = [w \in Workers |-> <<>>]
    /\ request = [p \in Producers |-> NoRequest]
    /\ lock = NoThread
    /\ pc = [t \in Threads |-> IF t \in Producers THEN "idle"
                               ELSE IF t \in Workers THEN "start"
                               ELSE "stopLock"]

-----------------------------------------------------------------------------
Goto(t, label) == pc' = [pc EXCEPT ![t] = label]
Sleepers       == {w \in Workers : pc[w] = "sleep"}
Min(a, b)      == IF a < b THEN a ELSE b

Take(t)      == lock = NoThread /\ lock' = t
Settle(s, v) == future' = [r \in Requests |-> IF r \in s THEN v ELSE future[r]]

(***************************************************************************)
(* submit                                                                  *)
(***************************************************************************)
Submit(p, r) ==  \* the first test
    /\ pc[p] = "idle" /\ future[r] = "none"
    /\ \A o \in Producers : request[o] # r
    /\ IF closed
       THEN Settle({r}, "refused") /\ UNCHANGED <<request, pc>>
       ELSE /\ request' = [request EXCEPT ![p] = r]
            /\ Goto(p, "lock")
            /\ UNCHANGED future
    /\ UNCHANGED <<closed, queue, batch, lock>>

SubmitLock(p) ==
    /\ pc[p] = "lock"
    /\ Take(p)
    /\ Goto(p, "push")
    /\ UNCHANGED <<closed, queue, future, batch, request>>

Push(p) ==  \* the second test, and the push; then unlock
    /\ pc[p] = "push"
    /\ IF closed /\ ~SkipSecondTest
       THEN /\ Settle({request[p]}, "refused")
            /\ Goto(p, "idle")
            /\ UNCHANGED queue
       ELSE /\ Settle({request[p]}, "pending")
            /\ queue' = Append(queue, request[p])
            /\ Goto(p, IF ForgetNotify THEN "idle" ELSE "notify")
    /\ request' = [request EXCEPT ![p] = NoRequest]
    /\ lock' = NoThread
    /\ UNCHANGED <<closed, batch>>

WakeOne(t, label) ==
    IF Sleepers = {} THEN Goto(t, label)
    ELSE \E w \in Sleepers : pc' = [pc EXCEPT ![t] = label, ![w] = "start"]

Notify(p) ==
    /\ pc[p] = "notify"
    /\ WakeOne(p, "idle")
    /\ UNCHANGED <<closed, queue, future, batch, request, lock>>

(***************************************************************************)
(* A worker.                                                               *)
(***************************************************************************)
Lock(w) ==
    /\ pc[w] = "start"
    /\ Take(w)
    /\ Goto(w, "look")
    /\ UNCHANGED <<closed, queue, future, batch, request>>

TakeBatch(w) ==
    /\ pc[w] = "look"
    /\ queue # <<>>
    /\ closed => ~LeaveAtOnce
    /\ LET n == Min(MaxBatch, Len(queue))
       IN  /\ batch' = [batch EXCEPT ![w] = SubSeq(queue, 1, n)]
           /\ queue' = SubSeq(queue, n + 1, Len(queue))
    /\ lock' = NoThread
    /\ Goto(w, "run")
    /\ UNCHANGED <<closed, future, request>>

GoToSleep(w) ==  \* unlock and sleep in one step
    /\ pc[w] = "look"
    /\ queue = <<>> /\ ~closed
    /\ lock' = NoThread
    /\ Goto(w, "sleep")
    /\ UNCHANGED <<closed, queue, future, batch, request>>

GoHome(w) ==
    /\ pc[w] = "look"
    /\ closed
    /\ queue # <<>> => LeaveAtOnce
    /\ lock' = NoThread
    /\ Goto(w, "left")
    /\ UNCHANGED <<closed, queue, future, batch, request>>

Finish(w, v) ==
    /\ pc[w] = "run"
    /\ IF v = "error" /\ DropOnError THEN UNCHANGED future
                                     ELSE Settle(Range(batch[w]), v)
    /\ batch' = [batch EXCEPT ![w] = <<>>]
    /\ Goto(w, "start")
    /\ UNCHANGED <<closed, queue, request, lock>>

Succeed(w) == Finish(w, "value")
Fail(w)    == Finish(w, "error")

(***************************************************************************)
(* stop                                                                    *)
(***************************************************************************)
StopLock ==
    /\ pc[Stopper] = "stopLock"
    /\ Take(Stopper)
    /\ Goto(Stopper, "close")
    /\ UNCHANGED <<closed, queue, future, batch, request>>

Close ==
    /\ pc[Stopper] = "close"
    /\ closed' = TRUE
    /\ lock' = NoThread
    /\ Goto(Stopper, "wakeAll")
    /\ UNCHANGED <<queue, future, batch, request>>

WakeAll ==
    /\ pc[Stopper] = "wakeAll"
    /\ IF NotifyOneOnStop THEN WakeOne(Stopper, "join")
       ELSE pc' = [t \in Threads |-> IF t = Stopper THEN "join"
                                     ELSE IF t \in Sleepers THEN "start"
                                     ELSE pc[t]]
    /\ UNCHANGED <<closed, queue, future, batch, request, lock>>

Join ==
    /\ pc[Stopper] = "join"
    /\ \A w \in Workers : pc[w] = "left"
    /\ Goto(Stopper, "stopped")
    /\ UNCHANGED <<closed, queue, future, batch, request, lock>>

-----------------------------------------------------------------------------
Producer(p) == SubmitLock(p) \/ Push(p) \/ Notify(p)
Worker(w)   == \/ Lock(w) \/ TakeBatch(w) \/ GoToSleep(w) \/ GoHome(w)
               \/ Succeed(w) \/ Fail(w)
Stop        == StopLock \/ Close \/ WakeAll \/ Join

\* stop() has returned and every request has had its answer: stutter.
Quiescent == /\ pc[Stopper] = "stopped"
             /\ \A p \in Producers : pc[p] = "idle"
Done      == /\ Quiescent
             /\ \A r \in Requests : future[r] # "none"
             /\ UNCHANGED vars

Next ==
    \/ \E p \in Producers : Producer(p) \/ \E r \in Requests : Submit(p, r)
    \/ \E w \in Workers : Worker(w)
    \/ Stop
    \/ Done

Spec == Init /\ [][Next]_vars

\* The mutex is granted again and again, so whoever wants it needs strong
\* fairness.  Whether stop() is called is up to its caller.
Fairness == /\ \A p \in Producers : SF_vars(Producer(p))
            /\ \A w \in Workers : SF_vars(Worker(w))
            /\ WF_vars(Close \/ WakeAll \/ Join)
LiveSpec == Spec /\ Fairness

Answered    == \A r \in Requests :
                   future[r] = "pending" ~> future[r] \in {"value", "error"}
StopReturns == closed ~> pc[Stopper] = "stopped"

-----------------------------------------------------------------------------
InHand == UNION {Range(batch[w]) : w \in Workers}

\* BQ.NoStuckFutures: when all is quiet, no accepted request lacks an answer.
NoStuckFutures ==
    Quiescent => \A r \in Requests : future[r] # "pending"

\* BQ.StopDrains: stop() returns with nothing left to do.
StopDrains ==
    pc[Stopper] = "stopped" => queue = <<>> /\ InHand = {}

\* BQ.SubmitStopRaceSafe: nothing is in the queue once the last worker left.
SubmitStopRaceSafe ==
    (\A w \in Workers : pc[w] = "left") => queue = <<>>

\* BQ.FuturesAccounted: a request is pending exactly while somebody has it.
FuturesAccounted ==
    \A r \in Requests :
        future[r] = "pending" <=> r \in Range(queue) \cup InHand

\* BQ.NoLostWakeup: while requests wait, not every worker sleeps, unless the
\* one that will be woken is about to be.
NoLostWakeup ==
    queue # <<>> /\ Sleepers # {} =>
        \/ \E w \in Workers : pc[w] \in {"start", "look", "run"}
        \/ \E p \in Producers : pc[p] = "notify"
        \/ pc[Stopper] = "wakeAll"

\* BQ.StopWakesAll: nobody sleeps through stop().
StopWakesAll == pc[Stopper] = "join" => Sleepers = {}
\* BQ.MutexOwner: the owner of the mutex is where the mutex is needed.
MutexOwner ==
    \A t \in Threads : lock = t <=> pc[t] \in {"push", "look", "close"}

\* BQ.HandsFollowControl: a producer has a request in hand between the first
\* test and the second, a worker a batch while it runs it.
HandsFollowControl ==
    /\ \A p \in Producers : request[p] # NoRequest <=> pc[p] \in {"lock", "push"}
    /\ \A w \in Workers : batch[w] # <<>> <=> pc[w] = "run"

\* BQ.StopInOrder: stop() closes, wakes everybody, and then waits.
StopInOrder ==
    [][pc'[Stopper] # pc[Stopper] =>
           <<pc[Stopper], pc'[Stopper]>> \in
               {<<"stopLock", "close">>, <<"close", "wakeAll">>,
                <<"wakeAll", "join">>, <<"join", "stopped">>}]_vars
=============================================================================
