---- MODULE Sem ----
EXTENDS Integers
VARIABLE x
Init == x = zz
Next == x' = x + 1
====
