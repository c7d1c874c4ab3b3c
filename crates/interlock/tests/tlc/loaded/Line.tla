---- MODULE Line ----
EXTENDS Naturals, Sequences
VARIABLES x, q
Init == x = 0 /\ q = <<>>
Put == Len(q) < 2 /\ q' = Append(q, x) /\ x' = (x + 1) % 4
Get == q # <<>> /\ q' = Tail(q) /\ x' = x
Next == Put \/ Get
Spec == Init /\ [][Next]_<<x, q>> /\ WF_<<x, q>>(Next)
Inv == ~(x = 3 /\ Len(q) = 2)
Live == <>[](x = 0)
====
