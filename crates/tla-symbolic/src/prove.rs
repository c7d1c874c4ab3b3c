//! One model, several obligations, several engines.

use crate::aig::Lit;
use crate::bounded::{Bounded, Found, induction, overflow_behind};
use crate::circuit::{Built, Circuit, Target, build};
use crate::engine::{BEFORE, Lemmas, Watch};
use crate::kernel::{Kernel, needed};
use crate::known::Known;
use crate::observe::{FEW_WALKS, MANY_WALKS, Observer};
use crate::pairs::unseen;
use crate::reachability::{Answer, Cube, Reachability};
use crate::sat::Sat;
use crate::solver::{Choice, Means, Use};
use crate::translate::state::Shape;
use crate::until::{Stopped, until_stopped};
use crate::visit::visit;
use std::sync::Mutex;
use tla_compile::Declined;
use tla_compile::shape::Datum;
use tla_explore::TransitionSystem;
use tla_explore::interpret::Interpreted;
use tla_syntax::annotation::Type;

/// Which engines run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Bounded checking and reachability side by side.
    Auto,
    /// Bounded checking alone.
    Bounded,
    /// k-induction, with bounded checking as its base.
    Induction,
    /// Reachability, with bounded checking for the shortest counterexample.
    Reachability,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which engines run.
    pub engine: Engine,
    /// Longest behaviors that bounded checking looks at, in steps.
    pub length: Option<u32>,
    /// States that are visited before anything is supposed.
    pub observe: usize,
    /// Which solver answers the engines' questions.
    pub solver: Choice,
    /// Whether to decide the other targets too once one was reached.
    pub go_on: bool,
    /// How many states to visit first, if any: all of them where they are fewer.
    pub visit: Option<u64>,
    /// What is declared of the variables, as a hint where shapes are supposed.
    pub types: Vec<Option<Type>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            engine: Engine::Auto,
            length: None,
            observe: 8000,
            solver: Choice::Auto,
            go_on: true,
            visit: None,
            types: Vec::new(),
        }
    }
}

/// How often suppositions are widened.
const MOST_ROUNDS: u32 = 40;

/// How often suppositions are widened before declared types are looked at: what is met is narrower, and mostly enough.
const ROUNDS_WITHOUT_TYPES: u32 = 2;

/// Most initial states that are visited to learn their values.
const MOST_INITIAL: usize = 1_000_000;

/// Length up to which bounded checking runs alone.
const NEAR: u32 = 4;

/// Bytes of stack for an engine that evaluates; reserved, not used.
const STACK_SIZE: usize = 1 << 29;

/// Most latches of a state.
const MOST_LATCHES: usize = 20_000;

/// What was found out about a target.
#[derive(Debug, Clone)]
pub enum Conclusion {
    /// An invariant excludes it; the number of the invariant in the report.
    Excluded(usize),
    /// A shortest behavior reaches it.
    Reached(Vec<Vec<Datum>>),
    /// No behavior of so many steps reaches it.
    Bounded(u32),
    /// As [`Bounded`](Self::Bounded), for want of looking further once another target was reached.
    Left(u32),
    /// Not decided.
    Declined(Declined),
}

/// An invariant with what it needs to be understood.
#[derive(Debug, Clone)]
pub struct Invariant {
    /// Cubes none of which is reachable.
    pub cubes: Vec<Cube>,
    /// Numbers of invariants of the configuration that belong to it.
    pub invariants: Vec<u32>,
    /// Which engine found it.
    pub by: &'static str,
}

/// The result.
#[derive(Default)]
pub struct Report {
    /// For each target that was asked for, in order.
    pub conclusions: Vec<(Target, Conclusion)>,
    /// Invariants.
    pub invariants: Vec<Invariant>,
    /// The last circuit, if there was one.
    pub built: Option<Built>,
    /// What was supposed of each variable.
    pub shapes: Vec<Shape>,
    /// How often suppositions were widened.
    pub rounds: u32,
    /// A contradiction between engines or with the interpreter: a defect.
    pub defect: Option<String>,
}

/// Decides targets.
pub fn prove(system: &Interpreted<'_>, targets: &[Target], options: &Options, watch: &dyn Watch) -> Report {
    let mut run = Run { targets, options, watch, shapes: Vec::new(), rounds: 0, found: Vec::new() };
    let deadlock = targets.contains(&Target::Deadlock);
    let visited = options.visit.and_then(|most| visit(system, most, (deadlock, options.go_on), watch));
    // What ended the search, its own time for instance, is not to end evaluations that come after it.
    system.interrupt(false);
    let mut complete = false;
    let mut observer = Observer::new(system);
    watch.progress("shapes", "visiting states");
    match visited {
        Some(visited) if !visited.findings.is_empty() => {
            run.found = visited.findings;
            if !options.go_on {
                return run.left();
            }
        }
        Some(visited) => {
            observer.from_states(&visited.states);
            // What a constraint leaves out belongs to the circuit.
            complete = visited.complete && system.model.constraints.is_empty();
        }
        None => {}
    }
    let walks = if options.visit.is_some() { MANY_WALKS } else { FEW_WALKS };
    if !complete {
        // A single state may have more successors than there is time for.
        system.unwatched(|| observer.from_initial(options.observe, walks));
    }
    let mut initial = options.observe.max(1);
    loop {
        run.shapes = observer.supposed();
        if let Some(variable) = observer.odd {
            let (name, span) = &system.model.variables[variable];
            let reason = format!("the variable {name} has a value that is not finite, or a very large integer");
            return run.declined(Declined { reason, span: Some(*span) });
        }
        let latches: usize = run.shapes.iter().map(Shape::latches).sum();
        if latches > MOST_LATCHES {
            let reason = format!("a state takes {latches} latches; use smaller constants");
            return run.declined(Declined { reason, span: None });
        }
        if watch.stopped() {
            return run.declined(time_is_over());
        }
        watch.progress("circuit", &format!("{latches} latches"));
        let data = std::mem::take(&mut observer.data);
        let mut built = match build(system, &run.shapes, data) {
            Ok(built) => built,
            Err(reason) => return run.declined(*reason),
        };
        let ands = built.circuit.aig.len();
        let transitions = built.circuit.transitions.len();
        watch.progress("circuit", &format!("{latches} latches, {ands} nodes, {transitions} transitions"));
        let shapes = run.shapes.clone();
        let mut states = observer.hand_over();
        if !complete {
            states.sort_unstable();
            states.dedup();
        }
        let mut known = Known::new(system, &built, &shapes, states);
        known.complete = complete && known.all_have_a_place();
        let guesses = unseen(&built.circuit, &known.table);
        let decided = run.decide(&built, &guesses, &mut known);
        observer.take_back(known.into_states());
        match decided {
            Decided::Report(mut report) => {
                report.built = Some(built);
                return *report;
            }
            Decided::Narrow(state) => {
                observer.data = std::mem::take(&mut built.data);
                run.rounds += 1;
                if run.rounds >= ROUNDS_WITHOUT_TYPES {
                    observer.types.clone_from(&options.types);
                }
                let widened = system.unwatched(|| observer.from_state(&state, options.observe / 4 + 50));
                // Steps from a state are not all tried where the time is over.
                if !widened && watch.stopped() {
                    return run.declined(time_is_over());
                }
                if !widened {
                    return run
                        .with_defect("a step leaves the supposed values, but the interpreter knows no such step");
                }
                if run.rounds >= MOST_ROUNDS {
                    let reason = format!(
                        "the values of the variables left {MOST_ROUNDS} times what was supposed of them; some variable \
                         may have no bound"
                    );
                    return run.declined(Declined { reason, span: None });
                }
            }
            Decided::NarrowInitially => {
                observer.data = std::mem::take(&mut built.data);
                run.rounds += 1;
                if initial * 8 > MOST_INITIAL {
                    let reason = format!("an initial state has a value that was not met among the first {initial}");
                    return run.declined(Declined { reason, span: None });
                }
                initial *= 8;
                system.unwatched(|| observer.from_initial(initial, walks));
            }
        }
    }
}

enum Decided {
    Report(Box<Report>),
    /// A state from which a step leaves the shapes.
    Narrow(Vec<Datum>),
    /// An initial state has no place in the shapes.
    NarrowInitially,
}

struct Run<'a> {
    targets: &'a [Target],
    options: &'a Options,
    watch: &'a dyn Watch,
    shapes: Vec<Shape>,
    rounds: u32,
    /// What a search found broken.
    found: Vec<(Target, Vec<Vec<Datum>>)>,
}

/// What two engines know together.
struct Race {
    found: Option<Found>,
    answer: Option<(Answer, &'static str)>,
    length: u32,
    exhausted: bool,
}

impl Run<'_> {
    fn report(&self, conclusions: Vec<(Target, Conclusion)>, invariants: Vec<Invariant>) -> Report {
        let (shapes, rounds) = (self.shapes.clone(), self.rounds);
        Report { conclusions, invariants, built: None, shapes, rounds, defect: None }
    }

    fn declined(&self, reason: Declined) -> Report {
        let all = self.targets.iter().map(|target| (*target, Conclusion::Declined(reason.clone())));
        self.report(all.collect(), Vec::new())
    }

    /// What is said where a search found something and nothing else is wanted.
    fn left(&self) -> Report {
        let conclusion = |target: &Target| match self.found.iter().find(|(found, _)| found == target) {
            Some((_, states)) => Conclusion::Reached(states.clone()),
            None => {
                // States of the level before the last were visited, and steps to them taken; a deadlock shows when it is
                // tried to leave a state.
                let states = self.found.iter().map(|(_, states)| states.len()).min().unwrap_or(0);
                let whole = states.saturating_sub(if *target == Target::Deadlock { 2 } else { 1 });
                left_at(whole as u32)
            }
        };
        let all = self.targets.iter().map(|target| (*target, conclusion(target)));
        self.report(all.collect(), Vec::new())
    }

    fn with_defect(&self, text: &str) -> Report {
        let reason = Declined { reason: text.to_owned(), span: None };
        Report { defect: Some(text.to_owned()), ..self.declined(reason) }
    }

    /// For engines that nobody has told to stop.
    fn means(&self) -> Means {
        Means { choice: self.options.solver, ..Means::default() }
    }

    fn decide(&self, built: &Built, guesses: &[Cube], known: &mut Known<'_>) -> Decided {
        let circuit = &built.circuit;
        let mut conclusions: Vec<Option<Conclusion>> = vec![None; self.targets.len()];
        let mut invariants = Vec::new();
        if !can_be(circuit, circuit.starts) {
            let undefined =
                circuit.bads.iter().any(|bad| bad.target == Target::Undefined && can_be(circuit, bad.initially));
            let reason = if undefined {
                "the initial predicate is undefined"
            } else {
                "no state satisfies the initial predicate, so there is nothing to prove"
            };
            return Decided::Report(Box::new(self.declined(Declined { reason: reason.to_owned(), span: None })));
        }
        for (target, conclusion) in self.targets.iter().zip(&mut conclusions) {
            if let Some((_, reason)) = circuit.declined.iter().find(|(known, _)| known == target) {
                *conclusion = Some(Conclusion::Declined(reason.clone()));
            }
        }
        for (target, states) in &self.found {
            self.settle(&mut conclusions, *target, Conclusion::Reached(states.clone()));
        }
        loop {
            let open: Vec<usize> =
                conclusions.iter().enumerate().filter(|(_, known)| known.is_none()).map(|(index, _)| index).collect();
            if open.is_empty() {
                break;
            }
            let bads = self.bads(circuit, &open);
            let race = self.race(circuit, &bads, guesses, known);
            if let Some(found) = &race.found {
                let target = circuit.bads[found.bad].target;
                let states: Vec<Vec<Datum>> = found.states.iter().map(|bits| built.state(&self.shapes, bits)).collect();
                match target {
                    Target::Overflow => {
                        return match states.last() {
                            Some(state) if !found.initially => Decided::Narrow(state.clone()),
                            _ => Decided::NarrowInitially,
                        };
                    }
                    Target::Undefined => {
                        let reason = undefined(circuit, states.len());
                        self.fill(&mut conclusions, &open, &Conclusion::Declined(reason));
                    }
                    Target::PropertyUndefined(broken) => {
                        let reason = Declined {
                            reason: format!("the property is undefined in state {}", states.len()),
                            span: None,
                        };
                        self.settle(&mut conclusions, Target::Property(broken), Conclusion::Declined(reason));
                    }
                    Target::Property(_) | Target::Deadlock => {
                        self.settle(&mut conclusions, target, Conclusion::Reached(states));
                        if !self.options.go_on {
                            let others = open.iter().copied().filter(|index| conclusions[*index].is_none());
                            let others: Vec<usize> = others.collect();
                            self.fill(&mut conclusions, &others, &left_at(race.length));
                        }
                    }
                }
                continue;
            }
            match race.answer {
                Some((Answer::Safe(cubes), by)) => {
                    let Kernel { cubes, invariants: own } = match by {
                        "reachability" => needed(circuit, &bads, &cubes, &self.means()),
                        _ => Kernel { cubes, invariants: Vec::new() },
                    };
                    invariants.push(Invariant { cubes, invariants: own, by });
                    self.fill(&mut conclusions, &open, &Conclusion::Excluded(invariants.len() - 1));
                }
                _ if race.exhausted => {
                    // All behaviors end within the length that was looked at.
                    let reason = "all behaviors were looked at, but there is no invariant to show for it".to_owned();
                    self.fill(&mut conclusions, &open, &Conclusion::Declined(Declined { reason, span: None }));
                }
                _ if race.length > 0 => self.fill(&mut conclusions, &open, &Conclusion::Bounded(race.length - 1)),
                _ => {
                    self.fill(&mut conclusions, &open, &Conclusion::Declined(time_is_over()));
                }
            }
        }
        let all = self.targets.iter().copied().zip(conclusions.into_iter().flatten()).collect();
        Decided::Report(Box::new(self.report(all, invariants)))
    }

    fn settle(&self, conclusions: &mut [Option<Conclusion>], target: Target, conclusion: Conclusion) {
        for (known, slot) in self.targets.iter().zip(conclusions) {
            if *known == target {
                *slot = Some(conclusion.clone());
            }
        }
    }

    fn fill(&self, conclusions: &mut [Option<Conclusion>], open: &[usize], conclusion: &Conclusion) {
        for index in open {
            conclusions[*index] = Some(conclusion.clone());
        }
    }

    /// The bad states of the open targets and those that every claim rests on; the latter first. What is undefined may
    /// have any value, so undefinedness comes before values without a place.
    fn bads(&self, circuit: &Circuit, open: &[usize]) -> Vec<usize> {
        let mut wanted = vec![Target::Undefined, Target::Overflow];
        for index in open {
            if let Target::Property(broken) = self.targets[*index] {
                wanted.push(Target::PropertyUndefined(broken));
            }
            wanted.push(self.targets[*index]);
        }
        wanted.into_iter().filter_map(|target| circuit.index_of(target)).collect()
    }

    fn race(&self, circuit: &Circuit, bads: &[usize], guesses: &[Cube], known: &mut Known<'_>) -> Race {
        let means = [self.means(), self.means()];
        until_stopped(self.watch, &means, || self.run_engines(circuit, bads, (guesses, known), &means))
    }

    /// Looks for an invariant of states that are known; `None` if there is not one to be had that way.
    fn learn(
        &self,
        circuit: &Circuit,
        bads: &[usize],
        guesses: &[Cube],
        known: &mut Known<'_>,
        means: &Means,
    ) -> Option<Answer> {
        if !known.all_have_a_place() {
            return None;
        }
        let lemmas = Lemmas::default();
        let watch = Stopped { watch: self.watch, flag: &means.stop };
        let mut reachability = Reachability::new(circuit, bads, &lemmas, means);
        reachability.suppose(guesses.to_vec());
        let answer = reachability.learn(known, &watch);
        (matches!(answer, Answer::Safe(_)) || watch.stopped()).then_some(answer)
    }

    fn run_engines(
        &self,
        circuit: &Circuit,
        bads: &[usize],
        learned: (&[Cube], &mut Known<'_>),
        [means, means_other]: &[Means; 2],
    ) -> Race {
        let lemmas = Lemmas::default();
        let (guesses, known) = learned;
        // Where all states are known there is nothing to look for.
        if known.complete
            && let Some(answer) = self.learn(circuit, bads, guesses, known, means_other)
        {
            return Race { found: None, answer: Some((answer, "reachability")), length: 0, exhausted: false };
        }
        let mut bounded = Bounded::new(circuit, &lemmas, means);
        let watch = Stopped { watch: self.watch, flag: &means.stop };
        let alone = self.options.engine == Engine::Bounded;
        let most = self.options.length.unwrap_or(if alone { 10 } else { u32::MAX });
        // Many violations are near: no need to wake the other engine.
        let near = most.min(if alone { u32::MAX } else { NEAR });
        let found = self.lengthen(&mut bounded, bads, near, &watch);
        if alone || found.is_some() {
            return Race { found, answer: None, length: bounded.length, exhausted: bounded.exhausted };
        }
        let answer: Mutex<Option<(Answer, &'static str)>> = Mutex::new(None);
        let overflow: Mutex<Option<Found>> = Mutex::new(None);
        let mut found = None;
        std::thread::scope(|scope| {
            // The interpreter nests as deeply as the specification.
            let large = std::thread::Builder::new().name("invariant".to_owned()).stack_size(STACK_SIZE);
            let other = large.spawn_scoped(scope, || {
                let result = self.other_engine(circuit, bads, (guesses, known), &lemmas, means_other);
                let mut decided = matches!(result.0, Answer::Safe(_));
                // What was supposed of the variables can be widened at once; of all else the shortest behavior is wanted.
                if let Answer::Reached(way) = &result.0
                    && let Some(found) = overflow_behind(circuit, way, means_other)
                    && let Ok(mut overflow) = overflow.lock()
                {
                    *overflow = Some(found);
                    decided = true;
                }
                if let Ok(mut answer) = answer.lock() {
                    *answer = Some(result);
                }
                if decided {
                    means.end();
                }
            });
            found = self.lengthen(&mut bounded, bads, most, &watch);
            if found.is_some() {
                means_other.end();
            }
            // A panic there is one here. Where no thread can be had, the other engine does not run.
            if let Ok(Err(panic)) = other.map(std::thread::ScopedJoinHandle::join) {
                std::panic::resume_unwind(panic);
            }
        });
        let answer = answer.into_inner().ok().flatten();
        let found = found.or(overflow.into_inner().ok().flatten());
        Race { found, answer, length: bounded.length, exhausted: bounded.exhausted }
    }

    /// Bounded checking up to a length.
    fn lengthen(&self, bounded: &mut Bounded<'_>, bads: &[usize], most: u32, watch: &dyn Watch) -> Option<Found> {
        while bounded.length <= most && !bounded.exhausted && !watch.stopped() {
            watch.progress("bounded", &format!("length {}", bounded.length));
            if let Some(found) = bounded.advance(bads, watch) {
                return Some(found);
            }
        }
        None
    }

    fn other_engine(
        &self,
        circuit: &Circuit,
        bads: &[usize],
        (guesses, known): (&[Cube], &mut Known<'_>),
        lemmas: &Lemmas,
        means: &Means,
    ) -> (Answer, &'static str) {
        let watch = Stopped { watch: self.watch, flag: &means.stop };
        match self.options.engine {
            Engine::Induction => {
                let most = self.options.length.unwrap_or(40);
                let shown = induction(circuit, bads, most, &watch, means);
                (shown.map_or(Answer::Stopped, |_| Answer::Safe(Vec::new())), "k-induction")
            }
            Engine::Auto | Engine::Reachability | Engine::Bounded => {
                if self.options.visit.is_some()
                    && !known.complete
                    && let Some(answer) = self.learn(circuit, bads, guesses, known, means)
                {
                    return (answer, "reachability");
                }
                let mut reachability = Reachability::new(circuit, bads, lemmas, means);
                reachability.suppose(guesses.to_vec());
                (reachability.run(&watch), "reachability")
            }
        }
    }
}

fn time_is_over() -> Declined {
    Declined { reason: "the time was over before anything was decided".to_owned(), span: None }
}

/// Whether some choice of an initial state satisfies a literal.
fn can_be(circuit: &Circuit, lit: Lit) -> bool {
    let mut sat = Sat::new(&Means::default(), Use::Steps);
    let lit = sat.of(&circuit.aig, BEFORE, lit);
    sat.solve(&[lit]) != Some(false)
}

/// What is said of the properties that were not looked at further when another one was found broken.
fn left_at(length: u32) -> Conclusion {
    match length.checked_sub(1) {
        Some(steps) => Conclusion::Left(steps),
        None => Conclusion::Declined(Declined {
            reason: "another property is broken in an initial state".to_owned(),
            span: None,
        }),
    }
}

fn undefined(circuit: &Circuit, states: usize) -> Declined {
    let first = circuit.undefined.first();
    let what = first.map_or("an expression is undefined", |one| one.reason);
    Declined {
        reason: format!("a step from state {states} is undefined ({what}, or another expression)"),
        span: first.and_then(|one| one.span),
    }
}
