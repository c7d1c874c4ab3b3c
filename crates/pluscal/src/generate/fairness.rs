//! `Spec`, with the fairness of each process.
//!
//! A weakly fair process contributes `WF` of its action and of each procedure that it calls, weakened at labels with
//! `-` (`pc[self] # "l"`), and `SF` of each label with `+`; a strongly fair one `SF` of the same actions.

use super::Generator;
use crate::ast::{Process, ProcessFairness, Remarks};
use crate::expression::{blanks, width};
use crate::options::Fairness;

/// Fairness of one action, and of its labels with `+`.
struct Pair {
    action: String,
    labels: Option<String>,
}

impl Pair {
    fn one_line(&self) -> String {
        match &self.labels {
            Some(labels) => format!("{} /\\ {labels}", self.action),
            None => self.action.clone(),
        }
    }

    fn lines(&self, column: i32) -> String {
        match &self.labels {
            Some(labels) => format!("/\\ {}\n{}/\\ {labels}", self.action, blanks(column)),
            None => format!("/\\ {}", self.action),
        }
    }
}

/// Fairness of one process with its procedures.
struct Formula {
    /// `\A self \in S : ` or a `LET`, line by line.
    prefix: Vec<String>,
    body: Pair,
    procedures: Vec<Pair>,
}

impl Generator<'_> {
    pub(super) fn specification(&mut self) {
        let safety = "Init /\\ [][Next]_vars";
        let processes = self.has_processes();
        let none = match self.fairness {
            Some(Fairness::None) => true,
            None => !processes,
            Some(Fairness::Weak | Fairness::Strong | Fairness::WeakNext) => false,
        };
        let whole = match self.fairness {
            Some(Fairness::WeakNext) => true,
            Some(Fairness::Weak | Fairness::Strong) => !processes || self.algorithm.fair,
            None | Some(Fairness::None) => self.algorithm.fair,
        };
        let formulas: Vec<Formula> =
            self.processes().unwrap_or_default().iter().filter_map(|process| self.formula(process)).collect();
        if none || (!whole && formulas.is_empty()) {
            self.out.line(&format!("Spec == {safety}"));
            self.out.line("");
            return;
        }
        self.out.line(&format!("Spec == /\\ {safety}"));
        if whole {
            self.out.line("        /\\ WF_vars(Next)");
        }
        let column = width("Spec == /\\ ");
        for formula in formulas {
            let text = format!("        /\\ {}", formula.text(column, self.width()));
            text.trim_end_matches('\n').split('\n').for_each(|line| self.out.line(line));
        }
        self.out.line("");
    }

    fn formula(&self, process: &Process) -> Option<Formula> {
        let strong = match process.fairness {
            ProcessFairness::Unfair => return None,
            ProcessFairness::Weak => false,
            ProcessFairness::Strong => true,
        };
        let id = process.id.render();
        let named = process.is_single && id.len() > 1;
        let me = match id.as_slice() {
            [one] if process.is_single => one.clone(),
            _ => "self".to_owned(),
        };
        let mut prefix = Vec::new();
        if named || !process.is_single {
            let (start, end) = if process.is_single { ("LET self == ", "") } else { ("\\A self \\in ", " : ") };
            let padding = blanks(width(start));
            let last = id.len().saturating_sub(1);
            for (number, line) in id.iter().enumerate() {
                let start = if number == 0 { start } else { &padding };
                prefix.push(format!("{start}{line}{}", if number == last { end } else { "" }));
            }
            if named {
                prefix.push("IN ".to_owned());
            }
        }
        let argument = if process.is_single { "" } else { "(self)" };
        let body = pair(strong, &me, &process.name, argument, &process.remarks);
        let called = process.remarks.calls.iter();
        let procedures = called.filter_map(|call| {
            let procedure = self.algorithm.procedures.iter().find(|procedure| procedure.name == *call)?;
            Some(pair(strong, &me, &procedure.name, &format!("({me})"), &procedure.remarks))
        });
        Some(Formula { prefix, body, procedures: procedures.collect() })
    }
}

fn pair(strong: bool, me: &str, name: &str, argument: &str, remarks: &Remarks) -> Pair {
    let operator = if strong { "SF" } else { "WF" };
    let guard = match remarks.minus.as_slice() {
        [] => String::new(),
        [one] => format!("(pc[{me}] # \"{one}\") /\\ "),
        several => format!("(pc[{me}] \\notin {{\"{}\"}}) /\\ ", several.join("\", \"")),
    };
    let action = format!("{operator}_vars({guard}{name}{argument})");
    let label = |label: &String| format!("SF_vars({label}{argument})");
    let labels = remarks.plus.iter().map(label).collect::<Vec<_>>().join(" /\\ ");
    Pair { action, labels: (!strong && !labels.is_empty()).then_some(labels) }
}

impl Formula {
    /// The width that the original computes for the formula on one line: the prefix counts only if it has several
    /// lines, and blanks between conjuncts do not count.
    fn counted_width(&self) -> i32 {
        let (last, before) = match self.prefix.split_last() {
            Some((last, before)) if !before.is_empty() => (width(last), before),
            _ => (0, [].as_slice()),
        };
        let longest = before.iter().map(|line| width(line)).max().unwrap_or(0);
        let labels = self.body.labels.as_deref().map_or(0, width);
        let procedures: i32 = self.procedures.iter().map(|pair| width(&pair.one_line())).sum();
        longest.max(last + width(&self.body.action) + labels + procedures)
    }

    fn text(&self, column: i32, line_width: i32) -> String {
        let prefix = self.prefix.join(&format!("\n{}", blanks(column)));
        let alone = self.body.labels.is_none() && self.procedures.is_empty();
        if alone || column + self.counted_width() <= line_width {
            let all = std::iter::once(&self.body).chain(&self.procedures).map(Pair::one_line);
            return format!("{prefix}{}", all.collect::<Vec<_>>().join(" /\\ "));
        }
        let column = column + self.prefix.last().map_or(0, |line| width(line));
        let fits = |line: &str| column + width(line) + 3 <= line_width;
        let line = self.body.one_line();
        let mut text = prefix + &if fits(&line) { format!("/\\ {line}") } else { self.body.lines(column) };
        for (number, pair) in self.procedures.iter().enumerate() {
            let line = pair.one_line();
            if number == 0 {
                text.push('\n');
            }
            text.push_str(&blanks(column));
            // The original forgets the line end behind a formula of several lines; what follows still parses.
            text.push_str(&if fits(&line) { format!("/\\ {line}\n") } else { pair.lines(column) });
        }
        text
    }
}
