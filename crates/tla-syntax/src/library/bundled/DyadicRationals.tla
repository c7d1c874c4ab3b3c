--------------------------- MODULE DyadicRationals ----------------------------
\* Fractions whose denominator is a power of two, as records of numerator and denominator.
LOCAL INSTANCE FiniteSets
LOCAL INSTANCE Integers
LOCAL INSTANCE Sequences
LOCAL INSTANCE FiniteSetsExt
LOCAL INSTANCE TLC

LOCAL Fraction(numerator, denominator) == [num |-> numerator, den |-> denominator]
LOCAL Absolute(n) == IF n < 0 THEN -n ELSE n

\* The fraction in lowest terms, by Euclid's algorithm.
LOCAL InLowestTerms(p) ==
    LET RECURSIVE Divisor(_, _)
        Divisor(a, b) == IF b = 0 THEN a ELSE Divisor(b, a % b)
        divisor == Divisor(Absolute(p.num), Absolute(p.den))
        Quotient(n) == IF n < 0 THEN -((-n) \div divisor) ELSE n \div divisor
    IN  Fraction(Quotient(p.num), Quotient(p.den))

IsDyadicRational(r) ==
    LET RECURSIVE IsPower(_)
        IsPower(n) == n = 1 \/ (n > 1 /\ n % 2 = 0 /\ IsPower(n \div 2))
    IN  IsPower(r.den)

Zero == Fraction(0, 1)
One == Fraction(1, 1)

\* The larger of two powers of two is their common denominator.
Add(p, q) ==
    LET common == Max({p.den, q.den})
        Scaled(r) == r.num * (common \div r.den)
    IN  IF p = Zero THEN q ELSE InLowestTerms(Fraction(Scaled(p) + Scaled(q), common))

Half(p) == InLowestTerms(Fraction(p.num, 2 * p.den))

PrettyPrint(p) ==
    CASE p = Zero -> "0"
      [] p = One -> "1"
      [] OTHER -> ToString(p.num) \o "/" \o ToString(p.den)
===============================================================================
