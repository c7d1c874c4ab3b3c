---- MODULE Stop ----
EXTENDS Integers, TLC
VARIABLE x
Init == x = 0
Next == x' = (x + 1) % 5
\* The specification itself ends the run.
Enough == TLCSet("exit", TLCGet("stats").traces >= 3)
ASSUME TLCGet("config").mode \in {"simulate", "generate"}
====
