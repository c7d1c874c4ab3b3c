--------------------------- MODULE LockHierarchy ---------------------------
(* Threads that take locks in ascending order, the usual discipline against *)
(* deadlock. A thread announces the lock that it wants next, waits for it,  *)
(* and gives its locks back in any order.                                   *)
EXTENDS Naturals

CONSTANTS Threads,  \* a set of model values
          Locks,    \* the locks are 1..Locks
          Nobody    \* a model value: holder of a free lock

VARIABLES holder,   \* holder[l]: who has lock l
          wanted    \* wanted[t]: the lock that thread t waits for, 0 for none

Lock == 1..Locks

TypeOK == /\ holder \in [Lock -> Threads \cup {Nobody}]
          /\ wanted \in [Threads -> 0..Locks]

Init == /\ holder = [l \in Lock |-> Nobody]
        /\ wanted = [t \in Threads |-> 0]

Held(t) == {l \in Lock : holder[l] = t}

Announce(t) == /\ wanted[t] = 0
               /\ \E l \in Lock : /\ \A h \in Held(t) : h < l
                                  /\ wanted' = [wanted EXCEPT ![t] = l]
               /\ UNCHANGED holder

Take(t) == /\ wanted[t] # 0
           /\ holder[wanted[t]] = Nobody
           /\ holder' = [holder EXCEPT ![wanted[t]] = t]
           /\ wanted' = [wanted EXCEPT ![t] = 0]

GiveBack(t) == /\ wanted[t] = 0
               /\ \E l \in Held(t) : holder' = [holder EXCEPT ![l] = Nobody]
               /\ UNCHANGED wanted

Next == \E t \in Threads : Announce(t) \/ Take(t) \/ GiveBack(t)

Spec == Init /\ [][Next]_<<holder, wanted>>

(* Nobody waits for a lock below one that it has: the order of waiting has no cycle. *)
Ascending == \A t \in Threads : wanted[t] # 0 => \A l \in Held(t) : l < wanted[t]
=============================================================================
