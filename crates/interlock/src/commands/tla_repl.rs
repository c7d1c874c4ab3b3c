//! `interlock tla repl`: expressions and definitions, one after the other.
//!
//! At a terminal lines can be edited and recalled; from a pipe they are read as they are, without prompts, so that a file
//! of lines is a test. A line with an open bracket, or one that ends in an operator that needs more, goes on in the next.

use super::keyboard::{Keyboard, Patience};
use super::tla_eval::{Printed, open};
use crate::cli::TlaReplArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::tla::session::{NoValue, Session};
use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;
use std::io::{BufRead, IsTerminal};
use std::path::Path;
use verdict::ExitCode;

const HELP: &str = "\
EXPRESSION          its value
NAME == EXPRESSION  a definition, also OP(x) == … and f[x \\in S] == …; one of the same name is replaced
:load SPEC [CFG]    start again with the definitions of a specification and the constants of its configuration
:extend MODULE      also know the definitions of a module
:defs               what was defined here, and which modules are known
:help               this text
:quit               the end; so does Ctrl-D
Ctrl-C              ends an evaluation; what is typed while one runs is taken after it
A line with an open bracket, or one that ends in == or an operator, goes on in the next.
";

/// Runs the command.
pub fn run(args: &TlaReplArgs, console: &Console) -> Result<u8, CommandError> {
    let session = open(args.spec.as_deref(), &args.places)
        .map_err(|error| CommandError::new(ExitCode::Parse, error.text.trim_end(), ""))?;
    let mut repl = Repl { session, args, console, patience: Patience::default(), failed: false };
    if std::io::stdin().is_terminal() {
        repl.at_terminal()?;
        return Ok(0);
    }
    repl.read_pipe()?;
    // A file of lines is a test.
    Ok(if repl.failed { ExitCode::Evaluation.code() } else { 0 })
}

struct Repl<'a> {
    session: Session,
    args: &'a TlaReplArgs,
    console: &'a Console,
    patience: Patience,
    failed: bool,
}

impl Repl<'_> {
    fn at_terminal(&mut self) -> Result<(), CommandError> {
        let broken = |error: ReadlineError| {
            CommandError::new(ExitCode::System, format!("the terminal cannot be read: {error}"), "")
        };
        let mut editor = DefaultEditor::new().map_err(broken)?;
        let _quiet = Keyboard::quiet(&self.patience);
        let known = self.session.modules().join(", ");
        self.console.result(&format!("TLA+ of Interlock {}; {known}; :help for help\n", env!("CARGO_PKG_VERSION")));
        let mut pending = String::new();
        loop {
            let prompt = if pending.is_empty() { "tla> " } else { "...> " };
            match editor.readline(prompt) {
                Ok(line) => {
                    let Some(text) = complete(&mut pending, &line) else { continue };
                    // Recalling a line is a comfort; nothing depends on it.
                    let _ = editor.add_history_entry(&text);
                    if self.take(&text) {
                        return Ok(());
                    }
                }
                Err(ReadlineError::Interrupted) => pending.clear(),
                Err(ReadlineError::Eof) => return Ok(()),
                Err(error) => return Err(broken(error)),
            }
        }
    }

    fn read_pipe(&mut self) -> Result<(), CommandError> {
        let mut pending = String::new();
        for line in std::io::stdin().lock().lines() {
            let line = line.map_err(|error| {
                CommandError::new(ExitCode::System, format!("stdin cannot be read: {error}"), "lines are UTF-8")
            })?;
            if let Some(text) = complete(&mut pending, &line)
                && self.take(&text)
            {
                return Ok(());
            }
        }
        if !pending.is_empty() {
            self.take(&pending);
        }
        Ok(())
    }

    /// Takes a line; whether it was the last.
    fn take(&mut self, text: &str) -> bool {
        let text = text.trim();
        let mut words = text.split_whitespace();
        match words.next() {
            None => {}
            Some(":quit" | ":q" | ":exit") => return true,
            Some(":help" | ":h" | ":?") => self.console.result(HELP),
            Some(":defs") => {
                let mut told: String = self.session.definitions().map(|text| format!("{text}\n")).collect();
                told.push_str(&format!("Modules: {}\n", self.session.modules().join(", ")));
                self.console.result(&told);
            }
            Some(":extend") => match words.next() {
                Some(module) => {
                    let extended = self.session.extend(module);
                    self.say(extended.map(|()| format!("{module} is known.\n")));
                }
                None => self.say(Err(misuse(":extend needs the name of a module, as in `:extend Bitwise`"))),
            },
            Some(":load") => match words.next() {
                Some(spec) => {
                    let config = words.next().map(Into::into).or_else(|| self.args.places.config.clone());
                    let places = crate::cli::SessionPlaces { config, ..self.args.places.clone() };
                    let loaded = open(Some(Path::new(spec)), &places).map(|session| {
                        self.session = session;
                        format!("{spec} is loaded.\n")
                    });
                    self.say(loaded);
                }
                None => self.say(Err(misuse(":load needs a specification, as in `:load Spec.tla Small.cfg`"))),
            },
            Some(command) if command.starts_with(':') => {
                self.say(Err(misuse(&format!("there is no command `{command}`; :help lists them"))));
            }
            Some(_) => self.evaluate(text),
        }
        false
    }

    /// A definition if it can be read as one, else an expression. What cannot be read at all is told as whichever it looks
    /// like.
    fn evaluate(&mut self, text: &str) {
        self.patience.renew();
        let printed = Printed { console: self.console, patience: Some(&self.patience) };
        let value = self.session.evaluate(text, &printed).map(|value| format!("{value}\n"));
        match value {
            Err(error) if !error.was_understood && text.contains("==") => {
                let defined = self.session.define(text).map(|()| String::new());
                self.say(defined);
            }
            value => self.say(value),
        }
    }

    fn say(&mut self, answer: Result<String, NoValue>) {
        match answer {
            Ok(text) => self.console.result(&text),
            Err(error) => {
                self.failed = true;
                self.console.result(&error.text);
            }
        }
    }
}

fn misuse(text: &str) -> NoValue {
    NoValue { text: format!("error: {text}\n"), was_understood: false }
}

/// Adds a line to what is pending; hands out the whole when nothing is missing. An empty line ends what is pending.
fn complete(pending: &mut String, line: &str) -> Option<String> {
    let ends = line.trim().is_empty() && !pending.is_empty();
    pending.push_str(line);
    pending.push('\n');
    if !ends && needs_more(pending) {
        return None;
    }
    Some(std::mem::take(pending))
}

/// Whether more lines are expected. A guess for comfort: an empty line ends it, and what is read is read by the parser.
fn needs_more(text: &str) -> bool {
    let count = |parts: &[&str]| -> usize { parts.iter().map(|part| text.matches(part).count()).sum() };
    let open = count(&["(", "[", "{", "<<"]) > count(&[")", "]", "}", ">>"]);
    let last = text.trim_end();
    let dangling = ["==", "/\\", "\\/", "=>", "\\in", ":", ",", "+", "=", "THEN", "ELSE", "IN", "LET"];
    !last.starts_with(':') && (open || dangling.iter().any(|end| last.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_while_something_is_missing() {
        let mut pending = String::new();
        assert_eq!(complete(&mut pending, "1 + 1").as_deref(), Some("1 + 1\n"));
        assert_eq!(complete(&mut pending, "F(x) =="), None);
        assert_eq!(complete(&mut pending, "  x + 1").as_deref(), Some("F(x) ==\n  x + 1\n"));
        assert_eq!(complete(&mut pending, "{1,"), None);
        assert_eq!(complete(&mut pending, "").as_deref(), Some("{1,\n\n"));
        assert_eq!(complete(&mut pending, ":help").as_deref(), Some(":help\n"));
    }
}
