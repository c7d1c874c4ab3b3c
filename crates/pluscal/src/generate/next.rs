//! `Terminating` and `Next`.

use super::Generator;
use crate::expression::{blanks, width};

impl Generator<'_> {
    fn stutters_at_the_end(&self) -> bool {
        !(self.options.no_done_disjunct || self.algorithm.traits.never_ends)
    }

    pub(super) fn next_state(&mut self) {
        let processes = self.has_processes();
        if self.omit_pc() && !processes {
            return;
        }
        if self.stutters_at_the_end() {
            self.terminating();
        }
        let column = width("Next == ") + 2;
        let indent = blanks(column);
        let bar = format!("{indent} \\/ ");
        let mut start = "Next == ".to_owned();
        let room = self.width() - width("Next == \\/ ");
        let plain = pack(&self.plain, room);
        for line in &plain {
            self.out.line(&format!("{start}{line}"));
            start.clone_from(&bar);
        }
        let procedures = if processes { self.procedures_with_self() } else { Vec::new() };
        if !procedures.is_empty() {
            start.push_str("(\\E self \\in ProcSet: ");
            let inner = format!("{} \\/ ", blanks(width(&start)));
            if procedures.len() > 1 {
                start.push_str(" \\/ ");
            }
            for line in &procedures {
                self.out.line(&format!("{start}{line}"));
                start.clone_from(&inner);
            }
            start.clone_from(&bar);
        }
        let first = plain.is_empty() && procedures.is_empty();
        self.process_sets(start, column, first);
        if self.stutters_at_the_end() {
            self.out.line(&format!("{bar}Terminating"));
        }
        self.out.line("");
    }

    fn process_sets(&mut self, mut start: String, column: i32, mut first: bool) {
        let sets = self.processes().unwrap_or_default().iter().filter(|process| !process.is_single);
        let sets: Vec<(Vec<String>, String)> =
            sets.map(|process| (process.id.render(), process.name.clone())).collect();
        for (set, name) in sets {
            let mut lines: Vec<String> = Vec::new();
            for (number, line) in set.iter().enumerate() {
                let head = "(\\E self \\in ";
                lines.push(if number == 0 {
                    format!("{head}{line}")
                } else {
                    format!("{}{line}", blanks(width(head)))
                });
            }
            if let Some(last) = lines.last_mut() {
                last.push_str(&format!(": {name}(self))"));
            }
            for line in lines {
                self.out.line(&format!("{start}{line}"));
                start = blanks(if first { column - 2 } else { column + 4 });
            }
            first = false;
            start = format!("{} \\/ ", blanks(column));
        }
    }

    fn terminating(&mut self) {
        self.out.line("(* Allow infinite stuttering to prevent deadlock on termination. *)");
        let head = "Terminating == ";
        if self.has_processes() {
            self.out.line(&format!("{head}/\\ \\A self \\in ProcSet: pc[self] = \"Done\""));
            self.out.line(&format!("{}/\\ UNCHANGED vars", blanks(width(head))));
        } else {
            self.out.line(&format!("{head}pc = \"Done\" /\\ UNCHANGED vars"));
        }
        self.out.line("");
    }

    fn procedures_with_self(&self) -> Vec<String> {
        let names: Vec<String> =
            self.algorithm.procedures.iter().map(|procedure| format!("{}(self)", procedure.name)).collect();
        let room = self.width() - width("Next == \\/ (\\E self \\in ProcSet: \\/ ");
        let mut lines = pack(&names, room);
        if let Some(last) = lines.last_mut() {
            last.push(')');
        }
        lines
    }
}

/// Disjuncts in lines of a width.
fn pack(names: &[String], room: i32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for name in names {
        if width(name) + 4 + width(&line) > room {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push_str(" \\/ ");
        }
        line.push_str(name);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}
