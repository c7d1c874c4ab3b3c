//! `[[scan]]`: native sources that the analyses of `interlock scan` look at.

use super::Project;
use super::file::{Complaints, ScanSection};
use super::outside::{macros, pairs};
use super::validate::{existing, known_property};
use native_scan::RULES;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// A scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// Name, unique in the project.
    pub name: String,
    /// The folder of the project; names of files in findings start there.
    pub folder: PathBuf,
    /// Files and folders to read.
    pub paths: Vec<PathBuf>,
    /// Folders and files of structural rules.
    pub rules: Vec<PathBuf>,
    /// Lists that are added to the bundled ones.
    pub config: Option<PathBuf>,
    /// Known findings.
    pub baseline: Option<PathBuf>,
    /// Rule and its property.
    pub properties: Vec<(String, String)>,
    /// The property of all other rules, where there is one.
    pub property: Option<String>,
    /// Macro, and the rule that has to find something where it is defined.
    pub broken: Vec<(String, String)>,
    /// What functions may require of their callers, where that is fixed.
    pub contracts: Option<Vec<String>>,
    /// Bytes that need not be read.
    pub accept_unread: u64,
}

impl Scan {
    /// The scans of a project: its own, or one of the sources that it names, where there are any.
    pub fn all_of(project: &Project) -> Vec<Self> {
        if !project.scans.is_empty() {
            return project.scans.clone();
        }
        let there = project.sources.iter().map(|path| project.folder.join(path));
        let paths: Vec<PathBuf> = there.filter(|path| has_native_source(path)).collect();
        let sources = Self {
            name: "sources".to_owned(),
            folder: project.folder.clone(),
            paths,
            rules: Vec::new(),
            config: None,
            baseline: None,
            properties: Vec::new(),
            property: None,
            broken: Vec::new(),
            contracts: None,
            accept_unread: 0,
        };
        if sources.paths.is_empty() { Vec::new() } else { vec![sources] }
    }
}

/// Whether there is anything below a path that the scanner reads.
fn has_native_source(path: &Path) -> bool {
    let is_native = |path: &Path| native_syntax::is_native_source(&path.to_string_lossy());
    match path.is_dir() {
        true => crate::files::files_below(path).is_ok_and(|files| files.iter().any(|file| is_native(file))),
        false => path.is_file() && is_native(path),
    }
}

/// A section as a scan.
pub fn scan(section: &ScanSection, folder: &Path, known: &BTreeSet<&str>, complaints: &mut Complaints) -> Scan {
    section.properties.values().chain(&section.property).for_each(|id| known_property(id, known, complaints));
    macros(&section.broken, complaints);
    // Structural rules have a point in their names; whether there is such a rule is known when they are read.
    let rules = section.properties.keys().chain(section.broken.values());
    for rule in rules.filter(|rule| !rule.get_ref().contains('.') && !is_rule(rule.get_ref())) {
        let message = format!("there is no rule `{}`", rule.get_ref());
        complaints.add("rule", rule.span(), message, "`interlock scan --explain` lists the rules");
    }
    if section.paths.is_empty() {
        complaints.add("paths", section.name.span(), "a scan without paths reads nothing", "name files or folders");
    }
    let mut place = |path: &Spanned<String>| {
        let whole = folder.join(path.get_ref());
        if !whole.exists() {
            let message = format!("there is no file or folder {}", whole.display());
            complaints.add("missing-file", path.span(), message, "paths start at the folder of the project file");
        }
        whole
    };
    let paths = section.paths.iter().map(&mut place).collect();
    let rules = section.rules.iter().map(&mut place).collect();
    Scan {
        name: section.name.get_ref().clone(),
        folder: folder.to_path_buf(),
        paths,
        rules,
        config: section.config.as_ref().map(|path| existing(path, folder, complaints)),
        baseline: section.baseline.as_ref().map(|path| existing(path, folder, complaints)),
        properties: pairs(&section.properties),
        property: section.property.as_ref().map(|id| id.get_ref().clone()),
        broken: pairs(&section.broken),
        contracts: section.contracts.clone(),
        accept_unread: section.accept_unread,
    }
}

fn is_rule(name: &str) -> bool {
    RULES.iter().any(|rule| rule.id == name)
}
