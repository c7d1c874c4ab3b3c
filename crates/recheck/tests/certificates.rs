//! Invariants written by hand: what is right is accepted, and whatever is wrong of it is rejected for its own reason.

mod common;

use common::{Subject, int, string};
use recheck::certificate::{Certificate, Judgement, Proved, Shape, certify};

const BODY: &str = r#"
VARIABLES pc, sem
vars == <<pc, sem>>
P == {1, 2}
Init == pc = [p \in P |-> "idle"] /\ sem = 1
Enter(p) == pc[p] = "idle" /\ sem = 1 /\ sem' = 0 /\ pc' = [pc EXCEPT ![p] = "in"]
Leave(p) == pc[p] = "in" /\ sem' = 1 /\ pc' = [pc EXCEPT ![p] = "idle"]
Next == \E p \in P : Enter(p) \/ Leave(p)
Spec == Init /\ [][Next]_vars
Mutex == Cardinality({p \in P : pc[p] = "in"}) <= 1
Idle == pc[1] = "idle"
Outside == sem = 1 => pc[3] = "idle"
Alternates == [][sem' # sem]_vars
Falls == [][sem' < sem]_vars
Typed == [](pc \in [P -> {"idle", "in"}] /\ sem \in 0 .. 1)
"#;

/// The literals: 0 and 1, that process 1 is idle or in; 2 and 3, that process 2 is; 4 and 5, that the semaphore is 0 or 1.
fn certificate() -> Certificate {
    let labels = Shape::Scalar(vec![string("idle"), string("in")]);
    let pc = Shape::Map(vec![int(1), int(2)], vec![labels.clone(), labels]);
    let sem = Shape::Scalar(vec![int(0), int(1)]);
    let both = |a, b| vec![(a, true), (b, true)];
    let nobody = vec![(0, true), (2, true), (4, true)];
    Certificate {
        shapes: vec![("pc".to_owned(), pc), ("sem".to_owned(), sem)],
        cubes: vec![both(1, 3), both(1, 5), both(3, 5), nobody],
        invariants: Vec::new(),
    }
}

fn proved(invariants: &[&str], properties: &[&str], deadlock_freedom: bool) -> Proved {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Proved { invariants: owned(invariants), properties: owned(properties), deadlock_freedom }
}

fn judge(certificate: &Certificate, proved: &Proved) -> Judgement {
    judge_module(BODY, certificate, proved)
}

fn judge_module(body: &str, certificate: &Certificate, proved: &Proved) -> Judgement {
    let config = "SPECIFICATION Spec\nINVARIANTS Mutex Idle Outside\nPROPERTIES Alternates Falls Typed\n";
    let subject = Subject::new(body, config);
    certify(&subject.specification, &subject.config, certificate, proved, &|| false)
}

#[track_caller]
fn rejects(certificate: &Certificate, proved: &Proved, because: &str) {
    match judge(certificate, proved) {
        Judgement::Rejected { reason } if reason.contains(because) => {}
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn allows_something_undefined(certificate: &Certificate, proved: &Proved) {
    let judgement = judge(certificate, proved);
    assert!(matches!(judgement, Judgement::Undefined { .. }), "{judgement:?}");
}

#[test]
fn an_inductive_invariant_is_accepted() {
    let all = proved(&["Mutex"], &["Alternates", "Typed"], true);
    let judgement = judge(&certificate(), &all);
    assert!(matches!(judgement, Judgement::Accepted { .. }), "{judgement:?}");
}

#[test]
fn no_cube_can_be_left_out() {
    let all = proved(&["Mutex"], &[], true);
    let because = ["leads out", "leads out", "leads out", "without a successor"];
    for (cube, because) in because.into_iter().enumerate() {
        let mut fewer = certificate();
        fewer.cubes.remove(cube);
        rejects(&fewer, &all, because);
    }
}

/// An invariant of the configuration can stand for a cube, if it is kept as well.
#[test]
fn invariants_of_the_configuration_may_belong_to_it() {
    let mut other = certificate();
    other.cubes.remove(0);
    let all = proved(&["Mutex"], &["Alternates"], true);
    rejects(&other, &all, "");
    other.invariants.push("Mutex".to_owned());
    let judgement = judge(&other, &all);
    assert!(matches!(judgement, Judgement::Accepted { .. }), "{judgement:?}");
    let with = |name: &str| {
        let mut wrong = certificate();
        wrong.invariants.push(name.to_owned());
        wrong
    };
    for (name, because) in [("Idle", "leads out"), ("Unknown", "no invariant Unknown")] {
        rejects(&with(name), &Proved::default(), because);
    }
    allows_something_undefined(&with("Outside"), &Proved::default());
}

#[test]
fn what_excludes_a_reachable_state_is_rejected() {
    let none = Proved::default();
    let mut more = certificate();
    more.cubes.push(vec![(0, true), (2, true)]);
    rejects(&more, &none, "an initial state does not satisfy the invariant");
    let mut more = certificate();
    more.cubes.push(vec![(1, true)]);
    rejects(&more, &none, "leads out");
    let mut narrow = certificate();
    narrow.shapes[1].1 = Shape::Scalar(vec![int(2), int(1)]);
    narrow.cubes.truncate(3);
    rejects(&narrow, &none, "leads out");
}

#[test]
fn properties_that_do_not_follow_are_rejected() {
    rejects(&certificate(), &proved(&["Idle"], &[], false), "does not imply Idle");
    allows_something_undefined(&certificate(), &proved(&["Outside"], &[], false));
    rejects(&certificate(), &proved(&[], &["Falls"], false), "breaks a property");
    rejects(&certificate(), &proved(&["Unknown"], &[], false), "no invariant Unknown");
}

#[test]
fn a_certificate_about_something_else_is_rejected() {
    let mut other = certificate();
    other.shapes.swap(0, 1);
    rejects(&other, &Proved::default(), "other variables");
    let mut other = certificate();
    other.cubes.push(vec![(6, true)]);
    rejects(&other, &Proved::default(), "does not exist");
    let mut other = certificate();
    other.cubes.push(Vec::new());
    rejects(&other, &Proved::default(), "empty");
}

/// What is undefined only where the invariant does not allow it is no objection; where it allows it, it is one.
#[test]
fn undefined_steps_count_where_the_invariant_allows_them() {
    let guarded = |wanted: &str| {
        let branch = format!("IF sem = {wanted} THEN pc[p] = \"in\" ELSE <<>>[1] = 1");
        BODY.replace("Leave(p) == pc[p] = \"in\"", &format!("Leave(p) == pc[p] = \"in\" /\\ ({branch})"))
    };
    let all = proved(&["Mutex"], &[], true);
    let judgement = judge_module(&guarded("0"), &certificate(), &all);
    assert!(matches!(judgement, Judgement::Accepted { .. }), "{judgement:?}");
    let judgement = judge_module(&guarded("1"), &certificate(), &all);
    assert!(matches!(judgement, Judgement::Undefined { .. }), "{judgement:?}");
}

/// Sets, sequences and choices: the same protocol with its state said in other words.
#[test]
fn other_shapes_are_checked_alike() {
    let body = r#"
VARIABLES queue, busy
P == {1, 2}
Init == queue = <<>> /\ busy \in SUBSET {}
Ask == \E p \in P : /\ \A i \in DOMAIN queue : queue[i] # p
                    /\ queue' = Append(queue, p) /\ UNCHANGED busy
Take == /\ queue # <<>> /\ busy = {}
        /\ busy' = busy \cup {Head(queue)} /\ queue' = Tail(queue)
Leave == \E p \in busy : busy' = busy \ {p} /\ queue' = SelectSeq(queue, LAMBDA q : TRUE)
Next == Ask \/ Take \/ Leave
Spec == Init /\ [][Next]_<<queue, busy>>
Mutex == Cardinality(busy) < 2
Idle == \A p \in busy : p = CHOOSE q \in busy : TRUE
Outside == Len(queue) < 2
Alternates == [][queue' # queue]_queue
Falls == [][busy' = {}]_busy
Typed == [](queue \in Seq(P) /\ busy \subseteq P)
"#;
    // Literals: 0 to 2 the length, 3 and 4 the first element, 5 and 6 the second, 7 and 8 the members of the set.
    let element = Shape::Scalar(vec![int(1), int(2)]);
    let mut certificate = Certificate {
        shapes: vec![
            ("queue".to_owned(), Shape::Sequence(vec![element.clone(), element])),
            ("busy".to_owned(), Shape::Set(vec![int(1), int(2)])),
        ],
        cubes: vec![vec![(7, true), (8, true)], vec![(3, true), (5, true)], vec![(4, true), (6, true)]],
        invariants: Vec::new(),
    };
    let all = proved(&["Mutex", "Idle"], &["Alternates", "Typed"], false);
    let judgement = judge_module(body, &certificate, &all);
    assert!(matches!(judgement, Judgement::Accepted { .. }), "{judgement:?}");
    let wrong = [proved(&["Outside"], &[], false), proved(&[], &["Falls"], false)];
    for wrong in wrong {
        let judgement = judge_module(body, &certificate, &wrong);
        assert!(
            matches!(judgement, Judgement::Rejected { .. } | Judgement::Undefined { .. }),
            "{judgement:?} of {wrong:?}"
        );
    }
    // Without these the queue grows beyond its places.
    certificate.cubes.truncate(1);
    let judgement = judge_module(body, &certificate, &all);
    assert!(matches!(judgement, Judgement::Rejected { .. } | Judgement::Undefined { .. }), "{judgement:?}");
}

/// Subsets of a set that is not decided, as choices of a step, and under `ENABLED` for freedom of deadlock.
#[test]
fn a_step_may_choose_a_subset() {
    let body = r#"
VARIABLES sent, got
Init == sent = {} /\ got = {}
Send == \E x \in {1, 2} : sent' = sent \cup {x} /\ UNCHANGED got
Get == \E m \in SUBSET sent : got' = got \cup m /\ UNCHANGED sent
Next == Send \/ Get
Spec == Init /\ [][Next]_<<sent, got>>
Mutex == got \subseteq sent
Idle == got = {}
Outside == \A m \in SUBSET got : m \in SUBSET sent
Alternates == [][got \subseteq got']_got
Falls == [][got' = sent]_got
Typed == [](sent \in SUBSET {1, 2})
"#;
    let members = || Shape::Set(vec![int(1), int(2)]);
    // Literals 0 and 1 are the members of the first set, 2 and 3 those of the second.
    let certificate = Certificate {
        shapes: vec![("sent".to_owned(), members()), ("got".to_owned(), members())],
        cubes: vec![vec![(0, false), (2, true)], vec![(1, false), (3, true)]],
        invariants: Vec::new(),
    };
    let all = proved(&["Mutex", "Outside"], &["Alternates", "Typed"], true);
    let judgement = judge_module(body, &certificate, &all);
    assert!(matches!(judgement, Judgement::Accepted { .. }), "{judgement:?}");
    for wrong in [proved(&["Idle"], &[], false), proved(&[], &["Falls"], false)] {
        let judgement = judge_module(body, &certificate, &wrong);
        assert!(
            matches!(judgement, Judgement::Rejected { .. } | Judgement::Undefined { .. }),
            "{judgement:?} of {wrong:?}"
        );
    }
}

/// A recursive function over a domain that is not decided.
#[test]
fn recursive_functions_are_followed() {
    let body = r#"
VARIABLES queue, busy
Init == queue = <<>> /\ busy = FALSE
Put == Len(queue) < 2 /\ \E x \in {1, 2} : queue' = Append(queue, x) /\ UNCHANGED busy
Get == queue # <<>> /\ queue' = Tail(queue) /\ busy' = (Total > 2)
Total == LET f[i \in 0 .. Len(queue)] == IF i = 0 THEN 0 ELSE f[i - 1] + queue[i] IN f[Len(queue)]
Next == Put \/ Get
Spec == Init /\ [][Next]_<<queue, busy>>
Mutex == Total \in 0 .. 4
Idle == Total < 4
Outside == Total = 0 <=> queue = <<>>
Alternates == [][queue' # queue]_queue
Falls == [][busy' = FALSE]_busy
Typed == [](busy \in BOOLEAN)
"#;
    let element = Shape::Scalar(vec![int(1), int(2)]);
    let certificate = Certificate {
        shapes: vec![
            ("queue".to_owned(), Shape::Sequence(vec![element.clone(), element])),
            ("busy".to_owned(), Shape::Bool),
        ],
        cubes: Vec::new(),
        invariants: Vec::new(),
    };
    let all = proved(&["Mutex", "Outside"], &["Alternates", "Typed"], true);
    let judgement = judge_module(body, &certificate, &all);
    assert!(matches!(judgement, Judgement::Accepted { .. }), "{judgement:?}");
    for wrong in [proved(&["Idle"], &[], false), proved(&[], &["Falls"], false)] {
        let judgement = judge_module(body, &certificate, &wrong);
        assert!(
            matches!(judgement, Judgement::Rejected { .. } | Judgement::Undefined { .. }),
            "{judgement:?} of {wrong:?}"
        );
    }
}
