//! Variables, `vars`, `ProcSet` and `Init`.

use super::action::needs_parentheses;
use super::{Body, Generator};
use crate::ast::{Process, Variable};
use crate::error::{Outcome, Problem};
use crate::expression::{Expression, Kind, Token, blanks, width};

/// Initial values see the subscript of the process as bodies of procedures do.
const INITIAL: Body<'static> = Body { name: "", with_self: true, in_procedure: true };

impl Generator<'_> {
    /// `VARIABLES`, the `define` block and `vars`.
    pub(super) fn declarations(&mut self) -> Outcome<()> {
        let algorithm = self.algorithm;
        let names = |variables: &[Variable]| variables.iter().map(|variable| variable.name.clone()).collect::<Vec<_>>();
        let mut global = if self.omit_pc() { Vec::new() } else { vec!["pc".to_owned()] };
        global.extend(names(&algorithm.variables));
        if !algorithm.procedures.is_empty() {
            global.push("stack".to_owned());
        }
        for procedure in &algorithm.procedures {
            self.procedure_variables.extend(names(&procedure.parameters));
            self.procedure_variables.extend(names(&procedure.variables));
        }
        let mut local = self.procedure_variables.clone();
        for process in self.processes().unwrap_or_default().to_vec() {
            local.extend(names(&process.variables));
            if !process.is_single {
                self.set_variables.extend(names(&process.variables));
            }
        }
        self.variables = global.iter().chain(&local).cloned().collect();
        if self.variables.is_empty() {
            let remedy = "declare at least one variable; a step without variables changes nothing";
            let message = "the algorithm has no variables";
            return Err(Problem::new("pluscal-variables", algorithm.place, message, remedy).over(&algorithm.name));
        }
        if algorithm.traits.default_values {
            self.out.line("CONSTANT defaultInitValue");
        }
        if algorithm.definitions.is_empty() {
            self.variable_list(&self.variables.clone());
        } else {
            self.variable_list(&global);
            self.out.line("");
            self.out.line("(* define statement *)");
            self.out.expression(&algorithm.definitions);
            self.out.line("");
            self.variable_list(&local);
        }
        self.out.line("");
        self.vars();
        Ok(())
    }

    fn variable_list(&mut self, names: &[String]) {
        let keyword = match names {
            [] => return,
            [_] => "VARIABLE ",
            _ => "VARIABLES ",
        };
        self.out.token(keyword);
        self.names(names, width(keyword));
        self.out.end();
    }

    fn names(&mut self, names: &[String], indent: i32) {
        for (number, name) in names.iter().enumerate() {
            if number > 0 {
                self.out.token(", ");
            }
            if self.out.column() + width(name) + 1 > self.width() {
                self.out.end();
                self.out.token(&blanks(indent));
            }
            self.out.token(name);
        }
    }

    fn vars(&mut self) {
        self.out.token("vars == << ");
        let names = self.variables.clone();
        self.names(&names, self.out.column());
        if self.out.column() + 4 > self.width() {
            self.out.end();
            self.out.token(&blanks(7));
        }
        self.out.token(" >>");
        self.out.line("");
    }

    pub(super) fn process_set(&mut self) {
        let Some(processes) = self.processes().map(<[Process]>::to_vec) else { return };
        self.out.token("ProcSet == ");
        for (number, process) in processes.iter().enumerate() {
            if number > 0 {
                self.out.token(" \\cup ");
            }
            self.out.token(if process.is_single { "{" } else { "(" });
            self.out.expression(&process.id);
            self.out.token(if process.is_single { "}" } else { ")" });
        }
        self.out.end();
        self.out.line("");
    }

    /// `Init`, one conjunct a line.
    pub(super) fn init(&mut self) {
        let mut start = "Init == ".to_owned();
        let algorithm = self.algorithm;
        if !algorithm.variables.is_empty() {
            self.heading(&mut start, "Global variables");
            for variable in &algorithm.variables {
                self.plain_variable(&start, variable);
            }
        }
        for procedure in &algorithm.procedures {
            if procedure.parameters.is_empty() && procedure.variables.is_empty() {
                continue;
            }
            self.heading(&mut start, &format!("Procedure {}", procedure.name));
            for variable in procedure.parameters.iter().chain(&procedure.variables) {
                if self.has_processes() {
                    self.out.token(&format!("{start}/\\ {} = [ self \\in ProcSet |-> ", variable.name));
                    self.out.expression(&self.initial(&variable.value));
                    self.out.token("]");
                    self.out.end();
                } else {
                    self.plain_variable(&start, variable);
                }
            }
        }
        for process in self.processes().unwrap_or_default().to_vec() {
            if process.variables.is_empty() {
                continue;
            }
            self.heading(&mut start, &format!("Process {}", process.name));
            for variable in &process.variables {
                self.process_variable(&start, &process, variable);
            }
        }
        if !algorithm.procedures.is_empty() {
            let stack = if self.has_processes() { "[self \\in ProcSet |-> << >>]" } else { "<< >>" };
            self.out.line(&format!("{start}/\\ stack = {stack}"));
            start = blanks(width(&start));
        }
        if !self.omit_pc() {
            self.initial_pc(&start);
        }
        self.out.line("");
    }

    fn heading(&mut self, start: &mut String, text: &str) {
        self.out.line(&format!("{start}(* {text} *)"));
        *start = blanks(width(start));
    }

    fn initial(&self, value: &Expression) -> Expression {
        let subscript = self.self_in(INITIAL).map(|me| me.subscript());
        self.with_subscript(value, subscript.as_ref(), |_| false)
    }

    fn plain_variable(&mut self, start: &str, variable: &Variable) {
        let relation = if variable.is_equal { "=" } else { "\\in" };
        self.out.token(&format!("{start}/\\ {} {relation} ", variable.name));
        let parentheses = needs_parentheses(&variable.value.render());
        self.out.token(if parentheses { "(" } else { "" });
        self.out.expression(&variable.value);
        self.out.token(if parentheses { ")" } else { "" });
        self.out.end();
    }

    fn process_variable(&mut self, start: &str, process: &Process, variable: &Variable) {
        let name = &variable.name;
        match (process.is_single, variable.is_equal) {
            (true, is_equal) => {
                let relation = if is_equal { "=" } else { "\\in" };
                self.out.token(&format!("{start}/\\ {name} {relation} "));
                self.out.expression(&variable.value);
            }
            (false, true) => {
                self.out.token(&format!("{start}/\\ {name} = [self \\in "));
                self.out.expression(&process.id);
                self.out.token(" |-> ");
                self.out.expression(&self.initial(&variable.value));
                self.out.token("]");
            }
            (false, false) => {
                // The set cannot depend on the process; a variable of the process inside it gets any subscript.
                self.out.token(&format!("{start}/\\ {name} \\in ["));
                self.out.expression(&process.id);
                self.out.token(" -> ");
                let any = any_of(&process.id);
                self.out.expression(&self.with_subscript(&variable.value, Some(&any), |_| false));
                self.out.token("]");
            }
        }
        self.out.end();
    }

    fn initial_pc(&mut self, start: &str) {
        let label = |steps: &[crate::ast::Step]| steps.first().map(|step| step.label.clone()).unwrap_or_default();
        let processes = match &self.algorithm.behavior {
            crate::ast::Behavior::Single(body) => {
                self.out.line(&format!("{start}/\\ pc = \"{}\"", label(body)));
                return;
            }
            crate::ast::Behavior::Processes(processes) => processes,
        };
        let head = format!("{start}/\\ pc = [self \\in ProcSet |-> ");
        if let [process] = processes.as_slice() {
            self.out.line(&format!("{head}\"{}\"]", label(&process.body)));
            return;
        }
        let head = format!("{head}CASE ");
        let indent = blanks(width(&head) - 3);
        for (number, process) in processes.iter().enumerate() {
            let start = if number == 0 { head.clone() } else { format!("{indent}[] ") };
            self.out.token(&format!("{start}self {} ", if process.is_single { "=" } else { "\\in" }));
            self.out.expression(&process.id);
            let end = if number + 1 == processes.len() { "]" } else { "" };
            self.out.token(&format!(" -> \"{}\"{end}", label(&process.body)));
            self.out.end();
        }
    }
}

/// `[CHOOSE self \in  S : TRUE]`
fn any_of(set: &Expression) -> Expression {
    let head = vec![
        Token::new("[", 0, Kind::Builtin),
        Token::new("CHOOSE", 1, Kind::Builtin),
        Token::new("self", 8, Kind::Identifier),
        Token::new("\\in ", 13, Kind::Builtin),
    ];
    let tail = vec![
        Token::new(":", 0, Kind::Builtin),
        Token::new("TRUE", 2, Kind::Builtin),
        Token::new("]", 6, Kind::Builtin),
    ];
    let mut set = set.copy();
    set.prepend(&Expression::new(vec![head]), 1);
    let mut result = Expression::new(vec![tail]);
    result.prepend(&set, 1);
    result
}
