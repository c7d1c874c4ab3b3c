//! Which variables a step has assigned so far.

use crate::expression::width;

/// How often each variable was assigned.
#[derive(Debug, Clone)]
pub(super) struct Changed<'a> {
    names: &'a [String],
    counts: Vec<u32>,
}

impl<'a> Changed<'a> {
    pub(super) fn none(names: &'a [String]) -> Self {
        Self { names, counts: vec![0; names.len()] }
    }

    /// Whether a variable was assigned.
    pub(super) fn has(&self, name: &str) -> bool {
        let index = self.names.iter().position(|other| other == name);
        index.and_then(|index| self.counts.get(index)).is_some_and(|count| *count > 0)
    }

    /// Notes an assignment; how many there are now.
    pub(super) fn assign(&mut self, name: &str) -> u32 {
        let index = self.names.iter().position(|other| other == name);
        match index.and_then(|index| self.counts.get_mut(index)) {
            Some(count) => {
                *count += 1;
                *count
            }
            None => 0,
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count = (*count).max(*more);
        }
    }

    /// Variables that were not assigned.
    pub(super) fn unchanged(&self) -> Vec<&'a str> {
        let names = self.names.iter().zip(&self.counts);
        names.filter(|(_, count)| **count == 0).map(|(name, _)| name.as_str()).collect()
    }

    /// Variables that were not assigned here, but there.
    pub(super) fn unchanged_but_in(&self, other: &Self) -> Vec<&'a str> {
        self.unchanged().into_iter().filter(|name| other.has(name)).collect()
    }
}

/// `UNCHANGED` of some variables behind a prefix, over as many lines as it takes.
pub(super) fn unchanged_lines(prefix: &str, names: &[&str], line_width: i32) -> Vec<String> {
    match names {
        [] => Vec::new(),
        [one] if width(one) > 5 => vec![format!("{prefix}UNCHANGED {one}")],
        [one] => vec![format!("{prefix}{one}' = {one}")],
        _ => {
            let head = format!("{prefix}UNCHANGED << ");
            let indent = " ".repeat(head.chars().count());
            let wrapped = wrap(names, line_width - width(&head));
            let last = wrapped.len() - 1;
            let line = |(number, text): (usize, String)| {
                let start = if number == 0 { &head } else { &indent };
                let end = if number == last { " >>" } else { "" };
                format!("{start}{text}{end}")
            };
            wrapped.into_iter().enumerate().map(line).collect()
        }
    }
}

/// Names separated by commas, in lines of a width.
fn wrap(names: &[&str], line_width: i32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for (number, name) in names.iter().enumerate() {
        if number > 0 {
            line.push_str(", ");
        }
        if width(&line) + width(name) > line_width && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        line.push_str(name);
    }
    lines.push(line);
    lines
}
