---- MODULE Clock ----
\* A clock that ticks for ever; Digits refines it.
EXTENDS Integers
VARIABLE hour
Init == hour = 0
Tick == hour' = (hour + 1) % 3
Spec == Init /\ [][Tick]_hour /\ WF_hour(Tick)
====
