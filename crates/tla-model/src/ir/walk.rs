//! Children of a node, and what can be told from the tree alone.

use super::{Argument, Binder, Code, Kind, Level, Node, Operator, PathStep, Primitive, SlotIndex};

fn binder_sets<'n>(binders: &'n [Binder], f: &mut dyn FnMut(&'n Node)) {
    binders.iter().filter_map(|binder| binder.set.as_ref()).for_each(f);
}

fn operator<'n>(operator: &'n Operator, f: &mut dyn FnMut(&'n Node)) {
    match operator {
        Operator::Lambda(lambda) => f(&lambda.body),
        Operator::Slot(_) => {}
    }
}

fn arguments<'n>(all: &'n [Argument], f: &mut dyn FnMut(&'n Node)) {
    for argument in all {
        match argument {
            Argument::Eager(node) | Argument::Delayed(node) => f(node),
            Argument::Operator(op) => operator(op, f),
        }
    }
}

/// Calls the function for each direct part of a node, those of its filter or function rule included. Definitions that
/// it calls are not entered.
pub fn children<'n>(code: &'n Code, node: &'n Node, f: &mut dyn FnMut(&'n Node)) {
    match &node.kind {
        Kind::Bool(_)
        | Kind::Int(_)
        | Kind::String(_)
        | Kind::Model(_)
        | Kind::Constant(_)
        | Kind::ConstantDefinition(..)
        | Kind::Slot(_)
        | Kind::Variable(_)
        | Kind::Primed(_)
        | Kind::ChooseUnbounded
        | Kind::QuantifierUnbounded
        | Kind::UnchangedVariables(_)
        | Kind::Declined(_) => {}
        Kind::Call(_, all) | Kind::CallSlot(_, all) => arguments(all, f),
        Kind::Primitive(_, operands) => operands.iter().for_each(f),
        Kind::HigherOrder(_, operands, operators) => {
            operands.iter().for_each(&mut *f);
            operators.iter().for_each(|op| operator(op, f));
        }
        Kind::And(items)
        | Kind::Or(items)
        | Kind::SetEnumeration(items)
        | Kind::Tuple(items)
        | Kind::Product(items)
        | Kind::Record(_, items)
        | Kind::RecordSet(_, items) => items.iter().for_each(f),
        Kind::Not(a) | Kind::Enabled(a) | Kind::Always(a) | Kind::Eventually(a) | Kind::Field(a, _) => f(a),
        Kind::Implies(a, b, _)
        | Kind::Equivalent(a, b)
        | Kind::FunctionSet(a, b)
        | Kind::Apply(a, b)
        | Kind::Unchanged(a, b)
        | Kind::Compose(a, b)
        | Kind::LeadsTo(a, b)
        | Kind::Let(_, a, b)
        | Kind::Choose(_, a, b) => {
            f(a);
            f(b);
        }
        Kind::If(a, b, c)
        | Kind::BoxAction(a, b, c)
        | Kind::AngleAction(a, b, c)
        | Kind::WeakFairness(a, b, c)
        | Kind::StrongFairness(a, b, c) => {
            f(a);
            f(b);
            f(c);
        }
        Kind::Case(arms, other) => {
            for (guard, value) in arms {
                f(guard);
                f(value);
            }
            if let Some(other) = other {
                f(other);
            }
        }
        Kind::Forall(binders, body, _) | Kind::Exists(binders, body) | Kind::SetMap(binders, body) => {
            binder_sets(binders, f);
            f(body);
        }
        Kind::Filter(rule) | Kind::Function(rule) => {
            let rule = &code.rules[*rule as usize];
            binder_sets(&rule.binders, f);
            f(&rule.body);
        }
        Kind::Except(base, updates) => {
            f(base);
            for update in updates {
                for step in &update.path {
                    match step {
                        PathStep::Index(index) => f(index),
                        PathStep::Field(_) => {}
                    }
                }
                f(&update.value);
            }
        }
    }
}

/// Whether a node mentions one of some slots of its frame.
pub fn mentions_slot(code: &Code, node: &Node, is_one: &dyn Fn(&SlotIndex) -> bool) -> bool {
    let mut found = match &node.kind {
        Kind::Slot(slot) | Kind::CallSlot(slot, _) => is_one(slot),
        // A definition of a LET sees the names around it.
        Kind::Call(id, _) => code.definition(*id).inherits.iter().any(is_one),
        _ => false,
    };
    children(code, node, &mut |child| found = found || mentions_slot(code, child, is_one));
    found
}

/// The level of a node, parameters counted as constant.
pub fn level(code: &Code, node: &Node) -> Level {
    let mut inner = Level::Constant;
    children(code, node, &mut |child| inner = inner.max(level(code, child)));
    match &node.kind {
        Kind::Variable(_) => Level::State,
        Kind::Primed(_)
        | Kind::UnchangedVariables(_)
        | Kind::Unchanged(..)
        | Kind::BoxAction(..)
        | Kind::AngleAction(..)
        | Kind::Compose(..) => Level::Action,
        Kind::Enabled(_) => Level::State,
        Kind::Always(_)
        | Kind::Eventually(_)
        | Kind::LeadsTo(..)
        | Kind::WeakFairness(..)
        | Kind::StrongFairness(..) => Level::Temporal,
        Kind::Call(id, _) => inner.max(code.definition(*id).level),
        Kind::Primitive(Primitive::TlcGetNext, _) => inner.max(Level::Action),
        Kind::Primitive(primitive, _) | Kind::HigherOrder(primitive, ..) if primitive.is_volatile() => {
            inner.max(Level::State)
        }
        _ => inner,
    }
}
