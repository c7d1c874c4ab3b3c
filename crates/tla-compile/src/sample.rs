//! What the interpreter meets in the first states, and what invariants declare: the ground for shapes.
//!
//! The states nearest to the initial ones are visited breadth first; then random walks go on from there, because
//! counters, queues and sets of messages grow with distance. Declarations `x \in S` among the conjuncts of invariants
//! say more than states can; where they leave a part open (`Nat`, `Seq`), what was observed fills in.

use crate::evaluator::STACK;
use crate::identity;
use crate::shape::datum::is_tuple_domain;
use crate::shape::{Datum, Guess};
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;
use tla_explore::interpret::conjuncts::conjuncts;
use tla_explore::interpret::{Interpreted, InterpretedWorker};
use tla_explore::{Answer, Broken, Flow, Generated, Sink, TransitionSystem, Worker};
use tla_model::ir::walk::children;
use tla_model::ir::{Code, Kind, Node, Primitive};
use tla_model::model::Formula;

/// Random walks after the states nearest to the initial ones.
const WALKS: usize = 40;

/// Steps of a walk.
const STEPS: usize = 150;

/// What is known of the values of each variable.
#[derive(Debug, Clone)]
pub struct Observed {
    met: Vec<Guess>,
    declared: Vec<Guess>,
    strings: Vec<BTreeSet<Datum>>,
    /// Model values that a symmetry moves.
    moved: BTreeSet<Datum>,
    /// How often something was met that had no place.
    widenings: u32,
}

/// Collects states.
#[derive(Default)]
struct Collect {
    width: usize,
    states: Vec<u32>,
}

impl Sink for Collect {
    fn generated(&mut self, state: Generated<'_>) -> Answer {
        self.width = state.words.len();
        if state.in_model || self.states.is_empty() {
            self.states.extend_from_slice(state.words);
        }
        Answer::Known
    }

    fn broken(&mut self, _broken: Broken) -> Flow {
        Flow::Continue
    }
}

impl Collect {
    fn states(&self) -> impl Iterator<Item = &[u32]> {
        self.states.chunks(self.width.max(1))
    }
}

struct Sampler<'a> {
    system: &'a Interpreted<'a>,
    worker: InterpretedWorker<'a>,
    /// Words that were met, by variable.
    known: Vec<FxHashSet<u32>>,
    met: Vec<Guess>,
}

impl<'a> Sampler<'a> {
    fn new(system: &'a Interpreted<'a>) -> Self {
        let variables = system.model.variables.len();
        Self {
            system,
            worker: system.worker(),
            known: vec![FxHashSet::default(); variables],
            met: vec![Guess::Never; variables],
        }
    }

    /// Nothing was met.
    fn forget(&mut self) {
        self.known.iter_mut().for_each(FxHashSet::clear);
        self.met.fill(Guess::Never);
    }

    fn note(&mut self, state: &[u32]) {
        for (variable, word) in state.iter().enumerate() {
            if self.known[variable].insert(*word)
                && let Some(value) = self.system.values_of_words(&[*word]).first()
                && let Some(guess) = Guess::of(value)
            {
                let known = std::mem::replace(&mut self.met[variable], Guess::Never);
                self.met[variable] = known.join(guess);
            }
        }
    }

    /// Successors of a state; none where it cannot be expanded.
    fn successors(&mut self, state: &[u32]) -> Collect {
        let mut found = Collect::default();
        // An error here is met again by the search, which reports it.
        let _outcome = self.worker.successors(state, &mut found);
        found
    }

    fn breadth_first(&mut self, most: usize) -> Vec<Box<[u32]>> {
        let initial = self.worker.some_initial(most.saturating_mul(2));
        let mut seen: FxHashSet<Box<[u32]>> = FxHashSet::default();
        let mut all: Vec<Box<[u32]>> = Vec::new();
        for state in &initial {
            if all.len() < most && seen.insert(state.as_slice().into()) {
                self.note(state);
                all.push(state.as_slice().into());
            }
        }
        let mut at = 0;
        while at < all.len() && all.len() < most {
            let state = all[at].clone();
            at += 1;
            let found = self.successors(&state);
            for next in found.states() {
                if seen.insert(next.into()) {
                    self.note(next);
                    all.push(next.into());
                }
            }
        }
        all
    }

    fn walk(&mut self, start: &[u32], mut random: u64) {
        let mut state: Box<[u32]> = start.into();
        for _ in 0..STEPS {
            let found = self.successors(&state);
            let count = found.states().count();
            if count == 0 {
                return;
            }
            // Splitmix: the walks of every run are the same.
            random = random.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = random;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let chosen = ((z ^ (z >> 31)) % count as u64) as usize;
            for next in found.states() {
                self.note(next);
            }
            match found.states().nth(chosen) {
                Some(next) => state = next.into(),
                None => return,
            }
        }
    }
}

/// What random walks from some of the states meet, walk by walk.
fn walks(system: &Interpreted<'_>, states: &[Box<[u32]>], threads: usize) -> Vec<Vec<Guess>> {
    let threads = threads.clamp(1, WALKS);
    let share = |thread: usize| {
        let mut sampler = Sampler::new(system);
        let walk = |number: usize| {
            let start = &states[states.len() - 1 - number * states.len() / (2 * WALKS)];
            sampler.forget();
            sampler.walk(start, (number as u64 + 1) << 32);
            (number, sampler.met.clone())
        };
        (thread..WALKS).step_by(threads).map(walk).collect::<Vec<_>>()
    };
    let mut all: Vec<(usize, Vec<Guess>)> = std::thread::scope(|scope| {
        let start = |thread: usize| {
            let builder = std::thread::Builder::new().name(format!("sample-{thread}")).stack_size(STACK);
            (thread, builder.spawn_scoped(scope, move || share(thread)))
        };
        let started: Vec<_> = (1..threads).map(start).collect();
        let mut all = share(0);
        for (thread, started) in started {
            // Where no thread can be had, or one breaks down, its walks are done here.
            let walked = started.ok().and_then(|started| started.join().ok());
            all.extend(walked.unwrap_or_else(|| share(thread)));
        }
        all
    });
    all.sort_by_key(|(number, _)| *number);
    all.into_iter().map(|(_, met)| met).collect()
}

impl Observed {
    /// Visits up to so many states, and walks on from some of them, with so many threads. What is met does not depend on
    /// their number.
    pub fn sample(system: &Interpreted<'_>, most: usize, threads: usize) -> Self {
        let mut sampler = Sampler::new(system);
        let states = sampler.breadth_first(most);
        let mut met = sampler.met;
        if states.len() >= most {
            for walked in walks(system, &states, threads) {
                met = met.into_iter().zip(walked).map(|(met, walked)| met.join(walked)).collect();
            }
        }
        Self {
            met,
            declared: declarations(system),
            strings: strings(system),
            moved: identity::moved(system),
            widenings: 0,
        }
    }

    /// Only what was met.
    pub(crate) fn from_guesses(met: Vec<Guess>) -> Self {
        let count = met.len();
        Self {
            met,
            declared: vec![Guess::Never; count],
            strings: vec![BTreeSet::new(); count],
            moved: BTreeSet::new(),
            widenings: 0,
        }
    }

    /// Adds what was met later. Room grows with each time.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        self.widenings += 1;
        for (mine, theirs) in self.met.iter_mut().zip(&other.met) {
            let known = std::mem::replace(mine, Guess::Never);
            *mine = known.join(theirs.clone());
        }
        self
    }

    /// What a variable's shape is made from.
    pub(crate) fn guess(&self, variable: usize, declared: bool) -> Guess {
        let met = self.met[variable].clone();
        let all = if declared { met.join(self.declared[variable].clone()) } else { met };
        let all = identity::closed(all.with_strings(&self.strings[variable]), &self.moved);
        even(all.with_room(false, self.widenings > 0), false)
    }
}

/// Functions whose values are of one kind get one shape for all of them, so that they can be indexed.
fn even(guess: Guess, in_set: bool) -> Guess {
    match guess {
        Guess::Product(keys, parts) => {
            let parts: Vec<Guess> = parts.into_iter().map(|part| even(part, in_set)).collect();
            let record = matches!(keys.first(), Some(Datum::String(_)));
            if record || parts.is_empty() || in_set && is_tuple_domain(&keys) {
                return Guess::Product(keys, parts);
            }
            let joined = parts.iter().cloned().fold(Guess::Never, Guess::join);
            let unions = parts.iter().any(|part| matches!(part, Guess::Union(_)));
            if matches!(joined, Guess::Union(_)) && !unions {
                return Guess::Product(keys, parts);
            }
            let count = keys.len();
            Guess::Product(keys, vec![joined; count])
        }
        Guess::Set(part) => Guess::Set(Box::new(even(*part, true))),
        Guess::Sequence(part, most) => Guess::Sequence(Box::new(even(*part, in_set)), most),
        Guess::Union(all) => all.into_iter().map(|guess| even(guess, in_set)).fold(Guess::Never, Guess::join),
        other @ (Guess::Never | Guess::Bool | Guess::Int { .. } | Guess::Atom(_)) => other,
    }
}

/// Conjuncts `x \in S` of invariants and of the initial predicate, with `S` constant.
fn declarations(system: &Interpreted<'_>) -> Vec<Guess> {
    let model = system.model;
    let mut all = vec![Guess::Never; model.variables.len()];
    let mut machine = system.machine();
    let initial: Vec<&Formula> = model.init.iter().collect();
    let initial = conjuncts(&model.code, &initial);
    for conjunct in system.conjuncts().iter().chain(&initial) {
        let Kind::Primitive(Primitive::In | Primitive::SubsetEq, operands) = &conjunct.node.kind else { continue };
        let [element, set] = &operands[..] else { continue };
        let Kind::Variable(index) = element.kind else { continue };
        if tla_model::ir::walk::level(&system.model.code, set) > tla_model::ir::Level::Constant {
            continue;
        }
        let owner = conjunct.owner;
        let value = machine.attempt(|machine| machine.evaluate_in(owner, set));
        machine.reset();
        if let Ok(value) = value {
            let guess = match &conjunct.node.kind {
                Kind::Primitive(Primitive::SubsetEq, _) => Guess::Set(Box::new(Guess::declared(&value))),
                _ => Guess::declared(&value),
            };
            let known = std::mem::replace(&mut all[index as usize], Guess::Never);
            // Several declarations all hold; the first that says anything is enough.
            all[index as usize] = if known == Guess::Never { guess } else { known };
        }
    }
    all
}

/// Strings that are written where a variable gets a value.
fn strings(system: &Interpreted<'_>) -> Vec<BTreeSet<Datum>> {
    let code = &system.model.code;
    let mut all = vec![BTreeSet::new(); system.model.variables.len()];
    for definition in &code.definitions {
        assignments(code, &definition.body, &mut all);
    }
    all
}

fn assignments(code: &Code, node: &Node, all: &mut [BTreeSet<Datum>]) {
    if let Kind::Primitive(Primitive::Equal, operands) = &node.kind
        && let [left, right] = &operands[..]
        && let Kind::Primed(index) | Kind::Variable(index) = left.kind
        && let Some(strings) = all.get_mut(index as usize)
    {
        literals(code, right, strings);
    }
    children(code, node, &mut |child| assignments(code, child, all));
}

fn literals(code: &Code, node: &Node, strings: &mut BTreeSet<Datum>) {
    if let Kind::String(id) = node.kind {
        strings.insert(Datum::String(id));
    }
    children(code, node, &mut |child| literals(code, child, strings));
}
