//! Coq and Rocq: proofs, audited down to what they rest on.
//!
//! A theorem is proved if the kernel accepts its file and everything that the file requires, if its type is a proposition,
//! and if `Print Assumptions` says that it is closed under the global context, or names only what the project allows. The
//! statement, as the kernel has it, goes with the verdict, because a proof is worth what it states.
//!
//! [`project`] reads the folder, [`build`] compiles what changed, [`scan`] looks for what a reader would ask about,
//! [`audit`] asks the kernel.

pub mod audit;
pub mod build;
pub mod project;
pub mod scan;

use crate::catalogue::COQ;
use crate::cbmc::runs::{declined, failed};
use crate::content::ContentHash;
use crate::process::{Invocation, Job, Limits, run};
use crate::tool::{Found, Places};
use audit::{Answer, Question, answers, questions};
use build::{Build, Compiled, Complaint, Outcome, Programs, undecided};
use project::{Folder, ProjectError};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use verdict::engine::Details;
use verdict::{
    Context, Decline, Engine, Event, Expectation, FailureClass, InputText, Obligation, Place, Vacuity, Verdict,
};

/// Name of the engine in evidence.
pub const ENGINE: &str = "coq";

/// The generated file.
const AUDIT: &str = "interlock_audit.v";

/// A folder of proofs, as the project file describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Name, unique in the project.
    pub name: String,
    /// The folder with `_CoqProject`.
    pub folder: PathBuf,
    /// Theorem (`aba.sound`) and the property that it shows.
    pub theorems: Vec<(String, String)>,
    /// Axioms that a theorem may rest on.
    pub allow: Vec<String>,
    /// Time for each file.
    pub time: Duration,
}

/// Coq, pointed at a folder.
pub struct ProofEngine<'a> {
    proof: Proof,
    places: &'a Places,
    cache: PathBuf,
    details: Mutex<Vec<Details>>,
}

/// What a verdict on a theorem is made of.
struct Examined<'a> {
    folder: &'a Folder,
    outcome: Outcome,
    findings: Vec<scan::Finding>,
    answers: BTreeMap<String, Result<Answer, Complaint>>,
    checker: String,
}

impl<'a> ProofEngine<'a> {
    /// For this folder; it is compiled in a folder of its own inside the given one.
    pub fn new(proof: Proof, places: &'a Places, cache: &Path) -> Self {
        let own = proof.name.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        Self { cache: cache.join(own), proof, places, details: Mutex::new(Vec::new()) }
    }

    fn remember(&self, answers: Vec<(Verdict, Details)>) -> Vec<Verdict> {
        let (verdicts, details) = answers.into_iter().unzip();
        *self.details.lock().unwrap_or_else(PoisonError::into_inner) = details;
        verdicts
    }

    fn all(&self, verdict: &Verdict, details: &Details) -> Vec<Verdict> {
        self.remember(vec![(verdict.clone(), details.clone()); self.proof.theorems.len()])
    }

    fn shown(&self, file: &Path) -> String {
        self.proof.folder.join(file).display().to_string()
    }

    fn findings(&self, folder: &Folder, context: &Context<'_>) -> Vec<scan::Finding> {
        let of = |file: &PathBuf| {
            let text = fs::read(self.proof.folder.join(file)).unwrap_or_default();
            scan::scan(&self.shown(file), &String::from_utf8_lossy(&text))
        };
        let found: Vec<scan::Finding> = folder.files.iter().flat_map(of).collect();
        for finding in &found {
            let text = format!("{} says `{}`", finding.place, finding.words);
            context.events.send(Event::Warning { text });
        }
        found
    }

    fn examine<'f>(
        &self,
        found: &Found,
        folder: &'f Folder,
        context: &Context<'_>,
    ) -> Result<(Examined<'f>, BTreeMap<String, f64>), Verdict> {
        let findings = self.findings(folder, context);
        let programs =
            programs(found).map_err(|message| failed(FailureClass::System, message, None, "check the installation"))?;
        let stop = || context.events.interrupted();
        let limits = Limits::of_time(self.proof.time);
        let build =
            Build { folder, copy: &self.cache, programs: &programs, limits, workers: context.workers, stop: &stop };
        let started = SystemTime::now();
        let outcome = build
            .run()
            .map_err(|message| failed(FailureClass::System, message, None, "check the folder and the installation"))?;
        let answers = self.ask(&build, &outcome);
        let compiled_now =
            outcome.values().filter(|compiled| matches!(compiled, Compiled::Done { now: true, .. })).count();
        let figures = BTreeMap::from([
            ("files".to_owned(), folder.files.len() as f64),
            ("compiled".to_owned(), compiled_now as f64),
            ("wall_s".to_owned(), started.elapsed().unwrap_or_default().as_secs_f64()),
        ]);
        let checker = format!("the kernel of Coq {}", found.version);
        Ok((Examined { folder, outcome, findings, answers, checker }, figures))
    }

    /// What the kernel says of every theorem whose file is compiled. A question that it does not understand is put aside,
    /// and the others are asked again.
    fn ask(&self, build: &Build<'_>, outcome: &Outcome) -> BTreeMap<String, Result<Answer, Complaint>> {
        let mut told = BTreeMap::new();
        let mut open: Vec<(String, Question)> = Vec::new();
        for (theorem, _) in &self.proof.theorems {
            if let Some((file, name)) = build.folder.theorem(theorem)
                && matches!(outcome.get(file), Some(Compiled::Done { .. }))
            {
                open.push((theorem.clone(), Question { name, module: build.folder.logical_name(file) }));
            }
        }
        while !open.is_empty() {
            let asked: Vec<Question> = open.iter().map(|(_, question)| question.clone()).collect();
            let (text, lines) = questions(&asked);
            let complaint = match self.run_audit(build, outcome, &text) {
                Ok(output) => match answers(&output, asked.len()) {
                    Some(all) => {
                        told.extend(open.into_iter().zip(all).map(|((theorem, _), answer)| (theorem, Ok(answer))));
                        return told;
                    }
                    None => undecided("the answer of the kernel ends early".to_owned()),
                },
                Err(complaint) => complaint,
            };
            let at = complaint.at.and_then(|(line, _, _)| lines.iter().position(|range| range.contains(&line)));
            let Some(index) = at else {
                told.extend(open.into_iter().map(|(theorem, _)| (theorem, Err(complaint.clone()))));
                return told;
            };
            let (theorem, _) = open.remove(index);
            told.insert(theorem, Err(complaint));
        }
        told
    }

    /// The kernel's output, kept by content.
    fn run_audit(&self, build: &Build<'_>, outcome: &Outcome, text: &str) -> Result<String, Complaint> {
        let mut hash = ContentHash::new().with(text).with(&build.programs.identity);
        for compiled in outcome.values() {
            if let Compiled::Done { key, .. } = compiled {
                hash = hash.with(key);
            }
        }
        let key = hash.finish();
        let (mark, said) = (self.cache.join("interlock_audit.key"), self.cache.join("interlock_audit.txt"));
        if fs::read_to_string(&mark).is_ok_and(|known| known == key)
            && let Ok(output) = fs::read_to_string(&said)
        {
            return Ok(output);
        }
        let _ = fs::remove_file(&mark);
        fs::write(self.cache.join(AUDIT), text).map_err(|error| undecided(error.to_string()))?;
        let finished = build.compile(Path::new(AUDIT)).map_err(|error| undecided(error.to_string()))?;
        if !finished.succeeded() {
            return Err(build.complaint(&finished));
        }
        let output = finished.text();
        if fs::write(&said, &output).is_ok() {
            // Without a mark it is asked again next time.
            let _ = fs::write(&mark, &key);
        }
        Ok(output)
    }

    fn judge(&self, theorem: &str, examined: &Examined<'_>) -> (Verdict, Vec<String>) {
        let Some((file, name)) = examined.folder.theorem(theorem) else {
            let reason = format!("no file of {} has the module of `{theorem}`", self.proof.folder.display());
            return (Verdict::Vacuous(Vacuity { reason, witness: None }), Vec::new());
        };
        match examined.outcome.get(file) {
            Some(Compiled::Done { .. }) => {}
            Some(Compiled::Failed(complaint)) => return (self.rejected(file, complaint), Vec::new()),
            Some(Compiled::Blocked(other)) => {
                let reason = format!("{} was not compiled, because {} was not", self.shown(file), self.shown(other));
                return (declined(reason, "mend that file first"), Vec::new());
            }
            None => return (declined(format!("{} was not compiled", self.shown(file)), "run it again"), Vec::new()),
        }
        if let Some(finding) = examined.findings.iter().find(|finding| finding.disables_the_kernel) {
            let reason = format!("`{}` turns a check of the kernel off", finding.words);
            let remedy = "remove it: nothing in this folder is proved while it is there".to_owned();
            return (
                Verdict::Declined(Decline { reason, place: Some(finding.place.clone()), remedy, induction: None }),
                Vec::new(),
            );
        }
        match examined.answers.get(theorem) {
            Some(Ok(answer)) => self.closed(theorem, &name, answer, examined),
            Some(Err(complaint)) if complaint.is_decided => {
                let reason = format!("the kernel does not know {name} as a theorem: {}", complaint.message);
                (Verdict::Vacuous(Vacuity { reason, witness: None }), Vec::new())
            }
            Some(Err(complaint)) => {
                let reason = format!("the kernel was not asked what {name} rests on: {}", complaint.message);
                (declined(reason, "raise `timeout` of the proof, or run it again"), Vec::new())
            }
            None => (declined(format!("the kernel was not asked about {name}"), "run it again"), Vec::new()),
        }
    }

    fn closed(&self, theorem: &str, name: &str, answer: &Answer, examined: &Examined<'_>) -> (Verdict, Vec<String>) {
        let remarks = vec![format!("the theorem: {}", answer.statement)];
        let forbidden: Vec<&str> =
            answer.assumptions.iter().filter(|axiom| !self.proof.allow.contains(axiom)).map(String::as_str).collect();
        if !forbidden.is_empty() {
            let place = examined.findings.first().map(|finding| finding.place.clone());
            let reason = format!("{theorem} is not closed: it rests on {}", forbidden.join(", "));
            let remedy =
                "prove what it rests on, or add it to `allow` of the proof, where every report counts it".to_owned();
            return (Verdict::Declined(Decline { reason, place, remedy, induction: None }), remarks);
        }
        let proof = verdict::verdict::Proof {
            certificate: format!("{} in {}", name, self.proof.folder.display()),
            checker: examined.checker.clone(),
            axioms: answer.assumptions.clone(),
        };
        (Verdict::Proved(proof), remarks)
    }

    fn rejected(&self, file: &Path, complaint: &Complaint) -> Verdict {
        let file = self.shown(file);
        if !complaint.is_decided {
            return declined(
                format!("{file} was not compiled: {}", complaint.message),
                "raise `timeout` of the proof, or run it again",
            );
        }
        let place = complaint.at.map(|(line, column, end_column)| Place {
            file: file.clone(),
            module: String::new(),
            line,
            column,
            end_line: line,
            end_column: end_column.max(column),
        });
        failed(
            FailureClass::Parse,
            format!("the kernel rejects {file}: {}", complaint.message),
            place,
            "mend the proof",
        )
    }
}

/// The programs of an installation: before version 9 `coqc` and `coqdep`, from then on also `rocq` with commands.
fn programs(found: &Found) -> Result<Programs, String> {
    let compiler = &found.invocation;
    let name = compiler.shown.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (compile, depend) = if name == "rocq" {
        ((compiler.clone(), vec!["compile".into()]), (compiler.clone(), vec!["dep".into()]))
    } else {
        let beside = compiler.shown.with_file_name("coqdep");
        if !beside.is_file() {
            return Err(format!("there is no coqdep beside {}", compiler.shown.display()));
        }
        ((compiler.clone(), Vec::new()), (Invocation::plain(beside), Vec::new()))
    };
    let identity = format!("{}\n{}", found.said, libraries(&compile));
    Ok(Programs { compiler: compile, dependencies: depend, identity })
}

/// What is installed: names, sizes and times of compiled libraries, so that another version of one is noticed.
fn libraries((compiler, words): &(Invocation, Vec<std::ffi::OsString>)) -> String {
    let job = Job::new(compiler, words.iter().cloned().chain(["-where".into()]));
    let root = run(&job, &Limits::of_time(Duration::from_secs(30)), &|| false).map(|finished| finished.text());
    let root = PathBuf::from(root.unwrap_or_default().trim());
    let mut hash = ContentHash::new();
    let mut open = vec![root.join("user-contrib"), root.join("coq/user-contrib")];
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())) {
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "vo") {
                files.push(path);
            }
        }
    }
    files.sort();
    for file in files {
        let metadata = fs::metadata(&file).ok();
        let time = metadata
            .as_ref()
            .and_then(|metadata| metadata.modified().ok()?.duration_since(SystemTime::UNIX_EPOCH).ok());
        let size = metadata.map_or(0, |metadata| metadata.len());
        hash = hash.with(format!("{} {size} {:?}", file.display(), time));
    }
    hash.finish()
}

impl Engine for ProofEngine<'_> {
    fn name(&self) -> &'static str {
        ENGINE
    }

    fn discover(&self) -> Vec<Obligation> {
        let obligation = |(theorem, property): &(String, String)| Obligation {
            property: property.clone(),
            model: self.proof.name.clone(),
            engine: ENGINE.to_owned(),
            name_in_input: theorem.clone(),
            place: None,
            expectation: Expectation::Holds,
            asks: None,
        };
        self.proof.theorems.iter().map(obligation).collect()
    }

    fn discharge(&self, _group: &[Obligation], context: &Context<'_>) -> Vec<Verdict> {
        let found = match COQ.find(self.places) {
            Ok(found) => found,
            Err(unusable) => {
                let details = Details { absent_tool: Some(COQ.name.to_owned()), ..Details::default() };
                return self.all(&unusable.verdict(), &details);
            }
        };
        let folder = match Folder::read(&self.proof.folder) {
            Ok(folder) => folder,
            Err(error) => {
                let class = match error {
                    ProjectError::Unreadable(..) => FailureClass::System,
                    ProjectError::UnknownFlag { .. } | ProjectError::Weakening { .. } | ProjectError::Empty(_) => {
                        FailureClass::Configuration
                    }
                };
                return self
                    .all(&failed(class, error.to_string(), None, "correct the _CoqProject"), &Details::default());
            }
        };
        let (examined, figures) = match self.examine(&found, &folder, context) {
            Ok(examined) => examined,
            Err(verdict) => return self.all(&verdict, &Details::default()),
        };
        let tools = BTreeMap::from([(ENGINE.to_owned(), found.version.to_string())]);
        let answer = |(theorem, _): &(String, String)| {
            let (verdict, remarks) = self.judge(theorem, &examined);
            let (figures, tools) = (figures.clone(), tools.clone());
            (verdict, Details { figures, tools, remarks, ..Details::default() })
        };
        self.remember(self.proof.theorems.iter().map(answer).collect())
    }

    fn inputs(&self) -> Vec<InputText> {
        let Ok(folder) = Folder::read(&self.proof.folder) else { return Vec::new() };
        let of = |file: &PathBuf| {
            let bytes = fs::read(self.proof.folder.join(file)).ok()?;
            Some(InputText { path: self.shown(file), text: Arc::from(String::from_utf8_lossy(&bytes).into_owned()) })
        };
        folder.files.iter().chain([&PathBuf::from("_CoqProject")]).filter_map(of).collect()
    }

    fn details(&self) -> Vec<Details> {
        self.details.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
