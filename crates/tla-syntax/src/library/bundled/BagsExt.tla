------------------------------- MODULE BagsExt -------------------------------
\* Adding to, taking from and folding bags. A bag is a function from its elements to their numbers of copies.
LOCAL INSTANCE Bags
LOCAL INSTANCE Integers
LOCAL INSTANCE Folds

LOCAL Copies(B, x) == IF x \in DOMAIN B THEN B[x] ELSE 0

BagAdd(B, x) == [e \in DOMAIN B \cup {x} |-> Copies(B, e) + (IF e = x THEN 1 ELSE 0)]

BagRemoveAll(B, x) == [e \in DOMAIN B \ {x} |-> B[e]]
BagRemove(B, x) ==
    CASE x \notin DOMAIN B -> B
      [] x \in DOMAIN B /\ B[x] = 1 -> BagRemoveAll(B, x)
      [] OTHER -> [B EXCEPT ![x] = @ - 1]

\* Each element is first combined with itself as often as the bag has copies, starting from `base`; then these amounts
\* are combined, starting from `base` again. The operator `choose` has no influence.
MapThenFoldBag(op(_, _), base, f(_), choose(_), B) ==
    LET RECURSIVE Repeated(_, _)
        Repeated(x, n) == op(IF n = 1 THEN base ELSE Repeated(x, n - 1), f(x))
        Amount(x) == Repeated(x, CHOOSE n \in {B[x]} : n > 0)
    IN  MapThenFoldSet(op, base, Amount, LAMBDA rest : CHOOSE x \in rest : TRUE, DOMAIN B)

\* op(... op(op(base, x), x) ..., y) with each element as often as the bag has copies, the least element first.
FoldBag(op(_, _), base, B) ==
    LET RECURSIVE Fold(_, _, _)
        Fold(rest, n, amount) ==
            IF rest = {} THEN amount
            ELSE LET least == CHOOSE x \in rest : TRUE
                     copies == CHOOSE copies \in {B[least]} : copies > 0
                     next == op(amount, least)
                 IN  IF n + 1 = copies THEN Fold(rest \ {least}, 0, next) ELSE Fold(rest, n + 1, next)
    IN  Fold(DOMAIN B, 0, base)

SumBag(B) == FoldBag(LAMBDA sum, x : sum + x, 0, B)
ProductBag(B) == FoldBag(LAMBDA product, x : product * x, 1, B)
===============================================================================
