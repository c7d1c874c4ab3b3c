//! TLC's flags, as data: what each takes and what is done with it. The parser, the help and `docs/from-tlc.md` all come
//! from this table; a test holds the page to it.

/// What becomes of a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// It does what it does in TLC.
    Does,
    /// It is accepted and another thing is done, or nothing, without an effect on any verdict.
    Accepts,
    /// It is refused, because to ignore it would change the verdict or lose something that was asked for.
    Refuses,
}

impl Treatment {
    /// The word on the page.
    #[cfg(test)]
    pub fn word(self) -> &'static str {
        match self {
            Self::Does => "does",
            Self::Accepts => "accepted",
            Self::Refuses => "refused",
        }
    }
}

/// A flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag {
    /// With its dash.
    pub name: &'static str,
    /// Names of its values, in order.
    pub values: &'static [&'static str],
    /// What becomes of it.
    pub treatment: Treatment,
    /// In words.
    pub what: &'static str,
}

const fn flag(name: &'static str, values: &'static [&'static str], treatment: Treatment, what: &'static str) -> Flag {
    Flag { name, values, treatment, what }
}

use Treatment::{Accepts, Does, Refuses};

/// Every flag of TLC 2.20.
pub const FLAGS: &[Flag] = &[
    flag("-config", &["FILE"], Does, "the configuration; also a module with a section CONFIG"),
    flag("-workers", &["N|auto"], Does, "worker threads, 1 unless said otherwise; counts do not depend on them"),
    flag("-deadlock", &[], Does, "deadlock is not checked"),
    flag(
        "-continue",
        &[],
        Does,
        "goes on after a violation; one counterexample for each property, and a nonzero exit code",
    ),
    flag("-modelcheck", &[], Does, "the mode that is used anyway"),
    flag(
        "-simulate",
        &["[num=N,file=F,stats=S,sched=S]"],
        Does,
        "random behaviors; file= writes each, stats= is accepted, sched=rl favors actions that were taken less often",
    ),
    flag(
        "-generate",
        &["[num=N,file=F,stats=S,sched=S]"],
        Does,
        "random behaviors, one successor at a time; as -simulate",
    ),
    flag("-depth", &["N"], Does, "states in a behavior of a simulation, 100 unless said otherwise; -1 for no limit"),
    flag("-seed", &["N"], Does, "repeats a simulation; the behaviors are others than TLC's"),
    flag("-aril", &["N"], Does, "changes the seed"),
    flag("-dfid", &["N"], Does, "depth first with iterative deepening, to level N; no liveness, no checkpoints"),
    flag(
        "-coverage",
        &["MINUTES"],
        Does,
        "counts of actions at the end of the search; with `-workers 1` of expressions too, without machine code",
    ),
    flag("-difftrace", &[], Does, "states of a behavior without what a step leaves alone"),
    flag(
        "-dump",
        &["[FORMAT]", "FILE"],
        Does,
        "the states, or with dot and dot,actionlabels the state graph; class, is refused",
    ),
    flag(
        "-dumpTrace",
        &["FORMAT", "FILE"],
        Does,
        "the first counterexample as json, tla, tlcplain, tlcTESpec, tlcaction or dot; tlc is refused",
    ),
    flag(
        "-loadTrace",
        &["FORMAT", "FILE"],
        Does,
        "keeps the search to a trace in json, sets and model values included; tlc is refused",
    ),
    flag("-inv", &["EXPR"], Does, "a further invariant"),
    flag("-invlevel", &["N"], Does, "a further invariant, that every state is nearer than N to an initial one"),
    flag(
        "-postCondition",
        &["MODULE!OP"],
        Does,
        "a further postcondition, from a module that need not be one of the specification",
    ),
    flag(
        "-lncheck",
        &["WHEN"],
        Accepts,
        "temporal properties are checked once, when all states are known; off is refused",
    ),
    flag(
        "-maxSetSize",
        &["N"],
        Accepts,
        "sets of more than twenty million elements, or elements of elements, end the run with an error; in TLC of a million",
    ),
    flag(
        "-checkpoint",
        &["MINUTES"],
        Does,
        "saves the search now and then and when it is interrupted, by the interpreter; not without it, or for 0",
    ),
    flag(
        "-recover",
        &["ID"],
        Does,
        "goes on from the checkpoint in a folder that was written here; TLC's own cannot be read",
    ),
    flag("-metadir", &["DIR"], Does, "where folders of checkpoints go, instead of states beside the specification"),
    flag("-cleanup", &[], Accepts, "a checkpoint of a run that ends by itself is removed; others are kept"),
    flag("-gzip", &[], Accepts, "checkpoints are written as they are"),
    flag("-fp", &["N"], Accepts, "fingerprints have 128 bits and random keys"),
    flag("-fpmem", &["FRACTION"], Accepts, "memory is taken as it is needed"),
    flag("-fpbits", &["N"], Accepts, "there is one store, shared by all workers"),
    flag("-nowarning", &[], Does, "warnings are left out"),
    flag("-terse", &[], Accepts, "values are printed as they are"),
    flag("-view", &[], Accepts, "states are printed whole"),
    flag("-tool", &[], Does, "message codes around every message, for editors"),
    flag("-debug", &[], Accepts, "--verbose of other commands shows logs"),
    flag("-userFile", &["FILE"], Does, "what the specification prints goes to this file"),
    flag("-suppressMessages", &["CODES"], Does, "messages with these codes are left out"),
    flag("-messagesAsErrors", &["CODES"], Refuses, "message codes have no influence on the exit code here"),
    flag(
        "-generateSpecTE",
        &[],
        Does,
        "writes a specification of the counterexample, named as TLC names it; not without this flag",
    ),
    flag("-noGenerateSpecTE", &[], Does, "no specification of the counterexample is written, as without it"),
    flag("-noTE", &[], Does, "as -noGenerateSpecTE"),
    flag("-noGenerateSpecTEBin", &[], Accepts, "no binary file is written anyway"),
    flag("-noTEBin", &[], Accepts, "as -noGenerateSpecTEBin"),
    flag(
        "-teSpecOutDir",
        &["DIR"],
        Does,
        "where the specification of the counterexample goes, instead of beside the other",
    ),
    flag("-debugger", &["[OPTIONS]"], Refuses, "there is no debugger; `interlock tla repl` evaluates expressions"),
    flag("-help", &[], Does, "this list"),
    flag("-h", &[], Does, "this list"),
];

/// The flag of this name. TLC takes a few of them in any case.
pub fn find(name: &str) -> Option<&'static Flag> {
    let any_case = |flag: &&Flag| {
        let any = matches!(
            flag.name,
            "-noTE" | "-noTEBin" | "-noGenerateSpecTEBin" | "-loadTrace" | "-dumpTrace" | "-postCondition"
        );
        any && flag.name.eq_ignore_ascii_case(name)
    };
    FLAGS.iter().find(|flag| flag.name == name).or_else(|| FLAGS.iter().find(any_case))
}

/// The list for `-help`.
pub fn help() -> String {
    let mut text = "Usage: interlock tlc [FLAGS] SPEC\n\nTLC's command line. Flags:\n".to_owned();
    for flag in FLAGS {
        let values: String = flag.values.iter().map(|value| format!(" {value}")).collect();
        let refused = if flag.treatment == Refuses { "refused: " } else { "" };
        text.push_str(&format!("  {}{values}\n        {refused}{}\n", flag.name, flag.what));
    }
    text.push_str("\nExit codes: 0 no error, 10 assumption, 11 deadlock, 12 invariant, 13 other property, 14 Assert, 20 undecided,\n75 and 76 evaluation, 150 parse, 151 configuration, 2 wrong use. See docs/from-tlc.md.\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page has one line for each flag, with what becomes of it, word for word.
    #[test]
    fn the_page_for_users_of_tlc_has_every_flag() {
        let page = include_str!("../../../../../docs/from-tlc.md");
        for flag in FLAGS {
            let values: String = flag.values.iter().map(|value| format!(" {value}")).collect();
            let line = format!(
                "| `{}{}` | {} | {} |",
                flag.name,
                values.replace('|', "\\|"),
                flag.treatment.word(),
                flag.what
            );
            assert!(page.lines().any(|known| known == line), "docs/from-tlc.md lacks\n{line}");
        }
        let rows = page.lines().filter(|line| line.starts_with("| `-")).count();
        assert_eq!(rows, FLAGS.len(), "docs/from-tlc.md lists a flag that is not in the table");
    }

    #[test]
    fn flags_are_found_as_tlc_finds_them() {
        assert_eq!(find("-deadlock").map(|flag| flag.name), Some("-deadlock"));
        assert_eq!(find("-notebin").map(|flag| flag.name), Some("-noTEBin"));
        assert_eq!(find("-DEADLOCK"), None);
        let mut names: Vec<&str> = FLAGS.iter().map(|flag| flag.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FLAGS.len());
    }
}
