//! How text for a terminal looks: colour and width. Both are decided by the caller.

/// Width that is assumed where there is no terminal: reports in files and logs stay readable side by side.
pub const DEFAULT_WIDTH: usize = 100;

/// Looks of terminal output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colour (ANSI SGR sequences).
    pub colour: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Whole states instead of changes only.
    pub full: bool,
    /// Only what was not met, and the summary.
    pub quiet: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { colour: false, width: DEFAULT_WIDTH, full: false, quiet: false }
    }
}

/// The few ways in which text is set off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// As expected.
    Good,
    /// Not as expected.
    Bad,
    /// Not decided, or for an empty reason.
    Doubtful,
    /// A heading.
    Strong,
    /// Places and other side remarks.
    Faint,
}

impl Style {
    /// The text, set off if colour is on.
    pub fn paint(&self, ink: Ink, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Good => "32",
            Ink::Bad => "31;1",
            Ink::Doubtful => "33",
            Ink::Strong => "1",
            Ink::Faint => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Number of columns that a text takes. Characters are counted; TLA+ text has hardly any that are wider.
pub fn columns(text: &str) -> usize {
    text.chars().count()
}

/// Appends text, broken at spaces so that no line passes `width`, each line indented by `indent` columns. A word that is
/// too long stays whole: a broken name cannot be searched for.
pub fn wrap(out: &mut String, text: &str, indent: usize, width: usize) {
    for line in text.lines() {
        wrap_hanging(out, line, indent, indent, width);
    }
}

/// The same for a single line, with an indentation of its own for the continuation lines.
pub fn wrap_hanging(out: &mut String, line: &str, indent: usize, hanging: usize, width: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
    let mut used = indent;
    let mut first = true;
    for word in line.split(' ') {
        let needed = columns(word) + usize::from(!first);
        if !first && used + needed > width {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', hanging));
            used = hanging;
        } else if !first {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += columns(word);
        first = false;
    }
    trim_line(out);
    out.push('\n');
}

/// Removes spaces at the end of the last line.
pub fn trim_line(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_lines_stay_within_the_width() {
        let mut out = String::new();
        wrap_hanging(&mut out, "pc = [t1 |-> \"idle\", t2 |-> \"idle\", t3 |-> \"idle\"]", 2, 7, 30);
        assert_eq!(out, "  pc = [t1 |-> \"idle\", t2 |->\n       \"idle\", t3 |-> \"idle\"]\n");
        assert!(out.lines().all(|line| columns(line) <= 30));
    }

    #[test]
    fn a_long_word_stays_whole() {
        let mut out = String::new();
        wrap(&mut out, "a bbbbbbbbbbbbbbbb c", 1, 8);
        assert_eq!(out, " a\n bbbbbbbbbbbbbbbb\n c\n");
    }

    #[test]
    fn without_colour_there_is_no_escape_sequence() {
        assert_eq!(Style::default().paint(Ink::Bad, "x"), "x");
        assert_eq!(Style { colour: true, ..Style::default() }.paint(Ink::Bad, "x"), "\u{1b}[31;1mx\u{1b}[0m");
    }
}
