-------------------------------- MODULE Token --------------------------------
(* A token goes around a ring; who holds it may enter. *)
EXTENDS Naturals

CONSTANT Nodes      \* the nodes are 0..Nodes-1

VARIABLES holder,   \* who has the token
          inside    \* inside[n]: whether node n has entered

vars == <<holder, inside>>
Node == 0..(Nodes - 1)

TypeOK == holder \in Node /\ inside \in [Node -> BOOLEAN]

Init == holder = 0 /\ inside = [n \in Node |-> FALSE]

Enter(n) == /\ holder = n
            /\ inside' = [inside EXCEPT ![n] = TRUE]
            /\ UNCHANGED holder

Leave(n) == /\ inside[n]
            /\ inside' = [inside EXCEPT ![n] = FALSE]
            /\ holder' = (n + 1) % Nodes

Next == \E n \in Node : Enter(n) \/ Leave(n)

Spec == Init /\ [][Next]_vars

Exclusion == \A m, n \in Node : inside[m] /\ inside[n] => m = n
=============================================================================
