//! The verdict, and how strong it is.

use crate::{Counterexample, Place};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was found out about one obligation. See `docs/soundness.md` for what each of them promises.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Holds without bound; a certificate was accepted by an independent checker.
    Proved(Proof),
    /// Every reachable state of a finite instance was visited.
    Exhausted(Exhaustion),
    /// Nothing found up to a bound.
    Bounded {
        /// What was bounded and by how much.
        bound: String,
        /// The bound as a number of levels, steps or unwindings, where the engine knows one.
        #[serde(default)]
        depth: Option<u64>,
        /// Whether unwinding assertions were checked and hold.
        unwinding_assertions: bool,
    },
    /// Some behaviors were looked at, and nothing was found in them.
    Tested(Testing),
    /// A counterexample, replayed by `recheck`.
    Refuted(Box<Refutation>),
    /// Holds for an empty reason.
    Vacuous(Vacuity),
    /// Not decided.
    Declined(Decline),
    /// Taken on trust.
    Assumed(Assumption),
    /// The tool or the specification broke.
    Failed(Failure),
}

/// Strength classes, weakest first, for summaries: a summary is as strong as its weakest part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Something broke.
    Failed,
    /// A counterexample exists.
    Refuted,
    /// Holds for an empty reason.
    Vacuous,
    /// Not decided.
    Declined,
    /// On trust.
    Assumed,
    /// In part.
    Tested,
    /// Up to a bound.
    Bounded,
    /// All states of an instance.
    Exhausted,
    /// Without bound.
    Proved,
}

/// What stands behind [`Verdict::Proved`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Certificate file.
    pub certificate: String,
    /// Who accepted it.
    pub checker: String,
    /// Axioms and assumptions used.
    pub axioms: Vec<String>,
}

/// A reduction that makes the explored graph differ from the specification's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reduction {
    /// States equal up to a permutation of model values are one.
    Symmetry {
        /// Name of the definition in the configuration.
        name: String,
    },
    /// States with equal view are one.
    View {
        /// Name of the definition in the configuration.
        name: String,
    },
    /// States that break the constraint are not explored.
    StateConstraint {
        /// Name of the definition in the configuration.
        name: String,
    },
    /// Steps that break the constraint are not taken.
    ActionConstraint {
        /// Name of the definition in the configuration.
        name: String,
    },
}

/// How visited states are remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreKind {
    /// Whole states; no collision is possible.
    Exact,
    /// 128-bit fingerprints.
    Fingerprint128,
}

/// Upper bound on the probability that two different states were taken for one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CollisionBound(pub f64);

/// What stands behind [`Verdict::Exhausted`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exhaustion {
    /// Constants of the instance, `(name, value)`.
    pub constants: Vec<(String, String)>,
    /// Reductions in force; empty means that the whole graph was visited.
    pub reductions: Vec<Reduction>,
    /// States generated, duplicates included (TLC's count).
    pub generated: u64,
    /// Distinct states found.
    pub distinct: u64,
    /// Longest level of the breadth-first search, initial states being level 1.
    pub depth: u32,
    /// How visited states were remembered.
    pub store: StoreKind,
    /// Probability that a state was missed because of a fingerprint collision; 0 for an exact store.
    pub collision_bound: CollisionBound,
}

/// What stands behind [`Verdict::Tested`]: which behaviors were looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Testing {
    /// Some that were drawn at random.
    Sampling(Sampling),
    /// All that the reductions leave in, where what they leave out could decide otherwise: liveness under a constraint,
    /// a view or a symmetry, which is checked only if the user asks for it.
    Reduction(Exhaustion),
    /// All that a heuristic analysis of the source text looks at, which runs nothing and overlooks things by its nature.
    Analysis(Analysis),
    /// All that another tool was asked as well, which said the same: a test of both tools, no proof of anything.
    Comparison(Comparison),
}

/// What two tools said alike about the same input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The other tool, with its version.
    pub with: String,
    /// What was the same: the verdict, counts.
    pub compared: Vec<String>,
    /// What was not compared, each with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_compared: Vec<String>,
}

/// What an analysis of source text looked at, all of it readable, without a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analysis {
    /// Rules that were applied.
    pub rules: Vec<String>,
    /// Files.
    pub files: u64,
    /// Functions with a body.
    pub functions: u64,
    /// What was found in a source that is broken on purpose, where something had to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

/// Runs that were drawn at random.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sampling {
    /// Number of runs.
    pub runs: u64,
    /// Seed that repeats them.
    pub seed: u64,
    /// How choices were made.
    pub scheduler: String,
}

/// What stands behind [`Verdict::Refuted`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refutation {
    /// The behavior that breaks the property.
    pub counterexample: Counterexample,
    /// Name of the independent checker that replayed it.
    pub replayed_by: String,
    /// Command that replays it.
    pub replay_command: String,
    /// Exit code that stands for this kind of violation (11 deadlock, 12 safety, 13 liveness or action property).
    pub exit_code: u8,
}

/// The witness of [`Verdict::Vacuous`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vacuity {
    /// Why the property holds for an empty reason.
    pub reason: String,
    /// The part of the source that shows it.
    pub witness: Option<Place>,
}

/// Why an obligation was not decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decline {
    /// The reason, in words.
    pub reason: String,
    /// The construct that is the reason.
    pub place: Option<Place>,
    /// What the user can do.
    pub remedy: String,
    /// Why an induction fails, if that is the reason: states that satisfy an invariant, the last of them or the last step
    /// with what goes wrong. Nothing says that a behavior comes there, so this refutes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub induction: Option<Box<Counterexample>>,
}

/// Something taken on trust.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assumption {
    /// Who says so.
    pub by: String,
    /// Where.
    pub place: Option<Place>,
}

/// The four kinds that stay apart: a finding is no failure; these are the other three, with evaluation errors told by
/// the phase they occur in because TLC's exit codes do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// The text is not TLA+, or breaks a rule of names, arities or levels (exit 150).
    Parse,
    /// The configuration does not fit the specification (exit 151).
    Configuration,
    /// An `ASSUME` is false or cannot be evaluated, or a postcondition is false (exit 10).
    Assumption,
    /// `Assert` of module `TLC` failed (exit 14).
    Assert,
    /// An initial state or a step cannot be evaluated (exit 75).
    Evaluation,
    /// An invariant or other property cannot be evaluated (exit 76).
    PropertyEvaluation,
    /// A limit of memory, time or size was reached (exit 152).
    Capacity,
    /// The operating system refused something (exit 153).
    System,
    /// A defect of Interlock (exit 255).
    Internal,
}

/// What stands behind [`Verdict::Failed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What sort of failure.
    pub class: FailureClass,
    /// What happened.
    pub message: String,
    /// Where.
    pub place: Option<Place>,
    /// What the user can do.
    pub remedy: String,
    /// The behavior that leads there, where there is one.
    pub trace: Option<Box<Counterexample>>,
    /// Further facts, such as the chain of calls.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<String, String>,
}

impl Verdict {
    /// The verdict's class.
    pub fn strength(&self) -> Strength {
        match self {
            Self::Proved(_) => Strength::Proved,
            Self::Exhausted(_) => Strength::Exhausted,
            Self::Bounded { .. } => Strength::Bounded,
            Self::Tested(_) => Strength::Tested,
            Self::Refuted(_) => Strength::Refuted,
            Self::Vacuous(_) => Strength::Vacuous,
            Self::Declined(_) => Strength::Declined,
            Self::Assumed(_) => Strength::Assumed,
            Self::Failed(_) => Strength::Failed,
        }
    }
}

impl Strength {
    /// The word that reports use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Proved => "Proved",
            Self::Exhausted => "Exhausted",
            Self::Bounded => "Bounded",
            Self::Tested => "Tested",
            Self::Refuted => "Refuted",
            Self::Vacuous => "Vacuous",
            Self::Declined => "Declined",
            Self::Assumed => "Assumed",
            Self::Failed => "Failed",
        }
    }
}
