------------------------------ MODULE Functions ------------------------------
\* Restriction, image, inverse and kinds of functions, and folds over their values.
EXTENDS Integers, Folds

\* The same values on a smaller domain.
Restrict(f, S) == [x \in S |-> f[x]]
RestrictDomain(f, Test(_)) == [x \in {y \in DOMAIN f : Test(y)} |-> f[x]]
RestrictValues(f, Test(_)) == [x \in {y \in DOMAIN f : Test(f[y])} |-> f[x]]

IsRestriction(narrow, wide) ==
    DOMAIN narrow \subseteq DOMAIN wide /\ \A x \in DOMAIN narrow : narrow[x] = wide[x]

\* The image of the domain.
Range(f) == {f[x] : x \in DOMAIN f}

\* Two functions joined value by value; the domain is the first one's.
Pointwise(f, g, T(_, _)) == [x \in DOMAIN f |-> T(f[x], g[x])]

\* For each t in T some argument in S with that value, if t is a value at all.
Inverse(f, S, T) ==
    LET image == Range(f)
    IN  [t \in T |-> CHOOSE s \in S : t \notin image \/ f[s] = t]
AntiFunction(f) == Inverse(f, DOMAIN f, Range(f))

\* No value is taken twice.
IsInjective(f) == \A x, y \in DOMAIN f : x = y \/ f[x] # f[y]

Injection(S, T) == {f \in [S -> T] : IsInjective(f)}
Surjection(S, T) == {f \in [S -> T] : \A t \in T : \E s \in S : f[s] = t}
Bijection(S, T) == {f \in Surjection(S, T) : IsInjective(f)}
ExistsInjection(S, T) == Injection(S, T) # {}
ExistsSurjection(S, T) == Surjection(S, T) # {}
ExistsBijection(S, T) == Bijection(S, T) # {}

\* Combines the values at the given arguments; the value at the least argument is combined with `base` first.
FoldFunctionOnSet(op(_, _), base, fun, indices) ==
    LET RECURSIVE Combine(_, _)
        Combine(rest, amount) ==
            IF rest = {} THEN amount
            ELSE LET least == CHOOSE x \in rest : TRUE
                 IN  Combine(rest \ {least}, op(fun[least], amount))
    IN  Combine(indices, base)
FoldFunction(op(_, _), base, fun) == FoldFunctionOnSet(op, base, fun, DOMAIN fun)

SumFunctionOnSet(fun, indices) == FoldFunctionOnSet(LAMBDA value, sum : value + sum, 0, fun, indices)
SumFunction(fun) == SumFunctionOnSet(fun, DOMAIN fun)
===============================================================================
