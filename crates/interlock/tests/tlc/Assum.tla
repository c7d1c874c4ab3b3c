---- MODULE Assum ----
EXTENDS Integers
ASSUME 1 + 1 = 2
ASSUME \A x \in 1..3 : x < 3
====
