//! One case through the explorer and through bounded checking by a solver of SMT-LIB: what one refutes within the length
//! the other refutes in as many steps. Said to be skipped where there is no solver.

use super::ours::{MOST, input};
use super::prove::Compared;
use super::specifications::{Case, Kind};
use super::{MOST_DIFFERENCES, case_from, case_of, number, show};
use external::smt::Session;
use external::{Found, Places};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tla_explore::interpret::Interpreted;
use tla_explore::{Options, Outcome, Violation, explore_keeping_states};
use tla_model::model::Model;
use tla_symbolic::smt::dialogue::{Dialogue, Trouble};
use tla_symbolic::smt::{Conclusion, Solver, bounded, build};
use tla_symbolic::{Target, Watch};
use verdict::event::NoEvents;

/// Longest behaviors that are looked at.
const LENGTH: u32 = 5;

/// Time for a case.
const PATIENCE: Duration = Duration::from_secs(10);

/// A solver, if there is one.
pub fn solver() -> Option<(external::smt::Solver, Found)> {
    let path = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    external::smt::find(&external::smt::ALL, &Places { path, ..Places::default() }).ok()
}

/// A session, and when it began.
pub struct Asking(pub Session, pub Instant);

impl Solver for Asking {
    fn ask(&mut self, commands: &str) -> Result<String, Trouble> {
        let begun = self.1;
        let answer = self.0.ask(commands, &|| begun.elapsed() > PATIENCE);
        answer.map_err(|error| match error {
            external::smt::SessionError::Stopped => Trouble::Stopped,
            other => Trouble::Broken(other.to_string()),
        })
    }
}

/// Patience from a moment on.
pub struct For(pub Instant);

impl Watch for For {
    fn stopped(&self) -> bool {
        self.0.elapsed() > PATIENCE
    }

    fn progress(&self, _engine: &'static str, _text: &str) {}
}

/// Runs a case.
pub fn run(case: &Case, (solver, found): &(external::smt::Solver, Found)) -> Compared {
    let skipped = |why: &str| Compared::Skipped(why.to_owned());
    let Ok((specification, config)) = input(case) else { return skipped("not readable") };
    let Ok(model) = Model::build(&specification, &config) else { return skipped("not resolved") };
    if model.view.is_some() || model.symmetry.is_some() {
        return skipped("a view or a symmetry");
    }
    let system = Interpreted::new(&model, &specification.sources, &NoEvents);
    if system.check_assumptions().is_err() {
        return skipped("an assumption is false");
    }
    let options = Options {
        workers: 1,
        check_deadlock: model.check_deadlock,
        max_states: Some(MOST),
        stack_bytes: 64 << 20,
        ..Options::default()
    };
    let (exploration, _) = explore_keeping_states(&system, &options, &NoEvents);
    let theirs = match &exploration.outcome {
        Outcome::Complete => None,
        Outcome::Found { findings, .. } => findings.first().cloned(),
        Outcome::Error(_) | Outcome::Interrupted | Outcome::Capacity(_) => return skipped("the search ends early"),
    };
    let patience = For(Instant::now());
    let problem = match build(&system, &patience) {
        Ok(problem) => problem,
        Err(reason) => return Compared::Skipped(reason.reason),
    };
    let Ok(session) = Session::start(&solver.job(found), None, None) else { return skipped("no solver") };
    let now = Instant::now();
    let mut asking = Asking(session, now);
    let mut dialogue = Dialogue::new(&problem, &mut asking);
    let targets = super::prove::targets(&model);
    let options = bounded::Options { length: LENGTH, go_on: true };
    let report = bounded::run(&mut dialogue, &targets, options, &mut system.machine(), &For(now));
    let broken = theirs.as_ref().map(|finding| match finding.violation {
        Violation::Deadlock => Target::Deadlock,
        Violation::Broken(broken) => Target::Property(broken),
    });
    let mut reached: Vec<(Target, usize)> = Vec::new();
    for (target, conclusion) in &report.conclusions {
        match conclusion {
            Conclusion::Reached(states) => reached.push((*target, states.len())),
            Conclusion::Bounded(_, None) => {}
            Conclusion::Bounded(_, Some(why)) if why == "no behavior is longer" => {}
            Conclusion::Bounded(_, Some(why)) => return Compared::Skipped(why.clone()),
            Conclusion::Declined(reason) if reason.reason.contains("gave no answer") => {
                return Compared::Differ(reason.reason.clone());
            }
            Conclusion::Declined(reason) => return Compared::Skipped(reason.reason.clone()),
            Conclusion::Induced(_) | Conclusion::Implied => return Compared::Differ("an induction".to_owned()),
        }
    }
    compared(theirs.as_ref().zip(broken).map(|(finding, broken)| (broken, finding.trace.len())), &reached)
}

/// The search goes level by level and ends at the first violation; others may be of the same level, and a step that is bad
/// has one state more than a state without a successor.
fn compared(theirs: Option<(Target, usize)>, reached: &[(Target, usize)]) -> Compared {
    let within = theirs.filter(|(_, states)| *states <= LENGTH as usize + 1);
    let Some((broken, length)) = within else {
        let nearest = theirs.map_or(usize::MAX, |(_, states)| states);
        return match reached.iter().find(|(_, states)| *states + 1 < nearest) {
            Some((target, states)) => Compared::Differ(format!("only the solver reaches {target:?}, in {states}")),
            None => Compared::Holds,
        };
    };
    let nearer = reached.iter().find(|(target, states)| *target == broken && *states != length || *states + 1 < length);
    match nearer {
        Some((target, states)) => Compared::Differ(format!(
            "the explorer finds {broken:?} in {length} states, the solver reaches {target:?} in {states}"
        )),
        None if reached.iter().all(|(target, _)| *target != broken) => {
            Compared::Differ(format!("only the explorer finds {broken:?}, in {length}"))
        }
        None => Compared::Refuted,
    }
}

/// Runs cases; how many agreed, and what differs. In a thread of its own: translating nests as deeply as the specification.
fn campaign(first: u64, cases: u64, limit: Duration) -> Option<(u64, Vec<String>)> {
    let solver = solver()?;
    let run =
        std::thread::Builder::new().stack_size(512 << 20).spawn(move || campaign_here(first, cases, limit, &solver));
    Some(run.expect("a thread").join().expect("a campaign that ends"))
}

fn campaign_here(
    first: u64,
    cases: u64,
    limit: Duration,
    solver: &(external::smt::Solver, Found),
) -> (u64, Vec<String>) {
    let began = Instant::now();
    let mut tally: BTreeMap<String, u64> = BTreeMap::new();
    let mut differences = Vec::new();
    for seed in first..first + cases {
        if began.elapsed() > limit || differences.len() >= MOST_DIFFERENCES {
            break;
        }
        let (case, list) = case_of(seed, Kind::default());
        let outcome = run(&case, solver);
        let key = match &outcome {
            Compared::Skipped(reason) => format!("skipped: {}", reason.chars().take(70).collect::<String>()),
            Compared::Holds => "holds".to_owned(),
            Compared::Refuted => "refuted".to_owned(),
            Compared::Differ(_) => "differ".to_owned(),
        };
        *tally.entry(key).or_default() += 1;
        if let Compared::Differ(_) = outcome {
            let differs = |list: &[u32]| matches!(run(&case_from(list, Kind::default()), solver), Compared::Differ(_));
            let small = case_from(&super::shrink(list, 200, differs), Kind::default());
            let text = format!("seed {seed}\n{}{:?}\n", show(&small), run(&small, solver));
            eprintln!("{text}");
            differences.push(text);
        }
    }
    eprintln!("{tally:#?}");
    let agreed = |key: &str| tally.get(key).copied().unwrap_or(0);
    (agreed("holds") + agreed("refuted"), differences)
}

#[test]
fn the_explorer_and_a_solver_agree_on_a_few_cases() {
    let Some((agreed, differences)) = campaign(1, 40, Duration::from_secs(20)) else {
        eprintln!("skipped: there is no solver of SMT-LIB (interlock tools install z3)");
        return;
    };
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(agreed > 5, "only {agreed} cases were decided");
}

#[test]
#[ignore = "as long as it is told to be"]
fn a_campaign_with_a_solver() {
    let (first, cases) = (number("INTERLOCK_FUZZ_SEED", 1), number("INTERLOCK_FUZZ_CASES", 1000));
    let limit = Duration::from_secs(number("INTERLOCK_FUZZ_SECONDS", 3600));
    let (agreed, differences) = campaign(first, cases, limit).expect("a solver");
    eprintln!("{agreed} agreed");
    assert!(differences.is_empty(), "{} differences", differences.len());
}
