---- MODULE Digits ----
\* Two digits that count; the upper one is the hour of Clock. Low and Carry alone refine the clock. With Shake the lower
\* digit may fall back for ever: every step is still one of the clock or changes nothing of it, but the clock stops.
EXTENDS Integers
VARIABLES upper, lower
vars == <<upper, lower>>

Init == upper = 0 /\ lower = 0
Low == lower < 2 /\ lower' = lower + 1 /\ UNCHANGED upper
Carry == lower = 2 /\ lower' = 0 /\ upper' = (upper + 1) % 3
Shake == lower = 1 /\ lower' = 0 /\ UNCHANGED upper

Spec == Init /\ [][Low \/ Carry]_vars /\ WF_vars(Low \/ Carry)
Shaken == Init /\ [][Low \/ Carry \/ Shake]_vars /\ WF_vars(Low \/ Carry)
\* Going up counts: it must happen again and again from the second digit on.
Steady == Shaken /\ SF_vars(lower = 1 /\ Low)

High == INSTANCE Clock WITH hour <- upper
Refines == High!Spec
Wrong == INSTANCE Clock WITH hour <- lower
RefinesWrong == Wrong!Spec
====
