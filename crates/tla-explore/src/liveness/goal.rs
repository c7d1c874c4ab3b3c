//! What is searched for: a behavior that is fair and violates the property.
//!
//! `fairness /\ ~property` is cut into *goals*, one for each disjunct at the top. A goal is violated by a behavior of one
//! of them. From each goal as much as possible is taken out before an automaton is made of the rest:
//!
//! - `[]<>F` and `<>[]F` of literals, and their combinations that have the shape of weak and strong fairness, become
//!   *acceptance conditions* on the strongly connected component in which the behavior ends. So any number of fairness
//!   conjuncts costs one pass over a component each, and no automaton grows with them; the classical translation
//!   expands them into a disjunctive normal form, which 26 conjuncts of strong fairness make hopeless.
//! - A goal `<>F` with nothing beside it but pure formulas holds of a behavior if `F` holds of a suffix. All reachable
//!   states begin suffixes, so that the search for `F` starts from all of them, and the waiting for it costs nothing.

use super::temporal::{AtomId, Column, Literal};
use super::terms::{FALSE, TRUE, Term, TermId, Terms};

/// A condition on what recurs for ever: if one of the requests does, one of the grants must too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    /// What asks, as a disjunction; `None` asks always, as weak fairness does.
    pub(crate) request: Option<Vec<Literal>>,
    /// What satisfies, as a disjunction; if it is empty, nothing does, and the request must not recur.
    pub(crate) grant: Vec<Literal>,
}

/// A conjunction that a behavior has to satisfy.
#[derive(Debug, Clone)]
pub(crate) struct Goal {
    /// Whether the formula may hold from any reachable state on, not only from an initial one.
    pub(crate) anywhere: bool,
    /// What is left for an automaton.
    pub(crate) formula: TermId,
    /// Conditions on what recurs.
    pub(crate) pairs: Vec<Pair>,
}

/// The goals whose disjunction is the formula. None means that the formula is `FALSE`.
pub(crate) fn goals(terms: &mut Terms, column_of: &dyn Fn(AtomId) -> Column, formula: TermId) -> Vec<Goal> {
    let mut branches = Vec::new();
    split(terms, formula, &[], false, &mut branches);
    branches.into_iter().map(|branch| goal(terms, column_of, &branch)).collect()
}

/// A conjunction at the top.
struct Branch {
    anywhere: bool,
    conjuncts: Vec<TermId>,
}

/// Cuts `formula /\ pure` at its disjunctions as long as that does not repeat anything but the pure formulas.
fn split(terms: &mut Terms, formula: TermId, pure: &[TermId], anywhere: bool, branches: &mut Vec<Branch>) {
    match terms.get(formula).clone() {
        Term::False => {}
        Term::Or(items) => {
            for item in items {
                split(terms, item, pure, anywhere, branches);
            }
        }
        Term::Eventually(inner) => split_eventuality(terms, formula, inner, pure, anywhere, branches),
        Term::And(items) => split_conjunction(terms, &items, pure, anywhere, branches),
        Term::True | Term::Literal(..) | Term::Always(_) => {
            branches.push(Branch { anywhere, conjuncts: [pure, &[formula]].concat() });
        }
    }
}

/// `<>(F \/ G)` is `<>F \/ <>G`; what is pure and cannot be cut stays whole, because it may be an acceptance condition.
fn split_eventuality(
    terms: &mut Terms,
    formula: TermId,
    inner: TermId,
    pure: &[TermId],
    anywhere: bool,
    branches: &mut Vec<Branch>,
) {
    if !terms.is_pure(formula) {
        return split(terms, inner, pure, true, branches);
    }
    if let Term::Or(items) = terms.get(inner).clone() {
        for item in items {
            let eventually = terms.eventually(item);
            split(terms, eventually, pure, anywhere, branches);
        }
        return;
    }
    branches.push(Branch { anywhere, conjuncts: [pure, &[formula]].concat() });
}

fn split_conjunction(terms: &mut Terms, items: &[TermId], pure: &[TermId], anywhere: bool, branches: &mut Vec<Branch>) {
    let (mut lasting, others): (Vec<TermId>, Vec<TermId>) = items.iter().partition(|item| terms.is_pure(**item));
    lasting.extend_from_slice(pure);
    match others[..] {
        [single] => split(terms, single, &lasting, anywhere, branches),
        _ => {
            lasting.extend_from_slice(&others);
            branches.push(Branch { anywhere, conjuncts: lasting });
        }
    }
}

fn goal(terms: &mut Terms, column_of: &dyn Fn(AtomId) -> Column, branch: &Branch) -> Goal {
    let mut pairs: Vec<Pair> = Vec::new();
    let mut rest = Vec::new();
    // Joining the branch flattens conjunctions and may show that it is FALSE.
    let whole = terms.and(&branch.conjuncts);
    let conjuncts = match terms.get(whole) {
        Term::And(items) => items.to_vec(),
        _ => vec![whole],
    };
    for conjunct in conjuncts {
        match pair(terms, column_of, conjunct) {
            Some(pair) if pairs.contains(&pair) => {}
            Some(pair) => pairs.push(pair),
            None => rest.push(conjunct),
        }
    }
    Goal { anywhere: branch.anywhere, formula: terms.and(&rest), pairs }
}

/// The condition that a pure formula is, if it has the shape of one.
fn pair(terms: &Terms, column_of: &dyn Fn(AtomId) -> Column, formula: TermId) -> Option<Pair> {
    if let Some(grant) = recurring(terms, column_of, formula) {
        return Some(Pair { request: None, grant });
    }
    if let Some(request) = ceasing(terms, column_of, formula) {
        return Some(Pair { request: Some(request), grant: Vec::new() });
    }
    let Term::Or(items) = terms.get(formula) else { return None };
    let [left, right] = items[..] else { return None };
    let pair_of = |ceases: TermId, recurs: TermId| {
        let request = Some(ceasing(terms, column_of, ceases)?);
        Some(Pair { request, grant: recurring(terms, column_of, recurs)? })
    };
    pair_of(left, right).or_else(|| pair_of(right, left))
}

/// The literals of `[]<>(l1 \/ l2 \/ …)`.
fn recurring(terms: &Terms, column_of: &dyn Fn(AtomId) -> Column, formula: TermId) -> Option<Vec<Literal>> {
    let Term::Always(eventually) = terms.get(formula) else { return None };
    let Term::Eventually(inner) = terms.get(*eventually) else { return None };
    let items = match terms.get(*inner) {
        Term::Or(items) => items.to_vec(),
        _ => vec![*inner],
    };
    items.into_iter().map(|item| literal(terms, column_of, item, true)).collect()
}

/// The negated literals of `<>[](l1 /\ l2 /\ …)`: none of them may recur. A conjunction stands as `<>[]l1 /\ <>[]l2`.
fn ceasing(terms: &Terms, column_of: &dyn Fn(AtomId) -> Column, formula: TermId) -> Option<Vec<Literal>> {
    let single = |item: TermId| {
        let Term::Eventually(always) = terms.get(item) else { return None };
        let Term::Always(inner) = terms.get(*always) else { return None };
        literal(terms, column_of, *inner, false)
    };
    match terms.get(formula) {
        Term::And(items) => items.iter().map(|item| single(*item)).collect(),
        Term::True | Term::False | Term::Literal(..) | Term::Or(_) | Term::Always(_) | Term::Eventually(_) => {
            Some(vec![single(formula)?])
        }
    }
}

fn literal(terms: &Terms, column_of: &dyn Fn(AtomId) -> Column, id: TermId, keep: bool) -> Option<Literal> {
    match terms.get(id) {
        Term::Literal(atom, positive) => Some(Literal { column: column_of(*atom), positive: *positive == keep }),
        Term::True | Term::False | Term::And(_) | Term::Or(_) | Term::Always(_) | Term::Eventually(_) => None,
    }
}

impl Goal {
    /// Whether no behavior can satisfy it.
    pub(crate) fn is_hopeless(&self) -> bool {
        self.formula == FALSE
    }

    /// Whether the acceptance conditions are all there is.
    pub(crate) fn needs_no_automaton(&self) -> bool {
        self.formula == TRUE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::liveness::temporal::Temporal;

    fn column(atom: AtomId) -> Column {
        Column::State(atom.0)
    }

    fn goals_of(formula: &Temporal) -> (Terms, Vec<Goal>) {
        let mut terms = Terms::new();
        let normal = terms.normal(formula, true);
        let goals = goals(&mut terms, &column, normal);
        (terms, goals)
    }

    fn atom(number: u32) -> Temporal {
        Temporal::Atom(AtomId(number))
    }

    #[test]
    fn fairness_needs_no_automaton_however_much_there_is() {
        let all = (0..26).map(|i| Temporal::strong_fairness(AtomId(2 * i), AtomId(2 * i + 1))).collect();
        let (terms, goals) = goals_of(&Temporal::And(all));
        assert_eq!(goals.len(), 1);
        assert!(goals[0].needs_no_automaton());
        assert_eq!(goals[0].pairs.len(), 26);
        assert!(terms.len() < 300, "{} formulas", terms.len());
    }

    #[test]
    fn a_violated_response_starts_anywhere() {
        let violated = Temporal::not(Temporal::leads_to(atom(0), atom(1)));
        let fair = Temporal::weak_fairness(AtomId(2), AtomId(3));
        let (terms, goals) = goals_of(&Temporal::And(vec![fair, violated]));
        assert_eq!(goals.len(), 1);
        assert!(goals[0].anywhere);
        assert!(matches!(terms.get(goals[0].formula), Term::And(items) if items.len() == 2));
        assert_eq!(goals[0].pairs.len(), 1);
    }

    #[test]
    fn two_eventualities_are_left_to_the_automaton() {
        let both = Temporal::And(vec![Temporal::eventually(atom(0)), Temporal::eventually(atom(1))]);
        let (_, goals) = goals_of(&both);
        assert_eq!(goals.len(), 1);
        assert!(!goals[0].anywhere);
    }

    #[test]
    fn each_disjunct_is_a_goal() {
        let one = Temporal::not(Temporal::always(Temporal::eventually(atom(0))));
        let other = Temporal::not(Temporal::always(Temporal::eventually(atom(1))));
        let (_, goals) = goals_of(&Temporal::Or(vec![one, other]));
        assert_eq!(goals.len(), 2);
        assert!(goals.iter().all(|goal| goal.needs_no_automaton() && goal.pairs.len() == 1));
    }
}
