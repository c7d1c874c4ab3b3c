-------------------------------- MODULE Folds --------------------------------
\* The fold on which the others rest.

\* Takes the elements of S away one after the other, in the order in which `choose` picks them, and combines their images
\* with what the elements picked later amount to: op(f(x1), op(f(x2), ... op(f(xn), base))).
MapThenFoldSet(op(_, _), base, f(_), choose(_), S) ==
    LET RECURSIVE Amount(_)
        Amount(rest) ==
            IF rest = {} THEN base
            ELSE LET picked == choose(rest)
                 IN  op(f(picked), Amount(rest \ {picked}))
    IN  Amount(S)
===============================================================================
