//! Spans to places: file, module, lines and columns.

use tla_syntax::ast::{Definition, Unit};
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

/// The definitions at the top of the modules, those of the root first.
pub fn definitions(specification: &Specification) -> impl DoubleEndedIterator<Item = &Definition> {
    let units = specification.modules.iter().flat_map(|module| &module.module.units);
    units.filter_map(|unit| match unit {
        Unit::Definition(definition) => Some(definition),
        Unit::Constants(_)
        | Unit::Variables(_)
        | Unit::Recursive(_)
        | Unit::Instance { .. }
        | Unit::Assume(_)
        | Unit::Theorem(_)
        | Unit::Module(_) => None,
    })
}

/// Name of the definition that a span lies in, if it lies in one at the top of a module, and where name and parameters
/// are written.
pub fn head_of(specification: &Specification, span: Span) -> Option<(String, Place)> {
    let contains = |whole: Span| whole.file == span.file && whole.start <= span.start && span.end <= whole.end;
    let definition = definitions(specification).rfind(|definition| contains(definition.span))?;
    let name = definition.name.span;
    // Behind the last parameter stands the closing parenthesis.
    let end = definition.params.last().map_or(name.end, |parameter| parameter.name.span.end + 1);
    Some((definition.name.name.to_string(), place_of(specification, Span { end, ..name })))
}

/// A diagnostic in one line, for a list of warnings.
pub fn in_one_line(specification: &Specification, diagnostic: &Diagnostic) -> String {
    let place = diagnostic.span.map_or_else(String::new, |span| format!("{}: ", place_of(specification, span)));
    let related = diagnostic.related.iter();
    let related: Vec<String> =
        related.map(|(span, remark)| format!("; {remark}: {}", place_of(specification, *span))).collect();
    let remedy = if diagnostic.remedy.is_empty() { String::new() } else { format!(" ({})", diagnostic.remedy) };
    format!("{place}{}{}{remedy}", diagnostic.message, related.concat())
}
