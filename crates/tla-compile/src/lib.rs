//! Models as machine code: finite shapes, packed states, and functions generated with Cranelift, as another
//! [`TransitionSystem`](tla_explore::TransitionSystem) behind the seam that the interpreter uses.
//!
//! **How a model is compiled.** The interpreter visits some thousand states; what it meets, together with declarations
//! in invariants, gives each variable a [shape](shape). The [generator](generate) then walks the resolved tree as the
//! evaluator does and emits code for one function that writes all successors of a state to a buffer, and one each for
//! invariants, constraints and action properties.
//!
//! **Why nothing can go wrong with a guess.** A shape is only supposed. Generated code tests every value before it is
//! stored, and whatever does not fit, is undefined, or breaks a property makes it leave: the interpreter then does the
//! same state from the beginning, and what it says is what counts. If it meets a value that has no place in the shapes,
//! the search is given up, the shapes are widened and it begins again; after a few times the interpreter takes over for
//! good. So a wrong guess costs time, never correctness, and errors, counterexamples and explanations are always the
//! interpreter's own.
//!
//! **Why not closures or bytecode.** A successor of a small protocol is some forty comparisons, shifts and masks of
//! registers. Any dispatch between them costs several times as much as they do.
//!
//! Reading order: [`shape`], [`row`], `generate`, `machine` (the only `unsafe`), [`system`], [`sample`], [`evaluator`].

pub mod evaluator;
pub mod generate;
mod identity;
mod machine;
pub mod row;
pub mod sample;
pub mod shape;
mod sight;
pub mod system;

pub use evaluator::{Evaluator, Explored, Take, explore_taking, explore_with};
pub use generate::Declined;
pub use sample::Observed;
pub use system::Compiled;
