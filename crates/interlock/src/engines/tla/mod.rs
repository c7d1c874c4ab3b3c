//! Explicit-state model checking of TLA+: load, build, explore, and turn one exploration into one verdict for each
//! obligation, every refutation replayed by `recheck` first.
//!
//! Reading order: [`task`], [`input`], [`obligations`], [`decide`]; [`behavior`], [`replay`], [`failure`] and [`place`]
//! serve it.

mod aiger;
mod behavior;
pub mod constants;
mod coverage;
mod decide;
mod declared;
pub mod dump;
mod failure;
pub mod followed;
mod inductive;
pub mod input;
mod liveness;
mod obligations;
mod opinion;
mod persistence;
mod picture;
pub mod place;
mod portrait;
mod prove;
pub mod replay;
mod sample;
pub mod session;
mod smt;
pub mod task;
mod unreduced;
mod witnesses;

pub use coverage::Measured;
pub use decide::FALSE_POSTCONDITION;
pub use opinion::ForTlc;
pub use persistence::{Persistence, SavedIn};
pub use portrait::{Portrait, portrait};
pub use task::{Mode, Order, Proving, Sampled, TlaTask, library_path};

use crate::cli::Store;
use behavior::Teller;
use decide::Decision;
use dump::Dump;
use failure::verdict_of;
use input::{Input, Unusable};
use obligations::Target;
use report::number::counted;
use sample::Sample;
use std::sync::{Mutex, PoisonError};
use tla_compile::{Explored, explore_with};
use tla_explore::interpret::{Interpreted, Symmetric, search_settings, simulation_settings};
use tla_explore::liveness::{Answer, LivenessOptions, LivenessReport, check};
use tla_explore::{
    ActionCount, Ended, Exploration, Options, Outcome, Simulation, SimulationOptions, SimulationOutcome, SystemError,
    TransitionSystem, deepen, simulate_before,
};
use tla_model::model::Model;
use unreduced::Unreduced;
use verdict::engine::Details;
use verdict::{
    ActionFigures, Context, Decline, Engine, Event, EventSink, Failure, InputText, Obligation, Outdegree, Progress,
    StoreKind, Verdict,
};
use witnesses::Witnesses;

/// Name of the engine in evidence.
pub const NAME: &str = "tla-explore";

/// Name of the engine that proves, in evidence.
pub const PROVER: &str = "tla-symbolic";

/// Name of the engine that asks a solver of SMT-LIB, in evidence.
pub const SMT: &str = "tla-smt";

/// The engine for a task.
pub fn engine(task: TlaTask) -> Box<dyn Engine> {
    prepare(task).engine()
}

/// Reads what a task names.
pub fn prepare(task: TlaTask) -> Prepared {
    let model = input::read(&task).and_then(|input| {
        let model = input::build(&input)?;
        Ok((input, model))
    });
    Prepared { task, model }
}

/// A task whose files were read.
pub struct Prepared {
    task: TlaTask,
    model: Result<(Input, Model), Box<Unusable>>,
}

impl Prepared {
    /// What was read.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn model(&self) -> Result<(&Input, &Model), &Unusable> {
        self.model.as_ref().map(|(input, model)| (input, model)).map_err(|unusable| &**unusable)
    }

    /// What is to be checked.
    pub fn task(&self) -> &TlaTask {
        &self.task
    }

    /// The engine.
    pub fn engine(self) -> Box<dyn Engine> {
        let Self { task, model } = self;
        match model {
            Ok((input, model)) => {
                let obligations = obligations::obligations(&task, &input, &model);
                Box::new(TlaEngine { task, input, model, obligations, details: Mutex::default() })
            }
            Err(unusable) => Box::new(UnusableModel { task, unusable }),
        }
    }
}

/// A model that can be checked.
struct TlaEngine {
    task: TlaTask,
    input: Input,
    model: Model,
    obligations: Vec<(Obligation, Target)>,
    /// What there is to say besides the verdicts, in the order of the obligations that were asked about.
    details: Mutex<Vec<Details>>,
}

impl Engine for TlaEngine {
    fn name(&self) -> &'static str {
        self.task.engine_name()
    }

    fn discover(&self) -> Vec<Obligation> {
        self.obligations.iter().map(|(obligation, _)| obligation.clone()).collect()
    }

    fn discharge(&self, group: &[Obligation], context: &Context<'_>) -> Vec<Verdict> {
        context.events.send(Event::Started { model: self.task.model.clone() });
        self.warn(context.events);
        let system = Interpreted::new(&self.model, &self.input.specification.sources, context.events)
            .with_programs(self.task.allow_exec);
        match &self.task.mode {
            Mode::Search => self.search(system, group, context),
            Mode::Sample(sampled) => self.sample(system, *sampled, group, context),
            Mode::Prove(proving) => {
                // A specification that asks gets the answer of a search by one worker: nothing is shared here.
                let alone = Options { workers: 1, ..self.options(context) };
                let system = system.with_settings(search_settings(&alone, 0));
                self.prove(&system, proving, group, context)
            }
        }
    }

    fn inputs(&self) -> Vec<InputText> {
        input::texts(&self.input.specification.sources)
    }

    fn details(&self) -> Vec<Details> {
        self.details.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What a worker holds beside states, in bytes: what it met lately, its evaluator's caches, the shards as it saw them last.
const WORKER_BYTES: u64 = 2 << 20;

/// What the search takes beside that before the first million states: the interpreter's head start, generated code.
const START_BYTES: u64 = 16 << 20;

/// What is left for states of the memory that the whole process may take. The program itself and the specification are
/// there already, a sixteenth is lost between what is allocated, and an eighth is needed while states go to disk; half is left
/// in any case, since a search with next to nothing would only spill.
fn for_states(asked: u64, workers: usize) -> u64 {
    let others = stress::growth::resident().unwrap_or(0).saturating_add(workers as u64 * WORKER_BYTES + START_BYTES);
    let left = asked.saturating_sub(others);
    (left - left / 16 * 3).max(asked / 2)
}

/// Most states of a segment of the search: what it needs while it is put in order is a small part of the memory.
fn states_of_a_segment(for_states: u64) -> u32 {
    const BYTES_OF_A_STATE: u64 = 100;
    let most = for_states / 16 / BYTES_OF_A_STATE;
    u32::try_from(most).unwrap_or(u32::MAX).clamp(1 << 14, 1 << 20)
}

impl TlaEngine {
    fn search(&self, system: Interpreted<'_>, group: &[Obligation], context: &Context<'_>) -> Vec<Verdict> {
        if let Some(failure) = self.refusal() {
            return vec![Verdict::Failed(failure); group.len()];
        }
        let options = self.options(context);
        let system = self.counting(system, context.events).with_settings(search_settings(&options, 0));
        if let Err(error) = system.check_assumptions() {
            return vec![verdict_of(&error, None, &self.input.specification); group.len()];
        }
        if let Some(verdict) = self.asymmetry(&system, context.events) {
            return vec![verdict; group.len()];
        }
        if self.task.order == Order::Dfid {
            let exploration = deepen(&system, &options, context.events);
            self.tell(&system, ("interpreter", None), &exploration, context.events);
            return self.decide(&system, &exploration, &Unreduced::default(), group, context.events);
        }
        let explored = match explore_with(&system, self.evaluator(), &options, context.events) {
            Ok(explored) => explored,
            Err(declined) => return vec![self.not_compiled(&declined); group.len()],
        };
        let Explored { exploration, states, declined } = explored;
        let by = if states.is_some() { "interpreter" } else { "machine code" };
        let not_compiled = declined.map(|declined| self.why_not_compiled(&declined));
        self.tell(&system, (by, not_compiled), &exploration, context.events);
        // What has temporal properties is not compiled.
        let liveness = match states {
            Some(states) if is_complete(&exploration) => {
                check(&system, &states, &self.liveness_options(context, &exploration), context.events)
            }
            Some(_) | None => LivenessReport::default(),
        };
        let (system, unreduced) = self.look_behind_reductions(system, (&exploration, liveness), context);
        self.decide(&system, &exploration, &unreduced, group, context.events)
    }

    /// Tells what a search counted, and writes its graph.
    fn tell(
        &self,
        system: &Interpreted<'_>,
        (by, not_compiled): (&str, Option<String>),
        exploration: &Exploration,
        events: &dyn EventSink,
    ) {
        for span in system.doubtful_choices() {
            let place = place::place_of(&self.input.specification, span);
            let text = format!(
                "{place}: several values satisfied this CHOOSE that differ in symmetric values; the symmetry is sound \
                 only if it does not matter which is taken"
            );
            events.send(Event::Warning { text });
        }
        events.send(Event::Progress(progress_of(exploration)));
        let told = verdict::Explored { not_compiled, ..self.explored(system, by, exploration) };
        events.send(Event::Explored(Box::new(told)));
        if let Some(dump) = &self.task.dump {
            self.dump(system, dump, exploration, events);
        }
    }

    /// The verdict on everything where the symmetry set is none.
    fn asymmetry(&self, system: &Interpreted<'_>, events: &dyn EventSink) -> Option<Verdict> {
        match system.check_symmetry() {
            Ok(Symmetric::Yes(true)) => None,
            Ok(Symmetric::Yes(false)) => {
                let name = self.model.symmetry.as_ref().map_or("", |symmetry| &symmetry.name);
                let text = format!("the symmetry set {name} moves nothing: it has fewer than two values");
                events.send(Event::Warning { text });
                None
            }
            Ok(Symmetric::No(asymmetry)) => Some(Verdict::Declined(Decline {
                reason: asymmetry.reason,
                place: Some(place::place_of(&self.input.specification, asymmetry.span)),
                remedy: asymmetry.remedy,
                induction: None,
            })),
            Err(error) => Some(verdict_of(&error, None, &self.input.specification)),
        }
    }

    fn dump(&self, system: &Interpreted<'_>, dump: &Dump, exploration: &Exploration, events: &dyn EventSink) {
        let statistics = &exploration.statistics;
        let taken = statistics.distinct.saturating_sub(statistics.left_on_queue);
        let mut worker = system.worker();
        if let Err(error) = dump::write(dump, &self.task.model, &mut worker, system.actions(), taken) {
            let text = format!("the state graph in {} is not complete: {error}", dump.path.display());
            events.send(Event::Warning { text });
        }
    }

    fn why_not_compiled(&self, declined: &tla_compile::Declined) -> String {
        match declined.span.map(|span| place::place_of(&self.input.specification, span)) {
            Some(place) => format!("{place}: {}", declined.reason),
            None => declined.reason.clone(),
        }
    }

    fn not_compiled(&self, declined: &tla_compile::Declined) -> Verdict {
        Verdict::Declined(Decline {
            reason: format!("the model cannot be compiled: {}", declined.reason),
            place: declined.span.map(|span| place::place_of(&self.input.specification, span)),
            remedy: "use --engine auto or --engine interpret".to_owned(),
            induction: None,
        })
    }

    fn sample(
        &self,
        system: Interpreted<'_>,
        sampled: Sampled,
        group: &[Obligation],
        context: &Context<'_>,
    ) -> Vec<Verdict> {
        let options = SimulationOptions {
            behaviors: sampled.behaviors,
            depth: sampled.depth,
            seed: sampled.seed,
            scheduler: sampled.scheduler,
            generate: sampled.generate,
            // Figures of the run and registers mean nothing where several workers share the behaviors.
            workers: if system.asks_for_the_search() { 1 } else { context.workers },
            check_deadlock: self.model.check_deadlock,
            ..SimulationOptions::default()
        };
        let system = system.with_settings(simulation_settings(&options));
        if let Err(error) = system.check_assumptions() {
            return vec![verdict_of(&error, None, &self.input.specification); group.len()];
        }
        let witnesses = Witnesses::new(self, &system, context.events);
        let simulation = simulate_before(&system, &options, context.events, &witnesses);
        Self::warn_of_undefined_lassos(&witnesses, context.events);
        let postconditions = self.postconditions_of_sample(&system, &simulation, context.events);
        context.events.send(Event::Explored(Box::new(self.sampled(&system, &simulation))));
        let teller = self.teller(&system);
        if let SimulationOutcome::NothingFound = simulation.outcome {
            self.warn_of_silence(&system, &simulation, context.events);
        }
        let mut sample = Sample {
            task: &self.task,
            input: &self.input,
            model: &self.model,
            simulation: &simulation,
            lassos: witnesses.lassos(),
            postconditions,
            teller,
        };
        self.verdicts(group, &mut |obligation, target| sample.verdict(obligation, target))
    }

    /// Actions that no state was generated by. A simulation cannot say more than that it saw none.
    fn warn_of_silence(&self, system: &Interpreted<'_>, simulation: &Simulation, events: &dyn EventSink) {
        for action in self.action_figures(system, &sampled_actions(simulation)) {
            if action.generated == 0 {
                let place = action.place.map_or_else(String::new, |place| format!("{place}: "));
                let behaviors = counted(simulation.counts.behaviors as usize, "behavior");
                let text = format!("{place}action {} did not fire in {behaviors}", action.name);
                events.send(Event::Warning { text });
            }
        }
    }

    fn explored(&self, system: &Interpreted<'_>, by: &str, exploration: &Exploration) -> verdict::Explored {
        let statistics = &exploration.statistics;
        let degrees = &statistics.new_successors;
        verdict::Explored {
            evaluator: by.to_owned(),
            not_compiled: None,
            generated: statistics.generated,
            distinct: Some(statistics.distinct),
            queue: statistics.left_on_queue,
            depth: statistics.depth,
            initial: statistics.levels.first().copied().unwrap_or(0),
            behaviors: None,
            seed: None,
            initial_complete: !ended_initially(exploration),
            complete: is_complete(exploration),
            outdegree: (degrees.states > 0).then(|| Outdegree {
                minimum: degrees.minimum,
                maximum: degrees.maximum,
                mean: degrees.mean(),
            }),
            collision_bound: statistics.collision_bound.0,
            init: self.init_figures(exploration),
            actions: self.action_figures(system, &exploration.per_action),
            temporal_parts: self.model.temporal_properties.len(),
            coverage: self.coverage(system, exploration),
            graph: self.picture(system, exploration),
        }
    }

    fn sampled(&self, system: &Interpreted<'_>, simulation: &Simulation) -> verdict::Explored {
        let counts = &simulation.counts;
        verdict::Explored {
            evaluator: "interpreter".to_owned(),
            not_compiled: None,
            generated: counts.generated,
            distinct: None,
            queue: 0,
            depth: u32::try_from(counts.lengths.maximum).unwrap_or(u32::MAX),
            initial: counts.initial,
            behaviors: Some(counts.behaviors),
            seed: Some(simulation.sampling.seed),
            initial_complete: simulation.counts.behaviors > 0,
            complete: false,
            outdegree: None,
            collision_bound: 0.0,
            init: None,
            actions: self.action_figures(system, &sampled_actions(simulation)),
            temporal_parts: 0,
            coverage: None,
            graph: None,
        }
    }

    /// Counts of the initial predicate: all states that no action generated.
    fn init_figures(&self, exploration: &Exploration) -> Option<ActionFigures> {
        let init = self.model.init.as_ref()?;
        let span = obligations::defined_at(&self.model, init);
        let by_actions: u64 = exploration.per_action.iter().map(|count| count.generated).sum();
        let head = place::head_of(&self.input.specification, span);
        Some(ActionFigures {
            name: head.as_ref().map_or_else(|| init.name.clone(), |(name, _)| name.clone()),
            place: Some(place::place_of(&self.input.specification, span)),
            head: head.map(|(_, place)| place),
            generated: exploration.statistics.generated.saturating_sub(by_actions),
            distinct: exploration.statistics.levels.first().copied().unwrap_or(0),
        })
    }

    fn action_figures(&self, system: &Interpreted<'_>, per_action: &[ActionCount]) -> Vec<ActionFigures> {
        let count = |index: usize| per_action.get(index).copied().unwrap_or_default();
        let actions = system.actions().iter().enumerate();
        let figures = actions.map(|(index, action)| ActionFigures {
            name: action.name.clone(),
            place: self.model.next.as_ref().map(|_| place::place_of(&self.input.specification, action.span)),
            head: self
                .model
                .next
                .as_ref()
                .and_then(|_| place::head_of(&self.input.specification, action.span).map(|(_, place)| place)),
            generated: count(index).generated,
            distinct: count(index).distinct,
        });
        figures.collect()
    }

    fn teller<'a>(&'a self, system: &'a Interpreted<'_>) -> Teller<'a, tla_explore::interpret::InterpretedWorker<'a>> {
        let init = self.model.init.as_ref().map(|init| obligations::defined_at(&self.model, init));
        Teller { worker: system.worker(), specification: &self.input.specification, init }
    }

    /// A verdict for each obligation that this model has, in the order of the group.
    fn verdicts(&self, group: &[Obligation], decide: &mut dyn FnMut(&Obligation, &Target) -> Verdict) -> Vec<Verdict> {
        let verdict = |obligation: &Obligation| match self.target(obligation) {
            Some(target) => decide(obligation, target),
            None => crate::pipeline::internal(format!("{} is no obligation of this model", obligation.property)),
        };
        group.iter().map(verdict).collect()
    }

    fn options(&self, context: &Context<'_>) -> Options {
        let memory_budget = context.memory_bytes.map(|asked| for_states(asked, context.workers));
        Options {
            workers: if self.task.measured.any() { 1 } else { context.workers },
            check_deadlock: self.model.check_deadlock,
            continue_after_violation: self.task.go_on,
            store: match self.task.store {
                Store::Auto | Store::Exact => StoreKind::Exact,
                Store::Fingerprint => StoreKind::Fingerprint128,
            },
            may_fingerprint: self.task.store == Store::Auto,
            spill: Some(self.task.persistence.spill_folder()),
            checkpoint: self.checkpoint(),
            max_depth: self.task.max_depth,
            memory_budget,
            chunk_size: memory_budget.map_or(Options::default().chunk_size, states_of_a_segment),
            ..Options::default()
        }
    }

    fn liveness_options(&self, context: &Context<'_>, exploration: &Exploration) -> LivenessOptions {
        let used = exploration.resources.store_bytes + exploration.resources.system_bytes;
        LivenessOptions {
            workers: context.workers,
            allow_unsound: self.task.liveness_under_reduction,
            memory_budget: context.memory_bytes.map(|bytes| bytes.saturating_sub(used)),
            ..LivenessOptions::default()
        }
    }

    /// Warnings of the input, and what is switched off.
    fn warn(&self, events: &dyn EventSink) {
        let specification = &self.input.specification;
        for diagnostic in specification.warnings.iter().chain(&self.model.warnings) {
            events.send(Event::Warning { text: place::in_one_line(specification, diagnostic) });
        }
        let asked = self.task.expectation == verdict::Expectation::Holds;
        if asked && !self.model.check_deadlock && self.model.next.is_some() {
            events.send(Event::Suppressed { text: "deadlock is not checked".to_owned() });
        }
    }

    fn target(&self, obligation: &Obligation) -> Option<&Target> {
        self.obligations.iter().find(|(known, _)| known == obligation).map(|(_, target)| target)
    }

    fn decide(
        &self,
        system: &Interpreted<'_>,
        exploration: &Exploration,
        unreduced: &Unreduced,
        group: &[Obligation],
        events: &dyn EventSink,
    ) -> Vec<Verdict> {
        let liveness = &unreduced.liveness;
        let unreached = system.unreached(&exploration.reached);
        let teller = self.teller(system);
        let mut decision = Decision {
            task: &self.task,
            input: &self.input,
            model: &self.model,
            exploration,
            liveness,
            unreduced,
            actions: system.actions(),
            unreached: &unreached,
            postconditions: self.postconditions(system, exploration, liveness, events),
            teller,
        };
        let verdicts = self.verdicts(group, &mut |obligation, target| decision.verdict(obligation, target));
        if !self.task.vacuity_is_a_verdict {
            self.warn_of_vacuity(&decision, group, &verdicts, events);
        }
        verdicts
    }

    /// Evaluates the postconditions: once for a completed search, and once for each violation, as TLC does.
    fn postconditions(
        &self,
        system: &Interpreted<'_>,
        exploration: &Exploration,
        liveness: &LivenessReport,
        events: &dyn EventSink,
    ) -> Option<Vec<Result<bool, Box<SystemError>>>> {
        if self.model.postconditions.is_empty() {
            return None;
        }
        let mut behaviors: Vec<(Vec<Vec<u32>>, Option<usize>)> = Vec::new();
        let ended = match &exploration.outcome {
            Outcome::Complete => true,
            Outcome::Found { findings, ended } => {
                behaviors.extend(findings.iter().map(|finding| (finding.trace.clone(), None)));
                matches!(ended, Ended::Complete)
            }
            Outcome::Error(_) | Outcome::Interrupted | Outcome::Capacity(_) => return None,
        };
        for outcome in &liveness.outcomes {
            if let Answer::Violated(lasso) = &outcome.answer {
                behaviors.push((lasso.states(), Some(lasso.stem.len())));
            }
        }
        let counts = exploration.statistics.told();
        for (states, back) in &behaviors {
            let results = system.postconditions(counts, states, *back);
            for (result, predicate) in results.iter().zip(&self.model.postconditions) {
                warn_of_postcondition(result, &predicate.name, events);
            }
        }
        (ended && behaviors.is_empty()).then(|| system.postconditions(counts, &[], None))
    }

    /// What would be `Vacuous` under `--strict`, as warnings. Nothing is said after a search that ended early: an action
    /// may fire in the part that was not seen.
    fn warn_of_vacuity<W: tla_explore::Worker>(
        &self,
        decision: &Decision<'_, W>,
        group: &[Obligation],
        verdicts: &[Verdict],
        events: &dyn EventSink,
    ) {
        if !is_complete(decision.exploration) {
            return;
        }
        let warn = |text: String| events.send(Event::Warning { text });
        for (obligation, verdict) in group.iter().zip(verdicts) {
            if let Some(Target::Property(property)) = self.target(obligation)
                && matches!(verdict, Verdict::Exhausted(_) | Verdict::Tested(_))
                && let Some(vacuity) = decision.empty_reason(property)
            {
                let place = vacuity.witness.map_or_else(String::new, |place| format!("{place}: "));
                warn(format!("{place}{} holds for an empty reason: {}", obligation.name_in_input, vacuity.reason));
            }
        }
        for action in decision.silent_actions() {
            let place = place::place_of(&self.input.specification, action.span);
            warn(format!("{place}: action {} never fired", action.name));
        }
    }
}

fn warn_of_postcondition(result: &Result<bool, Box<SystemError>>, name: &str, events: &dyn EventSink) {
    let what = match result {
        Ok(true) => return,
        Ok(false) => "is false".to_owned(),
        Err(error) => format!("cannot be evaluated: {}", error.message),
    };
    events.send(Event::Warning { text: format!("the postcondition {name} {what} after a violation") });
}

/// Whether every reachable state was expanded, so that infinite behaviors can be looked for.
fn is_complete(exploration: &Exploration) -> bool {
    matches!(exploration.outcome, Outcome::Complete | Outcome::Found { ended: Ended::Complete, .. })
}

/// Whether the search ended before it had seen all initial states.
fn ended_initially(exploration: &Exploration) -> bool {
    let by_error = |error: &tla_explore::SearchError| {
        error.error.phase == tla_explore::Phase::Init || (error.in_property() && error.trace.len() <= 1)
    };
    match &exploration.outcome {
        Outcome::Found { findings, ended: Ended::AtFinding } => findings
            .last()
            .is_some_and(|finding| finding.trace.len() == 1 && finding.violation != tla_explore::Violation::Deadlock),
        Outcome::Error(error) => by_error(error),
        Outcome::Found { ended: Ended::Error(error), .. } => by_error(error),
        Outcome::Found { ended: Ended::Complete | Ended::Interrupted | Ended::Capacity(_), .. }
        | Outcome::Complete
        | Outcome::Interrupted
        | Outcome::Capacity(_) => false,
    }
}

fn sampled_actions(simulation: &Simulation) -> Vec<ActionCount> {
    simulation.counts.actions.iter().map(|generated| ActionCount { generated: *generated, distinct: 0 }).collect()
}

/// The last figures, so that a run without an exhaustive verdict has them too.
fn progress_of(exploration: &Exploration) -> Progress {
    let statistics = &exploration.statistics;
    Progress {
        level: statistics.depth,
        generated: statistics.generated,
        distinct: statistics.distinct,
        queue: statistics.left_on_queue,
        elapsed_s: exploration.resources.elapsed.as_secs_f64(),
        store_bytes: exploration.resources.store_bytes,
        initial: statistics.levels.first().copied().unwrap_or(0),
        behaviors: 0,
    }
}

/// A model that cannot be used: one obligation, which fails.
struct UnusableModel {
    task: TlaTask,
    unusable: Box<Unusable>,
}

impl Engine for UnusableModel {
    fn name(&self) -> &'static str {
        NAME
    }

    fn discover(&self) -> Vec<Obligation> {
        vec![obligations::unusable(&self.task)]
    }

    fn discharge(&self, group: &[Obligation], _context: &Context<'_>) -> Vec<Verdict> {
        let failure: Failure = self.unusable.failure.clone();
        vec![Verdict::Failed(failure); group.len()]
    }

    fn inputs(&self) -> Vec<InputText> {
        self.unusable.files.clone()
    }
}
