//! Writers: what was found, for a terminal, for programs, and as traces.
//!
//! Reading order: [`run`] (what every writer takes), [`tally`] (counts, and the summary that is as strong as its weakest
//! part), [`words`] and [`lanes`] (what writers share), [`terminal`], [`json`], [`sarif`], [`junit`], [`markdown`], [`html`],
//! [`github`], [`itf`], [`tlc`], [`graph`], [`picture`], [`patch`], [`diff`], [`progress`], [`scan`] (findings in native code).
//!
//! Writers are functions from data to text. Nothing here prints, reads a clock, an environment variable or the size of a
//! terminal: the binary looks those up and passes them in a [`Style`], so every writer can be tested byte for byte.
//!
//! What is deliberately absent: a place where a verdict becomes a plain "ok". Every writer spells the strength.

pub mod diff;
pub mod github;
pub mod graph;
pub mod html;
pub mod itf;
pub mod json;
pub mod junit;
pub mod lanes;
pub mod markdown;
pub mod number;
pub mod patch;
pub mod picture;
pub mod progress;
pub mod round;
pub mod run;
pub mod sarif;
pub mod scan;
pub mod style;
pub mod tally;
pub mod terminal;
pub mod time;
pub mod tlc;
pub mod value;
pub mod words;

pub use run::{Gap, PastRun, PastVerdict, RunReport};
pub use style::{Ink, Style};
pub use tally::Tally;
