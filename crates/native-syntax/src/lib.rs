//! C, C++ and Objective-C++ to facts: functions, closures and their captures, members, calls, control flow.
//!
//! No build, no SDK and no compiler is needed: a pre-pass ([`prepass`]) turns Objective-C++ into C++ that the grammar
//! reads, the tree is lowered to [`ir`], and every span is of the original text. What cannot be read is listed with its
//! place and reason; *not analysed* is never *clean*.
//!
//! [`outline`] is for traceability: functions with hashes and the properties that comments tie to them, in Rust too.
//!
//! Hostile input is bounded: files above a size are refused, parsing has a budget of steps, nesting has a limit. The
//! crate reads no files and no clock.

mod edit;
mod lex;
mod lower;
mod parse;
mod prepass;

pub mod ir;
pub mod name;
pub mod outline;
pub mod readable;

pub use name::Name;
pub use parse::{Limits, Settings, is_native_source, parse};
