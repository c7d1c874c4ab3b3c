//! From the syntax tree to the resolved tree.
//!
//! Definitions are compiled when they are first referred to, once for each instance context and once more if they are
//! used under a prime. An instance is the instantiated module's definitions read in another [`env::Context`]: a
//! declared constant or variable of that module stands for the substituted expression, read where the `INSTANCE`
//! stands. A primed variable under `ENABLED` is bound there: where the variable stands for an expression, the primed
//! variable is one of its own and not the primed expression, as *Specifying Systems*, section 17.8, wants it.
//!
//! A definition that primes one of its parameters (`Set(v, e) == v' = e`) cannot be compiled on its own, because the
//! prime must reach the argument; calls of it are replaced by its text with the parameters standing for the arguments.

mod apply;
mod bind;
mod definition;
mod enabled;
pub mod env;
mod expression;
mod literal;
mod repeated;
pub mod scope;
mod select;
pub mod walk;

use crate::ir::{Code, DefinitionId, Kind, Level, Node, SlotIndex};
use crate::value::names::Names;
use env::{Context, ContextId, Env};
use rustc_hash::FxHashMap;
use scope::{ModuleId, Modules};
use std::rc::Rc;
use tla_syntax::ast::{Definition, Ident, Name};
use tla_syntax::{Diagnostic, Span};

/// A compiled expression.
pub struct Typed {
    /// The node.
    pub node: Node,
    /// Its level, parameters counted as constant.
    pub level: Level,
}

/// An error that was already reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported;

/// Result of compiling something.
pub type Compiled<T> = Result<T, Reported>;

/// What the configuration says about a constant or a definition.
#[derive(Debug, Clone)]
pub enum Binding {
    /// A value that needs no evaluation.
    Kind(Kind),
    /// A definition of the root module.
    Definition(Ident),
    /// Values of an operator constant for given arguments.
    Cases(Vec<(Vec<Kind>, Kind)>),
}

/// What is known of a definition besides its [`crate::ir::Definition`].
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Facts {
    /// The body has been compiled.
    complete: bool,
    /// The body primes a parameter.
    primes_parameter: bool,
    /// The body refers to a definition that was being compiled, so that its level is not known for certain.
    uncertain_level: bool,
    /// The body prints, reads registers or files, or makes random choices, itself or through what it calls.
    impure: bool,
    /// The cache of its value, for a definition of constant level without parameters.
    cache: Option<u32>,
}

/// Compiles definitions on demand.
pub struct Resolver<'a> {
    /// All modules.
    pub modules: Modules<'a>,
    /// Instance contexts.
    pub contexts: Vec<Context<'a>>,
    /// What was compiled.
    pub code: Code,
    /// Strings and model values.
    pub names: Names,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Constants and overrides of the configuration, for the root module.
    pub bindings: FxHashMap<Name, Binding>,
    /// Overrides inside one module, by module and name.
    pub module_bindings: FxHashMap<(Name, Name), Binding>,
    /// Variables of the root module by name.
    pub variables: FxHashMap<Name, u32>,
    pub(crate) facts: Vec<Facts>,
    compiled: FxHashMap<(usize, ContextId, bool, Option<ContextId>), DefinitionId>,
    /// Numbers of the primed variables that an `ENABLED` inside of an instance binds.
    bound_variables: FxHashMap<(ContextId, Name), u32>,
    /// Instances that need such variables.
    binding_contexts: FxHashMap<ContextId, bool>,
    instances: FxHashMap<(usize, ContextId), ContextId>,
    depth: u32,
    /// Number of compositions met; see [`env::Env::moment`].
    moments: u32,
}

/// Deepest nesting of an expression, definitions replaced by their text included.
const DEEPEST: u32 = 4_000;

impl<'a> Resolver<'a> {
    /// A resolver for the root module.
    pub fn new(modules: Modules<'a>, root: ModuleId, names: Names) -> Self {
        let context = Context {
            module: root,
            instance: None,
            parent: ContextId(0),
            home: root,
            params: Vec::new(),
            params_before: 0,
            let_env: None,
            prefix: String::new(),
        };
        Self {
            modules,
            contexts: vec![context],
            code: Code::default(),
            names,
            diagnostics: Vec::new(),
            bindings: FxHashMap::default(),
            module_bindings: FxHashMap::default(),
            variables: FxHashMap::default(),
            facts: Vec::new(),
            compiled: FxHashMap::default(),
            bound_variables: FxHashMap::default(),
            binding_contexts: FxHashMap::default(),
            instances: FxHashMap::default(),
            depth: 0,
            moments: 0,
        }
    }

    /// The environment of the root module's own text, in the frame of the given owner.
    pub fn root_env(&self, owner: DefinitionId) -> Env<'a> {
        Env {
            context: ContextId(0),
            module: self.contexts[0].module,
            locals: None,
            owner,
            context_slots: Rc::from([]),
            primed: false,
            bound: None,
            position: None,
            at: None,
            inlined: 0,
            moment: 0,
        }
    }

    pub(crate) fn context(&self, id: ContextId) -> &Context<'a> {
        &self.contexts[id.0 as usize]
    }

    pub(crate) fn report<T>(&mut self, diagnostic: Diagnostic) -> Compiled<T> {
        if self.diagnostics.len() < 100 && !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
        Err(Reported)
    }

    /// A fresh slot in the frame of the owner.
    pub(crate) fn slot(&mut self, owner: DefinitionId) -> SlotIndex {
        let frame = &mut self.code.definitions[owner.0 as usize].frame;
        let slot = *frame;
        *frame += 1;
        slot
    }

    /// A fresh definition with an empty body.
    pub(crate) fn new_definition(
        &mut self,
        name: impl Into<std::sync::Arc<str>>,
        owner: Option<DefinitionId>,
        span: Span,
    ) -> DefinitionId {
        let id = DefinitionId(self.code.definitions.len() as u32);
        self.code.definitions.push(crate::ir::Definition {
            name: name.into(),
            params: Box::new([]),
            inherits: Box::new([]),
            owner: owner.unwrap_or(id),
            frame: 0,
            body: Node { kind: Kind::Bool(true), span },
            level: Level::Constant,
            span,
            instance: None,
            memory: None,
            slot_names: Vec::new(),
        });
        self.facts.push(Facts::default());
        id
    }

    /// Whatever is being compiled does more than give a value.
    pub(crate) fn note_impure(&mut self) {
        for facts in &mut self.facts {
            facts.impure |= !facts.complete;
        }
    }

    pub(crate) fn mark(&mut self, span: Span) -> u32 {
        self.code.marks.push(span);
        self.code.marks.len() as u32 - 1
    }

    /// Compiles the definition of this name of the root module, which must have no parameters.
    ///
    /// # Errors
    /// If it has mistakes, which were reported.
    pub fn root_definition(&mut self, definition: &'a Definition, home: ModuleId) -> Compiled<DefinitionId> {
        self.definition(home, definition, ContextId(0), false, None)
    }

    /// Gives a fresh definition its body.
    pub(crate) fn set_body(&mut self, id: DefinitionId, typed: Typed) {
        self.facts[id.0 as usize].complete = true;
        let record = &mut self.code.definitions[id.0 as usize];
        record.body = typed.node;
        record.level = typed.level;
    }
}
