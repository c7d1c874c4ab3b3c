//! Invariants in pieces, so that a step re-checks only what it can have changed.
//!
//! The state that is expanded satisfied every invariant, or it would not be expanded. A conjunct whose variables a step
//! leaves alone has the same value after the step, whatever it is; so it need not be evaluated again. Conjuncts are
//! evaluated in order, hence also what an undefined conjunct hides stays the same. A conjunct that depends on anything
//! but variables (printing, registers, `ENABLED`, which looks at all of them) is always evaluated.

use tla_model::ir::walk::children;
use tla_model::ir::{Code, DefinitionId, Kind, Node};
use tla_model::model::Formula;

/// A conjunct of an invariant.
pub struct Conjunct<'s> {
    /// Number of the invariant.
    pub invariant: u32,
    /// Whose frame layout it uses.
    pub owner: DefinitionId,
    /// The conjunct.
    pub node: &'s Node,
    /// Variables that it depends on; `None` if it depends on more than variables.
    pub reads: Option<Vec<usize>>,
}

impl Conjunct<'_> {
    /// Whether the conjunct may have another value after a step between the two states.
    pub fn may_change(&self, before: &[u32], after: &[u32]) -> bool {
        match &self.reads {
            None => true,
            Some(reads) => reads.iter().any(|variable| before[*variable] != after[*variable]),
        }
    }
}

/// The conjuncts of all invariants, in order.
pub fn conjuncts<'s>(code: &'s Code, invariants: &[&'s Formula]) -> Vec<Conjunct<'s>> {
    let mut all = Vec::new();
    for (index, formula) in invariants.iter().enumerate() {
        let mut splitting = Splitting { code, invariant: index as u32, entered: Vec::new(), all: &mut all };
        splitting.split(formula.owner, &formula.node);
    }
    all
}

struct Splitting<'a, 's> {
    code: &'s Code,
    invariant: u32,
    /// Definitions on the way, so that one that is defined by itself is not entered for ever.
    entered: Vec<DefinitionId>,
    all: &'a mut Vec<Conjunct<'s>>,
}

impl<'s> Splitting<'_, 's> {
    fn split(&mut self, owner: DefinitionId, node: &'s Node) {
        let (code, invariant) = (self.code, self.invariant);
        match &node.kind {
            Kind::And(items) => items.iter().for_each(|item| self.split(owner, item)),
            Kind::Call(id, arguments)
                if arguments.is_empty() && code.definition(*id).inherits.is_empty() && !self.entered.contains(id) =>
            {
                let definition = code.definition(*id);
                self.entered.push(*id);
                self.split(definition.owner, &definition.body);
                self.entered.pop();
            }
            _ => {
                let mut reads = Reads { code, variables: Vec::new(), entered: Vec::new(), more: false };
                reads.visit(node);
                let reads = (!reads.more).then_some(reads.variables);
                self.all.push(Conjunct { invariant, owner, node, reads });
            }
        }
    }
}

struct Reads<'s> {
    code: &'s Code,
    variables: Vec<usize>,
    entered: Vec<DefinitionId>,
    more: bool,
}

impl<'s> Reads<'s> {
    fn visit(&mut self, node: &'s Node) {
        match &node.kind {
            Kind::Variable(index) if !self.variables.contains(&(*index as usize)) => {
                self.variables.push(*index as usize);
            }
            Kind::Call(id, _) => self.enter(*id),
            Kind::Enabled(_) | Kind::Primed(_) | Kind::UnchangedVariables(_) | Kind::Declined(_) => self.more = true,
            Kind::Primitive(primitive, _) | Kind::HigherOrder(primitive, ..) => self.more |= primitive.does_more(),
            _ => {}
        }
        let code = self.code;
        children(code, node, &mut |child| self.visit(child));
    }

    fn enter(&mut self, id: DefinitionId) {
        if !self.entered.contains(&id) {
            self.entered.push(id);
            let code = self.code;
            self.visit(&code.definition(id).body);
        }
    }
}
