//! What the walk makes of a formula, whatever the target: a circuit, or terms of SMT-LIB.

mod common;

use common::{Never, with_system};
use tla_explore::Broken;
use tla_symbolic::{Conclusion, Options, Target, prove};

const CONFIG: &str = "INIT Init NEXT Next INVARIANT Inv";

/// What the circuit's engines find out about the invariant.
fn concluded(body: &str, config: &str) -> Conclusion {
    let target = Target::Property(Broken::Invariant(0));
    let report = with_system(body, config, |system| prove(system, &[target], &Options::default(), &Never));
    assert!(report.defect.is_none(), "{:?}", report.defect);
    report.conclusions[0].1.clone()
}

/// Why steps may be undefined, as terms have it.
fn undefined(body: &str) -> Vec<&'static str> {
    with_system(body, CONFIG, |system| {
        let problem = tla_symbolic::smt::build(system, &Never).unwrap_or_else(|reason| panic!("{}", reason.reason));
        problem.undefined.iter().map(|one| one.reason).collect()
    })
}

#[test]
fn a_model_value_is_no_subset_and_that_is_defined() {
    let body = "CONSTANT m\nVARIABLE x\nInit == x = m\nNext == x' = IF x = m THEN {1} ELSE m\n\
                Inv == x \\in SUBSET {1, 2} \\/ x = m";
    let conclusion = concluded(body, &format!("CONSTANT m = m {CONFIG}"));
    assert!(matches!(conclusion, Conclusion::Excluded(_)), "{conclusion:?}");
}

#[test]
fn a_union_with_an_infinite_set_is_not_finite() {
    let body = "VARIABLE x\nInit == x = 0\nNext == x' = 1 - x\n\
                Inv == ~IsFiniteSet(Nat \\cup {x}) /\\ IsFiniteSet([{x} -> {0, 1}] \\cup {x})";
    let conclusion = concluded(body, CONFIG);
    assert!(matches!(conclusion, Conclusion::Excluded(_)), "{conclusion:?}");
}

#[test]
fn a_choice_looks_no_further_than_the_first_element_that_fits() {
    let steps = |body: &str| format!("VARIABLE x\nInit == x = 1\nNext == x' = {body}\nInv == x > 0");
    let fits_first = steps("CHOOSE y \\in {1, 2} : y = 1 \\/ x \\div (y - 2) = x");
    assert_eq!(undefined(&fits_first), Vec::<&str>::new());
    let fits_last = steps("CHOOSE y \\in {1, 2} : y = 2 \\/ x \\div (y - 1) = x");
    assert_eq!(undefined(&fits_last), ["division by zero"]);
    assert!(matches!(concluded(&fits_first, CONFIG), Conclusion::Excluded(_)));
}

#[test]
fn a_choice_among_the_subsets_of_a_variable_takes_the_first_in_order() {
    let body = "VARIABLE x\nInit == x = {}\nNext == x' = IF x = {} THEN {1, 2} ELSE {2, 3}\n\
                Inv == x = {} \\/ (CHOOSE s \\in SUBSET x : s # {}) = {CHOOSE e \\in x : TRUE}";
    let conclusion = concluded(body, CONFIG);
    assert!(matches!(conclusion, Conclusion::Excluded(_)), "{conclusion:?}");
}
