---- MODULE Branches ----
EXTENDS Naturals
CONSTANT N
VARIABLES free, held, turn
vars == <<free, held, turn>>
Init == free = N /\ held = {} /\ turn \in {1, 2}
Take(p) == /\ free > 0
           /\ p \notin held
           /\ free' = free - 1
           /\ held' = held \cup {p}
           /\ UNCHANGED turn
Give(p) == /\ p \in held
           /\ IF free > N THEN free' = 0 ELSE free' = free + 1
           /\ held' = held \ {p}
           /\ turn' = 3 - turn
Break == /\ turn > 2
         /\ turn' = turn - 1
         /\ UNCHANGED <<free, held>>
Next == \/ \E p \in {1, 2, 3} : Take(p) \/ Give(p)
        \/ Break
Bound == free <= N
Inv == /\ free \in 0..N
       /\ free = N => held = {}
       /\ \A p \in held : p > 0
====
