//! Where one expression uses a closure, or a name or value that holds one.
//!
//! Casts, moves, copies and constructions of `std::function` are looked through: what they give is the closure still.

use crate::program::calls::called;
use native_syntax::Name;
use native_syntax::ir::{Expr, Span};

/// Where a closure, or a name for one, is used.
pub(super) enum Use<'p> {
    Invoked,
    Argument(&'p Expr, usize),
    Kept(Span),
    Returned(Span),
    Named(Name),
    /// A thread starts with it.
    Spawned(Span),
}

pub(super) fn note_uses<'p>(expr: &'p Expr, note: &mut impl FnMut(u32, Use<'p>)) {
    match expr {
        Expr::Call { callee, arguments, .. } => {
            if let Some(index) = closure_of(callee) {
                note(index, Use::Invoked);
            }
            for (position, argument) in arguments.iter().enumerate() {
                if let Some(index) = closure_of(argument).filter(|_| !is_transparent(expr)) {
                    note(index, Use::Argument(expr, position));
                }
            }
        }
        Expr::Message { arguments, .. } => {
            for (position, argument) in arguments.iter().enumerate() {
                if let Some(index) = closure_of(argument) {
                    note(index, Use::Argument(expr, position));
                }
            }
        }
        Expr::Assign { left, right, span, .. } => {
            if let Some(index) = closure_of(right) {
                note(
                    index,
                    match left.as_ref() {
                        Expr::Name(name, _) => Use::Named(*name),
                        _ => Use::Kept(*span),
                    },
                );
            }
        }
        _ => {}
    }
}

pub(super) fn note_name<'p>(expr: &'p Expr, name: Name, note: &mut impl FnMut(Use<'p>)) {
    match expr {
        Expr::Call { callee, arguments, .. } => {
            if names(callee, name) {
                note(Use::Invoked);
            }
            for (position, argument) in arguments.iter().enumerate() {
                if names(argument, name) && !is_transparent(expr) {
                    note(Use::Argument(expr, position));
                }
            }
        }
        Expr::Message { arguments, .. } => {
            for (position, argument) in arguments.iter().enumerate() {
                if names(argument, name) {
                    note(Use::Argument(expr, position));
                }
            }
        }
        Expr::Assign { left, right, span, .. } if names(right, name) && !names(left, name) => match left.as_ref() {
            Expr::Name(..) | Expr::Member { .. } | Expr::Index { .. } => note(Use::Kept(*span)),
            _ => {}
        },
        _ => {}
    }
}

/// The closure that an expression is, behind casts, moves and constructions of `std::function`.
pub(super) fn closure_of(expr: &Expr) -> Option<u32> {
    match expr {
        Expr::Closure(index, _) => Some(*index),
        Expr::Cast { operand, .. } => closure_of(operand),
        Expr::Construct { arguments, .. } if arguments.len() == 1 => closure_of(&arguments[0]),
        Expr::Message { receiver, selector, .. } if matches!(selector.text(), "copy" | "retain" | "autorelease") => {
            closure_of(receiver)
        }
        Expr::Call { arguments, .. } if is_transparent(expr) && arguments.len() == 1 => closure_of(&arguments[0]),
        _ => None,
    }
}

/// Whether an expression is a name, behind the same things.
pub(super) fn names(expr: &Expr, name: Name) -> bool {
    match expr {
        Expr::Name(other, _) => *other == name,
        Expr::Cast { operand, .. } => names(operand, name),
        Expr::Construct { arguments, .. } if arguments.len() == 1 => names(&arguments[0], name),
        Expr::Message { receiver, selector, .. } if matches!(selector.text(), "copy" | "retain") => {
            names(receiver, name)
        }
        Expr::Call { arguments, .. } if is_transparent(expr) && arguments.len() == 1 => names(&arguments[0], name),
        _ => false,
    }
}

/// Whether an expression is another one, behind the same things.
pub(super) fn is_value(expr: &Expr, value: &Expr) -> bool {
    std::ptr::eq(expr, value)
        || match expr {
            Expr::Cast { operand, .. } => is_value(operand, value),
            Expr::Construct { arguments, .. } if arguments.len() == 1 => is_value(&arguments[0], value),
            Expr::Call { arguments, .. } if is_transparent(expr) && arguments.len() == 1 => {
                is_value(&arguments[0], value)
            }
            _ => false,
        }
}

/// Whether a call is one of a method of what another call or a construction has just given.
pub(super) fn is_on_temporary(call: &Expr) -> bool {
    let Expr::Call { callee, .. } = call else { return false };
    let Expr::Member { base, is_arrow: false, .. } = callee.as_ref() else { return false };
    matches!(base.as_ref(), Expr::Call { .. } | Expr::Construct { .. })
}

pub(super) fn is_transparent(call: &Expr) -> bool {
    matches!(called(call), "move" | "forward" | "Block_copy" | "function" | "ref")
}
