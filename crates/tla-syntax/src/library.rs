//! Modules that come with Interlock.
//!
//! There are three kinds. *Primitive* modules ([`Purpose::Evaluated`]) have no text: their operators are implemented by
//! the evaluator, as TLC implements them in Java, and a user's file of the same name does not replace them. *Proof*
//! modules ([`Purpose::Proof`]) exist so that specifications with proofs load: their operators name proof tactics or
//! occur only in theorems, and evaluating one is declined. *Bundled* modules are TLA+ text like the user's own
//! ([`bundled`]); a user's file of the same name does replace them.
//!
//! The tables say for every module what it extends, which operators it exports with the arity of each parameter, and
//! which tokens occur in the standard text in which order: TLC interns all tokens in the order in which it reads them, so
//! the order of the strings `"Len"` and `"Append"` depends on the text of `Sequences`, though TLC never evaluates it.

mod bundled;
mod proof;
mod standard;

pub use bundled::{BUNDLED, BundledModule};
pub use proof::PROOF_MODULES;
pub use standard::STANDARD_MODULES;

/// What the operators of a module without text are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The evaluator implements them.
    Evaluated,
    /// They occur only in proofs and theorems.
    Proof,
}

/// A module without text.
#[derive(Debug, Clone, Copy)]
pub struct BuiltinModule {
    /// Its name.
    pub name: &'static str,
    /// What its operators are for.
    pub purpose: Purpose,
    /// Modules whose operators it exports as well.
    pub extends: &'static [&'static str],
    /// Modules that the standard text instantiates locally. They export nothing, but TLC reads them too.
    pub local_instances: &'static [&'static str],
    /// The operators that it defines itself.
    pub operators: &'static [BuiltinOperator],
    /// The tokens of the standard text in order of first occurrence, separated by blanks; without strings and lines.
    pub tokens: &'static str,
}

/// An operator of a module without text.
#[derive(Debug, Clone, Copy)]
pub struct BuiltinOperator {
    /// Its name, or its canonical symbol.
    pub name: &'static str,
    /// The arity of each parameter: 0 for a value, 2 for an operator with two arguments.
    pub params: &'static [usize],
}

impl BuiltinOperator {
    /// Number of arguments.
    pub fn arity(&self) -> usize {
        self.params.len()
    }
}

impl BuiltinModule {
    /// The operator with this name that the module defines itself.
    pub fn operator(&self, name: &str) -> Option<&'static BuiltinOperator> {
        self.operators.iter().find(|operator| operator.name == name)
    }
}

/// The module without text of this name.
pub fn builtin(name: &str) -> Option<&'static BuiltinModule> {
    STANDARD_MODULES.iter().chain(PROOF_MODULES).find(|module| module.name == name)
}

/// The bundled module of this name.
pub fn bundled(name: &str) -> Option<&'static BundledModule> {
    BUNDLED.iter().find(|module| module.name == name)
}

/// Names of all modules that come with Interlock.
pub fn names() -> impl Iterator<Item = &'static str> {
    let builtin = STANDARD_MODULES.iter().chain(PROOF_MODULES).map(|module| module.name);
    builtin.chain(BUNDLED.iter().map(|module| module.name))
}

/// Shorthand for the tables.
const fn op(name: &'static str, params: &'static [usize]) -> BuiltinOperator {
    BuiltinOperator { name, params }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operators;

    #[test]
    fn every_module_that_a_table_names_exists() {
        for module in STANDARD_MODULES.iter().chain(PROOF_MODULES) {
            for name in module.extends.iter().chain(module.local_instances) {
                assert!(names().any(|known| known == *name), "{} needs {name}", module.name);
            }
        }
    }

    #[test]
    fn bundled_modules_load() {
        for BundledModule { name, .. } in BUNDLED {
            let root = format!("---- MODULE Root ----\nEXTENDS {name}\n====\n");
            if let Err(error) = crate::load::load_from_text("Root", &root, &[]) {
                let told: Vec<String> = error.diagnostics.iter().map(|d| d.render(&error.sources)).collect();
                panic!("{name}: {}", told.join("\n"));
            }
        }
    }

    #[test]
    fn operator_symbols_are_canonical_and_have_their_arity() {
        for module in STANDARD_MODULES.iter().chain(PROOF_MODULES) {
            for operator in module.operators {
                if let Some(symbol) = operators::by_spelling(operator.name) {
                    assert_eq!(symbol.symbol, operator.name);
                    assert_eq!(symbol.arity(), operator.arity(), "{}", operator.name);
                }
            }
        }
    }

    #[test]
    fn an_operator_is_found_with_the_arities_of_its_parameters() {
        let sequences = builtin("Sequences").expect("a standard module");
        assert_eq!(sequences.operator("SelectSeq").map(|operator| operator.params), Some(&[0, 1][..]));
        assert!(sequences.operator("Cardinality").is_none());
    }
}
