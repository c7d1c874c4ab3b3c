//! Who calls a closure, when, and where.
//!
//! A closure that is called before the function that it is given to returns may use whatever its maker may use. One that
//! is stored or handed to another thread may not. What a function does with a closure that it receives is found by
//! looking for the uses of its parameter, through any number of wrappers; where the trail ends at a function that is not
//! in the program, the configuration decides, and otherwise nothing is assumed.
//!
//! What one expression does with a closure is in [`uses`].

mod uses;

use super::Lock;
use crate::config::Config;
use crate::program::calls::{called, each_expression, each_statement};
use crate::program::types::Referent;
use crate::program::{FnId, Program};
use native_syntax::Name;
use native_syntax::ir::{Expr, Span, Stmt, Storage};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;
use uses::{Use, closure_of, is_on_temporary, is_transparent, is_value, names, note_name, note_uses};

/// How a closure is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Before its maker goes on.
    Sync,
    /// Before its maker goes on, on this serial queue.
    SyncOn(Lock),
    /// Before its maker goes on, on the queue that is this parameter of the function asked about.
    SyncOnParameter(usize),
    /// On another thread, but its maker waits for it.
    Joined,
    /// Returned to the caller of its maker.
    Returned,
    /// Kept somewhere: a member, a global, a container.
    Stored,
    /// Later, or on another thread; on a serial queue if one is named.
    Async(Option<Lock>),
    /// Nothing is known.
    Unknown,
}

impl Mode {
    /// Whether it may run after its maker has returned.
    pub fn escapes(&self) -> bool {
        matches!(self, Self::Async(_) | Self::Stored | Self::Returned)
    }

    fn weight(&self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Sync => 1,
            Self::SyncOn(_) | Self::SyncOnParameter(_) => 2,
            Self::Joined => 3,
            Self::Returned => 4,
            Self::Stored => 5,
            Self::Async(_) => 6,
        }
    }

    fn worst(self, other: Self) -> Self {
        if other.weight() > self.weight() { other } else { self }
    }
}

/// A step of the way that a closure takes: where, and in words.
pub type Step = (FnId, Span, String);

/// How a closure is run, and the way to whoever runs it.
pub type Way = (Mode, Vec<Step>);

/// Answers questions about closures and remembers the answers.
pub struct Closures<'p> {
    program: &'p Program<'p>,
    modes: RefCell<FxHashMap<FnId, Way>>,
    parameters: RefCell<FxHashMap<(FnId, usize), Way>>,
    uses: RefCell<FxHashMap<FnId, Rc<UsesByIndex<'p>>>>,
}

type UseRef<'p> = Rc<Use<'p>>;

/// Uses of the closures of one function, by their index in the file.
type UsesByIndex<'p> = FxHashMap<u32, Vec<UseRef<'p>>>;

impl<'p> Closures<'p> {
    /// Nothing is known yet.
    pub fn new(program: &'p Program<'p>) -> Self {
        Self { program, modes: RefCell::default(), parameters: RefCell::default(), uses: RefCell::default() }
    }

    /// How a closure is run, and the way that it takes to whoever runs it.
    pub fn mode(&self, closure: FnId) -> Way {
        if let Some(known) = self.modes.borrow().get(&closure) {
            return known.clone();
        }
        self.modes.borrow_mut().insert(closure, (Mode::Unknown, Vec::new()));
        let result = self.find_mode(closure);
        self.modes.borrow_mut().insert(closure, result.clone());
        result
    }

    fn find_mode(&self, closure: FnId) -> Way {
        let Some(parent) = self.program.parent(closure) else { return (Mode::Unknown, Vec::new()) };
        let index = self.index(closure);
        let found: Vec<UseRef<'p>> = self.uses_in(parent).get(&index).cloned().unwrap_or_default();
        self.combine(parent, found.iter().map(|one| &**one), 8)
    }

    fn index(&self, closure: FnId) -> u32 {
        let zero = self.program.sibling(closure, 0);
        closure.0 - zero.0
    }

    /// Uses of the closures that stand directly in a function, by index.
    fn uses_in(&self, id: FnId) -> Rc<UsesByIndex<'p>> {
        if let Some(known) = self.uses.borrow().get(&id) {
            return known.clone();
        }
        let mut found: FxHashMap<u32, Vec<UseRef<'p>>> = FxHashMap::default();
        let function = self.program.function(id);
        if let Some(body) = &function.body {
            each_statement(body, &mut |stmt| {
                if let Stmt::Local(variables) = stmt {
                    for variable in variables {
                        if self.program.is_one_of(variable.ty, &self.program.config.closures.r#async) {
                            for index in variable.init.iter().flat_map(arguments).filter_map(closure_of) {
                                found.entry(index).or_default().push(Use::Spawned(variable.span).into());
                            }
                            continue;
                        }
                        if let Some(index) = variable.init.as_ref().and_then(closure_of) {
                            let is_kept = matches!(variable.storage, Storage::Static | Storage::ThreadLocal);
                            let what = if is_kept { Use::Kept(variable.span) } else { Use::Named(variable.name) };
                            found.entry(index).or_default().push(what.into());
                        }
                    }
                }
                if let Stmt::Return(Some(value), span) = stmt
                    && let Some(index) = closure_of(value)
                {
                    found.entry(index).or_default().push(Use::Returned(*span).into());
                }
            });
            each_expression(body, &mut |expr| {
                note_uses(expr, &mut |index, what| {
                    found.entry(index).or_default().push(what.into());
                })
            });
        }
        for (_, arguments) in &function.inits {
            for argument in arguments {
                if let Some(index) = closure_of(argument).filter(|_| function.parent.is_none()) {
                    found.entry(index).or_default().push(Use::Kept(argument.span()).into());
                }
                argument.walk(&mut |expr| {
                    note_uses(expr, &mut |index, what| {
                        found.entry(index).or_default().push(what.into());
                    })
                });
            }
        }
        let found = Rc::new(found);
        self.uses.borrow_mut().insert(id, Rc::clone(&found));
        found
    }

    fn combine<'u>(&self, id: FnId, uses: impl IntoIterator<Item = &'u Use<'p>>, depth: u32) -> Way
    where
        'p: 'u,
    {
        let mut worst = (Mode::Unknown, Vec::new());
        for one in uses {
            let (mode, steps) = self.mode_of_use(id, one, depth);
            if mode.weight() > worst.0.weight() {
                worst = (mode, steps);
            }
        }
        worst
    }

    fn mode_of_use(&self, id: FnId, one: &Use<'p>, depth: u32) -> Way {
        let Some(depth) = depth.checked_sub(1) else { return (Mode::Unknown, Vec::new()) };
        match one {
            Use::Invoked => (Mode::Sync, Vec::new()),
            Use::Kept(span) => (Mode::Stored, vec![(id, *span, "it is stored here".to_owned())]),
            Use::Returned(span) => (Mode::Returned, vec![(id, *span, "it is returned here".to_owned())]),
            Use::Argument(call, position) => self.given(id, call, *position, depth),
            // Threads that are joined here do not outlive the function.
            Use::Spawned(_) if self.joins(id) => (Mode::Joined, Vec::new()),
            Use::Spawned(span) => (Mode::Async(None), vec![(id, *span, "a thread starts with it here".to_owned())]),
            Use::Named(name) => match self.program.referent(id, *name) {
                Some(Referent::Member(_, variable) | Referent::Global(variable)) => {
                    let text = format!("it is stored in `{}` here", variable.name.last());
                    (Mode::Stored, vec![(id, self.program.function(id).name_span, text)])
                }
                _ => self.name_mode(id, *name, depth),
            },
        }
    }

    fn holds_threads(&self, id: FnId, container: &'p Expr) -> bool {
        let element = self.program.type_of(id, container).and_then(|ty| self.program.element(ty));
        element.is_some_and(|ty| self.program.is_one_of(ty, &self.program.config.closures.r#async))
    }

    fn joins(&self, id: FnId) -> bool {
        let mut joins = false;
        if let Some(body) = &self.program.function(id).body {
            each_expression(body, &mut |expr| joins |= matches!(called(expr), "join" | "pthread_join"));
        }
        joins
    }

    /// How the closure is run that a local variable or parameter of a function names.
    fn name_mode(&self, id: FnId, name: Name, depth: u32) -> Way {
        let Some(body) = &self.program.function(id).body else { return (Mode::Unknown, Vec::new()) };
        let mut found: Vec<Use<'p>> = Vec::new();
        each_statement(body, &mut |stmt| match stmt {
            Stmt::Return(Some(value), span) if names(value, name) => found.push(Use::Returned(*span)),
            Stmt::Local(variables) => {
                for variable in variables.iter().filter(|variable| variable.name != name) {
                    if variable.init.as_ref().is_some_and(|init| names(init, name)) {
                        found.push(Use::Named(variable.name));
                    }
                }
            }
            _ => {}
        });
        each_expression(body, &mut |expr| note_name(expr, name, &mut |what| found.push(what)));
        let mut worst = self.combine(id, &found, depth);
        for (_, arguments) in &self.program.function(id).inits {
            if arguments.iter().any(|argument| names(argument, name)) && self.program.function(id).parent.is_none() {
                let span = arguments[0].span();
                worst = (worst.0.worst(Mode::Stored), vec![(id, span, "it is stored here".to_owned())]);
            }
        }
        // Uses inside of the closures of this function.
        for index in self.uses_in(id).keys() {
            let inner = self.program.sibling(id, *index);
            let shadowed = self.program.function(inner).params.iter().any(|param| param.name == name)
                || self.program.local(inner, name).is_some();
            if shadowed {
                continue;
            }
            let (mode, mut steps) = self.name_mode(inner, name, depth.saturating_sub(1));
            if depth == 0 || mode == Mode::Unknown {
                continue;
            }
            let (outer, outer_steps) = self.mode(inner);
            let mode = match outer {
                Mode::Sync | Mode::Unknown => mode,
                Mode::SyncOn(_) | Mode::SyncOnParameter(_) | Mode::Joined if mode == Mode::Sync => outer,
                Mode::Joined => mode,
                Mode::Async(_) | Mode::Stored | Mode::Returned => {
                    steps.splice(0..0, outer_steps);
                    outer
                }
                Mode::SyncOn(_) | Mode::SyncOnParameter(_) => mode,
            };
            if mode.weight() > worst.0.weight() {
                worst = (mode, steps);
            }
        }
        worst
    }

    /// What becomes of a closure that is given to a call: what the callee does with it, unless this function waits for it
    /// or what keeps it is an object of this function.
    fn given(&self, id: FnId, call: &'p Expr, position: usize, depth: u32) -> Way {
        let (mode, steps) = self.argument_mode(id, call, position, depth);
        match mode {
            Mode::Returned => return self.value_mode(id, call, depth).unwrap_or((Mode::Unknown, Vec::new())),
            Mode::Stored if self.is_kept_by_local(id, call) => return (Mode::Sync, Vec::new()),
            // What a builder keeps goes on into what it builds.
            Mode::Stored if is_on_temporary(call) => {
                if let Some(way) = self.value_mode(id, call, depth) {
                    return way;
                }
            }
            _ => {}
        }
        let is_awaited = || super::joining::waits_after(self.program, id, call.span());
        if matches!(mode, Mode::Stored | Mode::Async(_)) && is_awaited() {
            return (Mode::Joined, Vec::new());
        }
        (mode, steps)
    }

    fn argument_mode(&self, id: FnId, call: &'p Expr, position: usize, depth: u32) -> Way {
        let lists = &self.program.config.closures;
        let name = called(call);
        // What the configuration says counts more than what reading the function's body suggests: it may wait.
        if lists.sync.contains(name) {
            return (Mode::Sync, Vec::new());
        }
        let given = || vec![(id, call.span(), format!("it is given to `{name}` here"))];
        if let Some(queue) = Config::queue_argument(&lists.sync_on, name) {
            // What runs once excludes itself alone: its flag guards nothing else.
            let once = || {
                let (file, line) = (self.program.file_of(id), self.program.line(id, call.span()));
                Mode::SyncOn(Name::new(&format!("(run once, file {file} line {line})")))
            };
            return (if name.ends_with("once") { once() } else { self.queue(id, call, queue) }, given());
        }
        let callees = self.program.callees(id, call);
        if callees.is_empty() {
            return (self.external(id, call, position), given());
        }
        let mut worst = (Mode::Unknown, Vec::new());
        for callee in &callees {
            let (mode, mut steps) = self.parameter(*callee, position, depth);
            let mode = match mode {
                Mode::SyncOnParameter(queue) => self.queue(id, call, queue),
                other => other,
            };
            if mode.weight() > worst.0.weight() {
                steps.splice(0..0, given());
                worst = (mode, steps);
            }
        }
        worst
    }

    /// What becomes of the value of an expression that holds a closure: the call of a function that returns the one that
    /// it was given, or an object that keeps it.
    fn value_mode(&self, id: FnId, value: &'p Expr, depth: u32) -> Option<Way> {
        let depth = depth.checked_sub(1)?;
        let body = self.program.function(id).body.as_ref()?;
        let mut found: Option<Use<'p>> = None;
        let mut further = None;
        each_statement(body, &mut |stmt| match stmt {
            Stmt::Return(Some(returned), span) if is_value(returned, value) => found = Some(Use::Returned(*span)),
            Stmt::Local(variables) => {
                for variable in variables {
                    if variable.init.as_ref().is_some_and(|init| is_value(init, value)) {
                        let is_kept = matches!(variable.storage, Storage::Static | Storage::ThreadLocal);
                        found = Some(if is_kept { Use::Kept(variable.span) } else { Use::Named(variable.name) });
                    }
                }
            }
            _ => {}
        });
        each_expression(body, &mut |expr| match expr {
            Expr::Call { callee, arguments, .. } => {
                if is_value(callee, value) {
                    found = Some(Use::Invoked);
                }
                // `builder(closure).then()`: the object goes on into the result.
                if matches!(callee.as_ref(), Expr::Member { base, .. } if is_value(base, value)) {
                    further = Some(expr);
                }
                if let Some(position) = arguments.iter().position(|argument| is_value(argument, value))
                    && !is_transparent(expr)
                {
                    found = Some(Use::Argument(expr, position));
                }
            }
            Expr::Message { arguments, .. } => {
                if let Some(position) = arguments.iter().position(|argument| is_value(argument, value)) {
                    found = Some(Use::Argument(expr, position));
                }
            }
            Expr::Assign { left, right, span, .. } if is_value(right, value) => {
                found = Some(match left.as_ref() {
                    Expr::Name(name, _) => Use::Named(*name),
                    _ => Use::Kept(*span),
                });
            }
            _ => {}
        });
        match (found, further) {
            (Some(found), _) => Some(self.mode_of_use(id, &found, depth)),
            (None, Some(further)) => self.value_mode(id, further, depth),
            (None, None) => None,
        }
    }

    /// Whether what a method keeps is kept by an object that this function declares and does not hand on: it is gone when
    /// the function's variables are.
    fn is_kept_by_local(&self, id: FnId, call: &'p Expr) -> bool {
        let Expr::Call { callee, .. } = call else { return false };
        let Expr::Member { base, .. } = callee.as_ref() else { return false };
        let Expr::Name(name, _) = base.as_ref() else { return false };
        let Some(Referent::Local(home, variable)) = self.program.referent(id, *name) else { return false };
        let own = variable.storage == Storage::Plain && !variable.ty.text().ends_with(['*', '&']);
        let made = variable.init.as_ref().is_none_or(|init| {
            !matches!(init, Expr::Name(..) | Expr::Member { .. } | Expr::Call { .. })
                || matches!(called(init), "make_unique" | "make_shared" | "make_intrusive")
        });
        let mut is_returned = false;
        if let Some(body) = &self.program.function(home).body {
            each_statement(body, &mut |stmt| {
                is_returned |= matches!(stmt, Stmt::Return(Some(value), _) if names(value, *name));
            });
        }
        own && made && !is_returned
    }

    /// What a function does with the closure in one of its parameters.
    fn parameter(&self, id: FnId, position: usize, depth: u32) -> Way {
        if let Some(known) = self.parameters.borrow().get(&(id, position)) {
            return known.clone();
        }
        self.parameters.borrow_mut().insert((id, position), (Mode::Unknown, Vec::new()));
        let result = match self.program.function(id).params.get(position) {
            Some(parameter) => self.name_mode(id, parameter.name, depth),
            None => (Mode::Unknown, Vec::new()),
        };
        self.parameters.borrow_mut().insert((id, position), result.clone());
        result
    }

    /// The mode of running synchronously on a queue argument.
    fn queue(&self, id: FnId, call: &'p Expr, argument: usize) -> Mode {
        let Some(queue) = arguments(call).get(argument) else { return Mode::Sync };
        if let Expr::Name(name, _) = queue
            && let Some(position) = self.program.function(id).params.iter().position(|param| param.name == *name)
        {
            return Mode::SyncOnParameter(position);
        }
        if let Expr::Name(name, _) = queue
            && let Some(outer) = self.program.parent(id)
            && let Some(position) = self.program.function(outer).params.iter().position(|param| param.name == *name)
        {
            return Mode::SyncOnParameter(position);
        }
        match self.serial_queue(id, queue) {
            Some(lock) => Mode::SyncOn(lock),
            None => Mode::Sync,
        }
    }

    /// The queue that an expression names, unless it is known to be concurrent.
    fn serial_queue(&self, id: FnId, queue: &'p Expr) -> Option<Lock> {
        if called(queue).contains("global_queue") {
            return None;
        }
        self.program.lock(id, queue)
    }

    /// What a function outside of the program does with a closure.
    fn external(&self, id: FnId, call: &'p Expr, position: usize) -> Mode {
        let lists = &self.program.config.closures;
        let name = called(call);
        if let Some(queue) = Config::queue_argument(&lists.async_on, name) {
            let queue = arguments(call).get(queue).and_then(|queue| self.serial_queue(id, queue));
            return Mode::Async(queue);
        }
        if lists.r#async.contains(name) {
            return if self.joins(id) { Mode::Joined } else { Mode::Async(None) };
        }
        match call {
            Expr::Message { .. } if lists.async_selectors.iter().any(|end| name.ends_with(end.as_str())) => {
                Mode::Async(None)
            }
            // `members_.push_back(closure)` and the like; of a local container of threads that are joined here, not.
            Expr::Call { callee, .. } => match callee.as_ref() {
                Expr::Member { base, .. } if self.joins(id) && self.holds_threads(id, base) => Mode::Joined,
                Expr::Member { .. }
                    if matches!(
                        name,
                        "push_back" | "emplace_back" | "push" | "insert" | "emplace" | "assign" | "push_front"
                    ) && position < 2 =>
                {
                    Mode::Stored
                }
                _ => Mode::Unknown,
            },
            _ => Mode::Unknown,
        }
    }
}

/// Arguments of a call or message.
pub fn arguments(call: &Expr) -> &[Expr] {
    match call {
        Expr::Call { arguments, .. } | Expr::Message { arguments, .. } | Expr::Construct { arguments, .. } => arguments,
        _ => &[],
    }
}
