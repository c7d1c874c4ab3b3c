---- MODULE Names ----
EXTENDS Naturals
VARIABLE x
Init == x = Zero
Next == x' = Increment(x)
Twice(a) == 2 * a
Wrong == Twice(1, 2)
====
