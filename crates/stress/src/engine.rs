//! Stress as an engine: runs become verdicts.
//!
//! Nothing wrong is `Tested`, with the number of operations, the seed and the schedule. Something wrong is `Refuted` only
//! after it was seen again, as every refutation is: either the same plan goes wrong in another run, or the number that came
//! back is wrong by the kernel's definition, which does not depend on any schedule ([`crate::confirm`]). An error that is
//! neither is told as what it is: `Declined`, with how often it was seen.
//!
//! A broken variant is the runtime with a defect that its specification knows; it is met by a refutation only.

use crate::command::{self, CommandTarget, NoAnswer};
use crate::confirm::is_wrong_by_definition;
use crate::kernel::{Backend, Host, Kernel};
use crate::noise::Level;
use crate::outcome::Outcome;
use crate::plan::{Amount, PATIENCE, Plan, Scenario};
use crate::run::{Watcher, run};
use mps_runtime::Mutations;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use verdict::engine::{Attachment, Details};
use verdict::trace::Ending;
use verdict::{
    Context, Counterexample, Decline, Engine, Event, ExitCode, Expectation, Failure, FailureClass, InputText,
    Obligation, Refutation, Sampling, Step, Strength, Testing, Trace, Vacuity, Verdict,
};

/// Name of the engine in evidence.
pub const ENGINE: &str = "stress";

/// The property of a workload that names none.
pub const RESULTS: &str = "every result is that of one thread";

/// How often a run that went wrong is run again, so that it goes wrong again.
const AGAIN: usize = 3;

/// Seeds with which a broken variant is run before it is told that it was not noticed.
const SEEDS: u64 = 6;

/// How long a run of a broken variant waits for anything.
const BROKEN_PATIENCE: Duration = Duration::from_secs(2);

/// What is put under stress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The runtime on its simulated device.
    Runtime,
    /// A program of the user's.
    Command(CommandTarget),
}

/// A workload, as the project file describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stress {
    /// Name, unique in the project.
    pub name: String,
    /// What is put under stress.
    pub target: Target,
    /// Kernels.
    pub kernels: Vec<Kernel>,
    /// Threads.
    pub threads: usize,
    /// How much they do in each scenario.
    pub amount: Amount,
    /// Circumstances, one run each.
    pub scenarios: Vec<Scenario>,
    /// The seed.
    pub seed: u64,
    /// The level of noise.
    pub noise: Level,
    /// Threads that are the simulated device.
    pub engines: usize,
    /// Growth of memory that is an error.
    pub most_growth: u64,
    /// Properties that it speaks about.
    pub properties: Vec<String>,
    /// Defect of the runtime, and the property that is violated then.
    pub broken: Vec<(String, String)>,
    /// A defect that the runtime has on purpose in every run.
    pub defect: Option<String>,
}

/// A workload with what computes.
pub struct StressEngine {
    stress: Stress,
    backend: Arc<dyn Backend>,
    details: Mutex<Vec<Details>>,
    outcomes: Mutex<Vec<Outcome>>,
}

/// What came of the runs of one variant.
struct Found {
    verdict: Verdict,
    details: Details,
}

impl Stress {
    /// The command that runs a scenario again, with this defect if there is one.
    pub fn again(&self, scenario: Scenario, defect: Option<&str>) -> String {
        let mut words = "interlock stress".to_owned();
        if self.kernels != Kernel::ALL {
            self.kernels.iter().for_each(|kernel| words.push_str(&format!(" {kernel}")));
        }
        let Self { threads, seed, .. } = self;
        words.push_str(&format!(" --threads {threads} --seed {seed} --scenario {}", scenario.name()));
        match self.amount {
            Amount::Operations(each) => words.push_str(&format!(" --operations {each}")),
            Amount::Time(time) => words.push_str(&format!(" --seconds {}", time.as_secs())),
        }
        if self.noise != Level::default() {
            words.push_str(&format!(" --noise {}", self.noise.name()));
        }
        if let Some(defect) = defect {
            words.push_str(&format!(" --defect {defect}"));
        }
        if let Target::Command(target) = &self.target {
            words.push_str(&format!(" --command '{}'", target.command.replace('\'', "'\\''")));
        }
        words
    }

    fn claimed(&self) -> Vec<String> {
        if self.properties.is_empty() { vec![RESULTS.to_owned()] } else { self.properties.clone() }
    }

    fn plan(&self, scenario: Scenario, mutations: Mutations, patience: Duration) -> Plan {
        Plan {
            kernels: self.kernels.clone(),
            threads: self.threads,
            amount: self.amount,
            scenario,
            seed: self.seed,
            noise: self.noise,
            engines: self.engines,
            most_growth: self.most_growth,
            patience,
            mutations,
        }
    }
}

struct Watched<'c> {
    context: &'c Context<'c>,
    scenario: Scenario,
}

impl Watcher for Watched<'_> {
    fn stop(&self) -> bool {
        self.context.events.interrupted()
    }

    fn told(&self, done: u64, planned: Option<u64>) {
        let of = planned.map_or_else(String::new, |planned| format!(" of {planned}"));
        let text = format!("{}: {done}{of} operations", self.scenario.name());
        self.context.events.send(Event::Advanced { engine: ENGINE.to_owned(), text });
    }
}

impl StressEngine {
    /// A workload that our own back end computes.
    pub fn new(stress: Stress) -> Self {
        Self::with_backend(stress, Arc::new(Host))
    }

    /// A workload that another back end computes.
    pub fn with_backend(stress: Stress, backend: Arc<dyn Backend>) -> Self {
        Self { stress, backend, details: Mutex::default(), outcomes: Mutex::default() }
    }

    /// What came of the runs that were made last, broken variants left out, in the order of the scenarios.
    pub fn outcomes(&self) -> Vec<Outcome> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// One run.
    fn run(&self, plan: &Plan, defect: Option<&str>, context: &Context<'_>) -> Result<Outcome, Verdict> {
        match &self.stress.target {
            Target::Runtime => {
                run(plan, &self.backend, &Watched { context, scenario: plan.scenario }).map_err(|error| match error {
                    crate::RunError::Unfit(error) => failed(FailureClass::Internal, error.to_string()),
                    crate::RunError::Nothing => failed(FailureClass::Configuration, error.to_string()),
                    crate::RunError::Threads(_) => failed(FailureClass::System, error.to_string()),
                })
            }
            Target::Command(target) => self.run_command(target, plan, defect, context),
        }
    }

    fn run_command(
        &self,
        target: &CommandTarget,
        plan: &Plan,
        defect: Option<&str>,
        context: &Context<'_>,
    ) -> Result<Outcome, Verdict> {
        let stop = || context.events.interrupted();
        let once = || command::run(target, plan, &stop);
        match once() {
            Ok(outcome) => Ok(outcome),
            Err(NoAnswer::Crashed(signal)) => match (0..AGAIN).find(|_| once() == Err(NoAnswer::Crashed(signal))) {
                Some(number) => {
                    let what = format!("the workload crashed (signal {signal})");
                    let replayed_by = format!("the command, which crashed again in run {} more", number + 1);
                    Err(refuted(vec![what], replayed_by, self.stress.again(plan.scenario, defect)))
                }
                None => Err(declined(
                    format!("the command crashed once (signal {signal}), and not in {AGAIN} further runs"),
                    "run it for longer",
                )),
            },
            Err(error) => Err(declined(error.to_string(), "run the command by hand; docs/stress.md has the protocol")),
        }
    }

    /// All scenarios of a variant.
    fn decide(&self, defect: Option<&str>, context: &Context<'_>) -> (Found, Vec<Outcome>) {
        let mutations = defect.and_then(Mutations::named).unwrap_or_default();
        let patience = if defect.is_some() { BROKEN_PATIENCE } else { PATIENCE };
        let again = |scenario| self.stress.again(scenario, defect);
        let mut outcomes = Vec::new();
        for scenario in &self.stress.scenarios {
            let plan = self.stress.plan(*scenario, mutations, patience);
            let outcome = match self.run(&plan, defect, context) {
                Ok(outcome) => outcome,
                Err(verdict) => {
                    let details = details_of(&outcomes, &again(*scenario));
                    return (Found { verdict, details }, outcomes);
                }
            };
            let found = self.judge(&plan, &outcome, defect, context);
            let complete = outcome.complete;
            outcomes.push(outcome);
            if let Some(verdict) = found {
                let details = details_of(&outcomes, &again(*scenario));
                return (Found { verdict, details }, outcomes);
            }
            if !complete {
                break;
            }
        }
        let runs: u64 = outcomes.iter().map(Outcome::operations).sum();
        let verdict = if runs == 0 {
            declined("it was ended before anything was done".to_owned(), "let it run")
        } else {
            let schedules: Vec<String> = outcomes.iter().map(Outcome::schedule).collect();
            let scheduler = schedules.join("; ");
            Verdict::Tested(Testing::Sampling(Sampling { runs, seed: self.stress.seed, scheduler }))
        };
        let last = self.stress.scenarios.last().copied().unwrap_or(Scenario::Steady);
        (Found { verdict, details: details_of(&outcomes, &again(last)) }, outcomes)
    }

    /// A broken variant: run with further seeds until it shows, because the schedule is the system's.
    fn broken(&self, defect: &str, context: &Context<'_>) -> Found {
        let with_seed = |further: u64| {
            let stress = Stress { seed: self.stress.seed.wrapping_add(further), ..self.stress.clone() };
            Self::with_backend(stress, Arc::clone(&self.backend)).decide(Some(defect), context).0
        };
        let mut found = with_seed(0);
        for further in 1..SEEDS {
            if matches!(found.verdict, Verdict::Refuted(_)) || context.events.interrupted() {
                break;
            }
            found = with_seed(further);
        }
        found
    }

    /// What is wrong with a run, if anything is.
    fn judge(&self, plan: &Plan, outcome: &Outcome, defect: Option<&str>, context: &Context<'_>) -> Option<Verdict> {
        let command = self.stress.again(plan.scenario, defect);
        if outcome.errors == 0 {
            let reason = outcome.vacuous.clone().filter(|_| outcome.complete)?;
            let reason = format!("{}: {reason}", outcome.scenario);
            return Some(Verdict::Vacuous(Vacuity { reason, witness: None }));
        }
        let told: Vec<String> = outcome.findings.iter().map(crate::outcome::Finding::sentence).collect();
        if self.stress.target == Target::Runtime
            && let Some(index) = outcome.findings.iter().position(|finding| is_wrong_by_definition(finding, plan.seed))
        {
            // What was confirmed is told first.
            let mut told = told;
            told.swap(0, index);
            return Some(refuted(told, "the kernel's definition, computed on one thread".to_owned(), command));
        }
        let wrong = |number: &usize| {
            let _ = number;
            !context.events.interrupted() && self.run(plan, defect, context).is_ok_and(|again| again.errors > 0)
        };
        Some(match (1..=AGAIN).find(wrong) {
            Some(number) => {
                refuted(told, format!("{ENGINE}, which found errors again in run {}", number + 1), command.clone())
            }
            None => {
                let first = told.first().cloned().unwrap_or_default();
                let (errors, scenario) = (outcome.errors, &outcome.scenario);
                declined(
                    format!("{scenario}: {errors} errors in one run, none in {AGAIN} further ones; {first}"),
                    "run more operations, with --noise heavy",
                )
            }
        })
    }
}

fn refuted(told: Vec<String>, replayed_by: String, replay_command: String) -> Verdict {
    // Errors of different threads are in no order; the first one stands for all.
    let step = |text: String| Step {
        action: text,
        bindings: Vec::new(),
        place: None,
        state: Vec::new(),
        changes: Vec::new(),
        alias: None,
    };
    let steps = told.into_iter().take(1).map(step).collect();
    Verdict::Refuted(Box::new(Refutation {
        counterexample: Counterexample {
            trace: Trace { steps, ending: Ending::Finite, closing: None },
            false_conjuncts: Vec::new(),
            notes: BTreeMap::new(),
        },
        replayed_by,
        replay_command,
        exit_code: ExitCode::Safety.code(),
    }))
}

fn declined(reason: String, remedy: &str) -> Verdict {
    Verdict::Declined(Decline { reason, place: None, remedy: remedy.to_owned(), induction: None })
}

fn failed(class: FailureClass, message: String) -> Verdict {
    let (place, remedy) = (None, String::new());
    Verdict::Failed(Failure { class, message, place, remedy, trace: None, notes: BTreeMap::new() })
}

/// Figures of all runs, and the runs themselves as a file.
fn details_of(outcomes: &[Outcome], again: &str) -> Details {
    let largest = |figure: fn(&crate::outcome::KernelFigures) -> f64| {
        outcomes.iter().flat_map(|outcome| &outcome.kernels).map(figure).fold(0.0, f64::max)
    };
    let sum = |figure: fn(&Outcome) -> f64| outcomes.iter().map(figure).sum::<f64>();
    let mut figures = BTreeMap::from([
        ("operations".to_owned(), sum(|outcome| outcome.operations() as f64)),
        ("errors".to_owned(), sum(|outcome| outcome.errors as f64)),
        ("wall_s".to_owned(), sum(|outcome| outcome.wall_s)),
        ("worst_p50_us".to_owned(), largest(|kernel| kernel.p50_us)),
        ("worst_p99_us".to_owned(), largest(|kernel| kernel.p99_us)),
    ]);
    let growth = outcomes.iter().filter_map(|outcome| outcome.memory.bytes()).max();
    figures.extend(growth.map(|bytes| ("growth_bytes".to_owned(), bytes as f64)));
    let unknown = outcomes.iter().filter(|outcome| outcome.memory.bytes().is_none()).count();
    let remarks = (unknown > 0).then(|| "nothing is known about the growth of memory".to_owned()).into_iter().collect();
    // A figure that JSON cannot say does not occur; a file that cannot be written is left out.
    let text = serde_json::to_string_pretty(outcomes).unwrap_or_default();
    let file =
        Attachment { kind: "outcome".to_owned(), name: "outcome.json".to_owned(), text, command: again.to_owned() };
    Details { figures, remarks, files: vec![file], ..Details::default() }
}

impl Engine for StressEngine {
    fn name(&self) -> &'static str {
        ENGINE
    }

    fn discover(&self) -> Vec<Obligation> {
        let stress = &self.stress;
        let obligation = |model: String, property: &String, expectation| Obligation {
            property: property.clone(),
            model,
            engine: ENGINE.to_owned(),
            name_in_input: property.clone(),
            place: None,
            expectation,
            asks: Some(Strength::Tested.into()),
        };
        let claimed = stress.claimed();
        let main = claimed.iter().map(|id| obligation(stress.name.clone(), id, Expectation::Holds));
        let broken = stress
            .broken
            .iter()
            .map(|(defect, id)| obligation(format!("{}/{defect}", stress.name), id, Expectation::Violated));
        main.chain(broken).collect()
    }

    fn discharge(&self, _group: &[Obligation], context: &Context<'_>) -> Vec<Verdict> {
        let (main, outcomes) = self.decide(self.stress.defect.as_deref(), context);
        *self.outcomes.lock().unwrap_or_else(PoisonError::into_inner) = outcomes;
        let mut verdicts = vec![main.verdict; self.stress.claimed().len()];
        let mut details = vec![main.details; verdicts.len()];
        for (defect, _) in &self.stress.broken {
            let found = match Mutations::named(defect) {
                Some(_) => self.broken(defect, context),
                None => {
                    let message = format!("the runtime has no defect `{defect}`");
                    Found { verdict: failed(FailureClass::Configuration, message), details: Details::default() }
                }
            };
            verdicts.push(found.verdict);
            details.push(found.details);
        }
        *self.details.lock().unwrap_or_else(PoisonError::into_inner) = details;
        verdicts
    }

    fn inputs(&self) -> Vec<InputText> {
        // The workload is part of the program; of a command only its words are known.
        match &self.stress.target {
            Target::Runtime => Vec::new(),
            Target::Command(target) => {
                vec![InputText { path: "command".to_owned(), text: Arc::from(target.command.as_str()) }]
            }
        }
    }

    fn details(&self) -> Vec<Details> {
        self.details.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
