//! Insertions into files as a unified difference, for `patch -p1` and `git apply`.
//!
//! Text is only put into lines and no line is added or removed, so old and new lines have the same numbers and a hunk is
//! a run of changed lines with three lines around it.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Lines around a change.
const CONTEXT: usize = 3;

/// The difference of one file, `insertions` being texts and the bytes that they come before, in order; empty if there are
/// none.
pub fn unified(path: &str, text: &str, insertions: &[(usize, String)]) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let changed = changed_lines(&lines, insertions);
    let mut out = String::new();
    let Some(first) = changed.keys().next() else { return out };
    let name = path.trim_start_matches('/');
    let _ = write!(out, "--- a/{name}\n+++ b/{name}\n");
    let mut hunk = (*first, *first);
    for line in changed.keys() {
        if *line > hunk.1 + 2 * CONTEXT + 1 {
            write_hunk(&mut out, &lines, &changed, hunk);
            hunk.0 = *line;
        }
        hunk.1 = *line;
    }
    write_hunk(&mut out, &lines, &changed, hunk);
    out
}

/// The new text of each line that changes, by its index.
fn changed_lines(lines: &[&str], insertions: &[(usize, String)]) -> BTreeMap<usize, String> {
    let mut changed: BTreeMap<usize, String> = BTreeMap::new();
    let mut starts = Vec::with_capacity(lines.len());
    let mut at = 0;
    for line in lines {
        starts.push(at);
        at += line.len();
    }
    // From behind, so that offsets stay right.
    for (offset, text) in insertions.iter().rev() {
        let line = starts.partition_point(|start| start <= offset).saturating_sub(1);
        let Some(old) = lines.get(line) else { continue };
        let new = changed.entry(line).or_insert_with(|| (*old).to_owned());
        if new.is_char_boundary(offset - starts[line]) {
            new.insert_str(offset - starts[line], text);
        }
    }
    changed
}

fn write_hunk(out: &mut String, lines: &[&str], changed: &BTreeMap<usize, String>, (first, last): (usize, usize)) {
    let (from, to) = (first.saturating_sub(CONTEXT), (last + CONTEXT + 1).min(lines.len()));
    let _ = writeln!(out, "@@ -{},{} +{},{} @@", from + 1, to - from, from + 1, to - from);
    let mut at = from;
    while at < to {
        if !changed.contains_key(&at) {
            line(out, ' ', lines[at]);
            at += 1;
            continue;
        }
        let end = (at..to).find(|index| !changed.contains_key(index)).unwrap_or(to);
        lines[at..end].iter().for_each(|old| line(out, '-', old));
        changed.range(at..end).for_each(|(_, new)| line(out, '+', new));
        at = end;
    }
}

fn line(out: &mut String, sign: char, text: &str) {
    out.push(sign);
    out.push_str(text);
    if !text.ends_with('\n') {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn a_hunk_has_three_lines_around_what_changes() {
        let text: String = (1..=20).map(|number| format!("line {number}\n")).collect();
        let at = |line: &str| text.find(line).expect("a line") + line.len();
        let patch = unified("/a/b.h", &text, &[(at("line 5"), " X".to_owned()), (at("line 18"), " Y".to_owned())]);
        let expected = "--- a/a/b.h\n+++ b/a/b.h\n@@ -2,7 +2,7 @@\n line 2\n line 3\n line 4\n-line 5\n+line 5 X\n line 6\n line 7\n \
            line 8\n@@ -15,6 +15,6 @@\n line 15\n line 16\n line 17\n-line 18\n+line 18 Y\n line 19\n line 20\n";
        assert_eq!(patch, expected);
    }

    #[test]
    fn the_end_of_a_file_without_a_line_end_is_told() {
        let patch = unified("a", "x;\ny", &[(1, " A".to_owned()), (1, " B".to_owned())]);
        assert_eq!(patch, "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n-x;\n+x A B;\n y\n\\ No newline at end of file\n");
        assert_eq!(unified("a", "x", &[]), "");
    }
}
