//! Constants that are given beside the configuration, `--const N=3`.
//!
//! Such a text is read as a line of the configuration and takes the place of whatever the configuration says of that
//! name. It is a file of its own among the sources, so that carets point into it and hashes of the input include it.

use tla_syntax::ast::{Definition, Unit};
use tla_syntax::config::{Config, parse_config};
use tla_syntax::load::Specification;
use tla_syntax::{Diagnostic, Span};

/// Applies the texts to a configuration.
///
/// # Errors
/// What is wrong with them.
pub fn apply(texts: &[String], specification: &mut Specification, config: &mut Config) -> Result<(), Vec<Diagnostic>> {
    for text in texts {
        let (name, value) = split(text);
        let file = specification.sources.add(format!("--const {text}"), format!("CONSTANT {name} = {value}"));
        let mut wrong = Vec::new();
        let Some(given) = parse_config(&specification.sources, file, &mut wrong) else { return Err(wrong) };
        let span = given.constants.first().map(|constant| constant.name.span);
        let only_this = Config { constants: given.constants.clone(), ..Config::default() }
            == Config { expressions: Vec::new(), tokens: Vec::new(), ..given.clone() };
        if given.constants.len() != 1 || !only_this {
            let span = span.unwrap_or(Span { file, start: 0, end: 0 });
            let diagnostic = Diagnostic::error("config-syntax", span, "this is not one constant with its value");
            return Err(vec![diagnostic.remedy("write --const NAME=VALUE once for each constant")]);
        }
        if let (Some(span), false) = (span, is_known(specification, name)) {
            let message = format!("the specification neither declares nor defines `{name}`");
            let remedy = match tla_syntax::load::closest(name, names(specification)) {
                Some(similar) => format!("did you mean `{similar}`?"),
                None => "name a constant of the specification".to_owned(),
            };
            return Err(vec![Diagnostic::error("unknown-constant", span, message).remedy(remedy)]);
        }
        config.constants.retain(|constant| *constant.name.name != *name);
        config.constants.extend(given.constants);
        for definition in given.expressions {
            let known = |other: &Definition| other.name.name == definition.name.name;
            if !config.expressions.iter().any(known) {
                config.expressions.push(definition);
            }
        }
        config.tokens.extend(given.tokens);
    }
    Ok(())
}

/// Name and value of a text; the value is empty where there is no `=`, which the parser then says.
pub fn split(text: &str) -> (&str, &str) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (name.trim(), value.trim())
}

fn is_known(specification: &Specification, name: &str) -> bool {
    // `A!B!c` names a definition of an instance.
    name.contains('!') || names(specification).any(|known| known == name)
}

/// Constants and definitions of all modules.
fn names(specification: &Specification) -> impl Iterator<Item = String> + '_ {
    let units = specification.modules.iter().flat_map(|parsed| &parsed.module.units);
    units.flat_map(|unit| match unit {
        Unit::Constants(all) => all.iter().map(|constant| constant.name.name.to_string()).collect(),
        Unit::Definition(definition) => vec![definition.name.name.to_string()],
        Unit::Variables(_)
        | Unit::Recursive(_)
        | Unit::Instance { .. }
        | Unit::Assume(_)
        | Unit::Theorem(_)
        | Unit::Module(_) => Vec::new(),
    })
}
