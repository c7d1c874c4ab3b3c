---------------------------- MODULE Combinatorics ----------------------------
\* Factorials and binomial coefficients.
EXTENDS Naturals

factorial[n \in Nat] == IF n < 2 THEN 1 ELSE n * factorial[n - 1]

\* The number of subsets with k elements of a set with n elements.
choose(n, k) == factorial[n] \div (factorial[n - k] * factorial[k])
===============================================================================
