------------------------------- MODULE Apalache -------------------------------
\* What specifications for the symbolic checker Apalache use, with the meaning that it has for a checker of explicit
\* states: hints to the symbolic checker change nothing.
LOCAL INSTANCE Integers
LOCAL INSTANCE Sequences

\* An equation that is meant as an assignment.
x := e == x = e

\* Any value of a type up to a size. An explicit search knows no types, so this is an unbounded choice, which is declined.
Gen(size) == CHOOSE value : TRUE

\* Some element, chosen by the checker; here always the same one.
Guess(S) == CHOOSE element \in S : TRUE

Skolem(e) == e
Expand(S) == S
ConstCardinality(cardExpr) == cardExpr

\* The values of a function at 1..len as a sequence; there is room for `capacity` values.
FunAsSeq(fn, len, capacity) == [k \in 1..(IF len < capacity THEN len ELSE capacity) |-> fn[k]]

MkSeq(N, F(_)) == [k \in 1..N |-> F(k)]

\* The function that consists of the given pairs.
SetAsFun(S) ==
    [key \in {pair[1] : pair \in S} |-> (CHOOSE pair \in S : pair[1] = key)[2]]

\* F(... F(F(x, 1), 2) ..., N)
Repeat(F(_, _), N, x) ==
    LET RECURSIVE Upto(_)
        Upto(k) == IF k = 0 THEN x ELSE F(Upto(k - 1), k)
    IN  Upto(N)

\* op(... op(op(v, s[1]), s[2]) ..., s[n])
ApaFoldSeqLeft(op(_, _), v, s) ==
    LET RECURSIVE Upto(_)
        Upto(k) == IF k = 0 THEN v ELSE op(Upto(k - 1), s[k])
    IN  Upto(Len(s))

\* The same for the elements of a set; the least one is combined with v first.
ApaFoldSet(op(_, _), v, S) ==
    LET RECURSIVE Combine(_, _)
        Combine(rest, amount) ==
            IF rest = {} THEN amount
            ELSE LET least == CHOOSE y \in rest : TRUE
                 IN  Combine(rest \ {least}, op(amount, least))
    IN  Combine(S, v)
===============================================================================
