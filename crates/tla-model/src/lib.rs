//! Modules, names, levels, the resolved tree, the values and the one evaluator.

pub mod error;
pub mod eval;
pub mod ir;
pub mod value;
pub mod resolve;
pub mod model;
