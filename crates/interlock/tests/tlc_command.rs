//! `interlock tlc` beside TLC: what TLC 2.20 printed for a specification stands in `tests/tlc/recorded` (`record.sh` there
//! writes it), and ours must be the same but for what is named here.
//!
//! Three things are compared: all lines, where nothing but times, versions and orders of variables differs; the sequence
//! of message codes in tool mode, which is what editors live on; and for every case the exit code, where ours is not more
//! precise.

use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tlc")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Output and exit code of ours.
fn ours(words: &[&str]) -> (String, i32) {
    let program = env!("CARGO_BIN_EXE_interlock");
    let output = Command::new(program).arg("tlc").args(words).current_dir(folder()).output().expect("the program");
    assert!(output.stderr.is_empty(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    (String::from_utf8(output.stdout).expect("UTF-8"), output.status.code().unwrap_or(-1))
}

/// Cases: name of the configuration and root module.
fn cases() -> Vec<(String, String)> {
    let text = read(&folder().join("cases.txt"));
    let pair = |line: &str| line.split_once(' ').map(|(name, spec)| (name.to_owned(), spec.to_owned()));
    text.lines().filter_map(pair).collect()
}

/// Replaces `2026-11-25 18:02:00` and `in 00s`, `in 597ms`.
fn without_times(line: &str) -> String {
    let is_date = |word: &str| word.len() == 10 && word.bytes().filter(|byte| *byte == b'-').count() == 2;
    let is_clock = |word: &str| word.len() == 8 && word.bytes().filter(|byte| *byte == b':').count() == 2;
    let is_duration = |word: &str| {
        let digits = word.trim_end_matches("ms").trim_end_matches('s');
        digits.len() < word.len() && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let words = line.split(' ').map(|word| {
        let bare = word.trim_matches(['(', ')', '.', ':', ',']);
        if is_date(bare) || is_clock(bare) || is_duration(bare) { word.replace(bare, "T") } else { word.to_owned() }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A line in the form in which both agree; nothing for a line that only one of both has.
fn canonical(line: &str) -> Option<String> {
    let starts = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    if starts(&[
        "Parsing file",
        "Semantic processing",
        "Linting of",
        "Implied-temporal",
        "Warning: ",
        "(Use the -nowarning",
    ]) {
        return None;
    }
    let cut = |marker: &str| line.find(marker).map(|at| line[..at].to_owned());
    if starts(&["TLC2 Version"]) {
        return Some("TLC2 Version".to_owned());
    }
    if starts(&["Running "]) {
        return cut(" with ");
    }
    if starts(&["  calculated (optimistic)"]) {
        return cut("  val");
    }
    if starts(&["Checking "]) {
        // TLC counts nodes of its product, and branches of its own normal form.
        return Some("Checking temporal properties".to_owned());
    }
    if starts(&["The average outdegree"]) {
        return Some(
            line.replace(" and the 95th percentile is ", "|").split('|').next()?.trim_end_matches(").").to_owned(),
        );
    }
    if starts(&["The coverage statistics"]) {
        return cut(" at ");
    }
    let without_rates = |line: String| {
        let mut parts: Vec<String> = line.split(" (").map(str::to_owned).collect();
        for part in &mut parts[1..] {
            if let Some((rate, rest)) = part.split_once(')')
                && rate.ends_with("/min")
            {
                *part = format!("RATE){rest}");
            }
        }
        parts.join(" (").replace(" (RATE)", "")
    };
    Some(without_rates(without_times(line)))
}

/// All lines in canonical form, the variables of a state in alphabetical order.
fn lines(text: &str) -> Vec<String> {
    let mut all: Vec<String> = text.lines().filter_map(canonical).collect();
    let mut start = 0;
    while start < all.len() {
        let length = all[start..].iter().take_while(|line| line.starts_with("/\\ ")).count();
        all[start..start + length].sort();
        start += length.max(1);
    }
    all
}

#[test]
fn lines_are_those_of_tlc() {
    for (name, spec) in cases() {
        // Errors of evaluation and of the parser have their own words here; of many lassos TLC shows any.
        if ["Live", "Bad", "Ass", "BadInv", "Part", "NoSuch", "Syn", "Sem"].contains(&&*name) {
            continue;
        }
        let (text, _) = ours(&["-config", &format!("{name}.cfg"), &spec]);
        let recorded = read(&folder().join(format!("recorded/{name}.txt")));
        assert_eq!(lines(&text).join("\n"), lines(&recorded).join("\n"), "{name}");
    }
}

/// The codes of all messages in tool mode, but for those of expressions, which `coverage.rs` compares, and of variables.
fn codes(text: &str) -> Vec<String> {
    let starts = text.lines().filter_map(|line| line.strip_prefix("@!@!@STARTMSG ")?.strip_suffix(" @!@!@"));
    let of_expressions = ["2221:0", "2774:0", "2775:0", "2779:0", "2212:0"];
    starts.filter(|code| !of_expressions.contains(code)).map(str::to_owned).collect()
}

#[test]
fn message_codes_are_those_of_tlc() {
    for (name, spec) in cases() {
        let (text, _) = ours(&["-tool", "-coverage", "1", "-config", &format!("{name}.cfg"), &spec]);
        let mut recorded = codes(&read(&folder().join(format!("recorded/{name}.tool.txt"))));
        let mut replace = |from: &str, to: &[&str]| {
            let at = recorded.iter().position(|code| code == from).unwrap_or_else(|| panic!("{name} lacks {from}"));
            recorded.splice(at..=at, to.iter().map(|code| (*code).to_owned()));
        };
        match &*name {
            // Each sort of evaluation error has a code of its own in TLC.
            "Bad" => replace("2184:1", &["1000:1"]),
            // TLC shows the incomplete successor as a further state.
            "Part" => {
                replace("2109:1", &["1000:1"]);
                replace("2217:4", &[]);
            }
            // The position of an error in an invariant is told as well, and a search that failed has no outdegree.
            "BadInv" => {
                replace("2201:0", &["2103:1", "2201:0"]);
                replace("2268:0", &[]);
            }
            "NoSuch" => replace("2229:1", &["5002:1"]),
            // A warning about PROPERTY.
            "Initial" => replace("2255:3", &[]),
            // Another lasso, of another length.
            "Live" => {}
            _ => {}
        }
        let mut told = codes(&text);
        if name == "Live" {
            for codes in [&mut told, &mut recorded] {
                codes.retain(|code| !["2217:4", "2218:4", "2122:4"].contains(&&**code));
            }
        }
        assert_eq!(told, recorded, "{name}");
        assert_eq!(text.matches("@!@!@STARTMSG").count(), text.matches("@!@!@ENDMSG").count(), "{name}");
    }
}

#[test]
fn exit_codes_are_those_of_tlc_or_more_precise() {
    let expected = [
        ("Slots", 0),
        ("Careless", 12),
        ("Live", 13),
        ("Alive", 0),
        ("Step", 13),
        ("Initial", 13),
        ("Dead", 11),
        ("Bad", 75),
        ("Ass", 14),
        ("BadInv", 76),
        ("InitInv", 12),
        ("Part", 75),
        ("NoSuch", 151),
        ("Assum", 10),
        ("Syn", 150),
        ("Sem", 150),
    ];
    for (name, spec) in cases() {
        let (_, code) = ours(&["-config", &format!("{name}.cfg"), &spec]);
        assert_eq!(Some(code), expected.iter().find(|(known, _)| *known == name).map(|(_, code)| *code), "{name}");
    }
}

/// Coverage of actions has TLC's counts: `<Take line 11, col 1 to line 11, col 10 of module Slots>: 6:8`. After a violation
/// TLC counts what it does again to find the behavior, so completed searches are compared.
#[test]
fn coverage_of_actions_is_that_of_tlc() {
    let counts = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.starts_with('<') && line.matches(':').count() == 2).map(str::to_owned).collect()
    };
    let (text, _) = ours(&["-tool", "-coverage", "1", "-config", "Slots.cfg", "Slots"]);
    assert_eq!(counts(&text), counts(&read(&folder().join("recorded/Slots.tool.txt"))));
}

/// Everything but the position and the words of a mistake is where an editor looks for it.
#[test]
fn a_mistake_is_told_where_editors_look() {
    let (text, _) = ours(&["-tool", "-config", "Syn.cfg", "Syn"]);
    for line in
        ["***Parse Error***", "Residual stack trace follows:", "Fatal errors while parsing TLA+ spec in file Syn"]
    {
        assert!(text.lines().any(|known| known == line), "{line} is missing in\n{text}");
    }
    assert!(text.contains("Encountered at line 4, column "), "{text}");
    let (text, _) = ours(&["-tool", "-config", "Sem.cfg", "Sem"]);
    assert!(text.contains("*** Errors: 1\n\nline 4, col 13 to line 4, col 14 of module Sem\n\n"), "{text}");
}

#[test]
fn what_it_refuses_it_says() {
    let (text, code) = ours(&["-lncheck", "off", "-config", "Slots.cfg", "Slots"]);
    assert_eq!(code, 2);
    assert!(text.starts_with("Error: Error: -lncheck off is refused"), "{text}");
    let (text, code) = ours(&["-help"]);
    assert!(code == 0 && text.contains("-workers N|auto"), "{text}");
}

#[test]
fn simulation_ends_as_in_tlc() {
    let (text, code) =
        ours(&["-simulate", "num=20", "-depth", "10", "-seed", "3", "-config", "Slots.cfg", "Slots", "-workers", "2"]);
    assert_eq!(code, 0, "{text}");
    for line in ["Computed 1 initial states...", "Simulation using seed 3 and aril 0"] {
        assert!(text.lines().any(|known| known == line), "{line} is missing in\n{text}");
    }
    assert!(text.contains(", 20 traces generated"), "{text}");
    let (text, code) = ours(&["-generate", "num=20", "-seed", "3", "-config", "Careless.cfg", "Slots"]);
    assert!(code == 12 && text.contains("Error: Invariant MutualExclusion is violated."), "{text}");
}

/// TLC's own files for the same run: its state graph has 7 states and 16 steps, its trace two of them.
#[test]
fn graphs_and_traces_are_written() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str| place.path().join(name).display().to_string();
    let (_, code) = ours(&["-dump", "dot,actionlabels", &file("graph"), "-config", "Slots.cfg", "Slots"]);
    let dot = read(Path::new(&file("graph.dot")));
    assert_eq!(code, 0);
    assert_eq!(dot.lines().filter(|line| line.contains(" -> ")).count(), 16, "{dot}");
    assert_eq!(dot.matches("style = filled").count(), 1, "{dot}");
    assert!(dot.starts_with("strict digraph DiskGraph {\n") && dot.contains("1 -> 2 [label=\"Take\","), "{dot}");
    ours(&["-dump", &file("states"), "-config", "Careless.cfg", "Slots"]);
    let states = read(Path::new(&file("states.dump")));
    assert!(states.starts_with("State 1:\n/\\ free = {1, 2}\n") && states.contains("State 6:\n"), "{states}");

    let (json, module) = (file("t.json"), file("Trace.tla"));
    let (_, code) =
        ours(&["-dumpTrace", "json", &json, "-dumpTrace", "tla", &module, "-config", "Careless.cfg", "Slots"]);
    assert_eq!(code, 12);
    let object: serde_json::Value = serde_json::from_str(&read(Path::new(&json))).expect("JSON");
    let actions = &object["counterexample"]["action"];
    assert_eq!(actions.as_array().map(Vec::len), Some(2), "{object}");
    assert_eq!(actions[0][0][1]["slot"]["t1"], 0);
    assert_eq!(actions[1][1]["context"], serde_json::json!({ "t": "t2", "s": 1 }));
    assert_eq!(actions[1][1]["location"]["beginLine"], 12);
    assert_eq!(object["vars"], serde_json::json!(["free", "slot"]));
    let module = read(Path::new(&module));
    assert!(
        module.starts_with("---- MODULE Trace ----") && module.contains("[name |-> \"Take\", location"),
        "{module}"
    );
}

#[cfg(unix)]
#[test]
fn a_link_of_the_name_tlc_is_tlc() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let link = place.path().join("tlc");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_interlock"), &link).expect("a link");
    let output = Command::new(link).args(["-deadlock", "Count", "-config", "Dead"]).current_dir(folder()).output();
    let output = output.expect("the program");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

/// A slow model and a module beside it, in a folder of their own.
fn sums() -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| std::fs::write(place.path().join(name), text).expect("a file");
    write(
        "Sums.tla",
        "---- MODULE Sums ----\nEXTENDS Naturals\nVARIABLES a, b\nInit == a = 0 /\\ b = 0\n\
         Next == \\/ a < 9 /\\ a' = a + 1 /\\ b' = b\n        \\/ b < 9 /\\ b' = b + 1 /\\ a' = a\n====\n",
    );
    write("Sums.cfg", "INIT Init\nNEXT Next\nCHECK_DEADLOCK FALSE\n");
    write(
        "After.tla",
        "---- MODULE After ----\nEXTENDS TLC\nGood == TLCGet(\"stats\").distinct = 100\nBad == ~Good\n====\n",
    );
    place
}

fn in_folder(place: &Path, words: &[&str]) -> (String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    let output = command.arg("tlc").args(words).current_dir(place).output().expect("the program");
    (String::from_utf8(output.stdout).expect("UTF-8"), output.status.code().unwrap_or(-1))
}

#[test]
fn a_search_is_saved_and_goes_on_with_the_codes_of_tlc() {
    let place = sums();
    let (text, code) = in_folder(place.path(), &["-tool", "-checkpoint", "1", "-metadir", "meta", "Sums"]);
    assert_eq!(code, 0, "{text}");
    assert!(codes(&text).contains(&"2196:0".to_owned()), "{text}");
    // Nobody needs the checkpoint of a run that came to its end.
    assert_eq!(std::fs::read_dir(place.path().join("meta")).map(Iterator::count).unwrap_or(0), 0);
    let ours = Command::new(env!("CARGO_BIN_EXE_interlock"))
        .args(["tla", "check", "Sums", "--checkpoint", "saved", "--quiet"])
        .current_dir(place.path())
        .status();
    assert!(ours.expect("the program").success());
    let (text, code) = in_folder(place.path(), &["-tool", "-recover", "saved", "Sums"]);
    assert_eq!(code, 0, "{text}");
    for line in
        ["Starting recovery from checkpoint saved", "Recovery completed. 100 states examined. 0 states on queue."]
    {
        assert!(text.lines().any(|known| known == line), "{line} is missing in\n{text}");
    }
    assert!(!codes(&text).contains(&"2190:0".to_owned()), "{text}");
    assert!(text.contains("181 states generated, 100 distinct states found, 0 states left on queue."), "{text}");
    let (text, code) = in_folder(place.path(), &["-recover", "nothing", "Sums"]);
    assert!(code == 151 && text.contains("there is no checkpoint in nothing"), "{text}");
}

#[test]
fn postconditions_and_levels_of_the_command_line_are_checked() {
    let place = sums();
    let (text, code) = in_folder(place.path(), &["-postCondition", "After!Good", "Sums"]);
    assert_eq!(code, 0, "{text}");
    let (text, code) = in_folder(place.path(), &["-tool", "-postCondition", "After!Bad", "Sums"]);
    assert!(code == 10 && codes(&text).contains(&"2404:1".to_owned()), "{text}");
    assert!(text.contains("Postcondition Bad at line 4, col 1 to line 4, col 12 of module After is false."), "{text}");
    let (text, code) = in_folder(place.path(), &["-postCondition", "Nowhere!Good", "Sums"]);
    assert!(code == 150 && text.contains("`Nowhere`"), "{text}");
    let (text, code) = in_folder(place.path(), &["-invlevel", "5", "Sums"]);
    assert!(code == 12 && text.contains("State 5:") && !text.contains("State 6:"), "{text}");
}

#[test]
fn behaviors_of_a_simulation_are_written_as_tlc_writes_them() {
    let place = sums();
    let (text, code) = in_folder(place.path(), &["-simulate", "file=b,num=2", "-depth", "3", "-seed", "1", "Sums"]);
    assert_eq!(code, 0, "{text}");
    let behavior = read(&place.path().join("b_0_1"));
    let beginning = "---------------- MODULE b_0_1 -----------------\n\\* <Init line 4, col 1 to line 4, col 22 of module Sums>\n\
                     STATE_1 == \n/\\ a = 0\n/\\ b = 0\n\n\n\\* <Next line ";
    assert!(behavior.starts_with(beginning), "{behavior}");
    assert!(behavior.contains("STATE_3 == \n") && behavior.trim_end().ends_with("====="), "{behavior}");
}

/// Every state of a simulated behavior knows the action that led to it, with parameters, and the actions before; the
/// specification, for which TLC finds nothing either, keeps both in variables of its own.
#[test]
fn a_simulation_tells_which_actions_were_taken() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let copy = |name: &str| {
        std::fs::copy(folder().join(name), place.path().join(name)).expect("a file");
    };
    copy("Known.tla");
    copy("Known.cfg");
    for further in [&["-workers", "1"][..], &["-workers", "1", "-seed", "7"]] {
        let words = [&["-simulate", "num=50", "-depth", "12", "Known"], further].concat();
        let (text, code) = in_folder(place.path(), &words);
        assert_eq!(code, 0, "{words:?}: {text}");
    }
}

/// A counter from 0 without an end.
fn counter(configuration: &str) -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a folder");
    let module = "---- MODULE Count ----\nEXTENDS Naturals\nCONSTANT N\nVARIABLE x\nInit == x = 0\nNext == x' = x + N\n\
                  Small == x < 3\n====\n";
    std::fs::write(place.path().join("Count.tla"), module).expect("a module");
    std::fs::write(place.path().join("Count.cfg"), configuration).expect("a configuration");
    place
}

/// The codes are TLC's; it counts a state that is generated once more in each round, and this counts it once.
#[test]
fn a_depth_first_search_ends_at_the_level_that_was_asked_for() {
    let place = counter("CONSTANT N = 1\nINIT Init NEXT Next INVARIANT Small\n");
    for (level, code, states) in [("2", 0, "2 states"), ("3", 0, "3 states"), ("4", 12, "4 states")] {
        let (text, found) = in_folder(place.path(), &["-dfid", level, "Count"]);
        assert_eq!(found, code, "{text}");
        assert!(text.lines().any(|line| line.starts_with(&format!("{states} generated, "))), "{text}");
        assert_eq!(text.contains(&format!("no state beyond level {level} was looked at")), code == 0, "{text}");
    }
}

#[test]
fn variables_without_an_initial_predicate_and_replacements_without_a_definition_are_mistakes_of_the_configuration() {
    for (configuration, says) in [
        ("CONSTANT N = 1\n", "the configuration gives no initial predicate"),
        ("CONSTANT N <- Nothing\nINIT Init NEXT Next\n", "the specification does not define `Nothing`"),
    ] {
        let place = counter(configuration);
        let (text, code) = in_folder(place.path(), &["Count"]);
        assert!(code == 151 && text.contains(says), "{text}");
    }
}
