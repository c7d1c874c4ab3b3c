//! A name that stands for nothing: what it may have been meant to be.

use crate::resolve::env::Env;
use crate::resolve::{Compiled, Resolver, Typed};
use tla_syntax::Diagnostic;
use tla_syntax::ast::{Ident, Name};
use tla_syntax::load::distance;

impl<'a> Resolver<'a> {
    pub(super) fn unknown(&mut self, op: &Ident, env: &Env<'a>) -> Compiled<Typed> {
        let mut diagnostic =
            Diagnostic::error("unknown-identifier", op.span, format!("`{}` is not defined or declared", op.name));
        if let Some(similar) = self.similar(&op.name, env) {
            diagnostic = diagnostic.remedy(format!("did you mean `{similar}`?"));
        } else if let Some(module) = module_defining(&op.name) {
            diagnostic = diagnostic.remedy(format!("it is defined in module {module}: add it to EXTENDS"));
        }
        self.report(diagnostic)
    }

    fn similar(&self, name: &str, env: &Env<'a>) -> Option<Name> {
        let mut candidates: Vec<Name> = self.modules.module(env.module).scope.keys().cloned().collect();
        let mut scope = env.locals.as_deref();
        while let Some(here) = scope {
            candidates.push(here.name.clone());
            scope = here.outer.as_deref();
        }
        candidates.sort();
        let limit = 1 + name.len() / 4;
        candidates
            .into_iter()
            .map(|candidate| (distance(name, &candidate), candidate))
            .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.len())
            .min()
            .map(|(_, candidate)| candidate)
    }
}

/// The bundled module that defines a name, for a hint.
fn module_defining(name: &str) -> Option<&'static str> {
    let mut modules = tla_syntax::library::STANDARD_MODULES.iter();
    modules.find(|module| module.operator(name).is_some()).map(|module| module.name)
}
