//! Exit codes: TLC's own where they exist, others where TLC has none.

use crate::Expectation;
use crate::verdict::{FailureClass, Strength, Verdict};

/// Process exit codes. Documented in `docs/exit-codes.md`; a test keeps the two equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ExitCode {
    /// All obligations were met as expected.
    Success = 0,
    /// Wrong use of the command line.
    Usage = 2,
    /// An assumption or postcondition is false.
    Assumption = 10,
    /// A deadlock was reached.
    Deadlock = 11,
    /// An invariant is violated.
    Safety = 12,
    /// A liveness, action or initial-state property is violated.
    Liveness = 13,
    /// `Assert` failed.
    Assert = 14,
    /// Some obligation was declined, bounded or assumed only.
    Inconclusive = 20,
    /// Some obligation holds for an empty reason.
    Vacuous = 21,
    /// A variant that must be refuted was not.
    ExpectationMissed = 22,
    /// Init, Next or a constraint cannot be evaluated.
    Evaluation = 75,
    /// An invariant or property cannot be evaluated.
    PropertyEvaluation = 76,
    /// A specification file cannot be parsed or breaks a static rule.
    Parse = 150,
    /// The configuration does not fit.
    Configuration = 151,
    /// A capacity limit was reached.
    Capacity = 152,
    /// The operating system refused something.
    System = 153,
    /// Interrupted by the user.
    Interrupted = 130,
    /// A defect of Interlock.
    Internal = 255,
}

impl From<FailureClass> for ExitCode {
    fn from(class: FailureClass) -> Self {
        match class {
            FailureClass::Parse => Self::Parse,
            FailureClass::Configuration => Self::Configuration,
            FailureClass::Assumption => Self::Assumption,
            FailureClass::Assert => Self::Assert,
            FailureClass::Evaluation => Self::Evaluation,
            FailureClass::PropertyEvaluation => Self::PropertyEvaluation,
            FailureClass::Capacity => Self::Capacity,
            FailureClass::System => Self::System,
            FailureClass::Internal => Self::Internal,
        }
    }
}

impl ExitCode {
    /// Every code, for documentation and tests.
    pub const ALL: [Self; 18] = [
        Self::Success,
        Self::Usage,
        Self::Assumption,
        Self::Deadlock,
        Self::Safety,
        Self::Liveness,
        Self::Assert,
        Self::Inconclusive,
        Self::Vacuous,
        Self::ExpectationMissed,
        Self::Evaluation,
        Self::PropertyEvaluation,
        Self::Interrupted,
        Self::Parse,
        Self::Configuration,
        Self::Capacity,
        Self::System,
        Self::Internal,
    ];

    /// The number that the process returns.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The code of one verdict, given what was expected of it.
    pub fn of(verdict: &Verdict, expectation: Expectation) -> u8 {
        match (verdict, expectation) {
            (Verdict::Refuted(_), Expectation::Violated) => 0,
            (Verdict::Refuted(refutation), Expectation::Holds) => refutation.exit_code,
            (Verdict::Failed(failure), _) => Self::from(failure.class).code(),
            (Verdict::Vacuous(_), _) => Self::Vacuous.code(),
            (Verdict::Bounded { .. } | Verdict::Tested(_) | Verdict::Declined(_) | Verdict::Assumed(_), _) => {
                Self::Inconclusive.code()
            }
            (Verdict::Proved(_) | Verdict::Exhausted(_), Expectation::Holds) => 0,
            (Verdict::Proved(_) | Verdict::Exhausted(_), Expectation::Violated) => Self::ExpectationMissed.code(),
        }
    }

    /// The code of a whole run: that of its weakest verdict; the first one where several are equally weak.
    pub fn of_run<'a>(verdicts: impl IntoIterator<Item = (&'a Verdict, Expectation)>) -> u8 {
        verdicts
            .into_iter()
            .map(|(verdict, expectation)| (Self::of(verdict, expectation), verdict.strength()))
            .filter(|(code, _)| *code != 0)
            .min_by_key(|(code, strength)| (*strength, *code == Self::Inconclusive.code()))
            .map_or(0, |(code, _): (u8, Strength)| code)
    }
}
