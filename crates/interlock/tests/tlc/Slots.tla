---- MODULE Slots ----
EXTENDS Naturals, FiniteSets
CONSTANTS Threads, Slots, Careless
VARIABLES free, slot
vars == <<free, slot>>

TypeOK == /\ free \subseteq Slots
          /\ slot \in [Threads -> Slots \cup {0}]
Init == /\ free = Slots
        /\ slot = [t \in Threads |-> 0]
Take(t, s) ==
    /\ slot[t] = 0
    /\ \/ s \in free
       \/ Careless
    /\ free' = free \ {s}
    /\ slot' = [slot EXCEPT ![t] = s]
Give(t) ==
    /\ slot[t] # 0
    /\ free' = free \cup {slot[t]}
    /\ slot' = [slot EXCEPT ![t] = 0]
Never == /\ free = {99}
         /\ UNCHANGED vars
Next == \/ \E t \in Threads : (\E s \in Slots : Take(t, s)) \/ Give(t)
        \/ Never
Spec == Init /\ [][Next]_vars
FairSpec == Spec /\ \A t \in Threads : WF_vars(Give(t))
MutualExclusion == \A a, b \in Threads : a # b => (slot[a] = 0 \/ slot[a] # slot[b])
Served == \A t \in Threads : <>(slot[t] # 0)
Returned == \A t \in Threads : slot[t] # 0 ~> slot[t] = 0
Step == [][free' # {}]_vars
InitialProp == free = {}
====
