//! Whole translations. The modules in `algorithms/` are our own; their translations are, to the byte and with their
//! checksums, what pcal.trans 1.12 writes, except for `Relay`, see below.

#![allow(clippy::print_stderr)] // A test that could not look at its data says so.

use pluscal::{Options, translate};
use std::path::{Path, PathBuf};
use tla_syntax::source::FileId;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/algorithms")
}

fn modules() -> Vec<(String, String)> {
    let mut modules: Vec<(String, String)> = std::fs::read_dir(folder())
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "tla"))
        .map(|path| (path.display().to_string(), std::fs::read_to_string(path).expect("a module")))
        .collect();
    modules.sort();
    assert!(modules.len() >= 6);
    modules
}

fn translated(text: &str) -> String {
    translate(FileId(0), text, &Options::default()).expect("a translation").text
}

/// A module without its translation and the two lines around it.
fn untranslated(text: &str) -> String {
    let begin = text.find("\\* BEGIN TRANSLATION").expect("a translation");
    let end = begin + text[begin..].find("\\* END TRANSLATION \n").expect("its end");
    format!("{}{}", &text[..begin], &text[end + "\\* END TRANSLATION \n".len()..])
}

#[test]
fn a_new_translation_is_the_recorded_one() {
    for (name, text) in modules() {
        let before = untranslated(&text);
        assert_ne!(before, text);
        assert_eq!(translated(&before), text, "{name}");
    }
}

#[test]
fn translating_again_changes_nothing() {
    for (name, text) in modules() {
        assert_eq!(translated(&text), text, "{name}");
        assert_eq!(pluscal::stale(FileId(0), &text), None, "{name}");
    }
}

#[test]
fn a_spoiled_translation_is_replaced() {
    for (name, text) in modules() {
        let spoiled = text.replacen("Init == ", "Start == 17\n\nOther == ", 1);
        assert_ne!(spoiled, text);
        assert_eq!(translated(&spoiled), text, "{name}");
    }
}

#[test]
fn windows_line_ends_are_kept_and_used() {
    for (name, text) in modules() {
        let windows = text.replace('\n', "\r\n");
        assert_eq!(translated(&untranslated(&text).replace('\n', "\r\n")), windows, "{name}");
        assert_eq!(translated(&windows), windows, "{name}");
    }
}

#[test]
fn a_call_followed_by_goto_of_a_renamed_label_goes_to_the_renamed_label() {
    // pcal.trans 1.12 writes the old name, which here is a label of another procedure or of nothing.
    let relay = std::fs::read_to_string(folder().join("Relay.tla")).expect("a module");
    assert!(relay.contains("\\* Label go of process North at line 27 col 10 changed to go_N"));
    assert_eq!(relay.matches("pc        |->  \"go_N\",").count(), 1);
}

/// The translation of an algorithm in a module of its own.
fn algorithm(text: &str, options: &Options) -> String {
    let module = format!("---- MODULE M ----\n(*\n{text}\n*)\n====\n");
    match translate(FileId(0), &module, options) {
        Ok(translated) => translated.text,
        Err(diagnostic) => panic!("{}", diagnostic.message),
    }
}

#[test]
fn options_decide_the_fairness() {
    use pluscal::Fairness;
    let processes =
        "--algorithm A { variable x = 0; process (P \\in 1..2) { a: x := 1 } fair+ process (Q = 3) { b: skip } }";
    let single = "--algorithm A { variable x = 0; { a: x := 1 } }";
    let specification = |text: &str, fairness| {
        let text = algorithm(text, &Options { fairness, ..Options::default() });
        let start = text.find("Spec == ").expect("Spec");
        text[start..start + text[start..].find("\n\n").expect("its end")].to_owned()
    };
    let plain = "Spec == Init /\\ [][Next]_vars";
    assert_eq!(specification(single, None), plain);
    assert_eq!(
        specification(single, Some(Fairness::Weak)),
        "Spec == /\\ Init /\\ [][Next]_vars\n        /\\ WF_vars(Next)"
    );
    assert_eq!(specification(processes, None), "Spec == /\\ Init /\\ [][Next]_vars\n        /\\ SF_vars(Q)");
    assert_eq!(specification(processes, Some(Fairness::None)), plain);
    let weak =
        "Spec == /\\ Init /\\ [][Next]_vars\n        /\\ \\A self \\in 1..2 : WF_vars(P(self))\n        /\\ SF_vars(Q)";
    assert_eq!(specification(processes, Some(Fairness::Weak)), weak);
    assert_eq!(specification(processes, Some(Fairness::Strong)), weak.replace("WF", "SF"));
    let whole = "Spec == /\\ Init /\\ [][Next]_vars\n        /\\ WF_vars(Next)\n        /\\ SF_vars(Q)";
    assert_eq!(specification(processes, Some(Fairness::WeakNext)), whole);
}

#[test]
fn an_argument_of_several_tokens_gets_parentheses_in_a_macro() {
    let text = "--algorithm A { variables x = 0, f = [a |-> [b |-> 0]];
      macro twice(e) { x := e * 2 }
      macro set(v, e) { v.b := e }
      { one: twice(x + 1); set(f.a, x) } }";
    let text = algorithm(text, &Options::default());
    assert!(text.contains("/\\ x' = (x + 1) * 2"), "{text}");
    assert!(text.contains("/\\ f' = [f EXCEPT !.a.b = x']"), "{text}");
}

#[test]
fn a_conjunct_list_moves_with_what_grows_before_it() {
    let text = "--algorithm A
    variable x = 0;
    process P \\in {1}
    variable v = 0;
    begin a: await v = 0 /\\ /\\ v < 1
                            /\\ x = 0;
    end process
    end algorithm";
    let text = algorithm(text, &Options::default());
    let expected = "           /\\ v[self] = 0 /\\ /\\ v[self] < 1
                             /\\ x = 0
";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn the_corpus_translates_and_no_translation_with_a_checksum_is_stale() {
    // The corpus is not part of the repository: the folder that INTERLOCK_SHARED names, or ../shared.
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("INTERLOCK_SHARED").map_or_else(beside, PathBuf::from).join("corpus");
    let mut found = Vec::new();
    collect(&root, &mut found);
    if found.is_empty() {
        eprintln!("NOT TESTED: the corpus is absent; set INTERLOCK_SHARED to the folder that holds it");
        return;
    }
    let mut same = 0;
    for path in &found {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        match translate(FileId(0), &text, &Options::default()) {
            Ok(translated) => same += usize::from(translated.text == text),
            Err(error) => panic!("{}: {}", path.display(), error.message),
        }
        assert_eq!(pluscal::stale(FileId(0), &text).map(|warning| warning.message), None, "{}", path.display());
    }
    // Most of the others were made by older translators, which knew no `Terminating` and no checksums.
    assert!(found.len() >= 35 && same >= 11, "{same} of {}", found.len());
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "tla")
            && std::fs::read_to_string(&path).is_ok_and(|text| pluscal::has_algorithm(&text))
        {
            found.push(path);
        }
    }
}
