//! Small models, one for each construct or trap, compared with the interpreter state by state.

mod common;

use common::check_model as check;

#[test]
fn integers_and_their_division() {
    let body = r"
VARIABLES x, y
Init == x \in -3..3 /\ y = 1
Next == \/ x' = x + y /\ x < 6 /\ y' = (y * 3) % 7
        \/ x' = x \div 2 /\ UNCHANGED y
        \/ x' = -x /\ y' = IF x > 0 THEN x % 3 ELSE 2
Inv == x \in -30..30 /\ y >= 0 /\ x * y # 1000";
    assert_eq!(check("Numbers", body, "INVARIANT Inv\n"), 0);
}

#[test]
fn functions_records_and_updates() {
    let body = r#"
CONSTANTS a, b, c
P == {a, b, c}
VARIABLES f, r, n
TypeOK == /\ f \in [P -> 0..3] /\ r \in [who : P \cup {"none"}, count : 0..3]
          /\ n \in [P -> [P -> BOOLEAN]]
Init == /\ f = [p \in P |-> 0] /\ r = [who |-> "none", count |-> 0]
        /\ n = [p \in P |-> [q \in P |-> p = q]]
Next == \/ \E p \in P : /\ f[p] < 3 /\ f' = [f EXCEPT ![p] = @ + 1]
                        /\ r' = [r EXCEPT !.who = p, !.count = f[p]] /\ UNCHANGED n
        \/ \E p, q \in P : /\ p # q /\ n' = [n EXCEPT ![p][q] = ~@, ![q][p] = f[q] = 0]
                           /\ UNCHANGED <<f, r>>
Inv == \A p \in P : f[p] <= 3 /\ n[p][p] /\ (r.who = p => f[p] > 0)"#;
    let configuration = "CONSTANTS a = a b = b c = c\nINVARIANTS TypeOK Inv\n";
    assert_eq!(check("Functions", body, configuration), 0);
}

#[test]
fn sets_their_algebra_and_their_order() {
    let body = r"
S == 1..5
VARIABLES s, t, m
Init == s = {} /\ t \in {{1}, {2, 3}, {5}} /\ m = 0
Next == \/ \E x \in S \ s : s' = s \cup {x} /\ t' = t \cap s' /\ m' = Cardinality(s')
        \/ s # {} /\ s' = s \ {CHOOSE x \in s : \A y \in s : x <= y} /\ t' = (t \cup s) \ {3} /\ UNCHANGED m
        \/ \E q \in SUBSET s : q \subseteq t /\ t' = {x \in S : x \notin q /\ x < 4} /\ UNCHANGED <<s, m>>
        \/ t' = {x + 1 : x \in {y \in s : y < 5}} /\ m' = Cardinality(t') /\ UNCHANGED s
        \/ UNION {s, t} = S /\ t' \in SUBSET {1, 2} /\ UNCHANGED <<s, m>>
Inv == s \subseteq S /\ t \in SUBSET S /\ m \in 0..5 /\ (s = {} => m <= 5)";
    assert_eq!(check("Sets", body, "INVARIANT Inv\n"), 0);
}

#[test]
fn sequences_of_messages() {
    let body = r#"
VARIABLES q, last, log
Messages == [kind : {"a", "b"}, value : 0..2]
Init == q = <<>> /\ last = [kind |-> "a", value |-> 0] /\ log = [i \in 1..2 |-> <<>>]
Next == \/ Len(q) < 3 /\ \E m \in Messages : q' = Append(q, m) /\ UNCHANGED <<last, log>>
        \/ q # <<>> /\ last' = Head(q) /\ q' = Tail(q)
           /\ log' = [log EXCEPT ![2] = IF Len(@) < 2 THEN @ \o <<Head(q).value>> ELSE SubSeq(@, 2, 2)]
        \/ Len(q) = 3 /\ q' = SelectSeq(q, LAMBDA m : m.kind = "a") /\ UNCHANGED <<last, log>>
        \/ Len(q) = 2 /\ q' = [i \in 1..Len(q) |-> q[3 - i]] /\ UNCHANGED <<last, log>>
Inv == /\ q \in Seq(Messages) /\ Len(q) <= 3
       /\ \A i \in DOMAIN q : q[i].value < 3"#;
    check("Sequences_", body, "INVARIANT Inv\n");
}

#[test]
fn values_of_several_kinds() {
    let body = r#"
CONSTANT None
VARIABLES x, m
Init == x = None /\ m = {}
Next == \/ x = None /\ x' \in 0..2 /\ m' = m \cup {[type |-> "set", to |-> x']}
        \/ x # None /\ x' = (IF x = 2 THEN None ELSE x + 1) /\ m' = m \cup {[type |-> "step"]}
        \/ \E e \in m : e.type = "set" /\ x = e.to /\ x' = None /\ m' = m \ {e}
Inv == x \in (0..2) \cup {None} /\ Cardinality(m) <= 4"#;
    check("Kinds", body, "CONSTANT None = None\nINVARIANT Inv\n");
}

#[test]
fn guards_that_hold_in_several_ways_count_several_times() {
    let body = r"
VARIABLES x, y
Init == x = 0 /\ y = {1, 2}
Good(i) == i > 0 \/ i < 5 \/ \E j \in y : j = i
Next == \/ (\A i \in y : Good(i)) /\ x' = (x + 1) % 3 /\ UNCHANGED y
        \/ (x = 0 \/ x < 2) /\ (\E i \in {1, 2, 3} : i > x) /\ x' \in {0, 1} /\ y' = y \cup {x'}
        \/ (IF x = 1 THEN (TRUE \/ TRUE) ELSE x = 2) /\ y' = {1} /\ x' = 0
        \/ \A i \in {1, 2} : (x' = 0 \/ x' = i) /\ y' = y";
    check("Ways", body, "");
}

#[test]
fn initial_states_of_every_form() {
    let body = r"
VARIABLES x, y, z
Init == /\ x \in 0..3
        /\ (y = x \/ y = 3 - x)
        /\ z \in {s \in SUBSET (0..3) : x \in s /\ Cardinality(s) = 2}
        /\ (x \in z \/ y \in z)
Next == x' = y /\ y' = x /\ z' = z \ {x}
Inv == z \subseteq 0..3";
    check("Initial", body, "INVARIANT Inv\n");
}

#[test]
fn constraints_action_properties_and_violations() {
    let body = r"
VARIABLES x, y
Init == x = 0 /\ y = 0
Next == \/ x' = x + 1 /\ y' \in {y, y + 1}
        \/ x > 3 /\ x' = 0 /\ UNCHANGED y
Few == x < 9 /\ y < 5
NotBoth == ~(x' = 5 /\ y' = 5)
Spec == Init /\ [][Next]_<<x, y>>
Grows == [][x' > x]_x
Inv == x + y < 12";
    check("Bounds", body, "CONSTRAINT Few\nACTION_CONSTRAINT NotBoth\nINVARIANT Inv\nPROPERTY Grows\n");
}

#[test]
fn errors_are_the_interpreters() {
    let body = r#"
VARIABLES x, f
Init == x = 0 /\ f = [i \in 0..3 |-> i + 1]
Next == \/ x < 7 /\ x' = x + 1 /\ UNCHANGED f
        \/ x' = f[x] /\ UNCHANGED f
        \/ x = 3 /\ Assert(FALSE, "three") /\ UNCHANGED <<x, f>>
        \/ x = 5 /\ x' = CHOOSE i \in {1, 2} : i > x /\ UNCHANGED f
Inv == IF x = 6 THEN f[x] = 1 ELSE TRUE"#;
    check("Errors", body, "INVARIANT Inv\n");
}

#[test]
fn a_symmetry_and_a_view() {
    let body = r"
CONSTANTS a, b, c
P == {a, b, c}
VARIABLES owner, asked, turns
Init == owner = {} /\ asked = [p \in P |-> FALSE] /\ turns = 0
Next == \/ \E p \in P : ~asked[p] /\ asked' = [asked EXCEPT ![p] = TRUE] /\ UNCHANGED <<owner, turns>>
        \/ \E p \in P : asked[p] /\ owner = {} /\ owner' = {p} /\ turns' = (turns + 1) % 3 /\ UNCHANGED asked
        \/ \E p \in owner : owner' = {} /\ asked' = [asked EXCEPT ![p] = FALSE] /\ UNCHANGED turns
Symmetric == Permutations(P)
Short == <<owner, asked>>
Inv == Cardinality(owner) <= 1";
    let constants = "CONSTANTS a = a b = b c = c\nINVARIANT Inv\n";
    assert_eq!(check("Orbit", body, &format!("{constants}SYMMETRY Symmetric\n")), 0);
    assert_eq!(check("Window", body, &format!("{constants}VIEW Short\n")), 0);
}

#[test]
fn counters_without_a_bound_widen_their_shape() {
    let body = r"
VARIABLES x, q
Init == x = 0 /\ q = <<>>
Next == \/ x' = x + 1 /\ x < 2000 /\ UNCHANGED q
        \/ x = 1999 /\ Len(q) < 40 /\ q' = Append(q, x) /\ UNCHANGED x";
    check("Wide", body, "");
}

#[test]
fn unions_whose_elements_repeat_are_left_to_the_interpreter() {
    for union in [r"UNION {{n, 1} : n \in s}", r"UNION {s \ {n} : n \in s} \cup {1}"] {
        check("Unions", &unions(union, "{1, i}"), "");
    }
    // What is stored is listed, whatever it was made from.
    for of in ["{1, i}", "1..i"] {
        check("Unions", &unions(r"UNION {f[n] : n \in s}", of), "");
    }
}

fn unions(union: &str, of: &str) -> String {
    format!(
        r"
VARIABLES s, x, f
Init == s = {{1, 2, 3}} /\ x = 1 /\ f = [i \in 1..3 |-> {of}]
Next == x' \in {union} /\ s' \in {{s, s \ {{3}}}} /\ f' = f"
    )
}

/// What generated code finds is kept in a buffer, which is not made as long as a step may be.
#[test]
fn a_state_with_millions_of_successors_is_left_to_the_interpreter() {
    let text = r"---- MODULE Many ----
EXTENDS Integers
VARIABLE x
Init == x \in 0..1
Next == x = 0 /\ (\A q \in 1..22 : \E r \in {x, x + 1} : r >= 0) /\ x' = 2
====
";
    let (generated, left) = common::on_large_stack(move || {
        let loaded = common::Loaded::from_text("Many", text, "INIT Init\nNEXT Next\n");
        common::searched(&loaded)
    });
    assert_eq!((generated, left), (2 + (1 << 22), 1));
}

/// An interval in a family keeps TLC from listing the union, so that an element of two members is two branches.
#[test]
fn unions_of_what_may_be_an_interval_are_not_compiled() {
    for union in
        [r"UNION {0..2, {x}}", r"UNION {[i \in 1..3 |-> 1..i][n] : n \in s}", r"UNION {1..n \cup {} : n \in s}"]
    {
        is_declined(unions(union, "{1, i}"), "two branches");
    }
}

/// An argument has alternatives where an action meets it first, and is a value from then on.
#[test]
fn arguments_with_alternatives_that_are_read_twice_are_not_compiled() {
    let twice = r"
VARIABLE x
Op(p) == IF p THEN p ELSE p
Init == x \in 0..2
Next == Op(\E y \in {x, x + 1} : y >= 0) /\ x' = (x + 1) % 3";
    is_declined(twice.to_owned(), "read more than once");
    let once = twice.replace("IF p THEN p ELSE p", "p");
    assert_eq!(check("Once", &once, ""), 0);
}

fn is_declined(body: String, why: &'static str) {
    let text = format!("---- MODULE Declines ----\nEXTENDS Integers\n{body}\n====\n");
    let declined = common::on_large_stack(move || {
        let loaded = common::Loaded::from_text("Declines", &text, "INIT Init\nNEXT Next\n");
        common::compare_states(&loaded, 10)
    });
    assert!(declined.as_ref().is_err_and(|reason| reason.contains(why)), "{declined:?}");
}

#[test]
fn elements_of_a_listed_set_among_many_possible_ones() {
    let body = r"
VARIABLES x, y
Init == x = 0 /\ y = <<0, 0>>
Next == \/ \E p \in {<<x, 1>>, <<(x + 7) % 90, 2>>, <<x, 1>>} : y' = p /\ x' = (p[1] + p[2]) % 90
        \/ y' = (CHOOSE p \in {<<x, 2>>, <<(x + 5) % 90, 1>>} : p[1] <= x) /\ UNCHANGED x
        \/ x' = Cardinality({<<x, 2>>, <<(x + 5) % 90, 1>>}) /\ UNCHANGED y
Inv == x \in 0..100 /\ \A p \in {<<x, 1>>, <<x, 2>>} : p[2] < 3";
    assert_eq!(check("Listed", body, "INVARIANT Inv\n"), 0);
}

#[test]
fn a_successor_that_is_incomplete_counts_as_generated() {
    let body = r"
VARIABLES x, y
Init == x = 0 /\ y = 0
Next == \/ x < 40 /\ x' = x + 1 /\ y' = y
        \/ x < 40 /\ x' = x + 1 /\ y' = 1 - y
        \/ x = 40 /\ x' = 0";
    assert!(check("Incomplete", body, "") > 0);
}
