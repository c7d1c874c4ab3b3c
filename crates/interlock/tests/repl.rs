//! Expressions on the command line and in the REPL.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn interlock() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tlc")).env_remove("TLA_LIBRARY");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn repl(arguments: &[&str], lines: &str) -> Output {
    let mut child = interlock().args(["tla", "repl"]).args(arguments).spawn().expect("the program");
    child.stdin.take().expect("stdin").write_all(lines.as_bytes()).expect("lines");
    child.wait_with_output().expect("the end")
}

fn eval(arguments: &[&str]) -> (String, String, i32) {
    let output = interlock().args(["tla", "eval"]).args(arguments).output().expect("the program");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr), output.status.code().unwrap_or(-1))
}

#[test]
fn an_expression_has_a_value() {
    for (expression, value) in [
        ("1 + 1", "2"),
        ("-7 % 3", "2"),
        ("{x \\in 1..10 : x % 3 = 0}", "{3, 6, 9}"),
        ("SUBSET {1, 2}", "{{}, {1}, {2}, {1, 2}}"),
        ("[x \\in {\"a\"} |-> Append(<<1>>, 2)]", "[a |-> <<1, 2>>]"),
        ("CHOOSE x \\in 1..3 : x > 1", "2"),
        ("Nat", "Nat"),
    ] {
        assert_eq!(eval(&[expression]), (format!("{value}\n"), String::new(), 0), "{expression}");
    }
    // A flag may stand behind the expression.
    assert_eq!(eval(&["-1 + 2", "--extend", "Bags"]), ("1\n".to_owned(), String::new(), 0));
}

#[test]
fn a_specification_is_the_context() {
    assert_eq!(eval(&["Slots", "Threads \\X {1}"]).0, "{<<t1, 1>>, <<t2, 1>>}\n");
    let (value, message, code) = eval(&["Slots", "free"]);
    assert!(value.is_empty() && message.contains("depends on variables") && code == 75, "{message}");
    let (_, message, code) = eval(&["Count", "y[3]"]);
    assert!(message.contains("depends on variables") && code == 75, "{message}");
    let (_, message, code) = eval(&["NoSuchSpec", "1"]);
    assert!(message.contains("`NoSuchSpec`") && code == 150, "{message}");
    assert_eq!(eval(&["--extend", "Bitwise", "5 & 3"]).0, "1\n");
}

#[test]
fn a_mistake_is_shown_with_a_caret() {
    let (value, message, code) = eval(&["Head(<<>>)"]);
    assert!(value.is_empty() && message.contains("3 | Head(<<>>)\n  | ^^^^^^^^^^") && code == 75, "{message}");
    let (_, message, code) = eval(&["1 + zz"]);
    assert!(message.contains("3 | 1 + zz\n  |     ^^") && code == 150, "{message}");
    let (_, message, code) = eval(&["PrintT(\"said\")"]);
    assert!(message.contains("said") && code == 0, "{message}");
}

#[test]
fn definitions_stay_and_can_be_replaced() {
    let output = repl(
        &[],
        "F(x) ==\n  x + 1\n\nG == F(1)\nG\nF(x) == x\nG\nf[n \\in 0..5] == IF n = 0 THEN 1 ELSE n * f[n - 1]\nf[5]\n:defs\n",
    );
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let defs = "F(x) == x\nG == F(1)\nf[n \\in 0..5] == IF n = 0 THEN 1 ELSE n * f[n - 1]\n";
    assert_eq!(text, format!("2\n1\n120\n{defs}Modules: Integers, Sequences, FiniteSets, Bags, TLC\n"));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn commands_load_and_a_mistake_does_not_end_the_session() {
    let output = repl(&[], ":load Slots Careless.cfg\nCareless\nzz\nF(x == 1\n\n:bogus\n:load\n:quit\n1\n");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut rest = text.as_str();
    for part in ["Slots is loaded.\nTRUE\n", "`zz` is not defined", "error", "no command `:bogus`", ":load needs"] {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part} is missing in\n{text}"));
        rest = &rest[at + part.len()..];
    }
    assert_eq!(output.status.code(), Some(75), "a pipe with a mistake in it is a failed test");
    let output = repl(&["Slots"], "Threads\n");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "{t1, t2}\n");
}

/// The REPL at a terminal, which `script` makes.
#[cfg(unix)]
struct Terminal {
    child: std::process::Child,
    shown: String,
}

#[cfg(unix)]
impl Terminal {
    /// Nothing where there is no `script` of util-linux.
    #[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
    fn open() -> Option<Self> {
        let known = Command::new("script").arg("--version").output();
        if !known.is_ok_and(|known| String::from_utf8_lossy(&known.stdout).contains("util-linux")) {
            eprintln!("skipped: there is no `script` of util-linux");
            return None;
        }
        // Without `exec` some shells stay, and Ctrl-C ends them beside the evaluation: `script` then reports their end.
        let command = format!("exec '{}' tla repl", env!("CARGO_BIN_EXE_interlock"));
        let mut script = Command::new("script");
        script.args(["-qec", &command, "/dev/null"]).env("TERM", "xterm").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut terminal = Self { child: script.spawn().ok()?, shown: String::new() };
        terminal.until("tla> ");
        Some(terminal)
    }

    fn press(&mut self, keys: &str) {
        self.child.stdin.as_mut().expect("stdin").write_all(keys.as_bytes()).expect("keys");
    }

    /// Reads until a text is shown that was not before.
    fn until(&mut self, text: &str) {
        use std::io::Read;
        let begin = self.shown.len();
        let mut byte = [0];
        while !self.shown[begin..].contains(text) {
            let read = self.child.stdout.as_mut().expect("stdout").read(&mut byte).expect("output");
            assert!(read == 1, "{text:?} was not shown:\n{}", self.shown);
            self.shown.push(char::from(byte[0]));
        }
    }

    /// Reads until nothing more is shown, which is when the REPL has ended by itself: `script` reports an error when its own
    /// input ends while the program that it runs is ending, and `wait` alone would close that input.
    fn ends(&mut self) -> bool {
        use std::io::Read;
        let mut rest = Vec::new();
        self.child.stdout.as_mut().expect("stdout").read_to_end(&mut rest).expect("output");
        self.shown.push_str(&String::from_utf8_lossy(&rest));
        self.child.wait().expect("the end").success()
    }
}

/// Each line is shown once, and answered once, whether it was pressed at the prompt, together with others, or while an
/// evaluation ran.
#[cfg(unix)]
#[test]
fn keys_that_are_pressed_ahead_are_not_lost() {
    let Some(mut terminal) = Terminal::open() else { return };
    terminal.press("1 + 10\r2 + 20\r3 +");
    terminal.until("\r\n22\r\n");
    terminal.press(" 30\r");
    terminal.until("\r\n33\r\n");
    terminal.press("Cardinality({x \\in SUBSET (1..18) : Cardinality(x) = 3})\r");
    terminal.until("= 3})");
    terminal.press("4 + 4");
    terminal.press("1\x7f0\r:quit\r");
    terminal.until("816\r\n");
    terminal.until("\r\n44\r\n");
    assert!(terminal.ends(), "{}", terminal.shown);
    for line in ["1 + 10", "2 + 20", "3 +", " 30"] {
        assert_eq!(terminal.shown.matches(line).count(), 1, "{line:?}:\n{}", terminal.shown);
    }
}

/// Ctrl-C while something is evaluated ends that, and not the REPL.
#[cfg(unix)]
#[test]
fn an_evaluation_is_interrupted() {
    let Some(mut terminal) = Terminal::open() else { return };
    terminal.press("PrintT(1000 + 1) /\\ Cardinality({x \\in SUBSET (1..40) : Cardinality(x) = 3}) = 0\r");
    // Before the evaluation has begun the key is the editor's.
    terminal.until("1001");
    terminal.press("\x03");
    terminal.until("interrupted");
    terminal.press("6 * 7\r");
    terminal.until("\r\n42\r\n");
    terminal.press("\x04");
    assert!(terminal.ends(), "{}", terminal.shown);
}
