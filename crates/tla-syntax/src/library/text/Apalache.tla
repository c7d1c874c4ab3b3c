------------------------------- MODULE Apalache -------------------------------
(* The annotations and operators that specifications for the symbolic checker Apalache use, with the meaning that an  *)
(* explicit-state checker gives them: annotations are the identity, assignments are equations.                       *)
LOCAL INSTANCE Integers
LOCAL INSTANCE Sequences

\* An assignment to a variable, written where the value is chosen.
x := e == x = e

\* Some value of at most this size; there is no value that an explicit search could prefer.
Gen(size) == {}

\* Some element of a set.
Guess(S) == CHOOSE element \in S : TRUE

\* Hints for the translation to constraints.
Skolem(e) == e
Expand(S) == S
ConstCardinality(e) == e

\* The first elements of a function over natural numbers as a sequence.
FunAsSeq(function, length, capacity) == SubSeq(function, 1, length)

\* The sequence of the values of an operator.
MkSeq(length, Element(_)) == [index \in 1..length |-> Element(index)]

\* The function with the graph S.
SetAsFun(S) ==
    LET Value(argument) == CHOOSE pair \in S : pair[1] = argument
    IN  [argument \in {pair[1] : pair \in S} |-> Value(argument)[2]]

RECURSIVE ApaFoldSet(_, _, _)
ApaFoldSet(Combine(_, _), base, S) ==
    IF S = {} THEN base
    ELSE LET element == CHOOSE element \in S : TRUE
         IN  ApaFoldSet(Combine, Combine(base, element), S \ {element})

RECURSIVE ApaFoldSeqLeft(_, _, _)
ApaFoldSeqLeft(Combine(_, _), base, sequence) ==
    IF sequence = <<>> THEN base
    ELSE ApaFoldSeqLeft(Combine, Combine(base, Head(sequence)), Tail(sequence))

\* The value after so many steps.
RECURSIVE Repeat(_, _, _)
Repeat(Step(_, _), count, base) == IF count = 0 THEN base ELSE Step(Repeat(Step, count - 1, base), count)
===============================================================================
