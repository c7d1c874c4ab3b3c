------------------------------- MODULE Bitwise -------------------------------
\* Integers as rows of bits, the lowest bit first; a negative number goes on with ones for ever.
LOCAL INSTANCE Integers

\* Joins two numbers bit by bit; the row ends when both are all zeros or all ones.
LOCAL Join(x, y, Bit(_, _)) ==
    LET RECURSIVE Rest(_, _)
        Rest(a, b) ==
            IF a \in {0, -1} /\ b \in {0, -1} THEN -Bit(-a, -b)
            ELSE 2 * Rest(a \div 2, b \div 2) + Bit(a % 2, b % 2)
    IN  Rest(x, y)

x & y == Join(x, y, LAMBDA a, b : a * b)
x | y == Join(x, y, LAMBDA a, b : a + b - a * b)
x ^^ y == Join(x, y, LAMBDA a, b : (a + b) % 2)

\* Turns the bits of a natural number around, up to its highest one.
Not(a) ==
    LET RECURSIVE Turned(_)
        Turned(n) == IF n = 0 THEN 0 ELSE 2 * Turned(n \div 2) + (1 - (n % 2))
    IN  Turned(CHOOSE n \in {a} : n >= 0)

\* Drops the lowest bits of a natural number.
shiftR(n, pos) ==
    LET RECURSIVE Dropped(_, _)
        Dropped(m, count) == IF count = 0 THEN m ELSE Dropped(m \div 2, count - 1)
    IN  Dropped(CHOOSE m \in {n} : m >= 0, CHOOSE count \in {pos} : count \in 0..31)
===============================================================================
