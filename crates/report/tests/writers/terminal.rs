//! The report for a person, at several widths.

use crate::fixture;
use report::{RunReport, Style, Tally, terminal};
use verdict::trace::Ending;
use verdict::{FailureClass, Strength, Verdict};

fn at(width: usize) -> Style {
    Style { width, ..Style::default() }
}

#[test]
fn everything_in_100_columns() {
    insta::assert_snapshot!(terminal::write_report(&fixture::everything(), &at(100)));
}

#[test]
fn everything_in_60_columns() {
    insta::assert_snapshot!(terminal::write_report(&fixture::everything(), &at(60)));
}

#[test]
fn all_well_is_short() {
    insta::assert_snapshot!(terminal::write_report(&fixture::all_well(), &at(100)));
}

#[test]
fn quiet_keeps_what_was_not_met() {
    insta::assert_snapshot!(terminal::write_report(&fixture::everything(), &Style { quiet: true, ..at(100) }));
    insta::assert_snapshot!(terminal::write_report(&fixture::all_well(), &Style { quiet: true, ..at(100) }));
}

#[test]
fn full_prints_whole_states_and_refutations_that_were_asked_for() {
    insta::assert_snapshot!(terminal::write_report(&fixture::all_well(), &Style { full: true, ..at(100) }));
}

#[test]
fn many_refutations_that_were_asked_for_take_one_line() {
    let mut report = fixture::all_well();
    let broken = report.evidence[1].clone();
    report.evidence.extend([broken.clone(), broken.clone(), broken]);
    let text = terminal::write_report(&report, &at(100));
    assert!(text.contains("\n4 refutations were asked for and found, each replayed"), "{text}");
    assert!(!text.contains("is violated"), "{text}");
}

#[test]
fn colour_only_adds_escape_sequences() {
    let plain = terminal::write_report(&fixture::everything(), &at(100));
    let mut coloured = terminal::write_report(&fixture::everything(), &Style { colour: true, ..at(100) });
    assert_ne!(plain, coloured);
    for code in ["32", "31;1", "33", "1", "2", "0"] {
        coloured = coloured.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(plain, coloured);
}

#[test]
fn a_stuttering_behavior_says_so() {
    let mut report = RunReport { exit_code: 11, ..RunReport::default() };
    report.evidence = vec![fixture::evidence("Pool", "Pool: deadlock freedom", fixture::refuted(Ending::Stuttering))];
    let text = terminal::write_report(&report, &at(100));
    assert!(text.contains("…  Stuttering: nothing happens any more"), "{text}");
    assert!(text.contains("Pool: deadlock freedom is violated\n"), "{text}");
}

#[test]
fn a_long_value_is_cut_unless_all_is_asked_for() {
    let mut counterexample = fixture::counterexample(Ending::Finite);
    counterexample.trace.steps[1].changes[0].after = "1234567 ".repeat(100);
    let mut report = RunReport::default();
    let failed = fixture::failed(FailureClass::Evaluation, Some(counterexample));
    report.evidence = vec![fixture::evidence("Queue", "BQ.Drain", failed)];
    let text = terminal::write_report(&report, &at(100));
    assert!(text.contains("more lines, see --full"), "{text}");
    let text = terminal::write_report(&report, &Style { full: true, ..at(100) });
    assert!(!text.contains("see --full"), "{text}");
    assert_eq!(text.matches("1234567").count(), 100);
}

#[test]
fn diagnostics_that_are_rendered_already_are_shown_as_they_are() {
    let Verdict::Failed(mut failure) = fixture::failed(FailureClass::Parse, None) else { unreachable!() };
    let rendered = "error[unknown-identifier]: unknown identifier `Foo`\n --> A.tla:3:1\n";
    failure.notes.insert("diagnostics".to_owned(), rendered.to_owned());
    let evidence = vec![fixture::evidence("A", "A: specification", Verdict::Failed(failure))];
    let report = RunReport { evidence, ..RunReport::default() };
    let text = terminal::write_report(&report, &at(100));
    assert!(text.contains(rendered), "{text}");
    assert!(!text.contains("help: make the domain"), "the rendered text says all: {text}");
}

#[test]
fn no_line_passes_the_width_but_for_words_that_cannot_be_broken() {
    for width in [60, 80, 140] {
        let text = terminal::write_report(&fixture::everything(), &at(width));
        let too_long = |line: &&str| line.chars().count() > width && line.trim().contains(' ');
        // Names stay whole, so a row of the table and a heading may pass a very narrow width.
        let is_row = |line: &str| {
            line.starts_with(['✓', '✗', '?', '∅']) || line.contains("Expected") || line.contains(" is violated")
        };
        let offending: Vec<&str> = text.lines().filter(too_long).filter(|line| !is_row(line)).collect();
        assert!(offending.iter().all(|line| line.contains("interlock replay")), "at {width}: {offending:#?}");
    }
}

#[test]
fn a_summary_is_as_strong_as_its_weakest_part() {
    let mut report = fixture::all_well();
    assert_eq!(Tally::of(&report).weakest(), Some(Strength::Exhausted));
    report.evidence.push(fixture::evidence("DieHard", "Live", fixture::declined()));
    assert_eq!(Tally::of(&report).weakest(), Some(Strength::Declined));
    assert_eq!(Tally::of(&report).headline(), "1 of 3 obligations not met, the weakest Declined.");
    report.evidence.truncate(2);
    report.evidence.remove(0);
    assert_eq!(Tally::of(&report).weakest(), Some(Strength::Refuted));
    assert_eq!(Tally::of(&RunReport::default()).headline(), "Nothing was checked.");
}
