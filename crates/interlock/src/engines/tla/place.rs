//! Spans to places: file, module, lines and columns.

use tla_syntax::load::Specification;
use tla_syntax::{Diagnostic, Span};
use verdict::Place;

/// The place of a span. Its module is the outermost one that contains it; a configuration has none.
pub fn place_of(specification: &Specification, span: Span) -> Place {
    let file = specification.sources.file(span.file);
    let (from, to) = specification.sources.range(span);
    let contains = |whole: Span| whole.file == span.file && whole.start <= span.start && span.end <= whole.end;
    let module = specification.modules.iter().find(|module| contains(module.module.span));
    Place {
        file: file.path.display().to_string(),
        module: module.map_or_else(String::new, |module| module.module.name.name.to_string()),
        line: from.line,
        column: from.column,
        end_line: to.line,
        end_column: to.column,
    }
}

/// A diagnostic in one line, for a list of warnings.
pub fn in_one_line(specification: &Specification, diagnostic: &Diagnostic) -> String {
    let place = diagnostic.span.map_or_else(String::new, |span| format!("{}: ", place_of(specification, span)));
    let remedy = if diagnostic.remedy.is_empty() { String::new() } else { format!(" ({})", diagnostic.remedy) };
    format!("{place}{}{remedy}", diagnostic.message)
}
