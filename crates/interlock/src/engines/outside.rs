//! Outside provers, scans and code that is run: each harness, proof, annotated source, scan, exploration, workload or question to
//! TLC or Apalache is a job of its own, and jobs run side by side, but for workloads: what they measure is theirs.
//!
//! They share a budget of memory, so that two provers do not together take what one may. The order of the answers is that of
//! the project file, however the jobs ended.

use crate::engines::scan::ScanEngine;
use crate::pipeline::{Outcome, TraceFiles};
use crate::project::{Project, Scan};
use external::Places;
use external::apalache;
use external::budget::Budget;
use external::cbmc::{Harness, HarnessEngine};
use external::clang::{Annotated, AnnotatedEngine};
use external::coq::{Proof, ProofEngine};
use external::explored::{Exploration, ExplorationEngine};
use external::tlc::{OpinionEngine, Question};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use stress::{Stress, StressEngine};
use verdict::Engine;

/// Something that an outside prover is to check.
#[derive(Debug, Clone, Copy)]
pub enum Job<'a> {
    /// A model that was searched, to be searched by TLC too.
    Opinion(&'a Question),
    /// A model that was searched, to be checked by Apalache too.
    Apalache(&'a apalache::Question),
    /// A C program, by CBMC.
    Harness(&'a Harness),
    /// A folder of proofs, by Coq.
    Proof(&'a Proof),
    /// A source with annotations, by Clang.
    Annotated(&'a Annotated),
    /// Native sources, by our own analyses.
    Scan(&'a Scan),
    /// Tests that explore schedules, by cargo.
    Explored(&'a Exploration),
    /// A workload, by our own threads or a command.
    Stress(&'a Stress),
}

/// What the jobs share.
pub struct Shared {
    /// Where tools are looked for.
    pub places: Places,
    /// The memory that they may take together.
    pub budget: Budget,
    /// Where results are kept from run to run.
    pub cache: PathBuf,
}

impl<'a> Job<'a> {
    /// The jobs of a project whose names contain the given text.
    pub fn of(project: &'a Project, part: Option<&str>) -> Vec<Self> {
        let harnesses = project.harnesses.iter().map(Job::Harness);
        let proofs = project.proofs.iter().map(Job::Proof);
        let all = harnesses.chain(proofs).chain(project.annotated.iter().map(Job::Annotated));
        let all = all.chain(project.scans.iter().map(Job::Scan));
        let all = all.chain(project.explorations.iter().map(Job::Explored));
        let all = all.chain(project.stresses.iter().map(Job::Stress));
        all.filter(|job| part.is_none_or(|part| job.name().contains(part))).collect()
    }

    /// Its name in the project file.
    pub fn name(self) -> &'a str {
        match self {
            Self::Opinion(question) => &question.model,
            Self::Apalache(question) => &question.model.model,
            Self::Harness(harness) => &harness.name,
            Self::Proof(proof) => &proof.name,
            Self::Annotated(annotated) => &annotated.name,
            Self::Scan(scan) => &scan.name,
            Self::Explored(exploration) => &exploration.name,
            Self::Stress(stress) => &stress.name,
        }
    }

    /// The engine that does it.
    pub fn engine(self, shared: &'a Shared) -> Box<dyn Engine + 'a> {
        let Shared { places, budget, cache } = shared;
        match self {
            Self::Opinion(question) => Box::new(OpinionEngine::new(question, places, budget, cache.join("tlc"))),
            Self::Apalache(question) => {
                Box::new(apalache::OpinionEngine::new(question, places, budget, &cache.join("apalache")))
            }
            Self::Harness(harness) => Box::new(HarnessEngine::new(harness.clone(), places, budget, cache.join("cbmc"))),
            Self::Proof(proof) => Box::new(ProofEngine::new(proof.clone(), places, &cache.join("coq"))),
            Self::Annotated(annotated) => Box::new(AnnotatedEngine::new(annotated.clone(), places)),
            Self::Scan(scan) => Box::new(ScanEngine::new(scan.clone(), cache)),
            Self::Explored(exploration) => Box::new(ExplorationEngine::new(exploration.clone(), places)),
            Self::Stress(stress) => Box::new(StressEngine::new(stress.clone())),
        }
    }

    /// What the files of its counterexamples say about it.
    pub fn trace_files(self) -> TraceFiles {
        let source = match self {
            Self::Opinion(question) => question.spec.clone(),
            Self::Apalache(question) => question.model.spec.clone(),
            Self::Harness(harness) => harness.source.clone(),
            Self::Proof(proof) => proof.folder.clone(),
            Self::Annotated(annotated) => annotated.source.clone(),
            Self::Scan(scan) => scan.folder.clone(),
            Self::Explored(exploration) => exploration.manifest.clone(),
            Self::Stress(stress) => PathBuf::from(&stress.name),
        };
        TraceFiles { source, ..TraceFiles::default() }
    }
}

/// Runs jobs, side by side where they can; the outcomes are in the order of the jobs.
pub fn run_all<'a>(
    jobs: &[Job<'a>],
    workers: usize,
    run: impl Fn(usize, Job<'a>) -> Outcome + Sync,
) -> Vec<(Job<'a>, Outcome)> {
    // Workloads stand last in a project.
    let alone = jobs.iter().position(|job| matches!(job, Job::Stress(_))).unwrap_or(jobs.len());
    let (together, workloads) = jobs.split_at(alone);
    let mut outcomes = side_by_side(together, workers, &run);
    outcomes.extend(side_by_side(workloads, 1, |index, job| run(alone + index, job)));
    outcomes
}

fn side_by_side<'a>(
    jobs: &[Job<'a>],
    workers: usize,
    run: impl Fn(usize, Job<'a>) -> Outcome + Sync,
) -> Vec<(Job<'a>, Outcome)> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Outcome)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers.clamp(1, jobs.len().max(1)) {
            scope.spawn(|| {
                while let Some((index, job)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|index| Some((index, jobs.get(index)?)))
                {
                    let outcome = run(index, *job);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((index, outcome));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().filter_map(|(index, outcome)| Some((*jobs.get(index)?, outcome))).collect()
}
