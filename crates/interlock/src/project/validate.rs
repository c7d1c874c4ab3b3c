//! Sections to a [`Project`]: names are unique, references resolve, files exist, sizes are sizes.

use super::file::{AnchorSection, Complaints, File, ModelSection};
use super::{AnchorEntry, EngineName, Model, Project};
use crate::command_error::CommandError;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::Spanned;
use verdict::{Expectation, Property};

/// Checks the sections of the file at `path`.
pub fn validate(path: &Path, text: &str, file: File) -> Result<Project, CommandError> {
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut complaints = Complaints::new(path, text);
    let name = file.project.name.get_ref().clone();
    if name.trim().is_empty() {
        complaints.add("empty-name", file.project.name.span(), "the project has an empty name", "give it a short name");
    }
    unique("property", file.property.iter().map(|property| &property.id), &mut complaints);
    let models = file.model.iter().map(|section| &section.name);
    let harnesses = file.harness.iter().map(|section| &section.name);
    let proofs = file.proof.iter().map(|section| &section.name);
    let annotated = file.annotated.iter().map(|section| &section.name);
    let scans = file.scan.iter().map(|section| &section.name);
    let running = file.stress.iter().map(|section| &section.name);
    let running = running.chain(file.explored.iter().map(|section| &section.name));
    let all = models.chain(harnesses).chain(proofs).chain(annotated).chain(scans).chain(running);
    unique("model", all, &mut complaints);
    let tools = tools_of(&file, &folder, &mut complaints);
    let known: BTreeSet<&str> = file.property.iter().map(|property| property.id.get_ref().as_str()).collect();
    let harness = |section| super::outside::harness(section, &folder, &known, &mut complaints);
    let harnesses = file.harness.iter().map(harness).collect();
    let proof = |section| super::outside::proof(section, &folder, &known, &mut complaints);
    let proofs = file.proof.iter().map(proof).collect();
    let annotated = |section| super::outside::annotated(section, &folder, &known, &mut complaints);
    let annotated = file.annotated.iter().map(annotated).collect();
    let scans = file.scan.iter().map(|section| super::scan::scan(section, &folder, &known, &mut complaints)).collect();
    let stress = |section| super::running::stress(section, &folder, &known, &mut complaints);
    let stresses = file.stress.iter().map(stress).collect();
    let explored = |section| super::running::explored(section, &folder, &known, &mut complaints);
    let explorations = file.explored.iter().map(explored).collect();
    let models: Vec<Model> = file.model.iter().map(|model| model_of(model, &folder, &known, &mut complaints)).collect();
    // Whether they are there is asked when they are read: a project can be checked where its sources are not.
    let sources = file.sources.paths.iter().map(PathBuf::from).collect();
    let anchors = file.anchor.iter().map(|anchor| anchor_of(anchor, &known, &mut complaints)).collect();
    if !complaints.is_empty() {
        return Err(complaints.into_error());
    }
    let property = |section: super::file::PropertySection| Property {
        id: section.id.into_inner(),
        statement: section.statement,
        kind: section.kind,
    };
    let title = file.project.title.unwrap_or_else(|| name.clone());
    let properties = file.property.into_iter().map(property).collect();
    let (path, text) = (path.to_path_buf(), text.to_owned());
    Ok(Project {
        folder,
        path,
        text,
        name,
        title,
        tools,
        sources,
        anchors,
        properties,
        models,
        harnesses,
        proofs,
        annotated,
        scans,
        stresses,
        explorations,
    })
}

/// `[tools]`: paths of tools that are known; a relative one starts at the project file. Whether there is such a file is
/// asked when the tool is needed, so that a project can be checked in part on a machine that lacks it.
fn tools_of(file: &File, folder: &Path, complaints: &mut Complaints) -> BTreeMap<String, PathBuf> {
    let programs = external::catalogue::ALL.iter().map(|tool| tool.name);
    let known: BTreeSet<&str> = programs.chain([external::catalogue::TLC]).collect();
    for name in file.tools.keys().filter(|name| !known.contains(name.get_ref().as_str())) {
        let all = known.iter().copied().collect::<Vec<_>>().join(", ");
        let message = format!("there is no tool `{}`", name.get_ref());
        complaints.add("unknown-tool", name.span(), message, &format!("the tools are {all}"));
    }
    // Absolute, because a program without a slash in its name would be looked for on the `PATH`.
    let place = |path: &Spanned<String>| {
        let path = folder.join(path.get_ref());
        std::path::absolute(&path).unwrap_or(path)
    };
    file.tools.iter().map(|(name, path)| (name.get_ref().clone(), place(path))).collect()
}

fn anchor_of(section: &AnchorSection, known: &BTreeSet<&str>, complaints: &mut Complaints) -> AnchorEntry {
    for id in section.properties.iter().filter(|id| !known.contains(id.get_ref().as_str())) {
        let message = format!("there is no [[property]] with the id `{}`", id.get_ref());
        complaints.add("unknown-property", id.span(), message, &nearest(id.get_ref(), known));
    }
    AnchorEntry {
        file: section.file.clone(),
        function: section.function.clone(),
        properties: section.properties.iter().map(|id| id.get_ref().clone()).collect(),
    }
}

fn unique<'a>(what: &str, names: impl Iterator<Item = &'a Spanned<String>>, complaints: &mut Complaints) {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name.get_ref()) {
            let message = format!("there are two of {what} `{}`", name.get_ref());
            complaints.add("duplicate-name", name.span(), message, "names are how evidence is found again; rename one");
        }
    }
}

fn model_of(section: &ModelSection, folder: &Path, known: &BTreeSet<&str>, complaints: &mut Complaints) -> Model {
    section.properties.values().for_each(|id| known_property(id, known, complaints));
    if section.expect == Expectation::Violated && section.properties.len() != 1 {
        let message = format!(
            "model `{}` is expected to be violated, but lists {} properties",
            section.name.get_ref(),
            section.properties.len()
        );
        let remedy = "list exactly the one property that must be refuted: properties = { TlaName = \"ID\" }";
        complaints.add("violated-property", section.name.span(), message, remedy);
    }
    symbolic(section, complaints);
    let spec = existing(&section.spec, folder, complaints);
    let config = match &section.config {
        Some(config) => existing(config, folder, complaints),
        None => spec.with_extension("cfg"),
    };
    Model {
        name: section.name.get_ref().clone(),
        spec,
        config,
        expectation: section.expect,
        properties: section
            .properties
            .iter()
            .map(|(name, id)| (name.get_ref().clone(), id.get_ref().clone()))
            .collect(),
        workers: section.workers.as_ref().and_then(|number| positive(number, "workers", complaints)),
        memory_bytes: section.memory.as_ref().and_then(|size| bytes(size, complaints)),
        deadlock: section.deadlock,
        liveness_under_reduction: section.liveness_under_reduction,
        engines: section.engines.clone(),
        length: section.length.as_ref().and_then(|steps| positive(steps, "length", complaints)),
        inductive: section.inductive.as_ref().map(|text| text.get_ref().clone()),
        second_opinion: section.second_opinion,
        timeout: section
            .timeout
            .as_ref()
            .and_then(|seconds| positive(seconds, "timeout", complaints))
            .map(Duration::from_secs),
    }
}

/// Complains about what is asked of symbolic engines where there is none, or nothing that they could answer.
fn symbolic(section: &ModelSection, complaints: &mut Complaints) {
    let is_symbolic = |engine: &EngineName| match engine {
        EngineName::Prove | EngineName::Smt => true,
        EngineName::Explore => false,
    };
    let length = section.length.as_ref().map(|steps| ("length", steps.span()));
    let inductive = section.inductive.as_ref().map(|text| ("inductive", text.span()));
    if !section.engines.iter().any(is_symbolic) {
        for (key, span) in length.iter().chain(&inductive) {
            let message =
                format!("`{key}` is asked of symbolic engines, and model `{}` has none", section.name.get_ref());
            complaints.add("engines", span.clone(), message, "add one: engines = [\"explore\", \"prove\"]");
        }
    }
    let Some((_, span)) = inductive else { return };
    if section.expect == Expectation::Violated {
        let message = "an induction refutes nothing, and this model is expected to be violated";
        complaints.add("inductive", span.clone(), message.to_owned(), "leave out `inductive`");
    }
    if length.is_some() {
        let message = "an induction is about behaviors of every length";
        complaints.add("inductive", span, message.to_owned(), "leave out `length`");
    }
}

/// Complains about an identifier that no `[[property]]` has.
pub fn known_property(id: &Spanned<String>, known: &BTreeSet<&str>, complaints: &mut Complaints) {
    if !known.contains(id.get_ref().as_str()) {
        let message = format!("there is no [[property]] with the id `{}`", id.get_ref());
        complaints.add("unknown-property", id.span(), message, &nearest(id.get_ref(), known));
    }
}

/// A file that has to exist; relative paths start at the folder of the project file.
pub fn existing(relative: &Spanned<String>, folder: &Path, complaints: &mut Complaints) -> PathBuf {
    let path = folder.join(relative.get_ref());
    if !path.is_file() {
        let message = format!("there is no file {}", path.display());
        complaints.add("missing-file", relative.span(), message, "paths start at the folder of the project file");
    }
    path
}

/// A positive number.
pub fn positive<T: TryFrom<i64>>(number: &Spanned<i64>, key: &str, complaints: &mut Complaints) -> Option<T> {
    let value = Some(*number.get_ref()).filter(|value| *value > 0).and_then(|value| T::try_from(value).ok());
    if value.is_none() {
        complaints.add("number", number.span(), format!("`{key}` must be a positive number"), "");
    }
    value
}

/// A size in bytes.
pub fn bytes(size: &Spanned<String>, complaints: &mut Complaints) -> Option<u64> {
    match crate::cli::parse_size(size.get_ref()) {
        Ok(bytes) => Some(bytes),
        Err(message) => {
            complaints.add("size", size.span(), message, "write a number and a unit: memory = \"4G\"");
            None
        }
    }
}

/// A known name that the user may have meant: one that differs in few letters.
fn nearest(name: &str, known: &BTreeSet<&str>) -> String {
    let best = known.iter().map(|candidate| (distance(name, candidate), candidate)).min();
    match best {
        Some((distance, candidate)) if distance <= 3 => format!("did you mean `{candidate}`?"),
        Some(_) | None => "declare it: [[property]] id, statement, kind".to_owned(),
    }
}

/// Levenshtein distance, by rows.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let change = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_insertions_deletions_and_changes() {
        for (a, b, expected) in [("", "abc", 3), ("kitten", "sitting", 3), ("SP.Mutex", "SP.Mutex", 0)] {
            assert_eq!(distance(a, b), expected);
        }
    }
}
