//! PlusCal algorithms, in both syntaxes, to TLA+ text as `pcal.trans` writes it.
//!
//! The language is that of the PlusCal User's Manual (P-Version and C-Version 1.8). The translation is the text that the
//! original translator writes, to the blank: files, their checksums and their counterexamples stay interchangeable with
//! the Toolbox and the VS Code extension.
//!
//! Reading order: [`document`] (where algorithm and translation stand), [`text`], [`comments`], [`lexer`], [`parse`]
//! (text to [`ast`]), [`macros`], [`labels`] and [`steps`] (what is executed atomically), [`names`] and [`rename`]
//! (clashes), [`explode`] and [`calls`] (control flow made explicit), [`generate`] (text), [`print`] and [`crc`]
//! (checksums). [`expression`] is underneath all of it: TLA+ expressions are never parsed, only copied with their layout.
//!
//! What is deliberately absent: files (the binary writes them), configuration files (`pcal.trans` writes one by default;
//! here `-nocfg` is always on), and the translation by a TLA+ specification (`-spec`).

pub mod ast;
pub mod calls;
pub mod comments;
pub mod crc;
pub mod document;
pub mod error;
pub mod explode;
pub mod expression;
pub mod generate;
pub mod labels;
pub mod lexer;
pub mod macros;
pub mod names;
pub mod options;
pub mod parse;
pub mod print;
pub mod rename;
pub mod stale;
pub mod steps;
pub mod symbols;
pub mod text;

pub use options::{Fairness, Options};
pub use stale::stale;

use ast::{Algorithm, Behavior, Statement, StatementKind, Step};
use document::{Document, Start};
use error::{Outcome, Problem};
use labels::{AddedLabel, Labeller};
use parse::Written;
use text::Lines;
use tla_syntax::Diagnostic;
use tla_syntax::source::FileId;

/// A translated module.
#[derive(Debug, Clone)]
pub struct Translated {
    /// The whole module with the new translation.
    pub text: String,
    /// Name of the algorithm.
    pub algorithm: String,
    /// How many lines the translation has.
    pub lines: usize,
    /// Whether there was a translation before.
    pub was_translated: bool,
    /// Labels that were added, with their places in words.
    pub labels: Vec<(String, String)>,
    /// Names that were changed, as the comments at the head of the translation say it.
    pub renamed: Vec<String>,
}

/// Whether a text contains an algorithm.
pub fn has_algorithm(text: &str) -> bool {
    text.contains("--algorithm") || text.contains("--fair algorithm")
}

/// Translates the algorithm of a module.
///
/// # Errors
/// If there is none, or it is not well-formed.
pub fn translate(file: FileId, text: &str, options: &Options) -> Result<Translated, Diagnostic> {
    let lines = Lines::new(file, text);
    let work = || -> Outcome<Translated> {
        let document = Document::new(text, lines.clone())?;
        let Some(start) = document.start() else {
            let remedy = "write `(* --algorithm name … *)` in a comment of the module";
            return Err(Problem::new("pluscal-none", text::Place::default(), "there is no algorithm here", remedy));
        };
        let options = options.clone().with_statement(&lines)?;
        let end = if document.is_translated() { 0 } else { document.comment_end(start)? };
        let made = translation(&document, start, &options)?;
        let words = |added: &AddedLabel| (added.label.clone(), added.at.words());
        Ok(Translated {
            text: document.with(&made.lines, made.checksum, end),
            lines: made.lines.len(),
            algorithm: made.algorithm,
            was_translated: document.is_translated(),
            labels: made.added.iter().map(words).collect(),
            renamed: made.renamed,
        })
    };
    work().map_err(|problem| problem.diagnostic(&lines))
}

/// A translation with its checksum.
struct Translation {
    algorithm: String,
    lines: Vec<String>,
    checksum: u32,
    added: Vec<AddedLabel>,
    renamed: Vec<String>,
}

fn translation(document: &Document<'_>, start: Start, options: &Options) -> Outcome<Translation> {
    let mut lines = document.lines.clone();
    comments::blank(&mut lines, start.place)?;
    let written = parse::Parser::new(&lines, start.place, options).algorithm(start.fair)?;
    let fairness = written.fairness;
    let (mut algorithm, added) = structure(written, options)?;
    let names = names::Names::new(&algorithm)?;
    rename::rename(&mut algorithm, &names)?;
    let renamed = names.report();
    let exploded = explode::explode(&mut algorithm)?;
    let lines = generate::generate(&algorithm, &exploded, options, fairness, &renamed)?;
    if algorithm.traits.default_values
        && let Some((place, role)) = names.place_of("defaultInitValue")
    {
        let message = format!("{} `defaultInitValue` clashes with the constant of that name", role.to_lowercase());
        let remedy = "rename it, or give every variable an initial value";
        return Err(Problem::new("pluscal-redefined", place, message, remedy).over("defaultInitValue"));
    }
    let checksum = document::algorithm_checksum(start.fair, &print::tree(&algorithm, options.version));
    Ok(Translation { algorithm: algorithm.name, lines, checksum, added, renamed })
}

/// Macros expanded, labels added, statements grouped into steps.
fn structure(written: Written, options: &Options) -> Outcome<(Algorithm, Vec<AddedLabel>)> {
    let Written { mut algorithm, mut bodies, mut procedure_bodies, macros, labels, needs_pc, goto_done, .. } = written;
    let single = matches!(algorithm.behavior, Behavior::Single(_));
    for body in bodies.iter_mut().chain(&mut procedure_bodies) {
        macros::expand(body, &macros)?;
    }
    let mut labeller = Labeller::new(&options.label_root, &labels, &algorithm.procedures);
    let mut shape = Shape { omit_pc: !needs_pc, never_ends: options.version >= 1500 };
    let mut steps: Vec<Vec<Step>> = Vec::new();
    // Labels are numbered in this order: processes before procedures, but procedures before a single body.
    if !single {
        let mut some_process_never_ends = false;
        for mut body in bodies.drain(..) {
            labeller.body(&mut body)?;
            let grouped = steps::group(body, None)?;
            shape.never_ends = true;
            shape.look_at(&grouped);
            some_process_never_ends |= shape.never_ends;
            steps.push(grouped);
        }
        shape.never_ends = some_process_never_ends;
    }
    for (procedure, mut body) in algorithm.procedures.iter_mut().zip(procedure_bodies) {
        labeller.procedure = Some(procedure.name.clone());
        labeller.body(&mut body)?;
        procedure.body = steps::group(body, Some(&procedure.name))?;
    }
    for mut body in bodies {
        labeller.body(&mut body)?;
        let grouped = steps::group(body, None)?;
        shape.look_at(&grouped);
        steps.push(grouped);
    }
    if goto_done {
        shape.never_ends = false;
    }
    let may_add = options.label || (single && labels.is_empty());
    if !may_add {
        complain_about_labels(&labeller.added)?;
    }
    match &mut algorithm.behavior {
        Behavior::Single(body) => *body = steps.pop().unwrap_or_default(),
        Behavior::Processes(processes) => {
            processes.iter_mut().zip(steps).for_each(|(process, steps)| process.body = steps);
        }
    }
    algorithm.traits.omit_pc = shape.omit_pc;
    algorithm.traits.never_ends = shape.never_ends;
    Ok((algorithm, labeller.added))
}

fn complain_about_labels(added: &[AddedLabel]) -> Outcome<()> {
    let Some((first, rest)) = added.split_first() else { return Ok(()) };
    let message = match rest.len() {
        0 => "a label is missing before this statement".to_owned(),
        _ => format!("labels are missing before this and {} further statements", rest.len()),
    };
    let remedy = "put a label there, or let them be added: `--label`, or `PlusCal options (label)` in the module";
    let problem = Problem::new("pluscal-missing-label", first.at.visible(), message, remedy);
    Err(rest.iter().fold(problem, |problem, one| problem.related(one.at.visible(), "and here")))
}

/// What the bodies of an algorithm say about its need for `pc` and about its end.
struct Shape {
    omit_pc: bool,
    never_ends: bool,
}

impl Shape {
    /// Only a single `while (TRUE)` never ends, and only without labels inside it does without `pc`.
    fn look_at(&mut self, steps: &[Step]) {
        let body = match steps {
            [step] => match step.statements.as_slice() {
                [Statement { kind: StatementKind::While { test, body }, .. }] => {
                    Some(body).filter(|_| test.single().is_some_and(|token| token.text == "TRUE"))
                }
                _ => None,
            },
            _ => None,
        };
        let Some(body) = body else {
            self.omit_pc = false;
            self.never_ends = false;
            return;
        };
        let has_labels = |statement: &Statement| {
            matches!(statement.kind, StatementKind::LabelIf { .. } | StatementKind::LabelEither(_))
        };
        if !body.labelled.is_empty() || body.unlabelled.iter().any(has_labels) {
            self.omit_pc = false;
        }
    }
}
