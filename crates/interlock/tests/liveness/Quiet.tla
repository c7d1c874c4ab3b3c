---- MODULE Quiet ----
\* Termination detection on a ring. A token goes round and waits at active nodes; a node that was active since the
\* token's last visit starts the count anew. After N visits in a row without such a node everything has ended.
EXTENDS Integers
CONSTANT N
VARIABLES active, touched, token, count, ended
vars == <<active, touched, token, count, ended>>
Nodes == 0..N - 1

Init ==
    /\ active \in [Nodes -> BOOLEAN]
    /\ touched = active
    /\ token = 0 /\ count = 0 /\ ended = FALSE

Wake(a, b) ==
    /\ active[a]
    /\ active' = [active EXCEPT ![b] = TRUE]
    /\ touched' = [touched EXCEPT ![b] = TRUE]
    /\ UNCHANGED <<token, count, ended>>

Rest(a) ==
    /\ active[a]
    /\ active' = [active EXCEPT ![a] = FALSE]
    /\ UNCHANGED <<touched, token, count, ended>>

Pass ==
    /\ ~active[token]
    /\ count < N
    /\ count' = IF touched[token] THEN 0 ELSE count + 1
    /\ touched' = [touched EXCEPT ![token] = FALSE]
    /\ token' = (token + 1) % N
    /\ UNCHANGED <<active, ended>>

Detect ==
    /\ count = N /\ ~ended
    /\ ended' = TRUE
    /\ UNCHANGED <<active, touched, token, count>>

Next == Pass \/ Detect \/ \E a \in Nodes: Rest(a) \/ \E b \in Nodes: Wake(a, b)

Spec == Init /\ [][Next]_vars /\ WF_vars(Pass) /\ WF_vars(Detect)
\* The token may stop.
Lazy == Init /\ [][Next]_vars /\ WF_vars(Detect)

AllQuiet == \A a \in Nodes: ~active[a]
Safe == [](ended => AllQuiet)
Live == AllQuiet ~> ended
Stable == [](AllQuiet => []AllQuiet)
Ends == <>ended
Fate == <>[]ended \/ []<>(\E a \in Nodes: active[a])
====
