//! Modules, names, levels, the resolved tree, the values and the one evaluator.

pub mod declared;
pub mod error;
pub mod eval;
pub mod ir;
pub mod model;
pub mod resolve;
pub mod value;
