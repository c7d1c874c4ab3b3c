//! A specification together with a configuration: what there is to check.

mod bindings;
mod formula;
mod hashed;
mod strings;

use crate::ir::{Code, DefinitionId, Level, Node};
use crate::resolve::scope::{ModuleId, Modules, Symbol};
use crate::resolve::{Reported, Resolver};
use crate::value::names::Names;
use tla_syntax::ast::{Definition, Ident, Name};
use tla_syntax::config::Config;
use tla_syntax::load::Specification;
use tla_syntax::{Diagnostic, Severity, Span};

/// Part of a definition that can be evaluated on its own.
#[derive(Debug, Clone)]
pub struct Formula {
    /// Whose frame layout it uses.
    pub owner: DefinitionId,
    /// The formula.
    pub node: Node,
    /// The name of the innermost definition that it came from.
    pub name: String,
}

/// An invariant, a constraint or another predicate that the configuration names.
#[derive(Debug, Clone)]
pub struct Predicate {
    /// The name in the configuration.
    pub name: String,
    /// The formula.
    pub formula: Formula,
    /// Its level.
    pub level: Level,
}

/// A part of a `PROPERTY`.
#[derive(Debug, Clone)]
pub struct PropertyPart {
    /// Index of the property in the configuration's list.
    pub property: usize,
    /// The formula: the state predicate, the `[A]_v`, or the temporal formula.
    pub formula: Formula,
}

/// What there is to check.
#[derive(Debug)]
pub struct Model {
    /// Everything that is evaluated.
    pub code: Code,
    /// Strings and model values.
    pub names: Names,
    /// Name of the root module.
    pub module: String,
    /// Variables in the order of declaration.
    pub variables: Vec<(Name, Span)>,
    /// The variables in the order in which TLC keeps them, by their places in that of declaration.
    pub order_in_tlc: Vec<usize>,
    /// Constants of the instance as the configuration gives them, `(name, text)`.
    pub constants: Vec<(String, String)>,
    /// Assumptions with their places.
    pub assumptions: Vec<(DefinitionId, Span)>,
    /// The behavior specification as a whole, where the configuration names one.
    pub specification: Option<Formula>,
    /// The initial predicate; `None` if there is no behavior.
    pub init: Option<Formula>,
    /// The next-state relation.
    pub next: Option<Formula>,
    /// Temporal conjuncts of the specification (fairness).
    pub fairness: Vec<Formula>,
    /// `INVARIANT`.
    pub invariants: Vec<Predicate>,
    /// Names under `PROPERTY`, with places.
    pub properties: Vec<(String, Span)>,
    /// The properties as wholes, in the same order.
    pub property_formulas: Vec<Formula>,
    /// Parts of properties that are predicates on initial states.
    pub initial_properties: Vec<PropertyPart>,
    /// Parts of properties that are invariants `[]P`.
    pub property_invariants: Vec<PropertyPart>,
    /// Parts of properties that are `[][A]_v`; the formula is the `[A]_v`.
    pub action_properties: Vec<PropertyPart>,
    /// Parts of properties that need more than states and steps.
    pub temporal_properties: Vec<PropertyPart>,
    /// `CONSTRAINT`.
    pub constraints: Vec<Predicate>,
    /// `ACTION_CONSTRAINT`.
    pub action_constraints: Vec<Predicate>,
    /// `VIEW`.
    pub view: Option<Predicate>,
    /// `SYMMETRY`.
    pub symmetry: Option<Predicate>,
    /// `ALIAS`.
    pub alias: Option<Predicate>,
    /// `POSTCONDITION`.
    pub postconditions: Vec<Predicate>,
    /// `CHECK_DEADLOCK`, true unless switched off.
    pub check_deadlock: bool,
    /// Things that the user should know.
    pub warnings: Vec<Diagnostic>,
}

/// Which rule was broken; exit codes depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuildErrorKind {
    /// A rule of names, arities or levels of the language (exit 150).
    Specification,
    /// The configuration does not fit (exit 151).
    Configuration,
    /// An invariant is no state predicate (exit 76).
    InvariantLevel,
}

/// Why a model cannot be built.
#[derive(Debug, Clone)]
pub struct BuildError {
    /// Which rule was broken first.
    pub kind: BuildErrorKind,
    /// All that is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

impl Model {
    /// Resolves a specification under a configuration.
    ///
    /// # Errors
    /// [`BuildError`] if the specification breaks a static rule or the configuration does not fit it.
    pub fn build(specification: &Specification, config: &Config) -> Result<Self, BuildError> {
        let mut diagnostics = Vec::new();
        let (modules, root) = Modules::build(specification, &mut diagnostics);
        let names = strings::intern(specification, config);
        let mut builder =
            Builder { resolver: Resolver::new(modules, root, names), config, root, splitting: Vec::new() };
        builder.resolver.diagnostics = diagnostics;
        builder.run()
    }
}

struct Builder<'a> {
    resolver: Resolver<'a>,
    config: &'a Config,
    root: ModuleId,
    /// Definitions that are being taken apart.
    splitting: Vec<DefinitionId>,
}

type Built<T> = Result<T, BuildError>;

impl<'a> Builder<'a> {
    fn fail<T>(&mut self, kind: BuildErrorKind) -> Built<T> {
        Err(BuildError { kind, diagnostics: std::mem::take(&mut self.resolver.diagnostics) })
    }

    fn check(&mut self, kind: BuildErrorKind) -> Built<()> {
        let broken = self.resolver.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        if broken { self.fail(kind) } else { Ok(()) }
    }

    fn configuration_error<T>(&mut self, diagnostic: Diagnostic) -> Built<T> {
        self.resolver.diagnostics.push(diagnostic);
        self.fail(BuildErrorKind::Configuration)
    }

    fn run(mut self) -> Built<Model> {
        self.check(BuildErrorKind::Specification)?;
        let info = self.resolver.modules.module(self.root);
        let variables = info.variables.clone();
        let module = info.name.to_string();
        for (index, (name, _)) in variables.iter().enumerate() {
            self.resolver.variables.insert(name.clone(), index as u32);
        }
        let order_in_tlc = self.order_of_variables();
        let constants = self.bind_constants();
        self.check_targets()?;
        self.compile_everything();
        self.check(BuildErrorKind::Specification)?;
        self.check_bindings()?;
        let assumptions = self.assumptions();
        self.check(BuildErrorKind::Specification)?;
        let (specification, init, next, fairness) = self.behavior()?;
        let mut model = Model {
            code: Code::default(),
            names: Names::new(),
            module,
            variables,
            order_in_tlc,
            constants,
            assumptions,
            specification,
            init,
            next,
            fairness,
            invariants: self.invariants()?,
            properties: self.config.properties.iter().map(|name| (name.name.to_string(), name.span)).collect(),
            property_formulas: Vec::new(),
            initial_properties: Vec::new(),
            property_invariants: Vec::new(),
            action_properties: Vec::new(),
            temporal_properties: Vec::new(),
            constraints: self.predicates(&self.config.constraints, "constraint", Level::State)?,
            action_constraints: self.predicates(&self.config.action_constraints, "action constraint", Level::Action)?,
            view: self.optional(self.config.view.as_ref(), "view")?,
            symmetry: self.optional(self.config.symmetry.as_ref(), "symmetry set")?,
            alias: self.optional(self.config.alias.as_ref(), "alias")?,
            postconditions: self.predicates(&self.config.postconditions, "postcondition", Level::State)?,
            check_deadlock: self.config.check_deadlock.unwrap_or(true),
            warnings: Vec::new(),
        };
        self.properties(&mut model)?;
        self.check_behavior(&model)?;
        model.warnings = std::mem::take(&mut self.resolver.diagnostics);
        model.code = self.resolver.code;
        model.names = self.resolver.names;
        Ok(model)
    }

    /// Compiles all definitions of the root module and of what it extends, so that mistakes in definitions that
    /// nothing refers to are reported too.
    fn compile_everything(&mut self) {
        let own = self.resolver.modules.module(self.root).own.clone();
        for id in own {
            let info = self.resolver.modules.module(id);
            let mut definitions: Vec<&'a Definition> = info
                .scope
                .values()
                .filter_map(|entry| match entry.symbol {
                    Symbol::Operator(home, definition) if home == id => Some(definition),
                    _ => None,
                })
                .collect();
            definitions.sort_by_key(|definition| definition.span);
            for definition in definitions {
                let _reported: Result<DefinitionId, Reported> = self.resolver.root_definition(definition, id);
            }
        }
    }

    fn assumptions(&mut self) -> Vec<(DefinitionId, Span)> {
        let assumptions = self.resolver.modules.module(self.root).assumptions.clone();
        let mut compiled = Vec::new();
        for (home, assume) in assumptions {
            let id = self.resolver.new_definition("ASSUME", None, assume.span);
            let mut env = self.resolver.root_env(id);
            env.module = home;
            if let Ok(typed) = self.resolver.expr(&assume.expr, &env) {
                self.resolver.set_body(id, typed);
                compiled.push((id, assume.expr.span));
            }
        }
        compiled
    }

    /// A definition of the root module that the configuration names, without parameters.
    fn named(&mut self, name: &Ident, what: &str) -> Built<(DefinitionId, Level, Span)> {
        let symbol = self.resolver.modules.module(self.root).scope.get(&name.name).map(|entry| entry.symbol.clone());
        let Some(symbol) = symbol else {
            return self.configuration_error(
                Diagnostic::error(
                    "unknown-in-configuration",
                    name.span,
                    format!("the specification does not define the {what} `{}`", name.name),
                )
                .remedy("check the spelling, or define it in the root module or one that it extends"),
            );
        };
        if let Symbol::Operator(_, definition) = &symbol
            && !definition.params.is_empty()
        {
            return self.configuration_error(
                Diagnostic::error(
                    "parameters-in-configuration",
                    name.span,
                    format!("the {what} `{}` has parameters", name.name),
                )
                .related(definition.name.span, "defined here")
                .remedy("name a definition without parameters"),
            );
        }
        let id = self.resolver.new_definition(&*name.name, None, name.span);
        let env = self.resolver.root_env(id);
        match self.resolver.apply_any(&name.clone(), &[], &env, name.span) {
            Ok(typed) => {
                let level = typed.level;
                self.resolver.set_body(id, typed);
                Ok((id, level, name.span))
            }
            Err(Reported) => self.fail(BuildErrorKind::Configuration),
        }
    }

    fn predicate(&mut self, name: &Ident, what: &str) -> Built<Predicate> {
        let (id, level, _) = self.named(name, what)?;
        let formula =
            Formula { owner: id, node: self.resolver.code.definition(id).body.clone(), name: name.name.to_string() };
        Ok(Predicate { name: name.name.to_string(), formula, level })
    }

    fn predicates(&mut self, names: &'a [Ident], what: &str, most: Level) -> Built<Vec<Predicate>> {
        let mut all = Vec::new();
        for name in names {
            let predicate = self.predicate(name, what)?;
            if predicate.level > most {
                return self.configuration_error(Diagnostic::error(
                    "level-in-configuration",
                    name.span,
                    format!("the {what} `{}` is a formula of {} level", name.name, predicate.level.word()),
                ));
            }
            all.push(predicate);
        }
        Ok(all)
    }

    fn optional(&mut self, name: Option<&'a Ident>, what: &str) -> Built<Option<Predicate>> {
        name.map(|name| self.predicate(name, what)).transpose()
    }

    fn invariants(&mut self) -> Built<Vec<Predicate>> {
        let mut all = Vec::new();
        for name in &self.config.invariants {
            let predicate = self.predicate(name, "invariant")?;
            if predicate.level > Level::State {
                self.resolver.diagnostics.push(
                    Diagnostic::error(
                        "invariant-level",
                        name.span,
                        format!("the invariant `{}` is a formula of {} level", name.name, predicate.level.word()),
                    )
                    .remedy("an invariant may mention unprimed variables only; list other formulas under PROPERTY"),
                );
                return self.fail(BuildErrorKind::InvariantLevel);
            }
            all.push(predicate);
        }
        Ok(all)
    }

    fn check_behavior(&mut self, model: &Model) -> Built<()> {
        let wants_behavior = !model.invariants.is_empty() || !model.properties.is_empty() || model.next.is_some();
        let place = self
            .config
            .invariants
            .first()
            .or(self.config.properties.first())
            .or(self.config.next.as_ref())
            .or(self.config.specification.as_ref())
            .map(|name| name.span);
        let missing = match (model.init.is_none(), model.next.is_none()) {
            (true, _) if wants_behavior || !model.variables.is_empty() && self.config.init.is_some() => {
                "initial predicate"
            }
            (false, true) if wants_behavior || !model.variables.is_empty() => "next-state relation",
            _ => return Ok(()),
        };
        let message = format!("the configuration gives no {missing}");
        let diagnostic = match place {
            Some(span) => Diagnostic::error("no-behavior", span, message),
            None => Diagnostic::without_place("no-behavior", message),
        };
        self.configuration_error(diagnostic.remedy("add SPECIFICATION Spec, or INIT Init and NEXT Next"))
    }
}
