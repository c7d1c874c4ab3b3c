//! Which lock an expression names.

use super::Lock;
use crate::program::types::{Referent, callee_name};
use crate::program::{FnId, Program};
use native_syntax::Name;
use native_syntax::ir::{Expr, Stmt};

impl<'p> Program<'p> {
    /// The name of the member, global or local variable that an expression reaches in the end: `this->m`, `x.m`, `*m`,
    /// or a call of a function that returns one.
    pub fn place(&self, id: FnId, expr: &'p Expr) -> Option<Name> {
        self.place_within(id, expr, 6)
    }

    fn place_within(&self, id: FnId, expr: &'p Expr, depth: u32) -> Option<Name> {
        let depth = depth.checked_sub(1)?;
        match expr {
            Expr::Name(name, _) => match self.referent(id, *name)? {
                Referent::Member(class, variable) => Some(Name::new(&format!("{class}::{}", variable.name.last()))),
                Referent::Global(variable) => Some(variable.name),
                Referent::Local(home, variable) => match &variable.init {
                    Some(init) if is_reference(variable.ty.text()) => {
                        self.place_within(home, init, depth).or_else(|| Some(local_place(self, home, variable.name)))
                    }
                    _ => Some(local_place(self, home, variable.name)),
                },
                Referent::Parameter(home, variable) => Some(local_place(self, home, variable.name)),
            },
            Expr::Member { base, name, .. } => {
                let class = self.class_of_expr(id, base)?;
                let (owner, member) = self.member(class, name.text())?;
                Some(Name::new(&format!("{owner}::{}", member.variable.name.last())))
            }
            Expr::Unary { operator, operand, .. } if matches!(operator.text(), "*" | "&") => {
                self.place_within(id, operand, depth)
            }
            Expr::Cast { operand, .. } => self.place_within(id, operand, depth),
            Expr::Index { base, .. } => self.place_within(id, base, depth),
            Expr::Call { callee, arguments, .. } => {
                let callees = self.callees(id, expr);
                if let Some(first) = callees.first() {
                    return self.returned_place(*first, depth);
                }
                match callee.as_ref() {
                    Expr::Member { base, .. }
                        if arguments.is_empty() && matches!(callee_name(callee), "get" | "value" | "mutex") =>
                    {
                        self.place_within(id, base, depth)
                    }
                    _ => None,
                }
            }
            Expr::Construct { arguments, .. } if arguments.len() == 1 => self.place_within(id, &arguments[0], depth),
            _ => None,
        }
    }

    /// The place that an accessor returns: a function whose only statement is `return place;`, or `static T x; return x;`.
    fn returned_place(&self, id: FnId, depth: u32) -> Option<Name> {
        let body = self.function(id).body.as_ref()?;
        match body.as_slice() {
            [.., Stmt::Return(Some(value), _)] if body.len() <= 3 => self.place_within(id, value, depth),
            _ => None,
        }
    }

    /// The lock that an expression names, if its type is that of a lock or queue.
    pub fn lock(&self, id: FnId, expr: &'p Expr) -> Option<Lock> {
        self.place(id, expr)
    }

    /// The type of what a place expression declares, to tell locks from other objects with a method `lock`.
    pub fn is_mutex(&self, id: FnId, expr: &'p Expr) -> bool {
        self.type_of(id, expr).is_some_and(|ty| self.is_mutex_type(ty))
    }

    /// Whether a type is that of a lock.
    pub fn is_mutex_type(&self, ty: Name) -> bool {
        let simple = crate::program::types::simple(ty.text());
        self.is_one_of(ty, &self.config.types.mutexes)
            || self.is_one_of(ty, &self.config.types.recursive)
            || simple.ends_with("mutex")
            || simple.ends_with("Mutex")
    }
}

fn is_reference(ty: &str) -> bool {
    ty.ends_with('&') || ty.ends_with('*') || ty.starts_with("auto") || ty == "dispatch_queue_t"
}

fn local_place(program: &Program<'_>, home: FnId, name: Name) -> Name {
    let function = program.function(home);
    Name::new(&format!("{}()::{name}", function.name))
}
