---------------------------- MODULE FiniteSetsExt ----------------------------
\* Folds, counting and choice on finite sets.
EXTENDS Integers, FiniteSets, Folds, Functions

\* Combines all elements; the least one is combined with `base` first: op(xn, ... op(x2, op(x1, base))).
FoldSet(op(_, _), base, set) ==
    LET RECURSIVE Combine(_, _)
        Combine(rest, amount) ==
            IF rest = {} THEN amount
            ELSE LET least == CHOOSE x \in rest : TRUE
                 IN  Combine(rest \ {least}, op(least, amount))
    IN  Combine(set, base)
ReduceSet(op(_, _), set, acc) == FoldSet(op, acc, set)

SumSet(set) == FoldSet(LAMBDA x, sum : x + sum, 0, set)
ProductSet(set) == FoldSet(LAMBDA x, product : x * product, 1, set)

\* The sum of op(x) over all elements x; equal summands count as often as they occur.
MapThenSumSet(op(_), set) == FoldSet(LAMBDA x, sum : op(x) + sum, 0, set)

FlattenSet(S) == UNION S

\* Elements of exactly one of the two.
SymDiff(A, B) == (A \cup B) \ (A \cap B)

\* How many elements satisfy P.
Quantify(S, P(_)) == FoldSet(LAMBDA x, count : IF P(x) THEN count + 1 ELSE count, 0, S)

\* All subsets with k elements.
kSubset(k, S) == {T \in SUBSET S : Cardinality(T) = k}

Max(S) == CHOOSE bound \in S : \A x \in S : x <= bound
Min(S) == CHOOSE bound \in S : \A x \in S : bound <= x

\* All sets that consist of one element from each of the sets.
Choices(Sets) ==
    LET RECURSIVE Pick(_)
        Pick(rest) ==
            IF rest = {} THEN {{}}
            ELSE LET first == CHOOSE T \in rest : TRUE
                     others == Pick(rest \ {first})
                 IN  {{x} \cup chosen : x \in first, chosen \in others}
    IN  Pick(Sets)

\* The only element that satisfies P.
ChooseUnique(S, P(_)) == CHOOSE x \in S : P(x) /\ \A y \in S \ {x} : ~P(y)
===============================================================================
