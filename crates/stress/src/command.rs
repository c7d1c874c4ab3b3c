//! Any program as a workload: a command that runs operations on many threads and says on its standard output what came of
//! them, one JSON object a line.
//!
//! What it is to do stands in variables: `INTERLOCK_STRESS_THREADS`, `_OPERATIONS` (of each kernel by each thread) or
//! `_SECONDS`, `_SEED`, `_WORKLOADS` (with commas) and `_SCENARIO`. It answers with a `hello` (the protocol's version, its
//! threads, what it runs on), any number of `memory` and `finding` lines, one `kernel` line for each kernel, and a `done` that
//! repeats the sum. The sum is how a run that was cut off, or that did less than it says, is told from one that came to its
//! end. Lines that do not begin with a brace are what libraries print, and passed over.
//!
//! The command compares its results itself; what it says of them is its word. What is asked here is whether it did what it
//! was asked to do at all.

use crate::case::Difference;
use crate::growth::{Growth, WARM_UP};
use crate::noise::NoiseUsed;
use crate::outcome::{Finding, KernelFigures, Outcome, TOLD};
use crate::plan::{Amount, Plan};
use crate::run::grown;
use external::{Ending, Finished, Invocation, Job, Limits};
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;

/// The version of the protocol.
pub const PROTOCOL: u32 = 1;

/// How much longer than its `--seconds` a command may take: compilers and models are loaded first.
pub const START: Duration = Duration::from_secs(600);

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandTarget {
    /// What a shell is given.
    pub command: String,
    /// Where it runs; here if there is none.
    pub folder: Option<PathBuf>,
    /// How long it may take at most.
    pub time: Duration,
}

/// A command gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// It cannot be started.
    #[error("the command cannot be started: {0}")]
    NotStarted(String),
    /// It ended without a sound answer.
    #[error("{0}")]
    Unsound(String),
    /// A signal ended it in the middle of its work, which is something to find again.
    #[error("the command crashed (signal {0}) after it had begun")]
    Crashed(i32),
    /// The user wanted it to end.
    #[error("it was interrupted")]
    Interrupted,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line {
    Hello { protocol: u32, threads: usize, device: String },
    Memory { done: f64, bytes: u64 },
    Finding(Told),
    Kernel { kernel: String, operations: u64, errors: u64, p50_us: f64, p99_us: f64 },
    Done { operations: u64, errors: u64, wall_s: f64 },
}

#[derive(Debug, Deserialize)]
struct Told {
    kernel: Option<String>,
    case: Option<usize>,
    thread: Option<usize>,
    operation: Option<u64>,
    what: String,
    element: Option<usize>,
    expected: Option<f32>,
    given: Option<f32>,
}

impl From<Told> for Finding {
    fn from(told: Told) -> Self {
        let difference = match (told.expected, told.given) {
            (Some(expected), Some(given)) => Some(Difference { element: told.element, expected, given, elements: 1 }),
            _ => None,
        };
        let Told { kernel, case, thread, operation, what, .. } = told;
        Self { kernel, case, thread, operation, what, of_input: false, difference }
    }
}

/// Has a command run a plan.
///
/// # Errors
/// [`NoAnswer`] if it did not do what it was asked, or does not say so.
pub fn run(target: &CommandTarget, plan: &Plan, stop: &dyn Fn() -> bool) -> Result<Outcome, NoAnswer> {
    let mut job = Job::new(&Invocation::plain("/bin/sh"), ["-c", &target.command]);
    job.folder.clone_from(&target.folder);
    let names: Vec<&str> = plan.kernels.iter().map(|kernel| kernel.name()).collect();
    let amount = match plan.amount {
        Amount::Operations(each) => ("INTERLOCK_STRESS_OPERATIONS", each.to_string()),
        Amount::Time(time) => ("INTERLOCK_STRESS_SECONDS", time.as_secs_f64().to_string()),
    };
    let job = job
        .with_variable(amount.0, amount.1)
        .with_variable("INTERLOCK_STRESS_THREADS", plan.threads.to_string())
        .with_variable("INTERLOCK_STRESS_SEED", plan.seed.to_string())
        .with_variable("INTERLOCK_STRESS_WORKLOADS", names.join(","))
        .with_variable("INTERLOCK_STRESS_SCENARIO", plan.scenario.name());
    let finished = external::process::run(&job, &Limits::of_time(target.time), stop)
        .map_err(|error| NoAnswer::NotStarted(error.to_string()))?;
    read(&finished, plan, target.time)
}

fn read(finished: &Finished, plan: &Plan, time: Duration) -> Result<Outcome, NoAnswer> {
    let text = finished.text();
    let mut answer = Answer::default();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| line.starts_with('{')) {
        match serde_json::from_str(line) {
            Ok(line) => answer.take(line)?,
            // The last line of a command that was killed may be cut off; how it ended is told below.
            Err(_) if finished.ending != Ending::Exited(0) => {}
            Err(error) => {
                return Err(NoAnswer::Unsound(format!("line {} of the command's output: {error}", number + 1)));
            }
        }
    }
    let last_words = || finished.stderr.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("").to_owned();
    match finished.ending {
        Ending::Exited(0) => answer.judged(plan),
        Ending::Exited(code) => Err(NoAnswer::Unsound(format!("the command ended with code {code}: {}", last_words()))),
        Ending::Signalled(signal) if answer.device.is_some() => Err(NoAnswer::Crashed(signal)),
        Ending::Signalled(signal) => {
            Err(NoAnswer::Unsound(format!("the command crashed (signal {signal}) before it said hello")))
        }
        Ending::TimedOut => Err(NoAnswer::Unsound(format!("the command was stopped after {} s", time.as_secs()))),
        Ending::Interrupted => Err(NoAnswer::Interrupted),
        Ending::WroteTooMuch => Err(NoAnswer::Unsound("the command wrote more than is read".to_owned())),
    }
}

/// What a command has said so far.
#[derive(Default)]
struct Answer {
    device: Option<(String, usize)>,
    kernels: Vec<KernelFigures>,
    findings: Vec<Finding>,
    memory: Growth,
    done: Option<(u64, u64, f64)>,
}

impl Answer {
    fn take(&mut self, line: Line) -> Result<(), NoAnswer> {
        let unsound = |text: String| Err(NoAnswer::Unsound(text));
        match line {
            Line::Hello { protocol, .. } if protocol != PROTOCOL => {
                unsound(format!("the command speaks version {protocol} of the protocol, not {PROTOCOL}"))
            }
            Line::Hello { .. } if self.device.is_some() => unsound("the command says hello twice".to_owned()),
            Line::Hello { device, threads, .. } => {
                self.device = Some((device, threads));
                Ok(())
            }
            _ if self.device.is_none() => unsound("the command does not begin with a hello".to_owned()),
            _ if self.done.is_some() => unsound("the command goes on after it is done".to_owned()),
            Line::Memory { done, bytes } => {
                let memory = &mut self.memory;
                if done >= WARM_UP && memory.warm.is_none() {
                    memory.warm = Some(bytes);
                }
                memory.end = Some(bytes);
                memory.samples.push((done, bytes));
                Ok(())
            }
            Line::Finding(told) => {
                self.findings.push(told.into());
                Ok(())
            }
            Line::Kernel { kernel, .. } if self.kernels.iter().any(|known| known.kernel == kernel) => {
                unsound(format!("the command tells of {kernel} twice"))
            }
            Line::Kernel { kernel, operations, errors, p50_us, p99_us } => {
                self.kernels.push(KernelFigures { kernel, operations, errors, p50_us, p99_us, per_second: 0.0 });
                Ok(())
            }
            Line::Done { operations, errors, wall_s } => {
                self.done = Some((operations, errors, wall_s));
                Ok(())
            }
        }
    }

    /// The outcome, if the command did what it was asked.
    fn judged(mut self, plan: &Plan) -> Result<Outcome, NoAnswer> {
        let unsound = |text: String| Err(NoAnswer::Unsound(text));
        let Some((device, threads)) = self.device else { return unsound("the command said nothing".to_owned()) };
        let Some((operations, errors, wall_s)) = self.done else {
            return unsound("the command ended before it was done".to_owned());
        };
        if threads != plan.threads {
            return unsound(format!("the command ran {threads} threads, not {}", plan.threads));
        }
        let told: u64 = self.kernels.iter().map(|kernel| kernel.operations).sum();
        if told != operations {
            return unsound(format!("the command says {operations} operations, of its kernels {told}"));
        }
        for kernel in &plan.kernels {
            let done = self.kernels.iter().find(|known| known.kernel == kernel.name());
            let done = done.map_or(0, |known| known.operations);
            if let Amount::Operations(each) = plan.amount
                && done != each * plan.threads as u64
            {
                let wanted = each * plan.threads as u64;
                return unsound(format!("the command did {done} operations of {kernel}, not {wanted}"));
            }
        }
        let missing = plan
            .kernels
            .iter()
            .find(|kernel| !self.kernels.iter().any(|known| known.kernel == kernel.name() && known.operations > 0));
        let vacuous = missing.map(|kernel| format!("no operation of {kernel} came to its end"));
        let counted = self.kernels.iter().map(|kernel| kernel.errors).sum::<u64>();
        let errors = errors.max(counted).max(self.findings.len() as u64);
        self.kernels.iter_mut().for_each(|kernel| kernel.per_second = kernel.operations as f64 / wall_s.max(1e-9));
        let grown = grown(plan, &self.memory);
        let errors = errors + u64::from(grown.is_some());
        self.findings.splice(0..0, grown);
        self.findings.truncate(TOLD);
        Ok(Outcome {
            scenario: plan.scenario.name().to_owned(),
            backend: device,
            threads,
            seed: plan.seed,
            noise: "off".to_owned(),
            noise_used: NoiseUsed::default(),
            wall_s,
            kernels: self.kernels,
            refused_as_wanted: 0,
            events: 0,
            memory: self.memory,
            errors,
            findings: self.findings,
            complete: true,
            vacuous,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Kernel;
    use crate::noise::Level;
    use crate::plan::{MOST_GROWTH, PATIENCE, Scenario};
    use mps_runtime::Mutations;

    const HELLO: &str = r#"{"event":"hello","protocol":1,"threads":2,"device":"cpu"}"#;
    const KERNEL: &str = r#"{"event":"kernel","kernel":"add","operations":6,"errors":0,"p50_us":1.5,"p99_us":9.5}"#;
    const DONE: &str = r#"{"event":"done","operations":6,"errors":0,"wall_s":0.5}"#;

    fn plan() -> Plan {
        Plan {
            kernels: vec![Kernel::Add],
            threads: 2,
            amount: Amount::Operations(3),
            scenario: Scenario::Steady,
            seed: 1,
            noise: Level::Off,
            engines: 1,
            most_growth: MOST_GROWTH,
            patience: PATIENCE,
            mutations: Mutations::NONE,
        }
    }

    fn answer(script: &str) -> Result<Outcome, NoAnswer> {
        let target = CommandTarget { command: script.to_owned(), folder: None, time: Duration::from_secs(60) };
        run(&target, &plan(), &|| false)
    }

    fn lines(lines: &[&str]) -> Result<Outcome, NoAnswer> {
        answer(&lines.iter().map(|line| format!("echo '{line}'\n")).collect::<String>())
    }

    #[test]
    fn a_command_that_did_what_it_was_asked_is_believed() {
        let outcome = lines(&["a library warns", HELLO, KERNEL, DONE]).expect("a sound answer");
        assert_eq!((outcome.operations(), outcome.errors, outcome.backend.as_str()), (6, 0, "cpu"));
        assert!((outcome.per_second() - 12.0).abs() < 1e-9);
    }

    #[test]
    fn what_it_finds_counts_whatever_its_sums_say() {
        let finding = r#"{"event":"finding","kernel":"add","case":3,"thread":1,"operation":4,"what":"wrong","element":2,"expected":1.0,"given":2.0}"#;
        let outcome = lines(&[HELLO, finding, KERNEL, DONE]).expect("a sound answer");
        assert_eq!(outcome.errors, 1);
        let told = outcome.findings[0].sentence();
        assert!(told.contains("add, case 3, thread 1, operation 4: wrong; element 2 is 2.0 instead of 1.0"), "{told}");
    }

    #[test]
    fn memory_that_grows_beyond_what_is_allowed_is_an_error() {
        let memory = |done: f64, mib: u64| format!(r#"{{"event":"memory","done":{done},"bytes":{}}}"#, mib << 20);
        let run = |end: u64| lines(&[HELLO, &memory(0.1, 10), &memory(0.3, 100), &memory(1.0, end), KERNEL, DONE]);
        assert_eq!(run(150).map(|outcome| outcome.errors), Ok(0));
        let outcome = run(200).expect("a sound answer");
        assert_eq!(outcome.errors, 1);
        assert!(outcome.findings[0].what.contains("grew by 100.0 MiB"), "{:?}", outcome.findings);
    }

    #[test]
    fn a_command_that_did_not_do_its_work_is_not_believed() {
        let fewer = KERNEL.replace("\"operations\":6", "\"operations\":5");
        let alone = HELLO.replace("\"threads\":2", "\"threads\":1");
        let future = HELLO.replace("\"protocol\":1", "\"protocol\":2");
        for (output, complaint) in [
            (&[][..], "said nothing"),
            (&[HELLO, KERNEL], "before it was done"),
            (&[KERNEL, DONE], "does not begin with a hello"),
            (&[HELLO, &fewer, DONE], "6 operations, of its kernels 5"),
            (&[HELLO, DONE], "of its kernels 0"),
            (&[&alone, KERNEL, DONE], "ran 1 threads, not 2"),
            (&[&future, KERNEL, DONE], "version 2"),
            (&[HELLO, KERNEL, KERNEL, DONE], "add twice"),
            (&[HELLO, "{nonsense", KERNEL, DONE], "line 2"),
        ] {
            let refused = lines(output).expect_err(complaint).to_string();
            assert!(refused.contains(complaint), "{refused}");
        }
        let less = lines(&[HELLO, &fewer, &DONE.replace('6', "5")]).expect_err("less than it was asked");
        assert!(less.to_string().contains("did 5 operations of add, not 6"), "{less}");
    }

    #[test]
    fn how_a_command_ends_matters() {
        let told = |script: String| answer(&script).expect_err("no answer");
        let all = format!("echo '{HELLO}'; echo '{KERNEL}'; echo '{DONE}'");
        assert!(told(format!("{all}; echo no device >&2; exit 3")).to_string().contains("code 3: no device"));
        assert_eq!(told(format!("echo '{HELLO}'; kill -SEGV $$")), NoAnswer::Crashed(11));
        assert!(told("kill -SEGV $$".to_owned()).to_string().contains("before it said hello"));
    }

    #[test]
    fn what_it_is_to_do_stands_in_variables() {
        let script = format!(
            "test \"$INTERLOCK_STRESS_THREADS $INTERLOCK_STRESS_OPERATIONS $INTERLOCK_STRESS_SEED $INTERLOCK_STRESS_WORKLOADS $INTERLOCK_STRESS_SCENARIO\" = '2 3 1 add steady' || exit 9\necho '{HELLO}'; echo '{KERNEL}'; echo '{DONE}'"
        );
        assert_eq!(answer(&script).map(|outcome| outcome.operations()), Ok(6));
    }
}
