//! Formulas in negation normal form, each kept once.
//!
//! Building a formula simplifies it, by equivalences of linear temporal logic that keep automata small. Most of them
//! rest on three kinds of formula (Etessami and Holzmann, *Optimizing Büchi automata*, CONCUR 2000):
//!
//! - a *universal* one stays true once it is true (`[]P`), so that `[]` in front of it says nothing;
//! - an *eventual* one was true before if it is true now (`<>P`), so that `<>` in front of it says nothing;
//! - a *pure* one is both (`[]<>P`): it speaks of the infinite behavior as a whole and can be moved out of `[]` and `<>`.
//!
//! The order of the operands is kept, because an operand may be undefined where an earlier one decides (`x # 0 /\ 1 \div
//! x > 0`).

use super::temporal::{AtomId, Temporal};
use rustc_hash::FxHashMap;

/// Number of a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TermId(pub(crate) u32);

/// A formula.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Term {
    /// `TRUE`.
    True,
    /// `FALSE`.
    False,
    /// An atom, or its negation if the flag is false.
    Literal(AtomId, bool),
    /// A conjunction of at least two.
    And(Box<[TermId]>),
    /// A disjunction of at least two.
    Or(Box<[TermId]>),
    /// `[]F`.
    Always(TermId),
    /// `<>F`.
    Eventually(TermId),
}

/// What kind of formula it is; see the head of the file.
#[derive(Debug, Clone, Copy)]
struct Character {
    universal: bool,
    eventual: bool,
}

/// `TRUE`.
pub(crate) const TRUE: TermId = TermId(0);
/// `FALSE`.
pub(crate) const FALSE: TermId = TermId(1);

/// All formulas that were built.
#[derive(Debug)]
pub(crate) struct Terms {
    terms: Vec<Term>,
    characters: Vec<Character>,
    known: FxHashMap<Term, TermId>,
    negations: FxHashMap<TermId, TermId>,
}

impl Terms {
    pub(crate) fn new() -> Self {
        let mut terms = Self {
            terms: Vec::new(),
            characters: Vec::new(),
            known: FxHashMap::default(),
            negations: FxHashMap::default(),
        };
        let pure = Character { universal: true, eventual: true };
        terms.keep(Term::True, pure);
        terms.keep(Term::False, pure);
        terms
    }

    pub(crate) fn get(&self, id: TermId) -> &Term {
        &self.terms[id.0 as usize]
    }

    /// Number of formulas.
    pub(crate) fn len(&self) -> usize {
        self.terms.len()
    }

    fn character(&self, id: TermId) -> Character {
        self.characters[id.0 as usize]
    }

    /// Whether a formula speaks of the infinite behavior as a whole.
    pub(crate) fn is_pure(&self, id: TermId) -> bool {
        let Character { universal, eventual } = self.character(id);
        universal && eventual
    }

    fn keep(&mut self, term: Term, character: Character) -> TermId {
        if let Some(id) = self.known.get(&term) {
            return *id;
        }
        let id = TermId(self.terms.len() as u32);
        self.terms.push(term.clone());
        self.characters.push(character);
        self.known.insert(term, id);
        id
    }

    pub(crate) fn literal(&mut self, atom: AtomId, positive: bool) -> TermId {
        self.keep(Term::Literal(atom, positive), Character { universal: false, eventual: false })
    }

    /// Conjuncts or disjuncts of a formula, for `And` or `Or` of `items`; `None` if the absorbing constant is among them
    /// or two of them are complements.
    fn flatten(&self, items: &[TermId], conjunction: bool) -> Option<Vec<TermId>> {
        let (neutral, absorbing) = if conjunction { (TRUE, FALSE) } else { (FALSE, TRUE) };
        let mut flat: Vec<TermId> = Vec::with_capacity(items.len());
        let mut pending: Vec<TermId> = items.iter().rev().copied().collect();
        while let Some(id) = pending.pop() {
            match (self.get(id), conjunction) {
                (Term::And(inner), true) | (Term::Or(inner), false) => pending.extend(inner.iter().rev()),
                _ if id == neutral || flat.contains(&id) => {}
                _ if id == absorbing => return None,
                _ => flat.push(id),
            }
        }
        let opposed = flat.iter().any(|id| self.known_negation(*id).is_some_and(|opposite| flat.contains(&opposite)));
        (!opposed).then_some(flat)
    }

    /// The negation of a formula, as far as it was built already.
    fn known_negation(&self, id: TermId) -> Option<TermId> {
        match self.get(id) {
            Term::Literal(atom, positive) => self.known.get(&Term::Literal(*atom, !positive)).copied(),
            Term::True | Term::False | Term::And(_) | Term::Or(_) | Term::Always(_) | Term::Eventually(_) => {
                self.negations.get(&id).copied()
            }
        }
    }

    pub(crate) fn and(&mut self, items: &[TermId]) -> TermId {
        let Some(flat) = self.flatten(items, true) else { return FALSE };
        self.junction(flat, true)
    }

    pub(crate) fn or(&mut self, items: &[TermId]) -> TermId {
        let Some(flat) = self.flatten(items, false) else { return TRUE };
        let merged = self.merge_eventualities(flat);
        let Some(flat) = self.flatten(&merged, false) else { return TRUE };
        self.junction(flat, false)
    }

    fn junction(&mut self, items: Vec<TermId>, conjunction: bool) -> TermId {
        match items[..] {
            [] => return if conjunction { TRUE } else { FALSE },
            [single] => return single,
            _ => {}
        }
        let character = Character {
            universal: items.iter().all(|item| self.character(*item).universal),
            eventual: items.iter().all(|item| self.character(*item).eventual),
        };
        let items = items.into_boxed_slice();
        self.keep(if conjunction { Term::And(items) } else { Term::Or(items) }, character)
    }

    /// `<>F \/ <>G` is `<>(F \/ G)`, and `[]<>F \/ []<>G` is `[]<>(F \/ G)`.
    fn merge_eventualities(&mut self, items: Vec<TermId>) -> Vec<TermId> {
        let mut plain = Vec::new();
        let mut recurring = Vec::new();
        let mut others = Vec::new();
        for id in items {
            match *self.get(id) {
                Term::Eventually(inner) => plain.push(inner),
                Term::Always(body) => match *self.get(body) {
                    Term::Eventually(inner) => recurring.push(inner),
                    _ => others.push(id),
                },
                _ => others.push(id),
            }
        }
        if !plain.is_empty() {
            let inner = self.or(&plain);
            others.push(self.eventually(inner));
        }
        if !recurring.is_empty() {
            let inner = self.or(&recurring);
            let often = self.eventually(inner);
            others.push(self.always(often));
        }
        others
    }

    pub(crate) fn always(&mut self, inner: TermId) -> TermId {
        if self.character(inner).universal {
            return inner;
        }
        match self.get(inner).clone() {
            Term::And(items) => {
                let items: Vec<TermId> = items.iter().map(|item| self.always(*item)).collect();
                return self.and(&items);
            }
            Term::Or(items) => {
                let (mut pure, rest) = self.split_pure(&items);
                if !pure.is_empty() {
                    let rest = self.or(&rest);
                    pure.insert(0, self.always(rest));
                    return self.or(&pure);
                }
            }
            Term::True | Term::False | Term::Literal(..) | Term::Always(_) | Term::Eventually(_) => {}
        }
        let eventual = self.character(inner).eventual;
        self.keep(Term::Always(inner), Character { universal: true, eventual })
    }

    pub(crate) fn eventually(&mut self, inner: TermId) -> TermId {
        if self.character(inner).eventual {
            return inner;
        }
        if let Term::And(items) = self.get(inner).clone() {
            if self.character(inner).universal {
                let items: Vec<TermId> = items.iter().map(|item| self.eventually(*item)).collect();
                return self.and(&items);
            }
            let (mut pure, rest) = self.split_pure(&items);
            if !pure.is_empty() {
                let rest = self.and(&rest);
                pure.insert(0, self.eventually(rest));
                return self.and(&pure);
            }
        }
        let universal = self.character(inner).universal;
        self.keep(Term::Eventually(inner), Character { universal, eventual: true })
    }

    fn split_pure(&self, items: &[TermId]) -> (Vec<TermId>, Vec<TermId>) {
        items.iter().partition(|item| self.is_pure(**item))
    }

    /// The negation of a formula.
    pub(crate) fn negated(&mut self, id: TermId) -> TermId {
        if let Some(known) = self.negations.get(&id) {
            return *known;
        }
        let result = match self.get(id).clone() {
            Term::True => FALSE,
            Term::False => TRUE,
            Term::Literal(atom, positive) => self.literal(atom, !positive),
            Term::And(items) => {
                let items: Vec<TermId> = items.iter().map(|item| self.negated(*item)).collect();
                self.or(&items)
            }
            Term::Or(items) => {
                let items: Vec<TermId> = items.iter().map(|item| self.negated(*item)).collect();
                self.and(&items)
            }
            Term::Always(inner) => {
                let inner = self.negated(inner);
                self.eventually(inner)
            }
            Term::Eventually(inner) => {
                let inner = self.negated(inner);
                self.always(inner)
            }
        };
        self.negations.insert(id, result);
        self.negations.entry(result).or_insert(id);
        result
    }

    /// The normal form of a formula, or of its negation if `positive` is false.
    pub(crate) fn normal(&mut self, formula: &Temporal, positive: bool) -> TermId {
        match formula {
            Temporal::Constant(constant) => {
                if *constant == positive {
                    TRUE
                } else {
                    FALSE
                }
            }
            Temporal::Atom(atom) => self.literal(*atom, positive),
            Temporal::Not(inner) => self.normal(inner, !positive),
            Temporal::And(items) | Temporal::Or(items) => {
                let conjunction = matches!(formula, Temporal::And(_)) == positive;
                let items: Vec<TermId> = items.iter().map(|item| self.normal(item, positive)).collect();
                if conjunction { self.and(&items) } else { self.or(&items) }
            }
            Temporal::Equivalent(left, right) => {
                let left = self.normal(left, true);
                let right = self.normal(right, positive);
                let (not_left, not_right) = (self.negated(left), self.negated(right));
                let both = self.and(&[left, right]);
                let neither = self.and(&[not_left, not_right]);
                self.or(&[both, neither])
            }
            Temporal::Always(inner) | Temporal::Eventually(inner) => {
                let always = matches!(formula, Temporal::Always(_)) == positive;
                let inner = self.normal(inner, positive);
                if always { self.always(inner) } else { self.eventually(inner) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literals(terms: &mut Terms) -> (TermId, TermId) {
        (terms.literal(AtomId(0), true), terms.literal(AtomId(1), true))
    }

    #[test]
    fn repeated_operators_collapse() {
        let mut terms = Terms::new();
        let (p, _) = literals(&mut terms);
        let often = {
            let e = terms.eventually(p);
            terms.always(e)
        };
        assert_eq!(terms.eventually(often), often);
        assert_eq!(terms.always(often), often);
        let finally = {
            let a = terms.always(p);
            terms.eventually(a)
        };
        assert_eq!(terms.always(finally), finally);
        assert!(terms.is_pure(finally) && terms.is_pure(often));
    }

    #[test]
    fn twice_negated_is_the_formula_itself() {
        let mut terms = Terms::new();
        let (p, q) = literals(&mut terms);
        let later = terms.eventually(q);
        let not_p = terms.negated(p);
        let either = terms.or(&[not_p, later]);
        let response = terms.always(either);
        let once = terms.negated(response);
        assert_eq!(terms.negated(once), response);
        assert!(matches!(terms.get(once), Term::Eventually(_)));
    }

    #[test]
    fn pure_parts_leave_the_box() {
        let mut terms = Terms::new();
        let (p, q) = literals(&mut terms);
        let often = {
            let e = terms.eventually(q);
            terms.always(e)
        };
        let mixed = terms.or(&[p, often]);
        let boxed = terms.always(mixed);
        let always_p = terms.always(p);
        assert_eq!(boxed, terms.or(&[always_p, often]));
    }

    #[test]
    fn complements_decide_a_junction() {
        let mut terms = Terms::new();
        let (p, q) = literals(&mut terms);
        let not_p = terms.negated(p);
        assert_eq!(terms.and(&[p, q, not_p]), FALSE);
        assert_eq!(terms.or(&[p, q, not_p]), TRUE);
    }
}
