//! Which variables an atom depends on.
//!
//! Many atoms look at one or two variables, whose values recur in state after state. Knowing the variables, a worker
//! evaluates such an atom once for each combination of their values. What depends on anything but the states, such as
//! `TLCGet` or `RandomElement`, has no support and is evaluated every time.

use super::atom::Turn;
use rustc_hash::FxHashSet;
use tla_model::ir::walk::children;
use tla_model::ir::{Argument, Code, DefinitionId, Kind, Node, Operator};

/// The variables, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Support {
    /// Read in the first state.
    pub(crate) now: Vec<u32>,
    /// Read in the second state.
    pub(crate) then: Vec<u32>,
}

/// What nodes at the end of a way depend on; `None` if on more than the two states.
pub(crate) fn support(code: &Code, way: &[Turn<'_>], nodes: &[&Node]) -> Option<Support> {
    let mut finder = Finder {
        code,
        now: FxHashSet::default(),
        then: FxHashSet::default(),
        entered: FxHashSet::default(),
        pure: true,
    };
    for turn in way {
        match turn {
            Turn::Call(_, arguments) | Turn::CallSlot(_, arguments) => finder.arguments(arguments),
            Turn::Let(_, value) => finder.node(value),
            Turn::Delayed(_) | Turn::Bind(..) => {}
        }
    }
    nodes.iter().for_each(|node| finder.node(node));
    let sorted = |set: FxHashSet<u32>| {
        let mut all: Vec<u32> = set.into_iter().collect();
        all.sort_unstable();
        all
    };
    finder.pure.then(|| Support { now: sorted(finder.now), then: sorted(finder.then) })
}

struct Finder<'c> {
    code: &'c Code,
    now: FxHashSet<u32>,
    then: FxHashSet<u32>,
    entered: FxHashSet<DefinitionId>,
    pure: bool,
}

impl Finder<'_> {
    fn node(&mut self, node: &Node) {
        let code = self.code;
        match &node.kind {
            Kind::Variable(index) => {
                self.now.insert(*index);
            }
            Kind::Primed(index) => {
                self.then.insert(*index);
            }
            Kind::UnchangedVariables(variables) => {
                self.now.extend(variables);
                self.then.extend(variables);
            }
            Kind::Call(id, _) if self.entered.insert(*id) => self.node(&code.definition(*id).body),
            Kind::Primitive(primitive, _) | Kind::HigherOrder(primitive, ..) => self.pure &= !primitive.does_more(),
            _ => {}
        }
        children(code, node, &mut |child| self.node(child));
    }

    fn arguments(&mut self, arguments: &[Argument]) {
        for argument in arguments {
            match argument {
                Argument::Eager(node) | Argument::Delayed(node) => self.node(node),
                Argument::Operator(Operator::Lambda(lambda)) => self.node(&lambda.body),
                // What the parameter stands for was met where it was passed.
                Argument::Operator(Operator::Slot(_)) => {}
            }
        }
    }
}
