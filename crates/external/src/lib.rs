//! Outside provers under one roof: find, run under limits, read what they say, judge it.
//!
//! An adapter's one duty beyond that is scepticism. A tool that is missing, too old, out of time or memory, that crashes,
//! whose output ends early, or that checked nothing has *not decided* anything, whatever its exit code; none of this may
//! become a pass. What a tool refutes is shown only after it was replayed by other means.
//!
//! Reading order: [`process`] (a tool under limits), [`version`], [`prefix`], [`tool`] (finding it), [`debian`]
//! (installing it), then one module a tool. The crate prints nothing and reads no environment; the clock is read in
//! [`process`] alone.

#![allow(clippy::result_large_err, reason = "a verdict that ends the work is returned once a run, not in a loop")]

pub mod apalache;
pub mod budget;
pub mod catalogue;
pub mod cbmc;
pub mod clang;
pub mod content;
pub mod coq;
pub mod debian;
pub mod explored;
pub mod opinion;
pub mod prefix;
pub mod process;
pub mod smt;
pub mod tlc;
pub mod tool;
pub mod version;

pub use process::{Ending, Finished, Invocation, Job, Limits};
pub use tool::{Found, Origin, Places, Tool, Unusable};
pub use version::Version;
