//! The tree of an algorithm as text, for its checksum.
//!
//! `chksum(pcal)` of the `BEGIN TRANSLATION` line is the CRC-32 of the abstract syntax tree as the original translator
//! prints it (a TLA+ expression made of records and sequences), *after* the translation. So this text must agree to the
//! last blank for files to stay interchangeable with the Toolbox. Indentation is counted from the widths of enclosing
//! field names alone, which is why it looks ragged.
//!
//! For a `--fair` algorithm the original hashes the word `fair` instead; see [`crate::document`].

use crate::ast::{
    Algorithm, Assignment, Behavior, Clause, Procedure, Process, ProcessFairness, Remarks, Statement, StatementKind,
    Step, Variable,
};
use crate::explode::is_true;
use crate::expression::{Expression, Kind};

/// The tree of an algorithm whose control flow was made explicit.
pub fn tree(algorithm: &Algorithm, version: u32) -> String {
    let mut printer = Printer { out: String::new(), indents: vec![0], version, sorted: true };
    printer.algorithm(algorithm);
    printer.out
}

struct Printer {
    out: String,
    indents: Vec<usize>,
    version: u32,
    /// Multiple assignments are printed in the order in which they were translated; those behind an endless loop were
    /// not translated.
    sorted: bool,
}

fn equal_or_in(is_equal: bool) -> &'static str {
    if is_equal { "\"=\"" } else { "\"\\\\in\"" }
}

/// A list of tokens.
fn expression_text(expression: &Expression) -> String {
    let mut out = "<< ".to_owned();
    let mut started = false;
    for (number, line) in expression.lines().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        for token in line {
            if std::mem::replace(&mut started, true) {
                out.push_str(", ");
            }
            let text = token.text.as_str();
            out.push_str(&match text {
                _ if token.kind == Kind::String => format!("\"\\\"\", \"{text}\", \"\\\"\""),
                "\\/" => format!("\"(col{}) \\\\/\"", token.column),
                "/\\" => format!("\"(col{}) /\\\\\"", token.column),
                _ if text.starts_with('\\') => format!("\"\\{text}\""),
                _ => format!("\"{text}\""),
            });
        }
    }
    out + " >>"
}

fn quoted(words: &[String]) -> String {
    let all = words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
    format!("<<{all}>>")
}

impl Printer {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn line(&mut self) {
        let indent = self.indents.last().copied().unwrap_or(0);
        self.out.push('\n');
        self.out.push_str(&" ".repeat(indent));
    }

    /// Prints a text and indents what follows, until `inner` is done, by its width.
    fn indented(&mut self, text: &str, inner: impl FnOnce(&mut Self)) {
        let indent = self.indents.last().copied().unwrap_or(0) + text.len();
        self.put(text);
        self.indents.push(indent);
        inner(self);
        self.indents.pop();
    }

    fn list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        self.indented("<<", |printer| {
            for (number, each) in items.iter().enumerate() {
                if number > 0 {
                    printer.put(", ");
                    printer.line();
                }
                item(printer, each);
            }
            printer.put(">>");
        });
    }

    /// A field that holds a list, with what follows it.
    fn field<T>(&mut self, name: &str, items: &[T], end: &str, item: impl FnMut(&mut Self, &T)) {
        self.indented(name, |printer| {
            printer.list(items, item);
            printer.put(end);
        });
    }

    fn algorithm(&mut self, algorithm: &Algorithm) {
        let processes = matches!(algorithm.behavior, Behavior::Processes(_));
        let (kind, names) = if processes {
            ("[type    |-> \"multiprocess\", ", [" decls |-> ", " defs  |-> ", " prcds |-> ", " procs |-> "])
        } else {
            ("[type     |-> \"uniprocess\", ", [" decls  |-> ", " defs   |-> ", " prcds  |-> ", " body  |-> "])
        };
        self.put(kind);
        self.line();
        self.put(&format!(" name  |-> \"{}\", ", algorithm.name));
        self.line();
        self.field(names[0], &algorithm.variables, ",", Self::variable);
        self.line();
        self.put(&format!("{}{},", names[1], expression_text(&algorithm.definitions)));
        self.line();
        self.field(names[2], &algorithm.procedures, ",", Self::procedure);
        self.line();
        match &algorithm.behavior {
            Behavior::Single(body) => self.field(names[3], body, "]", Self::step),
            Behavior::Processes(processes) => self.field(names[3], processes, "]", Self::process),
        }
    }

    fn variable(&mut self, variable: &Variable) {
        let kind = equal_or_in(variable.is_equal);
        let value = expression_text(&variable.value);
        self.put(&format!("[var |-> \"{}\", eqOrIn |-> {kind}, val |-> {value}]", variable.name));
    }

    fn remarks(remarks: &Remarks) -> String {
        let [minus, plus, calls] = [&remarks.minus, &remarks.plus, &remarks.calls].map(|words| quoted(words));
        format!("minusLabels |-> {minus}, plusLabels |->{plus}, proceduresCalled |->{calls},")
    }

    fn procedure(&mut self, procedure: &Procedure) {
        self.put(&format!("[name   |-> \"{}\", ", procedure.name));
        self.line();
        if self.version >= 1500 {
            self.put(&Self::remarks(&procedure.remarks));
            self.line();
        }
        self.field(" params |-> ", &procedure.parameters, ",", Self::variable);
        self.line();
        self.field(" decls  |-> ", &procedure.variables, ",", Self::variable);
        self.line();
        self.field(" body   |-> ", &procedure.body, "]", Self::step);
    }

    fn process(&mut self, process: &Process) {
        let fairness = match process.fairness {
            ProcessFairness::Unfair => "unfair",
            ProcessFairness::Weak => "wf",
            ProcessFairness::Strong => "sf",
        };
        if self.version >= 1500 {
            self.put(&format!("[name   |-> \"{}\",", process.name));
            self.line();
            self.put(&format!(" fairness |-> \"{fairness}\", {}", Self::remarks(&process.remarks)));
        } else {
            self.put(&format!("[name   |-> \"{}\", ", process.name));
        }
        self.line();
        self.put(&format!(" eqOrIn |-> {},", equal_or_in(process.is_single)));
        self.line();
        self.put(&format!(" id     |-> {},", expression_text(&process.id)));
        self.line();
        self.field(" decls  |-> ", &process.variables, ",", Self::variable);
        self.line();
        self.field(" body   |-> ", &process.body, "]", Self::step);
    }

    fn step(&mut self, step: &Step) {
        self.put(&format!("[label |-> \"{}\",", step.label));
        self.line();
        let endless = step
            .statements
            .first()
            .is_some_and(|first| matches!(&first.kind, StatementKind::While { test, .. } if is_true(test)));
        let mut number = 0;
        let before = self.sorted;
        self.field(" stmts |-> ", &step.statements, "]", |printer, statement| {
            printer.sorted = before && !(endless && number > 0);
            number += 1;
            printer.statement(statement);
        });
        self.sorted = before;
    }

    fn assignment(&mut self, assignment: &Assignment) {
        let (variable, subscript) = (&assignment.variable, expression_text(&assignment.subscript));
        self.put(&format!("[lhs |-> [var |-> \"{variable}\", sub |-> {subscript}],"));
        self.line();
        self.put(&format!(" rhs |-> {}]", expression_text(&assignment.value)));
    }

    fn clause(&mut self, clause: &Clause) {
        self.field("[unlabOr |-> ", &clause.unlabelled, ",", Self::statement);
        self.line();
        self.field(" labOr   |-> ", &clause.labelled, "]", Self::step);
        self.line();
    }

    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Assign(all) => {
                let all = if self.sorted { crate::generate::in_order(all) } else { all.clone() };
                self.put("[type |-> \"assignment\",");
                self.line();
                self.field(" ass  |-> ", &all, "]", Self::assignment);
            }
            StatementKind::If { test, then, otherwise } => {
                self.put("[type    |-> \"if\", ");
                self.line();
                self.put(&format!(" test    |-> {},", expression_text(test)));
                self.line();
                self.field(" then |-> ", then, ",", Self::statement);
                self.line();
                self.field(" else |-> ", otherwise, "]", Self::statement);
            }
            StatementKind::LabelIf { test, then, otherwise } => self.label_if(test, then, otherwise),
            StatementKind::Either(clauses) => self.either(clauses),
            StatementKind::LabelEither(clauses) => {
                self.put("[type    |-> \"labelEither\",");
                self.line();
                self.field(" clauses |-> ", clauses, "]", Self::clause);
                self.line();
            }
            StatementKind::With { name, is_equal, value, body } => {
                self.put("[type   |-> \"with\", ");
                self.line();
                self.put(&format!(" var    |-> \"{name}\","));
                self.line();
                self.put(&format!(" eqOrIn |-> {},", equal_or_in(*is_equal)));
                self.line();
                self.put(&format!(" exp    |-> {},", expression_text(value)));
                self.line();
                self.field(" do     |-> ", body, "]", Self::statement);
            }
            StatementKind::Await(expression) => self.simple("when", expression),
            StatementKind::Print(expression) => self.simple("print", expression),
            StatementKind::Assert(expression) => self.simple("assert", expression),
            StatementKind::Skip => self.put("[type |-> \"skip\"]"),
            StatementKind::While { test, body } => {
                self.put("[type    |-> \"while\", ");
                self.line();
                self.put(&format!(" test    |-> {},", expression_text(test)));
                self.line();
                self.field(" labDo   |-> ", &body.labelled, ",", Self::step);
                self.line();
                self.field(" unlabDo |-> ", &body.unlabelled, "]", Self::statement);
            }
            StatementKind::Return { from } => {
                let from = from.as_deref().unwrap_or("null");
                self.put(&format!("[type |-> \"return\", from |-> \"{from}\"]"));
            }
            StatementKind::Goto(label) => self.put(&format!("[type |-> \"goto\",  to |-> \"{label}\"]")),
            StatementKind::Call { procedure, arguments } => {
                self.put("[type     |-> \"call\",");
                self.line();
                self.put(" returnTo |-> \"\",");
                self.line();
                self.put(&format!(" to       |-> \"{procedure}\","));
                self.line();
                self.field(" args     |-> ", arguments, "]", |printer, each| printer.put(&expression_text(each)));
            }
            StatementKind::CallReturn { from, procedure, arguments } => {
                let from = from.as_deref().unwrap_or("null");
                self.jump("callReturn", &format!(" from     |-> \"{from}\","), procedure, arguments);
            }
            StatementKind::CallGoto { after, procedure, arguments } => {
                self.jump("callGoto", &format!(" after    |-> \"{after}\","), procedure, arguments);
            }
            // Expanded before.
            StatementKind::MacroCall { name, .. } => {
                self.put(&format!("[type |-> \"macrocall\", name |-> \"{name}\"]"))
            }
        }
    }

    fn simple(&mut self, kind: &str, expression: &Expression) {
        self.put(&format!("[type |-> \"{kind}\", "));
        self.line();
        self.put(&format!(" exp |-> {}]", expression_text(expression)));
    }

    fn jump(&mut self, kind: &str, second: &str, procedure: &str, arguments: &[Expression]) {
        self.put(&format!("[type     |-> \"{kind}\","));
        self.line();
        self.put(second);
        self.line();
        self.put(&format!(" to       |-> \"{procedure}\","));
        self.line();
        self.indented("args     |-> ", |printer| {
            printer.list(arguments, |printer, each| printer.put(&expression_text(each)));
            printer.put("]");
            printer.line();
        });
    }

    fn either(&mut self, clauses: &[Vec<Statement>]) {
        self.put("[type |-> \"either\", ");
        self.line();
        self.indented(" ors  |-> ", |printer| {
            printer.indented("<< ", |printer| {
                for (number, clause) in clauses.iter().enumerate() {
                    if number > 0 {
                        printer.put(", ");
                        printer.line();
                    }
                    printer.list(clause, Self::statement);
                }
                printer.put(" >>");
            });
            printer.put("]");
        });
    }

    fn label_if(&mut self, test: &Expression, then: &Clause, otherwise: &Clause) {
        self.put("[type      |-> \"labelIf\",");
        self.line();
        self.put(&format!(" test      |-> {},", expression_text(test)));
        self.line();
        self.field(" unlabThen |-> ", &then.unlabelled, ",", Self::statement);
        self.line();
        self.field(" labThen   |-> ", &then.labelled, ",", Self::step);
        self.line();
        self.field(" unlabElse |-> ", &otherwise.unlabelled, ",", Self::statement);
        self.line();
        self.field(" labElse   |-> ", &otherwise.labelled, "]", Self::step);
        self.line();
    }
}
