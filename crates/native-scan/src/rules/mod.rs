//! Structural rules: what is specific to a project, as files that the project keeps.
//!
//! The language is ast-grep's, run by `ast-grep-core` over the same grammar that the analyses read with, so its
//! documentation holds: a pattern with `$X` and `$$$`, `kind`, `regex`, `inside`, `has`, `precedes`, `follows`, `all`, `any`,
//! `not`, `constraints`, `utils`. Four relations are ours, because a syntax tree alone cannot say them
//! ([`order`] has what they rest on): must check before, must hold, must re-read, order of calls. A rule says which names
//! a program must have; where they do not occur the result is *not applicable*, never *passed*.

mod evaluate;
mod examples;
mod file;
mod language;
mod order;

pub use evaluate::RuleResult;
pub(crate) use evaluate::evaluate;
pub use examples::{ExampleResult, run_examples};
pub use file::{Examples, Names, StructuralRule, read_rules};
