---- MODULE Slots ----
\* Threads take slots from a free list; with Careless a thread may take a slot that is not free.
EXTENDS Integers, FiniteSets
CONSTANTS Threads, Slots, Careless
VARIABLES free, slot

None == 0
vars == <<free, slot>>

Init == free = Slots /\ slot = [t \in Threads |-> None]

Take(t, s) ==
    /\ slot[t] = None
    /\ s \in free \/ Careless
    /\ free' = free \ {s}
    /\ slot' = [slot EXCEPT ![t] = s]

Give(t) ==
    /\ slot[t] # None
    /\ free' = free \union {slot[t]}
    /\ slot' = [slot EXCEPT ![t] = None]

Next == \E t \in Threads: Give(t) \/ \E s \in Slots: Take(t, s)
Spec == Init /\ [][Next]_vars /\ WF_vars(Next)

TypeOK == free \subseteq Slots /\ slot \in [Threads -> Slots \union {None}]
MutualExclusion == \A a, b \in Threads: a # b /\ slot[a] # None => slot[a] # slot[b]
OneAtATime == [][Cardinality(free') - Cardinality(free) \in {-1, 1}]_vars
EventuallyFree == <>(free = Slots)
====
