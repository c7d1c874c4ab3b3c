---- MODULE Door ----
\* A lock that one greedy process takes and gives back again and again, while a polite one tries it now and then. The
\* polite process gets in only under strong fairness: there is always another moment in which the door is locked.
VARIABLES door, polite
vars == <<door, polite>>

Init == door = "open" /\ polite = "outside"
Grab == door = "open" /\ door' = "locked" /\ UNCHANGED polite
Release == door = "locked" /\ door' = "open" /\ UNCHANGED polite
Try == door = "open" /\ polite = "outside" /\ polite' = "inside" /\ UNCHANGED door
Next == Grab \/ Release \/ Try

WeakSpec == Init /\ [][Next]_vars /\ WF_vars(Grab) /\ WF_vars(Release) /\ WF_vars(Try)
StrongSpec == Init /\ [][Next]_vars /\ WF_vars(Grab) /\ WF_vars(Release) /\ SF_vars(Try)

Inside == <>(polite = "inside")
StrongAsProperty == SF_vars(Try)
WeakAsProperty == WF_vars(Try)
====
