//! Exit codes: TLC's own where they exist, others where TLC has none.

use crate::verdict::{FailureClass, Strength, Testing, Verdict};
use crate::{Expectation, Requirement};

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
    /// A log is no behavior of the specification.
    TraceRejected = 23,
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
    pub const ALL: [Self; 19] = [
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
        Self::TraceRejected,
        Self::Evaluation,
        Self::PropertyEvaluation,
        Self::Interrupted,
        Self::Parse,
        Self::Configuration,
        Self::Capacity,
        Self::System,
        Self::Internal,
    ];

    /// What the code says, in words. `docs/exit-codes.md` uses the same.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Success => "every obligation was met as expected",
            Self::Usage => "wrong use of the command line",
            Self::Assumption => "an assumption or postcondition is false",
            Self::Deadlock => "a deadlock was reached",
            Self::Safety => "an invariant is violated",
            Self::Liveness => "a property of steps, initial states or infinite behaviors is violated",
            Self::Assert => "an `Assert` failed",
            Self::Inconclusive => "inconclusive: something was declined, bounded, sampled or assumed only",
            Self::Vacuous => "something holds for an empty reason",
            Self::ExpectationMissed => "something that must be violated was not",
            Self::TraceRejected => "what a program logged is no behavior of the specification",
            Self::Evaluation => "an initial state, a step or a constraint cannot be evaluated",
            Self::PropertyEvaluation => "an invariant or property cannot be evaluated",
            Self::Interrupted => "interrupted by the user",
            Self::Parse => "a specification cannot be parsed or breaks a static rule",
            Self::Configuration => "a configuration or project file does not fit",
            Self::Capacity => "a limit of memory, time or size was reached",
            Self::System => "the operating system refused something",
            Self::Internal => "a defect of Interlock",
        }
    }

    /// The code with this number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|exit| exit.code() == code)
    }

    /// The number that the process returns.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The code of one verdict, given what was expected of it and how strong it has to be. Nothing weaker than `Tested`
    /// can be required.
    pub fn of_required(verdict: &Verdict, expectation: Expectation, required: impl Into<Requirement>) -> u8 {
        let required = required.into();
        if expectation == Expectation::Holds && required.is_met_by(verdict) {
            return 0;
        }
        match Self::of(verdict, expectation) {
            // Complete in its way, and still no proof.
            0 if expectation == Expectation::Holds && required.strength == Strength::Proved => {
                Self::Inconclusive.code()
            }
            code => code,
        }
    }

    /// The code of one verdict, given what was expected of it.
    pub fn of(verdict: &Verdict, expectation: Expectation) -> u8 {
        match (verdict, expectation) {
            (Verdict::Refuted(_), Expectation::Violated) => 0,
            (Verdict::Refuted(refutation), Expectation::Holds) => refutation.exit_code,
            (Verdict::Failed(failure), _) => Self::from(failure.class).code(),
            (Verdict::Vacuous(_), _) => Self::Vacuous.code(),
            (
                Verdict::Bounded { unwinding_assertions: false, .. }
                | Verdict::Tested(Testing::Sampling(_) | Testing::Analysis(_) | Testing::Comparison(_))
                | Verdict::Declined(_)
                | Verdict::Assumed(_),
                _,
            ) => Self::Inconclusive.code(),
            // Unwinding assertions that hold say that the bound hides nothing: all paths of the program were looked at.
            // A test of what a reduction leaves in is made only where the user asked for no more than that.
            (
                Verdict::Proved(_)
                | Verdict::Exhausted(_)
                | Verdict::Bounded { unwinding_assertions: true, .. }
                | Verdict::Tested(Testing::Reduction(_)),
                Expectation::Holds,
            ) => 0,
            (
                Verdict::Proved(_)
                | Verdict::Exhausted(_)
                | Verdict::Bounded { unwinding_assertions: true, .. }
                | Verdict::Tested(Testing::Reduction(_)),
                Expectation::Violated,
            ) => Self::ExpectationMissed.code(),
        }
    }

    /// The code of a whole run: that of its weakest verdict; the first one where several are equally weak. A defect of
    /// Interlock outweighs everything, because it puts all else in doubt; a variant that should have been refuted and
    /// was not weighs as much as a property that should hold and was refuted.
    pub fn of_run<'a>(verdicts: impl IntoIterator<Item = (&'a Verdict, Expectation)>) -> u8 {
        Self::of_run_required(verdicts, Requirement::default())
    }

    /// The code of a whole run in which obligations are met by verdicts of this strength.
    pub fn of_run_required<'a>(
        verdicts: impl IntoIterator<Item = (&'a Verdict, Expectation)>,
        required: impl Into<Requirement>,
    ) -> u8 {
        let required = required.into();
        Self::of_run_each(verdicts.into_iter().map(|(verdict, expectation)| (verdict, expectation, required)))
    }

    /// The code of a whole run whose obligations are each met by a strength of its own.
    pub fn of_run_each<'a>(verdicts: impl IntoIterator<Item = (&'a Verdict, Expectation, Requirement)>) -> u8 {
        let weight = |code: u8, verdict: &Verdict| {
            let missed = code == Self::ExpectationMissed.code();
            let strength = if missed { Strength::Refuted } else { verdict.strength() };
            (code != Self::Internal.code(), strength)
        };
        verdicts
            .into_iter()
            .map(|(verdict, expectation, required)| (Self::of_required(verdict, expectation, required), verdict))
            .filter(|(code, _)| *code != 0)
            .min_by_key(|(code, verdict)| weight(*code, verdict))
            .map_or(0, |(code, _)| code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Decline, Vacuity};

    fn declined() -> Verdict {
        Verdict::Declined(Decline { reason: String::new(), place: None, remedy: String::new(), induction: None })
    }

    fn assumed() -> Verdict {
        Verdict::Assumed(crate::Assumption { by: String::new(), place: None })
    }

    fn vacuous() -> Verdict {
        Verdict::Vacuous(Vacuity { reason: String::new(), witness: None })
    }

    fn proved() -> Verdict {
        Verdict::Proved(crate::Proof { certificate: String::new(), checker: String::new(), axioms: Vec::new() })
    }

    fn tested(by: Testing) -> Verdict {
        Verdict::Tested(by)
    }

    #[test]
    fn a_test_of_what_a_reduction_leaves_in_is_what_was_asked_for() {
        let reduced = tested(Testing::Reduction(crate::Exhaustion {
            constants: Vec::new(),
            reductions: Vec::new(),
            generated: 0,
            distinct: 0,
            depth: 0,
            store: crate::StoreKind::Exact,
            collision_bound: crate::CollisionBound(0.0),
        }));
        let sampled = tested(Testing::Sampling(crate::Sampling { runs: 1, seed: 0, scheduler: String::new() }));
        assert_eq!(ExitCode::of(&reduced, Expectation::Holds), 0);
        assert_eq!(ExitCode::of(&reduced, Expectation::Violated), 22);
        assert_eq!(ExitCode::of(&sampled, Expectation::Holds), 20);
    }

    #[test]
    fn a_bound_that_hides_nothing_meets_an_obligation() {
        let bounded =
            |unwinding_assertions| Verdict::Bounded { bound: String::new(), depth: None, unwinding_assertions };
        assert_eq!(ExitCode::of(&bounded(true), Expectation::Holds), 0);
        assert_eq!(ExitCode::of(&bounded(true), Expectation::Violated), 22);
        assert_eq!(ExitCode::of(&bounded(false), Expectation::Holds), 20);
        assert_eq!(ExitCode::of_run_required([(&bounded(false), Expectation::Holds)], Strength::Bounded), 0);
    }

    #[test]
    fn nothing_but_met_obligations_is_a_success() {
        assert_eq!(ExitCode::of_run([(&proved(), Expectation::Holds)]), 0);
        assert_eq!(ExitCode::of_run([]), 0);
    }

    #[test]
    fn a_run_is_as_strong_as_its_weakest_part() {
        let run = [proved(), assumed(), vacuous(), declined()];
        assert_eq!(ExitCode::of_run(run.iter().map(|v| (v, Expectation::Holds))), 21);
        assert_eq!(ExitCode::of_run(run[..2].iter().map(|v| (v, Expectation::Holds))), 20);
    }

    #[test]
    fn a_missed_expectation_is_not_hidden_by_something_undecided() {
        assert_eq!(ExitCode::of_run([(&declined(), Expectation::Holds), (&proved(), Expectation::Violated)]), 22);
    }

    #[test]
    fn a_defect_of_ours_outweighs_everything() {
        let failed = |class| {
            let (message, remedy) = (String::new(), String::new());
            Verdict::Failed(crate::Failure {
                class,
                message,
                place: None,
                remedy,
                trace: None,
                notes: Default::default(),
            })
        };
        let run = [failed(FailureClass::Parse), failed(FailureClass::Internal)];
        assert_eq!(ExitCode::of_run(run.iter().map(|v| (v, Expectation::Holds))), 255);
    }

    #[test]
    fn a_sample_is_enough_only_where_no_more_is_required() {
        let sampling = crate::Sampling { runs: 10, seed: 0, scheduler: String::new() };
        let tested = Verdict::Tested(Testing::Sampling(sampling));
        let run = [(&tested, Expectation::Holds)];
        assert_eq!(ExitCode::of_run(run), 20);
        assert_eq!(ExitCode::of_run_required(run, Strength::Tested), 0);
        assert_eq!(ExitCode::of_run_required(run, Strength::Bounded), 20);
        for weak in [assumed(), vacuous(), declined()] {
            assert_ne!(ExitCode::of_run_required([(&weak, Expectation::Holds)], Strength::Failed), 0, "{weak:?}");
        }
    }

    #[test]
    fn what_is_complete_is_no_proof_where_one_is_required() {
        let bounded = Verdict::Bounded { bound: String::new(), depth: None, unwinding_assertions: true };
        let run = [(&bounded, Expectation::Holds)];
        assert_eq!(ExitCode::of_run_required(run, Strength::Exhausted), 0);
        assert_eq!(ExitCode::of_run_required(run, Strength::Proved), 20);
        assert_eq!(ExitCode::of_run_required([(&proved(), Expectation::Holds)], Strength::Proved), 0);
    }

    #[test]
    fn every_number_leads_back_to_its_code() {
        for code in ExitCode::ALL {
            assert_eq!(ExitCode::from_code(code.code()), Some(code));
        }
        assert_eq!(ExitCode::from_code(1), None);
    }
}
