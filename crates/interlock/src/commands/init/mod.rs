//! `interlock init`: a project file for what a repository has.
//!
//! Every property that a configuration names gets an identifier, and a sentence that says no more than is known; the
//! author has to write a better one, and to say which models are broken variants. What cannot be read is a comment with
//! the reason, so that nothing is left out silently. The text is read back before it is written.

mod find;

use crate::cli::InitArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::tla::{self, TlaTask};
use crate::project::{FILE_NAME, Project};
use find::{Found, find};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use toml::Value;
use verdict::ExitCode;

/// Runs the command.
pub fn run(args: &InitArgs, console: &Console) -> Result<u8, CommandError> {
    let path = args.path.join(FILE_NAME);
    if path.exists() {
        let message = format!("there is a project file already: {}", path.display());
        return Err(CommandError::new(ExitCode::Configuration, message, "edit it, or move it away"));
    }
    if !args.path.is_dir() {
        let message = format!("there is no folder {}", args.path.display());
        return Err(CommandError::new(ExitCode::Configuration, message, "name the folder of a repository"));
    }
    let found = find(&args.path)?;
    let name = std::path::absolute(&args.path).ok();
    let name = name
        .as_deref()
        .and_then(Path::file_name)
        .map_or_else(|| "project".to_owned(), |name| name.to_string_lossy().into_owned());
    let text = write(&args.path, &name, &found);
    Project::parse(&path, &text).map_err(|error| {
        let message = format!("the project file that was written cannot be read: {}", error.message);
        CommandError::new(ExitCode::Internal, message, "")
    })?;
    std::fs::write(&path, &text).map_err(|error| {
        CommandError::new(ExitCode::System, format!("cannot write {}: {error}", path.display()), "")
    })?;
    console.result(&format!(
        "Wrote {}: {}, {}.\nEdit the statements, say which models must be violated (expect = \"violated\"), then run `interlock check`.\n",
        path.display(),
        report::number::counted(text.matches("\n[[model]]").count(), "model"),
        match text.matches("\n[[property]]").count() {
            1 => "1 property".to_owned(),
            number => format!("{number} properties"),
        },
    ));
    Ok(ExitCode::Success.code())
}

fn write(root: &Path, name: &str, found: &Found) -> String {
    let mut text = format!(
        "# Written by `interlock init`; docs/project-file.md lists the keys.\n\n[project]\nname = {}\n",
        quoted(name)
    );
    let mut properties: BTreeMap<String, &str> = BTreeMap::new();
    let mut models = String::new();
    let mut names: BTreeSet<String> = BTreeSet::new();
    for (spec, config) in &found.models {
        let stem = |path: &Path| path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        let prepared = tla::prepare(TlaTask::new(root.join(spec), root.join(config), tla::library_path()));
        let (input, model) = match prepared.model() {
            Ok(read) => read,
            Err(unusable) => {
                let reason = unusable.failure.message.lines().next().unwrap_or_default();
                models.push_str(&format!("\n# {} with {}: {reason}\n", spec.display(), config.display()));
                continue;
            }
        };
        let mut listed: Vec<(String, String)> = Vec::new();
        let invariants = input.config.invariants.iter().map(|ident| (ident.name.to_string(), "safety"));
        let is_temporal = |index: usize| model.temporal_properties.iter().any(|part| part.property == index);
        let others = model.properties.iter().enumerate();
        let others =
            others.map(|(index, (name, _))| (name.to_string(), if is_temporal(index) { "liveness" } else { "safety" }));
        for (name, kind) in invariants.chain(others) {
            let id = format!("{}.{name}", stem(spec));
            properties.entry(id.clone()).or_insert(kind);
            listed.push((name, id));
        }
        let mut unique = stem(config);
        while !names.insert(unique.clone()) {
            unique.push('\'');
        }
        models.push_str(&format!(
            "\n[[model]]\nname = {}\nspec = {}\nconfig = {}\n",
            quoted(&unique),
            path(spec),
            path(config)
        ));
        if !listed.is_empty() {
            let entries: Vec<String> =
                listed.iter().map(|(name, id)| format!("{} = {}", quoted(name), quoted(id))).collect();
            models.push_str(&format!("properties = {{ {} }}\n", entries.join(", ")));
        }
    }
    if !found.sources.is_empty() {
        let folders: Vec<String> = found
            .sources
            .iter()
            .map(|folder| if folder.as_os_str().is_empty() { quoted(".") } else { path(folder) })
            .collect();
        text.push_str(&format!("\n[sources]\npaths = [{}]\n", folders.join(", ")));
    }
    for (id, kind) in &properties {
        let (module, name) = id.split_once('.').unwrap_or(("", id));
        text.push_str(&format!(
            "\n[[property]]\nid = {}\nstatement = {}\nkind = \"{kind}\"\n",
            quoted(id),
            quoted(&format!("{name} of module {module} holds."))
        ));
    }
    text.push_str(&models);
    for config in &found.unpaired {
        text.push_str(&format!("\n# {} belongs to no module in its folder.\n", config.display()));
    }
    for harness in &found.harnesses {
        text.push_str(&format!("\n# {} looks like a harness for a bounded checker.\n", harness.display()));
    }
    text
}

fn path(path: &Path) -> String {
    quoted(&path.to_string_lossy().replace('\\', "/"))
}

fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}
