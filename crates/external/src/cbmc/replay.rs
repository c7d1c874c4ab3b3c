//! Replaying a counterexample: the program itself, on the path's values, under sanitisers.
//!
//! What CBMC found is run. The program is the text that CBMC's preprocessor produced, so lines and macros are those that it
//! saw; the functions that drew values get bodies that hand out the values of the path, one after the other;
//! `__CPROVER_assert` becomes a real check. The program is compiled by the system's compiler with AddressSanitizer and
//! UndefinedBehaviorSanitizer and run. Only if *this very assertion, at this very place* fails, or a sanitiser reports an
//! error at the line that CBMC names, is the counterexample replayed. An assertion that fails elsewhere on the way is passed
//! over, as CBMC passes over it. An assumption that does not hold, or a value asked for that the path does not have, means
//! that the run has left the path.
//!
//! The text is one file, which needs nothing else: it is kept with the run, so that anybody can compile it again.

use super::output::{PropertyResult, Value};
use super::trace::{drawn, is_drawing, last_place};
use crate::process::{Ending, Invocation, Job, Limits, run};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// Flags of the compiler, as a person would repeat them.
pub const FLAGS: [&str; 6] =
    ["-std=gnu11", "-g", "-O0", "-w", "-fno-omit-frame-pointer", "-fsanitize=address,undefined"];

/// Time for compiling, and for running.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the program says when it has failed where it should.
const REPRODUCED: &str = "interlock: reproduced";

/// What came of a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replayed {
    /// It fails in the same place.
    Yes,
    /// It does not, for this reason.
    No(String),
}

/// The text of the program that replays a path, or why there is none.
///
/// # Errors
/// If a value of the path cannot be written in C.
pub fn program(preprocessed: &str, failed: &PropertyResult) -> Result<String, String> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in drawn(&failed.trace) {
        let literal = literal(&one.value)
            .ok_or_else(|| format!("a value that {} returned cannot be written in C", one.function))?;
        values.entry(one.function).or_default().push(literal);
    }
    let functions = drawing_functions(preprocessed);
    let mut text = prelude(failed);
    text.push_str(&without_command_line(preprocessed));
    text.push_str("\n#line 1 \"values of the path\"\n");
    for function in &functions {
        text.push_str(&definition(function, values.get(function).map_or(&[], Vec::as_slice)));
    }
    Ok(text)
}

/// Checks, before the program: system headers are part of its text already, so nothing is included.
fn prelude(failed: &PropertyResult) -> String {
    let location = &failed.source_location;
    let is_assertion = failed.class() == "assertion";
    let (file, line) = if is_assertion { (location.file.as_str(), location.line.as_str()) } else { ("", "0") };
    let line = if line.is_empty() { "0" } else { line };
    let (file, description) = (quoted(file), quoted(&failed.description));
    format!(
        r#"/* Replays a counterexample. Compile and run:
   cc {flags} FILE -o replay && ./replay */
extern int dprintf(int, const char *, ...);
extern void _exit(int) __attribute__((noreturn));
static int interlock_same(const char *a, const char *b)
{{
    return __builtin_strcmp(a, b) == 0;
}}
static void interlock_assert(_Bool condition, const char *text, const char *file, int line)
{{
    if (condition)
        return;
    if (line == {line} && interlock_same(file, {file}) && interlock_same(text, {description})) {{
        dprintf(2, "{REPRODUCED}: %s:%d: %s\n", file, line, text);
        _exit(70);
    }}
    dprintf(2, "interlock: passed over: %s:%d: %s\n", file, line, text);
}}
static void interlock_assume(_Bool condition, const char *file, int line)
{{
    if (condition)
        return;
    dprintf(2, "interlock: left the path: an assumption at %s:%d does not hold\n", file, line);
    _exit(71);
}}
#define __CPROVER_assert(condition, text) interlock_assert(!!(condition), (text), __FILE__, __LINE__)
#define __CPROVER_assume(condition) interlock_assume(!!(condition), __FILE__, __LINE__)
#define __CPROVER_atomic_begin() ((void)0)
#define __CPROVER_atomic_end() ((void)0)
#define __CPROVER_bool _Bool
#define __CPROVER_size_t __SIZE_TYPE__
#define __CPROVER_cover(condition) ((void)0)
"#,
        flags = FLAGS.join(" ")
    )
}

/// A body that hands out values in turn.
fn definition(function: &str, values: &[String]) -> String {
    let mut text = String::new();
    let none = "interlock_none";
    // An array of no elements is no standard C; one that is never read does no harm.
    let listed = if values.is_empty() { "{0}".to_owned() } else { format!("{{{}}}", values.join(", ")) };
    let _ = write!(
        text,
        "static int {none}_{function}(void) {{ dprintf(2, \"interlock: left the path: {function} was called more often\\n\"); _exit(72); }}\n\
         __typeof__({function}()) {function}(void)\n{{\n    static unsigned long next;\n    static const __typeof__({function}()) values[] = {listed};\n    \
         if (next >= {count}ul)\n        {none}_{function}();\n    return values[next++];\n}}\n",
        count = values.len()
    );
    text
}

/// Functions of the program that draw values and have no body of their own.
fn drawing_functions(text: &str) -> Vec<String> {
    let mut found: BTreeMap<String, bool> = BTreeMap::new();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic() || c == '_') {
        let word_end = rest[start..].find(|c| !is_word(c)).map_or(rest.len(), |length| start + length);
        let word = &rest[start..word_end];
        rest = &rest[word_end..];
        if is_drawing(word) {
            *found.entry(word.to_owned()).or_default() |= has_body(rest);
        }
    }
    found.into_iter().filter(|(_, has_body)| !has_body).map(|(name, _)| name).collect()
}

/// Whether what follows a name is a parameter list and an opening brace.
fn has_body(after: &str) -> bool {
    let Some(parameters) = after.trim_start().strip_prefix('(') else { return false };
    parameters.split_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('{'))
}

/// The preprocessor's first lines speak of the command line as of a file.
fn without_command_line(text: &str) -> String {
    let noise = |line: &&str| {
        !(line.starts_with("# ") && (line.contains("\"<command-line>\"") || line.contains("\"<built-in>\"")))
    };
    text.lines().filter(noise).collect::<Vec<_>>().join("\n")
}

/// A value as an initialiser.
fn literal(value: &Value) -> Option<String> {
    if !value.members.is_empty() {
        let shown = value.members.iter().filter(|member| !member.name.starts_with('$'));
        let parts: Option<Vec<String>> =
            shown.map(|member| Some(format!(".{} = {}", member.name, literal(&member.value)?))).collect();
        return Some(format!("{{{}}}", parts?.join(", ")));
    }
    if !value.elements.is_empty() {
        let parts: Option<Vec<String>> = value.elements.iter().map(|element| literal(&element.value)).collect();
        return Some(format!("{{{}}}", parts?.join(", ")));
    }
    let is_bits = !value.binary.is_empty() && value.binary.chars().all(|c| c == '0' || c == '1');
    match value.name.as_str() {
        // The bits, converted to the type of the place; so no notation of CBMC's has to be understood.
        "integer" | "enumeration" | "boolean" | "bitvector" if is_bits && value.binary.len() <= 64 => {
            u64::from_str_radix(&value.binary, 2).ok().map(|bits| format!("{bits:#x}ull"))
        }
        "float" => value.data.parse::<f64>().ok().filter(|number| number.is_finite()).map(|_| value.data.clone()),
        "pointer" if value.data == "NULL" => Some("0".to_owned()),
        _ => None,
    }
}

/// A text as a string of C.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            // A question mark could begin a trigraph, a digit would go on an octal escape.
            0x20..=0x7e if byte != b'?' => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out.push('"');
    out
}

/// Compiles and runs the program in an empty folder.
pub fn replay(
    text: &str,
    failed: &PropertyResult,
    compiler: &Invocation,
    folder: &Path,
    stop: &dyn Fn() -> bool,
) -> Replayed {
    let (source, binary) = (folder.join("replay.c"), folder.join("replay"));
    if let Err(error) = std::fs::write(&source, text) {
        return Replayed::No(format!("{} cannot be written: {error}", source.display()));
    }
    let words = FLAGS.iter().map(Into::into);
    let words = words.chain([source.into_os_string(), "-o".into(), binary.clone().into_os_string()]);
    let compiled = run(&Job::new(compiler, words), &Limits::of_time(PATIENCE), stop);
    match compiled {
        Ok(finished) if finished.succeeded() => {}
        Ok(finished) => {
            let first = finished.stderr.lines().find(|line| line.contains("error")).unwrap_or("no error was told");
            return Replayed::No(format!("the program that replays it does not compile: {first}"));
        }
        Err(error) => return Replayed::No(format!("the compiler cannot be started: {error}")),
    }
    let job = Job::new(&Invocation::plain(binary), [""; 0])
        .in_folder(folder)
        .with_variable("ASAN_OPTIONS", "detect_leaks=1:color=never:symbolize=1")
        .with_variable("UBSAN_OPTIONS", "print_stacktrace=1:color=never");
    match run(&job, &Limits::of_time(PATIENCE), stop) {
        Ok(finished) => judge(&finished.stderr, finished.ending, failed),
        Err(error) => Replayed::No(format!("the program that replays it cannot be started: {error}")),
    }
}

fn judge(said: &str, ending: Ending, failed: &PropertyResult) -> Replayed {
    if said.lines().any(|line| line.starts_with(REPRODUCED)) {
        return Replayed::Yes;
    }
    if failed.class() != "assertion" && sanitiser_agrees(said, failed) {
        return Replayed::Yes;
    }
    // assert() of the C library says `file:line: function: Assertion`.
    let location = &failed.source_location;
    let failure = format!("{}:{}: ", location.file, location.line);
    if failed.class() == "assertion"
        && said.lines().any(|line| line.contains(&failure) && line.contains(": Assertion `"))
    {
        return Replayed::Yes;
    }
    let left = said.lines().find_map(|line| line.strip_prefix("interlock: left the path: "));
    Replayed::No(match (left, ending) {
        (Some(reason), _) => format!("the run leaves the path: {reason}"),
        (None, Ending::TimedOut) => "the program that replays it does not end".to_owned(),
        (None, Ending::Interrupted) => "the replay was interrupted".to_owned(),
        (None, _) => "the program runs on the values of the path without failing there".to_owned(),
    })
}

/// Whether a sanitiser reports an error at the line that CBMC names, or a leak where CBMC names one.
fn sanitiser_agrees(said: &str, failed: &PropertyResult) -> bool {
    if failed.property.contains("memory-leak") {
        return said.contains("LeakSanitizer: detected memory leaks");
    }
    let own = Some(&failed.source_location).filter(|location| location.is_in_source());
    let Some(location) = own.or_else(|| last_place(&failed.trace)) else { return false };
    let (runtime, frame) =
        (format!("{}:{}:", location.file, location.line), format!("{}:{}", location.file, location.line));
    let in_frame = |line: &str| line.trim_start().starts_with('#') && names(line, &frame);
    let reported = said.contains("AddressSanitizer") || said.contains("runtime error");
    said.lines().any(|line| line.starts_with(&runtime) && line.contains("runtime error"))
        || (reported && said.lines().any(in_frame))
}

/// Whether a line of a stack names this place: no longer number follows.
fn names(line: &str, place: &str) -> bool {
    let Some((_, after)) = line.split_once(place) else { return false };
    !after.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_with_a_body_draws_nothing() {
        let text = "int nondet_int(void); static int nondet_range(int a) { return nondet_int() % a; } x = nondet_u8();";
        assert_eq!(drawing_functions(text), ["nondet_int", "nondet_u8"]);
    }

    #[test]
    fn values_are_written_by_their_bits() {
        let value = |name: &str, data: &str, binary: &str| Value {
            name: name.to_owned(),
            data: data.to_owned(),
            binary: binary.to_owned(),
            ..Value::default()
        };
        assert_eq!(literal(&value("integer", "-1", &"1".repeat(32))).as_deref(), Some("0xffffffffull"));
        assert_eq!(literal(&value("integer", "TRUE", "00000001")).as_deref(), Some("0x1ull"));
        assert_eq!(literal(&value("pointer", "NULL", "")).as_deref(), Some("0"));
        assert_eq!(literal(&value("pointer", "&x", "")), None);
        assert_eq!(literal(&value("unknown", "?", "")), None);
    }

    #[test]
    fn texts_are_quoted_for_c() {
        assert_eq!(quoted("a \"b\" \\ ??/ é"), "\"a \\\"b\\\" \\\\ \\077\\077/ \\303\\251\"");
    }

    #[test]
    fn a_longer_line_number_is_another_line() {
        assert!(names("    #1 0x55 in main h.c:12:3", "h.c:12"));
        assert!(names("    #1 0x55 in main h.c:12", "h.c:12"));
        assert!(!names("    #1 0x55 in main h.c:123", "h.c:12"));
    }
}
