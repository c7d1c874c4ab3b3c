//! A harness: a C program that CBMC unwinds, and what is claimed of it.
//!
//! An assertion belongs to the property whose identifier its text opens with: `__CPROVER_assert(c, "A.NoDoubleFree: …")`.
//! All others, and the checks that CBMC adds, belong to the obligation [`MEMORY_SAFETY`]. Which properties a harness speaks
//! about is read off its source and the files that it includes before anything runs, because as many verdicts come back as
//! obligations went in, also where CBMC is missing. A property that a broken twin is to violate is claimed of the harness
//! too: a twin whose assertion is gone from the harness proves nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use verdict::{Expectation, InputText, Obligation};

/// The obligation that holds whatever belongs to no property.
pub const MEMORY_SAFETY: &str = "memory safety";

/// Name of the engine in evidence.
pub const ENGINE: &str = "cbmc";

/// Flags that would make the adapter misread what CBMC says, or CBMC say less than it seems.
const FORBIDDEN: [&str; 24] = [
    "--unwind",
    "--partial-loops",
    "--no-unwinding-assertions",
    "--unwinding-assertions",
    "--depth",
    "--paths",
    "--property",
    "--cover",
    "--stop-on-fail",
    "--xml-ui",
    "--json-ui",
    "--json-interface",
    "--xml-interface",
    "--no-assertions",
    "--assert-to-assume",
    "--show-properties",
    "--preprocess",
    "--program-only",
    "--dimacs",
    "--incremental-loop",
    "--symex-complexity-limit",
    "--dfcc-simple-invalid-pointer-model",
    "--outfile",
    "--verbosity",
];

/// A harness, as the project file describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Harness {
    /// Name, unique in the project.
    pub name: String,
    /// The C file.
    pub source: PathBuf,
    /// How often loops are unwound.
    pub unwind: u32,
    /// Further flags.
    pub flags: Vec<String>,
    /// Time for each run of CBMC.
    pub time: Duration,
    /// Memory for each run of CBMC in bytes.
    pub memory: u64,
    /// Macro that breaks it, and the property that is violated then.
    pub broken: Vec<(String, String)>,
    /// Properties that it speaks about, besides those that its source names.
    pub properties: Vec<String>,
    /// The property that stands for memory safety, if the project has one.
    pub memory_safety: Option<String>,
    /// All properties of the project.
    pub known: BTreeSet<String>,
}

/// One program: the harness, or one of its broken twins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant<'a> {
    /// The macro that breaks it.
    pub macro_name: Option<&'a str>,
    /// The properties that are asked about.
    pub wanted: Vec<String>,
}

impl Harness {
    /// Whether a flag may not be given, because it would undo what the adapter relies on.
    pub fn is_forbidden(flag: &str) -> bool {
        FORBIDDEN.contains(&flag.split('=').next().unwrap_or(flag))
    }

    /// Flags that switch checks off: each counts as a suppression.
    pub fn suppressions(&self) -> impl Iterator<Item = &String> {
        self.flags.iter().filter(|flag| flag.starts_with("--no-"))
    }

    /// The property that a text opens with, if the project knows it.
    pub fn property_of(&self, description: &str) -> Option<String> {
        let (id, _) = description.split_once(':')?;
        self.known.get(id.trim()).cloned()
    }

    /// The programs, the harness itself first.
    pub fn variants(&self) -> Vec<Variant<'_>> {
        let mut wanted = self.claimed();
        wanted.push(self.memory_name().to_owned());
        let twins = self.broken.iter().map(|(macro_name, property)| Variant {
            macro_name: Some(macro_name.as_str()),
            wanted: vec![property.clone()],
        });
        std::iter::once(Variant { macro_name: None, wanted }).chain(twins).collect()
    }

    /// What the obligation on memory safety is called.
    pub fn memory_name(&self) -> &str {
        self.memory_safety.as_deref().unwrap_or(MEMORY_SAFETY)
    }

    /// Every obligation, in the order of the variants.
    pub fn obligations(&self) -> Vec<Obligation> {
        let of = |variant: &Variant<'_>| {
            let (model, expectation) = match variant.macro_name {
                None => (self.name.clone(), Expectation::Holds),
                Some(name) => (format!("{}/{name}", self.name), Expectation::Violated),
            };
            let obligation = |property: &String| Obligation {
                property: property.clone(),
                model: model.clone(),
                engine: ENGINE.to_owned(),
                name_in_input: property.clone(),
                place: None,
                expectation,
                asks: None,
            };
            variant.wanted.iter().map(obligation).collect::<Vec<_>>()
        };
        self.variants().iter().flat_map(of).collect()
    }

    /// Properties that the harness is to show, each once.
    fn claimed(&self) -> Vec<String> {
        let texts = self.texts();
        let named = |id: &&String| {
            let quoted = format!("\"{id}:");
            texts.iter().any(|text| text.text.contains(&quoted))
        };
        let in_source = self.known.iter().filter(named);
        let broken = self.broken.iter().map(|(_, property)| property);
        let mut all: Vec<String> = Vec::new();
        for id in self.properties.iter().chain(in_source).chain(broken) {
            if !all.contains(id) && Some(id) != self.memory_safety.as_ref() {
                all.push(id.clone());
            }
        }
        all
    }

    /// The source, and every file of the user's that it includes.
    pub fn texts(&self) -> Vec<InputText> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        self.read_with_includes(&self.source, &mut seen, &mut found);
        found
    }

    fn read_with_includes(&self, path: &Path, seen: &mut BTreeSet<PathBuf>, found: &mut Vec<InputText>) {
        let Ok(bytes) = std::fs::read(path) else { return };
        if !seen.insert(path.to_path_buf()) {
            return;
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let folder = path.parent().unwrap_or(Path::new(""));
        let names: Vec<String> = text.lines().filter_map(included).map(str::to_owned).collect();
        found.push(InputText { path: path.display().to_string(), text: Arc::from(text) });
        for name in names {
            let folders = std::iter::once(folder.to_path_buf()).chain(self.include_folders());
            if let Some(next) = folders.map(|folder| folder.join(&name)).find(|next| next.is_file()) {
                self.read_with_includes(&next, seen, found);
            }
        }
    }

    fn include_folders(&self) -> impl Iterator<Item = PathBuf> {
        let after = self.flags.windows(2).filter(|pair| pair[0] == "-I").map(|pair| PathBuf::from(&pair[1]));
        let joined = self.flags.iter().filter_map(|flag| flag.strip_prefix("-I"));
        after.chain(joined.filter(|folder| !folder.is_empty()).map(PathBuf::from))
    }
}

/// The file that a line includes, if it is one of the user's.
fn included(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix('#')?.trim_start().strip_prefix("include")?.trim_start();
    rest.strip_prefix('"')?.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn harness(folder: &Path) -> Harness {
        Harness {
            name: "allocator".to_owned(),
            source: folder.join("allocator.c"),
            unwind: 4,
            flags: Vec::new(),
            time: Duration::from_secs(60),
            memory: 1 << 30,
            broken: vec![("BROKEN_TWICE".to_owned(), "A.NoDoubleFree".to_owned())],
            properties: Vec::new(),
            memory_safety: None,
            known: ["A.NoDoubleFree", "A.Sound", "LK.Owner", "SP.Other"].map(str::to_owned).into(),
        }
    }

    #[test]
    fn properties_are_found_in_the_source_and_in_what_it_includes() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(
            folder.path().join("allocator.c"),
            "#include <stdio.h>\n# include \"locks.h\"\nA(x, \"A.Sound: it is\");",
        )
        .expect("the source");
        std::fs::write(folder.path().join("locks.h"), "#include \"locks.h\"\nA(x, \"LK.Owner: is owner\");")
            .expect("header");
        let harness = harness(folder.path());
        let told: Vec<_> =
            harness.obligations().into_iter().map(|one| (one.model, one.property, one.expectation)).collect();
        let main = |property: &str| ("allocator".to_owned(), property.to_owned(), Expectation::Holds);
        let twin = ("allocator/BROKEN_TWICE".to_owned(), "A.NoDoubleFree".to_owned(), Expectation::Violated);
        let expected = ["A.Sound", "LK.Owner", "A.NoDoubleFree", MEMORY_SAFETY].map(main);
        assert_eq!(told, expected.into_iter().chain([twin]).collect::<Vec<_>>());
        assert_eq!(harness.texts().len(), 2);
    }

    #[test]
    fn a_text_belongs_to_the_property_that_it_opens_with() {
        let harness = harness(Path::new(""));
        assert_eq!(harness.property_of("A.Sound: it is").as_deref(), Some("A.Sound"));
        assert_eq!(harness.property_of("A.Soundness: it is"), None);
        assert_eq!(harness.property_of("dereference failure: pointer NULL"), None);
        assert_eq!(harness.property_of("A.Sound"), None);
    }

    #[test]
    fn flags_that_weaken_a_run_are_refused_or_counted() {
        assert!(Harness::is_forbidden("--partial-loops") && Harness::is_forbidden("--depth=3"));
        assert!(!Harness::is_forbidden("--unsigned-overflow-check") && !Harness::is_forbidden("--unwindset"));
        let flags = vec!["--no-pointer-check".to_owned(), "-DX".to_owned()];
        let weakened = Harness { flags, ..harness(Path::new("")) };
        assert_eq!(weakened.suppressions().count(), 1);
    }
}
