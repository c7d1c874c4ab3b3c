//! From a formula to a generalized Büchi automaton, state by state as the search asks for it.
//!
//! A state of the automaton is the set of formulas that the rest of the behavior has to satisfy. Reading one *letter*
//! (the truth values of the formula's atoms in a state and on the step that leaves it) decides the literals, branches
//! at disjunctions and leaves a set for the next position: `[]F` asks for `F` now and for itself again; `<>F` asks for
//! `F` now, or *postpones* it and asks for itself again. A run is accepting if nothing is postponed for ever: for each
//! `<>F`, infinitely many transitions do not postpone it. This is the tableau of Gerth, Peled, Vardi and Wolper
//! (*Simple on-the-fly automatic verification of linear temporal logic*, PSTV 1995) with acceptance on transitions as in
//! Couvreur (*On-the-fly verification of linear temporal logic*, FM 1999). Since the letter is known when a state is
//! expanded, only satisfiable branches are ever built.
//!
//! A transition that asks for more and postpones more than another one from the same state is dropped: whatever it
//! leads to, the other one allows as well, now and at every later step.

use super::bits::bit;
use super::temporal::{AtomId, Column};
use super::terms::{Term, TermId, Terms};
use rustc_hash::FxHashMap;

/// Most states and transitions of an automaton; a formula that needs more is declined.
const MOST_TRANSITIONS: usize = 2_000_000;

/// Most alternatives that one letter may leave open.
const MOST_ALTERNATIVES: usize = 100_000;

/// Number of an automaton state.
pub(crate) type AutomatonState = u32;

/// Number of a letter; see [`Automaton::letter`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Letter(u32);

/// A transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Transition {
    /// Where it leads.
    pub(crate) target: AutomatonState,
    /// Number of the set of eventualities that it postpones.
    pub(crate) postponed: u32,
}

/// Why a state cannot be expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stuck {
    /// The truth value of an atom is needed that has none.
    Undefined(AtomId),
    /// The automaton grows beyond its limit.
    TooLarge,
}

/// The truth values of the formula's atoms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Valuation {
    values: Vec<u64>,
    undefined: Vec<u64>,
}

impl Valuation {
    fn clear(&mut self, words: usize) {
        for row in [&mut self.values, &mut self.undefined] {
            row.clear();
            row.resize(words, 0);
        }
    }
}

/// An automaton under construction.
#[derive(Debug)]
pub(crate) struct Automaton<'t> {
    terms: &'t Terms,
    /// Atoms of the formula, with their columns; the position in the list is the bit in a letter.
    atoms: Vec<(AtomId, Column)>,
    bits: FxHashMap<AtomId, u32>,
    letters: FxHashMap<Valuation, Letter>,
    valuations: Vec<Valuation>,
    scratch: Valuation,
    states: Vec<Box<[TermId]>>,
    state_numbers: FxHashMap<Box<[TermId]>, AutomatonState>,
    eventualities: FxHashMap<TermId, u32>,
    postponements: Vec<Box<[u32]>>,
    postponement_numbers: FxHashMap<Box<[u32]>, u32>,
    expanded: FxHashMap<(AutomatonState, Letter), (u32, u32)>,
    transitions: Vec<Transition>,
}

/// What one alternative leaves for the next position.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Alternative {
    /// Formulas for the next position, sorted.
    next: Vec<TermId>,
    /// Numbers of the eventualities that are postponed, sorted.
    postponed: Vec<u32>,
}

impl<'t> Automaton<'t> {
    /// The automaton of a formula; its initial state is number 0.
    pub(crate) fn new(terms: &'t Terms, formula: TermId, column_of: &dyn Fn(AtomId) -> Column) -> Self {
        let mut automaton = Self {
            terms,
            atoms: Vec::new(),
            bits: FxHashMap::default(),
            letters: FxHashMap::default(),
            valuations: Vec::new(),
            scratch: Valuation::default(),
            states: Vec::new(),
            state_numbers: FxHashMap::default(),
            eventualities: FxHashMap::default(),
            postponements: Vec::new(),
            postponement_numbers: FxHashMap::default(),
            expanded: FxHashMap::default(),
            transitions: Vec::new(),
        };
        automaton.find_atoms(formula, column_of, &mut vec![false; terms.len()]);
        automaton.state(reduced(terms, vec![formula]));
        automaton
    }

    fn find_atoms(&mut self, id: TermId, column_of: &dyn Fn(AtomId) -> Column, seen: &mut [bool]) {
        if std::mem::replace(&mut seen[id.0 as usize], true) {
            return;
        }
        match self.terms.get(id) {
            Term::True | Term::False => {}
            Term::Literal(atom, _) => {
                if !self.bits.contains_key(atom) {
                    self.bits.insert(*atom, self.atoms.len() as u32);
                    self.atoms.push((*atom, column_of(*atom)));
                }
            }
            Term::And(items) | Term::Or(items) => {
                items.iter().for_each(|item| self.find_atoms(*item, column_of, seen));
            }
            Term::Always(inner) => self.find_atoms(*inner, column_of, seen),
            Term::Eventually(inner) => {
                let number = self.eventualities.len() as u32;
                self.eventualities.insert(id, number);
                self.find_atoms(*inner, column_of, seen);
            }
        }
    }

    /// Whether letters depend on steps and not on states alone.
    pub(crate) fn reads_steps(&self) -> bool {
        self.atoms.iter().any(|(_, column)| matches!(column, Column::Step(_)))
    }

    /// Number of eventualities that a transition may postpone.
    pub(crate) fn eventualities(&self) -> usize {
        self.eventualities.len()
    }

    /// The eventualities in a set of postponed ones.
    pub(crate) fn postponed(&self, number: u32) -> &[u32] {
        &self.postponements[number as usize]
    }

    /// Number of sets of postponed eventualities that occur.
    pub(crate) fn postponement_count(&self) -> usize {
        self.postponements.len()
    }

    /// Whether nothing is asked of the rest of a behavior in this state.
    pub(crate) fn is_satisfied(&self, state: AutomatonState) -> bool {
        self.states[state as usize].is_empty()
    }

    /// The letter for the rows of a state and of a step. `undefined` tells which atoms have no value there.
    pub(crate) fn letter(&mut self, state: &[u64], step: &[u64], undefined: &dyn Fn(AtomId) -> bool) -> Letter {
        let mut valuation = std::mem::take(&mut self.scratch);
        valuation.clear(super::bits::words_for(self.atoms.len()));
        for (index, (atom, column)) in self.atoms.iter().enumerate() {
            let value = match column {
                Column::State(column) => bit(state, *column),
                Column::Step(column) => bit(step, *column),
            };
            if value {
                super::bits::set_bit(&mut valuation.values, index as u32);
            } else if undefined(*atom) {
                super::bits::set_bit(&mut valuation.undefined, index as u32);
            }
        }
        let letter = self.letters.get(&valuation).copied().unwrap_or_else(|| {
            let letter = Letter(self.valuations.len() as u32);
            self.valuations.push(valuation.clone());
            self.letters.insert(valuation.clone(), letter);
            letter
        });
        self.scratch = valuation;
        letter
    }

    /// The transitions from a state under a letter.
    ///
    /// # Errors
    /// [`Stuck`] if an atom that decides has no value, or the automaton is too large.
    pub(crate) fn transitions(&mut self, state: AutomatonState, letter: Letter) -> Result<&[Transition], Stuck> {
        let (from, to) = match self.expanded.get(&(state, letter)) {
            Some(range) => *range,
            None => self.expand(state, letter)?,
        };
        Ok(&self.transitions[from as usize..to as usize])
    }

    fn expand(&mut self, state: AutomatonState, letter: Letter) -> Result<(u32, u32), Stuck> {
        let mut expansion = Expansion {
            terms: self.terms,
            valuation: &self.valuations[letter.0 as usize],
            bits: &self.bits,
            eventualities: &self.eventualities,
            found: Vec::new(),
        };
        let pending: Vec<TermId> = self.states[state as usize].iter().rev().copied().collect();
        expansion.run(Partial { pending, done: Vec::new(), next: Vec::new(), postponed: Vec::new() })?;
        let alternatives = undominated(expansion.found);
        let from = self.transitions.len() as u32;
        for alternative in alternatives {
            let target = self.state(alternative.next);
            let postponed = self.postponement(alternative.postponed);
            self.transitions.push(Transition { target, postponed });
        }
        if self.transitions.len() > MOST_TRANSITIONS {
            return Err(Stuck::TooLarge);
        }
        let range = (from, self.transitions.len() as u32);
        self.expanded.insert((state, letter), range);
        Ok(range)
    }

    fn state(&mut self, formulas: Vec<TermId>) -> AutomatonState {
        let formulas = formulas.into_boxed_slice();
        if let Some(number) = self.state_numbers.get(&formulas) {
            return *number;
        }
        let number = self.states.len() as AutomatonState;
        self.states.push(formulas.clone());
        self.state_numbers.insert(formulas, number);
        number
    }

    fn postponement(&mut self, eventualities: Vec<u32>) -> u32 {
        let eventualities = eventualities.into_boxed_slice();
        if let Some(number) = self.postponement_numbers.get(&eventualities) {
            return *number;
        }
        let number = self.postponements.len() as u32;
        self.postponements.push(eventualities.clone());
        self.postponement_numbers.insert(eventualities, number);
        number
    }
}

/// A set of formulas without those that another one implies: `F` beside `[]F`, and `<>F` beside `F`. The transitions
/// that are left are the same, because `[]F` asks for `F` itself, and `F` now satisfies `<>F` without postponing it.
fn reduced(terms: &Terms, mut formulas: Vec<TermId>) -> Vec<TermId> {
    formulas.sort_unstable();
    formulas.dedup();
    let implied: Vec<TermId> = formulas
        .iter()
        .copied()
        .filter(|formula| {
            formulas.iter().any(|other| matches!(terms.get(*other), Term::Always(inner) if inner == formula))
                || matches!(terms.get(*formula), Term::Eventually(inner) if formulas.contains(inner))
        })
        .collect();
    formulas.retain(|formula| !implied.contains(formula));
    formulas
}

/// Alternatives that no other one makes superfluous, in the order found.
fn undominated(found: Vec<Alternative>) -> Vec<Alternative> {
    let mut kept: Vec<Alternative> = Vec::new();
    for alternative in found {
        if kept.iter().any(|other| other.dominates(&alternative)) {
            continue;
        }
        kept.retain(|other| !alternative.dominates(other));
        kept.push(alternative);
    }
    kept
}

impl Alternative {
    /// Whether this one asks for no more and postpones no more than the other.
    fn dominates(&self, other: &Self) -> bool {
        is_subset(&self.next, &other.next) && is_subset(&self.postponed, &other.postponed)
    }
}

fn is_subset<T: Ord>(small: &[T], large: &[T]) -> bool {
    small.iter().all(|item| large.binary_search(item).is_ok())
}

/// The expansion of one state under one letter.
struct Expansion<'x> {
    terms: &'x Terms,
    valuation: &'x Valuation,
    bits: &'x FxHashMap<AtomId, u32>,
    eventualities: &'x FxHashMap<TermId, u32>,
    found: Vec<Alternative>,
}

/// An alternative that is not complete yet.
#[derive(Debug, Clone)]
struct Partial {
    /// Formulas to be satisfied now, the first one last.
    pending: Vec<TermId>,
    /// Formulas that were taken care of.
    done: Vec<TermId>,
    next: Vec<TermId>,
    postponed: Vec<u32>,
}

impl Expansion<'_> {
    /// The truth value of a formula if the letter decides it; operands after a deciding one are not asked.
    fn decided(&self, id: TermId) -> Result<Option<bool>, Stuck> {
        match self.terms.get(id) {
            Term::True => Ok(Some(true)),
            Term::False => Ok(Some(false)),
            Term::Literal(atom, positive) => self.literal(*atom, *positive).map(Some),
            Term::And(items) => self.decided_junction(items, false),
            Term::Or(items) => self.decided_junction(items, true),
            Term::Always(_) | Term::Eventually(_) => Ok(None),
        }
    }

    fn decided_junction(&self, items: &[TermId], absorbing: bool) -> Result<Option<bool>, Stuck> {
        let mut open = false;
        for item in items {
            match self.decided(*item)? {
                Some(value) if value == absorbing => return Ok(Some(absorbing)),
                Some(_) => {}
                None => open = true,
            }
        }
        Ok((!open).then_some(!absorbing))
    }

    fn literal(&self, atom: AtomId, positive: bool) -> Result<bool, Stuck> {
        let column = self.bits.get(&atom).copied().unwrap_or(u32::MAX);
        if bit(&self.valuation.undefined, column) {
            return Err(Stuck::Undefined(atom));
        }
        Ok(bit(&self.valuation.values, column) == positive)
    }

    fn run(&mut self, mut partial: Partial) -> Result<(), Stuck> {
        while let Some(id) = partial.pending.pop() {
            if partial.done.contains(&id) {
                continue;
            }
            match self.decided(id)? {
                Some(true) => continue,
                Some(false) => return Ok(()),
                None => {}
            }
            partial.done.push(id);
            match self.terms.get(id) {
                Term::True | Term::False | Term::Literal(..) => {}
                Term::And(items) => partial.pending.extend(items.iter().rev()),
                Term::Or(items) => {
                    for item in items {
                        let mut branch = partial.clone();
                        branch.pending.push(*item);
                        self.run(branch)?;
                    }
                    return Ok(());
                }
                Term::Always(inner) => {
                    partial.next.push(id);
                    partial.pending.push(*inner);
                }
                Term::Eventually(inner) => {
                    let mut now = partial.clone();
                    now.pending.push(*inner);
                    self.run(now)?;
                    partial.next.push(id);
                    partial.postponed.push(self.eventualities.get(&id).copied().unwrap_or(0));
                }
            }
        }
        if self.found.len() >= MOST_ALTERNATIVES {
            return Err(Stuck::TooLarge);
        }
        partial.postponed.sort_unstable();
        let next = reduced(self.terms, partial.next);
        self.found.push(Alternative { next, postponed: partial.postponed });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::liveness::temporal::Temporal;

    const P: Temporal = Temporal::Atom(AtomId(0));

    fn column(atom: AtomId) -> Column {
        Column::State(atom.0)
    }

    /// The transitions from the initial state if `P` is true, and if it is false.
    fn both(formula: &Temporal) -> [Vec<Transition>; 2] {
        let mut terms = Terms::new();
        let normal = terms.normal(formula, true);
        let mut automaton = Automaton::new(&terms, normal, &column);
        [1, 0].map(|row| {
            let letter = automaton.letter(&[row], &[], &|_| false);
            automaton.transitions(0, letter).expect("all atoms are defined").to_vec()
        })
    }

    #[test]
    fn infinitely_often_is_one_state_that_postpones_where_the_atom_is_false() {
        let [yes, no] = both(&Temporal::always(Temporal::eventually(P)));
        assert_eq!((yes.len(), no.len()), (1, 1));
        assert_eq!((yes[0].target, no[0].target), (0, 0));
        assert_ne!(yes[0].postponed, no[0].postponed);
    }

    #[test]
    fn always_has_no_transition_where_the_atom_is_false() {
        let [yes, no] = both(&Temporal::always(P));
        assert_eq!((yes.len(), no.len()), (1, 0));
    }

    #[test]
    fn from_some_point_on_guesses_the_point() {
        let [yes, no] = both(&Temporal::eventually(Temporal::always(P)));
        assert_eq!((yes.len(), no.len()), (2, 1));
    }

    #[test]
    fn an_undefined_atom_matters_only_where_it_is_asked() {
        let mut terms = Terms::new();
        let guarded = Temporal::Or(vec![P, Temporal::Atom(AtomId(1))]);
        let normal = terms.normal(&Temporal::always(guarded), true);
        let mut automaton = Automaton::new(&terms, normal, &column);
        let undefined = |atom| atom == AtomId(1);
        let decided = automaton.letter(&[1], &[], &undefined);
        assert!(automaton.transitions(0, decided).is_ok());
        let open = automaton.letter(&[0], &[], &undefined);
        assert_eq!(automaton.transitions(0, open), Err(Stuck::Undefined(AtomId(1))));
    }
}
