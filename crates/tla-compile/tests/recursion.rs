//! Recursive operators as functions of generated code, and what came with them, compared with the interpreter.

mod common;

use common::check_model as check;

#[test]
fn a_recursion_along_a_function() {
    let body = r"
P == 1..4
VARIABLES parent, steps
RECURSIVE Root(_, _)
Root(f, i) == IF f[i] = i THEN i ELSE Root(f, f[i])
RECURSIVE Height(_)
Height(i) == IF parent[i] = i THEN 0 ELSE 1 + Height(parent[i])
Init == parent = [i \in P |-> i] /\ steps = 0
Next == \E i, j \in P : /\ Root(parent, i) # Root(parent, j)
                        /\ parent' = [parent EXCEPT ![Root(parent, i)] = Root(parent, j)]
                        /\ steps' = Height(j) + 1
Inv == /\ \A i \in P : Root(parent, Root(parent, i)) = Root(parent, i) /\ Height(i) < 4
       /\ steps < 5";
    assert_eq!(check("Roots", body, "INVARIANT Inv\n"), 0);
}

#[test]
fn operators_that_call_each_other() {
    let body = r"
VARIABLES x, next
RECURSIVE Even(_), Odd(_)
Even(n) == IF n = 0 THEN TRUE ELSE Odd(next[n])
Odd(n) == IF n = 0 THEN FALSE ELSE Even(next[n])
Init == x = 0 /\ next = [n \in 0..6 |-> IF n = 0 THEN 0 ELSE n - 1]
Next == \/ x < 6 /\ x' = x + 1 /\ UNCHANGED next
        \/ Odd(x) /\ x > 2 /\ next' = [next EXCEPT ![x] = x - 2] /\ UNCHANGED x
        \/ Even(x) /\ x' = 1 /\ UNCHANGED next
Parity == Even(x') # Odd(x')
Spec == Init /\ [][Next]_<<x, next>>
Inv == Even(x) = ~Odd(x)";
    assert_eq!(check("Parity_", body, "INVARIANT Inv\nACTION_CONSTRAINT Parity\n"), 0);
}

#[test]
fn sets_and_sequences_that_a_recursion_makes() {
    let body = r#"
CONSTANTS a, b, c
N == {a, b, c}
Start == <<>>
VARIABLES vs, es, log
RECURSIVE Order(_)
Order(S) == IF S = {} THEN <<>> ELSE LET e == CHOOSE e \in S : TRUE IN Append(Order(S \ {e}), e)
RECURSIVE Below(_)
Below(S) == IF S = {} THEN {} ELSE LET T == {w \in vs : \E v \in S : <<v, w>> \in es} IN T \cup Below(T)
RECURSIVE Long(_)
Long(S) == IF S = {} THEN <<Start>> ELSE LET e == CHOOSE e \in S : TRUE IN Long(S \ {e}) \o <<e, e>>
Init == vs = {Start} /\ es = {} /\ log = <<>>
Next == \/ \E n \in N : \E r \in 1..2 : \E D \in SUBSET {v \in vs : v = Start \/ v[2] < r} :
              /\ <<n, r>> \notin vs /\ D # {}
              /\ vs' = vs \cup {<<n, r>>} /\ es' = es \cup {<<<<n, r>>, d>> : d \in D}
              /\ log' = Order(D)
        \/ \E v \in vs : v # Start /\ log' = Order(Below({v})) /\ UNCHANGED <<vs, es>>
        \/ Cardinality(vs) = 3 /\ log' = SubSeq(Long(vs), 1, 2) /\ UNCHANGED <<vs, es>>
Inv == /\ \A v \in vs \ {Start} : v[1] \in N /\ Start \in Below({v})
       /\ Len(log) <= Cardinality(vs)"#;
    check("Graph", body, "CONSTANTS a = a b = b c = c\nINVARIANT Inv\n");
}

#[test]
fn an_argument_that_holds_in_several_ways() {
    let body = r"
VARIABLES x
Holds(p) == p
RECURSIVE Later(_, _)
Later(n, p) == IF n = 0 THEN p ELSE Later(n - 1, p)
RECURSIVE Wider(_, _)
Wider(n, p) == IF n = 0 THEN p ELSE Wider(n - 1, p \/ x < 9)
Init == x = 0
Next == \/ Holds(x < 3 \/ x < 5) /\ x' = (x + 1) % 7
        \/ Wider(2, x < 8) /\ x' = 3
        \/ Later(2, x = 1 \/ x < 4) /\ x' = x
        \/ (LET l == x = 1 \/ x < 4 IN IF x < 9 THEN l ELSE l) /\ x' = 2";
    check("Ways", body, "");
}

#[test]
fn depth_that_is_known_is_written_out() {
    let body = r"
VARIABLES f, x
RECURSIVE Sum(_, _)
Sum(g, n) == IF n = 0 THEN 0 ELSE g[n] + Sum(g, n - 1)
RECURSIVE Apply(_, _, _)
Apply(F(_), n, v) == IF n = 0 THEN v ELSE F(Apply(F, n - 1, v))
Init == f = [i \in 1..3 |-> 0] /\ x = 0
Next == \/ \E i \in 1..3 : f[i] < 2 /\ f' = [f EXCEPT ![i] = @ + 1] /\ x' = Sum(f, 3)
        \/ x' = Sum(f, x % 4) /\ UNCHANGED f
        \/ x' = Apply(LAMBDA v : (v + x) % 5, 3, 1) /\ UNCHANGED f
Inv == Sum(f, 3) <= 6";
    assert_eq!(check("Known", body, "INVARIANT Inv\n"), 0);
}

#[test]
fn a_recursion_without_an_end_is_the_interpreters_error() {
    let body = r"
VARIABLES x, f
RECURSIVE Follow(_)
Follow(n) == IF n = 0 THEN 0 ELSE Follow(f[n])
Init == x = 0 /\ f = [n \in 0..4 |-> IF n = 0 THEN 0 ELSE n - 1]
Next == \/ x < 4 /\ x' = x + 1 /\ UNCHANGED f
        \/ x = 3 /\ f' = [f EXCEPT ![2] = 3] /\ UNCHANGED x
        \/ Follow(x) = 0 /\ x' = 0 /\ UNCHANGED f";
    check("Endless", body, "");
}

#[test]
fn values_that_grow_from_call_to_call() {
    let body = r"
VARIABLES x, y
RECURSIVE Power(_, _)
Power(n, acc) == IF n = 0 THEN acc ELSE Power(n - 1, acc * 3)
RECURSIVE Digits(_)
Digits(n) == IF n < 2 THEN <<n>> ELSE Append(Digits(n \div 2), n % 2)
Init == x = 0 /\ y = 0
Next == \/ x < 9 /\ x' = x + 1 /\ y' = Power(x, 1) % 10
        \/ y' = Len(Digits(x + y)) /\ UNCHANGED x
Inv == Power(x, 1) > 0 /\ Digits(x)[1] <= 1";
    check("Growing", body, "INVARIANT Inv\n");
}

#[test]
fn long_sets_are_filtered_without_being_made() {
    let body = r"
VARIABLES p, q
Pairs == [left : 0..150, right : 0..150]
Init == p \in {r \in Pairs : r.left + r.right = 9 /\ r.left # 4} /\ q = 0
Next == \/ p.left > 0 /\ p' = [p EXCEPT !.left = @ - 1] /\ UNCHANGED q
        \/ p' \in {r \in Pairs : r.left = p.right + 100 /\ r.right < 2} /\ q' = (q + 1) % 2";
    assert_eq!(check("Long", body, ""), 0);
    let body = r"
VARIABLES p
Init == p \in {r \in (0..200) \X (0..200) : 100 \div (r[1] - 7) = 5}
Next == UNCHANGED p";
    check("LongError", body, "");
}

#[test]
fn subsets_of_few_among_many() {
    let body = r"
VARIABLES s, t
Init == s = {} /\ t = {}
Next == \/ \E x \in 1..20 : Cardinality(s) < 4 /\ x % 5 < 2 /\ s' = s \cup {x} /\ UNCHANGED t
        \/ \E q \in SUBSET {x \in s : x % 2 = 1} : t' = q /\ UNCHANGED s
        \/ t' = (CHOOSE q \in SUBSET s : Cardinality(q) = 2 \/ Cardinality(s) < 2) /\ UNCHANGED s
Inv == s \subseteq 1..20 /\ t \subseteq 1..20";
    assert_eq!(check("Subsets", body, "INVARIANT Inv\n"), 0);
}
