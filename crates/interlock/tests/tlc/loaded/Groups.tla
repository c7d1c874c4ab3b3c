---- MODULE Groups ----
EXTENDS Naturals, FiniteSets
CONSTANT P
VARIABLES s, f
Init == s = {} /\ f = [p \in P |-> 0]
Add(p) == p \notin s /\ s' = s \cup {p} /\ f' = [f EXCEPT ![p] = Cardinality(s)]
Next == \E p \in P : Add(p)
Inv == Cardinality(s) < 2
====
