---- MODULE Turnstile ----
\* Mutual exclusion with a waiting line. If Fair is TRUE the first in the line goes in, otherwise anybody who waits, so
\* that one may be passed over for ever although everybody acts who can.
EXTENDS Integers, Sequences
CONSTANTS Visitors, Fair
VARIABLES place, line
vars == <<place, line>>

Init == place = [v \in Visitors |-> "away"] /\ line = <<>>

Arrive(v) ==
    /\ place[v] = "away"
    /\ place' = [place EXCEPT ![v] = "waiting"]
    /\ line' = Append(line, v)

Without(v) == SelectSeq(line, LAMBDA w: w # v)

Enter(v) ==
    /\ place[v] = "waiting"
    /\ \A w \in Visitors: place[w] # "inside"
    /\ Fair => Head(line) = v
    /\ place' = [place EXCEPT ![v] = "inside"]
    /\ line' = Without(v)

Leave(v) ==
    /\ place[v] = "inside"
    /\ place' = [place EXCEPT ![v] = "away"]
    /\ UNCHANGED line

Next == \E v \in Visitors: Arrive(v) \/ Enter(v) \/ Leave(v)

\* Nobody has to arrive.
Weak == \A v \in Visitors: WF_vars(Enter(v)) /\ WF_vars(Leave(v))
Strong == \A v \in Visitors: SF_vars(Enter(v)) /\ WF_vars(Leave(v))
Spec == Init /\ [][Next]_vars /\ Weak
StrongSpec == Init /\ [][Next]_vars /\ Strong
Unfair == Init /\ [][Next]_vars

Exclusive == \A v, w \in Visitors: v # w => ~(place[v] = "inside" /\ place[w] = "inside")
NoStarvation == \A v \in Visitors: place[v] = "waiting" ~> place[v] = "inside"
SomebodyEnters == (\E v \in Visitors: place[v] = "waiting") ~> (\E v \in Visitors: place[v] = "inside")
EverybodyEnters == \A v \in Visitors: <>(place[v] = "inside")
====
