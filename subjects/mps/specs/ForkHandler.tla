---------------------------- MODULE ForkHandler -----------------------------
(***************************************************************************)
(* fork(), and the handlers that make it survivable.                       *)
(*                                                                         *)
(* A fork copies the memory of the process but only the thread that calls  *)
(* it.  A mutex that another thread holds at that instant is held in the   *)
(* child by nobody, for ever, and what it guards is half changed.  Hence   *)
(* the three handlers of pthread_atfork: "prepare" takes every mutex       *)
(* before the fork, "parent" and "child" give them back, each in its own   *)
(* process.  The device cannot be used in a child at all, so its handler   *)
(* also sets a flag that every entry point tests, and drops the thread's   *)
(* binding to a stream.                                                    *)
(*                                                                         *)
(* Each of the modules registers its own handlers.  The system runs        *)
(* prepare handlers in the reverse order of registration and the others    *)
(* in the order of registration.  The mutexes have a hierarchy (module     *)
(* EncodingLock), and prepare handlers must follow it like anybody else,   *)
(* so the module whose mutex ranks highest must register first.            *)
(*                                                                         *)
(* Source: the registration of pthread_atfork in MPSStreamPool and the     *)
(* allocator, g_in_forked_child, getCurrentMPSStream.                      *)
(*                                                                         *)
(* Abstractions.  Three mutexes stand for the hierarchy.  Threads take and *)
(* release mutexes upwards as they please.  There is at most one child at  *)
(* a time; it may call into the backend once and then exits.  A binding is *)
(* made and dropped under the lowest mutex, that of the stream pool.       *)
(***************************************************************************)
EXTENDS Naturals, Sequences

CONSTANTS Threads, NoThread

CONSTANTS             \* defects, all FALSE in the protocol as it should be
    SkipPrepare,      \* no mutex is taken before the fork
    WrongOrder,       \* the handlers are registered in ascending order
    ForgetParent,     \* the parent handlers do not release
    KeepBinding,      \* the child handler forgets the binding
    ForgetFlag        \* the child handler does not set the flag

Locks == {"pool", "stream", "encoding"}

Rank(l) == CASE l = "pool" -> 1 [] l = "stream" -> 2 [] l = "encoding" -> 3

Registered == IF WrongOrder THEN <<"pool", "stream", "encoding">>
                            ELSE <<"encoding", "stream", "pool">>
Last       == Len(Registered)

VARIABLES
    holder,  \* of each mutex, in the parent
    bound,   \* the threads that are bound to a stream, in the parent
    pc,      \* where each thread of the parent is
    step,    \* the number of the handler that the forking thread runs next
    child,   \* where the child's only thread is; "none" if there is no child
    copyOf,  \* the thread that forked
    held,    \* holder of each mutex, in the child
    binding, \* the child's thread has a binding
    flag,    \* g_in_forked_child
    next     \* the number of the handler that the child runs next

parentVars == <<holder, bound, pc, step>>
childVars  == <<child, copyOf, held, binding, flag, next>>
vars       == <<parentVars, childVars>>

TypeOK ==
    /\ holder \in [Locks -> Threads \cup {NoThread}]
    /\ bound \subseteq Threads
    /\ pc \in [Threads -> {"run", "prepare", "fork", "parent"}]
    /\ step \in 1 .. Last
    /\ child \in {"none", "handlers", "run", "refused", "device"}
    /\ copyOf \in Threads \cup {NoThread}
    /\ held \in [Locks -> Threads \cup {NoThread}]
    /\ binding \in BOOLEAN /\ flag \in BOOLEAN
    /\ next \in 1 .. Last

Init ==
    /\ holder = [l \in Locks |-> NoThread]
    /\ bound = {}
    /\ pc = [t \in Threads |-> "run"]
    /\ step = 1
    /\ child = "none" /\ copyOf = NoThread
    /\ held = [l \in Locks |-> NoThread]
    /\ binding = FALSE /\ flag = FALSE
    /\ next = 1

-----------------------------------------------------------------------------
Goto(t, label) == pc' = [pc EXCEPT ![t] = label]
Owned(t)       == {l \in Locks : holder[l] = t}
Forking        == \E t \in Threads : pc[t] # "run"

(***************************************************************************)
(* A thread of the parent at its work.                                     *)
(***************************************************************************)
Acquire(t, l) ==
    /\ pc[t] = "run"
    /\ holder[l] = NoThread
    /\ \A m \in Owned(t) : Rank(m) < Rank(l)
    /\ holder' = [holder EXCEPT ![l] = t]
    /\ UNCHANGED <<bound, pc, step, childVars>>

Release(t, l) ==  \* the one that it took last
    /\ pc[t] = "run"
    /\ l \in Owned(t)
    /\ \A m \in Owned(t) : Rank(m) <= Rank(l)
    /\ holder' = [holder EXCEPT ![l] = NoThread]
    /\ UNCHANGED <<bound, pc, step, childVars>>

Rebind(t) ==  \* bind a stream, or give it back
    /\ pc[t] = "run"
    /\ holder["pool"] = t
    /\ bound' = IF t \in bound THEN bound \ {t} ELSE bound \cup {t}
    /\ UNCHANGED <<holder, pc, step, childVars>>

(***************************************************************************)
(* fork(), in the parent.                                                  *)
(***************************************************************************)
BeginFork(t) ==
    /\ pc[t] = "run" /\ Owned(t) = {}
    /\ child = "none" /\ ~Forking
    /\ Goto(t, IF SkipPrepare THEN "fork" ELSE "prepare")
    /\ step' = IF SkipPrepare THEN 1 ELSE Last
    /\ UNCHANGED <<holder, bound, childVars>>

Prepare(t) ==
    /\ pc[t] = "prepare"
    /\ LET l == Registered[step]
       IN  /\ holder[l] = NoThread
           /\ holder' = [holder EXCEPT ![l] = t]
    /\ IF step = 1
       THEN Goto(t, "fork") /\ UNCHANGED step
       ELSE step' = step - 1 /\ UNCHANGED pc
    /\ UNCHANGED <<bound, childVars>>

Fork(t) ==
    /\ pc[t] = "fork"
    /\ child' = "handlers" /\ copyOf' = t
    /\ held' = holder
    /\ binding' = (t \in bound)
    /\ next' = 1
    /\ Goto(t, "parent")
    /\ UNCHANGED <<holder, bound, step, flag>>

Parent(t) ==
    /\ pc[t] = "parent"
    /\ LET l == Registered[step]
       IN  holder' = IF holder[l] = t /\ ~ForgetParent
                     THEN [holder EXCEPT ![l] = NoThread] ELSE holder
    /\ IF step = Last
       THEN Goto(t, "run") /\ step' = 1
       ELSE step' = step + 1 /\ UNCHANGED pc
    /\ UNCHANGED <<bound, childVars>>

(***************************************************************************)
(* The child.  The handler of the pool also sets the flag and drops the    *)
(* binding.                                                                *)
(***************************************************************************)
ChildHandler ==
    /\ child = "handlers"
    /\ LET l == Registered[next]
       IN  /\ held' = IF held[l] = copyOf THEN [held EXCEPT ![l] = NoThread]
                      ELSE held
           /\ flag' = IF l = "pool" /\ ~ForgetFlag THEN TRUE ELSE flag
           /\ binding' = IF l = "pool" /\ ~KeepBinding THEN FALSE ELSE binding
    /\ IF next = Last
       THEN child' = "run" /\ next' = 1
       ELSE next' = next + 1 /\ UNCHANGED child
    /\ UNCHANGED <<parentVars, copyOf>>

ChildCall ==  \* the child asks for its current stream
    /\ child = "run"
    /\ child' = IF flag THEN "refused" ELSE "device"
    /\ UNCHANGED <<parentVars, copyOf, held, binding, flag, next>>

ChildExit ==
    /\ child \in {"run", "refused"}
    /\ child' = "none" /\ copyOf' = NoThread
    /\ held' = [l \in Locks |-> NoThread]
    /\ binding' = FALSE /\ flag' = FALSE
    /\ UNCHANGED <<parentVars, next>>

-----------------------------------------------------------------------------
ForkCall(t) == Prepare(t) \/ Fork(t) \/ Parent(t)
Child       == ChildHandler \/ ChildCall \/ ChildExit

Next ==
    \/ \E t \in Threads :
          \/ \E l \in Locks : Acquire(t, l) \/ Release(t, l)
          \/ Rebind(t)
          \/ BeginFork(t) \/ ForkCall(t)
    \/ Child

Spec == Init /\ [][Next]_vars

\* Nobody keeps a mutex for ever, and a fork that has begun is completed.
Fairness == /\ \A t \in Threads : SF_vars(ForkCall(t))
            /\ \A t \in Threads, l \in Locks : SF_vars(Release(t, l))
            /\ WF_vars(Child)
LiveSpec == Spec /\ Fairness

ForkReturns == \A t \in Threads : pc[t] = "prepare" ~> pc[t] = "run"

-----------------------------------------------------------------------------
Settled == child \in {"run", "refused", "device"}  \* the child's handlers ran

\* FH.ChildLocksUsable: the child holds no mutex, and nobody else does there.
ChildLocksUsable == Settled => \A l \in Locks : held[l] = NoThread

\* FH.ChildDropsBindings
ChildDropsBindings == Settled => ~binding

\* FH.ChildNoDevice
ChildNoDevice == child # "device"

\* FH.HandlerOrder: a prepare handler waits only for a mutex that ranks above
\* those that the handlers before it have taken.
HandlerOrder ==
    \A t \in Threads : pc[t] = "prepare" =>
        \A l \in Owned(t) : Rank(l) < Rank(Registered[step])

\* FH.ParentReleases: who can fork again holds nothing of the last time.
ParentReleases ==
    [][\A t \in Threads : pc[t] = "parent" /\ pc'[t] = "run" =>
           \A l \in Locks : holder'[l] # t]_vars

\* FH.ConsistentSnapshot: no mutex is held by a thread that the fork leaves
\* behind.
ConsistentSnapshot ==
    child # "none" => \A l \in Locks : held[l] \in {NoThread, copyOf}
=============================================================================
