//! Structural rules: the relations, files that cannot be read, and the examples of the subject's own rules.

use native_scan::rules::{StructuralRule, read_rules, run_examples};
use native_scan::{Config, scan_with};
use native_syntax::{Settings, parse};
use std::path::Path;
use std::sync::Arc;

fn rule(text: &str) -> Vec<StructuralRule> {
    let head = "id: T\nmessage: found $X\nseverity: error\napplies: [f]\n";
    read_rules("t.yaml", &format!("{head}{text}")).unwrap_or_else(|error| panic!("{error}"))
}

fn lines(rules: &[StructuralRule], source: &str) -> Vec<u32> {
    let config = Config::with(None).expect("a configuration");
    let file = Arc::new(parse("a.mm", source.as_bytes(), &Settings::default()));
    let outcome = scan_with(&[file], &[source.as_bytes().to_vec()], rules, &config, 1);
    outcome.findings.iter().filter(|finding| finding.rule == "T").map(|finding| finding.spot.line).collect()
}

#[test]
fn the_rules_of_the_subject_judge_their_examples() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../subjects/mps/rules");
    let config = Config::with(None).expect("a configuration");
    let (mut count, mut failures) = (0, Vec::new());
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("rules").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    for path in files.iter().filter(|path| path.extension().is_some_and(|end| end == "yaml")) {
        let text = std::fs::read_to_string(path).expect("a text");
        let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        match read_rules(&name, &text) {
            Err(error) => failures.push(error),
            Ok(rules) => {
                for result in run_examples(&rules, &config) {
                    count += 1;
                    failures.extend(result.failures.iter().map(|failure| format!("{}: {failure}", result.rule)));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(count >= 31, "{count} rules");
}

#[test]
fn a_check_dominates_what_stands_behind_it_on_every_path() {
    let rules = rule("rule: {pattern: use($X)}\nrelation: {must_check_before: {pattern: alive()}}\n");
    for good in [
        "void f() { if (alive()) { use(a); } }",
        "void f() { if (!alive()) return; use(a); }",
        "void f() { if (alive() && use(a)) {} }",
        "void f() { int x = alive() ? use(a) : 0; }",
        "void f() { if (b || !alive()) return; use(a); }",
        "void f() { if (!(b && alive())) return; use(a); }",
        "void f() { while (alive()) { if (b) use(a); } }",
        "void f() { CHECK(alive()); g([&] { use(a); }); }",
        "void f() { if (!alive()) { throw 1; } else { g(); } use(a); }",
    ] {
        assert_eq!(lines(&rules, good), [0; 0], "{good}");
    }
    for bad in [
        "void f() { use(a); if (alive()) {} }",
        "void f() { if (b) { if (!alive()) return; } use(a); }",
        "void f() { alive(); use(a); }",
        "void f() { if (alive()) { g(); } use(a); }",
        "void f() { if (b || alive()) {} use(a); }",
        "void f() { if (b || alive()) use(a); }",
        "void f() { if (b && !alive()) return; use(a); }",
        "void f() { try { if (!alive()) return; } catch (...) {} use(a); }",
        "void f() { g([&] { if (!alive()) return; }); use(a); }",
        "void f() { if (!alive()) return; }\nvoid g() { use(a); }",
    ] {
        assert_eq!(lines(&rules, bad).len(), 1, "{bad}");
    }
}

#[test]
fn calls_come_in_their_order_on_every_path() {
    let rules = rule(
        "rule: {kind: function_definition}\nrelation: {order_of_calls: [{pattern: count()}, {pattern: '[$E go:$B]'}]}\n",
    );
    assert_eq!(lines(&rules, "void f() { count(); [e go:1]; }"), [0; 0]);
    assert_eq!(lines(&rules, "void f() { do { count(); } while (b); [e go:1]; }"), [0; 0]);
    assert_eq!(lines(&rules, "void f() {\n if (b) count();\n [e go:1];\n}"), [3]);
    assert_eq!(lines(&rules, "void f() { [e go:1]; count(); }"), [1]);
}

#[test]
fn what_was_captured_is_tested_again_after_the_drop() {
    let rules = rule(
        "rule: {pattern: use($X)}\nrelation: {must_reread: {capture: {pattern: '$X = find()'}, drop: {pattern: l.unlock()}, check: {pattern: valid($X)}}}\n",
    );
    assert_eq!(lines(&rules, "void f() { b = find(); l.unlock(); l.lock(); use(b); }"), [1]);
    assert_eq!(lines(&rules, "void f() { b = find(); l.unlock(); l.lock(); if (!valid(c)) return; use(b); }"), [1]);
    for good in [
        "void f() { b = find(); l.unlock(); l.lock(); if (!valid(b)) return; use(b); }",
        "void f() { b = find(); l.unlock(); l.lock(); b = find(); use(b); }",
        "void f() { b = find(); use(b); l.unlock(); }",
        "void f() { c = find(); l.unlock(); l.lock(); use(b); }",
    ] {
        assert_eq!(lines(&rules, good), [0; 0], "{good}");
    }
}

#[test]
fn a_lock_is_held_whoever_calls() {
    let rules = rule("rule: {pattern: n = $X}\nrelation: {must_hold: m}\n");
    let class = |body: &str| format!("struct S {{ std::mutex m; int n; int f; {body} }};");
    let hold = "std::lock_guard<std::mutex> hold(m);";
    assert_eq!(lines(&rules, &class(&format!("void a() {{ {hold} n = 1; }}"))), [0; 0]);
    assert_eq!(lines(&rules, &class(&format!("void a() {{ {hold} b(); }} void b() {{ n = 1; }}"))), [0; 0]);
    assert_eq!(lines(&rules, &class(&format!("void a() {{ {{ {hold} }} n = 1; }}"))), [1]);
    assert_eq!(
        lines(&rules, &class(&format!("void a() {{ {hold} b(); }} void b() {{ n = 1; }} void c() {{ b(); }}"))),
        [1]
    );
}

#[test]
fn rules_that_cannot_be_read_say_which_and_why() {
    for (text, part) in [
        ("id: A\nmessage: m\nseverity: error\napplies: [f]\nrule: {knd: call_expression}\n", "knd"),
        ("id: A\nmessage: m\nseverity: error\napplies: [f]\nrule: {kind: no_such_kind}\n", "no_such_kind"),
        ("id: A\nmessage: m\nseverity: loud\napplies: [f]\nrule: {pattern: f()}\n", "loud"),
        ("id: A\nmessage: m\nseverity: error\napplies: []\nrule: {pattern: f()}\n", "applies"),
        ("id: A\nmessage: m\nseverity: error\napplies: [f]\nrule: {pattern: f()}\nrelation: {}\n", "relation"),
        ("id: [", "t.yaml"),
    ] {
        let error = read_rules("t.yaml", text).err().unwrap_or_default();
        assert!(error.contains(part) && error.contains("t.yaml"), "{text}: {error}");
    }
}
