//! `interlock tla translate`: the PlusCal algorithm of a module to TLA+, written into the module.
//!
//! The new text goes into a file beside the module, which then takes its place: whoever reads the module sees the old or
//! the new one, never half of it, and a crash loses nothing.

use crate::cli::TlaTranslateArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use pluscal::{Fairness, Options, Translated};
use report::Ink;
use report::number::counted;
use std::path::{Path, PathBuf};
use tla_syntax::SourceMap;
use verdict::ExitCode;

/// Runs the command.
pub fn run(args: &TlaTranslateArgs, console: &Console) -> Result<u8, CommandError> {
    let path = module_path(&args.spec);
    let text = read(&path)?;
    let mut sources = SourceMap::new();
    let file = sources.add(&path, text.as_str());
    let translated = pluscal::translate(file, &text, &options(args))
        .map_err(|diagnostic| CommandError::new(ExitCode::Parse, diagnostic.render(&sources), String::new()))?;
    let current = translated.text == text;
    if args.stdout {
        console.result(&translated.text);
        return Ok(0);
    }
    if args.check && !current {
        let missing = if translated.was_translated { "is not up to date" } else { "is missing" };
        let message = format!("{}: the translation of `{}` {missing}", path.display(), translated.algorithm);
        let remedy = format!("run `interlock tla translate {}`", path.display());
        return Err(CommandError::new(ExitCode::Parse, message, remedy));
    }
    if !current {
        replace(&path, &translated.text)?;
    }
    if !console.style.quiet {
        console.result(&success(&path, &translated, current, console));
    }
    Ok(0)
}

fn module_path(spec: &Path) -> PathBuf {
    if spec.extension().is_some_and(|ending| ending == "tla") || spec.is_file() {
        return spec.to_path_buf();
    }
    let mut name = spec.as_os_str().to_owned();
    name.push(".tla");
    name.into()
}

fn options(args: &TlaTranslateArgs) -> Options {
    let chosen = [
        (args.wf, Fairness::Weak),
        (args.sf, Fairness::Strong),
        (args.wf_next, Fairness::WeakNext),
        (args.nof, Fairness::None),
    ];
    Options {
        fairness: chosen.into_iter().find(|(chosen, _)| *chosen).map(|(_, fairness)| fairness),
        termination: args.termination,
        label: args.label,
        label_root: args.label_root.clone(),
        line_width: args.line_width,
        no_done_disjunct: args.no_done_disjunct,
        ..Options::default()
    }
}

fn read(path: &Path) -> Result<String, CommandError> {
    let fail = |why: String, remedy: &str| {
        CommandError::new(ExitCode::Parse, format!("cannot read {}: {why}", path.display()), remedy)
    };
    let bytes = std::fs::read(path).map_err(|error| fail(error.to_string(), "name a module that exists"))?;
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        fail(format!("no UTF-8 at byte {offset}"), "save the module as UTF-8")
    })
}

/// Puts a text in the place of a file, whole or not at all.
fn replace(path: &Path, text: &str) -> Result<(), CommandError> {
    let fail = |error: std::io::Error| {
        let message = format!("cannot write {}: {error}", path.display());
        CommandError::new(
            ExitCode::System,
            message,
            "the folder of the module must be writable; the module is unchanged",
        )
    };
    // A link stays a link: what it points to is replaced.
    let target = std::fs::canonicalize(path).map_err(fail)?;
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{}.new", std::process::id()));
    let beside = target.with_file_name(name);
    let write = || {
        let mut file = std::fs::File::create(&beside)?;
        std::io::Write::write_all(&mut file, text.as_bytes())?;
        file.set_permissions(std::fs::metadata(&target)?.permissions())?;
        file.sync_all()?;
        std::fs::rename(&beside, &target)
    };
    write().map_err(|error| {
        // The module is unchanged; what could not be finished is no use to anybody.
        let _ = std::fs::remove_file(&beside);
        fail(error)
    })
}

fn success(path: &Path, translated: &Translated, current: bool, console: &Console) -> String {
    let mark = console.style.paint(Ink::Good, "✓");
    let lines = counted(translated.lines, "line");
    let name = &translated.algorithm;
    let done = if current {
        format!("the translation of `{name}` is up to date ({lines})")
    } else {
        format!("`{name}` translated ({lines})")
    };
    let mut text = format!("{mark} {}: {done}\n", path.display());
    for (label, place) in &translated.labels {
        text.push_str(&format!("  label {label} added at {place}\n"));
    }
    for comment in &translated.renamed {
        text.push_str(&format!("  {}\n", comment.trim_start_matches("\\* ")));
    }
    text
}
