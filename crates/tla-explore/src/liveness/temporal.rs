//! Temporal formulas over atoms, and what they mean.
//!
//! The formula of a property is taken apart down to *atoms*: predicates, which have a truth value in each state, and
//! actions, which have one on each step. What is left is a formula of linear temporal logic with `[]` and `<>` alone;
//! `~>`, `WF` and `SF` are written with them (*Specifying Systems*, section 8.4).
//!
//! [`Temporal::holds`] evaluates a formula on a lasso by these definitions and nothing else. It is what every
//! counterexample is confirmed by before it leaves this module, and what the tests compare the automata with.

use super::bits::bit;

/// Number of an atom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AtomId(pub u32);

/// Where the truth value of an atom is found: a column of the rows of states or of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Column {
    /// A predicate.
    State(u32),
    /// An action.
    Step(u32),
}

/// A temporal formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Temporal {
    /// `TRUE` or `FALSE`.
    Constant(bool),
    /// A predicate or action.
    Atom(AtomId),
    /// `~F`.
    Not(Box<Temporal>),
    /// `F /\ G`.
    And(Vec<Temporal>),
    /// `F \/ G`.
    Or(Vec<Temporal>),
    /// `F <=> G`.
    Equivalent(Box<Temporal>, Box<Temporal>),
    /// `[]F`.
    Always(Box<Temporal>),
    /// `<>F`.
    Eventually(Box<Temporal>),
}

impl Temporal {
    pub(crate) fn not(formula: Self) -> Self {
        Self::Not(Box::new(formula))
    }

    pub(crate) fn always(formula: Self) -> Self {
        Self::Always(Box::new(formula))
    }

    pub(crate) fn eventually(formula: Self) -> Self {
        Self::Eventually(Box::new(formula))
    }

    /// `F => G`.
    pub(crate) fn implies(antecedent: Self, consequent: Self) -> Self {
        Self::Or(vec![Self::not(antecedent), consequent])
    }

    /// `F ~> G`.
    pub(crate) fn leads_to(cause: Self, effect: Self) -> Self {
        Self::always(Self::implies(cause, Self::eventually(effect)))
    }

    /// `WF_v(A)`: `[]<>(~ENABLED <<A>>_v) \/ []<><<A>>_v`.
    pub(crate) fn weak_fairness(enabled: AtomId, taken: AtomId) -> Self {
        let disabled = Self::not(Self::Atom(enabled));
        Self::always(Self::eventually(Self::Or(vec![disabled, Self::Atom(taken)])))
    }

    /// `SF_v(A)`: `<>[](~ENABLED <<A>>_v) \/ []<><<A>>_v`.
    pub(crate) fn strong_fairness(enabled: AtomId, taken: AtomId) -> Self {
        let disabled = Self::not(Self::Atom(enabled));
        let taken = Self::always(Self::eventually(Self::Atom(taken)));
        Self::Or(vec![Self::eventually(Self::always(disabled)), taken])
    }

    /// The truth values of the formula at all positions of a lasso of `positions` states that goes back to position
    /// `back_to`. `value` tells the value of an atom at a position.
    fn values(&self, positions: usize, back_to: usize, value: &dyn Fn(AtomId, usize) -> bool) -> Vec<bool> {
        let part = |formula: &Self| formula.values(positions, back_to, value);
        let pointwise = |f: &dyn Fn(usize) -> bool| (0..positions).map(f).collect::<Vec<bool>>();
        match self {
            Self::Constant(constant) => vec![*constant; positions],
            Self::Atom(atom) => pointwise(&|position| value(*atom, position)),
            Self::Not(inner) => part(inner).into_iter().map(|holds| !holds).collect(),
            Self::And(items) => {
                let items: Vec<_> = items.iter().map(part).collect();
                pointwise(&|position| items.iter().all(|item| item[position]))
            }
            Self::Or(items) => {
                let items: Vec<_> = items.iter().map(part).collect();
                pointwise(&|position| items.iter().any(|item| item[position]))
            }
            Self::Equivalent(left, right) => {
                let (left, right) = (part(left), part(right));
                pointwise(&|position| left[position] == right[position])
            }
            Self::Always(inner) => from_now_on(part(inner), back_to, |now, later| now && later),
            Self::Eventually(inner) => from_now_on(part(inner), back_to, |now, later| now || later),
        }
    }

    /// Whether the formula is true of a lasso, by definition. The lasso is not empty and `back_to` is a position of it.
    pub(crate) fn holds(&self, positions: usize, back_to: usize, value: &dyn Fn(AtomId, usize) -> bool) -> bool {
        self.values(positions, back_to, value).first().copied().unwrap_or(false)
    }

    /// Calls the function for each atom.
    pub(crate) fn for_each_atom(&self, visit: &mut dyn FnMut(AtomId)) {
        match self {
            Self::Constant(_) => {}
            Self::Atom(atom) => visit(*atom),
            Self::Not(inner) | Self::Always(inner) | Self::Eventually(inner) => inner.for_each_atom(visit),
            Self::And(items) | Self::Or(items) => items.iter().for_each(|item| item.for_each_atom(visit)),
            Self::Equivalent(left, right) => {
                left.for_each_atom(visit);
                right.for_each_atom(visit);
            }
        }
    }
}

/// For each position what comes at or after it, joined: everything from there on, and the whole loop.
fn from_now_on(mut values: Vec<bool>, back_to: usize, join: fn(bool, bool) -> bool) -> Vec<bool> {
    let back_to = back_to.min(values.len().saturating_sub(1));
    let (stem, cycle) = values.split_at_mut(back_to);
    let Some(mut later) = cycle.iter().copied().reduce(join) else { return values };
    cycle.fill(later);
    for value in stem.iter_mut().rev() {
        later = join(*value, later);
        *value = later;
    }
    values
}

/// An atom or its negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Literal {
    pub(crate) column: Column,
    pub(crate) positive: bool,
}

impl Literal {
    /// Whether the literal is true for the row of a state and the row of a step that leaves it.
    #[inline]
    pub(crate) fn holds(self, state: &[u64], step: &[u64]) -> bool {
        let value = match self.column {
            Column::State(column) => bit(state, column),
            Column::Step(column) => bit(step, column),
        };
        value == self.positive
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: Temporal = Temporal::Atom(AtomId(0));

    /// `P` on the positions where the text has a `p`; the loop begins at the bar.
    fn holds(formula: &Temporal, text: &str) -> bool {
        let back_to = text.find('|').unwrap_or(0);
        let letters: Vec<char> = text.chars().filter(|c| *c != '|').collect();
        formula.holds(letters.len(), back_to, &|_, position| letters[position] == 'p')
    }

    #[test]
    fn always_asks_the_stem_and_the_loop() {
        let always = Temporal::always(P);
        assert!(holds(&always, "pp|pp"));
        assert!(!holds(&always, "p-|pp"));
        assert!(!holds(&always, "pp|p-"));
    }

    #[test]
    fn infinitely_often_asks_the_loop_alone() {
        let often = Temporal::always(Temporal::eventually(P));
        assert!(holds(&often, "--|-p-"));
        assert!(!holds(&often, "pp|--"));
    }

    #[test]
    fn a_suffix_that_begins_inside_the_loop_sees_the_whole_loop() {
        let then_again = Temporal::leads_to(P, Temporal::not(P));
        assert!(holds(&then_again, "-|-p"));
        assert!(!holds(&then_again, "-|pp"));
    }
}
