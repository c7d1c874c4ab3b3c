//! Options of a translation, and the statement `PlusCal options (…)` that may stand anywhere in a module.

use crate::error::{Outcome, Problem};
use crate::text::{Lines, Place};

/// Which fairness the formula `Spec` gets, if the algorithm does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fairness {
    /// No fairness, even if the algorithm says `fair`.
    None,
    /// Weak fairness of each process.
    Weak,
    /// Strong fairness of each process.
    Strong,
    /// Weak fairness of the whole next-state relation.
    WeakNext,
}

/// How to translate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The fairness; `None` if the algorithm decides.
    pub fairness: Option<Fairness>,
    /// Termination is going to be checked, for which weak fairness is the natural default.
    pub termination: bool,
    /// Add missing labels also where the author has put some.
    pub label: bool,
    /// How added labels begin.
    pub label_root: String,
    /// Columns at which the translation is wrapped, at least 60.
    pub line_width: i32,
    /// Leave out the disjunct that stutters when everything is done.
    pub no_done_disjunct: bool,
    /// The version of PlusCal in thousandths: 1500 is 1.5.
    pub version: u32,
}

/// The version of the language that this crate translates, in thousandths.
pub const VERSION: u32 = 1903;

impl Default for Options {
    fn default() -> Self {
        Self {
            fairness: None,
            termination: false,
            label: false,
            label_root: "Lbl_".to_owned(),
            line_width: 78,
            no_done_disjunct: false,
            version: VERSION,
        }
    }
}

impl Options {
    /// These options, changed by a statement in the module if there is one.
    pub fn with_statement(mut self, lines: &Lines) -> Outcome<Self> {
        if let Some(words) = statement(lines)? {
            self.apply(&words)?;
        }
        if self.termination && self.fairness.is_none() {
            self.fairness = Some(Fairness::Weak);
        }
        Ok(self)
    }

    fn apply(&mut self, words: &[Word]) -> Outcome<()> {
        let mut own: Option<&Word> = None;
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let fairness = match word.text.trim_start_matches('-') {
                "wf" => Some(Fairness::Weak),
                "sf" => Some(Fairness::Strong),
                "wfNext" => Some(Fairness::WeakNext),
                "nof" => Some(Fairness::None),
                _ => None,
            };
            if let Some(fairness) = fairness {
                if let Some(first) = own {
                    let message = "the module asks for fairness twice";
                    let remedy = "keep one of wf, sf, wfNext and nof";
                    return Err(word.problem(message, remedy).related(first.place, "the first one"));
                }
                own = Some(word);
                self.fairness = Some(fairness);
                continue;
            }
            match word.text.trim_start_matches('-') {
                "termination" => self.termination = true,
                "noDoneDisjunct" => self.no_done_disjunct = true,
                "label" => self.label = true,
                // They concern files that are not touched here anyway.
                "noold" | "nocfg" => {}
                "labelRoot" => self.label_root = word.argument(words.next(), is_name)?,
                "lineWidth" => {
                    let fits = |text: &str| text.parse::<i32>().is_ok_and(|width| (60..=10_000).contains(&width));
                    self.line_width = word.argument(words.next(), fits)?.parse().unwrap_or(self.line_width);
                }
                "version" => {
                    let fits = |text: &str| thousandths(text).is_some_and(|version| version <= VERSION);
                    self.version = thousandths(&word.argument(words.next(), fits)?).unwrap_or(VERSION);
                }
                _ => {
                    let message = format!("`{}` is no option of PlusCal", word.text);
                    let remedy = "the options are wf, sf, wfNext, nof, termination, noDoneDisjunct, label, labelRoot \
                                  NAME, lineWidth N, version N";
                    return Err(word.problem(&message, remedy));
                }
            }
        }
        Ok(())
    }
}

/// Whether a text can begin labels.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `1.5` as 1500.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) {
        return None;
    }
    format!("{whole}{part:0<3}").parse().ok()
}

/// A word of the statement.
struct Word {
    text: String,
    place: Place,
}

impl Word {
    fn problem(&self, message: &str, remedy: &str) -> Problem {
        Problem::new("pluscal-options", self.place, message, remedy).over(&self.text)
    }

    /// The word that must follow this one.
    fn argument(&self, next: Option<&Self>, fits: impl Fn(&str) -> bool) -> Outcome<String> {
        match next {
            Some(next) if fits(&next.text) => Ok(next.text.clone()),
            Some(next) => Err(next.problem(&format!("`{}` does not fit `{}`", next.text, self.text), "see the manual")),
            None => Err(self.problem(&format!("`{}` needs a value", self.text), "write it behind a blank")),
        }
    }
}

/// Moves to the next character that is not blank.
fn skip_blanks(lines: &Lines, place: &mut Place) -> Option<char> {
    while let Some(line) = lines.lines.get(place.line) {
        let rest = line.chars.get(place.column..).unwrap_or(&[]);
        if let Some(blanks) = rest.iter().position(|character| *character != ' ') {
            place.column += blanks;
            return line.chars.get(place.column).copied();
        }
        *place = Place { line: place.line + 1, column: 0 };
    }
    None
}

/// The word up to one of some characters.
fn word_at(lines: &Lines, place: Place, ends: &str) -> String {
    let line = lines.lines.get(place.line);
    let rest = line.and_then(|line| line.chars.get(place.column..)).unwrap_or(&[]);
    rest.iter().take_while(|character| !ends.contains(**character)).collect()
}

/// The words of the first `PlusCal options (…)`.
fn statement(lines: &Lines) -> Outcome<Option<Vec<Word>>> {
    let mut place = Place::default();
    while skip_blanks(lines, &mut place).is_some() {
        let word = word_at(lines, place, " ");
        let start = place;
        place.column += word.chars().count();
        let follows = word.strip_prefix("PlusCal").map(|rest| rest.chars().next());
        if !matches!(follows, Some(next) if next.is_none_or(|c| !(c.is_alphabetic() || c == '_'))) {
            continue;
        }
        let mut next = place;
        skip_blanks(lines, &mut next);
        let rest = word_at(lines, next, " ");
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if name == "options" {
            next.column += name.len();
            return words(lines, next, start).map(Some);
        }
    }
    Ok(None)
}

fn words(lines: &Lines, mut place: Place, start: Place) -> Outcome<Vec<Word>> {
    if skip_blanks(lines, &mut place) != Some('(') {
        let remedy = "write `PlusCal options (wf)`";
        let message = "`PlusCal options` is not followed by `(`";
        return Err(Problem::new("pluscal-options", start, message, remedy).over("PlusCal options"));
    }
    place.column += 1;
    let mut words = Vec::new();
    while let Some(character) = skip_blanks(lines, &mut place) {
        match character {
            ')' => return Ok(words),
            ',' => place.column += 1,
            _ => {
                let text = word_at(lines, place, " ,)");
                words.push(Word { text: text.clone(), place });
                place.column += text.chars().count();
            }
        }
    }
    let remedy = "close the list of options with `)`";
    Err(Problem::new("pluscal-options", start, "the list of options has no end", remedy).over("PlusCal options"))
}
