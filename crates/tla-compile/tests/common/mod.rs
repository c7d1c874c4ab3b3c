//! Loading models, and comparing what two systems say about them.

use std::path::Path;
use tla_compile::{Compiled, Observed};
use tla_explore::interpret::Interpreted;
use tla_explore::{
    Answer, Broken, Exploration, Flow, Generated, Options, Sink, Stop, TransitionSystem, Worker, explore,
};
use tla_model::model::Model;
use tla_model::value::Value;
use tla_syntax::config::parse_config;
use tla_syntax::load::{LoadOptions, Specification, load, load_from_text};
use verdict::StoreKind;
use verdict::event::NoEvents;

/// Stack of a thread that evaluates.
const STACK: usize = 512 << 20;

/// Widenings of shapes that a test allows.
const ROUNDS: usize = 8;

/// Runs a test on a thread with room for recursion.
pub fn on_large_stack<R: Send + 'static>(run: impl FnOnce() -> R + Send + 'static) -> R {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread");
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// A model with its sources.
pub struct Loaded {
    pub specification: Specification,
    pub model: Model,
}

impl Loaded {
    #[allow(dead_code)] // Nor are files read by each.
    pub fn from_files(spec: &Path, config: &Path, with_properties: bool) -> Self {
        let specification = load(spec, &LoadOptions { search_path: Vec::new() })
            .unwrap_or_else(|error| panic!("{:?}", error.diagnostics));
        let text = std::fs::read_to_string(config).expect("the configuration");
        Self::with_config(specification, config, text, with_properties)
    }

    #[allow(dead_code)] // Not every test file has models of its own.
    pub fn from_text(name: &str, text: &str, config: &str) -> Self {
        let specification = load_from_text(name, text, &[]).unwrap_or_else(|error| panic!("{:?}", error.diagnostics));
        Self::with_config(specification, Path::new("model.cfg"), config.to_owned(), true)
    }

    fn with_config(mut specification: Specification, path: &Path, text: String, with_properties: bool) -> Self {
        let file = specification.sources.add(path, text);
        let mut config = parse_config(&specification.sources, file, &mut Vec::new()).expect("a configuration");
        if !with_properties {
            config.properties.clear();
        }
        let model = Model::build(&specification, &config).unwrap_or_else(|error| panic!("{:?}", error.diagnostics));
        Self { specification, model }
    }

    pub fn interpreted(&self) -> Interpreted<'_> {
        Interpreted::new(&self.model, &self.specification.sources, &NoEvents)
    }

    /// What a declined expression says.
    fn text(&self, declined: &tla_compile::Declined) -> String {
        let text = declined.span.map_or("", |span| self.specification.sources.text(span));
        format!("{} at `{}`", declined.reason, text.chars().take(80).collect::<String>())
    }
}

/// Everything that a worker tells a search.
#[derive(Default)]
struct Recorder {
    states: Vec<Recorded>,
    passed: u64,
}

struct Recorded {
    words: Vec<u32>,
    in_model: bool,
    action: u32,
    broken: Vec<Broken>,
}

impl Sink for Recorder {
    fn generated(&mut self, state: Generated<'_>) -> Answer {
        let (in_model, action) = (state.in_model, state.action.0);
        self.states.push(Recorded { words: state.words.to_vec(), in_model, action, broken: Vec::new() });
        Answer::Check
    }

    fn passed(&mut self, states: u64) {
        self.passed += states;
    }

    fn broken(&mut self, broken: Broken) -> Flow {
        self.states.last_mut().expect("a state was generated before").broken.push(broken);
        Flow::Continue
    }
}

/// The same for both systems: values, standing, action, broken properties, states that only count, and how it ended.
type Told = (Vec<(Vec<Value>, bool, u32, Vec<Broken>)>, u64, Option<String>);

fn told(recorder: &Recorder, result: Result<(), Stop>, values: impl Fn(&[u32]) -> Vec<Value>) -> Told {
    let one = |state: &Recorded| (values(&state.words), state.in_model, state.action, state.broken.clone());
    let error = match result {
        Ok(()) => None,
        Err(Stop::Requested) => Some("requested".to_owned()),
        Err(Stop::Error(error)) => Some(format!("{:?} {}", error.phase, error.message)),
    };
    (recorder.states.iter().map(one).collect(), recorder.passed, error)
}

/// Compares initial states and the successors of the first states, breadth first. `Err` says why a model is not
/// compiled.
pub fn compare_states(loaded: &Loaded, most: usize) -> Result<u64, String> {
    let system = loaded.interpreted();
    let mut observed = Observed::sample(&system, 400, 2);
    for _ in 0..ROUNDS {
        let compiled = Compiled::new(&system, &observed).map_err(|declined| loaded.text(&declined))?;
        walk(&system, &compiled, most);
        match compiled.misfits() {
            Some(more) => observed = observed.with(&more),
            None => return Ok(compiled.left().0),
        }
    }
    Err("no shapes were found".to_owned())
}

fn walk(system: &Interpreted<'_>, compiled: &Compiled<'_>, most: usize) {
    let (mut slow, mut quick) = (system.worker(), compiled.worker());
    let (mut by_slow, mut by_quick) = (Recorder::default(), Recorder::default());
    let (slow_end, quick_end) = (slow.initial(&mut by_slow), quick.initial(&mut by_quick));
    let expected = told(&by_slow, slow_end, |words| system.values_of_words(words));
    let actual = told(&by_quick, quick_end, |words| compiled.values(words));
    if compiled.misfits().is_some() {
        return;
    }
    assert!(expected == actual, "the initial states differ");
    let mut queue: Vec<(Vec<u32>, Vec<u32>)> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let pair = |slow: &Recorder, quick: &Recorder| {
        let pairs = slow.states.iter().zip(&quick.states).filter(|(state, _)| state.in_model);
        pairs.map(|(a, b)| (a.words.clone(), b.words.clone())).collect::<Vec<_>>()
    };
    queue.extend(pair(&by_slow, &by_quick).into_iter().filter(|(words, _)| seen.insert(words.clone())).take(most));
    let mut at = 0;
    while at < queue.len() && at < most {
        let (state, packed) = queue[at].clone();
        at += 1;
        let (mut by_slow, mut by_quick) = (Recorder::default(), Recorder::default());
        let (slow_end, quick_end) = (slow.successors(&state, &mut by_slow), quick.successors(&packed, &mut by_quick));
        if compiled.misfits().is_some() {
            return;
        }
        let expected = told(&by_slow, slow_end, |words| system.values_of_words(words));
        let actual = told(&by_quick, quick_end, |words| compiled.values(words));
        assert!(
            expected == actual,
            "the successors of {:?} differ:\nexpected {expected:#?}\nfound {actual:#?}",
            quick.state_values(&packed)
        );
        queue.extend(pair(&by_slow, &by_quick).into_iter().filter(|(words, _)| seen.insert(words.clone())));
    }
}

/// What must be the same for whole searches.
fn essence(exploration: &Exploration) -> String {
    let statistics = &exploration.statistics;
    let outcome: String = format!("{:?}", exploration.outcome).chars().take_while(|c| c.is_alphabetic()).collect();
    format!(
        "{outcome} {} {} {} {} {:?} {:?} {:?}",
        statistics.generated,
        statistics.distinct,
        statistics.depth,
        statistics.out_of_model,
        statistics.levels,
        exploration.per_action,
        if outcome == "Complete" { Some(&exploration.reached) } else { None },
    )
}

/// Compares searches with several numbers of workers. `Err` says why a model is not compiled.
pub fn compare_searches(loaded: &Loaded, max_states: Option<u64>) -> Result<(), String> {
    let system = loaded.interpreted();
    let options = |workers| Options {
        workers,
        max_states,
        check_deadlock: loaded.model.check_deadlock,
        store: StoreKind::Exact,
        ..Options::default()
    };
    let expected = essence(&explore(&system, &options(1), &NoEvents));
    let mut observed = Observed::sample(&system, 1_000, 2);
    for _ in 0..ROUNDS {
        let compiled = Compiled::new(&system, &observed).map_err(|declined| loaded.text(&declined))?;
        for workers in [1, 2, 4] {
            let found = explore(&compiled, &options(workers), &NoEvents);
            if compiled.misfits().is_none() {
                assert_eq!(expected, essence(&found), "{workers} workers");
            }
        }
        match compiled.misfits() {
            Some(more) => observed = observed.with(&more),
            None => return Ok(()),
        }
    }
    Err("no shapes were found".to_owned())
}

#[allow(dead_code)] // Not every test file has models of its own.
/// Compares a module whose configuration is `INIT Init NEXT Next` and more; says how many states were left to the
/// interpreter.
pub fn check_model(name: &'static str, body: &str, configuration: &str) -> u64 {
    let text = format!("---- MODULE {name} ----\nEXTENDS Integers, FiniteSets, Sequences, TLC\n{body}\n====\n");
    let configuration = format!("INIT Init\nNEXT Next\nCHECK_DEADLOCK FALSE\n{configuration}");
    on_large_stack(move || {
        let loaded = Loaded::from_text(name, &text, &configuration);
        let left = compare_states(&loaded, 400).unwrap_or_else(|reason| panic!("{name}: {reason}"));
        compare_searches(&loaded, Some(3_000)).unwrap_or_else(|reason| panic!("{name}: {reason}"));
        left
    })
}

/// Searches a model as generated code; states generated, and how many the interpreter had to do.
#[allow(dead_code)] // Nor does each look at that.
pub fn searched(loaded: &Loaded) -> (u64, u64) {
    let system = loaded.interpreted();
    let observed = Observed::sample(&system, 400, 2);
    let compiled = Compiled::new(&system, &observed).unwrap_or_else(|reason| panic!("{}", loaded.text(&reason)));
    let options = Options { workers: 1, check_deadlock: false, ..Options::default() };
    let found = explore(&compiled, &options, &NoEvents);
    (found.statistics.generated, compiled.left().0)
}
