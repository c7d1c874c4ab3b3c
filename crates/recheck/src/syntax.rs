//! The parts of an expression.

use tla_syntax::ast::{Bound, Definition, DefinitionBody, ExceptPath, Expr, ExprKind, Instance, LetItem, Selector};

/// The direct subexpressions, in the order in which SANY analyses them: the order of the text, except that the bounds
/// of a set map `{e : x \in S}` come before its body.
pub(crate) fn parts(expr: &Expr) -> Vec<&Expr> {
    let mut parts = Vec::new();
    match &*expr.kind {
        ExprKind::Number(_) | ExprKind::Decimal(_) | ExprKind::String(_) | ExprKind::At => {}
        ExprKind::Apply { args, .. } => parts.extend(args),
        ExprKind::Select(selectors) => selectors.iter().for_each(|selector| of_selector(selector, &mut parts)),
        ExprKind::Junction { items, .. }
        | ExprKind::SetEnum(items)
        | ExprKind::Tuple(items)
        | ExprKind::Product(items) => parts.extend(items),
        ExprKind::If { condition, then, otherwise } => parts.extend([condition, then, otherwise]),
        ExprKind::Case { arms, other } => {
            arms.iter().for_each(|(guard, value)| parts.extend([guard, value]));
            parts.extend(other);
        }
        ExprKind::Let { items, body } => {
            for item in items {
                if let LetItem::Definition(definition) = item {
                    parts.extend(parts_of_definition(definition));
                }
            }
            parts.push(body);
        }
        ExprKind::Quantified { bounds, body, .. }
        | ExprKind::SetMap { body, bounds }
        | ExprKind::FunctionLiteral { bounds, body } => {
            of_bounds(bounds, &mut parts);
            parts.push(body);
        }
        ExprKind::TemporalQuantified { body, .. } | ExprKind::Label { body, .. } | ExprKind::Lambda { body, .. } => {
            parts.push(body)
        }
        ExprKind::Choose { set, body, .. } => {
            parts.extend(set);
            parts.push(body);
        }
        ExprKind::SetFilter { set, predicate, .. } => parts.extend([set, predicate]),
        ExprKind::FunctionSet { domain, range } => parts.extend([domain, range]),
        ExprKind::RecordLiteral(fields) | ExprKind::RecordSet(fields) => {
            parts.extend(fields.iter().map(|(_, value)| value));
        }
        ExprKind::FunctionApply { function, args } => {
            parts.push(function);
            parts.extend(args);
        }
        ExprKind::Field { record, .. } => parts.push(record),
        ExprKind::Except { base, updates } => {
            parts.push(base);
            for update in updates {
                update.path.iter().for_each(|step| of_path(step, &mut parts));
                parts.push(&update.value);
            }
        }
        ExprKind::BoxAction { action, subscript } | ExprKind::AngleAction { action, subscript } => {
            parts.extend([action, subscript]);
        }
        ExprKind::Fairness { subscript, action, .. } => parts.extend([subscript, action]),
    }
    parts
}

/// The subexpressions of a definition.
pub(crate) fn parts_of_definition(definition: &Definition) -> Vec<&Expr> {
    let mut parts = Vec::new();
    match &definition.body {
        DefinitionBody::Operator(body) => parts.push(body),
        DefinitionBody::Function { bounds, body } => {
            of_bounds(bounds, &mut parts);
            parts.push(body);
        }
        DefinitionBody::Instance(instance) => parts.extend(parts_of_instance(instance)),
    }
    parts
}

/// The right-hand sides of a substitution.
pub(crate) fn parts_of_instance(instance: &Instance) -> impl Iterator<Item = &Expr> {
    instance.substitutions.iter().map(|(_, expr)| expr)
}

fn of_bounds<'e>(bounds: &'e [Bound], parts: &mut Vec<&'e Expr>) {
    parts.extend(bounds.iter().filter_map(|bound| bound.set.as_ref()));
}

fn of_path<'e>(step: &'e ExceptPath, parts: &mut Vec<&'e Expr>) {
    match step {
        ExceptPath::Index(args) => parts.extend(args),
        ExceptPath::Field(_) => {}
    }
}

fn of_selector<'e>(selector: &'e Selector, parts: &mut Vec<&'e Expr>) {
    match selector {
        Selector::Name { args, .. } | Selector::Args(args, _) => parts.extend(args),
        Selector::Operand(..) | Selector::Left(_) | Selector::Right(_) | Selector::Body(_) | Selector::At(_) => {}
    }
}
