//! The parts of an expression, for code that walks over all of them.

use crate::ast::{Bound, Definition, DefinitionBody, ExceptPath, Expr, ExprKind, LetItem, Selector};

/// Calls `each` for every expression directly inside `expr`, in textual order, bodies of `LET` definitions included.
pub fn for_each_child<'e>(expr: &'e Expr, each: &mut dyn FnMut(&'e Expr)) {
    match &*expr.kind {
        ExprKind::Number(_) | ExprKind::Decimal(_) | ExprKind::String(_) | ExprKind::At => {}
        ExprKind::Apply { args, .. } | ExprKind::SetEnum(args) | ExprKind::Tuple(args) | ExprKind::Product(args) => {
            args.iter().for_each(each);
        }
        ExprKind::Select(selectors) => selectors.iter().for_each(|selector| match selector {
            Selector::Name { args, .. } | Selector::Args(args, _) => args.iter().for_each(&mut *each),
            Selector::Operand(..) | Selector::Left(_) | Selector::Right(_) | Selector::Body(_) | Selector::At(_) => {}
        }),
        ExprKind::Junction { items, .. } => items.iter().for_each(each),
        ExprKind::If { condition, then, otherwise } => [condition, then, otherwise].into_iter().for_each(each),
        ExprKind::Case { arms, other } => {
            arms.iter().flat_map(|(guard, value)| [guard, value]).for_each(&mut *each);
            other.iter().for_each(each);
        }
        ExprKind::Let { items, body } => {
            for item in items {
                match item {
                    LetItem::Definition(definition) => for_each_in_definition(definition, each),
                    LetItem::Recursive(_) => {}
                }
            }
            each(body);
        }
        ExprKind::Quantified { bounds, body, .. } | ExprKind::FunctionLiteral { bounds, body } => {
            in_bounds(bounds, each);
            each(body);
        }
        ExprKind::TemporalQuantified { body, .. } | ExprKind::Lambda { body, .. } | ExprKind::Label { body, .. } => {
            each(body);
        }
        ExprKind::Choose { set, body, .. } => {
            set.iter().for_each(&mut *each);
            each(body);
        }
        ExprKind::SetFilter { set, predicate, .. } => [set, predicate].into_iter().for_each(each),
        ExprKind::SetMap { body, bounds } => {
            each(body);
            in_bounds(bounds, each);
        }
        ExprKind::FunctionSet { domain, range } => [domain, range].into_iter().for_each(each),
        ExprKind::RecordLiteral(fields) | ExprKind::RecordSet(fields) => {
            fields.iter().for_each(|(_, value)| each(value));
        }
        ExprKind::FunctionApply { function, args } => {
            each(function);
            args.iter().for_each(each);
        }
        ExprKind::Field { record, .. } => each(record),
        ExprKind::Except { base, updates } => {
            each(base);
            for update in updates {
                for path in &update.path {
                    match path {
                        ExceptPath::Index(index) => index.iter().for_each(&mut *each),
                        ExceptPath::Field(_) => {}
                    }
                }
                each(&update.value);
            }
        }
        ExprKind::BoxAction { action, subscript } | ExprKind::AngleAction { action, subscript } => {
            [action, subscript].into_iter().for_each(each);
        }
        ExprKind::Fairness { subscript, action, .. } => [subscript, action].into_iter().for_each(each),
    }
}

/// Calls `each` for every expression directly inside a definition.
pub fn for_each_in_definition<'e>(definition: &'e Definition, each: &mut dyn FnMut(&'e Expr)) {
    match &definition.body {
        DefinitionBody::Operator(body) => each(body),
        DefinitionBody::Function { bounds, body } => {
            in_bounds(bounds, each);
            each(body);
        }
        DefinitionBody::Instance(instance) => instance.substitutions.iter().for_each(|(_, value)| each(value)),
    }
}

fn in_bounds<'e>(bounds: &'e [Bound], each: &mut dyn FnMut(&'e Expr)) {
    bounds.iter().filter_map(|bound| bound.set.as_ref()).for_each(each);
}
