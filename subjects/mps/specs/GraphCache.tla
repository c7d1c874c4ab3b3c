----------------------------- MODULE GraphCache -----------------------------
(***************************************************************************)
(* The caches of compiled graphs and kernels.                              *)
(*                                                                         *)
(* Compiling takes long, so it is done outside the lock of the cache: a    *)
(* thread that misses compiles a graph of its own, takes the lock, and     *)
(* inserts it, unless another thread has been faster; then it throws its   *)
(* own away and uses the other's.  A full cache evicts an entry that       *)
(* nobody refers to.  If there is none, the new graph stays private to its *)
(* thread and dies with its use.  References are taken under the lock and  *)
(* dropped without it.                                                     *)
(*                                                                         *)
(* Source: MPSGraphCache::LookUp, CreateCachedGraph, the pipeline cache of *)
(* MetalShaderLibrary.                                                     *)
(*                                                                         *)
(* Abstractions.  A reference count is the set of the threads that refer   *)
(* to the graph.  Graph objects are numbered, and the lowest unused one is *)
(* the next to be compiled, as in an allocator that likes to use memory    *)
(* again; `compiledFor` is what makes such reuse visible.                  *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets

CONSTANTS Threads, NoThread, Keys, NoKey,
          Capacity  \* entries that the cache holds

CONSTANTS           \* defects, all FALSE in the protocol as it should be
    EvictInUse,     \* eviction does not look at the references
    BlindInsert,    \* insertion does not look for an entry of the same key
    CompileLocked,  \* the lock is kept while compiling
    IgnoreCapacity, \* a full cache grows
    ForgetReference \* who loses the race takes no reference to the entry

\* Enough objects: the cache is full, and every thread has one of its own.
Graphs  == 1 .. (Capacity + Cardinality(Threads))
NoGraph == 0

VARIABLES
    entry,       \* of each key: the graph in the cache
    place,       \* of each graph object: unused, private, cached
    compiledFor, \* of each graph object: its key
    references,  \* of each graph object: the threads that refer to it
    lock,        \* owner of the lock of the cache
    pc,          \* where each thread is
    key,         \* the key that it asks for
    graph        \* the graph that it has in hand

vars == <<entry, place, compiledFor, references, lock, pc, key, graph>>

Labels == {"idle", "compile", "insertLock", "insert", "use"}

TypeOK ==
    /\ entry \in [Keys -> Graphs \cup {NoGraph}]
    /\ place \in [Graphs -> {"unused", "private", "cached"}]
    /\ compiledFor \in [Graphs -> Keys \cup {NoKey}]
    /\ references \in [Graphs -> SUBSET Threads]
    /\ lock \in Threads \cup {NoThread}
    /\ pc \in [Threads -> Labels]
    /\ key \in [Threads -> Keys \cup {NoKey}]
    /\ graph \in [Threads -> Graphs \cup {NoGraph}]

Init ==
    /\ entry = [k \in Keys |-> NoGraph]
    /\ place = [g \in Graphs |-> "unused"]
    /\ compiledFor = [g \in Graphs |-> NoKey]
    /\ references = [g \in Graphs |-> {}]
    /\ lock = NoThread
    /\ pc = [t \in Threads |-> "idle"]
    /\ key = [t \in Threads |-> NoKey]
    /\ graph = [t \in Threads |-> NoGraph]

-----------------------------------------------------------------------------
Goto(t, label) == pc' = [pc EXCEPT ![t] = label]
Cached         == {k \in Keys : entry[k] # NoGraph}
Full           == Cardinality(Cached) >= Capacity
Victims        == {k \in Cached : references[entry[k]] = {} \/ EvictInUse}
Unused         == {g \in Graphs : place[g] = "unused"}
NextGraph      == CHOOSE g \in Unused : \A h \in Unused : g <= h

Refer(t, g) == references' = [references EXCEPT ![g] = @ \cup {t}]
Unlock      == lock' = NoThread

\* Looking up is one step under the lock.
Lookup(t, k) ==
    /\ pc[t] = "idle"
    /\ lock = NoThread
    /\ key' = [key EXCEPT ![t] = k]

Hit(t, k) ==
    /\ Lookup(t, k)
    /\ entry[k] # NoGraph
    /\ graph' = [graph EXCEPT ![t] = entry[k]]
    /\ Refer(t, entry[k])
    /\ Goto(t, "use")
    /\ UNCHANGED <<entry, place, compiledFor, lock>>

Miss(t, k) ==
    /\ Lookup(t, k)
    /\ entry[k] = NoGraph
    /\ lock' = IF CompileLocked THEN t ELSE NoThread
    /\ Goto(t, "compile")
    /\ UNCHANGED <<entry, place, compiledFor, references, graph>>

Compile(t) ==
    /\ pc[t] = "compile"
    /\ Unused # {}
    /\ LET g == NextGraph
       IN  /\ place' = [place EXCEPT ![g] = "private"]
           /\ compiledFor' = [compiledFor EXCEPT ![g] = key[t]]
           /\ graph' = [graph EXCEPT ![t] = g]
           /\ Refer(t, g)
    /\ Goto(t, IF lock = t THEN "insert" ELSE "insertLock")
    /\ UNCHANGED <<entry, lock, key>>

InsertLock(t) ==
    /\ pc[t] = "insertLock"
    /\ lock = NoThread
    /\ lock' = t
    /\ Goto(t, "insert")
    /\ UNCHANGED <<entry, place, compiledFor, references, key, graph>>

Mine(t)   == entry[key[t]] = NoGraph \/ BlindInsert  \* nobody has been faster
NoRoom(t) == entry[key[t]] = NoGraph /\ Full /\ ~IgnoreCapacity

Insert(t) ==
    /\ pc[t] = "insert"
    /\ Mine(t) /\ ~NoRoom(t)
    /\ entry' = [entry EXCEPT ![key[t]] = graph[t]]
    /\ place' = [place EXCEPT ![graph[t]] = "cached"]
    /\ Unlock
    /\ Goto(t, "use")
    /\ UNCHANGED <<compiledFor, references, key, graph>>

Evict(t, k) ==  \* and then insert
    /\ pc[t] = "insert"
    /\ Mine(t) /\ NoRoom(t)
    /\ k \in Victims
    /\ place' = [place EXCEPT ![entry[k]] = "unused"]
    /\ compiledFor' = [compiledFor EXCEPT ![entry[k]] = NoKey]
    /\ references' = [references EXCEPT ![entry[k]] = {}]
    /\ entry' = [entry EXCEPT ![k] = NoGraph]
    /\ UNCHANGED <<lock, pc, key, graph>>

StayPrivate(t) ==  \* every entry is in use
    /\ pc[t] = "insert"
    /\ Mine(t) /\ NoRoom(t)
    /\ Victims = {}
    /\ Unlock
    /\ Goto(t, "use")
    /\ UNCHANGED <<entry, place, compiledFor, references, key, graph>>

LoseRace(t) ==  \* discard one's own, use the other's
    /\ pc[t] = "insert"
    /\ ~Mine(t)
    /\ LET mine   == graph[t]
           theirs == entry[key[t]]
       IN  /\ place' = [place EXCEPT ![mine] = "unused"]
           /\ compiledFor' = [compiledFor EXCEPT ![mine] = NoKey]
           /\ references' = [references EXCEPT ![mine] = {},
                 ![theirs] = IF ForgetReference THEN @ ELSE @ \cup {t}]
           /\ graph' = [graph EXCEPT ![t] = theirs]
    /\ Unlock
    /\ Goto(t, "use")
    /\ UNCHANGED <<entry, key>>

EndUse(t) ==  \* drop the reference, without the lock
    /\ pc[t] = "use"
    /\ LET g     == graph[t]
           dies  == place[g] = "private" /\ references[g] \subseteq {t}
       IN  /\ references' = [references EXCEPT ![g] = @ \ {t}]
           /\ place' = IF dies THEN [place EXCEPT ![g] = "unused"] ELSE place
           /\ compiledFor' = IF dies THEN [compiledFor EXCEPT ![g] = NoKey]
                             ELSE compiledFor
    /\ graph' = [graph EXCEPT ![t] = NoGraph]
    /\ key' = [key EXCEPT ![t] = NoKey]
    /\ Goto(t, "idle")
    /\ UNCHANGED <<entry, lock>>

-----------------------------------------------------------------------------
Step(t) == \/ Compile(t) \/ InsertLock(t)
           \/ Insert(t) \/ (\E k \in Keys : Evict(t, k))
           \/ StayPrivate(t) \/ LoseRace(t)
           \/ EndUse(t)

Next == \E t \in Threads : Step(t) \/ \E k \in Keys : Hit(t, k) \/ Miss(t, k)

Spec == Init /\ [][Next]_vars

\* A request that has begun is served; who wants the lock gets it in the end.
Fairness == \A t \in Threads : SF_vars(Step(t))
LiveSpec == Spec /\ Fairness

RequestServed == \A t \in Threads : pc[t] = "compile" ~> pc[t] = "use"

-----------------------------------------------------------------------------
\* GC.NoUseAfterEvict: the graph in use exists and is the one asked for.
NoUseAfterEvict ==
    \A t \in Threads : pc[t] = "use" =>
        /\ place[graph[t]] # "unused"
        /\ compiledFor[graph[t]] = key[t]

\* GC.NoOrphan: a graph that was inserted is the entry of its key.
NoOrphan ==
    \A g \in Graphs : place[g] = "cached" =>
        compiledFor[g] \in Keys /\ entry[compiledFor[g]] = g

\* GC.ReferencesConsistent: who refers to a graph is who has it in hand.
ReferencesConsistent ==
    \A t \in Threads : \A g \in Graphs : t \in references[g] <=> graph[t] = g

\* GC.CapacityRespected
CapacityRespected == Cardinality(Cached) <= Capacity

\* GC.CompileOutsideLock
CompileOutsideLock == \A t \in Threads : pc[t] = "compile" => lock # t

\* GC.NoDoubleInsert: an entry is made and evicted, but never replaced.
NoDoubleInsert ==
    [][\A k \in Keys :
           entry[k] # NoGraph => entry'[k] \in {entry[k], NoGraph}]_vars
=============================================================================
