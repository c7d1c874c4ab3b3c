//! Analyses of native code: lock and queue discipline, lifetimes of closures and guarded data, waits, initialization.
//!
//! Works on the facts of `native-syntax`, for all files at once, without a build. [`scan`] takes files and gives
//! [`finding::Finding`]s together with what was not analysed. The crate reads no files and no clock.

mod analyses;
pub mod annotate;
pub mod cache;
mod facts;
mod flow;
mod parallel;
mod program;
pub mod review;
pub mod rules;
mod scan;

pub mod config;
pub mod finding;

pub use analyses::{RULES, Rule};
pub use config::Config;
pub use parallel::{map, on_large_stack};
pub use scan::{Coverage, Outcome, scan, scan_with};
