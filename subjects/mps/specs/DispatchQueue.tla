--------------------------- MODULE DispatchQueue ----------------------------
(***************************************************************************)
(* Blocks on the serial dispatch queues of the streams.                    *)
(*                                                                         *)
(* Every stream has a serial queue; an operator hands its work to it with  *)
(* dispatch_sync and waits.  Three habits make that safe.                  *)
(*                                                                         *)
(*  - dispatch_sync to the queue one is on would wait for itself, so       *)
(*    dispatch_get_specific is asked first, and such a block runs in line. *)
(*    A block may also wait for another queue, but only for one of a       *)
(*    higher number, or two threads could wait for each other.             *)
(*  - The block may run on the caller's thread or on one of the system's,  *)
(*    so it must not ask thread-local storage which stream is current.  It *)
(*    uses the stream that was looked up outside and captured by value.    *)
(*  - An exception must not cross the queue.  The block stores it in an    *)
(*    exception_ptr, dispatch_sync_with_rethrow throws it again on the     *)
(*    caller's side, and so on outwards, if blocks are nested.             *)
(*                                                                         *)
(* Source: dispatch_sync_with_rethrow, MPSStream::queue, the use of        *)
(* dispatch_get_specific and getCurrentMPSStream in operations/*.mm.       *)
(*                                                                         *)
(* Abstractions.  A thread is a number, which is also the number of its    *)
(* stream and of that stream's queue; queue 0 is that of the default       *)
(* stream, which thread-local storage yields on a thread of the system.    *)
(* Blocks nest at most MaxDepth deep.  A block resolves its stream once,   *)
(* then may call inwards any number of times, and ends or throws.          *)
(***************************************************************************)
EXTENDS Naturals, Sequences

CONSTANTS
    Threads,   \* positive numbers
    NoThread,
    MaxDepth   \* how deep blocks may nest

CONSTANTS               \* defects, all FALSE in the protocol as it should be
    NoSpecificCheck,    \* a block for the queue one is on is enqueued as well
    AnyOrder,           \* a block may wait for a queue of a lower number
    ConcurrentQueue,    \* a queue begins a block while another one runs
    LookupInside,       \* the block asks thread-local storage for the stream
    LoseInline          \* an exception of a block run in line is swallowed

ASSUME Threads \subseteq Nat \ {0} /\ MaxDepth \in Nat

Default == 0
Queues  == {Default} \cup Threads
None    == 1 + CHOOSE q \in Queues : \A r \in Queues : r <= q  \* no stream

VARIABLES
    fifo,    \* of each queue: the threads whose blocks wait, in order
    serving, \* of each queue: the thread whose block it runs
    frames,  \* of each thread: its blocks, outermost first
    pc,      \* where each thread is
    stream,  \* of each thread: the stream its innermost block works on
    eptr,    \* of each thread: its exception_ptr is set
    thrown   \* history: one of its blocks has thrown

vars == <<fifo, serving, frames, pc, stream, eptr, thrown>>

Frame == [queue : Queues, inline : BOOLEAN, system : BOOLEAN]

Labels == {"idle", "waiting", "resolve", "running", "returned"}

TypeOK ==
    /\ DOMAIN fifo = Queues
    /\ \A q \in Queues : \A i \in 1 .. Len(fifo[q]) : fifo[q][i] \in Threads
    /\ serving \in [Queues -> Threads \cup {NoThread}]
    /\ DOMAIN frames = Threads
    /\ \A t \in Threads :
           /\ Len(frames[t]) <= MaxDepth
           /\ \A i \in 1 .. Len(frames[t]) : frames[t][i] \in Frame
    /\ pc \in [Threads -> Labels]
    /\ stream \in [Threads -> Queues \cup {None}]
    /\ eptr \in [Threads -> BOOLEAN]
    /\ thrown \in [Threads -> BOOLEAN]

Init ==
    /\ fifo = [q \in Queues |-> <<>>]
    /\ serving = [q \in Queues |-> NoThread]
    /\ frames = [t \in Threads |-> <<>>]
    /\ pc = [t \in Threads |-> "idle"]
    /\ stream = [t \in Threads |-> None]
    /\ eptr = [t \in Threads |-> FALSE]
    /\ thrown = [t \in Threads |-> FALSE]

-----------------------------------------------------------------------------
Goto(t, label) == pc' = [pc EXCEPT ![t] = label]
Depth(t)       == Len(frames[t])
Top(t)         == frames[t][Depth(t)]
On(t)          == {q \in Queues : serving[q] = t}  \* dispatch_get_specific

\* A block's thread is chosen when it is handed over: the caller's, or another.
Push(t, q, inline, system) ==
    frames' = [frames EXCEPT ![t] =
        Append(@, [queue |-> q, inline |-> inline, system |-> system])]

(***************************************************************************)
(* dispatch_sync, from outside or from inside a block.                     *)
(***************************************************************************)
MayCall(t) == \/ pc[t] = "idle"
              \/ pc[t] = "running" /\ ~eptr[t] /\ Depth(t) < MaxDepth

\* In ascending order of queues, which every thread observes.
MayWaitFor(t, q) ==
    AnyOrder \/ \A r \in On(t) : r < q \/ (NoSpecificCheck /\ r = q)

Enqueue(t, q, system) ==
    /\ MayCall(t)
    /\ q \in On(t) => NoSpecificCheck
    /\ MayWaitFor(t, q)
    /\ Push(t, q, FALSE, system)
    /\ fifo' = [fifo EXCEPT ![q] = Append(@, t)]
    /\ Goto(t, "waiting")
    /\ UNCHANGED <<serving, stream, eptr, thrown>>

RunInline(t, q) ==  \* on the thread that runs the block around it
    /\ MayCall(t)
    /\ q \in On(t) /\ ~NoSpecificCheck
    /\ Push(t, q, TRUE, Top(t).system)
    /\ Goto(t, "resolve")
    /\ UNCHANGED <<fifo, serving, stream, eptr, thrown>>

(***************************************************************************)
(* A block.                                                                *)
(***************************************************************************)
Begin(t) ==  \* the queue is free and t's block is the first in line
    /\ pc[t] = "waiting"
    /\ LET q == Top(t).queue
       IN  /\ serving[q] = NoThread \/ ConcurrentQueue
           /\ Head(fifo[q]) = t
           /\ serving' = [serving EXCEPT ![q] = t]
           /\ fifo' = [fifo EXCEPT ![q] = Tail(@)]
    /\ Goto(t, "resolve")
    /\ UNCHANGED <<frames, stream, eptr, thrown>>

Resolve(t) ==  \* the stream captured outside, or what this thread is bound to
    /\ pc[t] = "resolve"
    /\ stream' = [stream EXCEPT ![t] =
                     IF LookupInside /\ Top(t).system THEN Default ELSE t]
    /\ Goto(t, "running")
    /\ UNCHANGED <<fifo, serving, frames, eptr, thrown>>

\* The innermost block is over; the one around it, or the caller, goes on.
Pop(t) ==
    /\ serving' = IF Top(t).inline THEN serving
                  ELSE [serving EXCEPT ![Top(t).queue] = NoThread]
    /\ frames' = [frames EXCEPT ![t] = SubSeq(@, 1, Depth(t) - 1)]
    /\ stream' = [stream EXCEPT ![t] = IF Depth(t) = 1 THEN None ELSE @]
    /\ Goto(t, IF Depth(t) = 1 THEN "returned" ELSE "running")
    /\ UNCHANGED fifo

End(t) ==
    /\ pc[t] = "running" /\ ~eptr[t]
    /\ Pop(t)
    /\ UNCHANGED <<eptr, thrown>>

Throw(t) ==
    /\ pc[t] = "running" /\ ~eptr[t]
    /\ eptr' = [eptr EXCEPT ![t] = ~(LoseInline /\ Top(t).inline)]
    /\ thrown' = [thrown EXCEPT ![t] = TRUE]
    /\ Pop(t)

Rethrow(t) ==  \* inside the block around the one that has thrown
    /\ pc[t] = "running" /\ eptr[t]
    /\ Pop(t)
    /\ UNCHANGED <<eptr, thrown>>

Return(t) ==  \* to the caller, normally or by the exception
    /\ pc[t] = "returned"
    /\ eptr' = [eptr EXCEPT ![t] = FALSE]
    /\ thrown' = [thrown EXCEPT ![t] = FALSE]
    /\ Goto(t, "idle")
    /\ UNCHANGED <<fifo, serving, frames, stream>>

-----------------------------------------------------------------------------
Call(t, q) == (\E s \in BOOLEAN : Enqueue(t, q, s)) \/ RunInline(t, q)
Block(t)   == Begin(t) \/ Resolve(t) \/ End(t) \/ Throw(t) \/ Rethrow(t)

Next == \E t \in Threads : \/ \E q \in Queues : Call(t, q)
                           \/ Block(t)
                           \/ Return(t)

Spec == Init /\ [][Next]_vars

\* A block that has begun ends; a block that waits is begun when its turn comes.
\* At each depth a block may call inwards many times, but not for ever.
Leaves(t, d) == Depth(t) = d /\ (End(t) \/ Throw(t) \/ Rethrow(t))
Fairness == \A t \in Threads : /\ WF_vars(Begin(t) \/ Resolve(t))
                               /\ \A d \in 1 .. MaxDepth : SF_vars(Leaves(t, d))
                               /\ WF_vars(Return(t))
LiveSpec == Spec /\ Fairness

CallReturns == \A t \in Threads : pc[t] = "waiting" ~> pc[t] = "idle"

-----------------------------------------------------------------------------
\* DQ.NoReentrantSync: no thread waits for a queue that waits for it.
NoReentrantSync ==
    \A t \in Threads : pc[t] = "waiting" => serving[Top(t).queue] # t

\* DQ.NoCyclicWait: the queue that is awaited is above all queues that are
\* held, so no two threads wait for each other.
NoCyclicWait ==
    \A t \in Threads : pc[t] = "waiting" => \A q \in On(t) : q < Top(t).queue

\* DQ.NoTLSLookupInBlock: a block works on its caller's stream, whatever
\* thread it runs on.
NoTLSLookupInBlock ==
    \A t \in Threads : pc[t] = "running" => stream[t] = t

\* DQ.ExceptionPropagationSound: the caller gets an exception exactly if one
\* of its blocks has thrown.
ExceptionPropagationSound ==
    \A t \in Threads : pc[t] = "returned" => (eptr[t] <=> thrown[t])

\* DQ.QueueSerial: a queue runs a block of the thread that it serves, and
\* only that one.
QueueSerial ==
    \A t \in Threads : \A i \in 1 .. Depth(t) :
        LET f == frames[t][i]
        IN  (i < Depth(t) \/ pc[t] # "waiting") => serving[f.queue] = t
=============================================================================
