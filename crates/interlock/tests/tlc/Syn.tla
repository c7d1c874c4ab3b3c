---- MODULE Syn ----
EXTENDS Integers
VARIABLE x
Init == x = 
Next == x' = x + 1
====
