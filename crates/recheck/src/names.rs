//! Names: environments, instantiated modules, and what a name means in them.
//!
//! TLA+ defines the application of an operator and the instantiation of a module by substitution. We do the same
//! without rewriting text: an argument and the right-hand side of a `WITH` are kept as expression plus environment
//! ([`Delayed`]) and evaluated at the moment at which the name is used. Hence `(x + 1)'` is what `u'` means inside
//! `INSTANCE M WITH u <- x + 1`, and `Set(v, e) == v' = e` works. A [`Delayed`] remembers its last value, or else
//! recursive operators would cost exponential time; the memory is valid for the moment in which it was made, or for
//! ever if no variable was read.
//!
//! A [`Theory`] is a module with everything that its declared names stand for. The root's constants come from the
//! configuration and its variables from the state; an instantiated module's come from the substitution, and where that
//! is silent from the name of the same spelling in the instantiating environment.

use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::native;
use crate::table::{Entry, Source, Table};
use crate::value::Value;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use tla_syntax::Span;
use tla_syntax::ast::{Definition, DefinitionBody, Expr, ExprKind, Ident, Instance, LetItem, Module};

/// Values of all variables, by index; `None` where a successor under construction has no value yet.
pub(crate) type State<'s> = Vec<Option<Value<'s>>>;

/// The states that unprimed and primed variables refer to.
#[derive(Clone, Default)]
pub(crate) struct Moment<'s> {
    pub(crate) current: Option<Rc<State<'s>>>,
    pub(crate) next: Option<Rc<State<'s>>>,
}

impl<'s> Moment<'s> {
    /// What a prime does: the next state becomes the current one.
    pub(crate) fn primed(&self) -> Self {
        Self { current: self.next.clone(), next: None }
    }

    fn is(&self, other: &Self) -> bool {
        let same = |a: &Option<Rc<State<'s>>>, b: &Option<Rc<State<'s>>>| match (a, b) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        same(&self.current, &other.current) && same(&self.next, &other.next)
    }
}

/// The last value of a delayed expression, with the moment in which it holds (`None`: always).
#[derive(Default)]
pub(crate) struct Memo<'s>(RefCell<Option<(Option<Moment<'s>>, Value<'s>)>>);

/// An expression to be evaluated when it is needed.
pub(crate) struct Delayed<'s> {
    pub(crate) expr: &'s Expr,
    pub(crate) env: Env<'s>,
    pub(crate) memo: Memo<'s>,
}

/// What a name stands for.
#[derive(Clone)]
pub(crate) enum Meaning<'s> {
    /// A bound variable or a constant.
    Value(Value<'s>),
    /// A parameter or a substituted constant or variable.
    Delayed(Rc<Delayed<'s>>),
    /// A definition, with the environment of its text.
    Definition { definition: &'s Definition, env: Env<'s>, memo: Rc<Memo<'s>> },
    /// A `LAMBDA`.
    Lambda { params: &'s [Ident], body: &'s Expr, env: Env<'s> },
    /// A variable of the root module.
    Variable(usize),
    /// An operator of a standard module that is evaluated natively.
    Native(&'static str),
    /// An operator of the language, as an argument: `/\`, `\cup`.
    Language(&'s str),
    /// An operator constant that the configuration gives case by case.
    Cases(Rc<Vec<(Vec<Value<'s>>, Value<'s>)>>),
    /// Something that exists but is not evaluated here.
    Unsupported(String),
}

/// Local names of an environment.
struct Frame<'s> {
    parent: Option<Rc<Frame<'s>>>,
    content: Content<'s>,
}

enum Content<'s> {
    /// Bound names and parameters.
    Bound(Vec<(&'s str, Meaning<'s>)>),
    /// The definitions of one `LET`, which see each other.
    Let { items: &'s [LetItem], memos: Vec<Rc<Memo<'s>>> },
}

/// Local names on top of a module.
#[derive(Clone)]
pub(crate) struct Env<'s> {
    frame: Option<Rc<Frame<'s>>>,
    pub(crate) theory: Rc<Theory<'s>>,
}

/// The right-hand sides of a `WITH`, in the environment of the instantiation.
pub(crate) struct Substitution<'s> {
    items: &'s [(Ident, Expr)],
    env: Env<'s>,
    made: RefCell<HashMap<&'s str, Rc<Delayed<'s>>>>,
}

/// A module with everything that its declared names stand for.
pub(crate) struct Theory<'s> {
    pub(crate) module: &'s Module,
    pub(crate) table: Rc<Table<'s>>,
    /// `None` for the root module and what it extends.
    substitution: Option<Rc<Substitution<'s>>>,
    /// For a nested module, the module around it.
    outer: Option<Env<'s>>,
    /// Extended and instantiated modules, by the address of the syntax that asks for them.
    children: RefCell<HashMap<*const (), Rc<Theory<'s>>>>,
    memos: RefCell<HashMap<&'s str, Rc<Memo<'s>>>>,
}

impl<'s> Env<'s> {
    /// The environment at the top of a module.
    pub(crate) fn top(theory: &Rc<Theory<'s>>) -> Self {
        Self { frame: None, theory: theory.clone() }
    }

    /// The environment with further bound names.
    pub(crate) fn bind(&self, names: Vec<(&'s str, Meaning<'s>)>) -> Self {
        self.extend(Content::Bound(names))
    }

    /// The environment inside a `LET`.
    pub(crate) fn with_let(&self, items: &'s [LetItem]) -> Self {
        self.extend(Content::Let { items, memos: items.iter().map(|_| Rc::default()).collect() })
    }

    fn extend(&self, content: Content<'s>) -> Self {
        Self { frame: Some(Rc::new(Frame { parent: self.frame.clone(), content })), theory: self.theory.clone() }
    }

    /// What a local name means.
    pub(crate) fn local(&self, name: &str) -> Option<Meaning<'s>> {
        let mut next = self.frame.as_ref();
        while let Some(frame) = next {
            let found = match &frame.content {
                Content::Bound(names) => names.iter().rev().find(|(n, _)| *n == name).map(|(_, m)| m.clone()),
                Content::Let { items, memos } => self.let_definition(frame, items, memos, name),
            };
            if found.is_some() {
                return found;
            }
            next = frame.parent.as_ref();
        }
        None
    }

    fn let_definition(
        &self,
        frame: &Rc<Frame<'s>>,
        items: &'s [LetItem],
        memos: &[Rc<Memo<'s>>],
        name: &str,
    ) -> Option<Meaning<'s>> {
        items.iter().zip(memos).find_map(|(item, memo)| match item {
            LetItem::Definition(definition) if &*definition.name.name == name => {
                let env = Self { frame: Some(frame.clone()), theory: self.theory.clone() };
                Some(Meaning::Definition { definition, env, memo: memo.clone() })
            }
            LetItem::Definition(_) | LetItem::Recursive(_) => None,
        })
    }
}

impl<'s> Delayed<'s> {
    /// An expression with its environment.
    pub(crate) fn new(expr: &'s Expr, env: &Env<'s>) -> Rc<Self> {
        Rc::new(Self { expr, env: env.clone(), memo: Memo::default() })
    }
}

impl<'s> Theory<'s> {
    /// Breaks the reference cycles between a module and what it instantiates or remembers.
    pub(crate) fn forget(&self) {
        self.children.borrow_mut().clear();
        self.memos.borrow_mut().clear();
        if let Some(substitution) = &self.substitution {
            substitution.made.borrow_mut().clear();
        }
    }

    fn memo(&self, name: &'s str) -> Rc<Memo<'s>> {
        self.memos.borrow_mut().entry(name).or_default().clone()
    }
}

impl<'s> Evaluator<'s> {
    /// What a name means; a name that means nothing is an error of the specification that parsing should have found.
    pub(crate) fn lookup(&mut self, env: &Env<'s>, name: &str, span: Span) -> Outcome<Meaning<'s>> {
        match env.local(name) {
            Some(meaning) => Ok(meaning),
            None => match self.lookup_in(&env.theory.clone(), name, span)? {
                Some(meaning) => Ok(meaning),
                None => Fault::unsupported(span, format!("the name {name}, which is not defined here")),
            },
        }
    }

    /// What a name means at the top of a module, seen from inside.
    pub(crate) fn lookup_in(
        &mut self,
        theory: &Rc<Theory<'s>>,
        name: &str,
        span: Span,
    ) -> Outcome<Option<Meaning<'s>>> {
        match (theory.table.get(name), &theory.outer) {
            (Some(entry), _) => self.follow(theory, name, entry, span).map(Some),
            (None, Some(outer)) => self.lookup(outer, name, span).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// What a name means that another module exports: `Op` in `M!Op`.
    pub(crate) fn lookup_exported(&mut self, theory: &Rc<Theory<'s>>, name: &str, span: Span) -> Outcome<Meaning<'s>> {
        match theory.table.exported(name) {
            Some(entry) => self.follow(theory, name, entry, span),
            None => Fault::unsupported(span, format!("{}!{name}", theory.module.name.name)),
        }
    }

    fn follow(&mut self, theory: &Rc<Theory<'s>>, name: &str, entry: Entry<'s>, span: Span) -> Outcome<Meaning<'s>> {
        if let Some(meaning) = self.replacement(theory, name, entry, span)? {
            return Ok(meaning);
        }
        match entry {
            Entry::Constant(_) | Entry::Variable => self.declared(theory, name, entry, span),
            Entry::Definition(_) if native::is_opaque(&theory.module.name.name) => {
                Ok(Meaning::Unsupported(format!("{name} of module {}", theory.module.name.name)))
            }
            Entry::Definition(definition) => {
                let memo = theory.memo(&definition.name.name);
                Ok(Meaning::Definition { definition, env: Env::top(theory), memo })
            }
            Entry::Builtin(module, name) => Ok(native::meaning(module, name)),
            Entry::Statement(expr) => Ok(Meaning::Delayed(Delayed::new(expr, &Env::top(theory)))),
            Entry::Module(_) => Fault::unsupported(span, format!("the module {name} as an expression")),
            Entry::Extended(index) => {
                let parent = self.extended(theory, index, span)?;
                self.lookup_exported(&parent, name, span)
            }
            Entry::Instanced(instance) => {
                let child = self.instantiate(instance, &Env::top(theory))?;
                self.lookup_exported(&child, name, span)
            }
        }
    }

    /// A declared constant or variable: from the substitution, else from the configuration or the state.
    fn declared(&mut self, theory: &Rc<Theory<'s>>, name: &str, entry: Entry<'s>, span: Span) -> Outcome<Meaning<'s>> {
        let Some(substitution) = theory.substitution.clone() else {
            return match entry {
                Entry::Constant(_) => self.configured_constant(name, span),
                _ => self.variable(name, span),
            };
        };
        let Some((target, expr)) = substitution.items.iter().find(|(target, _)| &*target.name == name) else {
            return self.lookup(&substitution.env, name, span);
        };
        if let Entry::Constant(arity @ 1..) = entry {
            return self.operator_argument(expr, &substitution.env, arity);
        }
        let mut made = substitution.made.borrow_mut();
        let delayed = made.entry(&target.name).or_insert_with(|| Delayed::new(expr, &substitution.env));
        Ok(Meaning::Delayed(delayed.clone()))
    }

    fn variable(&self, name: &str, span: Span) -> Outcome<Meaning<'s>> {
        match self.variables.iter().position(|variable| &***variable == name) {
            Some(index) => Ok(Meaning::Variable(index)),
            None => Fault::unsupported(span, format!("the variable {name} of a module that is not instantiated")),
        }
    }

    /// The theory of the root module.
    pub(crate) fn root_theory(&mut self, module: &'s Module) -> Rc<Theory<'s>> {
        self.theory(module, None, None)
    }

    fn theory(
        &mut self,
        module: &'s Module,
        substitution: Option<Rc<Substitution<'s>>>,
        outer: Option<Env<'s>>,
    ) -> Rc<Theory<'s>> {
        let table = self.tables.of(module);
        let (children, memos) = (RefCell::default(), RefCell::default());
        Rc::new(Theory { module, table, substitution, outer, children, memos })
    }

    fn extended(&mut self, theory: &Rc<Theory<'s>>, index: usize, span: Span) -> Outcome<Rc<Theory<'s>>> {
        let Source::Text(module) = theory.table.extended[index] else {
            return Fault::unsupported(span, "an extended module that has no text");
        };
        let key = std::ptr::from_ref(module).cast();
        if let Some(known) = theory.children.borrow().get(&key) {
            return Ok(known.clone());
        }
        let parent = self.theory(module, theory.substitution.clone(), None);
        self.remember(theory, key, &parent);
        Ok(parent)
    }

    /// A module with all that it extends, each once, the extended ones first.
    pub(crate) fn family(&mut self, theory: &Rc<Theory<'s>>) -> Vec<Rc<Theory<'s>>> {
        let mut family: Vec<Rc<Theory<'s>>> = Vec::new();
        for index in 0..theory.table.extended.len() {
            if let Ok(parent) = self.extended(theory, index, theory.module.span) {
                let known = |one: &Rc<Theory<'s>>| family.iter().any(|other| std::ptr::eq(one.module, other.module));
                let new: Vec<_> = self.family(&parent).into_iter().filter(|one| !known(one)).collect();
                family.extend(new);
            }
        }
        family.push(theory.clone());
        family
    }

    fn remember(&mut self, theory: &Rc<Theory<'s>>, key: *const (), child: &Rc<Theory<'s>>) {
        theory.children.borrow_mut().insert(key, child.clone());
        self.theories.push(child.clone());
    }

    /// The module that an `INSTANCE` in this environment stands for.
    pub(crate) fn instantiate(&mut self, instance: &'s Instance, env: &Env<'s>) -> Outcome<Rc<Theory<'s>>> {
        let key = std::ptr::from_ref(instance).cast();
        let known = env.theory.children.borrow().get(&key).cloned();
        if let (Some(known), None) = (known, &env.frame) {
            return Ok(known);
        }
        let (module, outer) = self.find_module(&env.theory.clone(), &instance.module)?;
        let made = RefCell::default();
        let substitution = Substitution { items: &instance.substitutions, env: env.clone(), made };
        let child = self.theory(module, Some(Rc::new(substitution)), outer);
        if env.frame.is_none() {
            self.remember(&env.theory, key, &child);
        }
        Ok(child)
    }

    fn find_module(&mut self, theory: &Rc<Theory<'s>>, name: &Ident) -> Outcome<(&'s Module, Option<Env<'s>>)> {
        match (theory.table.get(&name.name), &theory.outer) {
            (Some(Entry::Module(module)), _) => return Ok((module, Some(Env::top(theory)))),
            (Some(Entry::Extended(index)), _) => {
                let parent = self.extended(theory, index, name.span)?;
                return self.find_module(&parent, name);
            }
            (None, Some(outer)) => return self.find_module(&outer.theory.clone(), name),
            (_, _) => {}
        }
        match self.tables.global(&name.name) {
            Source::Text(module) => Ok((module, None)),
            Source::Builtin(_) | Source::Missing => {
                Fault::unsupported(name.span, format!("an instance of module {}, which has no text", name.name))
            }
        }
    }

    /// An argument for a parameter with arguments of its own: a name of an operator, or a `LAMBDA`.
    pub(crate) fn operator_argument(&mut self, expr: &'s Expr, env: &Env<'s>, arity: usize) -> Outcome<Meaning<'s>> {
        match &*expr.kind {
            ExprKind::Apply { op, args } if args.is_empty() => self.operator_named(op, env),
            ExprKind::Lambda { params, body } => Ok(Meaning::Lambda { params, body, env: env.clone() }),
            ExprKind::Select(selectors) => match self.select(selectors, env, expr.span)? {
                (meaning, []) => Ok(meaning),
                (_, _) => Fault::unsupported(expr.span, "an applied operator as an operator argument"),
            },
            _ => Fault::unsupported(expr.span, format!("an operator argument with {arity} arguments of this form")),
        }
    }

    /// The operator of this name.
    pub(crate) fn operator_named(&mut self, op: &'s Ident, env: &Env<'s>) -> Outcome<Meaning<'s>> {
        if crate::language::is_reserved(&op.name) {
            return Ok(Meaning::Language(&op.name));
        }
        self.lookup(env, &op.name, op.span)
    }

    /// Whether the value of a delayed expression is known at this moment.
    pub(crate) fn is_remembered(&self, memo: &Memo<'s>) -> bool {
        let known = memo.0.borrow();
        known.as_ref().is_some_and(|(validity, _)| validity.as_ref().is_none_or(|then| then.is(&self.moment)))
    }

    /// The value of a delayed expression or of a definition without parameters.
    pub(crate) fn remembered(
        &mut self,
        memo: &Memo<'s>,
        compute: impl FnOnce(&mut Self) -> Outcome<Value<'s>>,
    ) -> Outcome<Value<'s>> {
        if let Some((validity, value)) = &*memo.0.borrow() {
            match validity {
                None => return Ok(value.clone()),
                Some(then) if then.is(&self.moment) => {
                    self.reads += 1;
                    return Ok(value.clone());
                }
                Some(_) => {}
            }
        }
        let reads_before = self.reads;
        // What is remembered holds whatever is supposed at present.
        let given = std::mem::take(&mut self.symbolic.given);
        let value = compute(self);
        self.symbolic.given = given;
        let value = value?;
        let validity = (self.reads != reads_before).then(|| self.moment.clone());
        *memo.0.borrow_mut() = Some((validity, value.clone()));
        Ok(value)
    }

    /// The module that a definition instantiates, if it does.
    pub(crate) fn instance_of(meaning: &Meaning<'s>) -> Option<(&'s Definition, &'s Instance, Env<'s>)> {
        match meaning {
            Meaning::Definition { definition, env, .. } => match &definition.body {
                DefinitionBody::Instance(instance) => Some((definition, instance, env.clone())),
                DefinitionBody::Operator(_) | DefinitionBody::Function { .. } => None,
            },
            _ => None,
        }
    }
}
