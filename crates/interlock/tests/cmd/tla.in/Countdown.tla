---- MODULE Countdown ----
EXTENDS Integers, TLC
VARIABLE x
Init == x = 2
Next == x > 0 /\ x' = x - 1
Never == x < 0 /\ x' = 0
Divides == 10 \div x > 0
Checked == Assert(x > 1, "too low") /\ x' = x - 1
NextOrNever == Next \/ Never
Positive == x < 0 => x = -1
====
