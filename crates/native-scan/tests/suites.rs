//! The suites: one Markdown file a rule. Each heading is a program, and its name says what must come out.
//!
//! - `…_bad`: the rule reports an error or warning at every line marked `// found`, and at no other.
//! - `…_ok`: the rule reports nothing but notes.
//! - `fn_…`: a known miss. The rule reports nothing today; the text says what it should see.
//! - `fp_…`: a known false alarm. The rule reports it today; the text says why it is none.

use native_scan::finding::Severity;
use native_scan::{Config, scan};
use native_syntax::parse;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

struct Program {
    name: String,
    file: &'static str,
    source: String,
}

fn programs(text: &str) -> Vec<Program> {
    let mut found = Vec::new();
    let mut name = String::new();
    let mut source: Option<(&'static str, String)> = None;
    for line in text.lines() {
        if let Some((_, lines)) = &mut source {
            if line == "```" {
                let (file, source) = source.take().expect("a program");
                found.push(Program { name: name.clone(), file, source });
            } else {
                lines.push_str(line);
                lines.push('\n');
            }
        } else if let Some(heading) = line.strip_prefix("## ") {
            heading.trim_matches('`').clone_into(&mut name);
        } else if line == "```cpp" {
            source = Some(("program.cpp", String::new()));
        } else if line == "```objcpp" {
            source = Some(("program.mm", String::new()));
        }
    }
    assert!(source.is_none(), "a program that does not end");
    found
}

fn check(rule: &str, program: &Program) -> Result<(), String> {
    let config = Config::with(None).expect("a configuration");
    let settings = config.settings();
    let file = Arc::new(parse(program.file, program.source.as_bytes(), &settings));
    assert!(file.unread.is_empty(), "{}: not read: {:?}", program.name, file.unread);
    let outcome = scan(&[file], &config, 1);
    let loud: Vec<_> =
        outcome.findings.iter().filter(|finding| finding.rule == rule && finding.severity > Severity::Note).collect();
    let lines: BTreeSet<u32> = loud.iter().map(|finding| finding.spot.line).collect();
    let marked: BTreeSet<u32> = program
        .source
        .lines()
        .zip(1..)
        .filter(|(line, _)| line.contains("// found"))
        .map(|(_, number)| number)
        .collect();
    let told = || loud.iter().map(|one| format!("{}: {}", one.spot.line, one.message)).collect::<Vec<_>>().join("\n  ");
    let is_bad = program.name.ends_with("_bad") || program.name.starts_with("fp_");
    let is_quiet = program.name.ends_with("_ok") || program.name.starts_with("fn_");
    if is_bad == is_quiet {
        return Err(format!("`{}` says neither or both of good and bad", program.name));
    }
    if is_bad && marked.is_empty() {
        return Err(format!("`{}` marks no line", program.name));
    }
    if lines == marked {
        Ok(())
    } else {
        Err(format!("`{}`: marked {marked:?}, found {lines:?}\n  {}", program.name, told()))
    }
}

#[test]
fn every_program_is_judged_as_its_name_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suites");
    let mut wrong = Vec::new();
    let mut suites = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        let rule = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let programs = programs(&std::fs::read_to_string(&path).expect("a text"));
        for ending in ["_bad", "_ok"] {
            assert!(programs.iter().any(|program| program.name.ends_with(ending)), "{rule} has no {ending}");
        }
        wrong.extend(
            programs.iter().filter_map(|program| check(&rule, program).err().map(|error| format!("{rule}: {error}"))),
        );
        suites.insert(rule);
    }
    let rules: BTreeSet<String> = native_scan::RULES.iter().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(suites, rules, "each rule has its suite");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Two source files that each define a class of one name: the container of one is thread-local, that of the other has a
/// lock. Neither says anything about the other.
#[test]
fn classes_of_one_name_in_two_source_files_are_two() {
    let class = |more: &str| {
        format!(
            "#include <map>\n#include <mutex>\nnamespace n {{\nstruct Cache {{\n  {more}std::map<int, int> all;\n  void put(int k) \
             {{ all[k] = 1; }}\n}};\n"
        )
    };
    let config = Config::with(None).expect("a configuration");
    let settings = config.settings();
    let first = format!("{}static Cache cache;\nvoid use() {{ cache.put(1); }}\n}}\n", class("std::mutex m;\n  "));
    let second = format!("{}static thread_local Cache cache;\nvoid use() {{ cache.put(2); }}\n}}\n", class(""));
    let lines = |texts: [(&str, &str); 2]| {
        let files: Vec<_> =
            texts.into_iter().map(|(path, text)| Arc::new(parse(path, text.as_bytes(), &settings))).collect();
        let outcome = scan(&files, &config, 1);
        let told = outcome.findings.into_iter().filter(|one| one.severity > Severity::Note);
        told.map(|one| (one.rule, one.spot.file, one.spot.line)).collect::<Vec<_>>()
    };
    let told = [("unguarded-container".to_owned(), "a.cpp".to_owned(), 7)];
    assert_eq!(lines([("a.cpp", &first), ("b.cpp", &second)]), told);
    assert_eq!(lines([("b.cpp", &second), ("a.cpp", &first)]), told);
}

/// A lock that only the configuration knows: without it there is nothing to infer a guard from.
#[test]
fn locks_and_guards_of_a_project_come_from_its_configuration() {
    let source = "struct Own {\n  acme::Fence f; int n = 0;\n  void a() { acme::FenceGuard g(f); ++n; }\n  void b() { \
                  acme::FenceGuard g(f); --n; }\n  void c() { n = 0; }\n};\n";
    let lines = |project: Option<&str>| {
        let config = Config::with(project).expect("a configuration");
        let file = Arc::new(parse("a.cpp", source.as_bytes(), &config.settings()));
        let told = scan(&[file], &config, 1).findings.into_iter().filter(|one| one.severity > Severity::Note);
        told.map(|one| (one.rule, one.spot.line)).collect::<Vec<_>>()
    };
    assert_eq!(lines(None), []);
    let own = "[types]\nmutexes = [\"Fence\"]\nguards = [\"FenceGuard\"]\n";
    assert_eq!(lines(Some(own)), [("guarded-by".to_owned(), 5)]);
}
