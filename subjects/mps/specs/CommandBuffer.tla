--------------------------- MODULE CommandBuffer ----------------------------
(***************************************************************************)
(* The command buffers of one stream.                                      *)
(*                                                                         *)
(* A stream has three members that its methods share: the current command  *)
(* buffer, into which kernels are encoded; the previous one, committed but *)
(* kept so that it can be waited for (only when commit-and-continue is     *)
(* off, as under the profiler); and the open encoder.  A command buffer is *)
(* uncommitted, then committed, then completed.  Metal accepts an encoder  *)
(* or a completion handler only while it is uncommitted, insists that the  *)
(* encoder is ended before the commit, and runs what was committed.        *)
(*                                                                         *)
(* Several threads may use one stream, and every method here makes several *)
(* accesses to the members.  The fork guards them with a mutex, upstream   *)
(* confines them to the stream's serial queue; both are `lock`.            *)
(* NoLock = TRUE is critical bug 2: methods that touch the members         *)
(* without it.                                                             *)
(*                                                                         *)
(* Source: MPSStream::commandBuffer, commandEncoder (GetBuffer,            *)
(* OpenEncoder), addCompletedHandler (AddHandler), endKernelCoalescing     *)
(* (EndCoalescing), flush and commit (Commit), commitAndWait (WaitPrevious *)
(* .. WaitCurrent).                                                        *)
(*                                                                         *)
(* Abstractions.  Buffer objects are few; a completed one that no member   *)
(* and no method refers to is reclaimed and used again, as reference       *)
(* counting would.  commitAndContinue is flush followed by the next        *)
(* GetBuffer.  Re-entrant locking is the subject of module EncodingLock.   *)
(***************************************************************************)
CONSTANTS
    Threads, NoThread,
    Objects,    \* command buffer objects
    None        \* nil

CONSTANTS             \* defects, all FALSE in the protocol as it should be
    NoLock,           \* methods do not take the lock
    SkipEndCoalescing,\* the encoder is not ended before the commit
    DropUncommitted,  \* flush releases the buffer without committing it
    CommitLater       \* flush makes a buffer the previous one uncommitted

VARIABLES
    continue, \* commit-and-continue is on (a setting of the stream)
    status,   \* of each object
    handlers, \* objects with a completion handler that has not run
    current, previous, encoder, \* the members of the stream
    lock,     \* owner of the stream's lock
    pc,       \* where each thread is
    method,   \* the method it is in
    target    \* the command buffer that the method has in hand

members == <<current, previous, encoder>>
vars == <<continue, status, handlers, members, lock, pc, method, target>>

Methods  == {"encode", "handler", "flush", "wait"}
Statuses == {"unused", "uncommitted", "committed", "completed"}
Labels   == {"idle", "getBuffer", "addHandler", "openEncoder", "encode",
             "endCoalescing", "waitPrevious", "commit", "waitCurrent", "finish"}

TypeOK ==
    /\ continue \in BOOLEAN
    /\ status \in [Objects -> Statuses]
    /\ handlers \subseteq Objects
    /\ current \in Objects \cup {None}
    /\ previous \in Objects \cup {None}
    /\ encoder \in Objects \cup {None}
    /\ lock \in Threads \cup {NoThread}
    /\ pc \in [Threads -> Labels]
    /\ method \in [Threads -> Methods \cup {"none"}]
    /\ target \in [Threads -> Objects \cup {None}]

Init ==
    /\ continue \in BOOLEAN
    /\ status = [b \in Objects |-> "unused"]
    /\ handlers = {}
    /\ current = None /\ previous = None /\ encoder = None
    /\ lock = NoThread
    /\ pc = [t \in Threads |-> "idle"]
    /\ method = [t \in Threads |-> "none"]
    /\ target = [t \in Threads |-> None]

-----------------------------------------------------------------------------
Goto(t, label)     == pc' = [pc EXCEPT ![t] = label]
Becomes(b, s)      == status' = [status EXCEPT ![b] = s]
InHand(t, b)       == target' = [target EXCEPT ![t] = b]
Finished(b)        == b # None => status[b] = "completed"

Call(t, m) ==
    /\ pc[t] = "idle"
    /\ lock = NoThread \/ NoLock
    /\ lock' = IF NoLock THEN NoThread ELSE t
    /\ method' = [method EXCEPT ![t] = m]
    /\ Goto(t, IF m \in {"encode", "handler"} THEN "getBuffer"
               ELSE "endCoalescing")
    /\ UNCHANGED <<continue, status, handlers, members, target>>

Return(t) ==
    /\ pc[t] = "finish"
    /\ lock' = NoThread
    /\ method' = [method EXCEPT ![t] = "none"]
    /\ InHand(t, None)
    /\ Goto(t, "idle")
    /\ UNCHANGED <<continue, status, handlers, members>>

(***************************************************************************)
(* Methods that add to the current command buffer.                         *)
(***************************************************************************)
AfterGetBuffer(t) == IF method[t] = "encode" THEN "openEncoder"
                     ELSE "addHandler"

GetCurrent(t) ==
    /\ pc[t] = "getBuffer"
    /\ current # None
    /\ InHand(t, current)
    /\ Goto(t, AfterGetBuffer(t))
    /\ UNCHANGED <<continue, status, handlers, members, lock, method>>

Create(t, b) ==
    /\ pc[t] = "getBuffer"
    /\ current = None
    /\ status[b] = "unused"
    /\ Becomes(b, "uncommitted")
    /\ current' = b
    /\ InHand(t, b)
    /\ Goto(t, AfterGetBuffer(t))
    /\ UNCHANGED <<continue, handlers, previous, encoder, lock, method>>

AddHandler(t) ==
    /\ pc[t] = "addHandler"
    /\ handlers' = handlers \cup {target[t]}
    /\ Goto(t, "finish")
    /\ UNCHANGED <<continue, status, members, lock, method, target>>

OpenEncoder(t) ==  \* kernels coalesce: an encoder that is open stays open
    /\ pc[t] = "openEncoder"
    /\ encoder' = IF encoder = None THEN target[t] ELSE encoder
    /\ Goto(t, "encode")
    /\ UNCHANGED <<continue, status, handlers, current, previous, lock, method,
                   target>>

Encode(t) ==
    /\ pc[t] = "encode"
    /\ Goto(t, "finish")
    /\ UNCHANGED <<continue, status, handlers, members, lock, method, target>>

(***************************************************************************)
(* Methods that commit it.                                                 *)
(***************************************************************************)
EndCoalescing(t) ==
    /\ pc[t] = "endCoalescing"
    /\ encoder' = IF SkipEndCoalescing THEN encoder ELSE None
    /\ Goto(t, IF method[t] = "wait" THEN "waitPrevious" ELSE "commit")
    /\ UNCHANGED <<continue, status, handlers, current, previous, lock, method,
                   target>>

WaitPrevious(t) ==
    /\ pc[t] = "waitPrevious"
    /\ Finished(previous)
    /\ previous' = None
    /\ Goto(t, "commit")
    /\ UNCHANGED <<continue, status, handlers, current, encoder, lock, method,
                   target>>

NothingToCommit(t) ==
    /\ pc[t] = "commit"
    /\ current = None
    /\ Goto(t, "finish")
    /\ UNCHANGED <<continue, status, handlers, members, lock, method, target>>

Commit(t) ==
    /\ pc[t] = "commit"
    /\ current # None
    /\ IF method[t] = "flush" /\ (DropUncommitted \/ (CommitLater /\ ~continue))
       THEN UNCHANGED status
       ELSE Becomes(current, "committed")
    /\ IF method[t] = "wait"
       THEN /\ InHand(t, current)
            /\ Goto(t, "waitCurrent")
            /\ UNCHANGED <<current, previous>>
       ELSE /\ current' = None
            /\ previous' = IF continue \/ DropUncommitted THEN previous
                           ELSE current
            /\ Goto(t, "finish")
            /\ UNCHANGED target
    /\ UNCHANGED <<continue, handlers, encoder, lock, method>>

WaitCurrent(t) ==
    /\ pc[t] = "waitCurrent"
    /\ Finished(target[t])
    /\ current' = None
    /\ Goto(t, "finish")
    /\ UNCHANGED <<continue, status, handlers, previous, encoder, lock, method,
                   target>>

(***************************************************************************)
(* The device, which runs the handlers of what it completes, and the       *)
(* reference counts.                                                       *)
(***************************************************************************)
Complete(b) ==
    /\ status[b] = "committed"
    /\ Becomes(b, "completed")
    /\ handlers' = handlers \ {b}
    /\ UNCHANGED <<continue, members, lock, pc, method, target>>

Reclaim(b) ==
    /\ status[b] = "completed"
    /\ b \notin {current, previous, encoder}
    /\ \A t \in Threads : target[t] # b
    /\ Becomes(b, "unused")
    /\ UNCHANGED <<continue, handlers, members, lock, pc, method, target>>

-----------------------------------------------------------------------------
Step(t) == \/ GetCurrent(t) \/ \E b \in Objects : Create(t, b)
           \/ AddHandler(t) \/ OpenEncoder(t) \/ Encode(t)
           \/ EndCoalescing(t) \/ WaitPrevious(t) \/ NothingToCommit(t)
           \/ Commit(t) \/ WaitCurrent(t)
           \/ Return(t)

Next ==
    \/ \E t \in Threads : Step(t) \/ \E m \in Methods : Call(t, m)
    \/ \E b \in Objects : Complete(b) \/ Reclaim(b)

Spec == Init /\ [][Next]_vars

Fairness == /\ \A t \in Threads : WF_vars(Step(t))
            /\ \A b \in Objects : WF_vars(Complete(b)) /\ WF_vars(Reclaim(b))
LiveSpec == Spec /\ Fairness

MethodReturns == \A t \in Threads : pc[t] # "idle" ~> pc[t] = "idle"

-----------------------------------------------------------------------------
\* CB.HandlerBeforeCommit: Metal aborts on a handler that comes too late.
HandlerBeforeCommit ==
    \A t \in Threads : pc[t] = "addHandler" => status[target[t]] = "uncommitted"

\* CB.HandlerWillRun: a handler waits on a buffer that is still to complete.
HandlerWillRun ==
    \A b \in handlers : status[b] \in {"uncommitted", "committed"}

\* CB.EncoderOnUncommitted: the open encoder is that of the current command
\* buffer, and that one is uncommitted.
EncoderOnUncommitted ==
    encoder # None => encoder = current /\ status[encoder] = "uncommitted"

\* CB.NoUncommittedDropped: what was encoded and not committed is current.
NoUncommittedDropped ==
    \A b \in Objects : status[b] = "uncommitted" => b = current

\* CB.PreviousCommitted: waiting for the previous buffer cannot be forever.
PreviousCommitted ==
    previous # None => /\ status[previous] \in {"committed", "completed"}
                       /\ ~continue

\* CB.MembersGuarded: the members change only under the lock.
MembersGuarded == [][members' # members => lock # NoThread]_vars
=============================================================================
