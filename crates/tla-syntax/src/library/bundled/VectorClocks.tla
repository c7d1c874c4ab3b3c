----------------------------- MODULE VectorClocks -----------------------------
\* Logs of events that carry vector clocks (C. Fidge, 1988; F. Mattern, 1989): functions from nodes to counters. A node
\* that is not in the domain of a clock has the counter 0 there.
EXTENDS Naturals, Sequences, Functions

\* Whether no event of the log happened before one that stands in front of it, and no two are the same: some counter of each
\* is larger than it was in each event in front of it.
IsCausalOrder(log, clock(_)) ==
    LET At(event, node) == IF node \in DOMAIN clock(event) THEN clock(event)[node] ELSE 0
        Advances(early, late) == \E node \in DOMAIN clock(late) : At(early, node) < At(late, node)
    IN  \A late \in 1..Len(log) : \A early \in 1..(late - 1) : Advances(log[early], log[late])

\* The log in an order that respects causality. The events of each node are put into the order of the node's own counter;
\* then we go around the nodes and take from each the next event, provided that all events of other nodes on which it
\* depends are taken.
CausalOrder(log, clock(_), node(_), domain(_)) ==
    LET nodes == {node(log[k]) : k \in DOMAIN log}
        RECURSIVE Sorted(_)
        Sorted(places) ==
            IF places = {} THEN <<>>
            ELSE LET Time(k) == clock(log[k])[node(log[k])]
                     first == CHOOSE k \in places : \A j \in places : Time(k) <= Time(j)
                 IN  <<log[first]>> \o Sorted(places \ {first})
        lines == [n \in nodes |-> Sorted({k \in DOMAIN log : node(log[k]) = n})]
        IsReady(n, taken) ==
            /\ taken[n] < Len(lines[n])
            /\ LET now == clock(lines[n][taken[n] + 1])
               IN  \A other \in domain(now) \ {n} : now[other] <= taken[other]
        RECURSIVE Around(_)
        Around(rest) ==
            IF rest = {} THEN <<>>
            ELSE LET n == CHOOSE n \in rest : TRUE
                 IN  <<n>> \o Around(rest \ {n})
        turn == Around(nodes)
        Visit(n, state) ==
            IF IsReady(n, state.taken)
            THEN [taken |-> [state.taken EXCEPT ![n] = @ + 1],
                  log |-> Append(state.log, lines[n][state.taken[n] + 1])]
            ELSE state
        visits == [k \in 1..(Len(log) * Len(turn)) |-> turn[((k - 1) % Len(turn)) + 1]]
    IN  FoldFunction(Visit, [taken |-> [n \in nodes |-> 0], log |-> <<>>], visits).log
===============================================================================
