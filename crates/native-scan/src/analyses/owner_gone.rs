//! # What it finds
//! A pointer that is taken from a local owner (a string, a vector, a `unique_ptr`, an object of a class that holds something by
//! value and hands out a pointer) in an inner block and put into a variable or container that lives longer and is used after
//! the block; and a pointer that is taken from a temporary owner and kept.
//!
//! # Why it is a bug
//! The owner is destroyed at the end of its block, or at the end of the full expression, and with it what the pointer
//! leads to. With a caching allocator the memory is handed out again instead of unmapped, so nothing crashes at once.
//!
//! # Example
//! Bad:
//! ```cpp
//! const char* name;
//! { std::string text = make(); name = text.c_str(); }
//! print(name);
//! ```
//! Good:
//! ```cpp
//! std::string text = make();
//! print(text.c_str());
//! ```
//!
//! # What it misses
//! Pointers that go through a function or a structure before they are kept. Whether what a class of the program hands
//! out really depends on what it holds: that is a warning, where the standard library's owners are errors.
//!
//! # References
//! C++ Core Guidelines ES.65 and F.42; Sutter, "Lifetime safety: preventing common dangling" (P1179); CWE-416, CWE-825.

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::program::FnId;
use crate::program::calls::{called, each_expression};
use crate::program::types::Referent;
use native_syntax::Name;
use native_syntax::ir::{Expr, FunctionKind, Span, Stmt, Storage, Variable};

/// Methods of the standard library's owners that hand out a pointer or iterator to what they own.
const HANDING_OUT: [&str; 6] = ["c_str", "data", "get", "begin", "front", "back"];
/// Operations that put their argument into a container.
const KEEPING: [&str; 7] =
    ["push_back", "emplace_back", "insert", "emplace", "push", "addObject_", "setObject_forKey_"];
/// Types without an owner in them.
const PLAIN: [&str; 20] = [
    "bool",
    "char",
    "int",
    "long",
    "short",
    "unsigned",
    "float",
    "double",
    "size_t",
    "int8_t",
    "int16_t",
    "int32_t",
    "int64_t",
    "uint8_t",
    "uint16_t",
    "uint32_t",
    "uint64_t",
    "BOOL",
    "NSUInteger",
    "id",
];

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for id in facts.defined() {
        let Some(body) = &facts.program.function(id).body else { continue };
        let mut blocks = Vec::new();
        inner_blocks(body, &mut blocks);
        for (block, span) in blocks {
            findings.extend(leaving(facts, id, block, span));
        }
        for variable in facts.program.locals(id) {
            findings.extend(of_temporary(facts, id, variable));
        }
    }
    findings
}

/// Blocks inside of a function, outermost first.
fn inner_blocks<'p>(stmts: &'p [Stmt], found: &mut Vec<(&'p [Stmt], Span)>) {
    for stmt in stmts {
        let span = stmt.span();
        let mut add = |inner: &'p [Stmt]| {
            found.push((inner, span));
            inner_blocks(inner, found);
        };
        match stmt {
            Stmt::Block(inner, _) => add(inner),
            Stmt::If { then, otherwise, .. } => {
                add(then);
                add(otherwise);
            }
            Stmt::Loop { body, .. } | Stmt::Try { body, .. } => add(body),
            Stmt::Switch { cases, .. } => cases.iter().for_each(|case| add(case)),
            Stmt::Expr(_) | Stmt::Local(_) | Stmt::Return(..) | Stmt::Break(_) | Stmt::Continue(_) | Stmt::Goto(_) => {}
        }
    }
}

/// How a pointer that an owner hands out depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// It points into what the owner owns.
    Known,
    /// The owner's class holds something by value.
    Likely,
}

fn leaving(facts: &Facts<'_>, id: FnId, block: &[Stmt], span: Span) -> Vec<Finding> {
    let owners: Vec<&Variable> = block
        .iter()
        .filter_map(|stmt| if let Stmt::Local(variables) = stmt { Some(variables) } else { None })
        .flatten()
        .filter(|variable| variable.storage == Storage::Plain && !variable.ty.text().ends_with(['*', '&']))
        .collect();
    let mut findings = Vec::new();
    if owners.is_empty() {
        return findings;
    }
    each_expression(block, &mut |expr| {
        let Some((target, value)) = kept(expr) else { return };
        let Some((owner, tie)) = handed_out(facts, id, value, &owners) else { return };
        if outlives(facts, id, target, span) {
            findings.push(tell(facts, id, owner, target, expr.span(), tie));
        }
    });
    findings
}

/// The variable that an expression stores something in, and what it stores.
fn kept(expr: &Expr) -> Option<(Name, &Expr)> {
    match expr {
        Expr::Assign { operator, left, right, .. } if operator.text() == "=" => Some((root(left)?, right)),
        Expr::Call { callee, arguments, .. } if KEEPING.contains(&called(expr)) => match callee.as_ref() {
            Expr::Member { base, .. } => Some((root(base)?, arguments.last()?)),
            _ => None,
        },
        Expr::Message { receiver, selector, arguments, .. } if KEEPING.contains(&selector.text()) => {
            Some((root(receiver)?, arguments.first()?))
        }
        _ => None,
    }
}

fn root(expr: &Expr) -> Option<Name> {
    match expr {
        Expr::Name(name, _) => Some(*name),
        Expr::Index { base, .. } | Expr::Member { base, .. } => root(base),
        _ => None,
    }
}

/// The owner that an expression takes a pointer from.
fn handed_out<'v>(facts: &Facts<'_>, id: FnId, value: &Expr, owners: &[&'v Variable]) -> Option<(&'v Variable, Tie)> {
    let value = if let Expr::Cast { operand, .. } = value { operand } else { value };
    let Expr::Call { callee, arguments, .. } = value else { return None };
    let Expr::Member { base, name, is_arrow: false, .. } = callee.as_ref() else { return None };
    let Expr::Name(owner, _) = base.as_ref() else { return None };
    let owner = *owners.iter().find(|variable| variable.name == *owner)?;
    if !arguments.is_empty() {
        return None;
    }
    if is_standard_owner(facts, owner.ty) {
        return HANDING_OUT.contains(&name.text()).then_some((owner, Tie::Known));
    }
    let program = facts.program;
    let class = program.class_at(id, owner.ty)?;
    let methods = program.classes.get(&class)?.methods.get(name.text())?;
    let pointer = methods.iter().any(|method| {
        let function = program.function(*method);
        function.kind == FunctionKind::Method && function.returns.text().ends_with('*')
    });
    let holds = program.classes.get(&class)?.members.values().any(|member| {
        let ty = member.variable.ty.text();
        let simple = crate::program::types::simple(ty);
        member.variable.storage == Storage::Plain
            && !ty.ends_with(['*', '&'])
            && !ty.contains('<')
            && !PLAIN.contains(&simple)
            || program.is_one_of(member.variable.ty, &program.config.types.containers)
            || simple == "unique_ptr"
    });
    (pointer && holds).then_some((owner, Tie::Likely))
}

/// Strings, vectors and unique pointers: what they own dies with them. A shared pointer may have others beside it.
fn is_standard_owner(facts: &Facts<'_>, ty: Name) -> bool {
    let simple = crate::program::types::simple(facts.program.expand(ty).text());
    matches!(simple, "string" | "basic_string" | "wstring" | "vector" | "unique_ptr" | "ostringstream" | "stringstream")
}

/// Whether a variable lives longer than a block and is used after it.
fn outlives(facts: &Facts<'_>, id: FnId, target: Name, block: Span) -> bool {
    match facts.program.referent(id, target) {
        Some(Referent::Member(..) | Referent::Global(_)) => true,
        Some(Referent::Local(_, variable)) if block.contains(variable.span) => false,
        Some(Referent::Local(home, _) | Referent::Parameter(home, _)) => {
            let Some(body) = &facts.program.function(home).body else { return false };
            let mut used = false;
            each_expression(body, &mut |expr| {
                used |= matches!(expr, Expr::Name(name, span) if *name == target && span.start >= block.end);
            });
            used
        }
        None => false,
    }
}

fn tell(facts: &Facts<'_>, id: FnId, owner: &Variable, target: Name, kept: Span, tie: Tie) -> Finding {
    let (severity, confidence) = match tie {
        Tie::Known => (Severity::Error, Confidence::High),
        Tie::Likely => (Severity::Warning, Confidence::Medium),
    };
    let message = format!(
        "`{}` is destroyed at the end of this block, but what it handed out is kept in `{target}`, which is used later",
        owner.name
    );
    Finding::new(facts.program, "owner-destroyed-early", severity, (id, kept), owner.name.text(), message)
        .confidence(confidence)
        .relate(facts.program, (id, owner.span), "the owner is declared here")
        .fix("declare the owner where what it hands out is used, or keep the owner")
}

/// `const char* p = make().c_str();`
fn of_temporary<'p>(facts: &Facts<'p>, id: FnId, variable: &'p Variable) -> Option<Finding> {
    if !variable.ty.text().ends_with('*') && crate::program::types::bare(variable.ty.text()) != "auto" {
        return None;
    }
    let program = facts.program;
    let body = program.function(id).body.as_ref()?;
    let init = variable.init.as_ref()?;
    let Expr::Call { callee, arguments, .. } = init else { return None };
    let Expr::Member { base, name, is_arrow: false, .. } = callee.as_ref() else { return None };
    if !arguments.is_empty() || !matches!(name.text(), "c_str" | "data" | "get") {
        return None;
    }
    let Expr::Call { callee: maker, .. } = base.as_ref() else { return None };
    let made = program.callees(id, base).into_iter().any(|callee| {
        let returns = program.function(callee).returns;
        !returns.text().ends_with(['*', '&']) && is_standard_owner(facts, returns)
    });
    let known = matches!(called(base), "make_unique" | "to_string")
        || called(base) == "str" && matches!(maker.as_ref(), Expr::Member { .. });
    let mut used = false;
    each_expression(body, &mut |expr| {
        used |= matches!(expr, Expr::Name(name, span) if *name == variable.name && span.start > init.span().end);
    });
    if !(made || known) || !used {
        return None;
    }
    let message = format!("`{}` points into a temporary that is gone at the end of this statement", variable.name);
    Some(
        Finding::new(
            program,
            "owner-destroyed-early",
            Severity::Error,
            (id, init.span()),
            variable.name.text(),
            message,
        )
        .confidence(Confidence::High)
        .fix("keep the owner in a variable"),
    )
}
