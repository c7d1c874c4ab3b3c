//! Explicit-state model checking of TLA+: load, build, explore, and turn one exploration into one verdict for each
//! obligation, every refutation replayed by `recheck` first.
//!
//! Reading order: [`task`], [`input`], [`obligations`], [`search`], [`decide`]; [`behavior`], [`replay`], [`failure`],
//! [`figures`], [`limits`], [`postconditions`] and [`place`] serve it. [`simulate`] and [`prove`] stand beside
//! [`search`].

mod aiger;
mod behavior;
pub mod constants;
mod coverage;
mod decide;
mod declared;
pub mod dump;
mod failure;
mod figures;
pub mod followed;
mod inductive;
pub mod input;
mod limits;
mod liveness;
mod obligations;
mod opinion;
mod persistence;
mod picture;
pub mod place;
mod portrait;
mod postconditions;
mod prove;
pub mod replay;
mod sample;
mod search;
pub mod session;
mod simulate;
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

use behavior::Teller;
use input::{Input, Unusable};
use obligations::Target;
use std::sync::{Mutex, PoisonError};
use tla_explore::interpret::{Interpreted, InterpretedWorker, search_settings};
use tla_explore::{Options, TransitionSystem};
use tla_model::model::Model;
use verdict::engine::Details;
use verdict::{Context, Engine, Event, EventSink, Failure, InputText, Obligation, Verdict};

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
        input::begins(&input, &model)?;
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

impl TlaEngine {
    fn teller<'a>(&'a self, system: &'a Interpreted<'_>) -> Teller<'a, InterpretedWorker<'a>> {
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
