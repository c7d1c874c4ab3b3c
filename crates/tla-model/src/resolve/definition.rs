//! Definitions, instances and operators defined by `LET`.

use super::env::{Context, ContextId, Env, LetOperator, Local, Operand};
use super::scope::{ModuleId, Symbol};
use super::{Compiled, Reported, Resolver, Typed};
use crate::ir::{DefinitionId, Level, SlotIndex};
use std::rc::Rc;
use tla_syntax::ast::{Definition, DefinitionBody, Expr, Instance, Name, OpDecl};
use tla_syntax::{Diagnostic, Span};

impl<'a> Resolver<'a> {
    /// The number of a module's definition in a context.
    pub(crate) fn definition(
        &mut self,
        home: ModuleId,
        definition: &'a Definition,
        context: ContextId,
        primed: bool,
        bound: Option<ContextId>,
    ) -> Compiled<DefinitionId> {
        let key = (std::ptr::from_ref(definition) as usize, context, primed, bound);
        if let Some(id) = self.compiled.get(&key) {
            return Ok(*id);
        }
        if bound.is_some() {
            let free = self.definition(home, definition, context, primed, None)?;
            if self.facts[free.0 as usize].complete && self.code.definition(free).level < Level::Action {
                return Ok(free);
            }
        }
        let info = self.context(context).clone();
        let name = format!("{}{}", info.prefix, definition.name.name);
        let owner = info.let_env.as_ref().map(|env| env.owner);
        let id = self.new_definition(name, owner, definition.span);
        self.code.definitions[id.0 as usize].instance = self.instance_statement(context);
        self.compiled.insert(key, id);
        let result = self.definition_body(id, home, definition, context, (primed, bound));
        self.facts[id.0 as usize].complete = true;
        result.map(|()| id)
    }

    /// The outermost `INSTANCE` statement around a context, where the module that it instantiates declares anything.
    fn instance_statement(&self, context: ContextId) -> Option<Span> {
        let mut outermost = None;
        let mut context = self.context(context);
        while let Some(instance) = context.instance {
            outermost = Some((context.module, context.home, instance));
            context = self.context(context.parent);
        }
        let (module, home, instance) = outermost?;
        let module = self.modules.module(module);
        let substitutes = !module.variables.is_empty() || !module.constants.is_empty();
        let named = self.modules.module(home).scope.values().find_map(|entry| match &entry.symbol {
            Symbol::Instance(_, definition, known) if std::ptr::eq(*known, instance) => Some(definition.span),
            _ => None,
        });
        substitutes.then(|| named.unwrap_or(instance.span))
    }

    fn definition_body(
        &mut self,
        id: DefinitionId,
        home: ModuleId,
        definition: &'a Definition,
        context: ContextId,
        (primed, bound): (bool, Option<ContextId>),
    ) -> Compiled<()> {
        let info = self.context(context).clone();
        let owner = self.code.definition(id).owner;
        let (context_slots, inherits): (Rc<[SlotIndex]>, Box<[SlotIndex]>) = match &info.let_env {
            Some(env) => (env.context_slots.clone(), env.visible_slots()),
            None => {
                let count = info.params_before + info.params.len();
                ((0..count).map(|_| self.slot(owner)).collect(), Box::new([]))
            }
        };
        let mut params: Vec<SlotIndex> = if info.let_env.is_some() { Vec::new() } else { context_slots.to_vec() };
        let own = params.iter().rev().zip(info.params.iter().rev());
        let own: Vec<_> = own.map(|(slot, name)| (*slot, name.clone())).collect();
        self.code.definitions[owner.0 as usize].slot_names.extend(own);
        let mut env = Env {
            context,
            module: home,
            locals: None,
            owner,
            context_slots,
            primed,
            bound,
            position: Some(definition.span),
            at: None,
            inlined: 0,
            moment: 0,
        };
        for param in &definition.params {
            let slot = self.slot(owner);
            params.push(slot);
            env = self.declare(&env, param, Local::Param(slot, param.arity, primed, 0));
        }
        {
            let record = &mut self.code.definitions[id.0 as usize];
            record.params = params.into();
            record.inherits = inherits;
        }
        let body = self.definition_expr(definition, &env)?;
        self.finish(id, body, definition.params.is_empty() && info.params_before + info.params.len() == 0);
        Ok(())
    }

    fn finish(&mut self, id: DefinitionId, mut body: Typed, nullary: bool) {
        if self.facts[id.0 as usize].uncertain_level {
            body.level = body.level.max(Level::State);
        }
        let own_frame = self.code.definition(id).owner == id;
        if nullary && own_frame && body.level == Level::Constant {
            self.facts[id.0 as usize].cache = Some(self.code.constant_definitions);
            self.code.constant_definitions += 1;
        }
        let facts = self.facts[id.0 as usize];
        let memory = (nullary
            && own_frame
            && !facts.impure
            && !facts.uncertain_level
            && matches!(body.level, Level::State | Level::Action))
        .then_some(self.code.memories);
        self.code.memories += u32::from(memory.is_some());
        let record = &mut self.code.definitions[id.0 as usize];
        record.body = body.node;
        record.level = body.level;
        record.memory = memory;
    }

    /// The right-hand side of an operator or function definition.
    pub(crate) fn definition_expr(&mut self, definition: &'a Definition, env: &Env<'a>) -> Compiled<Typed> {
        match &definition.body {
            DefinitionBody::Operator(expr) => self.expr(expr, env),
            DefinitionBody::Function { bounds, body } => {
                self.function_rule(bounds, body, Some(&definition.name), env, definition.span)
            }
            DefinitionBody::Instance(instance) => self.report(
                Diagnostic::error("instance-as-value", instance.span, "an instance is not an expression")
                    .remedy("refer to one of its definitions: I!Op"),
            ),
        }
    }

    /// Adds a declared name, complaining if it is taken.
    pub(crate) fn declare(&mut self, env: &Env<'a>, declaration: &OpDecl, local: Local<'a>) -> Env<'a> {
        self.declare_name(env, &declaration.name, local)
    }

    pub(crate) fn declare_name(&mut self, env: &Env<'a>, name: &tla_syntax::ast::Ident, local: Local<'a>) -> Env<'a> {
        let taken = match env.find(&name.name) {
            Some(scope) if scope.span != name.span => Some(Some(scope.span)),
            Some(_) => None,
            None => self.visible_symbol_span(&name.name, env, name.span),
        };
        if let Some(first) = taken {
            let mut diagnostic =
                Diagnostic::error("multiply-defined", name.span, format!("`{}` has a meaning here already", name.name))
                    .remedy("TLA+ has no shadowing: use another name");
            if let Some(first) = first {
                diagnostic = diagnostic.related(first, "first meaning");
            }
            let _already_reported: Compiled<()> = self.report(diagnostic);
        }
        if let Local::Bound(slot) | Local::Param(slot, ..) | Local::LetName(slot, ..) = &local {
            let slot = *slot;
            self.code.definitions[env.owner.0 as usize].slot_names.push((slot, name.name.clone()));
        }
        env.with(&name.name, name.span, local)
    }

    /// If the module gives the name a meaning before the position: the place of it, where known.
    fn visible_symbol_span(
        &self,
        name: &Name,
        env: &Env<'a>,
        at: tla_syntax::Span,
    ) -> Option<Option<tla_syntax::Span>> {
        let entry = self.modules.module(env.module).scope.get(name)?;
        match (&entry.symbol, entry.span) {
            (Symbol::Module(_), _) => None,
            (_, Some(span)) if span.file == at.file && span.start >= at.start => None,
            // Inside its own definition a name has no meaning yet, unless it was announced as recursive.
            (_, Some(span))
                if env.position.is_some_and(|here| here.file == span.file && here.start <= span.start)
                    && !self.modules.module(env.module).recursive.contains_key(name) =>
            {
                None
            }
            (_, span) => Some(span),
        }
    }

    /// The number of an operator defined by `LET`.
    pub(crate) fn let_operator(
        &mut self,
        operator: &Rc<LetOperator<'a>>,
        primed: bool,
        bound: Option<ContextId>,
    ) -> Compiled<DefinitionId> {
        let Some(env) = operator.env.get() else { return Err(Reported) };
        let bound = bound.or(env.bound);
        let cell = &operator.ids[usize::from(primed) + 2 * usize::from(bound != env.bound)];
        if let Some(id) = cell.get() {
            return Ok(id);
        }
        let definition = operator.definition;
        let id = self.new_definition(&*definition.name.name, Some(env.owner), definition.span);
        cell.set(Some(id));
        let mut inner = Env { primed, bound, ..env.clone() };
        let mut params = Vec::new();
        for param in &definition.params {
            let slot = self.slot(env.owner);
            params.push(slot);
            inner = self.declare(&inner, param, Local::Param(slot, param.arity, primed, env.moment));
        }
        {
            let record = &mut self.code.definitions[id.0 as usize];
            record.params = params.into();
            record.inherits = env.visible_slots();
        }
        let body = self.definition_expr(definition, &inner);
        self.facts[id.0 as usize].complete = true;
        let body = body?;
        let record = &mut self.code.definitions[id.0 as usize];
        record.body = body.node;
        record.level = body.level;
        Ok(id)
    }

    /// The context of an instance without parameters of its own.
    pub(crate) fn instance_context(
        &mut self,
        home: ModuleId,
        instance: &'a Instance,
        params: &'a [OpDecl],
        prefix: &str,
        env: &Env<'a>,
    ) -> Compiled<ContextId> {
        // The context in which the INSTANCE stands, seen from the present one.
        let parent = self.context_of_home(env.context, home);
        let key = (std::ptr::from_ref(instance) as usize, parent);
        if let Some(id) = self.instances.get(&key) {
            return Ok(*id);
        }
        let context = self.new_context(home, instance, params, prefix, parent, None)?;
        self.instances.insert(key, context);
        Ok(context)
    }

    pub(crate) fn new_context(
        &mut self,
        home: ModuleId,
        instance: &'a Instance,
        params: &'a [OpDecl],
        prefix: &str,
        parent: ContextId,
        let_env: Option<Rc<Env<'a>>>,
    ) -> Compiled<ContextId> {
        let Some(module) = self.modules.find(&instance.module.name, Some(home), &mut self.diagnostics) else {
            return self.report(Diagnostic::error(
                "unknown-module",
                instance.module.span,
                format!("the module `{}` is not known", instance.module.name),
            ));
        };
        self.check_substitutions(module, instance)?;
        let outer = self.context(parent);
        let context = Context {
            module,
            instance: Some(instance),
            parent,
            home,
            params: params.iter().map(|param| param.name.name.clone()).collect(),
            params_before: outer.params_before + outer.params.len(),
            let_env: let_env.or_else(|| outer.let_env.clone()),
            prefix: format!("{}{prefix}", outer.prefix),
        };
        let id = ContextId(self.contexts.len() as u32);
        self.contexts.push(context);
        Ok(id)
    }

    fn check_substitutions(&mut self, module: ModuleId, instance: &'a Instance) -> Compiled<()> {
        for (name, expr) in &instance.substitutions {
            let info = self.modules.module(module);
            let known = info.constants.iter().any(|(declared, ..)| *declared == name.name)
                || info.variables.iter().any(|(declared, _)| *declared == name.name);
            if !known {
                let _ = expr;
                return self.report(
                    Diagnostic::error(
                        "unknown-substitution",
                        name.span,
                        format!(
                            "the module `{}` declares no constant or variable `{}`",
                            instance.module.name, name.name
                        ),
                    )
                    .remedy("only declared constants and variables can be substituted"),
                );
            }
        }
        Ok(())
    }

    /// The context, among the given one and those around it, whose module has the given module as its own.
    pub(crate) fn context_of_home(&self, mut context: ContextId, home: ModuleId) -> ContextId {
        loop {
            let info = self.context(context);
            if info.instance.is_none() || self.modules.module(info.module).own.contains(&home) {
                return context;
            }
            context = info.parent;
        }
    }

    /// The environment in which the substituted expressions of a context are read, seen from an environment inside
    /// that context.
    pub(crate) fn instance_env(&self, context: ContextId, env: &Env<'a>) -> Env<'a> {
        let info = self.context(context);
        // What is substituted for the variables of an instance is not part of the text under its ENABLED.
        let bound = env.bound.filter(|bound| *bound != context);
        if let Some(let_env) = info.let_env.as_ref().filter(|_| self.is_let_root(context)) {
            return Env { primed: env.primed, bound, moment: env.moment, ..(**let_env).clone() };
        }
        let mut inner = Env {
            context: info.parent,
            module: info.home,
            locals: None,
            owner: env.owner,
            context_slots: env.context_slots[..info.params_before.min(env.context_slots.len())].into(),
            primed: env.primed,
            bound,
            position: None,
            at: None,
            inlined: env.inlined,
            moment: env.moment,
        };
        for (index, name) in info.params.iter().enumerate() {
            if let Some(slot) = env.context_slots.get(info.params_before + index) {
                let span = info.instance.map_or(
                    self.modules
                        .module(info.home)
                        .tree
                        .map_or_else(|| self.code.definition(env.owner).span, |tree| tree.span),
                    |instance| instance.span,
                );
                inner = inner.with(name, span, Local::Param(*slot, 0, env.primed, env.moment));
            }
        }
        inner
    }

    /// Whether the context itself stands in a `LET`, rather than one around it.
    fn is_let_root(&self, context: ContextId) -> bool {
        let info = self.context(context);
        match (&info.let_env, &self.context(info.parent).let_env) {
            (Some(mine), Some(outer)) => !Rc::ptr_eq(mine, outer),
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

    /// The expression substituted for a name in a context, if it is not the name itself.
    pub(crate) fn substituted(&self, context: ContextId, name: &str) -> Option<&'a Expr> {
        let instance = self.context(context).instance?;
        instance.substitutions.iter().find(|(declared, _)| &*declared.name == name).map(|(_, expr)| expr)
    }

    /// Binds the parameters of a definition to arguments by name, for inlining.
    pub(crate) fn alias_params(&self, params: &'a [OpDecl], operands: &[Operand<'a>], mut env: Env<'a>) -> Env<'a> {
        for (param, operand) in params.iter().zip(operands) {
            let primed = env.primed;
            env = env.with(&param.name.name, param.name.span, Local::Alias(Rc::new(operand.clone()), primed));
        }
        env
    }
}
