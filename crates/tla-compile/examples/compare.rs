//! Explores models interpreted and compiled, compares the results, and says what each took.
//!
//! `compare SPEC [CONFIG] [--workers N] [--states N] [--only interpret|compile] [--without-properties]`
#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::time::Instant;
use tla_compile::{Compiled, Observed};
use tla_explore::interpret::Interpreted;
use tla_explore::{Exploration, Options, TransitionSystem, explore};
use tla_model::model::Model;
use tla_syntax::config::parse_config;
use tla_syntax::load::{LoadOptions, load};
use verdict::StoreKind;

struct Quiet;

impl verdict::EventSink for Quiet {
    fn send(&self, _event: verdict::Event) {}
}

fn summary(exploration: &Exploration) -> String {
    let s = &exploration.statistics;
    let outcome = format!("{:?}", exploration.outcome);
    let short: String = outcome.chars().take(if outcome.starts_with("Error") { 600 } else { 60 }).collect();
    let actions: Vec<(u64, u64)> = exploration.per_action.iter().map(|a| (a.generated, a.distinct)).collect();
    format!("{} {} {} | {actions:?} | {short}", s.generated, s.distinct, s.depth)
}

fn run(system: &impl TransitionSystem, options: &Options, what: &str) -> Exploration {
    let start = Instant::now();
    let exploration = explore(system, options, &Quiet);
    let seconds = start.elapsed().as_secs_f64();
    let generated = exploration.statistics.generated as f64;
    println!(
        "{what:10} {:.2}s {:.0} k/s  words {}  {}",
        seconds,
        generated / seconds / 1e3,
        system.state_words(),
        summary(&exploration)
    );
    exploration
}

fn main() {
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(work).expect("a thread");
    thread.join().expect("no panic");
}

fn work() {
    let mut arguments = std::env::args().skip(1);
    let mut files: Vec<PathBuf> = Vec::new();
    let mut options = Options { store: StoreKind::Fingerprint128, ..Options::default() };
    let (mut only, mut without) = (None, false);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--workers" => options.workers = arguments.next().and_then(|n| n.parse().ok()).expect("a number"),
            "--states" => options.max_states = arguments.next().and_then(|n| n.parse().ok()),
            "--only" => only = arguments.next(),
            "--without-properties" => without = true,
            file => files.push(file.into()),
        }
    }
    let spec = &files[0];
    let config_path = files.get(1).cloned().unwrap_or_else(|| spec.with_extension("cfg"));
    let mut specification = load(spec, &LoadOptions { search_path: libraries() }).unwrap_or_else(|error| {
        println!("{:?}", error.diagnostics);
        std::process::abort()
    });
    let text = std::fs::read_to_string(&config_path).expect("the configuration");
    let file = specification.sources.add(Path::new(&config_path), text);
    let mut config = parse_config(&specification.sources, file, &mut Vec::new()).expect("a configuration");
    if without {
        config.properties.clear();
    }
    let model = Model::build(&specification, &config).expect("a model");
    options.check_deadlock = model.check_deadlock;
    let system = Interpreted::new(&model, &specification.sources, &Quiet);
    system.check_assumptions().expect("assumptions");
    let start = Instant::now();
    let mut observed = Observed::sample(&system, 10_000, 2);
    let sampled = start.elapsed().as_secs_f64();
    let mut last = None;
    if only.as_deref() != Some("interpret") {
        for round in 0..8 {
            let start = Instant::now();
            let compiled = match Compiled::new(&system, &observed) {
                Ok(compiled) => compiled,
                Err(declined) => {
                    let place =
                        declined.span.map(|span| specification.sources.text(span).chars().take(80).collect::<String>());
                    println!("DECLINED {}: {} at {place:?}", spec.display(), declined.reason);
                    break;
                }
            };
            println!("sampled {sampled:.3}s compiled {:.3}s round {round}", start.elapsed().as_secs_f64());
            let exploration = run(&compiled, &options, "compiled");
            let (left, reasons) = compiled.left();
            if left > 0 {
                println!("left {left} times");
                for (span, why, count) in reasons.iter().take(6) {
                    let text = span.map(|span| specification.sources.text(span).chars().take(70).collect::<String>());
                    println!("   {count:8} {why}: {text:?}");
                }
            }
            match compiled.misfits() {
                Some(more) => observed = observed.with(&more),
                None => {
                    last = Some(exploration);
                    break;
                }
            }
        }
    }
    if only.as_deref() != Some("compile") {
        let interpreted = run(&system, &options, "interpret");
        if let Some(compiled) = last {
            let same = interpreted.statistics.generated == compiled.statistics.generated
                && interpreted.statistics.distinct == compiled.statistics.distinct
                && interpreted.statistics.depth == compiled.statistics.depth
                && interpreted.per_action == compiled.per_action
                && interpreted.reached == compiled.reached;
            for (mark, (a, b)) in interpreted.reached.marks.iter().zip(&compiled.reached.marks).enumerate() {
                if a != b {
                    let text = specification.sources.text(model.code.marks[mark]);
                    println!("mark {mark}: interpreted {a}, compiled {b}: {text}");
                }
            }
            println!("{}", if same { "SAME" } else { "DIFFERENT" });
        }
    }
}

fn libraries() -> Vec<PathBuf> {
    std::env::split_paths(&std::env::var_os("TLA_LIBRARY").unwrap_or_default()).collect()
}
