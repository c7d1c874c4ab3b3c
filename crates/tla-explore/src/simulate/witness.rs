//! Whoever looks at whole behaviors: to write them down, or to ask what they would be if they went on for ever.

use crate::system::TransitionSystem;

/// A behavior that came back to a state and would violate a temporal property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampledLasso {
    /// Index of the part in the model's list of temporal properties.
    pub part: usize,
    /// States before the loop.
    pub stem: Vec<Vec<u32>>,
    /// States of the loop, not empty.
    pub cycle: Vec<Vec<u32>>,
}

/// Looks at behaviors. Shared by all threads.
pub trait Witness<'a, S: TransitionSystem + 'a>: Sync {
    /// Takes a behavior in which nothing was found, when it is complete, by its number; on the thread that made it.
    /// What it returns ends the simulation.
    fn behavior(&self, number: u64, behavior: &[Vec<u32>], worker: &mut S::Worker<'a>) -> Option<SampledLasso>;
}

/// Looks at nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl<'a, S: TransitionSystem + 'a> Witness<'a, S> for Nobody {
    fn behavior(&self, _number: u64, _behavior: &[Vec<u32>], _worker: &mut S::Worker<'a>) -> Option<SampledLasso> {
        None
    }
}
