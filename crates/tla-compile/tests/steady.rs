//! What stays the same in a loop is computed once and kept: each model has something that would be kept too long, too
//! early or for too many if it were done wrong, and is compared with the interpreter state by state.

mod common;

use common::check_model as check;

#[test]
fn a_value_is_kept_for_one_loop_and_one_outer_element_only() {
    let body = r"
N == 0..3
VARIABLES x, y, z
Init == x = [n \in N |-> n % 3] /\ y = {} /\ z = 0
At(v) == {n \in N : x[n] = v}
Least(s) == CHOOSE n \in s : \A m \in s : n <= m
Next == \/ \E n \in N : x' = [x EXCEPT ![n] = (@ + 1) % 3] /\ UNCHANGED <<y, z>>
        \* For each value another set, which each node of the inner loop asks for.
        \/ y' = {v \in 0..2 : \E n \in N : At(v) = {n}} /\ UNCHANGED <<x, z>>
        \/ y' = {Cardinality({m \in N : m \in At(v) /\ m > Cardinality(At(v))}) : v \in 0..2} /\ UNCHANGED <<x, z>>
        \/ \E v \in 0..2 : At(v) # {} /\ z' = Least(At(v)) /\ UNCHANGED <<x, y>>
        \/ \E v, w \in 0..2 : \E n \in N : n \in At(v) \cup At(w) /\ z' = Cardinality(At(w)) /\ UNCHANGED <<x, y>>
Inv == /\ \A v \in 0..2 : \A n \in N : (n \in At(v)) = (x[n] = v)
       /\ \A v, w \in 0..2 : \A n \in N : n \in At(v) /\ n \in At(w) => v = w
       /\ \A v \in 0..2 : LET s == At(v) IN \A n \in N : n \in s => Cardinality(s) <= Cardinality(At(x[n]))";
    assert_eq!(check("Elements", body, "INVARIANT Inv\n"), 0);
}

#[test]
fn what_is_assigned_in_the_loop_is_not_kept() {
    let body = r"
N == 0..2
VARIABLES x, f
Init == x = 0 /\ f = [n \in N |-> 0]
Above(v) == {n \in N : v < n}
Marked(v) == \E n \in N : x' = n /\ f' = [f EXCEPT ![n] = Cardinality({m \in N : m \in Above(v)})]
Counted(P(_)) == \E n \in N : x' = n /\ f' = [f EXCEPT ![n] = Cardinality({m \in N : P(m)})]
Next == \/ \E n \in N : /\ x' = n
                        /\ f' = [m \in N |-> Cardinality(Above(x'))]
        \* The operator's parameter is another value in each round.
        \/ Marked(x') \/ Marked(x)
        \/ Counted(LAMBDA m : m < x') \/ Counted(LAMBDA m : m < x)
        \/ \E n \in N : x' = (x + n) % 3 /\ f' = [f EXCEPT ![n] = Cardinality({m \in N : \E k \in Above(x') : k > m})]
Same == \A n \in N : f[n] \in 0..2
Moves == \A n \in N : Cardinality({m \in N : f'[m] = f[m]}) >= 0 /\ (\E m \in N : f'[m] # f[n]) => f' # f \/ \E m \in N : f[m] # f[n]";
    assert_eq!(check("Assigned", body, "INVARIANT Same\nACTION_CONSTRAINT Moves\n"), 0);
}

#[test]
fn what_is_not_reached_is_not_computed() {
    let body = r"
N == 1..3
VARIABLES s, r
Init == s = <<>> /\ r = 0
Sum(q) == Cardinality({n \in N : n <= q[Len(q)]})
Next == \/ Len(s) < 3 /\ \E n \in N : s' = Append(s, n) /\ UNCHANGED r
        \/ s # <<>> /\ s' = Tail(s) /\ UNCHANGED r
        \* The last of an empty sequence is undefined.
        \/ \E n \in N : s # <<>> /\ n <= Sum(s) /\ r' = n /\ UNCHANGED s
        \/ r' = Cardinality({n \in N : s # <<>> /\ n = Sum(s)}) /\ UNCHANGED s
        \/ r' = (IF \E n \in N : n > 1 /\ s # <<>> /\ Sum(s) = n THEN 1 ELSE 2) /\ UNCHANGED s
Inv == \A n \in N : s # <<>> /\ n = Len(s) => Sum(s) \in N";
    assert_eq!(check("Guarded", body, "INVARIANT Inv\n"), 0);
}

#[test]
fn what_is_undefined_is_left_to_the_interpreter_where_it_is_reached() {
    let body = r"
N == 1..3
VARIABLES s, r
Init == s = <<>> /\ r = 0
Sum(q) == Cardinality({n \in N : n <= q[Len(q)]})
Next == \/ Len(s) < 2 /\ \E n \in N : s' = Append(s, n) /\ UNCHANGED r
        \/ r' = Cardinality({n \in N : n > 1 /\ n = Sum(s)}) /\ UNCHANGED s
Inv == TRUE";
    assert!(check("Undefined", body, "INVARIANT Inv\n") > 0);
}

#[test]
fn operators_lambdas_and_delayed_arguments() {
    let body = r"
N == 0..3
VARIABLES x, y
Init == x = [n \in N |-> n] /\ y = 0
Those(P(_)) == {n \in N : P(n)}
Asks(S(_), v) == \E n \in N : n \in S(v) /\ S(v) # {n}
Within(s, P(_)) == \E n \in N : P(n) /\ Cardinality({m \in N : m \in s}) = n
Twice(a, b) == \A n \in N : n \in a => \E m \in N : m \in b /\ m >= n
Next == \/ \E n \in N : x' = [x EXCEPT ![n] = (@ * 2) % 4] /\ UNCHANGED y
        \/ \E v \in N : Asks(LAMBDA w : {n \in N : x[n] = w}, v) /\ y' = v /\ UNCHANGED x
        \/ \E v \in N : Twice(Those(LAMBDA n : x[n] <= v), Those(LAMBDA n : x[n] >= v)) /\ y' = v /\ UNCHANGED x
        \/ \E v \in N : /\ \E w \in N : w \in Those(LAMBDA n : x[n] = y) \cup Those(LAMBDA n : x[n] = v)
                        /\ y' = Cardinality(Those(LAMBDA n : x[n] = v))
                        /\ UNCHANGED x
\* The loop of an operator inside of itself, about another set.
Nested == LET a == {n \in N : x[n] = 0}
              b == {n \in N : x[n] = 1}
          IN Cardinality(a) < 4 => Within(a, LAMBDA k : Within(b, LAMBDA j : j # k)) = (Cardinality(a) # Cardinality(b))
Inv == \A v \in N : Cardinality(Those(LAMBDA n : x[n] = v)) = Cardinality({n \in N : \E m \in N : x[n] = v /\ m = n})";
    assert_eq!(check("Operators", body, "INVARIANTS Inv Nested\n"), 0);
}

#[test]
fn values_of_every_form_are_kept() {
    let body = r#"
N == 0..2
VARIABLES x, c, q
Init == x = [n \in N |-> FALSE] /\ c = 0 /\ q = <<>>
On == {n \in N : x[n]}
Table == [n \in N |-> [on |-> x[n], others |-> Cardinality(On \ {n})]]
Long == SelectSeq(q, LAMBDA e : e \in On)
Next == \/ \E n \in N : x' = [x EXCEPT ![n] = ~@] /\ UNCHANGED <<c, q>>
        \/ \E n \in N : Len(q) < 2 /\ q' = Append(q, n) /\ UNCHANGED <<x, c>>
        \/ \E n \in N : c' = [m \in N |-> IF x[m] THEN Cardinality(On) ELSE n][n] /\ UNCHANGED <<x, q>>
        \/ \E n \in N : c' = [m \in N |-> [on |-> x[m], others |-> Cardinality({k \in N : x[k] /\ k # m})]][c % 3].others + n
                        /\ UNCHANGED <<x, q>>
        \/ \E n \in N : Len(SelectSeq(q, LAMBDA e : x[e])) = n /\ q' = SelectSeq(q, LAMBDA e : x[e]) /\ UNCHANGED <<x, c>>
        \/ q' = [i \in 1..Len(q) |-> IF \E n \in N : x[n] THEN (q[i] + Cardinality({n \in N : x[n]})) % 3 ELSE q[i]] /\ UNCHANGED <<x, c>>
        \/ \E n \in N : n \in {m \in N : x[m]} \cup {0} /\ c' = n /\ UNCHANGED <<x, q>>
        \/ \E s \in SUBSET {m \in N : x[m]}, n \in N : Cardinality(s) = n /\ n \in s /\ c' = n /\ UNCHANGED <<x, q>>
Inv == /\ \A n \in N : Table[n].on = x[n] /\ Table[n].others <= Cardinality(On)
       /\ \A n \in N : (\E m \in N : x[m]) \/ Long = <<>>
       /\ c < 8"#;
    assert_eq!(check("Forms", body, "INVARIANT Inv\n"), 0);
}
