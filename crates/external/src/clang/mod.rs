//! Clang's thread-safety analysis: who touches what a lock guards has to hold the lock, says the annotation.
//!
//! The analysis looks at every path of one function at a time and believes the annotations of the others. It sees no aliases
//! and leaves constructors and destructors out, so what it finds nothing against is *bounded*, not proved.
//!
//! Three things would let it pass silently, and are looked for. A unit with any error is not analysed: Clang skips the
//! analysis and says nothing. A unit without annotations has nothing to be warned about: it is vacuous, which is seen in its
//! preprocessed text. And the analysis can be switched off by a flag, an attribute or a pragma: flags are dropped, and each of
//! them, like each attribute and pragma, counts as a suppression. The flags that were in force stand in the verdict.
//!
//! A finding is replayed on the preprocessed text alone, which is kept with the run.

pub mod commands;
pub mod output;

use crate::catalogue::CLANG;
use crate::cbmc::runs::{declined, failed};
use crate::process::{Ending, Finished, Invocation, Job, Limits, run};
use crate::tool::Places;
use commands::{Compilation, of_database};
use output::{Diagnostic, Severity, read};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use verdict::engine::{Attachment, Details};
use verdict::trace::Ending as TraceEnding;
use verdict::{
    Context, Counterexample, Decline, Engine, Event, ExitCode, Expectation, FailureClass, FalseConjunct, InputText,
    Obligation, Refutation, Step, Trace, Vacuity, Verdict,
};

/// Name of the engine in evidence.
pub const ENGINE: &str = "clang";

/// The property of a source that names none.
pub const LOCK_DISCIPLINE: &str = "lock discipline";

/// The flags of the analysis. They come last, so that they win.
pub const ANALYSIS: [&str; 4] =
    ["-Wthread-safety", "-Wthread-safety-beta", "-Wno-error", "-Wno-unused-command-line-argument"];

/// Attributes that make a unit one that the analysis has something to say about.
const ANNOTATIONS: [&str; 12] = [
    "guarded_by",
    "pt_guarded_by",
    "requires_capability",
    "exclusive_locks_required",
    "shared_locks_required",
    "requires_shared_capability",
    "acquire_capability",
    "exclusive_lock_function",
    "locks_excluded",
    "release_capability",
    "acquired_after",
    "acquired_before",
];

/// A source with annotations, as the project file describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotated {
    /// Name, unique in the project.
    pub name: String,
    /// The source.
    pub source: PathBuf,
    /// Where the compiler runs, so where relative paths in its flags start; here if there is none.
    pub folder: Option<PathBuf>,
    /// Flags of the compiler.
    pub flags: Vec<String>,
    /// The compilation database that has the flags.
    pub compile_commands: Option<PathBuf>,
    /// Properties that it is to show.
    pub properties: Vec<String>,
    /// Macro that breaks it, and the property that is violated then.
    pub broken: Vec<(String, String)>,
    /// Time for each run.
    pub time: Duration,
}

/// Clang, pointed at one source.
pub struct AnnotatedEngine<'a> {
    annotated: Annotated,
    places: &'a Places,
    details: Mutex<Vec<Details>>,
}

struct Unit<'a> {
    annotated: &'a Annotated,
    invocation: &'a Invocation,
    checker: String,
    compilation: Compilation,
    macro_name: Option<&'a str>,
    stop: &'a dyn Fn() -> bool,
}

impl Annotated {
    fn claimed(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for id in self.properties.iter().chain(self.broken.iter().map(|(_, id)| id)) {
            if !all.contains(id) {
                all.push(id.clone());
            }
        }
        if all.is_empty() { vec![LOCK_DISCIPLINE.to_owned()] } else { all }
    }
}

/// Whether a flag would switch the analysis off.
fn switches_off(flag: &str) -> bool {
    flag == "-w" || flag.starts_with("-Wno-thread-safety") || flag == "-Wno-everything" || flag == "--no-warnings"
}

impl<'a> AnnotatedEngine<'a> {
    /// For this source.
    pub fn new(annotated: Annotated, places: &'a Places) -> Self {
        Self { annotated, places, details: Mutex::new(Vec::new()) }
    }

    fn remember(&self, answers: Vec<(Verdict, Details)>) -> Vec<Verdict> {
        let (verdicts, details) = answers.into_iter().unzip();
        *self.details.lock().unwrap_or_else(PoisonError::into_inner) = details;
        verdicts
    }

    fn compilation(&self, context: &Context<'_>) -> Result<Compilation, Verdict> {
        let mut compilation = match &self.annotated.compile_commands {
            Some(database) => of_database(database, &self.annotated.source)
                .map_err(|message| failed(FailureClass::Configuration, message, None, "name a database that has it"))?,
            None => Compilation { folder: self.annotated.folder.clone(), flags: Vec::new() },
        };
        compilation.flags.extend(self.annotated.flags.iter().cloned());
        for flag in compilation.flags.iter().filter(|flag| switches_off(flag)) {
            context
                .events
                .send(Event::Suppressed { text: format!("the flag {flag} was dropped: it switches the analysis off") });
        }
        compilation.flags.retain(|flag| !switches_off(flag));
        Ok(compilation)
    }
}

impl Unit<'_> {
    fn run(&self, words: &[&str], source: &Path) -> Result<Finished, Verdict> {
        let defined = self.macro_name.map(|name| format!("-D{name}"));
        let source = source.canonicalize().unwrap_or_else(|_| source.to_path_buf());
        let language = (source.extension().is_some_and(|extension| extension == "c")).then_some(["-x", "c"]);
        let all = self.compilation.flags.iter().map(OsString::from).chain(defined.map(OsString::from));
        let all = all.chain(words.iter().map(OsString::from));
        let all = all.chain(language.into_iter().flatten().map(OsString::from)).chain([source.into_os_string()]);
        self.job(all)
    }

    fn job(&self, words: impl Iterator<Item = OsString>) -> Result<Finished, Verdict> {
        let plain =
            ["-fno-caret-diagnostics", "-fno-color-diagnostics", "-fdiagnostics-show-option", "-ferror-limit=0"];
        let words = plain.iter().map(OsString::from).chain(words);
        let mut job = Job::new(self.invocation, words);
        job.folder = self.compilation.folder.clone();
        run(&job, &Limits::of_time(self.annotated.time), self.stop).map_err(|error| {
            failed(FailureClass::System, format!("clang cannot be started: {error}"), None, "check the installation")
        })
    }

    /// The diagnostics of the analysis, if the unit was analysed.
    fn analysed(&self, finished: &Finished) -> Result<Vec<Diagnostic>, Verdict> {
        let told = read(&finished.stderr);
        if let Some(error) = told.iter().find(|one| one.severity == Severity::Error) {
            let reason = format!("a unit with an error is not analysed: {}", error.text);
            let remedy = "add the flags and headers that it needs, or name a compilation database".to_owned();
            return Err(Verdict::Declined(Decline { reason, place: error.place.clone(), remedy, induction: None }));
        }
        match finished.ending {
            Ending::Exited(0) => Ok(told.into_iter().filter(Diagnostic::is_of_the_analysis).collect()),
            Ending::Exited(code) => {
                let message = format!("clang ended with code {code}: {}", finished.stderr.lines().next().unwrap_or(""));
                Err(failed(FailureClass::System, message, None, "run it by hand"))
            }
            Ending::Signalled(signal) => {
                Err(failed(FailureClass::System, format!("clang crashed (signal {signal})"), None, "run it by hand"))
            }
            Ending::TimedOut => {
                let seconds = self.annotated.time.as_secs();
                Err(declined(format!("clang was stopped after {seconds} s"), "raise `timeout` of the source"))
            }
            Ending::Interrupted => Err(declined("clang was interrupted".to_owned(), "run it again")),
            Ending::WroteTooMuch => Err(declined("clang wrote more than is read".to_owned(), "mend the errors first")),
        }
    }

    /// The verdict, with the text that replays a refutation.
    fn decide(&self, context: &Context<'_>) -> (Verdict, Details) {
        match self.try_decide(context) {
            Ok(answer) => answer,
            Err(verdict) => (verdict, Details::default()),
        }
    }

    fn try_decide(&self, context: &Context<'_>) -> Result<(Verdict, Details), Verdict> {
        let words: Vec<&str> = ["-fsyntax-only"].into_iter().chain(ANALYSIS).collect();
        let findings = self.analysed(&self.run(&words, &self.annotated.source)?)?;
        let preprocessed = self.run(&["-E"], &self.annotated.source)?;
        if !preprocessed.succeeded() {
            return Err(declined("the unit cannot be preprocessed".to_owned(), "run clang -E by hand"));
        }
        let text = preprocessed.text();
        let annotations = count_attributes(&text, &ANNOTATIONS);
        self.tell_suppressions(&text, context);
        let mut details = Details {
            figures: BTreeMap::from([
                ("annotations".to_owned(), annotations as f64),
                ("findings".to_owned(), findings.len() as f64),
            ]),
            ..Details::default()
        };
        if annotations == 0 {
            let reason = "nothing in the unit is annotated, so there is nothing to be warned about".to_owned();
            return Ok((Verdict::Vacuous(Vacuity { reason, witness: None }), details));
        }
        let Some(first) = findings.first() else {
            let bound = format!(
                "every path of each function by itself, as its {annotations} annotations say, with {}",
                ANALYSIS[..2].join(" ")
            );
            return Ok((Verdict::Bounded { bound, depth: None, unwinding_assertions: true }, details));
        };
        self.replay(&text, first)?;
        let language = self.preprocessed_language();
        details.files.push(Attachment {
            kind: "replay".to_owned(),
            name: "replay.ii".to_owned(),
            text,
            command: format!(
                "clang++ -fsyntax-only {} {} -x {language} {{}}",
                self.standard(),
                ANALYSIS[..2].join(" ")
            ),
        });
        Ok((self.refuted(&findings), details))
    }

    fn tell_suppressions(&self, text: &str, context: &Context<'_>) {
        let attributes = count_attributes(text, &["no_thread_safety_analysis"]);
        if attributes > 0 {
            let text = format!("{attributes} functions are left out by no_thread_safety_analysis");
            context.events.send(Event::Suppressed { text });
        }
        let pragmas =
            text.lines().filter(|line| line.contains("diagnostic ignored") && line.contains("-Wthread-safety"));
        for pragma in pragmas {
            context.events.send(Event::Suppressed { text: format!("{} in the source", pragma.trim()) });
        }
    }

    fn standard(&self) -> String {
        let standard = self.compilation.flags.iter().find(|flag| flag.starts_with("-std="));
        standard.cloned().unwrap_or_default()
    }

    fn preprocessed_language(&self) -> &'static str {
        let extension = self.annotated.source.extension().map(|extension| extension.to_string_lossy().into_owned());
        match extension.as_deref() {
            Some("c") => "cpp-output",
            Some("mm") => "objective-c++-cpp-output",
            Some("m") => "objective-c-cpp-output",
            Some(_) | None => "c++-cpp-output",
        }
    }

    /// The same finding, on the text that the preprocessor made.
    fn replay(&self, text: &str, finding: &Diagnostic) -> Result<(), Verdict> {
        let not_replayed = |why: &str| {
            let reason = format!("clang warns: {}; but not on the preprocessed text: {why}", finding.text);
            Verdict::Declined(Decline {
                reason,
                place: finding.place.clone(),
                remedy: "run clang by hand".to_owned(),
                induction: None,
            })
        };
        let folder = std::env::temp_dir().join(format!("interlock-clang-{}-{:p}", std::process::id(), self));
        std::fs::create_dir_all(&folder).map_err(|error| not_replayed(&error.to_string()))?;
        let file = folder.join("replay.ii");
        let written = std::fs::write(&file, text);
        let without_includes =
            self.compilation.flags.iter().filter(|flag| flag.starts_with("-std=") || flag.starts_with("-f"));
        let words = without_includes.map(String::as_str).chain(["-fsyntax-only"]).chain(ANALYSIS);
        let words =
            words.chain(["-x", self.preprocessed_language()]).map(OsString::from).chain([file.into_os_string()]);
        let again =
            written.map_err(|error| not_replayed(&error.to_string())).and_then(|()| self.analysed(&self.job(words)?));
        // A folder that stays behind does no harm.
        let _ = std::fs::remove_dir_all(&folder);
        let same = |other: &Diagnostic| {
            other.text == finding.text
                && other.place.as_ref().map(|place| place.line) == finding.place.as_ref().map(|place| place.line)
        };
        if again?.iter().any(same) { Ok(()) } else { Err(not_replayed("the warning is not repeated")) }
    }

    fn refuted(&self, findings: &[Diagnostic]) -> Verdict {
        let part = |finding: &Diagnostic| {
            Some(FalseConjunct {
                place: finding.place.clone()?,
                text: finding.text.clone(),
                bindings: Vec::new(),
                values: Vec::new(),
            })
        };
        let step = |finding: &Diagnostic| Step {
            action: finding.text.clone(),
            bindings: Vec::new(),
            place: finding.place.clone(),
            state: Vec::new(),
            changes: Vec::new(),
            alias: None,
        };
        let trace =
            Trace { steps: findings.iter().take(1).map(step).collect(), ending: TraceEnding::Finite, closing: None };
        Verdict::Refuted(Box::new(Refutation {
            counterexample: Counterexample {
                trace,
                false_conjuncts: findings.iter().filter_map(part).collect(),
                notes: BTreeMap::from([("flags".to_owned(), ANALYSIS[..2].join(" "))]),
            },
            replayed_by: format!("{} on the preprocessed text", self.checker),
            replay_command: String::new(),
            exit_code: ExitCode::Safety.code(),
        }))
    }
}

/// How often attributes of these names occur outside system headers.
fn count_attributes(preprocessed: &str, names: &[&str]) -> usize {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut in_system_header = false;
    let mut count = 0;
    for line in preprocessed.lines() {
        if let Some(marker) = line.strip_prefix("# ") {
            in_system_header =
                marker.rsplit('"').next().is_some_and(|flags| flags.split_whitespace().any(|flag| flag == "3"));
            continue;
        }
        if !in_system_header && !line.starts_with('#') {
            count += line.split(|c| !is_word(c)).filter(|word| names.contains(&word.trim_matches('_'))).count();
        }
    }
    count
}

impl Engine for AnnotatedEngine<'_> {
    fn name(&self) -> &'static str {
        ENGINE
    }

    fn discover(&self) -> Vec<Obligation> {
        let obligation = |model: String, property: &String, expectation| Obligation {
            property: property.clone(),
            model,
            engine: ENGINE.to_owned(),
            name_in_input: property.clone(),
            place: None,
            expectation,
            asks: None,
        };
        let annotated = &self.annotated;
        let main =
            annotated.claimed().into_iter().map(|id| obligation(annotated.name.clone(), &id, Expectation::Holds));
        let twin = |(macro_name, id): &(String, String)| {
            obligation(format!("{}/{macro_name}", annotated.name), id, Expectation::Violated)
        };
        main.chain(annotated.broken.iter().map(twin)).collect()
    }

    fn discharge(&self, group: &[Obligation], context: &Context<'_>) -> Vec<Verdict> {
        let found = match CLANG.find(self.places) {
            Ok(found) => found,
            Err(unusable) => {
                let details = Details { absent_tool: Some(CLANG.name.to_owned()), ..Details::default() };
                return self.remember(vec![(unusable.verdict(), details); group.len()]);
            }
        };
        let compilation = match self.compilation(context) {
            Ok(compilation) => compilation,
            Err(verdict) => return self.remember(vec![(verdict, Details::default()); group.len()]),
        };
        let stop = || context.events.interrupted();
        let unit = |macro_name| Unit {
            annotated: &self.annotated,
            invocation: &found.invocation,
            checker: format!("clang {}", found.version),
            compilation: compilation.clone(),
            macro_name,
            stop: &stop,
        };
        let with_tool = |(verdict, mut details): (Verdict, Details)| {
            details.tools.insert(ENGINE.to_owned(), found.version.to_string());
            (verdict, details)
        };
        let main = with_tool(unit(None).decide(context));
        let mut answers = vec![main; self.annotated.claimed().len()];
        let silent = Context { events: &Silent(context), ..*context };
        answers.extend(self.annotated.broken.iter().map(|(name, _)| with_tool(unit(Some(name)).decide(&silent))));
        self.remember(answers)
    }

    fn inputs(&self) -> Vec<InputText> {
        let Ok(bytes) = std::fs::read(&self.annotated.source) else { return Vec::new() };
        let path = self.annotated.source.display().to_string();
        vec![InputText { path, text: Arc::from(String::from_utf8_lossy(&bytes).into_owned()) }]
    }

    fn details(&self) -> Vec<Details> {
        self.details.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Suppressions of a twin are those of the source, and told already.
struct Silent<'a>(&'a Context<'a>);

impl verdict::EventSink for Silent<'_> {
    fn send(&self, _event: Event) {}

    fn interrupted(&self) -> bool {
        self.0.events.interrupted()
    }
}
