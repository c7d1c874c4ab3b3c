//! Text of `.tla` and `.cfg` to a spanned tree, with diagnostics.
//!
//! Reading order: [`source`] (files, spans, places), [`diagnostic`], [`ast`] (the tree that everything else works on),
//! [`operators`] (the fixed operator table with SANY's precedences), [`parse`] (text to tree), [`config`] (the `.cfg`
//! language), [`library`] (bundled modules), [`load`] (a root module with all that it extends and instantiates), [`annotation`]
//! (types in comments).
//!
//! What is deliberately absent: meaning. No name is resolved here, nothing is evaluated; a file that parses may still
//! be wrong.

pub mod annotation;
pub mod ast;
pub mod config;
pub mod diagnostic;
pub mod library;
pub mod load;
pub mod mutation;
pub mod operators;
pub mod parse;
pub mod source;

pub use diagnostic::{Diagnostic, Severity};
pub use source::{FileId, SourceMap, Span};
