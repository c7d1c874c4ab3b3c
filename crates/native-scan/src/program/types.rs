//! Types of expressions, as far as declarations say.

use super::{FnId, Program};
use native_syntax::Name;
use native_syntax::ir::{CaptureDefault, Expr, FunctionKind, Span, Storage, Variable};
use std::sync::PoisonError;

/// What a name refers to.
#[derive(Debug, Clone, Copy)]
pub enum Referent<'p> {
    /// A parameter of the function (or closure) with this id.
    Parameter(FnId, &'p Variable),
    /// A local variable of the function (or closure) with this id.
    Local(FnId, &'p Variable),
    /// A data member of this class, through an implicit `this`.
    Member(Name, &'p Variable),
    /// A global or static member.
    Global(&'p Variable),
}

impl<'p> Referent<'p> {
    /// The declaration.
    pub fn variable(&self) -> &'p Variable {
        match self {
            Self::Parameter(_, variable)
            | Self::Local(_, variable)
            | Self::Member(_, variable)
            | Self::Global(variable) => variable,
        }
    }
}

/// A type's name without qualifiers, references and pointers: `const std::vector<T>&` gives `std::vector<T>`.
pub fn bare(ty: &str) -> &str {
    let mut ty = ty.trim();
    // Most types are a name, and this is asked very often.
    if !ty.bytes().any(|byte| matches!(byte, b' ' | b'&' | b'*' | b']')) {
        return ty;
    }
    loop {
        let before = ty;
        for prefix in ["const ", "volatile ", "struct ", "class ", "typename ", "constexpr ", "mutable "] {
            ty = ty.strip_prefix(prefix).unwrap_or(ty).trim_start();
        }
        ty = ty.trim_end_matches(['&', '*', ' ']);
        ty = ty.strip_suffix("const").filter(|rest| rest.ends_with([' ', '*'])).unwrap_or(ty).trim_end();
        ty = ty.strip_suffix("[]").unwrap_or(ty).trim_end();
        if ty == before {
            return ty;
        }
    }
}

/// A template's name and its arguments: `std::map<K, V>` gives `std::map` and `[K, V]`.
pub fn template(ty: &str) -> (&str, Vec<&str>) {
    let Some(open) = ty.find('<') else { return (ty, Vec::new()) };
    let close = ty.rfind('>').unwrap_or(ty.len());
    if close <= open {
        return (&ty[..open], Vec::new());
    }
    let inside = &ty[open + 1..close];
    let mut arguments = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            b'<' | b'(' => depth += 1,
            b'>' | b')' => depth -= 1,
            b',' if depth == 0 => {
                arguments.push(inside[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    arguments.push(inside[start..].trim());
    (ty[..open].trim_end(), arguments)
}

/// The last part of a type's name, template arguments left out.
pub fn simple(ty: &str) -> &str {
    native_syntax::name::last_part(template(bare(ty)).0)
}

impl<'p> Program<'p> {
    /// A type with aliases replaced.
    pub fn expand(&self, ty: Name) -> Name {
        let mut ty = ty;
        for _ in 0..6 {
            let name = bare(ty.text());
            let (head, arguments) = template(name);
            let simple = native_syntax::name::last_part(head);
            match self.aliases.get(simple) {
                Some(target) if arguments.is_empty() && *target != ty && simple != target.last() => {
                    let suffix: String = ty.text().chars().rev().take_while(|c| matches!(c, '*' | '&')).collect();
                    ty = Name::new(&format!("{target}{suffix}"));
                }
                _ => return ty,
            }
        }
        ty
    }

    /// The class that a type is, points to or owns, as written in a function.
    pub fn class_at(&self, id: FnId, ty: Name) -> Option<Name> {
        self.class_in(ty, self.class_of(id), Some(self.file_of(id)))
    }

    /// The class that a type is, points to or owns.
    pub fn class_of_type(&self, ty: Name, from: Option<Name>) -> Option<Name> {
        let file = from.and_then(|from| self.classes.get(&from)).map(|class| class.file);
        self.class_in(ty, from, file)
    }

    /// The same, as written in a file.
    pub fn class_in(&self, ty: Name, from: Option<Name>, file: Option<usize>) -> Option<Name> {
        let mut ty = self.expand(ty);
        for _ in 0..4 {
            let name = bare(ty.text());
            let (head, arguments) = template(name);
            let last = native_syntax::name::last_part(head);
            if self.config.types.smart_pointers.contains(last) && !arguments.is_empty() {
                ty = self.expand(Name::new(arguments[0]));
                continue;
            }
            return self.find_class_in(head, from, file);
        }
        None
    }

    /// The type of what a container holds, a pointer points to, or an iterator stands on.
    pub fn element(&self, ty: Name) -> Option<Name> {
        let ty = self.expand(ty);
        let (head, arguments) = template(bare(ty.text()));
        let head = native_syntax::name::last_part(head);
        if arguments.is_empty() {
            let stripped = ty.text().strip_suffix("[]").or_else(|| ty.text().strip_suffix('*'))?;
            return Some(Name::new(stripped));
        }
        let mapping = head.contains("map") || head.contains("Map");
        let element = if mapping { arguments.get(1) } else { arguments.first() };
        element.map(|element| Name::new(element))
    }

    /// Whether a type's name ends like one of a list, behind pointers and aliases.
    pub fn is_one_of(&self, ty: Name, list: &std::collections::HashSet<String>) -> bool {
        list.contains(simple(ty.text())) || list.contains(simple(self.expand(ty).text()))
    }

    /// What a name means inside of a function.
    pub fn referent(&self, id: FnId, name: Name) -> Option<Referent<'p>> {
        let mut at = Some(id);
        if !name.text().contains("::") {
            while let Some(function_id) = at {
                let function = self.function(function_id);
                if let Some(variable) = self.local(function_id, name) {
                    return Some(Referent::Local(function_id, variable));
                }
                if let Some(variable) = function.params.iter().find(|param| param.name == name) {
                    return Some(Referent::Parameter(function_id, variable));
                }
                let closed = !matches!(function.kind, FunctionKind::Block | FunctionKind::Lambda);
                if closed {
                    break;
                }
                at = self.parent(function_id);
            }
        }
        if let Some(class) = self.class_of(id) {
            let (qualifier, last) = match name.text().rfind("::") {
                Some(cut) => (Some(&name.text()[..cut]), &name.text()[cut + 2..]),
                None => (None, name.text()),
            };
            let class = match qualifier {
                Some(qualifier) => self.find_class_at(id, qualifier)?,
                None => class,
            };
            if let Some((owner, member)) = self.member(class, last) {
                return Some(if member.variable.storage == Storage::Static {
                    Referent::Global(member.variable)
                } else {
                    Referent::Member(owner, member.variable)
                });
            }
        }
        if let Some(cut) = name.text().rfind("::")
            && let Some(class) = self.find_class_in(&name.text()[..cut], None, Some(self.file_of(id)))
            && let Some((_, member)) = self.member(class, &name.text()[cut + 2..])
        {
            return Some(Referent::Global(member.variable));
        }
        self.global(name.text(), self.file_of(id)).map(Referent::Global)
    }

    /// A local variable of a function, closures in it left out.
    pub fn local(&self, id: FnId, name: Name) -> Option<&'p Variable> {
        let table = self.locals[id.0 as usize]
            .get_or_init(|| self.locals(id).into_iter().map(|variable| (variable.name, variable)).collect());
        table.get(&name).copied()
    }

    /// Whether a closure captures a variable of an enclosing function by reference.
    pub fn captures_by_reference(&self, closure: FnId, name: Name, storage: Storage) -> bool {
        let function = self.function(closure);
        if let Some(item) = function.captures.items.iter().find(|item| item.name == name) {
            return item.by_reference;
        }
        match function.kind {
            FunctionKind::Block => storage == Storage::Block,
            _ => function.captures.default == CaptureDefault::Reference,
        }
    }

    /// The type of an expression.
    pub fn type_of(&self, id: FnId, expr: &'p Expr) -> Option<Name> {
        self.type_within(id, expr, 12)
    }

    /// The class that an expression is, points to or owns.
    pub fn class_of_expr(&self, id: FnId, expr: &'p Expr) -> Option<Name> {
        if let Expr::This(_) = expr {
            return self.class_of(id);
        }
        let ty = self.type_of(id, expr)?;
        self.class_at(id, ty)
    }

    pub(super) fn type_within(&self, id: FnId, expr: &'p Expr, depth: u32) -> Option<Name> {
        let depth = depth.checked_sub(1)?;
        match expr {
            Expr::This(_) => self.class_of(id),
            Expr::Name(name, _) => {
                let referent = self.referent(id, *name)?;
                let home = match referent {
                    Referent::Local(home, _) | Referent::Parameter(home, _) => home,
                    Referent::Member(..) | Referent::Global(_) => id,
                };
                self.variable_type(home, referent.variable(), depth)
            }
            Expr::Member { base, name, .. } => {
                if name.text() == "second" || name.text() == "first" {
                    return self.type_within(id, base, depth);
                }
                let base = self.type_within(id, base, depth)?;
                let class = self.class_at(id, base)?;
                self.member(class, name.text()).map(|(_, member)| member.variable.ty)
            }
            Expr::Call { callee, arguments, template, .. } => {
                // What a call returns is asked of its receiver twice, so a long chain of calls would be asked a number of
                // times that doubles with each link. The depth is part of the question: less of it may answer less.
                let key = (std::ptr::from_ref(expr) as usize, depth);
                let known = &self.call_types[id.0 as usize];
                let answer = known.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
                answer.unwrap_or_else(|| {
                    let ty = self.call_type(id, expr, callee, arguments, *template, depth);
                    known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, ty);
                    ty
                })
            }
            Expr::Message { receiver, selector, .. } => match selector.text() {
                "alloc" | "init" | "retain" | "autorelease" | "new" | "copy" => self.type_within(id, receiver, depth),
                _ => None,
            },
            Expr::Index { base, .. } => self.element(self.type_within(id, base, depth)?),
            Expr::Unary { operator, operand, .. } => {
                let ty = self.type_within(id, operand, depth)?;
                match operator.text() {
                    "*" => {
                        let expanded = self.expand(ty);
                        let (head, arguments) = template(bare(expanded.text()));
                        let iterator = arguments.len() == 1 && native_syntax::name::last_part(head).contains("iter");
                        Some(if iterator { Name::new(arguments[0]) } else { ty })
                    }
                    "&" | "++" | "--" | "post++" | "post--" => Some(ty),
                    _ => None,
                }
            }
            Expr::Assign { left, .. } => self.type_within(id, left, depth),
            Expr::Conditional { then, otherwise, .. } => {
                self.type_within(id, then, depth).or_else(|| self.type_within(id, otherwise, depth))
            }
            Expr::New { ty, .. } => Some(Name::new(&format!("{ty}*"))),
            Expr::Cast { ty, .. } => Some(*ty),
            Expr::Construct { ty, arguments, .. } => {
                if !ty.is_empty() && ty.text() != "auto" {
                    return Some(*ty);
                }
                arguments.first().filter(|_| arguments.len() == 1).and_then(|only| self.type_within(id, only, depth))
            }
            Expr::Binary { left, operator, .. } if matches!(operator.text(), "+" | "-") => {
                self.type_within(id, left, depth)
            }
            Expr::Literal(..)
            | Expr::Binary { .. }
            | Expr::Delete(..)
            | Expr::Closure(..)
            | Expr::Throw(..)
            | Expr::Other(..) => None,
        }
    }

    fn variable_type(&self, home: FnId, variable: &'p Variable, depth: u32) -> Option<Name> {
        if !matches!(bare(variable.ty.text()), "auto" | "" | "decltype(auto)") {
            return Some(variable.ty);
        }
        if let Some(init) = &variable.init {
            return self.type_within(home, init, depth);
        }
        // The variable of a range loop.
        let range = self.range_of(home, variable)?;
        self.element(self.type_within(home, range, depth)?)
    }

    fn call_type(
        &self,
        id: FnId,
        call: &'p Expr,
        callee: &'p Expr,
        arguments: &'p [Expr],
        template: Name,
        depth: u32,
    ) -> Option<Name> {
        let last = callee_name(callee);
        match last {
            "make_unique" | "make_shared" | "make_intrusive" => return Some(template),
            "move" | "ref" | "forward" | "cref" | "as_const" if arguments.len() == 1 => {
                return self.type_within(id, &arguments[0], depth);
            }
            _ => {}
        }
        let resolved = self.resolve(id, call, depth);
        if let Some(first) = resolved.first() {
            let returns = self.function(*first).returns;
            if !matches!(bare(returns.text()), "" | "auto") {
                return Some(returns);
            }
        }
        if let Expr::Member { base, .. } = callee {
            let ty = self.type_within(id, base, depth)?;
            return match last {
                "get" | "release" | "lock" | "load" | "value" | "find" | "begin" | "end" | "lower_bound"
                | "upper_bound" | "cbegin" | "cend" | "rbegin" | "data" => {
                    let container = self.is_one_of(ty, &self.config.types.containers);
                    if container { self.element(ty) } else { Some(ty) }
                }
                "top" | "front" | "back" | "at" => self.element(ty),
                _ => {
                    let class = self.class_at(id, ty)?;
                    self.declared_return(Some(class), last)
                }
            };
        }
        if let Expr::Name(name, _) = callee {
            // A constructor call `T(args)`.
            if self.find_class_at(id, name.text()).is_some() {
                return Some(*name);
            }
            let class = self.class_of(id);
            return self.declared_return(class, last).or_else(|| self.declared_return(None, last));
        }
        None
    }

    /// Where a variable's name stands.
    pub fn place_of(&self, id: FnId, variable: &Variable) -> (usize, Span) {
        (self.file_of(id), variable.span)
    }
}

/// The last part of the name of what is called.
pub fn callee_name(callee: &Expr) -> &'static str {
    match callee {
        Expr::Name(name, _) => name.last(),
        Expr::Member { name, .. } => name.last(),
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_taken_apart() {
        assert_eq!(bare("const std::vector<int>&"), "std::vector<int>");
        assert_eq!(bare("MPSEvent* const"), "MPSEvent");
        assert_eq!(template("std::map<K, std::pair<A, B>>"), ("std::map", vec!["K", "std::pair<A, B>"]));
        assert_eq!(simple("mutable std::recursive_mutex"), "recursive_mutex");
    }
}
