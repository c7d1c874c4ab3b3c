//! A process that answers, for as long as it is needed.

use crate::process::{Job, end, spawn_talking};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// How often it is asked whether to stop.
const PERIOD: Duration = Duration::from_millis(10);

/// Most bytes of one answer.
const MOST_BYTES: usize = 256 << 20;

/// Longest line.
const LONGEST_LINE: u64 = 64 << 20;

/// Lines that wait to be read.
const WAITING: usize = 1024;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The process cannot be started.
    #[error("it cannot be started: {0}")]
    Start(String),
    /// Somebody asked to stop.
    #[error("it was stopped")]
    Stopped,
    /// It was silent for longer than it may be.
    #[error("it gave no answer within {0} s")]
    Silent(u64),
    /// It ended.
    #[error("it ended without an answer{0}")]
    Ended(String),
    /// It wrote more than is read.
    #[error("it wrote more than is read")]
    WroteTooMuch,
}

/// A running solver.
pub struct Session {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    complaint: Receiver<String>,
    /// Why there are no further answers.
    over: Option<SessionError>,
    asked: u64,
    patience: Option<Duration>,
}

impl Session {
    /// Starts one, in a process group of its own, with a limit of its address space and of the time for one answer.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(job: &Job, memory: Option<u64>, patience: Option<Duration>) -> Result<Self, SessionError> {
        let mut child = spawn_talking(job, memory).map_err(|error| SessionError::Start(error.to_string()))?;
        let (sender, lines) = sync_channel(WAITING);
        let (told, complaint) = sync_channel(1);
        if let Some(output) = child.stdout.take() {
            std::thread::spawn(move || read_lines(output, &sender));
        }
        if let Some(errors) = child.stderr.take() {
            std::thread::spawn(move || {
                let mut text = Vec::new();
                // A stream that breaks ends there.
                let _ = errors.take(4096).read_to_end(&mut text);
                let _ = told.try_send(String::from_utf8_lossy(&text).trim().to_owned());
            });
        }
        let input = child.stdin.take();
        Ok(Self { child, input, lines, complaint, over: None, asked: 0, patience })
    }

    /// Sends commands and gives back all that is written in answer; `stop` is asked now and then.
    ///
    /// # Errors
    /// If there is no answer; there will be none from then on.
    pub fn ask(&mut self, commands: &str, stop: &dyn Fn() -> bool) -> Result<String, SessionError> {
        if let Some(over) = &self.over {
            return Err(over.clone());
        }
        let answer = self.answer(commands, stop);
        if let Err(error) = &answer {
            self.over = Some(error.clone());
            // It is over; that it cannot be killed twice does no harm.
            let _ = end(&mut self.child);
        }
        answer
    }

    fn answer(&mut self, commands: &str, stop: &dyn Fn() -> bool) -> Result<String, SessionError> {
        self.asked += 1;
        let mark = format!("answered-{}", self.asked);
        let begun = Instant::now();
        let text = format!("{commands}\n(echo \"{mark}\")\n");
        // The solver reads while it writes nothing, or its lines are taken by a thread: neither waits for the other.
        let Some(input) = &mut self.input else { return Err(SessionError::Ended(String::new())) };
        if input.write_all(text.as_bytes()).and_then(|()| input.flush()).is_err() {
            return Err(self.ended());
        }
        let mut answer = String::new();
        loop {
            match self.lines.recv_timeout(PERIOD) {
                Ok(line) if line.trim().trim_matches('"') == mark => return Ok(answer),
                Ok(line) => {
                    answer.push_str(&line);
                    answer.push('\n');
                    if answer.len() > MOST_BYTES {
                        return Err(SessionError::WroteTooMuch);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Err(self.ended()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if stop() {
                return Err(SessionError::Stopped);
            }
            if let Some(patience) = self.patience.filter(|patience| begun.elapsed() > *patience) {
                return Err(SessionError::Silent(patience.as_secs()));
            }
        }
    }

    /// It ended; what it said of it.
    fn ended(&mut self) -> SessionError {
        let said = self.complaint.recv_timeout(Duration::from_millis(500)).unwrap_or_default();
        let line = said.lines().next().unwrap_or_default();
        SessionError::Ended(if line.is_empty() { String::new() } else { format!(": {line}") })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.over.is_none() {
            self.input = None;
            // The group is gone then, whatever the solver was doing.
            let _ = end(&mut self.child);
        }
    }
}

fn read_lines(output: impl Read, lines: &SyncSender<String>) {
    let mut output = BufReader::new(output);
    loop {
        let mut line = Vec::new();
        match (&mut output).take(LONGEST_LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                let text = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned();
                if lines.send(text).is_err() {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Invocation;

    /// A script that answers each `check-sat` as told and echoes marks as solvers do.
    fn session(on_check: &str, patience: Option<Duration>) -> Session {
        let text = format!(
            "while read -r line; do case \"$line\" in \
             '(check-sat)') {on_check} ;; \
             '(echo '*) line=${{line#*\\\"}}; printf '%s\\n' \"${{line%\\\"*}}\" ;; \
             esac; done"
        );
        let job = Job::new(&Invocation::plain("/bin/sh"), ["-c", text.as_str()]);
        Session::start(&job, None, patience).expect("a shell")
    }

    #[test]
    fn what_is_written_before_the_mark_is_the_answer() {
        let mut session = session("echo unsat", None);
        assert_eq!(session.ask("(assert true)", &|| false), Ok(String::new()));
        assert_eq!(session.ask("(check-sat)", &|| false), Ok("unsat\n".to_owned()));
    }

    #[test]
    fn one_that_ends_has_no_answer_and_none_later() {
        let mut session = session("echo oh no >&2; exit 3", None);
        let over = session.ask("(check-sat)", &|| false).expect_err("it ended");
        assert_eq!(over, SessionError::Ended(": oh no".to_owned()));
        assert_eq!(session.ask("(check-sat)", &|| false), Err(over));
    }

    #[test]
    fn silence_and_a_request_to_stop_end_it() {
        let mut silent = session("sleep 1000", Some(Duration::from_millis(50)));
        assert!(matches!(silent.ask("(check-sat)", &|| false), Err(SessionError::Silent(_))));
        let mut stopped = session("sleep 1000", None);
        assert_eq!(stopped.ask("(check-sat)", &|| true), Err(SessionError::Stopped));
    }

    #[test]
    fn a_program_that_is_not_there_cannot_be_started() {
        let job = Job::new(&Invocation::plain("/no/such/solver"), [""; 0]);
        assert!(matches!(Session::start(&job, None, None), Err(SessionError::Start(_))));
    }
}
