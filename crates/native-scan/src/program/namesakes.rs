//! Classes of one name in several source files.
//!
//! A class that a source file defines for itself, and no header does, cannot be seen from another source file, which may
//! define quite another one under the same qualified name (the one-definition rule forbids that only to those that are
//! linked together, and unnamed namespaces are written without a name). All but the first get a name with their file in
//! it, as if they stood in a namespace of that file, and a name that is written in that file means them.

use native_syntax::Name;
use native_syntax::ir::SourceFile;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// For each such name the files that define it, with the name that stands for the definition there.
#[derive(Debug, Default)]
pub(super) struct Namesakes(FxHashMap<Name, Vec<(usize, Name)>>);

impl Namesakes {
    /// Finds them.
    pub(super) fn new(files: &[Arc<SourceFile>]) -> Self {
        let mut places: FxHashMap<Name, Vec<usize>> = FxHashMap::default();
        for (number, file) in files.iter().enumerate() {
            // Without members it is a declaration, a category of Objective-C, or has no state to be told apart.
            for ty in file.types.iter().filter(|ty| !ty.name.is_empty() && !ty.members.is_empty()) {
                let known = places.entry(ty.name).or_default();
                if known.last() != Some(&number) {
                    known.push(number);
                }
            }
        }
        let in_sources = |at: &[usize]| at.iter().all(|file| !super::is_header(&files[*file].path));
        places.retain(|_, at| at.len() > 1 && in_sources(at));
        let named = |name: Name, at: &[usize]| {
            at.iter().skip(1).map(|file| (*file, of_file(name, &files[*file].path))).collect::<Vec<_>>()
        };
        Self(places.into_iter().map(|(name, at)| (name, named(name, &at))).collect())
    }

    /// What a name means in a file.
    pub(super) fn in_file(&self, name: Name, file: Option<usize>) -> Name {
        let (Some(all), Some(file)) = (self.0.get(&name), file) else { return name };
        all.iter().find(|(at, _)| *at == file).map_or(name, |(_, own)| *own)
    }
}

fn of_file(name: Name, path: &str) -> Name {
    let scope = name.text().strip_suffix(name.last()).unwrap_or("");
    Name::new(&format!("{scope}{{{}}}::{}", path.replace("::", ".."), name.last()))
}

/// The scope of a class, the file that it belongs to left out.
pub(crate) fn without_file(scope: &str) -> &str {
    match scope.rfind("::{").or_else(|| scope.starts_with('{').then_some(0)) {
        Some(cut) if scope.ends_with('}') => &scope[..cut],
        _ => scope,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_of_a_source_file_is_not_that_of_another() {
        let parse = |path: &str, text: &str| {
            Arc::new(native_syntax::parse(path, text.as_bytes(), &native_syntax::Settings::default()))
        };
        let cache = "namespace n { struct Cache { int size; }; }";
        let files = [parse("a.cpp", cache), parse("b.cpp", cache), parse("c.cpp", "namespace n { struct Cache; }")];
        let found = Namesakes::new(&files);
        let name = Name::new("n::Cache");
        assert_eq!(found.in_file(name, Some(0)), name);
        assert_eq!(found.in_file(name, Some(1)).text(), "n::{b.cpp}::Cache");
        assert_eq!(found.in_file(name, Some(2)), name);
        assert_eq!(without_file("n::{b.cpp}"), "n");
        let shared = [parse("a.h", cache), parse("b.cpp", cache)];
        assert_eq!(Namesakes::new(&shared).in_file(name, Some(1)), name, "a header says that they are one");
    }
}
