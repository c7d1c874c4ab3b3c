---- MODULE Many ----
\* Twenty-six conditions of strong fairness, all of which matter: each of the directions has to be taken again and again.
EXTENDS Integers
CONSTANT Directions
VARIABLE at
Init == at = 0
Go(i) == at = 0 /\ at' = i
Back == at # 0 /\ at' = 0
Next == Back \/ \E i \in Directions: Go(i)
Fair(except) == WF_at(Back) /\ \A i \in Directions \ {except}: SF_at(Go(i))
Spec == Init /\ [][Next]_at /\ Fair(0)
Spared == Init /\ [][Next]_at /\ Fair(7)
All == \A i \in Directions: []<>(at = i)
====
