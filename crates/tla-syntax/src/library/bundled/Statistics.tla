------------------------------ MODULE Statistics ------------------------------
\* A test of statistics. What has no definition in TLA+ is an unbounded choice here; the evaluator computes it.
EXTENDS Naturals

\* Pearson's test (1900): FALSE if samples that were counted as `actual` differ from the expected counts so much that this
\* would happen with a probability below `alpha`, a decimal fraction in a string.
ChiSquare(expected, actual, alpha) == CHOOSE fits : fits \in BOOLEAN
===============================================================================
