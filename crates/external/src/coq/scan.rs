//! What a reader of Coq files would ask about: proofs that were given up, axioms, and switches that make the kernel believe.
//!
//! The kernel's own answer ([`super::audit`]) decides what a theorem rests on; this scan sees what it does not reach. A
//! switch that turns a check of the kernel off is worse than an axiom, since not every version tells it of every theorem: no
//! theorem of a folder that has one is proved. Comments, which nest, and strings are left out.

use verdict::Place;

/// Something found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The words.
    pub words: String,
    /// Where.
    pub place: Place,
    /// Whether the kernel is made to believe.
    pub disables_the_kernel: bool,
}

/// Words that admit or assume something; the kernel tells whose theorems rest on it.
const ADMITTING: [&str; 9] =
    ["Admitted", "admit", "give_up", "Axiom", "Axioms", "Parameter", "Parameters", "Conjecture", "Conjectures"];

/// Switches of the kernel.
const DISABLING: [&[&str]; 7] = [
    &["Unset", "Guard", "Checking"],
    &["Unset", "Positivity", "Checking"],
    &["Unset", "Universe", "Checking"],
    &["bypass_check"],
    &["Declare", "ML", "Module"],
    &["Set", "Definitional", "UIP"],
    &["Rewrite", "Rules"],
];

struct Word<'a> {
    text: &'a str,
    line: u32,
    column: u32,
}

/// Scans the text of a file.
pub fn scan(file: &str, text: &str) -> Vec<Finding> {
    let blank = without_comments(text);
    let words = words_of(&blank);
    let place = |word: &Word<'_>, last: &Word<'_>| Place {
        file: file.to_owned(),
        module: String::new(),
        line: word.line,
        column: word.column,
        end_line: last.line,
        end_column: last.column + u32::try_from(last.text.chars().count()).unwrap_or(1).saturating_sub(1),
    };
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        if ADMITTING.contains(&word.text) {
            let words = word.text.to_owned();
            found.push(Finding { words, place: place(word, word), disables_the_kernel: false });
        }
        for pattern in DISABLING {
            let here = words.get(index..index + pattern.len()).unwrap_or_default();
            if let Some(last) = here.last().filter(|_| here.iter().map(|word| word.text).eq(pattern.iter().copied())) {
                found.push(Finding { words: pattern.join(" "), place: place(word, last), disables_the_kernel: true });
            }
        }
    }
    found
}

/// The text with comments and strings as blanks, so that places stay.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        let blank = |c: char| if c == '\n' { '\n' } else { ' ' };
        match (c, next) {
            // Strings count inside comments too: a comment's end in one is none.
            ('"', _) => {
                in_string = !in_string;
                out.push(' ');
            }
            _ if in_string => out.push(blank(c)),
            ('(', Some('*')) => {
                depth += 1;
                rest.next();
                out.push_str("  ");
            }
            ('*', Some(')')) if depth > 0 => {
                depth -= 1;
                rest.next();
                out.push_str("  ");
            }
            _ if depth > 0 => out.push(blank(c)),
            _ => out.push(c),
        }
    }
    out
}

fn words_of(text: &str) -> Vec<Word<'_>> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '\'';
    let mut words = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let mut start: Option<(usize, u32)> = None;
        let ends = content.char_indices().chain([(content.len(), ' ')]);
        for (column, (offset, c)) in (1..).zip(ends) {
            match (is_word(c), start) {
                (true, None) => start = Some((offset, column)),
                (false, Some((begin, column))) => {
                    words.push(Word { text: &content[begin..offset], line, column });
                    start = None;
                }
                (true, Some(_)) | (false, None) => {}
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, u32, bool)> {
        let told = scan("a.v", text).into_iter();
        told.map(|finding| (finding.words, finding.place.line, finding.disables_the_kernel)).collect()
    }

    #[test]
    fn proofs_given_up_and_axioms_are_found() {
        let text = "Lemma a : 1 = 2.\nProof. admit. Admitted.\nAxiom b : False.\n";
        let admitting = |words: &str, line| (words.to_owned(), line, false);
        assert_eq!(found(text), [admitting("admit", 2), admitting("Admitted", 2), admitting("Axiom", 3)]);
    }

    #[test]
    fn switches_of_the_kernel_are_told_apart() {
        let text = "#[bypass_check(guard)] Fixpoint f := f.\nUnset  Guard\nChecking.\n";
        let disabling = |words: &str, line| (words.to_owned(), line, true);
        assert_eq!(found(text), [disabling("bypass_check", 1), disabling("Unset Guard Checking", 2)]);
    }

    #[test]
    fn comments_strings_and_longer_names_are_left_out() {
        assert_eq!(
            found("(* Admitted (* nested *) Axiom *) Definition s := \"Axiom\".\nLemma admitted_axioms' : True."),
            []
        );
        assert_eq!(found("(* \"*)\" Axiom *) Axiom x : False."), [("Axiom".to_owned(), 1, false)]);
    }
}
