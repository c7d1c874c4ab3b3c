//! With which locks each function is entered.
//!
//! A context is a set of locks that some chain of calls holds when it enters a function, with the call that it comes
//! from. Contexts go from callers to callees until nothing new is found; a function keeps a bounded number of different
//! ones, further ones are cut down to what they have in common. A function that nobody in the program calls is entered
//! without locks. Constructors are entered with the pseudo lock of [`super::exclusive`].

use super::closures::{Closures, Mode};
use super::{Events, LockSet, exclusive};
use crate::program::{FnId, Program};
use native_syntax::Name;
use native_syntax::ir::{Expr, FunctionKind, Span};
use std::collections::VecDeque;

/// Different contexts that a function keeps.
const LIMIT: usize = 12;

/// A way to enter a function.
#[derive(Debug, Clone)]
pub struct Context {
    /// Locks held at entry.
    pub locks: LockSet,
    /// The caller, the call, and which of the caller's contexts it was; `None` for a root.
    pub from: Option<(FnId, Span, usize)>,
    /// Somewhere up the chain a closure was run later or on another thread.
    pub is_async: bool,
    /// The function's address is taken and nobody calls it by name: who enters it is not known.
    pub is_unknown: bool,
    /// Boolean parameters whose value the caller wrote down, as entries of lists of conditions.
    pub decided: Vec<Name>,
}

impl Context {
    fn root(locks: LockSet, is_unknown: bool) -> Self {
        Self { locks, from: None, is_async: false, is_unknown, decided: Vec::new() }
    }

    /// Whether something under these conditions can happen in this context.
    pub fn allows(&self, conditions: &[Name]) -> bool {
        self.decided.iter().all(|entry| {
            let text = entry.text();
            let opposite = match text.strip_suffix("=true") {
                Some(name) => format!("{name}=false"),
                None => format!("{}=true", text.strip_suffix("=false").unwrap_or(text)),
            };
            !conditions.iter().any(|condition| condition.text() == opposite)
        })
    }
}

/// A call, or the making of a closure, that enters a function.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The function that calls.
    pub caller: FnId,
    /// Which of its contexts.
    pub context: usize,
    /// Where.
    pub span: Span,
    /// The locks that the callee is entered with are those of this context of the callee.
    pub entered: usize,
}

/// Contexts of all functions.
pub struct Contexts {
    of: Vec<Vec<Context>>,
    called: Vec<bool>,
    entries: Vec<Vec<Entry>>,
}

impl Contexts {
    /// Computes them.
    pub fn new<'p>(program: &'p Program<'p>, events: &[Events<'p>], closures: &Closures<'p>) -> Self {
        let mut this = Self {
            of: vec![Vec::new(); program.len()],
            called: vec![false; program.len()],
            entries: vec![Vec::new(); program.len()],
        };
        let taken = addresses(program);
        for event in events {
            for call in &event.calls {
                for callee in &call.callees {
                    this.called[callee.0 as usize] = true;
                }
            }
        }
        let mut queue = VecDeque::new();
        for id in program.functions() {
            let function = program.function(id);
            if function.body.is_none() || function.parent.is_some() {
                continue;
            }
            let exclusively = matches!(function.kind, FunctionKind::Constructor | FunctionKind::Destructor);
            if exclusively || !this.called[id.0 as usize] {
                let locks = if exclusively { LockSet::of([exclusive()]) } else { LockSet::default() };
                let is_unknown = !exclusively && taken.contains(function.name.last());
                this.add(id, Context::root(locks, is_unknown), &mut queue);
            }
        }
        this.spread(program, events, closures, &mut queue);
        // Functions that only call each other are entered by nobody that we see.
        for id in program.functions() {
            let function = program.function(id);
            if function.body.is_some() && function.parent.is_none() && this.of[id.0 as usize].is_empty() {
                this.add(id, Context::root(LockSet::default(), false), &mut queue);
                this.spread(program, events, closures, &mut queue);
            }
        }
        this
    }

    fn spread<'p>(
        &mut self,
        program: &'p Program<'p>,
        events: &[Events<'p>],
        closures: &Closures<'p>,
        queue: &mut VecDeque<(FnId, usize)>,
    ) {
        while let Some((id, number)) = queue.pop_front() {
            let context = self.of[id.0 as usize][number].clone();
            let Some(event) = events.get(id.0 as usize) else { continue };
            for call in event.calls.iter().filter(|call| context.allows(&call.conditions)) {
                for callee in &call.callees {
                    let kind = program.function(*callee).kind;
                    if matches!(kind, FunctionKind::Constructor | FunctionKind::Destructor) {
                        continue;
                    }
                    let entry = minus(&context.locks, &call.dropped).union(&call.held);
                    let mut locks = entry_for(program, id, *callee, entry);
                    if call.is_on_fresh {
                        locks = locks.union(&LockSet::of([exclusive()]));
                    }
                    let new = Context {
                        locks,
                        from: Some((id, call.span, number)),
                        is_async: context.is_async,
                        is_unknown: context.is_unknown,
                        decided: decided_parameters(program, *callee, call.expr),
                    };
                    self.enter(*callee, new, queue);
                }
            }
            for made in event.closures.iter().filter(|made| context.allows(&made.conditions)) {
                let synchronous = minus(&context.locks, &made.dropped).union(&made.held);
                let (locks, is_async) = match closures.mode(made.closure).0 {
                    Mode::Sync | Mode::Unknown | Mode::SyncOnParameter(_) => (synchronous, context.is_async),
                    Mode::SyncOn(queue) => (synchronous.union(&LockSet::of([queue])), context.is_async),
                    Mode::Async(Some(queue)) => (LockSet::of([queue]), true),
                    Mode::Async(None) | Mode::Joined => (LockSet::default(), true),
                    Mode::Stored | Mode::Returned => (LockSet::default(), context.is_async),
                };
                let new = Context {
                    locks,
                    from: Some((id, made.span, number)),
                    is_async,
                    is_unknown: context.is_unknown,
                    decided: context.decided.clone(),
                };
                self.enter(made.closure, new, queue);
            }
        }
    }

    fn enter(&mut self, id: FnId, context: Context, queue: &mut VecDeque<(FnId, usize)>) {
        let Some((caller, span, from)) = context.from else { return };
        let entered = self.add(id, context, queue);
        let entries = &mut self.entries[id.0 as usize];
        let known = entries.iter().any(|entry| entry.caller == caller && entry.context == from && entry.span == span);
        if !known && entries.len() < 400 {
            entries.push(Entry { caller, context: from, span, entered });
        }
    }

    /// Adds a context and returns its number, or that of the one it is like.
    fn add(&mut self, id: FnId, mut context: Context, queue: &mut VecDeque<(FnId, usize)>) -> usize {
        let known = &mut self.of[id.0 as usize];
        if known.len() >= LIMIT {
            context.locks = known.iter().fold(context.locks, |all, one| all.intersection(&one.locks));
        }
        let alike = |one: &Context| {
            one.locks == context.locks && one.is_async == context.is_async && one.decided == context.decided
        };
        if let Some(number) = known.iter().position(alike) {
            // Somebody whom we know enters it too, and so everything that is entered from here.
            if known[number].is_unknown && !context.is_unknown {
                known[number].is_unknown = false;
                known[number].from = context.from;
                queue.push_back((id, number));
            }
            return number;
        }
        if known.len() >= LIMIT + 4 {
            return known.iter().position(|one| one.locks.is_empty()).unwrap_or(0);
        }
        known.push(context);
        queue.push_back((id, known.len() - 1));
        known.len() - 1
    }

    /// The contexts of a function.
    pub fn of(&self, id: FnId) -> &[Context] {
        &self.of[id.0 as usize]
    }

    /// All ways into a function that were seen.
    pub fn entries(&self, id: FnId) -> &[Entry] {
        &self.entries[id.0 as usize]
    }

    /// The chain of calls that leads to a context: outermost first, each with the call that it makes.
    pub fn chain(&self, id: FnId, number: usize) -> Vec<(FnId, Span)> {
        let mut chain = Vec::new();
        let mut at = self.of(id).get(number);
        while let Some((caller, span, number)) = at.and_then(|context| context.from) {
            chain.push((caller, span));
            if chain.len() > 40 {
                break;
            }
            at = self.of(caller).get(number);
        }
        chain.reverse();
        chain
    }
}

fn minus(locks: &LockSet, dropped: &LockSet) -> LockSet {
    if dropped.is_empty() { locks.clone() } else { LockSet::of(locks.iter().filter(|lock| !dropped.holds(*lock))) }
}

/// The pseudo lock of constructors stays while member functions of the same class are called.
fn entry_for(program: &Program<'_>, caller: FnId, callee: FnId, locks: LockSet) -> LockSet {
    let same = || match (program.class_of(caller), program.class_of(callee)) {
        (Some(caller), Some(callee)) => program.derives(caller, callee, 6),
        _ => false,
    };
    if locks.holds(exclusive()) && !same() {
        return locks.without(exclusive());
    }
    locks
}

/// Boolean parameters whose value a call writes down, or leaves to the default.
fn decided_parameters(program: &Program<'_>, callee: FnId, call: &Expr) -> Vec<Name> {
    let arguments = super::closures::arguments(call);
    let parameters = &program.function(callee).params;
    let mut decided = Vec::new();
    for (position, parameter) in parameters.iter().enumerate() {
        if !matches!(parameter.ty.text(), "bool" | "const bool" | "BOOL") {
            continue;
        }
        let written = arguments.get(position).or_else(|| program.default_argument(callee, position));
        if let Some(Expr::Literal(text, _)) = written
            && let Ok(value) = text.text().parse::<bool>()
        {
            decided.push(super::walk::decided(parameter.name, value));
        }
    }
    decided
}

/// Names of functions that stand somewhere without being called: callbacks, comparators, table entries.
fn addresses(program: &Program<'_>) -> std::collections::HashSet<&'static str> {
    fn note(expr: &Expr, taken: &mut std::collections::HashSet<&'static str>) {
        match expr {
            Expr::Name(name, _) => {
                taken.insert(name.last());
            }
            Expr::Unary { operand, .. } => note(operand, taken),
            _ => {}
        }
    }
    let mut taken = std::collections::HashSet::new();
    let visit = |expr: &Expr, taken: &mut _| match expr {
        Expr::Call { arguments, .. } | Expr::Construct { arguments, .. } | Expr::Message { arguments, .. } => {
            arguments.iter().for_each(|argument| note(argument, taken));
        }
        Expr::Assign { right, .. } => note(right, taken),
        _ => {}
    };
    for id in program.functions() {
        let function = program.function(id);
        if let Some(body) = &function.body {
            crate::program::calls::each_expression(body, &mut |expr| visit(expr, &mut taken));
        }
        for argument in function.inits.iter().flat_map(|(_, arguments)| arguments) {
            note(argument, &mut taken);
            argument.walk(&mut |expr| visit(expr, &mut taken));
        }
    }
    for (_, variable) in program.globals() {
        if let Some(init) = &variable.init {
            init.walk(&mut |expr| visit(expr, &mut taken));
        }
    }
    for class in program.classes.values() {
        for init in class.members.values().filter_map(|member| member.variable.init.as_ref()) {
            init.walk(&mut |expr| visit(expr, &mut taken));
        }
    }
    taken
}
