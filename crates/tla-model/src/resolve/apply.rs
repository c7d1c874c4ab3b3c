//! Application of named operators.

use super::env::{ContextId, Env, Local, Operand};
use super::scope::Symbol;
use super::{Binding, Compiled, Resolver, Typed};
use crate::ir::{Argument, DefinitionId, Kind, Lambda, Level, Node, Operator, Primitive};
use std::rc::Rc;
use tla_syntax::ast::{Definition, Expr, ExprKind, Ident, Name};
use tla_syntax::{Diagnostic, Span};

/// How deep definitions may be replaced by their text.
const MOST_INLINED: u32 = 64;

impl<'a> Resolver<'a> {
    /// `op(operands)` read in the environment.
    pub(crate) fn apply(&mut self, op: &Ident, operands: &[Operand<'a>], env: &Env<'a>, span: Span) -> Compiled<Typed> {
        if let Some(scope) = env.find(&op.name) {
            let local = scope.local.clone();
            return self.apply_local(op, &local, operands, env, span);
        }
        let Some(entry) = self.modules.module(env.module).scope.get(&op.name) else {
            return self.unknown(op, env);
        };
        let (symbol, declared) = (entry.symbol.clone(), entry.span);
        if let (Some(position), Some(declared)) = (env.position, declared)
            && declared.file == position.file
            && declared.start > position.end
            && !self.modules.module(env.module).recursive.contains_key(&op.name)
        {
            return self.report(
                Diagnostic::error(
                    "used-before-definition",
                    op.span,
                    format!("`{}` is used before it is defined", op.name),
                )
                .related(declared, "defined here")
                .remedy("move the definition up, or announce it with RECURSIVE"),
            );
        }
        if let (Some(position), Some(declared)) = (env.position, declared)
            && position.file == declared.file
            && position.start <= declared.start
            && declared.end <= position.end
            && matches!(&symbol, Symbol::Operator(_, definition)
                if matches!(definition.body, tla_syntax::ast::DefinitionBody::Operator(_)))
            && !self.modules.module(env.module).recursive.contains_key(&op.name)
        {
            return self.report(
                Diagnostic::error(
                    "recursive-definition",
                    op.span,
                    format!("`{}` is used in its own definition", op.name),
                )
                .remedy(format!("announce it before the definition: RECURSIVE {}", op.name)),
            );
        }
        self.apply_symbol(op, &symbol, operands, env, span)
    }

    fn unknown(&mut self, op: &Ident, env: &Env<'a>) -> Compiled<Typed> {
        let mut diagnostic =
            Diagnostic::error("unknown-identifier", op.span, format!("`{}` is not defined or declared", op.name));
        if let Some(similar) = self.similar(&op.name, env) {
            diagnostic = diagnostic.remedy(format!("did you mean `{similar}`?"));
        } else if let Some(module) = module_defining(&op.name) {
            diagnostic = diagnostic.remedy(format!("it is defined in module {module}: add it to EXTENDS"));
        }
        self.report(diagnostic)
    }

    fn similar(&self, name: &str, env: &Env<'a>) -> Option<Name> {
        let mut candidates: Vec<Name> = self.modules.module(env.module).scope.keys().cloned().collect();
        let mut scope = env.locals.as_deref();
        while let Some(here) = scope {
            candidates.push(here.name.clone());
            scope = here.outer.as_deref();
        }
        candidates.sort();
        let limit = 1 + name.len() / 4;
        candidates
            .into_iter()
            .map(|candidate| (edit_distance(name, &candidate), candidate))
            .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.len())
            .min()
            .map(|(_, candidate)| candidate)
    }

    fn apply_local(
        &mut self,
        op: &Ident,
        local: &Local<'a>,
        operands: &[Operand<'a>],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        match local {
            Local::Bound(slot) => {
                self.check_arity(op, 0, operands)?;
                Ok(constant_level(Kind::Slot(*slot), span))
            }
            Local::Param(slot, 0, primed, moment) => {
                self.check_arity(op, 0, operands)?;
                if env.primed && !primed || env.moment != *moment {
                    self.note_primed_parameter(env);
                }
                Ok(constant_level(Kind::Slot(*slot), span))
            }
            Local::Param(slot, arity, _, moment) => {
                self.check_arity(op, *arity, operands)?;
                if env.moment != *moment {
                    self.note_primed_parameter(env);
                }
                let (arguments, level) = self.arguments(&vec![0; *arity], operands, span)?;
                Ok(Typed { node: node(Kind::CallSlot(*slot, arguments), span), level })
            }
            Local::LetName(slot, definition, let_env, level) => {
                self.check_arity(op, 0, operands)?;
                if env.primed && !let_env.primed || env.moment != let_env.moment && *level > Level::Constant {
                    let mut inner = let_env.at_moment(env.moment);
                    inner.primed = env.primed;
                    inner.inlined = env.inlined + 1;
                    inner.bound = env.bound;
                    self.check_inlining(op, &inner)?;
                    return self.definition_expr(definition, &inner);
                }
                if env.bound != let_env.bound && *level >= Level::Action {
                    let inner = Env { bound: env.bound, inlined: env.inlined + 1, ..(**let_env).clone() };
                    self.check_inlining(op, &inner)?;
                    return self.definition_expr(definition, &inner);
                }
                Ok(Typed { node: node(Kind::Slot(*slot), span), level: *level })
            }
            Local::LetOperator(operator) => {
                self.check_arity(op, operator.definition.params.len(), operands)?;
                let id = self.let_operator(operator, env.primed, env.bound)?;
                self.note_call(id);
                let Some(base) = operator.env.get().cloned() else { return self.unknown(op, env) };
                if self.must_inline(id, operands) || env.moment != base.moment {
                    let (primed, bound, moment) = (env.primed, env.bound, env.moment);
                    let base = Env { primed, bound, moment, inlined: env.inlined + 1, ..base };
                    self.check_inlining(op, &base)?;
                    let inner = self.alias_params(&operator.definition.params, operands, base);
                    return self.definition_expr(operator.definition, &inner);
                }
                let arities: Vec<usize> = operator.definition.params.iter().map(|param| param.arity).collect();
                let given = self.arguments(&arities, operands, span)?;
                if given.1 == Level::Temporal {
                    let (primed, bound, moment) = (env.primed, env.bound, env.moment);
                    let base = Env { primed, bound, moment, inlined: env.inlined + 1, ..base };
                    self.check_inlining(op, &base)?;
                    let inner = self.alias_params(&operator.definition.params, operands, base);
                    return self.definition_expr(operator.definition, &inner);
                }
                Ok(self.call(id, Vec::new(), given, span))
            }
            Local::LetInstance(_) => self.instance_as_value(op),
            Local::Alias(operand, primed) => {
                let operand = (**operand).clone();
                self.apply_operand(op, &operand, operands, env.primed && !primed, env, span)
            }
        }
    }

    fn instance_as_value(&mut self, op: &Ident) -> Compiled<Typed> {
        self.report(
            Diagnostic::error("instance-as-value", op.span, format!("`{}` is an instance, not a value", op.name))
                .remedy(format!("refer to one of its definitions: {}!Op", op.name)),
        )
    }

    fn note_primed_parameter(&mut self, env: &Env<'a>) {
        // The definition that is being compiled is the youngest incomplete one of this frame.
        let owner = env.owner;
        let youngest = (0..self.facts.len())
            .rev()
            .find(|index| !self.facts[*index].complete && self.code.definitions[*index].owner == owner);
        if let Some(index) = youngest {
            self.facts[index].primes_parameter = true;
        }
    }

    fn note_call(&mut self, id: DefinitionId) {
        if self.facts[id.0 as usize].impure {
            self.note_impure();
        }
    }

    /// Whatever is being compiled inside of a definition that it refers to again has an uncertain level: the level of
    /// that definition is not known before it is complete. (A definition that refers to itself only has the level of
    /// the rest of its body.)
    fn note_recursion(&mut self, id: DefinitionId) {
        if self.facts[id.0 as usize].complete {
            return;
        }
        for facts in &mut self.facts[id.0 as usize + 1..] {
            facts.uncertain_level |= !facts.complete;
        }
    }

    fn must_inline(&self, id: DefinitionId, operands: &[Operand<'a>]) -> bool {
        self.facts[id.0 as usize].primes_parameter
            && operands.iter().any(|operand| matches!(operand, Operand::Expr(..)))
    }

    fn check_inlining(&mut self, op: &Ident, env: &Env<'a>) -> Compiled<()> {
        if env.inlined <= MOST_INLINED {
            return Ok(());
        }
        self.report(Diagnostic::error(
            "declined-recursive-prime",
            op.span,
            format!("`{}` is recursive and primes its parameter, which is not supported", op.name),
        ))
    }

    /// An operator that was given as an argument, applied.
    fn apply_operand(
        &mut self,
        op: &Ident,
        operand: &Operand<'a>,
        operands: &[Operand<'a>],
        prime: bool,
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        match operand {
            Operand::Slot(slot, _) => {
                self.check_arity(op, 0, operands)?;
                Ok(constant_level(Kind::Slot(*slot), span))
            }
            Operand::Expr(expr, home) => {
                let both = prime && home.primed;
                let inner = Env {
                    primed: prime || home.primed,
                    bound: env.bound.filter(|bound| *bound == home.context).or(home.bound),
                    inlined: env.inlined.max(home.inlined) + 1,
                    moment: env.moment,
                    ..home.clone()
                };
                self.check_inlining(op, &inner)?;
                let typed = self.apply_expr(expr, operands, &inner, span)?;
                if both && typed.level >= Level::Action {
                    return self.double_prime(span);
                }
                Ok(typed)
            }
        }
    }

    /// An expression that stands for an operator (a name or a `LAMBDA`), applied; with no operands simply its value.
    pub(crate) fn apply_expr(
        &mut self,
        expr: &'a Expr,
        operands: &[Operand<'a>],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        if operands.is_empty() {
            return self.expr(expr, env);
        }
        match &*expr.kind {
            ExprKind::Apply { op, args } if args.is_empty() => self.apply_any(op, operands, env, span),
            ExprKind::Lambda { params, body } => {
                let mut inner = env.clone();
                for (param, operand) in params.iter().zip(operands) {
                    inner = inner.with(&param.name, param.span, Local::Alias(Rc::new(operand.clone()), env.primed));
                }
                self.expr(body, &inner)
            }
            ExprKind::Select(selectors) => self.select(selectors, operands, env, span),
            _ => self.report(
                Diagnostic::error("not-an-operator", expr.span, "an operator is expected here")
                    .remedy("give the name of an operator or a LAMBDA"),
            ),
        }
    }

    /// `op(operands)` where the operator may be one of the language.
    pub(crate) fn apply_any(
        &mut self,
        op: &Ident,
        operands: &[Operand<'a>],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        if super::expression::is_language_operator(&op.name) {
            return self.language_operator(op, operands, env, span);
        }
        self.apply(op, operands, env, span)
    }

    pub(crate) fn apply_symbol(
        &mut self,
        op: &Ident,
        symbol: &Symbol<'a>,
        operands: &[Operand<'a>],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        match symbol {
            Symbol::Constant(home, declaration) => {
                self.check_arity(op, declaration.arity, operands)?;
                let context = self.context_of_home(env.context, *home);
                self.apply_declared(op, context, operands, env, span)
            }
            Symbol::Variable(home, _) => {
                self.check_arity(op, 0, operands)?;
                let context = self.context_of_home(env.context, *home);
                self.apply_declared(op, context, operands, env, span)
            }
            Symbol::Operator(home, definition) => {
                let context = self.context_of_home(env.context, *home);
                if let Some(binding) = self.binding_of(context, *home, &op.name) {
                    return self.apply_binding(op, &binding, operands, env, span);
                }
                self.apply_definition(op, *home, definition, context, operands, env, span)
            }
            Symbol::Imported(home, instance, inner) => {
                let outer = self.context_of_home(env.context, *home);
                let at = Env { context: outer, ..env.clone() };
                let context = self.instance_context(*home, instance, &[], "", &at)?;
                let inner_env = self.enter_context(context, &at);
                self.apply_symbol(op, inner, operands, &inner_env, span)
            }
            Symbol::Builtin(primitive, arities) => {
                let module = self.modules.module(env.module).name.clone();
                let binding = self
                    .module_bindings
                    .get(&(module, op.name.clone()))
                    .or_else(|| self.bindings.get(&op.name))
                    .cloned();
                if let Some(binding) = binding {
                    return self.apply_binding(op, &binding, operands, env, span);
                }
                if env.primed && *primitive == Primitive::TlcGet {
                    let typed = self.apply_primitive(op, Primitive::TlcGetNext, arities, operands, span)?;
                    return Ok(Typed { level: typed.level.max(Level::Action), ..typed });
                }
                self.apply_primitive(op, *primitive, arities, operands, span)
            }
            Symbol::Opaque(name) => Ok(Typed {
                node: node(Kind::Declined(format!("the operator {name} is not supported").into()), span),
                level: Level::Constant,
            }),
            Symbol::Statement(home, Some(expr)) => {
                self.check_arity(op, 0, operands)?;
                let inner = Env {
                    module: *home,
                    context: self.context_of_home(env.context, *home),
                    locals: None,
                    position: None,
                    ..env.clone()
                };
                self.expr(expr, &inner)
            }
            Symbol::Statement(_, None) => self.report(Diagnostic::error(
                "statement-as-value",
                op.span,
                format!("`{}` is an ASSUME/PROVE statement, not an expression", op.name),
            )),
            Symbol::Instance(..) => self.instance_as_value(op),
            Symbol::Module(_) => self.report(Diagnostic::error(
                "module-as-value",
                op.span,
                format!("`{}` is a module, not an expression", op.name),
            )),
        }
    }

    /// The environment inside a context that was entered from another one around it.
    pub(crate) fn enter_context(&self, context: ContextId, env: &Env<'a>) -> Env<'a> {
        Env { context, module: self.context(context).module, locals: None, position: None, ..env.clone() }
    }

    fn binding_of(&self, context: ContextId, home: super::scope::ModuleId, name: &Name) -> Option<Binding> {
        let module = self.modules.module(home).name.clone();
        if let Some(binding) = self.module_bindings.get(&(module, name.clone())) {
            return Some(binding.clone());
        }
        if context == ContextId(0) { self.bindings.get(name).cloned() } else { None }
    }

    /// A declared constant or variable: what the configuration or the substitution says.
    pub(crate) fn apply_declared(
        &mut self,
        op: &Ident,
        context: ContextId,
        operands: &[Operand<'a>],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        if self.context(context).instance.is_some() {
            if let Some(bound) = self.bound_variable(op, context, env, span)? {
                return Ok(bound);
            }
            let outer = self.instance_env(context, env);
            if let Some(expr) = self.substituted(context, &op.name) {
                return self.apply_expr(expr, operands, &outer, span);
            }
            return self.apply_any(op, operands, &outer, span);
        }
        if let Some(index) = self.variables.get(&op.name) {
            return Ok(if env.primed {
                Typed { node: node(Kind::Primed(*index), span), level: Level::Action }
            } else {
                Typed { node: node(Kind::Variable(*index), span), level: Level::State }
            });
        }
        match self.bindings.get(&op.name).cloned() {
            Some(binding) => self.apply_binding(op, &binding, operands, env, span),
            None => Ok(Typed {
                node: node(Kind::Declined(format!("the constant {} has no value", op.name).into()), span),
                level: Level::Constant,
            }),
        }
    }

    fn apply_binding(
        &mut self,
        op: &Ident,
        binding: &Binding,
        operands: &[Operand<'a>],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        match binding {
            Binding::Kind(kind) => {
                self.check_arity(op, 0, operands)?;
                Ok(constant_level(kind.clone(), span))
            }
            Binding::Definition(target) => {
                let root = self.root_env(env.owner);
                let inner = Env { primed: env.primed, inlined: env.inlined, ..root };
                if *target.name == *op.name {
                    return self.report(Diagnostic::error(
                        "self-replacement",
                        target.span,
                        format!("`{}` is replaced by itself", op.name),
                    ));
                }
                self.apply_any(&Ident { name: target.name.clone(), span: op.span }, operands, &inner, span)
            }
            Binding::Cases(cases) => {
                let mut arms = Vec::new();
                for (arguments, value) in cases {
                    if arguments.len() != operands.len() {
                        continue;
                    }
                    let mut tests = Vec::new();
                    for (argument, operand) in arguments.iter().zip(operands) {
                        let given = self.operand_value(operand)?;
                        let expected = node(argument.clone(), span);
                        tests.push(node(Kind::Primitive(Primitive::Equal, Box::new([given.node, expected])), span));
                    }
                    arms.push((node(Kind::And(tests.into()), span), node(value.clone(), span)));
                }
                Ok(Typed { node: node(Kind::Case(arms.into(), None), span), level: Level::State })
            }
        }
    }

    #[allow(clippy::too_many_arguments)] // A definition, how it is reached, and what it is applied to.
    pub(crate) fn apply_definition(
        &mut self,
        op: &Ident,
        home: super::scope::ModuleId,
        definition: &'a Definition,
        context: ContextId,
        operands: &[Operand<'a>],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        self.check_arity(op, definition.params.len(), operands)?;
        let id = self.definition(home, definition, context, env.primed, env.bound)?;
        self.note_recursion(id);
        self.note_call(id);
        let info = self.context(context);
        let leading = if info.let_env.is_some() { 0 } else { info.params_before + info.params.len() };
        let arities: Vec<usize> = definition.params.iter().map(|param| param.arity).collect();
        let given = match operands {
            [] => (Box::from([]), Level::Constant),
            _ => self.arguments(&arities, operands, span)?,
        };
        // A formula of temporal logic as an argument is no value: what kind of formula the whole is shows in the text.
        if self.must_inline(id, operands) || given.1 == Level::Temporal {
            let base = Env {
                context,
                module: home,
                locals: None,
                owner: env.owner,
                context_slots: env.context_slots[..leading.min(env.context_slots.len())].into(),
                primed: env.primed,
                bound: env.bound,
                position: Some(definition.span),
                at: None,
                inlined: env.inlined + 1,
                moment: env.moment,
            };
            self.check_inlining(op, &base)?;
            let inner = self.alias_params(&definition.params, operands, base);
            return self.definition_expr(definition, &inner);
        }
        let record = self.code.definition(id);
        if operands.is_empty() && leading == 0 {
            let level = record.level;
            let kind = match self.facts[id.0 as usize].cache {
                Some(cache) => Kind::ConstantDefinition(cache, id),
                None => Kind::Call(id, Box::new([])),
            };
            return Ok(Typed { node: node(kind, span), level });
        }
        let passed = env.context_slots.iter().take(leading).copied().collect();
        Ok(self.call(id, passed, given, span))
    }

    fn call(
        &mut self,
        id: DefinitionId,
        passed: Vec<u32>,
        (arguments, level): (Box<[Argument]>, Level),
        span: Span,
    ) -> Typed {
        let mut all: Vec<Argument> =
            passed.into_iter().map(|slot| Argument::Delayed(node(Kind::Slot(slot), span))).collect();
        all.extend(arguments.into_vec());
        let level = level.max(self.code.definition(id).level);
        Typed { node: node(Kind::Call(id, all.into()), span), level }
    }

    fn arguments(
        &mut self,
        arities: &[usize],
        operands: &[Operand<'a>],
        span: Span,
    ) -> Compiled<(Box<[Argument]>, Level)> {
        let mut level = Level::Constant;
        let mut arguments = Vec::with_capacity(operands.len());
        for (arity, operand) in arities.iter().zip(operands) {
            if *arity == 0 {
                let typed = self.operand_value(operand)?;
                level = level.max(typed.level);
                arguments.push(if is_simple(&typed.node) {
                    Argument::Eager(typed.node)
                } else {
                    Argument::Delayed(typed.node)
                });
            } else {
                let (operator, operator_level) = self.operator_operand(operand, *arity, span)?;
                level = level.max(operator_level);
                arguments.push(Argument::Operator(operator));
            }
        }
        Ok((arguments.into(), level))
    }

    pub(crate) fn operand_value(&mut self, operand: &Operand<'a>) -> Compiled<Typed> {
        match operand {
            Operand::Expr(expr, env) => self.expr(expr, env),
            Operand::Slot(slot, span) => Ok(constant_level(Kind::Slot(*slot), *span)),
        }
    }

    /// An operator as an argument: a parameter is passed on, anything else becomes a `LAMBDA`.
    pub(crate) fn operator_operand(
        &mut self,
        operand: &Operand<'a>,
        arity: usize,
        span: Span,
    ) -> Compiled<(Operator, Level)> {
        let (expr, env) = match operand {
            Operand::Expr(expr, env) => (*expr, env),
            Operand::Slot(slot, _) => return Ok((Operator::Slot(*slot), Level::Constant)),
        };
        if let ExprKind::Apply { op, args } = &*expr.kind
            && args.is_empty()
            && let Some(scope) = env.find(&op.name)
        {
            match &scope.local {
                Local::Param(slot, n, ..) if *n == arity => return Ok((Operator::Slot(*slot), Level::Constant)),
                Local::Alias(inner, _) => {
                    let inner = (**inner).clone();
                    return self.operator_operand(&inner, arity, span);
                }
                _ => {}
            }
        }
        let params: Vec<u32> = (0..arity).map(|_| self.slot(env.owner)).collect();
        let inherits = env.visible_slots();
        let typed = match &*expr.kind {
            ExprKind::Lambda { params: names, body } => {
                if names.len() != arity {
                    return self.report(Diagnostic::error(
                        "arity",
                        expr.span,
                        format!("a LAMBDA with {arity} parameters is expected, this one has {}", names.len()),
                    ));
                }
                let mut inner = env.clone();
                for (name, slot) in names.iter().zip(&params) {
                    inner = self.declare_name(&inner, name, Local::Bound(*slot));
                }
                self.expr(body, &inner)?
            }
            _ => {
                let operands: Vec<Operand<'a>> = params.iter().map(|slot| Operand::Slot(*slot, span)).collect();
                self.apply_expr(expr, &operands, env, expr.span)?
            }
        };
        let lambda = Lambda { params: params.into(), body: typed.node, inherits, owner: env.owner };
        Ok((Operator::Lambda(Box::new(lambda)), typed.level))
    }

    pub(crate) fn apply_primitive(
        &mut self,
        op: &Ident,
        primitive: Primitive,
        arities: &[usize],
        operands: &[Operand<'a>],
        span: Span,
    ) -> Compiled<Typed> {
        self.check_arity(op, arities.len(), operands)?;
        if primitive.does_more() {
            self.note_impure();
        }
        let mut level = Level::Constant;
        let (mut nodes, mut operators) = (Vec::new(), Vec::new());
        for (arity, operand) in arities.iter().zip(operands) {
            if *arity == 0 {
                let typed = self.operand_value(operand)?;
                level = level.max(typed.level);
                nodes.push(typed.node);
            } else {
                let (operator, operator_level) = self.operator_operand(operand, *arity, span)?;
                level = level.max(operator_level);
                operators.push(operator);
            }
        }
        if primitive.is_volatile() {
            level = level.max(Level::State);
        }
        let kind = if operators.is_empty() {
            Kind::Primitive(primitive, nodes.into())
        } else {
            Kind::HigherOrder(primitive, nodes.into(), operators.into())
        };
        Ok(Typed { node: node(kind, span), level })
    }

    pub(crate) fn check_arity(&mut self, op: &Ident, arity: usize, operands: &[Operand<'a>]) -> Compiled<()> {
        if arity == operands.len() {
            return Ok(());
        }
        let many = |n: usize| if n == 1 { "1 argument".to_owned() } else { format!("{n} arguments") };
        self.report(
            Diagnostic::error(
                "arity",
                op.span,
                format!("`{}` takes {}, it is given {}", op.name, many(arity), many(operands.len())),
            )
            .remedy("give as many arguments as the definition has parameters"),
        )
    }

    pub(crate) fn double_prime<T>(&mut self, span: Span) -> Compiled<T> {
        self.report(
            Diagnostic::error("level", span, "this expression has primed variables already and cannot be primed again")
                .remedy("a prime may stand only on an expression without primes"),
        )
    }
}

pub(crate) fn node(kind: Kind, span: Span) -> Node {
    Node { kind, span }
}

pub(crate) fn constant_level(kind: Kind, span: Span) -> Typed {
    Typed { node: node(kind, span), level: Level::Constant }
}

/// Whether a node is cheap and certain to be defined.
fn is_simple(node: &Node) -> bool {
    matches!(node.kind, Kind::Bool(_) | Kind::Int(_) | Kind::String(_) | Kind::Model(_) | Kind::Constant(_))
}

fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// The bundled module that defines a name, for a hint.
fn module_defining(name: &str) -> Option<&'static str> {
    let mut modules = tla_syntax::library::STANDARD_MODULES.iter();
    modules.find(|module| module.operator(name).is_some()).map(|module| module.name)
}
