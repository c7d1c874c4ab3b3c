//! Names that clash are renamed.
//!
//! Variables of processes and procedures become variables of one module, labels become operators, so two of them with
//! one name must be told apart. Symbols are taken kind by kind; one whose name is still ambiguous gets `_`, then letter
//! by letter the name of its process or procedure, then the number of its kind, until it is unique. Global variables are
//! never renamed. Every renaming is said in a comment at the head of the translation.

use crate::ast::{Algorithm, Behavior, Clause, Statement, StatementKind, Step};
use crate::error::{Outcome, Problem};
use crate::text::Place;

/// What a name stands for, in the order in which clashes are resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A variable of the algorithm.
    Global,
    /// A label.
    Label,
    /// A procedure.
    Procedure,
    /// A process.
    Process,
    /// A variable of a process.
    ProcessVariable,
    /// A variable of a procedure.
    ProcedureVariable,
    /// A parameter of a procedure.
    Parameter,
}

impl Role {
    const ALL: [Self; 7] = [
        Self::Global,
        Self::Label,
        Self::Procedure,
        Self::Process,
        Self::ProcessVariable,
        Self::ProcedureVariable,
        Self::Parameter,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::Global => "Global variable",
            Self::Label => "Label",
            Self::Procedure => "Procedure",
            Self::Process => "Process",
            Self::ProcessVariable => "Process variable",
            Self::ProcedureVariable => "Procedure variable",
            Self::Parameter => "Parameter",
        }
    }

    fn is_variable(self) -> bool {
        match self {
            Self::Global | Self::ProcessVariable | Self::ProcedureVariable | Self::Parameter => true,
            Self::Label | Self::Procedure | Self::Process => false,
        }
    }
}

/// A declared name.
#[derive(Debug, Clone)]
struct Symbol {
    role: Role,
    name: String,
    /// The process or procedure around it, empty for none.
    context: String,
    /// `process` or `procedure`, for the comment.
    holder: &'static str,
    place: Place,
    becomes: String,
}

/// All names of an algorithm.
#[derive(Debug, Clone, Default)]
pub struct Names {
    symbols: Vec<Symbol>,
}

impl Names {
    /// Collects the names of an algorithm and finds new ones for those that clash.
    pub fn new(algorithm: &Algorithm) -> Outcome<Self> {
        let mut names = Self::default();
        names.collect(algorithm)?;
        names.separate();
        Ok(names)
    }

    fn insert(&mut self, role: Role, name: &str, context: &str, holder: &'static str, place: Place) -> Outcome<()> {
        let clash = self.symbols.iter().find(|other| {
            let same_scope = other.name == name && other.context == context;
            match role {
                Role::ProcessVariable | Role::ProcedureVariable | Role::Parameter => {
                    same_scope || (other.name == name && other.role == Role::Global)
                }
                Role::Global | Role::Label | Role::Procedure | Role::Process => same_scope && other.role == role,
            }
        });
        if let Some(other) = clash {
            let message = format!("{} `{name}` is declared twice", role.words().to_lowercase());
            let problem = Problem::new("pluscal-redefined", place, message, "rename one of them").over(name);
            let implicit = other.place == Place::default();
            return Err(if implicit { problem } else { problem.related(other.place, "the other one") });
        }
        let (name, context) = (name.to_owned(), context.to_owned());
        self.symbols.push(Symbol { role, becomes: name.clone(), name, context, holder, place });
        Ok(())
    }

    fn collect(&mut self, algorithm: &Algorithm) -> Outcome<()> {
        let none = Place::default();
        self.insert(Role::Global, "pc", "", "", none)?;
        if !algorithm.procedures.is_empty() {
            self.insert(Role::Global, "stack", "", "", none)?;
        }
        for variable in &algorithm.variables {
            self.insert(Role::Global, &variable.name, "", "process", variable.place)?;
        }
        for procedure in &algorithm.procedures {
            self.insert(Role::Procedure, &procedure.name, "", "procedure", procedure.place)?;
            for variable in &procedure.variables {
                self.insert(Role::ProcedureVariable, &variable.name, &procedure.name, "procedure", variable.place)?;
            }
            for parameter in &procedure.parameters {
                self.insert(Role::Parameter, &parameter.name, &procedure.name, "procedure", parameter.place)?;
            }
            self.steps(&procedure.body, &procedure.name, "procedure")?;
        }
        match &algorithm.behavior {
            Behavior::Single(body) => self.steps(body, "", ""),
            Behavior::Processes(processes) => {
                for process in processes {
                    self.insert(Role::Process, &process.name, "", "process", process.place)?;
                    for variable in &process.variables {
                        self.insert(Role::ProcessVariable, &variable.name, &process.name, "process", variable.place)?;
                    }
                    self.steps(&process.body, &process.name, "process")?;
                }
                Ok(())
            }
        }
    }

    fn steps(&mut self, steps: &[Step], context: &str, holder: &'static str) -> Outcome<()> {
        for step in steps {
            self.insert(Role::Label, &step.label, context, holder, step.at.place)?;
            self.statements(&step.statements, context, holder)?;
        }
        Ok(())
    }

    fn clause(&mut self, clause: &Clause, context: &str, holder: &'static str) -> Outcome<()> {
        self.statements(&clause.unlabelled, context, holder)?;
        self.steps(&clause.labelled, context, holder)
    }

    fn statements(&mut self, statements: &[Statement], context: &str, holder: &'static str) -> Outcome<()> {
        for statement in statements {
            match &statement.kind {
                StatementKind::LabelIf { then, otherwise, .. } => {
                    self.clause(then, context, holder)?;
                    self.clause(otherwise, context, holder)?;
                }
                StatementKind::LabelEither(clauses) => {
                    for clause in clauses {
                        self.clause(clause, context, holder)?;
                    }
                }
                StatementKind::While { body, .. } => self.clause(body, context, holder)?,
                // No labels inside.
                StatementKind::If { .. }
                | StatementKind::Either(_)
                | StatementKind::With { .. }
                | StatementKind::Assign(_)
                | StatementKind::Await(_)
                | StatementKind::Print(_)
                | StatementKind::Assert(_)
                | StatementKind::Skip
                | StatementKind::Call { .. }
                | StatementKind::Return { .. }
                | StatementKind::CallReturn { .. }
                | StatementKind::CallGoto { .. }
                | StatementKind::Goto(_)
                | StatementKind::MacroCall { .. } => {}
            }
        }
        Ok(())
    }

    fn is_ambiguous(&self, name: &str) -> bool {
        self.symbols.iter().filter(|symbol| symbol.becomes == name).nth(1).is_some()
    }

    fn separate(&mut self) {
        for (number, role) in Role::ALL.into_iter().enumerate().skip(1) {
            for index in 0..self.symbols.len() {
                let Some(symbol) = self.symbols.get(index).filter(|symbol| symbol.role == role) else { continue };
                let mut becomes = symbol.name.clone();
                let letters = std::iter::once('_').chain(symbol.context.chars());
                let mut suffixes = letters.map(String::from).collect::<Vec<_>>().into_iter();
                while self.is_ambiguous(&becomes) {
                    becomes.push_str(&suffixes.next().unwrap_or_else(|| number.to_string()));
                    self.symbols[index].becomes.clone_from(&becomes);
                }
            }
        }
    }

    /// The comments that say what was renamed.
    pub fn report(&self) -> Vec<String> {
        let mut report = Vec::new();
        for role in Role::ALL {
            for symbol in self.symbols.iter().filter(|symbol| symbol.role == role && symbol.becomes != symbol.name) {
                let holder = match symbol.context.as_str() {
                    "" => String::new(),
                    context => format!(" of {} {context}", symbol.holder),
                };
                let place = symbol.place;
                report.push(format!(
                    "\\* {} {}{holder} at line {} col {} changed to {}",
                    role.words(),
                    symbol.name,
                    place.line + 1,
                    place.column + 1,
                    symbol.becomes
                ));
            }
        }
        report
    }

    /// The label that a label of a context becomes; `None` if there is none.
    pub fn label(&self, name: &str, context: &str) -> Option<&str> {
        let fits = |symbol: &&Symbol| symbol.role == Role::Label && symbol.name == name && symbol.context == context;
        self.symbols.iter().find(fits).map(|symbol| symbol.becomes.as_str())
    }

    /// What a variable of a context becomes; itself if it is not declared there.
    pub fn variable<'a>(&'a self, name: &'a str, context: &str) -> &'a str {
        let symbol = self.symbols.iter().find(|symbol| symbol.name == name && symbol.context == context);
        symbol.filter(|symbol| symbol.role.is_variable()).map_or(name, |symbol| symbol.becomes.as_str())
    }

    /// What a procedure or process becomes.
    pub fn unit<'a>(&'a self, role: Role, name: &'a str) -> &'a str {
        let symbol = self.symbols.iter().find(|symbol| symbol.role == role && symbol.name == name);
        symbol.map_or(name, |symbol| symbol.becomes.as_str())
    }

    /// Where a name is declared.
    pub fn place_of(&self, name: &str) -> Option<(Place, &'static str)> {
        self.symbols.iter().find(|symbol| symbol.name == name).map(|symbol| (symbol.place, symbol.role.words()))
    }

    /// Labels of a context, for a suggestion.
    pub fn labels_of(&self, context: &str) -> Vec<&str> {
        let fits = |symbol: &&Symbol| symbol.role == Role::Label && symbol.context == context;
        self.symbols.iter().filter(fits).map(|symbol| symbol.name.as_str()).collect()
    }
}
