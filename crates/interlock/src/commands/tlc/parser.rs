//! What TLC's parser SANY prints: the files that were read, and what is wrong with them.

use crate::engines::tla::Prepared;
use crate::engines::tla::input::{Input, Told, Unusable};
use report::tlc::{Code, Frame};
use std::path::Path;
use tla_syntax::load::ReadModule;

/// The lines about reading the specification.
pub fn write_parsing(frame: &Frame, prepared: &Prepared) -> String {
    let mut out = frame.in_tool_mode(Code::ParserStart, "Starting SANY...");
    match prepared.model() {
        Ok((input, _)) => out.push_str(&read_modules(input)),
        Err(unusable) => out.push_str(&complaints(unusable)),
    }
    out.push_str(&frame.in_tool_mode(Code::ParserEnd, "SANY finished."));
    out
}

fn read_modules(input: &Input) -> String {
    let specification = &input.specification;
    let mut files = String::new();
    let mut names = String::new();
    for module in &specification.read_order {
        match module {
            ReadModule::Text(index) => {
                let Some(module) = specification.modules.get(*index) else { continue };
                let path = &specification.sources.file(module.module.span.file).path;
                files.push_str(&format!("Parsing file {}\n", absolute(path)));
                names.insert_str(0, &format!("Semantic processing of module {}\n", module.module.name.name));
            }
            ReadModule::Builtin(module) => {
                names.insert_str(0, &format!("Semantic processing of module {}\n", module.name));
            }
        }
    }
    files + &names
}

fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).display().to_string()
}

fn complaints(unusable: &Unusable) -> String {
    let mut out = String::new();
    for file in unusable.files.iter().filter(|file| file.path.ends_with(".tla") && !file.path.starts_with('<')) {
        out.push_str(&format!("Parsing file {}\n", absolute(Path::new(&file.path))));
    }
    let errors: Vec<&Told> = unusable.diagnostics.iter().filter(|told| told.is_error).collect();
    match unusable.is_syntax {
        true => errors.iter().for_each(|told| out.push_str(&syntax_error(told))),
        false if unusable.failure.class == verdict::FailureClass::Parse => {
            out.push_str(&format!("Semantic errors:\n\n*** Errors: {}\n\n", errors.len()));
            errors.iter().for_each(|told| out.push_str(&semantic_error(told)));
        }
        // The modules are in order; what is wrong is told afterwards.
        false => {}
    }
    out
}

fn syntax_error(told: &Told) -> String {
    let Some(place) = &told.place else {
        return format!("*** Errors: 1\n\n{}\n\n", told.message);
    };
    let (line, column, module) = (place.line, place.column, &place.module);
    let remedy = if told.remedy.is_empty() { String::new() } else { format!(" ({})", told.remedy) };
    format!(
        "***Parse Error***\n{}{remedy}\nEncountered at line {line}, column {column} in module {module}\n\n\
         Residual stack trace follows:\nModule definition starting at line 1, column 1.\n\n\
         Fatal errors while parsing TLA+ spec in file {module}\n\nIn module {module}\n\n\
         Could not parse module {module} from file {}\n*** Errors: 1\n\nIn module {module}\n\n\
         Could not parse module {module} from file {}\n\n",
        told.message,
        file_name(&place.file),
        file_name(&place.file)
    )
}

fn file_name(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

fn semantic_error(told: &Told) -> String {
    let place = told.place.as_ref().map_or_else(String::new, |place| format!("{}\n\n", place.in_module_words()));
    let remedy = if told.remedy.is_empty() { String::new() } else { format!(" ({})", told.remedy) };
    format!("{place}{}{remedy}\n\n\n", told.message)
}
