//! Measures the search alone: a grid of counters, each of which can be raised by one up to a bound.
//!
//! Generating a successor costs next to nothing here, so the figures are those of the store and the level machinery.
//! Run it with `cargo run --release -p interlock-tla-explore --example grid_throughput -- [side] [dimensions]`; the grid
//! has `side ^ dimensions` states, ten million by default, and nearly `dimensions` times as many steps.
// A program for people to read, not a part of the library.
#![allow(clippy::print_stdout)]

use tla_explore::{
    ActionId, ActionInfo, Broken, Generated, Options, Outcome, Reached, Sink, StepInfo, Stop, SystemError,
    TransitionSystem, Unreached, Worker, explore,
};
use tla_syntax::source::{FileId, Span};
use verdict::event::NoEvents;
use verdict::{FalseConjunct, StoreKind, TraceValue};

struct Grid {
    side: u32,
    dimensions: usize,
    actions: Vec<ActionInfo>,
}

struct GridWorker<'g> {
    grid: &'g Grid,
    successor: Vec<u32>,
}

impl Worker for GridWorker<'_> {
    fn initial<S: Sink>(&mut self, sink: &mut S) -> Result<(), Stop> {
        let words = &vec![0; self.grid.dimensions];
        sink.generated(Generated { words, identity: words, in_model: true, action: ActionId(0) });
        Ok(())
    }

    fn successors<S: Sink>(&mut self, state: &[u32], sink: &mut S) -> Result<(), Stop> {
        self.successor.clear();
        self.successor.extend_from_slice(state);
        for (counter, value) in state.iter().enumerate() {
            if value + 1 < self.grid.side {
                self.successor[counter] += 1;
                let words = &self.successor;
                sink.generated(Generated { words, identity: words, in_model: true, action: ActionId(counter as u32) });
                self.successor[counter] -= 1;
            }
        }
        Ok(())
    }

    fn state_values(&mut self, state: &[u32]) -> Vec<(String, TraceValue)> {
        state.iter().map(|value| ("counter".to_owned(), TraceValue::Int(value.to_string()))).collect()
    }

    fn step(&mut self, _from: &[u32], _to: &[u32]) -> Result<StepInfo, Box<SystemError>> {
        Ok(StepInfo { action: "Raise".to_owned(), span: None, bindings: Vec::new() })
    }

    fn explain(&mut self, _broken: Broken, _from: Option<&[u32]>, _state: &[u32]) -> Vec<FalseConjunct> {
        Vec::new()
    }

    fn reached(&self) -> Reached {
        Reached::default()
    }
}

impl TransitionSystem for Grid {
    type Worker<'a> = GridWorker<'a>;

    fn state_words(&self) -> usize {
        self.dimensions
    }

    fn actions(&self) -> &[ActionInfo] {
        &self.actions
    }

    fn worker(&self) -> GridWorker<'_> {
        GridWorker { grid: self, successor: Vec::new() }
    }

    fn memory_bytes(&self) -> u64 {
        0
    }

    fn unreached(&self, _reached: &Reached) -> Vec<Unreached> {
        Vec::new()
    }
}

fn measure(grid: &Grid, workers: usize, store: StoreKind) {
    let options = Options { workers, store, check_deadlock: false, ..Options::default() };
    let exploration = explore(grid, &options, &NoEvents);
    let (counts, cost) = (&exploration.statistics, &exploration.resources);
    let seconds = cost.elapsed.as_secs_f64();
    assert!(matches!(exploration.outcome, Outcome::Complete), "{:?}", exploration.outcome);
    println!(
        "{store:?}, {workers} workers: {} generated, {} distinct, depth {}; {seconds:.2} s, {:.2} million generated/s, \
         {:.2} million distinct/s, {:.1} bytes/state",
        counts.generated,
        counts.distinct,
        counts.depth,
        counts.generated as f64 / seconds / 1e6,
        counts.distinct as f64 / seconds / 1e6,
        cost.store_bytes as f64 / counts.distinct as f64,
    );
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let side = arguments.next().unwrap_or(10);
    let dimensions = arguments.next().unwrap_or(7) as usize;
    let most_workers = arguments.next().unwrap_or(2) as usize;
    let span = Span { file: FileId(0), start: 0, end: 0 };
    let actions = (0..dimensions).map(|index| ActionInfo { name: format!("Raise{index}"), span }).collect();
    let grid = Grid { side, dimensions, actions };
    let mut workers = 1;
    while workers <= most_workers {
        measure(&grid, workers, StoreKind::Exact);
        measure(&grid, workers, StoreKind::Fingerprint128);
        workers *= 2;
    }
}
