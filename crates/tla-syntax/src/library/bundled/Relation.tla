------------------------------- MODULE Relation ------------------------------
\* Properties of binary relations. A relation over S is a function R with R[x, y] a Boolean for x and y in S; the variants
\* "Under" take an operator instead.
EXTENDS Naturals, FiniteSets

LOCAL AsFunction(op(_, _), S) == [pair \in S \X S |-> op(pair[1], pair[2])]

IsReflexive(R, S) == \A x \in S : R[x, x]
IsReflexiveUnder(op(_, _), S) == IsReflexive(AsFunction(op, S), S)

IsIrreflexive(R, S) == \A x \in S : ~R[x, x]
IsIrreflexiveUnder(op(_, _), S) == IsIrreflexive(AsFunction(op, S), S)

IsSymmetric(R, S) == \A x, y \in S : R[x, y] => R[y, x]
IsSymmetricUnder(op(_, _), S) == IsSymmetric(AsFunction(op, S), S)

IsAntiSymmetric(R, S) == \A x, y \in S : R[x, y] /\ R[y, x] => x = y
IsAntiSymmetricUnder(op(_, _), S) == IsAntiSymmetric(AsFunction(op, S), S)

IsAsymmetric(R, S) == \A x, y \in S : R[x, y] => ~R[y, x]
IsAsymmetricUnder(op(_, _), S) == IsAsymmetric(AsFunction(op, S), S)

IsTransitive(R, S) == \A x, y \in S : R[x, y] => \A z \in S : R[y, z] => R[x, z]
IsTransitiveUnder(op(_, _), S) == IsTransitive(AsFunction(op, S), S)

IsStrictlyPartiallyOrdered(R, S) == IsIrreflexive(R, S) /\ IsAntiSymmetric(R, S) /\ IsTransitive(R, S)
IsStrictlyPartiallyOrderedUnder(op(_, _), S) == IsStrictlyPartiallyOrdered(AsFunction(op, S), S)

IsPartiallyOrdered(R, S) == IsReflexive(R, S) /\ IsAntiSymmetric(R, S) /\ IsTransitive(R, S)
IsPartiallyOrderedUnder(op(_, _), S) == IsPartiallyOrdered(AsFunction(op, S), S)

IsStrictlyTotallyOrdered(R, S) ==
    IsStrictlyPartiallyOrdered(R, S) /\ \A x, y \in S : x = y \/ R[x, y] \/ R[y, x]
IsStrictlyTotallyOrderedUnder(op(_, _), S) == IsStrictlyTotallyOrdered(AsFunction(op, S), S)

IsTotallyOrdered(R, S) == IsPartiallyOrdered(R, S) /\ \A x, y \in S : R[x, y] \/ R[y, x]
IsTotallyOrderedUnder(op(_, _), S) == IsTotallyOrdered(AsFunction(op, S), S)

\* Everything that can be reached from a set of elements, these included (S. Warshall, 1962, for the idea of growing).
LOCAL Reach(R, S, start) ==
    LET RECURSIVE Grow(_)
        Grow(seen) ==
            LET next == {y \in S \ seen : \E x \in seen : R[x, y]}
            IN  IF next = {} THEN seen ELSE Grow(seen \cup next)
    IN  Grow(start)

TransitiveClosure(R, S) ==
    LET behind == [x \in S |-> Reach(R, S, {y \in S : R[x, y]})]
    IN  [x, y \in S |-> y \in behind[x]]
ReflexiveTransitiveClosure(R, S) ==
    LET behind == [x \in S |-> Reach(R, S, {x})]
    IN  [x, y \in S |-> y \in behind[x]]

\* Whether there is a path from every element to every other.
IsConnected(R, S) == \A x \in S : Reach(R, S, {x}) = S
===============================================================================
