//! `interlock scan` from end to end: what changed since a commit, what a baseline knows, the cache, annotations as a patch,
//! and files that nobody would write by hand.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const COUNTER: &str = "#include <mutex>
class Counter {
  std::mutex m;
  int total = 0;
  int last = 0;
  void note() noexcept;
 public:
  void add() { std::lock_guard<std::mutex> hold(m); ++total; note(); }
  void sub() { std::lock_guard<std::mutex> hold(m); --total; note(); }
  int get() { return total; }
};
void Counter::note() noexcept { last = total; }
";

fn interlock(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.args(words).current_dir(folder).env("NO_COLOR", "1").env("COLUMNS", "100").output().expect("the program")
}

fn json(folder: &Path, words: &[&str]) -> Value {
    let output = interlock(folder, &[&["scan", "src", "--json"], words].concat());
    let value = serde_json::from_slice(&output.stdout);
    value.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn lines(report: &Value) -> Vec<u64> {
    let findings = report["findings"].as_array().expect("findings").iter().filter(|one| one["severity"] != "note");
    findings.map(|one| one["spot"]["line"].as_u64().expect("a line")).collect()
}

fn run(folder: &Path, program: &str, words: &[&str]) -> Output {
    Command::new(program).args(words).current_dir(folder).output().expect("a program")
}

fn git(folder: &Path, words: &[&str]) {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
    let output = run(folder, "git", &[&identity[..], words].concat());
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("skipped: no {program}\n").as_bytes());
    }
    found
}

fn sources(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("src")).expect("a folder");
    fs::write(folder.path().join("src/counter.cpp"), text).expect("a file");
    folder
}

#[test]
fn since_a_commit_only_what_touches_a_changed_line_is_told() {
    if !has("git") {
        return;
    }
    let folder = sources(COUNTER);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "first"]);
    let report = json(folder.path(), &["--since", "HEAD"]);
    assert_eq!((lines(&report), report["elsewhere"].as_u64()), (vec![], Some(2)), "nothing has changed");
    let more = COUNTER.replace("};\n", "  void reset() { total = 0; }\n};\n");
    fs::write(folder.path().join("src/counter.cpp"), more).expect("a file");
    let report = json(folder.path(), &["--since", "HEAD"]);
    assert_eq!(lines(&report), [11], "the old one is outside of the change: {report:#}");
    // A file that git does not know is new as a whole.
    fs::write(
        folder.path().join("src/new.cpp"),
        "struct S {}; S* s;\nS* get() {\n  if (!s) s = new S;\n  return s;\n}\n",
    )
    .expect("a file");
    assert_eq!(lines(&json(folder.path(), &["--since", "HEAD"])), [11, 3]);
    let output = interlock(folder.path(), &["scan", "src", "--since", "no-such-commit"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("--since needs git"), "{output:?}");
}

#[test]
fn a_baseline_hides_what_it_knows_and_only_that() {
    let folder = sources(COUNTER);
    let first = interlock(folder.path(), &["scan", "src", "--write-baseline", "known.txt"]);
    assert_eq!(first.status.code(), Some(1));
    assert_eq!(interlock(folder.path(), &["scan", "src", "--baseline", "known.txt"]).status.code(), Some(0));
    let more = format!("// a line more\n{}", COUNTER.replace("};\n", "  void reset() { total = 0; }\n};\n"));
    fs::write(folder.path().join("src/counter.cpp"), more).expect("a file");
    let report = json(folder.path(), &["--baseline", "known.txt"]);
    assert_eq!((lines(&report), report["known"].as_u64()), (vec![12], Some(2)), "{report:#}");
    fs::write(folder.path().join("known.txt"), "nonsense\n").expect("a file");
    let output = interlock(folder.path(), &["scan", "src", "--baseline", "known.txt"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("is no fingerprint"), "{output:?}");
}

#[test]
fn the_cache_changes_nothing_but_the_time() {
    let folder = sources(COUNTER);
    let plain = json(folder.path(), &[]);
    assert_eq!(json(folder.path(), &["--cache", "cache"]), plain);
    let entries = || fs::read_dir(folder.path().join("cache")).expect("the cache").count();
    assert_eq!(entries(), 1);
    assert_eq!(json(folder.path(), &["--cache", "cache"]), plain, "read from the cache");
    fs::write(folder.path().join("src/counter.cpp"), COUNTER.replace("return total", "return last")).expect("a file");
    let changed = json(folder.path(), &["--cache", "cache"]);
    assert_eq!((changed == json(folder.path(), &[]), changed == plain, entries()), (true, false, 2));
    for entry in fs::read_dir(folder.path().join("cache")).expect("the cache").flatten() {
        fs::write(entry.path(), "damaged").expect("a file");
    }
    assert_eq!(json(folder.path(), &["--cache", "cache"]), changed, "what is damaged is read anew");
}

#[test]
fn inferred_guards_become_a_patch_that_applies() {
    if !has("git") {
        return;
    }
    let folder = sources(COUNTER);
    let output = interlock(folder.path(), &["scan", "src", "--annotate", "guards.patch"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("3 annotations, 0 that cannot"), "{output:?}");
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["apply", "--check", "guards.patch"]);
    git(folder.path(), &["apply", "guards.patch"]);
    let text = fs::read_to_string(folder.path().join("src/counter.cpp")).expect("the source");
    for part in [
        "int total __attribute__((guarded_by(m))) = 0;",
        "int last __attribute__((guarded_by(m))) = 0;",
        "void note() noexcept __attribute__((requires_capability(m)));",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let again = interlock(folder.path(), &["scan", "src", "--annotate", "again.patch"]);
    assert_eq!(fs::read_to_string(folder.path().join("again.patch")).expect("a patch"), "", "{again:?}");
    if has("clang++") {
        // With a mutex that Clang knows as one, the compiler finds what the scan found, and nothing else.
        let mutex = "struct __attribute__((capability(\"mutex\"))) Mutex {\n  void lock() __attribute__((acquire_capability()));\n  \
            void unlock() __attribute__((release_capability()));\n};\nstruct __attribute__((scoped_lockable)) Hold {\n  \
            explicit Hold(Mutex& m) __attribute__((acquire_capability(m)));\n  ~Hold() __attribute__((release_capability()));\n};\n";
        let text = text
            .replace("#include <mutex>\n", mutex)
            .replace("std::lock_guard<std::mutex>", "Hold")
            .replace("std::mutex", "Mutex");
        fs::write(folder.path().join("clang.cpp"), text).expect("a file");
        let told = run(folder.path(), "clang++", &["-std=c++17", "-fsyntax-only", "-Wthread-safety", "clang.cpp"]);
        let told = String::from_utf8_lossy(&told.stderr).into_owned();
        assert_eq!(told.matches("warning:").count(), 1, "{told}");
        assert!(told.contains("reading variable 'total' requires holding mutex 'm'"), "{told}");
    }
}

/// Texts that nobody would write by hand, each with a name.
fn hostile() -> Vec<(String, Vec<u8>)> {
    let deep = |open: &str, close: &str, count: usize| {
        format!("void f() {{ {}1{}; }}\n", open.repeat(count), close.repeat(count))
    };
    let mut all = vec![
        ("long-line.cpp".to_owned(), format!("int x = {};\n", "1 + ".repeat(2_500_000)).into_bytes()),
        ("binary.mm".to_owned(), (0..=255).cycle().take(200_000).collect()),
        ("binary-later.cpp".to_owned(), [b"int a;\n".repeat(2_000), [0xff, 0xfe, 0x80].repeat(1_000)].concat()),
        ("unclosed.cpp".to_owned(), "void f() { if (a) { while (b) (".repeat(3_000).into_bytes()),
        ("unclosed-deep.cpp".to_owned(), format!("void f() {{\n{}", "if (a) {\n".repeat(100_000)).into_bytes()),
        ("unclosed-blocks.mm".to_owned(), format!("void f() {{\n{}", "^{\n".repeat(100_000)).into_bytes()),
        ("unopened.mm".to_owned(), "} ) ] ; @end ".repeat(3_000).into_bytes()),
        ("comment.cpp".to_owned(), format!("/* {}", "x ".repeat(200_000)).into_bytes()),
        ("string.cpp".to_owned(), format!("const char* s = R\"({}", "y\n".repeat(100_000)).into_bytes()),
        ("conditionals.cpp".to_owned(), "#if A\n#else\n#ifdef B\n".repeat(5_000).into_bytes()),
        ("empty.cpp".to_owned(), Vec::new()),
    ];
    for (name, open, close) in [
        ("parentheses.cpp", "(", ")"),
        ("braces.cpp", "{", "}"),
        ("messages.mm", "[a b:", "]"),
        ("blocks.mm", "^{ g(", "); }"),
        ("lambdas.cpp", "[&] { return ", "; }()"),
        ("literals.mm", "@[", "]"),
        ("templates.cpp", "A<", ">"),
        ("conditions.cpp", "a ? b : ", ""),
        ("calls.cpp", "f(", ")"),
    ] {
        all.push((name.to_owned(), deep(open, close, 20_000).into_bytes()));
    }
    for part in 1..16 {
        let text = COUNTER.as_bytes();
        all.push((format!("truncated-{part}.cpp"), text[..text.len() * part / 16].to_vec()));
    }
    all
}

/// Each file has a note, or was read to its end; the time of the processor and the memory are bounded by the system, so
/// that a scan which does not end is killed, which is no exit code.
#[test]
#[cfg(unix)]
fn hostile_files_end_in_bounded_time_and_memory_with_a_note_each() {
    for (name, text) in hostile() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join(&name), text).expect("a file");
        let script = "ulimit -t 60; ulimit -v 6000000; exec \"$0\" scan \"$1\" --json";
        let words = ["-c", script, env!("CARGO_BIN_EXE_interlock"), &name];
        let output = run(folder.path(), "sh", &words);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0..=2)), "{name}: {:?} {told}", output.status);
        assert!(!told.contains("panicked"), "{name}: {told}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{name}: {error}"));
        let coverage = &report["coverage"];
        let lost = ["unread_bytes", "branch_bytes"].iter().any(|key| coverage[key].as_u64() > Some(0));
        let noted = lost || coverage["refused"].as_array().is_some_and(|refused| !refused.is_empty());
        let readable =
            ["comment", "empty", "string", "truncated", "conditionals"].iter().any(|part| name.starts_with(part));
        assert!(noted || readable || report["coverage"]["analysed_percent"] == 100.0, "{name}: {coverage}");
        assert!(noted || !name.starts_with("unclosed"), "a text that ends in the middle is told: {name}: {coverage}");
        if name.starts_with("long-line") || name.starts_with("binary.mm") {
            assert_eq!(output.status.code(), Some(2), "what was not read at all is not analysed: {name}");
        }
    }
}
