------------------------------- MODULE RealTime ------------------------------
\* Real-time bounds (Specifying Systems, section 9.2). The variable `now` is the time. Checking needs a finite set of times
\* in place of `Real`, and RTBound hides its timer, which no model checker can enumerate.
EXTENDS Reals
VARIABLE now

\* Whenever an <<A>>_v step has been enabled for E without a break it has been taken, and it is only taken after it has been
\* enabled for D.
RTBound(A, v, D, E) ==
    LET Ticks(t) == t' = IF <<A>>_v \/ ~(ENABLED <<A>>_v)' THEN 0 ELSE t + (now' - now)
        Measures(t) == t = 0 /\ [][Ticks(t)]_<<t, v, now>>
        NotLate(t) == [](t <= E)
        NotEarly(t) == [][A => t >= D]_v
    IN  \EE t : Measures(t) /\ NotLate(t) /\ NotEarly(t)

\* Time goes on beyond every bound, by steps that leave v alone.
RTnow(v) ==
    LET Pass == now' \in {r \in Real : r > now} /\ UNCHANGED v
    IN  /\ now \in Real
        /\ [][Pass]_now
        /\ \A r \in Real : WF_now(Pass /\ now' > r)
==============================================================================
