//! State-space search over a [`TransitionSystem`].

pub mod system;

pub use system::{
    ActionId, ActionInfo, Answer, Broken, ErrorClass, Flow, Generated, Phase, Reached, Sink, StepInfo, Stop,
    SystemError, TransitionSystem, Unreached, Worker,
};
