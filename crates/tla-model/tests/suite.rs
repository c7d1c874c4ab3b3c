//! Evaluates the expressions of `tests/suite`; the README there describes the format.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use tla_model::eval::outside::WriteMode;
use tla_model::eval::{Machine, Surroundings};
use tla_model::model::Model;
use tla_syntax::load::{Specification, load_from_text};

/// What a line says after its marker.
type Marker = fn(String) -> Expected;

#[derive(Debug, Clone)]
enum Expected {
    Value(String),
    Refused(String),
    Rejected(String),
}

#[derive(Debug, Clone)]
struct Case {
    line: usize,
    expression: String,
    expected: Expected,
}

/// What stands between two headings, or two lines of `Extends:`.
#[derive(Debug, Clone, Default)]
struct Section {
    extends: String,
    definitions: String,
    configuration: String,
    cases: Vec<Case>,
}

/// Reads a file of the suite.
#[derive(Default)]
struct Reader {
    sections: Vec<Section>,
    section: Section,
    /// The tag of the code block that is open.
    block: Option<String>,
    expression: String,
}

impl Reader {
    fn close_section(&mut self) {
        let extends = self.section.extends.clone();
        let section = std::mem::replace(&mut self.section, Section { extends, ..Section::default() });
        if !section.cases.is_empty() {
            self.sections.push(section);
        }
    }

    fn line(&mut self, number: usize, line: &str) {
        match (line.strip_prefix("```"), &self.block) {
            (Some(_), Some(_)) => {
                assert!(self.expression.trim().is_empty(), "line {number}: a case has no expectation");
                self.expression.clear();
                self.block = None;
            }
            (Some(tag), None) => self.block = Some(tag.trim().to_owned()),
            (None, Some(tag)) => match tag.as_str() {
                "tla" => self.case_line(number, line),
                "tla definitions" => self.section.definitions.push_str(&format!("{line}\n")),
                "cfg" => self.section.configuration.push_str(&format!("{line}\n")),
                _ => {}
            },
            (None, None) if line.starts_with('#') => self.close_section(),
            (None, None) => {
                if let Some(modules) = line.strip_prefix("Extends:") {
                    self.close_section();
                    self.section.extends = modules.trim().trim_end_matches('.').to_owned();
                }
            }
        }
    }

    fn case_line(&mut self, number: usize, line: &str) {
        let markers: [(&str, Marker); 3] =
            [("\\* = ", Expected::Value), ("\\* ! ", Expected::Refused), ("\\* ? ", Expected::Rejected)];
        for (marker, expected) in markers {
            if let Some((code, rest)) = line.split_once(marker) {
                self.expression.push_str(code);
                let expression = std::mem::take(&mut self.expression);
                self.section.cases.push(Case { line: number, expression, expected: expected(rest.trim().to_owned()) });
                return;
            }
        }
        self.expression.push_str(&format!("{line}\n"));
    }
}

/// Files in memory, and one environment variable.
#[derive(Default)]
struct Sandbox {
    files: RefCell<HashMap<String, String>>,
}

impl Surroundings for Sandbox {
    fn print(&self, _text: &str) {}

    fn figure(&self, _name: &str) -> Option<i64> {
        None
    }

    fn read_file(&self, path: &str) -> std::io::Result<String> {
        let missing = || std::io::Error::new(std::io::ErrorKind::NotFound, "there is no such file");
        self.files.borrow().get(path).cloned().ok_or_else(missing)
    }

    fn write_file(&self, path: &str, text: &str, mode: WriteMode) -> std::io::Result<()> {
        let mut files = self.files.borrow_mut();
        if mode.create_new && files.contains_key(path) {
            return Err(std::io::Error::new(std::io::ErrorKind::AlreadyExists, "there is such a file"));
        }
        let file = files.entry(path.to_owned()).or_default();
        if mode.truncate {
            file.clear();
        }
        file.push_str(text);
        Ok(())
    }

    fn environment(&self) -> Option<Vec<(String, String)>> {
        Some(vec![("LANGUAGE".to_owned(), "tla".to_owned())])
    }
}

fn module_text(section: &Section, cases: &[&Case]) -> String {
    let mut text = String::from("---- MODULE Suite ----\n");
    if !section.extends.is_empty() {
        text.push_str(&format!("EXTENDS {}\n", section.extends));
    }
    text.push_str(&section.definitions);
    for case in cases {
        text.push_str(&format!("Case{} ==\n{}\n", case.line, case.expression));
    }
    text + "====\n"
}

/// The model of some cases, or what is wrong with it.
fn model(section: &Section, cases: &[&Case]) -> Result<(Specification, Model), String> {
    let mut specification = load_from_text("Suite", &module_text(section, cases), &[]).map_err(|error| {
        error.diagnostics.iter().map(|diagnostic| diagnostic.render(&error.sources)).collect::<String>()
    })?;
    let file = specification.sources.add("Suite.cfg", section.configuration.as_str());
    let mut diagnostics = Vec::new();
    let config = tla_syntax::config::parse_config(&specification.sources, file, &mut diagnostics);
    let built = config
        .ok_or(diagnostics)
        .and_then(|config| Model::build(&specification, &config).map_err(|error| error.diagnostics));
    match built {
        Ok(model) => Ok((specification, model)),
        Err(diagnostics) => {
            Err(diagnostics.iter().map(|diagnostic| diagnostic.render(&specification.sources)).collect())
        }
    }
}

fn blanks_collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Evaluates a case; returns what is wrong.
fn check(machine: &mut Machine<'_>, case: &Case) -> Option<String> {
    let name = format!("Case{}", case.line);
    let definition = machine.code().definitions.iter().position(|definition| *definition.name == *name);
    let Some(definition) = definition else { return Some("the definition was lost".to_owned()) };
    let id = tla_model::ir::DefinitionId(definition as u32);
    let result = machine.evaluate(id).and_then(|value| machine.force(&value));
    match (&case.expected, result) {
        (Expected::Value(expected), Ok(value)) => {
            let found = blanks_collapsed(&machine.show(&value));
            (found != blanks_collapsed(expected)).then(|| format!("expected {expected}\n     found {found}"))
        }
        (Expected::Value(expected), Err(error)) => {
            machine.reset();
            Some(format!("expected {expected}\n     found the error: {}", error.message))
        }
        (Expected::Refused(fragment), Ok(value)) => {
            Some(format!("expected the error: {fragment}\n     found {}", machine.show(&value)))
        }
        (Expected::Refused(fragment), Err(error)) => {
            machine.reset();
            let told = error.message.contains(fragment);
            (!told).then(|| format!("expected the error: {fragment}\n     found the error: {}", error.message))
        }
        (Expected::Rejected(_), _) => None,
    }
}

fn run_section(section: &Section) -> Vec<String> {
    let is_rejection = |case: &&Case| matches!(case.expected, Expected::Rejected(_));
    let (rejections, cases): (Vec<&Case>, Vec<&Case>) = section.cases.iter().partition(is_rejection);
    let mut problems = Vec::new();
    for case in rejections {
        let Expected::Rejected(fragment) = &case.expected else { continue };
        match model(section, &[case]) {
            Ok(_) => problems.push(format!("line {}: was accepted", case.line)),
            Err(told) if told.contains(fragment.as_str()) => {}
            Err(told) => problems.push(format!("line {}: expected {fragment}, found\n{told}", case.line)),
        }
    }
    match model(section, &cases) {
        Ok((_, model)) => {
            let sandbox = Sandbox::default();
            let mut machine = Machine::new(&model.code, &model.names, model.variables.len(), &sandbox);
            for case in cases {
                problems.extend(check(&mut machine, case).map(|problem| format!("line {}: {problem}", case.line)));
            }
        }
        Err(told) => problems.push(format!("the section of line {}:\n{told}", section.cases[0].line)),
    }
    problems
}

fn run_file(path: &Path) -> (usize, Vec<String>) {
    let text = std::fs::read_to_string(path).expect("a readable file");
    let mut reader = Reader::default();
    for (index, line) in text.lines().enumerate() {
        reader.line(index + 1, line);
    }
    reader.close_section();
    let count = reader.sections.iter().map(|section| section.cases.len()).sum();
    (count, reader.sections.iter().flat_map(run_section).collect())
}

fn suite_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite");
    let entries = std::fs::read_dir(folder).expect("the folder of the suite");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "md") && !path.ends_with("README.md"));
    files.sort();
    files
}

#[test]
fn expressions_have_the_values_that_the_suite_says() {
    let on_large_stack = std::thread::Builder::new().stack_size(256 << 20).spawn(|| {
        let mut report = String::new();
        let mut count = 0;
        for path in suite_files() {
            let (cases, problems) = run_file(&path);
            count += cases;
            for problem in problems {
                report.push_str(&format!("{}: {problem}\n", path.file_name().unwrap_or_default().display()));
            }
        }
        (count, report)
    });
    let (count, report) = on_large_stack.expect("a thread").join().expect("no panic");
    assert!(report.is_empty(), "\n{report}");
    assert!(count > 100, "only {count} cases were found");
}
