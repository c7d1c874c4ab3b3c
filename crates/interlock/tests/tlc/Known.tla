---- MODULE Known ----
EXTENDS Naturals, TLC
VARIABLES x, last, sum
Init == x = 0 /\ last = <<"Init", 0>> /\ sum = 0
Add(i) == x' = (x + i) % 7 /\ last' = <<"Add", i>> /\ sum' = sum + 1
Reset == x > 3 /\ x' = 0 /\ last' = <<"Reset", 0>> /\ sum' = sum + 1
Next == (\E i \in 1..3 : Add(i)) \/ Reset
Figures == TLCGet("stats")
Taken == Figures.behavior.actions
Count(a) == IF a \in DOMAIN Taken THEN Taken[a] ELSE 0
Inv == /\ TLCGet("action").name = last[1]
       /\ last[1] = "Add" => TLCGet("action").context = [i |-> last[2]] /\ TLCGet("action").parameters = <<"i">>
       /\ Count("Add") + Count("Reset") = sum
       /\ sum > 0 => Count(last[1]) > 0
       /\ TLCGet("level") = sum + 1
ACon == TLCGet("action").name = last[1] /\ Count("Add") + Count("Reset") = sum
ASSUME TLCGet("action").location.module = "--TLA+ BUILTINS--"
Post == Figures.traces = 50 /\ TLCGet("config").sched = "random" /\ TLCGet("level") = 0
    /\ Figures.levelmean = 12 /\ Figures.distinct = 0 - 1
====
