//! What can be told of a node without an environment: its level, the slots that it reads from outside, whether it is
//! a pure function of them.

use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;
use tla_model::ir::walk::{children, level};
use tla_model::ir::{Argument, Binder, Code, DefinitionId, Kind, Lambda, Level, Node, Operator, Pattern, SlotIndex};

/// What is known of a node.
#[derive(Debug)]
pub struct Fact {
    /// Constant level, and nothing but a value.
    pub constant: bool,
    /// Slots that it reads and does not bind.
    pub free: Vec<SlotIndex>,
}

/// What was found out already.
#[derive(Debug, Default)]
pub struct Facts {
    nodes: FxHashMap<usize, Rc<Fact>>,
    pure: FxHashMap<DefinitionId, bool>,
    recursive: FxHashMap<DefinitionId, bool>,
    loops: FxHashMap<usize, bool>,
    looping: FxHashMap<DefinitionId, bool>,
}

impl Facts {
    /// What is known of a node.
    pub fn of(&mut self, code: &Code, node: &Node) -> Rc<Fact> {
        let address = std::ptr::from_ref(node) as usize;
        if let Some(fact) = self.nodes.get(&address) {
            return fact.clone();
        }
        let constant = level(code, node) == Level::Constant && self.is_pure(code, node);
        let mut reader = Reader { code, reads: FxHashSet::default(), binds: FxHashSet::default() };
        reader.visit(node);
        let mut free: Vec<SlotIndex> = reader.reads.difference(&reader.binds).copied().collect();
        free.sort_unstable();
        let fact = Rc::new(Fact { constant, free });
        self.nodes.insert(address, fact.clone());
        fact
    }

    /// Whether the node does nothing but give a value.
    pub fn is_pure(&mut self, code: &Code, node: &Node) -> bool {
        let mut pure = match &node.kind {
            Kind::Primitive(primitive, _) | Kind::HigherOrder(primitive, ..) => !primitive.does_more(),
            Kind::Call(id, _) | Kind::ConstantDefinition(_, id) => self.is_pure_definition(code, *id),
            Kind::Declined(_) | Kind::Enabled(_) => false,
            _ => true,
        };
        children(code, node, &mut |child| pure = pure && self.is_pure(code, child));
        pure
    }

    /// Whether the node goes through the elements of something, or calls an operator that does or that calls itself.
    pub(crate) fn loops(&mut self, code: &Code, node: &Node) -> bool {
        let address = std::ptr::from_ref(node) as usize;
        if let Some(known) = self.loops.get(&address) {
            return *known;
        }
        let mut loops = match &node.kind {
            Kind::Forall(..)
            | Kind::Exists(..)
            | Kind::Choose(..)
            | Kind::Filter(_)
            | Kind::SetMap(..)
            | Kind::Function(_)
            | Kind::HigherOrder(..) => true,
            Kind::Call(id, _) => self.is_looping(code, *id),
            _ => false,
        };
        children(code, node, &mut |child| loops = loops || self.loops(code, child));
        self.loops.insert(address, loops);
        loops
    }

    fn is_looping(&mut self, code: &Code, id: DefinitionId) -> bool {
        if let Some(known) = self.looping.get(&id) {
            return *known;
        }
        // A recursion is found on the way.
        self.looping.insert(id, true);
        let looping = self.loops(code, &code.definition(id).body);
        self.looping.insert(id, looping);
        looping
    }

    /// Slots that are bound somewhere in the node.
    pub(crate) fn binds(&mut self, code: &Code, node: &Node) -> FxHashSet<SlotIndex> {
        let mut reader = Reader { code, reads: FxHashSet::default(), binds: FxHashSet::default() };
        reader.visit(node);
        reader.binds
    }

    /// Whether an operator may call itself.
    pub(crate) fn is_recursive(&mut self, code: &Code, id: DefinitionId) -> bool {
        *self.recursive.entry(id).or_insert_with(|| {
            let (mut seen, mut open) = (FxHashSet::default(), vec![id]);
            while let Some(caller) = open.pop() {
                let mut called = Vec::new();
                calls(code, &code.definition(caller).body, &mut called);
                if called.contains(&id) {
                    return true;
                }
                open.extend(called.into_iter().filter(|callee| seen.insert(*callee)));
            }
            false
        })
    }

    fn is_pure_definition(&mut self, code: &Code, id: DefinitionId) -> bool {
        if let Some(known) = self.pure.get(&id) {
            return *known;
        }
        // Until the contrary is found, so that recursion ends.
        self.pure.insert(id, true);
        let pure = self.is_pure(code, &code.definition(id).body);
        self.pure.insert(id, pure);
        pure
    }
}

/// The operators that a node calls.
fn calls(code: &Code, node: &Node, called: &mut Vec<DefinitionId>) {
    if let Kind::Call(id, _) | Kind::ConstantDefinition(_, id) = &node.kind {
        called.push(*id);
    }
    children(code, node, &mut |child| calls(code, child, called));
}

struct Reader<'c> {
    code: &'c Code,
    reads: FxHashSet<SlotIndex>,
    binds: FxHashSet<SlotIndex>,
}

impl<'c> Reader<'c> {
    fn bind(&mut self, pattern: &Pattern) {
        match pattern {
            Pattern::Slot(slot) => {
                self.binds.insert(*slot);
            }
            Pattern::Tuple(slots) => self.binds.extend(slots.iter().copied()),
        }
    }

    fn binders(&mut self, binders: &[Binder]) {
        binders.iter().for_each(|binder| self.bind(&binder.pattern));
    }

    fn lambda(&mut self, lambda: &Lambda) {
        self.binds.extend(lambda.params.iter().copied());
        self.reads.extend(lambda.inherits.iter().copied());
    }

    fn operator(&mut self, operator: &Operator) {
        match operator {
            Operator::Lambda(lambda) => self.lambda(lambda),
            Operator::Slot(slot) => {
                self.reads.insert(*slot);
            }
        }
    }

    fn arguments(&mut self, arguments: &[Argument]) {
        for argument in arguments {
            if let Argument::Operator(operator) = argument {
                self.operator(operator);
            }
        }
    }

    fn visit(&mut self, node: &'c Node) {
        match &node.kind {
            Kind::Slot(slot) => {
                self.reads.insert(*slot);
            }
            Kind::CallSlot(slot, arguments) => {
                self.reads.insert(*slot);
                self.arguments(arguments);
            }
            Kind::Call(id, arguments) => {
                self.reads.extend(self.code.definition(*id).inherits.iter().copied());
                self.arguments(arguments);
            }
            Kind::HigherOrder(_, _, operators) => operators.iter().for_each(|operator| self.operator(operator)),
            Kind::Let(slot, ..) => {
                self.binds.insert(*slot);
            }
            Kind::Choose(pattern, ..) => self.bind(pattern),
            Kind::Forall(binders, ..) | Kind::Exists(binders, _) | Kind::SetMap(binders, _) => self.binders(binders),
            Kind::Filter(rule) | Kind::Function(rule) => {
                let rule = &self.code.rules[*rule as usize];
                self.binders(&rule.binders);
                self.binds.extend(rule.itself);
            }
            Kind::Except(_, updates) => self.binds.extend(updates.iter().filter_map(|update| update.old)),
            _ => {}
        }
        let code = self.code;
        children(code, node, &mut |child| self.visit(child));
    }
}
