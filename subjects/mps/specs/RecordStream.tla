---------------------------- MODULE RecordStream ----------------------------
(***************************************************************************)
(* Buffers that are used on several streams, and when they may be reused.  *)
(*                                                                         *)
(* The device works through each stream in order, and knows no order       *)
(* between streams.  A buffer notes every stream it is used on: the one it *)
(* was allocated for, and those that recordStream names.  To free it is    *)
(* then not to recycle it.  It becomes pending_free, an event is encoded   *)
(* at the end of each of those streams, and it goes back to the pool when  *)
(* the last of these events has completed, for only then has every kernel  *)
(* that could touch it.                                                    *)
(*                                                                         *)
(* The events are encoded one by one, and the first may complete before    *)
(* the last is encoded.  The counter of pending events is therefore set to *)
(* the number of streams at once; a counter that grows with the encoding   *)
(* (CountAsEncoded) reaches zero in between.                               *)
(*                                                                         *)
(* Pending events are bounded: a free that would exceed MaxPending waits   *)
(* for the device.                                                         *)
(*                                                                         *)
(* Source: MPSHeapAllocatorImpl::recordStream, free, recordEvents, and the *)
(* completion path that ends in free_buffer.                               *)
(*                                                                         *)
(* Abstractions.  The allocator's locks (module Allocator): recordStream   *)
(* and free are one step each.  A stream is the sequence of what it has    *)
(* still to do; the host runs ahead of the device by at most MaxAhead      *)
(* kernels on a stream.  That a buffer used on one stream only could be    *)
(* reused at once by a later kernel of the same stream is not exploited.   *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
    Buffers, Streams,
    MaxAhead,      \* a kernel is launched on a stream shorter than this
    MaxPending     \* events that may be pending at one time

CONSTANTS              \* defects, all FALSE in the protocol as it should be
    RecycleOnFirst,    \* the first event that completes recycles the buffer
    CountAsEncoded,    \* the counter grows as the events are encoded
    ForgetAStream,     \* one of the buffer's streams is not waited for
    LaunchUnnoted,     \* a kernel is launched where nobody called recordStream
    HandleTwice,       \* a completed event is handled by poll and by callback
    IgnoreLimit        \* a free never waits

VARIABLES
    state,    \* of each buffer: free, live, pendingFree
    users,    \* of each buffer: the streams it has noted
    toEncode, \* of each buffer: the streams whose event is yet to be encoded
    fired,    \* of each buffer: the streams whose event awaits the host
    count,    \* of each buffer: the counter of pending events
    stream    \* what each stream has still to do, in order

vars == <<state, users, toEncode, fired, count, stream>>

Kernel(b) == [kind |-> "kernel", buffer |-> b]
Event(b)  == [kind |-> "event",  buffer |-> b]
Item      == [kind : {"kernel", "event"}, buffer : Buffers]

TypeOK ==
    /\ state \in [Buffers -> {"free", "live", "pendingFree"}]
    /\ users \in [Buffers -> SUBSET Streams]
    /\ toEncode \in [Buffers -> SUBSET Streams]
    /\ fired \in [Buffers -> SUBSET Streams]
    /\ count \in [Buffers -> 0 .. Cardinality(Streams)]
    /\ DOMAIN stream = Streams
    /\ \A s \in Streams :
           /\ Len(stream[s]) <= MaxAhead + Cardinality(Buffers)
           /\ \A i \in 1 .. Len(stream[s]) : stream[s][i] \in Item

Init ==
    /\ state = [b \in Buffers |-> "free"]
    /\ users = [b \in Buffers |-> {}]
    /\ toEncode = [b \in Buffers |-> {}]
    /\ fired = [b \in Buffers |-> {}]
    /\ count = [b \in Buffers |-> 0]
    /\ stream = [s \in Streams |-> <<>>]

-----------------------------------------------------------------------------
Holds(s, item)  == \E i \in 1 .. Len(stream[s]) : stream[s][i] = item
Queued(b)       == {s \in Streams : Holds(s, Event(b))}
Outstanding(b)  == toEncode[b] \cup Queued(b) \cup fired[b]
PendingEvents   == {p \in Buffers \X Streams : p[2] \in Outstanding(p[1])}
Enqueue(s, item) == stream' = [stream EXCEPT ![s] = Append(@, item)]

(***************************************************************************)
(* The host.                                                               *)
(***************************************************************************)
Allocate(b, s) ==
    /\ state[b] = "free"
    /\ state' = [state EXCEPT ![b] = "live"]
    /\ users' = [users EXCEPT ![b] = {s}]
    /\ UNCHANGED <<toEncode, fired, count, stream>>

RecordStream(b, s) ==
    /\ state[b] = "live"
    /\ s \notin users[b]
    /\ users' = [users EXCEPT ![b] = @ \cup {s}]
    /\ UNCHANGED <<state, toEncode, fired, count, stream>>

Launch(b, s) ==  \* a kernel on s uses b; b has noted s before
    /\ state[b] = "live"
    /\ s \in users[b] \/ LaunchUnnoted
    /\ Len(stream[s]) < MaxAhead
    /\ Enqueue(s, Kernel(b))
    /\ UNCHANGED <<state, users, toEncode, fired, count>>

WaitSets(b) ==  \* all streams of the buffer; the defect leaves one of them out
    IF ForgetAStream /\ Cardinality(users[b]) > 1
    THEN {users[b] \ {s} : s \in users[b]} ELSE {users[b]}

Free(b) ==
    /\ state[b] = "live"
    /\ \/ Cardinality(PendingEvents) + Cardinality(users[b]) <= MaxPending
       \/ IgnoreLimit
    /\ state' = [state EXCEPT ![b] = "pendingFree"]
    /\ \E w \in WaitSets(b) :
           /\ toEncode' = [toEncode EXCEPT ![b] = w]
           /\ count' = [count EXCEPT ![b] =
                           IF CountAsEncoded THEN 0 ELSE Cardinality(w)]
    /\ UNCHANGED <<users, fired, stream>>

EncodeEvent(b, s) ==
    /\ s \in toEncode[b]
    /\ toEncode' = [toEncode EXCEPT ![b] = @ \ {s}]
    /\ count' = IF CountAsEncoded THEN [count EXCEPT ![b] = @ + 1] ELSE count
    /\ Enqueue(s, Event(b))
    /\ UNCHANGED <<state, users, fired>>

\* A completed event is accounted for; the last one recycles the buffer.
HandleEvent(b, s) ==
    /\ s \in fired[b]
    /\ LET left == IF count[b] = 0 THEN 0 ELSE count[b] - 1  \* zero: a defect
           last == left = 0 \/ RecycleOnFirst
       IN  /\ count' = [count EXCEPT ![b] = left]
           /\ state' = IF last THEN [state EXCEPT ![b] = "free"] ELSE state
           /\ users' = IF last THEN [users EXCEPT ![b] = {}] ELSE users
    /\ fired' = IF HandleTwice THEN fired ELSE [fired EXCEPT ![b] = @ \ {s}]
    /\ UNCHANGED <<toEncode, stream>>

(***************************************************************************)
(* The device: the head of a stream is done.                               *)
(***************************************************************************)
HeadIs(s, kind) == stream[s] # <<>> /\ Head(stream[s]).kind = kind
Advance(s)     == stream' = [stream EXCEPT ![s] = Tail(@)]

CompleteKernel(s) ==
    /\ HeadIs(s, "kernel")
    /\ Advance(s)
    /\ UNCHANGED <<state, users, toEncode, fired, count>>

CompleteEvent(s) ==
    /\ HeadIs(s, "event")
    /\ LET b == Head(stream[s]).buffer
       IN  fired' = [fired EXCEPT ![b] = @ \cup {s}]
    /\ Advance(s)
    /\ UNCHANGED <<state, users, toEncode, count>>

-----------------------------------------------------------------------------
Client(b, s)    == Allocate(b, s) \/ RecordStream(b, s) \/ Launch(b, s)
Allocator(b, s) == EncodeEvent(b, s) \/ HandleEvent(b, s)
Device(s)       == CompleteKernel(s) \/ CompleteEvent(s)

Next ==
    \/ \E b \in Buffers, s \in Streams : Client(b, s) \/ Allocator(b, s)
    \/ \E b \in Buffers : Free(b)
    \/ \E s \in Streams : Device(s)

Spec == Init /\ [][Next]_vars

\* The device and the allocator go on; clients may stop at any time.
Fairness == /\ \A s \in Streams : WF_vars(Device(s))
            /\ \A b \in Buffers, s \in Streams : WF_vars(Allocator(b, s))
LiveSpec == Spec /\ Fairness

Recycled == \A b \in Buffers : state[b] = "pendingFree" ~> state[b] = "free"

-----------------------------------------------------------------------------
\* RS.NoEarlyReuse: no kernel that uses a free buffer is still to run.  A
\* buffer passes through "free" on its way to every new owner.
NoEarlyReuse ==
    \A b \in Buffers : state[b] = "free" =>
        \A s \in Streams : ~Holds(s, Kernel(b))

\* RS.EventAccountingConsistent: the counter is the number of events that
\* are to be encoded, to complete, or to be handled; only a buffer that is
\* pending_free has any.
EventAccountingConsistent ==
    \A b \in Buffers :
        /\ count[b] = Cardinality(Outstanding(b))
        /\ state[b] # "pendingFree" => Outstanding(b) = {}

\* RS.BoundedPendingEvents
BoundedPendingEvents == Cardinality(PendingEvents) <= MaxPending

\* RS.LaunchNoted: a kernel uses a buffer only on a stream that the buffer
\* has noted.
LaunchNoted ==
    \A b \in Buffers, s \in Streams : Holds(s, Kernel(b)) => s \in users[b]
\* RS.UsersFollowLife: exactly the buffers that are not free have streams noted.
UsersFollowLife == \A b \in Buffers : state[b] = "free" <=> users[b] = {}

\* RS.StatesInOrder: a buffer is freed by its owner and recycled afterwards, and
\* a stream is noted of a live buffer only.
StatesInOrder ==
    [][\A b \in Buffers :
           /\ state'[b] # state[b] =>
                  <<state[b], state'[b]>> \in {<<"free", "live">>,
                      <<"live", "pendingFree">>, <<"pendingFree", "free">>}
           /\ users'[b] \ users[b] # {} => state'[b] = "live"]_vars
=============================================================================
