//! Runs a random workload on a component and writes what it logged, for `interlock trace check`:
//!
//! ```text
//! cargo run -p interlock-mps-runtime --features trace,mutations --example record_trace -- Allocator 3 200 7 > allocator.ndjson
//! interlock trace check subjects/mps/specs/Allocator.tla --config subjects/mps/traces/Allocator.cfg --trace allocator.ndjson
//! ```
//!
//! When a defect acted for the first time stands on stderr, on the clock of the spans. Steps are delayed now and then, as the seed says. Arguments: the component, threads, operations of each, a seed, and with the feature `mutations` the name of a defect.

use interlock_mps_runtime::Mutations;
use interlock_mps_runtime::scenario::{Component, Load, run};
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((component, load, mutations)) = parse(&words) else {
        let names: Vec<&str> = Component::ALL.iter().map(|component| component.name()).collect();
        let usage = format!("usage: record_trace {} THREADS OPERATIONS SEED [DEFECT]\n", names.join("|"));
        let _nobody_reads = std::io::stderr().write_all(usage.as_bytes());
        return ExitCode::from(2);
    };
    let recorder = run(component, load, mutations);
    if let Some(stamp) = recorder.first_deviation() {
        let _nobody_reads = writeln!(std::io::stderr(), "the defect acted first at stamp {stamp}");
    }
    match recorder.write(&mut std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn parse(words: &[&str]) -> Option<(Component, Load, Mutations)> {
    let (&[component, threads, operations, seed], defect) = words.split_at_checked(4).and_then(|(all, rest)| {
        let all: &[&str; 4] = all.try_into().ok()?;
        Some((all, rest))
    })?;
    let component = Component::ALL.into_iter().find(|known| known.name() == component)?;
    let load = Load {
        threads: threads.parse().ok().filter(|threads| (1..=8).contains(threads))?,
        operations: operations.parse().ok()?,
        seed: seed.parse().ok()?,
        noise: true,
    };
    Some((component, load, mutations(defect)?))
}

#[cfg(feature = "mutations")]
fn mutations(defect: &[&str]) -> Option<Mutations> {
    match defect {
        [] => Some(Mutations::NONE),
        [name] => Mutations::named(name),
        _ => None,
    }
}

#[cfg(not(feature = "mutations"))]
fn mutations(defect: &[&str]) -> Option<Mutations> {
    defect.is_empty().then_some(Mutations::NONE)
}
