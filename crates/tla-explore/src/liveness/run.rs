//! One check from beginning to end.

use super::atom::{Atoms, Bench};
use super::build::{Built, Unbuilt, build};
use super::confirm::{Behavior, Guide};
use super::decide::{Found, Setting, decide};
use super::goal::{Goal, goals};
use super::graph::UndefinedAt;
use super::options::LivenessOptions;
use super::outcome::{
    Answer, Counterexample, Emptiness, Holding, LivenessError, LivenessOutcome, LivenessReport, LivenessStatistics,
    Reduction, Refusal,
};
use super::product::Failure;
use super::symmetric::Permutations;
use super::temporal::{AtomId, Column, Temporal};
use super::terms::{FALSE, Terms};
use super::translate::{Untranslatable, translate};
use crate::interpret::{Interpreted, system_error};
use crate::lock::locked;
use crate::search::panicked;
use crate::states::States;
use crate::statistics::internal;
use crate::system::{Phase, SystemError, TransitionSystem};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use tla_model::error::{ErrorClass, EvalError};
use tla_model::model::Predicate;
use tla_syntax::Span;
use verdict::EventSink;

/// A property part with what is to be searched for.
struct Part {
    /// Its formula, or why it has none.
    formula: Result<Temporal, Answer>,
    /// Fairness and the negation of the formula.
    violation: Temporal,
    goals: Vec<Goal>,
    /// Whether it holds for what the formulas are, whatever the behaviors.
    emptiness: Option<Emptiness>,
    /// Whether the formulas do not tell symmetric states apart.
    is_symmetric: bool,
}

/// What became of a goal.
type Decided = Result<Option<Found>, Failure>;

pub(super) fn run<'m>(
    system: &'m Interpreted<'m>,
    states: &States,
    options: &LivenessOptions,
    events: &dyn EventSink,
) -> LivenessReport {
    let began = Instant::now();
    system.mute();
    let mut check = Check {
        system,
        states,
        options,
        events,
        atoms: Atoms::new(&system.model.code, system.model.next.as_ref().map(|next| &next.node)),
        fairness: Vec::new(),
        parts: Vec::new(),
        statistics: LivenessStatistics::default(),
    };
    check.translate();
    if check.parts.iter().all(|part| part.formula.is_err()) {
        return check.report(|_, _| None);
    }
    check.statistics.atoms = check.atoms.len() as u64;
    let built = match build(system, states, &check.atoms, options, events) {
        Ok(built) => built,
        Err(unbuilt) => {
            let answer = check.unbuilt(unbuilt);
            return check.report(|_, _| Some(answer.clone()));
        }
    };
    check.statistics.states = u64::from(built.graph.len());
    check.statistics.steps = built.graph.targets.len() as u64;
    check.statistics.graph_bytes = built.graph.bytes();
    check.statistics.building = began.elapsed();
    check.search(&built)
}

struct Check<'m, 'x> {
    system: &'m Interpreted<'m>,
    states: &'x States,
    options: &'x LivenessOptions,
    events: &'x dyn EventSink,
    atoms: Atoms<'m>,
    fairness: Vec<Temporal>,
    parts: Vec<Part>,
    statistics: LivenessStatistics,
}

impl<'m> Check<'m, '_> {
    fn translate(&mut self) {
        let model = self.system.model;
        let mut worker = self.system.worker();
        let mut fairness_fails = None;
        for formula in &model.fairness {
            match translate(worker.machine_nowhere(), &mut self.atoms, formula) {
                Ok(translated) => self.fairness.push(translated),
                Err(reason) => {
                    fairness_fails.get_or_insert_with(|| untranslatable(reason));
                }
            }
        }
        for part in &model.temporal_properties {
            let formula = match &fairness_fails {
                Some(answer) => Err(answer.clone()),
                None => translate(worker.machine_nowhere(), &mut self.atoms, &part.formula).map_err(untranslatable),
            };
            let mut violation = self.fairness.clone();
            violation.extend(formula.as_ref().ok().map(|formula| Temporal::not(formula.clone())));
            let violation = Temporal::And(violation);
            self.parts.push(Part { formula, violation, goals: Vec::new(), emptiness: None, is_symmetric: false });
        }
    }

    /// The report, with the answer of each part that has a formula.
    fn report(self, mut answer_of: impl FnMut(usize, &Part) -> Option<Answer>) -> LivenessReport {
        let properties = self.system.model.temporal_properties.iter().map(|part| part.property);
        let outcomes = self.parts.iter().zip(properties).enumerate().map(|(part, (known, property))| {
            let answer = match &known.formula {
                Err(answer) => answer.clone(),
                Ok(_) => answer_of(part, known).unwrap_or_else(|| Answer::Declined(nothing_known())),
            };
            LivenessOutcome { property, part, answer }
        });
        LivenessReport { outcomes: outcomes.collect(), statistics: self.statistics.clone() }
    }

    fn unbuilt(&self, unbuilt: Unbuilt) -> Answer {
        match unbuilt {
            Unbuilt::Error(error) => Answer::Error(Box::new(LivenessError { error: *error, trace: Vec::new() })),
            Unbuilt::Interrupted => Answer::Interrupted,
            Unbuilt::TooLarge => Answer::Declined(Refusal {
                reason: "the graph of states and steps exceeds the memory allowed".to_owned(),
                span: None,
                remedy: "allow more memory, or make the constants smaller".to_owned(),
                hidden_by: None,
            }),
        }
    }

    fn search(mut self, built: &Built) -> LivenessReport {
        let began = Instant::now();
        let columns: Vec<Column> =
            (0..self.atoms.len()).map(|atom| self.atoms.get(AtomId(atom as u32)).column).collect();
        let column_of = |atom: AtomId| columns[atom.0 as usize];
        let mut terms = Terms::new();
        let fairness = terms.normal(&Temporal::And(self.fairness.clone()), true);
        for part in &mut self.parts {
            if let Ok(formula) = &part.formula {
                let violation = terms.normal(&part.violation, true);
                let asserted = terms.normal(formula, true);
                if terms.negated(asserted) == FALSE {
                    part.emptiness = Some(Emptiness::Tautology);
                } else if violation == FALSE || terms.and(&[fairness, asserted]) == fairness {
                    part.emptiness = Some(Emptiness::Given);
                }
                part.goals = goals(&mut terms, &column_of, violation);
            }
        }
        self.find_symmetric_parts();
        let fair_goals = goals(&mut terms, &column_of, fairness);
        let events = self.events;
        let interrupted = move || events.interrupted();
        let used = built.graph.bytes();
        let setting = Setting {
            graph: &built.graph,
            terms: &terms,
            column_of: &column_of,
            interrupted: &interrupted,
            memory_budget: self.options.memory_budget.map(|budget| budget.saturating_sub(used)),
        };
        let mut decided = self.decide_all(&setting);
        self.statistics.goals = self.parts.iter().map(|part| part.goals.len() as u64).sum();
        self.statistics.searching = began.elapsed();
        let judge = Judge {
            system: self.system,
            atoms: &self.atoms,
            built,
            guide: Guide {
                graph: &built.graph,
                bench: Bench::new(&self.atoms),
                worker: self.system.worker(),
                states: self.states,
                numbering: &built.numbering,
            },
            reductions: reductions(self.system, built.is_cut),
            allow_unsound: self.options.allow_unsound,
        };
        let answers = judge.answers(&self.parts, &mut decided, &|| {
            fair_goals.iter().any(|goal| !matches!(decide(&setting, goal), Ok(None)))
        });
        self.report(|part, _| answers.get(part).cloned())
    }

    /// Parts whose formulas have no atom that tells symmetric states apart.
    fn find_symmetric_parts(&mut self) {
        let Some(symmetry) = self.system.symmetry() else { return };
        let mut worker = self.system.worker();
        let machine = worker.machine_nowhere();
        let Ok(permutations) = Permutations::of(machine, symmetry) else { return };
        let preserved: Vec<bool> = (0..self.atoms.len())
            .map(|atom| permutations.preserve(machine, self.atoms.get(AtomId(atom as u32))))
            .collect();
        machine.reset();
        for part in &mut self.parts {
            let mut all = true;
            part.violation.for_each_atom(&mut |atom| all &= preserved[atom.0 as usize]);
            part.is_symmetric = all;
        }
    }

    /// Decides the goals of all parts, several at a time. What counts for a part is its first goal that is not found
    /// hopeless, so that the result does not depend on who is first.
    fn decide_all(&self, setting: &Setting<'_>) -> Vec<Decided> {
        let tasks: Vec<(usize, usize)> = self
            .parts
            .iter()
            .enumerate()
            .flat_map(|(part, known)| (0..known.goals.len()).map(move |goal| (part, goal)))
            .collect();
        let results: Vec<Mutex<(usize, Decided)>> =
            self.parts.iter().map(|_| Mutex::new((usize::MAX, Ok(None)))).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some((part, goal)) = tasks.get(next.fetch_add(1, Ordering::Relaxed)).copied() {
                if locked(&results[part]).0 < goal {
                    continue;
                }
                let decided = decide(setting, &self.parts[part].goals[goal]);
                if !matches!(decided, Ok(None)) {
                    let mut best = locked(&results[part]);
                    if goal < best.0 {
                        *best = (goal, decided);
                    }
                }
            }
        };
        let panics = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 1..self.options.workers.min(tasks.len()) {
                scope.spawn(|| {
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
                        *locked(&panics) = Some(panicked(&*panic));
                    }
                });
            }
            work();
        });
        let broken = locked(&panics).is_some();
        results
            .into_iter()
            .map(|result| if broken { Err(Failure::Inconsistent) } else { locked(&result).1.clone() })
            .collect()
    }
}

fn nothing_known() -> Refusal {
    let reason = "the property was not looked at".to_owned();
    Refusal { reason, span: None, remedy: String::new(), hidden_by: None }
}

pub(super) fn untranslatable(reason: Untranslatable) -> Answer {
    match reason {
        Untranslatable::Refused(refusal) => Answer::Declined(refusal),
        Untranslatable::Undefined(error) => undefined(*error, Vec::new()),
    }
}

/// The answer for something that cannot be evaluated.
fn undefined(error: EvalError, trace: Vec<Vec<u32>>) -> Answer {
    if error.class == ErrorClass::Declined {
        let EvalError { message, span, remedy, .. } = error;
        return Answer::Declined(Refusal { reason: message, span, remedy, hidden_by: None });
    }
    let error = *system_error(error, Phase::Temporal);
    Answer::Error(Box::new(LivenessError { error, trace }))
}

fn defect(error: SystemError) -> Answer {
    Answer::Error(Box::new(LivenessError { error, trace: Vec::new() }))
}

/// What is in force, with the place to name. Constraints that leave nothing out are not.
fn reductions(system: &Interpreted<'_>, is_cut: bool) -> Vec<(Reduction, Span)> {
    let model = system.model;
    let mut all = Vec::new();
    let mut add = |reduction, predicate: Option<&Predicate>| {
        all.extend(predicate.map(|predicate| (reduction, predicate.formula.node.span)));
    };
    add(Reduction::Symmetry, system.symmetry());
    add(Reduction::View, system.view());
    if is_cut {
        add(Reduction::Constraint, model.constraints.first());
        add(Reduction::ActionConstraint, model.action_constraints.first());
    }
    all
}

/// Turns what was decided into answers.
struct Judge<'m, 'x> {
    system: &'m Interpreted<'m>,
    atoms: &'x Atoms<'m>,
    built: &'x Built,
    guide: Guide<'x, 'm>,
    reductions: Vec<(Reduction, Span)>,
    allow_unsound: bool,
}

impl Judge<'_, '_> {
    fn answers(mut self, parts: &[Part], decided: &mut [Decided], is_fair: &dyn Fn() -> bool) -> Vec<Answer> {
        let mut some_behavior = None;
        let mut answers = Vec::with_capacity(parts.len());
        for (part, decided) in parts.iter().zip(decided) {
            answers.push(match decided {
                Ok(None) if part.emptiness.is_some() => self.holds(part, part.emptiness),
                Ok(None) => {
                    let fair = *some_behavior.get_or_insert_with(is_fair);
                    self.holds(part, (!fair).then_some(Emptiness::NoFairBehavior))
                }
                Ok(Some(found)) => self.violated(&part.violation, found),
                Err(failure) => self.failed(failure),
            });
        }
        answers
    }

    fn holds(&self, part: &Part, emptiness: Option<Emptiness>) -> Answer {
        let in_force = |reduction: Reduction| reduction != Reduction::Symmetry || !part.is_symmetric;
        let mut reductions = self.reductions.iter().filter(|(reduction, _)| in_force(*reduction));
        match reductions.next() {
            // What holds for the form of the formulas holds of every behavior.
            Some(_) if matches!(emptiness, Some(Emptiness::Tautology | Emptiness::Given)) => {
                Answer::Holds(Holding { reductions: Vec::new(), emptiness })
            }
            Some((reduction, span)) if !self.allow_unsound => Answer::Declined(Refusal {
                reason: format!(
                    "no violation was found, but {} leaves behaviors out that may violate the property",
                    reduction.keyword()
                ),
                span: Some(*span),
                remedy: format!(
                    "check it without {}, or with --liveness-under-reduction to test it on what is left",
                    reduction.keyword()
                ),
                hidden_by: Some(*reduction),
            }),
            first => {
                let reductions = first.into_iter().chain(reductions).map(|(reduction, _)| *reduction).collect();
                Answer::Holds(Holding { reductions, emptiness })
            }
        }
    }

    fn violated(&mut self, violation: &Temporal, found: &Found) -> Answer {
        let behavior = match self.guide.behavior(&found.lasso) {
            Ok(behavior) => behavior,
            Err(error) => return defect(*error),
        };
        let tidy = behavior.tidy();
        let is_safety = found.stem_suffices;
        for candidate in [&tidy, &behavior] {
            if candidate.closes
                && candidate.satisfies(violation, self.atoms, &mut self.guide.worker).unwrap_or(self.is_exact())
            {
                return violated(candidate, is_safety);
            }
        }
        if self.is_exact() {
            return defect(internal("a counterexample does not violate the property".to_owned()));
        }
        Answer::Declined(Refusal {
            reason: "a violation was found that may owe itself to the symmetry or view, for its loop does not close"
                .to_owned(),
            span: self.reductions.first().map(|(_, span)| *span),
            remedy: "check the property without SYMMETRY and VIEW".to_owned(),
            hidden_by: self.reductions.first().map(|(reduction, _)| *reduction),
        })
    }

    /// Whether the states of the graph are those of the specification.
    fn is_exact(&self) -> bool {
        self.system.identity_is_state()
    }

    fn failed(&mut self, failure: &Failure) -> Answer {
        match failure {
            Failure::Interrupted => Answer::Interrupted,
            Failure::Inconsistent => defect(internal("a component has no loop".to_owned())),
            Failure::OutOfMemory => Answer::Declined(Refusal {
                reason: "the product of the states with the automaton of the formula exceeds the memory allowed"
                    .to_owned(),
                span: None,
                remedy: "allow more memory (--memory), or make the constants smaller".to_owned(),
                hidden_by: None,
            }),
            Failure::TooLarge => Answer::Declined(Refusal {
                reason: "the automaton of the temporal formula is too large".to_owned(),
                span: None,
                remedy: "split the property into several ones".to_owned(),
                hidden_by: None,
            }),
            Failure::Undefined(place) => self.undefined(place),
        }
    }

    /// Evaluates once more what has no value, to learn why.
    fn undefined(&mut self, place: &UndefinedAt) -> Answer {
        let graph = &self.built.graph;
        let mut way = graph.path_to(place.state);
        if matches!(place.column, Column::Step(_)) {
            way.push(graph.targets[place.step]);
        }
        let trace = match self.guide.follow(&way) {
            Ok(trace) => trace,
            Err(error) => return defect(*error),
        };
        let Some((id, atom)) = self.atoms.in_column(place.column) else {
            return defect(internal("a column without an atom".to_owned()));
        };
        let bench = super::atom::Bench::new(self.atoms);
        let worker = &mut self.guide.worker;
        let result = match (&trace[..], place.column) {
            ([.., from, to], Column::Step(_)) => bench.on_step(worker.machine_on(from, to), id, from == to),
            ([.., state], Column::State(_)) => bench.evaluate(worker.machine_in(state), id),
            ([] | [_], _) => Ok(true),
        };
        match result {
            Err(error) => undefined(*error.at(atom.span), trace),
            Ok(_) => defect(internal("a formula could not be evaluated, and then it could".to_owned())),
        }
    }
}

fn violated(behavior: &Behavior, is_safety: bool) -> Answer {
    Answer::Violated(Box::new(Counterexample { stem: behavior.stem.clone(), cycle: behavior.cycle.clone(), is_safety }))
}
