//! How many mutants had which fate, and the two shares that are told.
//!
//! What is no mistake is in no denominator: mutants that are no specification, and those whose states and steps are the
//! specification's. A mutant that cannot be evaluated is noticed by every tool and says nothing of the properties, so it
//! counts for the share that was noticed and not for the share that a property killed.

use super::Fate;

/// Counts of fates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// All mutants.
    pub all: usize,
    /// Killed by a property, an assumption or an `Assert`.
    pub killed: usize,
    /// Cannot be evaluated.
    pub broken: usize,
    /// Noticed by vacuity alone.
    pub vacuous: usize,
    /// Noticed by nothing.
    pub survived: usize,
    /// The same states and steps.
    pub equal: usize,
    /// Not decided.
    pub undecided: usize,
    /// No specification.
    pub stillborn: usize,
}

impl Tally {
    /// Counts fates.
    pub fn of<'f>(fates: impl IntoIterator<Item = &'f Fate>) -> Self {
        let mut tally = Self::default();
        for fate in fates {
            tally.all += 1;
            let counter = match fate {
                Fate::Killed(_) => &mut tally.killed,
                Fate::Broken(_) => &mut tally.broken,
                Fate::Vacuous(_) => &mut tally.vacuous,
                Fate::Survived => &mut tally.survived,
                Fate::Equal { .. } => &mut tally.equal,
                Fate::Undecided(_) => &mut tally.undecided,
                Fate::Stillborn => &mut tally.stillborn,
            };
            *counter += 1;
        }
        tally
    }

    /// Mutants that are mistakes.
    pub fn mistakes(&self) -> usize {
        self.all - self.equal - self.stillborn
    }

    /// Mistakes that can be evaluated, so that a property is asked at all.
    pub fn asked(&self) -> usize {
        self.mistakes() - self.broken
    }

    /// Mistakes that anything noticed.
    pub fn noticed(&self) -> usize {
        self.killed + self.broken + self.vacuous
    }

    /// Whether no mistake got away.
    pub fn is_complete(&self) -> bool {
        self.survived == 0 && self.undecided == 0
    }

    /// The counts in words.
    pub fn sentence(&self) -> String {
        format!(
            "{}: {} killed by a property, {} noticed by vacuity alone, {} survived, {} undecided, {} cannot be evaluated; {} with the same states and steps as the specification and {} that are no specification do not count.",
            report::number::counted(self.all, "mutant"),
            self.killed,
            self.vacuous,
            self.survived,
            self.undecided,
            self.broken,
            self.equal,
            self.stillborn,
        )
    }

    /// The shares in words.
    pub fn shares(&self) -> String {
        let share = |part: usize, whole: usize| match whole {
            0 => "none".to_owned(),
            _ => format!("{:.1} % ({part} of {whole})", 100.0 * part as f64 / whole as f64),
        };
        format!(
            "Killed by a property: {} of those that can be evaluated. Noticed: {}.",
            share(self.killed, self.asked()),
            share(self.noticed(), self.mistakes())
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_mistake_is_in_no_denominator() {
        let text = String::new;
        let fates = [
            Fate::Killed(text()),
            Fate::Killed(text()),
            Fate::Broken(text()),
            Fate::Vacuous(text()),
            Fate::Survived,
            Fate::Equal { states: 2, steps: 1 },
            Fate::Stillborn,
        ];
        let tally = Tally::of(&fates);
        assert_eq!((tally.all, tally.mistakes(), tally.asked(), tally.noticed()), (7, 5, 4, 4));
        assert!(!tally.is_complete());
        assert!(tally.shares().contains("50.0 % (2 of 4)"), "{}", tally.shares());
        assert!(Tally::of(&fates[5..]).shares().contains("none"));
    }
}
