------------------------------- MODULE Quorum -------------------------------
(* Voters answer one of two questions each; a question is decided when more *)
(* than half have said yes to it. Two decisions would share a voter.        *)
EXTENDS Naturals, FiniteSets

CONSTANT Voters     \* the voters are 1..Voters

VARIABLES yes,      \* yes[q]: who said yes to question q
          decided   \* the questions that are decided

vars == <<yes, decided>>
Voter == 1..Voters
Question == {"a", "b"}

TypeOK == yes \in [Question -> SUBSET Voter] /\ decided \in SUBSET Question

Init == yes = [q \in Question |-> {}] /\ decided = {}

Vote(v, q) == /\ \A other \in Question : v \notin yes[other]
              /\ yes' = [yes EXCEPT ![q] = @ \cup {v}]
              /\ UNCHANGED decided

Decide(q) == /\ 2 * Cardinality(yes[q]) > Voters
             /\ decided' = decided \cup {q}
             /\ UNCHANGED yes

Next == \E q \in Question : Decide(q) \/ \E v \in Voter : Vote(v, q)

Spec == Init /\ [][Next]_vars

(* The argument: nobody says yes twice, and what is decided has its majority. *)
Inductive == /\ TypeOK
             /\ yes["a"] \cap yes["b"] = {}
             /\ \A q \in decided : 2 * Cardinality(yes[q]) > Voters

Agreement == Cardinality(decided) <= 1
Counted == Cardinality(yes["a"]) + Cardinality(yes["b"]) <= Voters
=============================================================================
