//! Running a tool under limits, so that it ends whatever it does.
//!
//! A tool gets a process group of its own, because provers start compilers and solvers: at the end, however it came, the
//! whole group is killed, so nothing survives a time-out and no grandchild keeps a pipe open. The group is killed while
//! its leader has ended but is not yet waited for, since until then the number of the group cannot be given to anybody
//! else. The limit of memory is that of the address space (`setrlimit(RLIMIT_AS)`), set by the shell's `ulimit` before
//! the tool replaces it, which needs no code of ours between `fork` and `exec`.
//!
//! This is the one place of the crate with a clock: what is outside can be held to nothing else.

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often a running tool is looked at.
const PERIOD: Duration = Duration::from_millis(10);

/// The shell's words that set the limits and then become the tool. `$1` is the limit in KiB.
const LIMITED: &str = r#"ulimit -c 0; ulimit -v "$1" || exit 127; shift; exec "$@""#;

/// A program, and what stands before its own arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The file that is started.
    pub program: PathBuf,
    /// First arguments: for a tool in a private prefix those of its loader, and the tool itself.
    pub leading: Vec<OsString>,
    /// The tool as a person calls it.
    pub shown: PathBuf,
}

impl Invocation {
    /// A program that is started as it is.
    pub fn plain(program: impl Into<PathBuf>) -> Self {
        let program = program.into();
        Self { shown: program.clone(), program, leading: Vec::new() }
    }
}

/// What is to be run.
#[derive(Debug, Clone)]
pub struct Job {
    /// The program.
    pub invocation: Invocation,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Working folder; that of this process if there is none.
    pub folder: Option<PathBuf>,
    /// Variables that are set besides those of this process.
    pub variables: Vec<(String, OsString)>,
}

impl Job {
    /// A program with these arguments.
    pub fn new(invocation: &Invocation, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        let arguments = arguments.into_iter().map(Into::into).collect();
        // Messages are read by a program: no translation, no colour.
        let variables = vec![("LC_ALL".to_owned(), "C.UTF-8".into()), ("TERM".to_owned(), "dumb".into())];
        Self { invocation: invocation.clone(), arguments, folder: None, variables }
    }

    /// In this folder.
    #[must_use]
    pub fn in_folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_path_buf());
        self
    }

    /// With this variable.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// The command as a person would type it.
    pub fn shown(&self) -> String {
        let words = self.arguments.iter().map(|word| word.to_string_lossy().into_owned());
        std::iter::once(self.invocation.shown.display().to_string()).chain(words).collect::<Vec<_>>().join(" ")
    }

    fn command(&self, limits: &Limits) -> Command {
        let mut command = match limits.memory {
            None => Command::new(&self.invocation.program),
            Some(bytes) => {
                let mut shell = Command::new("/bin/sh");
                shell.args(["-c", LIMITED, "interlock"]).arg((bytes / 1024).to_string()).arg(&self.invocation.program);
                shell
            }
        };
        command.args(&self.invocation.leading).args(&self.arguments);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        command
    }
}

/// What a tool may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Time until it is killed.
    pub time: Duration,
    /// Address space in bytes; `None` where the tool reserves more than it uses (sanitisers, Java).
    pub memory: Option<u64>,
    /// Most bytes that are read of either of its streams.
    pub output: u64,
}

impl Limits {
    /// This much time, and nothing unusual else.
    pub fn of_time(time: Duration) -> Self {
        Self { time, memory: None, output: 256 << 20 }
    }

    /// With a limit of the address space.
    #[must_use]
    pub fn with_memory(mut self, bytes: Option<u64>) -> Self {
        self.memory = bytes;
        self
    }
}

/// How a tool ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this code.
    Exited(i32),
    /// By a signal that was not ours.
    Signalled(i32),
    /// Killed because its time was up.
    TimedOut,
    /// Killed because somebody asked for the run to stop.
    Interrupted,
    /// Killed because it wrote more than is read.
    WroteTooMuch,
}

/// What came of a run.
#[derive(Debug, Clone)]
pub struct Finished {
    /// How it ended.
    pub ending: Ending,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error, with what is no UTF-8 replaced.
    pub stderr: String,
    /// How long it took.
    pub wall: Duration,
    /// Most memory that the process itself was seen to hold, in bytes.
    pub peak_bytes: u64,
}

impl Finished {
    /// Standard output as text, with what is no UTF-8 replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Whether it ended by itself with code 0.
    pub fn succeeded(&self) -> bool {
        self.ending == Ending::Exited(0)
    }
}

/// Runs a tool to its end, or to that of its limits; `stop` is asked now and then.
///
/// # Errors
/// If it cannot be started or waited for.
pub fn run(job: &Job, limits: &Limits, stop: &dyn Fn() -> bool) -> io::Result<Finished> {
    let started = Instant::now();
    let mut child = job.command(limits).spawn()?;
    let overflow = AtomicBool::new(false);
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        let read = |stream| read_up_to(stream, limits.output, &overflow);
        let stdout = scope.spawn(move || read(stdout.map(|stream| Box::new(stream) as Box<dyn Read + Send>)));
        let stderr = scope.spawn(move || read(stderr.map(|stream| Box::new(stream) as Box<dyn Read + Send>)));
        let mut peak_bytes = 0;
        let cut = watch(&child, || {
            peak_bytes = peak_bytes.max(peak_of(child.id()));
            match () {
                () if overflow.load(Ordering::Relaxed) => Some(Ending::WroteTooMuch),
                () if stop() => Some(Ending::Interrupted),
                () if started.elapsed() >= limits.time => Some(Ending::TimedOut),
                () => None,
            }
        });
        let status = end(&mut child)?;
        let ending = cut?.unwrap_or_else(|| ending_of(status));
        let stdout = stdout.join().unwrap_or_default();
        let stderr = String::from_utf8_lossy(&stderr.join().unwrap_or_default()).into_owned();
        // The last bytes may have been too many after the process had ended.
        let ending = if overflow.load(Ordering::Relaxed) { Ending::WroteTooMuch } else { ending };
        Ok(Finished { ending, stdout, stderr, wall: started.elapsed(), peak_bytes })
    })
}

/// Starts a tool that is talked to: its standard input is ours.
pub(crate) fn spawn_talking(job: &Job, memory: Option<u64>) -> io::Result<Child> {
    let limits = Limits::of_time(Duration::MAX).with_memory(memory);
    job.command(&limits).stdin(Stdio::piped()).spawn()
}

/// Waits until the leader has ended, without taking its status, or until there is a reason to end it.
fn watch(child: &Child, mut reason: impl FnMut() -> Option<Ending>) -> io::Result<Option<Ending>> {
    let pid = pid_of(child)?;
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    loop {
        if waitid(WaitId::Pid(pid), options)?.is_some() {
            return Ok(None);
        }
        if let Some(ending) = reason() {
            return Ok(Some(ending));
        }
        std::thread::sleep(PERIOD);
    }
}

/// Kills the whole group, then takes the leader's status.
pub(crate) fn end(child: &mut Child) -> io::Result<ExitStatus> {
    // Fails only if nobody of the group is left.
    let _ = kill_process_group(pid_of(child)?, Signal::KILL);
    child.wait()
}

fn pid_of(child: &Child) -> io::Result<Pid> {
    let number = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    number.ok_or_else(|| io::Error::other("the system gave a process no number"))
}

fn ending_of(status: ExitStatus) -> Ending {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Exited(code),
        (None, Some(signal)) => Ending::Signalled(signal),
        (None, None) => Ending::Signalled(0),
    }
}

/// What the system says of the most memory that a process has held.
fn peak_of(id: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0).saturating_mul(1024)
}

fn read_up_to(stream: Option<Box<dyn Read + Send>>, most: u64, overflow: &AtomicBool) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        // A stream that breaks ends there; whoever reads the text sees that it is incomplete.
        let _ = stream.take(most.saturating_add(1)).read_to_end(&mut bytes);
    }
    if bytes.len() as u64 > most {
        overflow.store(true, Ordering::Relaxed);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(text: &str, limits: &Limits) -> Finished {
        let job = Job::new(&Invocation::plain("/bin/sh"), ["-c", text]);
        run(&job, limits, &|| false).expect("a shell")
    }

    fn seconds(seconds: u64) -> Limits {
        Limits::of_time(Duration::from_secs(seconds))
    }

    #[test]
    fn streams_and_code_come_back() {
        let finished = shell("echo out; echo err >&2; exit 3", &seconds(60));
        assert_eq!((finished.text().as_str(), finished.stderr.as_str()), ("out\n", "err\n"));
        assert_eq!(finished.ending, Ending::Exited(3));
    }

    #[test]
    fn a_time_out_ends_the_whole_group() {
        let folder = tempfile::tempdir().expect("a folder");
        let mark = folder.path().join("pid");
        let text = format!("sleep 1000 & echo $! > '{}'; wait", mark.display());
        let finished = shell(&text, &Limits { time: Duration::from_millis(500), ..seconds(1) });
        assert_eq!(finished.ending, Ending::TimedOut);
        let pid = std::fs::read_to_string(mark).expect("the grandchild's number");
        let status = || std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        // A signal is delivered when the process is next looked at by the system.
        let is_gone = || status().is_empty() || status().contains(") Z ");
        let patience = (0..1000).take_while(|_| !is_gone()).inspect(|_| std::thread::sleep(PERIOD)).count();
        assert!(patience < 1000, "still alive: {}", status());
    }

    #[test]
    fn a_grandchild_that_keeps_the_pipe_open_does_not_hold_us_up() {
        let finished = shell("sleep 1000 & echo done", &seconds(600));
        assert_eq!((finished.text().as_str(), finished.ending), ("done\n", Ending::Exited(0)));
    }

    #[test]
    fn a_signal_is_no_exit_code() {
        assert_eq!(shell("kill -SEGV $$", &seconds(60)).ending, Ending::Signalled(11));
    }

    #[test]
    fn who_wants_more_memory_than_the_limit_does_not_get_it() {
        let text = "dd if=/dev/zero of=/dev/null bs=400M count=1 && echo got";
        let free = shell(text, &seconds(60));
        assert_eq!(free.text(), "got\n", "{}", free.stderr);
        let limited = shell(text, &seconds(60).with_memory(Some(100 << 20)));
        assert_eq!(limited.text(), "");
        assert_ne!(limited.ending, Ending::Exited(0));
    }

    #[test]
    fn endless_output_is_cut() {
        let finished = shell("yes", &Limits { output: 1 << 20, ..seconds(600) });
        assert_eq!(finished.ending, Ending::WroteTooMuch);
    }

    #[test]
    fn an_interrupt_ends_it() {
        let job = Job::new(&Invocation::plain("/bin/sleep"), ["1000"]);
        let finished = run(&job, &seconds(600), &|| true).expect("sleep");
        assert_eq!(finished.ending, Ending::Interrupted);
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error() {
        let job = Job::new(&Invocation::plain("/no/such/program"), [""; 0]);
        assert!(run(&job, &seconds(1), &|| false).is_err());
    }
}
