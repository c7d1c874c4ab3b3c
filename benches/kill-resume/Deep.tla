-------------------------------- MODULE Deep --------------------------------
\* Three counters. The invariant is broken only after most states have been seen, so that a search is killed many times
\* before it finds the violation.
EXTENDS Naturals, Sequences

CONSTANTS Top, Limit

VARIABLES counters, log

Init == counters = <<0, 0, 0>> /\ log = <<>>

Raise(i) ==
    /\ counters[i] < Top
    /\ counters' = [counters EXCEPT ![i] = @ + 1]
    /\ log' = IF Len(log) < 2 THEN Append(log, i) ELSE <<log[2], i>>

Next == \E i \in 1..3 : Raise(i)

Below == counters[1] + counters[2] + counters[3] < Limit
=============================================================================
