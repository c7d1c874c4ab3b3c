//! Children of an expression of the syntax tree, in textual order.

use tla_syntax::ast::{Bound, DefinitionBody, ExceptPath, Expr, ExprKind, LetItem, Selector};

fn bound_sets<'a>(bounds: &'a [Bound], out: &mut Vec<&'a Expr>) {
    out.extend(bounds.iter().filter_map(|bound| bound.set.as_ref()));
}

fn definition_body<'a>(body: &'a DefinitionBody, out: &mut Vec<&'a Expr>) {
    match body {
        DefinitionBody::Operator(expr) => out.push(expr),
        DefinitionBody::Function { bounds, body } => {
            bound_sets(bounds, out);
            out.push(body);
        }
        DefinitionBody::Instance(instance) => out.extend(instance.substitutions.iter().map(|(_, expr)| expr)),
    }
}

/// The direct subexpressions.
pub fn children(expr: &Expr) -> Vec<&Expr> {
    let mut out = Vec::new();
    match &*expr.kind {
        ExprKind::Number(_) | ExprKind::Decimal(_) | ExprKind::String(_) | ExprKind::At => {}
        ExprKind::Apply { args, .. } => out.extend(args),
        ExprKind::Select(selectors) => {
            for selector in selectors {
                match selector {
                    Selector::Name { args, .. } | Selector::Args(args, _) => out.extend(args),
                    Selector::Operand(..)
                    | Selector::Left(_)
                    | Selector::Right(_)
                    | Selector::Body(_)
                    | Selector::At(_) => {}
                }
            }
        }
        ExprKind::Junction { items, .. } => out.extend(items),
        ExprKind::If { condition, then, otherwise } => out.extend([condition, then, otherwise]),
        ExprKind::Case { arms, other } => {
            for (guard, value) in arms {
                out.extend([guard, value]);
            }
            out.extend(other);
        }
        ExprKind::Let { items, body } => {
            for item in items {
                match item {
                    LetItem::Definition(definition) => definition_body(&definition.body, &mut out),
                    LetItem::Recursive(_) => {}
                }
            }
            out.push(body);
        }
        ExprKind::Quantified { bounds, body, .. }
        | ExprKind::SetMap { body, bounds }
        | ExprKind::FunctionLiteral { bounds, body } => {
            bound_sets(bounds, &mut out);
            out.push(body);
        }
        ExprKind::TemporalQuantified { body, .. } | ExprKind::Label { body, .. } | ExprKind::Lambda { body, .. } => {
            out.push(body)
        }
        ExprKind::Choose { set, body, .. } => {
            out.extend(set);
            out.push(body);
        }
        ExprKind::SetEnum(items) | ExprKind::Tuple(items) | ExprKind::Product(items) => out.extend(items),
        ExprKind::SetFilter { set, predicate, .. } => out.extend([set, predicate]),
        ExprKind::FunctionSet { domain, range } => out.extend([domain, range]),
        ExprKind::RecordLiteral(fields) | ExprKind::RecordSet(fields) => {
            out.extend(fields.iter().map(|(_, expr)| expr));
        }
        ExprKind::FunctionApply { function, args } => {
            out.push(function);
            out.extend(args);
        }
        ExprKind::Field { record, .. } => out.push(record),
        ExprKind::Except { base, updates } => {
            out.push(base);
            for update in updates {
                for step in &update.path {
                    match step {
                        ExceptPath::Index(indices) => out.extend(indices),
                        ExceptPath::Field(_) => {}
                    }
                }
                out.push(&update.value);
            }
        }
        ExprKind::BoxAction { action, subscript }
        | ExprKind::AngleAction { action, subscript }
        | ExprKind::Fairness { subscript, action, .. } => out.extend([subscript, action]),
    }
    out
}

/// Calls the function for the expression and everything inside it, outermost first.
pub fn visit<'a>(expr: &'a Expr, f: &mut dyn FnMut(&'a Expr)) {
    f(expr);
    for child in children(expr) {
        visit(child, f);
    }
}
