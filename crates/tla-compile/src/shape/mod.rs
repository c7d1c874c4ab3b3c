//! Finite shapes: what values a place can hold, and how they are laid out.
//!
//! Three steps, one file each. A [`Guess`] says what was observed or declared of a place and can be joined with another
//! one. A [`Shape`] is a guess with a layout: every value that fits has exactly one encoding, so equal values have equal
//! bits. [`pack`] moves values in and out. Nothing here is a promise about the model: a value that does not fit a shape
//! is noticed wherever it would be stored.

pub mod datum;
pub mod guess;
pub mod layout;
pub mod pack;

pub use datum::Datum;
pub use guess::Guess;
pub use layout::{Form, Shape, Universe};
