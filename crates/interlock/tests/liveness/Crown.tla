---- MODULE Crown ----
\* Leader election on a ring: every node sends its name round, a node passes on names greater than its own, and whoever
\* meets its own name is the leader. A ring that is Leaky may lose names.
EXTENDS Integers
CONSTANTS Ring, Leaky
VARIABLES mail, started, leader
vars == <<mail, started, leader>>
Size == 4
Places == 1..Size
After(p) == IF p = Size THEN 1 ELSE p + 1

Init == mail = [p \in Places |-> {}] /\ started = {} /\ leader = 0

Start(p) ==
    /\ p \notin started
    /\ started' = started \union {p}
    /\ mail' = [mail EXCEPT ![After(p)] = @ \union {Ring[p]}]
    /\ UNCHANGED leader

Take(p, name) ==
    /\ name \in mail[p]
    /\ mail' = [q \in Places |->
         IF q = p THEN mail[q] \ {name}
         ELSE IF q = After(p) /\ name > Ring[p] THEN mail[q] \union {name} ELSE mail[q]]
    /\ leader' = IF name = Ring[p] THEN p ELSE leader
    /\ UNCHANGED started

Lose(p) ==
    /\ Leaky
    /\ \E name \in mail[p]: mail' = [mail EXCEPT ![p] = @ \ {name}]
    /\ UNCHANGED <<started, leader>>

Step(p) == Start(p) \/ \E name \in mail[p]: Take(p, name)
Next == \E p \in Places: Step(p) \/ Lose(p)
Spec == Init /\ [][Next]_vars /\ \A p \in Places: WF_vars(Step(p))

Elected == <>(leader # 0)
Stays == [][leader # 0 => leader' = leader]_vars
Greatest == <>[](\A p \in Places: leader # 0 /\ Ring[p] <= Ring[leader])
====
