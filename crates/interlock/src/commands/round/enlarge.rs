//! Larger instances of a model: one constant of the configuration, one size up.
//!
//! A number grows by one, and a set of model values gets another one; what else a constant may be is left alone, because
//! nobody knows what larger means there. Whether the specification makes sense of the result is for its assumptions to
//! say: an attempt that they refuse is told as not made.

use tla_syntax::config::{Config, ConfigValue, ConstantBinding};

/// Every enlargement of a configuration, each as `NAME=VALUE`.
pub fn enlargements(config: &Config) -> Vec<String> {
    let larger = config.constants.iter().filter_map(|constant| match &constant.binding {
        ConstantBinding::Value(value) => Some(format!("{}={}", constant.name.name, larger(value)?)),
        ConstantBinding::Definition(_)
        | ConstantBinding::DefinitionIn { .. }
        | ConstantBinding::ValueIn { .. }
        | ConstantBinding::OperatorCase { .. } => None,
    });
    larger.collect()
}

fn larger(value: &ConfigValue) -> Option<String> {
    match value {
        ConfigValue::Int(digits) => digits.parse::<i64>().ok()?.checked_add(1).map(|number| number.to_string()),
        ConfigValue::Set(elements) if !elements.is_empty() => {
            let names: Option<Vec<&str>> = elements
                .iter()
                .map(|element| match element {
                    ConfigValue::ModelValue(name) => Some(&**name),
                    ConfigValue::Int(_)
                    | ConfigValue::String(_)
                    | ConfigValue::Bool(_)
                    | ConfigValue::Set(_)
                    | ConfigValue::Tuple(_)
                    | ConfigValue::Interval(..)
                    | ConfigValue::Record(_) => None,
                })
                .collect();
            let names = names?;
            let fresh = (1..).map(|number| format!("another{number}")).find(|name| !names.contains(&name.as_str()))?;
            Some(format!("{{{}, {fresh}}}", names.join(", ")))
        }
        ConfigValue::Set(_)
        | ConfigValue::String(_)
        | ConfigValue::Bool(_)
        | ConfigValue::ModelValue(_)
        | ConfigValue::Tuple(_)
        | ConfigValue::Interval(..)
        | ConfigValue::Record(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tla_syntax::SourceMap;
    use tla_syntax::config::parse_config;

    #[test]
    fn numbers_and_sets_of_model_values_grow_and_nothing_else_does() {
        let text =
            "CONSTANTS\n N = 3\n T = {a, b}\n E = {}\n B = TRUE\n S = {1, 2}\n m = m\n F <- G\nINIT Init\nNEXT Next\n";
        let mut sources = SourceMap::new();
        let file = sources.add("x.cfg", text);
        let mut diagnostics = Vec::new();
        let config = parse_config(&sources, file, &mut diagnostics).expect("a configuration");
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        assert_eq!(enlargements(&config), ["N=4", "T={a, b, another1}"]);
    }
}
