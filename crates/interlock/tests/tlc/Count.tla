---- MODULE Count ----
EXTENDS Integers, TLC, Sequences
VARIABLES x, y
Init == x = 0 /\ y = <<>>
Inc == x < 3 /\ x' = x + 1 /\ y' = Append(y, x)
Bad == x = 3 /\ x' = Head(<<>>) /\ y' = y
Ass == x = 2 /\ Assert(FALSE, "x is two") /\ x' = 0 /\ y' = y
BadInv == x < 2 \/ y[7] = 3
InitInv == x # 0
NextDead == Inc
NextBad == Inc \/ Bad
NextAss == Inc \/ Ass
Part == x < 3 /\ x' = x + 1
ASSUME PrintT(<<"hello", 1>>)
====
