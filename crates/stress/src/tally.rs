//! What one thread has counted, and all of them together.

use crate::case::Case;
use crate::kernel::Kernel;
use crate::latency::Latencies;
use crate::operation::Fault;
use crate::outcome::{Finding, KernelFigures, TOLD};
use std::collections::BTreeMap;
use std::time::Duration;

/// Counts of one kernel.
#[derive(Debug, Clone, Default)]
struct Counts {
    operations: u64,
    errors: u64,
    latencies: Latencies,
}

/// Counts of a thread.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    kernels: BTreeMap<Kernel, Counts>,
    findings: Vec<Finding>,
    /// Errors of operations.
    pub errors: u64,
    /// Refusals that the scenario wants.
    pub refused: u64,
}

impl Tally {
    /// Counts an operation that was right.
    pub fn right(&mut self, kernel: Kernel, took: Duration) {
        let counts = self.kernels.entry(kernel).or_default();
        counts.operations += 1;
        counts.latencies.add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Counts one that was not.
    pub fn wrong(&mut self, case: &Case, thread: usize, operation: u64, fault: Fault) {
        let counts = self.kernels.entry(case.kernel).or_default();
        counts.operations += 1;
        counts.errors += 1;
        self.errors += 1;
        if self.findings.len() >= TOLD {
            return;
        }
        let of_input = matches!(fault, Fault::Input(_));
        let (what, difference) = match fault {
            Fault::Result(difference) => ("the result is not that of one thread".to_owned(), Some(difference)),
            Fault::Input(difference) => {
                ("a second reader found something else in the first input".to_owned(), Some(difference))
            }
            Fault::Graph(graph) => (format!("the cache gave the graph of {}, case {}", graph.kernel, graph.case), None),
            Fault::Kernel(reason) => (format!("the kernel failed: {reason}"), None),
            Fault::Refused(reason) => (format!("the runtime refused: {reason}"), None),
            Fault::OutOfMemory => ("the device had no memory left".to_owned(), None),
            Fault::ShutDown => ("the runtime was shut down".to_owned(), None),
        };
        self.findings.push(Finding {
            kernel: Some(case.kernel.name().to_owned()),
            case: Some(case.number),
            thread: Some(thread),
            operation: Some(operation),
            what,
            of_input,
            difference,
        });
    }

    /// Takes the counts of another thread.
    pub fn merge(&mut self, other: Self) {
        for (kernel, theirs) in other.kernels {
            let mine = self.kernels.entry(kernel).or_default();
            mine.operations += theirs.operations;
            mine.errors += theirs.errors;
            mine.latencies.merge(&theirs.latencies);
        }
        self.errors += other.errors;
        self.refused += other.refused;
        self.findings.extend(other.findings);
        self.findings.truncate(TOLD);
    }

    /// The figures, and the findings.
    pub fn figures(self, wall: Duration) -> (Vec<KernelFigures>, Vec<Finding>) {
        let seconds = wall.as_secs_f64().max(1e-9);
        let microseconds = |nanoseconds: u64| nanoseconds as f64 / 1000.0;
        let figure = |(kernel, counts): (&Kernel, &Counts)| KernelFigures {
            kernel: kernel.name().to_owned(),
            operations: counts.operations,
            errors: counts.errors,
            p50_us: microseconds(counts.latencies.percentile(500)),
            p99_us: microseconds(counts.latencies.percentile(990)),
            per_second: counts.operations as f64 / seconds,
        };
        (self.kernels.iter().map(figure).collect(), self.findings)
    }
}
