//! The public collection of specifications: every module parses, every specification loads, every configuration is read.

mod common;

use std::path::Path;
use tla_syntax::load::{LoadOptions, load};
use tla_syntax::{Severity, SourceMap, config, parse};

fn rendered(path: &Path, read: impl Fn(&SourceMap, tla_syntax::FileId, &mut Vec<tla_syntax::Diagnostic>)) -> String {
    let text = std::fs::read_to_string(path).expect("the corpus is UTF-8");
    let mut sources = SourceMap::new();
    let file = sources.add(path, text);
    let mut diagnostics = Vec::new();
    read(&sources, file, &mut diagnostics);
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    errors.map(|diagnostic| diagnostic.render(&sources)).collect()
}

#[test]
fn every_module_parses() {
    let Some(shared) = common::shared() else { return common::skipped("every_module_parses") };
    let files = common::files_below(&shared.join("corpus"), "tla");
    assert!(files.len() > 100, "only {} modules", files.len());
    let errors: String = files
        .iter()
        .map(|path| {
            rendered(path, |sources, file, diagnostics| {
                let parsed = parse::parse_module(sources, file, diagnostics);
                assert!(parsed.is_some() || !diagnostics.is_empty(), "{}", path.display());
            })
        })
        .collect();
    assert!(errors.is_empty(), "{errors}");
}

#[test]
fn every_configuration_is_read() {
    let Some(shared) = common::shared() else { return common::skipped("every_configuration_is_read") };
    let files = common::files_below(&shared.join("corpus"), "cfg");
    assert!(files.len() > 100, "only {} configurations", files.len());
    let errors: String = files
        .iter()
        .map(|path| {
            rendered(path, |sources, file, diagnostics| {
                let parsed = config::parse_config(sources, file, diagnostics);
                assert!(parsed.is_some() || !diagnostics.is_empty(), "{}", path.display());
            })
        })
        .collect();
    assert!(errors.is_empty(), "{errors}");
}

#[test]
fn every_specification_loads() {
    let Some(shared) = common::shared() else { return common::skipped("every_specification_loads") };
    let mut errors = String::new();
    for path in common::files_below(&shared.join("corpus"), "tla") {
        if let Err(error) = load(&path, &LoadOptions::default()) {
            errors.extend(error.diagnostics.iter().map(|diagnostic| diagnostic.render(&error.sources)));
        }
    }
    assert!(errors.is_empty(), "{errors}");
}
