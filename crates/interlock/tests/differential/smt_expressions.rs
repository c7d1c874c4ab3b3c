//! Random predicates on one random state: whether each is true, false or undefined, by the interpreter and by a solver of
//! SMT-LIB to which the variables are unknowns. Integers are large and negative, so that quotients and remainders are tried.

use super::choices::Choices;
use super::ours::input;
use super::smt::{Asking, For, solver};
use super::specifications::Case;
use external::Found;
use external::smt::Session;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tla_explore::interpret::Interpreted;
use tla_explore::{Broken, Options, Outcome, explore_keeping_states};
use tla_model::model::Model;
use tla_symbolic::Target;
use tla_symbolic::smt::dialogue::Dialogue;
use tla_symbolic::smt::{Conclusion, bounded, build};
use verdict::event::NoEvents;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    True,
    False,
    Undefined,
}

/// Writes expressions over `x` and `y` (integers), `s` (a string), `f` (a function on `1..3`), `r` (a record), `q` (a
/// sequence), `T` (a set).
struct Maker<'c> {
    choices: &'c mut Choices,
    bound: usize,
}

impl Maker<'_> {
    fn number(&mut self) -> String {
        let numbers = ["0", "1", "2", "3", "(-1)", "(-7)", "12", "1000000007", "(-4611686018427387905)", "5"];
        self.choices.one(&numbers).unwrap_or("0").to_owned()
    }

    fn integer(&mut self, depth: usize) -> String {
        if depth == 0 {
            let number = self.number();
            let leaves = ["x", "y", "r.n", "f[2]", number.as_str(), "Len(q)", "Cardinality(T)"];
            return self.choices.one(&leaves).unwrap_or("x").to_owned();
        }
        match self.choices.below(13) {
            0 => self.integer(0),
            1 => format!("({} + {})", self.integer(depth - 1), self.integer(depth - 1)),
            2 => format!("({} - {})", self.integer(depth - 1), self.integer(depth - 1)),
            3 => format!("({} * {})", self.number(), self.integer(depth - 1)),
            4 => format!("({} \\div {})", self.integer(depth - 1), self.number()),
            5 => format!("({} % {})", self.integer(depth - 1), self.number()),
            6 => format!(
                "(IF {} THEN {} ELSE {})",
                self.truth(depth - 1),
                self.integer(depth - 1),
                self.integer(depth - 1)
            ),
            7 => format!("f[{}]", self.integer(depth - 1)),
            8 => format!("[f EXCEPT ![{}] = {}][2]", self.integer(depth - 1), self.integer(depth - 1)),
            9 => format!(
                "(CHOOSE m \\in {{{}, {}, x}} : m >= {})",
                self.integer(depth - 1),
                self.integer(0),
                self.integer(0)
            ),
            10 => format!("Cardinality({})", self.set(depth - 1)),
            11 => format!("Append(q, {})[{}]", self.integer(depth - 1), self.integer(0)),
            _ => format!("Head(Tail(q \\o <<{}>>))", self.integer(depth - 1)),
        }
    }

    fn set(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.choices.one(&["T", "{x, y}", "1..3", "{}"]).unwrap_or("T").to_owned();
        }
        match self.choices.below(7) {
            0 => self.set(0),
            1 => format!("({} \\cup {})", self.set(depth - 1), self.set(depth - 1)),
            2 => format!("({} \\cap {})", self.set(depth - 1), self.set(depth - 1)),
            3 => format!("({} \\ {})", self.set(depth - 1), self.set(depth - 1)),
            4 => format!("{{{}, {}}}", self.integer(depth - 1), self.integer(depth - 1)),
            5 => {
                let name = self.name();
                format!("{{{name} \\in {} : {name} > {}}}", self.set(depth - 1), self.integer(depth - 1))
            }
            _ => {
                let name = self.name();
                format!("{{{name} + {} : {name} \\in {}}}", self.integer(depth - 1), self.set(depth - 1))
            }
        }
    }

    fn name(&mut self) -> String {
        self.bound += 1;
        format!("b{}", self.bound)
    }

    fn truth(&mut self, depth: usize) -> String {
        if depth == 0 {
            let leaves = ["x < y", "s = \"a\"", "r.b", "x \\in T", "TRUE", "s = x"];
            return format!("({})", self.choices.one(&leaves).unwrap_or("TRUE"));
        }
        match self.choices.below(11) {
            0 => self.truth(0),
            1 => {
                let relation = self.choices.one(&["<", "<=", ">", ">=", "=", "#"]).unwrap_or("<");
                format!("({} {relation} {})", self.integer(depth - 1), self.integer(depth - 1))
            }
            2 => format!("({} /\\ {})", self.truth(depth - 1), self.truth(depth - 1)),
            3 => format!("({} \\/ {})", self.truth(depth - 1), self.truth(depth - 1)),
            4 => format!("({} => {})", self.truth(depth - 1), self.truth(depth - 1)),
            5 => format!("~{}", self.truth(depth - 1)),
            6 => format!("({} \\in {})", self.integer(depth - 1), self.set(depth - 1)),
            7 => format!("({} \\subseteq {})", self.set(depth - 1), self.set(depth - 1)),
            8 => format!("({} = {})", self.set(depth - 1), self.set(depth - 1)),
            9 => {
                let (name, quantifier) = (self.name(), self.choices.one(&["\\A", "\\E"]).unwrap_or("\\A"));
                let body = format!("{name} * 2 > {}", self.integer(depth - 1));
                format!("({quantifier} {name} \\in {} : {body})", self.set(depth - 1))
            }
            _ => {
                // Sets that only a quantifier of the solver can go through.
                let name = self.name();
                let low = self.integer(0);
                let set = format!("({low})..({low} + 3)");
                format!("(\\E {name} \\in {set} : {name} % 3 = {})", self.integer(depth - 1))
            }
        }
    }
}

fn case_of(seed: u64) -> Case {
    let mut choices = Choices::random(seed);
    let mut maker = Maker { choices: &mut choices, bound: 0 };
    let values: Vec<String> = (0..8).map(|_| maker.number()).collect();
    let predicate = maker.truth(4);
    let string = maker.choices.one(&["a", "b"]).unwrap_or("a");
    let flag = maker.choices.one(&["TRUE", "FALSE"]).unwrap_or("TRUE");
    let module = format!(
        "---- MODULE T ----\nEXTENDS Integers, Sequences, FiniteSets\nVARIABLES x, y, s, f, r, q, T\n\
         Init == x = {} /\\ y = {} /\\ s = \"{string}\" /\\ f = <<{}, {}, {}>> /\\ r = [n |-> {}, b |-> {flag}]\n  \
         /\\ q = <<{}>> /\\ T = {{1, {}}}\n\
         Next == UNCHANGED <<x, y, s, f, r, q, T>>\nP == (x = x) /\\ {predicate}\n====\n",
        values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7]
    );
    Case { module, config: "INIT Init NEXT Next INVARIANT P".to_owned(), temporal: false }
}

/// What the interpreter says, and what the solver says; or why there is nothing to compare.
fn both(case: &Case, (solver, found): &(external::smt::Solver, Found)) -> Result<(Answer, Answer), String> {
    let (specification, config) = input(case)?;
    let model = Model::build(&specification, &config).map_err(|error| format!("{:?}", error.diagnostics))?;
    let system = Interpreted::new(&model, &specification.sources, &NoEvents);
    let options = Options { workers: 1, check_deadlock: false, stack_bytes: 64 << 20, ..Options::default() };
    let (exploration, _) = explore_keeping_states(&system, &options, &NoEvents);
    let theirs = match &exploration.outcome {
        Outcome::Complete => Answer::True,
        Outcome::Found { .. } => Answer::False,
        Outcome::Error(_) => Answer::Undefined,
        Outcome::Interrupted | Outcome::Capacity(_) => return Err("the search ends early".to_owned()),
    };
    let patience = For(Instant::now());
    let problem = build(&system, &patience).map_err(|reason| reason.reason)?;
    let session = Session::start(&solver.job(found), None, None).map_err(|error| error.to_string())?;
    let now = Instant::now();
    let mut asking = Asking(session, now);
    let mut dialogue = Dialogue::new(&problem, &mut asking);
    let target = Target::Property(Broken::Invariant(0));
    let options = bounded::Options { length: 0, go_on: true };
    let report = bounded::run(&mut dialogue, &[target], options, &mut system.machine(), &For(now));
    match report.conclusions.first().map(|(_, conclusion)| conclusion) {
        Some(Conclusion::Reached(_)) => Ok((theirs, Answer::False)),
        Some(Conclusion::Bounded(0, None)) => Ok((theirs, Answer::True)),
        Some(Conclusion::Declined(reason)) if reason.reason.contains("undefined") => Ok((theirs, Answer::Undefined)),
        Some(Conclusion::Declined(reason)) if reason.reason.contains("more than 64 bits") => {
            Ok((theirs, Answer::False))
        }
        Some(Conclusion::Declined(reason)) => Err(reason.reason.clone()),
        other => Err(format!("{other:?}")),
    }
}

fn campaign(first: u64, cases: u64, limit: Duration) -> Option<(u64, Vec<String>)> {
    let solver = solver()?;
    let compare = move || {
        let began = Instant::now();
        let mut tally: BTreeMap<String, u64> = BTreeMap::new();
        let (mut agreed, mut differences) = (0, Vec::new());
        for seed in first..first + cases {
            if began.elapsed() > limit {
                break;
            }
            let case = case_of(seed);
            let key = match both(&case, &solver) {
                Ok((theirs, ours)) if theirs == ours => {
                    agreed += 1;
                    format!("{ours:?}")
                }
                Ok((theirs, ours)) => {
                    differences.push(format!("seed {seed}: interpreter {theirs:?}, solver {ours:?}\n{}", case.module));
                    "differ".to_owned()
                }
                Err(reason) => format!("skipped: {}", reason.chars().take(70).collect::<String>()),
            };
            *tally.entry(key).or_default() += 1;
        }
        eprintln!("{tally:#?}");
        (agreed, differences)
    };
    let run = std::thread::Builder::new().stack_size(512 << 20).spawn(compare);
    Some(run.expect("a thread").join().expect("a campaign that ends"))
}

#[test]
fn the_interpreter_and_a_solver_agree_on_predicates() {
    let Some((agreed, differences)) = campaign(1, 60, Duration::from_secs(20)) else {
        eprintln!("skipped: there is no solver of SMT-LIB (interlock tools install z3)");
        return;
    };
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(agreed > 10, "only {agreed} cases were decided");
}

#[test]
#[ignore = "as long as it is told to be"]
fn a_campaign_of_predicates() {
    let (first, cases) = (super::number("INTERLOCK_FUZZ_SEED", 1), super::number("INTERLOCK_FUZZ_CASES", 1000));
    let limit = Duration::from_secs(super::number("INTERLOCK_FUZZ_SECONDS", 3600));
    let (agreed, differences) = campaign(first, cases, limit).expect("a solver");
    differences.iter().take(10).for_each(|one| eprintln!("{one}"));
    eprintln!("{agreed} agreed");
    assert!(differences.is_empty(), "{} differences", differences.len());
}
