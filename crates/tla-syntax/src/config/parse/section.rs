//! The sections of a configuration, each opened by its keyword.
//!
//! A section ends where the next keyword stands. What is nearly a keyword ends it too: TLC would take a misspelt
//! `INVARIANTS` for one more name of the section before.

use super::{ConfigParser, Reported};
use crate::ast::Ident;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::load::closest;
use crate::parse::token::{Kind, Mark};
use crate::source::Span;

/// More errors than these are not shown.
const MAX_ERRORS: usize = 20;

/// A section of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Constants,
    Specification,
    Init,
    Next,
    Invariants,
    Properties,
    Constraints,
    ActionConstraints,
    Symmetry,
    View,
    Alias,
    Postconditions,
    CheckDeadlock,
    /// An experimental keyword of TLC.
    Declined,
}

const KEYWORDS: &[(&str, Section)] = &[
    ("CONSTANT", Section::Constants),
    ("CONSTANTS", Section::Constants),
    ("SPECIFICATION", Section::Specification),
    ("INIT", Section::Init),
    ("NEXT", Section::Next),
    ("INVARIANT", Section::Invariants),
    ("INVARIANTS", Section::Invariants),
    ("PROPERTY", Section::Properties),
    ("PROPERTIES", Section::Properties),
    ("CONSTRAINT", Section::Constraints),
    ("CONSTRAINTS", Section::Constraints),
    ("ACTION_CONSTRAINT", Section::ActionConstraints),
    ("ACTION_CONSTRAINTS", Section::ActionConstraints),
    ("SYMMETRY", Section::Symmetry),
    ("VIEW", Section::View),
    ("ALIAS", Section::Alias),
    ("POSTCONDITION", Section::Postconditions),
    ("POSTCONDITIONS", Section::Postconditions),
    ("CHECK_DEADLOCK", Section::CheckDeadlock),
    ("_PERIODIC", Section::Declined),
    ("_RL_REWARD", Section::Declined),
    ("_POSSIBLE", Section::Declined),
];

impl Section {
    /// Whether the section may be given once only.
    fn is_single(self) -> bool {
        match self {
            Self::Specification
            | Self::Init
            | Self::Next
            | Self::Symmetry
            | Self::View
            | Self::Alias
            | Self::CheckDeadlock => true,
            Self::Constants
            | Self::Invariants
            | Self::Properties
            | Self::Constraints
            | Self::ActionConstraints
            | Self::Postconditions
            | Self::Declined => false,
        }
    }
}

impl ConfigParser<'_> {
    pub(super) fn section(&self) -> Option<Section> {
        let word = self.word();
        KEYWORDS.iter().find(|(keyword, _)| *keyword == word).map(|(_, section)| *section)
    }

    pub(super) fn is_section_at(&self, at: usize) -> bool {
        let token = self.tokens[at];
        let word = &self.text[token.start as usize..token.end as usize];
        KEYWORDS.iter().any(|(keyword, _)| *keyword == word)
    }

    pub(super) fn sections(&mut self) {
        let mut first: Vec<(Section, Span)> = Vec::new();
        while !self.at_end() && self.diagnostics.len() < MAX_ERRORS {
            let Some(section) = self.section() else {
                self.report_unknown_keyword();
                self.skip_section();
                continue;
            };
            let keyword = self.bump();
            if section.is_single() {
                match first.iter().find(|(known, _)| *known == section) {
                    Some((_, earlier)) => self.report_duplicate(keyword, *earlier),
                    None => first.push((section, keyword)),
                }
            }
            if self.read_section(section, keyword).is_err() {
                self.skip_section();
            }
        }
    }

    fn skip_section(&mut self) {
        while !self.at_end() && self.section().is_none() {
            self.bump();
        }
    }

    fn report_unknown_keyword(&mut self) {
        if self.kind() == Kind::Unknown {
            return;
        }
        let word = self.word().to_owned();
        let known = KEYWORDS.iter().map(|(keyword, _)| (*keyword).to_owned());
        let remedy = match closest(&word, known) {
            Some(similar) => format!("Did you mean `{similar}`?"),
            None => "A section begins with a keyword such as CONSTANT, SPECIFICATION or INVARIANT.".to_owned(),
        };
        let message = format!("`{word}` is not a keyword of a configuration");
        let diagnostic = Diagnostic::error("unknown-keyword", self.here(), message).remedy(remedy);
        self.report(diagnostic);
    }

    fn report_duplicate(&mut self, keyword: Span, earlier: Span) {
        let word = &self.text[keyword.start as usize..keyword.end as usize];
        let message = format!("`{word}` is given twice");
        let diagnostic = Diagnostic::error("duplicate-keyword", keyword, message);
        self.report(diagnostic.remedy("Remove one of them.").related(earlier, "first given here"));
    }

    fn read_section(&mut self, section: Section, keyword: Span) -> Result<(), Reported> {
        match section {
            Section::Constants => self.constants()?,
            Section::Specification => self.config.specification = Some(self.single(keyword)?),
            Section::Init => self.config.init = Some(self.single(keyword)?),
            Section::Next => self.config.next = Some(self.single(keyword)?),
            Section::Symmetry => self.config.symmetry = Some(self.single(keyword)?),
            Section::View => self.config.view = Some(self.single(keyword)?),
            Section::Alias => self.config.alias = Some(self.single(keyword)?),
            Section::Invariants => self.list(|config| &mut config.invariants)?,
            Section::Properties => self.list(|config| &mut config.properties)?,
            Section::Constraints => self.list(|config| &mut config.constraints)?,
            Section::ActionConstraints => self.list(|config| &mut config.action_constraints)?,
            Section::Postconditions => self.list(|config| &mut config.postconditions)?,
            Section::CheckDeadlock => self.check_deadlock()?,
            Section::Declined => return Err(self.decline(keyword)),
        }
        Ok(())
    }

    fn decline(&mut self, keyword: Span) -> Reported {
        let word = &self.text[keyword.start as usize..keyword.end as usize];
        let message = format!("`{word}` is an experimental keyword of TLC that is not supported");
        let diagnostic = Diagnostic::error("declined-keyword", keyword, message);
        self.report(diagnostic.remedy("Remove the section, or run this configuration with TLC."))
    }

    fn check_deadlock(&mut self) -> Result<(), Reported> {
        let value = match self.word() {
            "TRUE" => true,
            "FALSE" => false,
            _ => return Err(self.unexpected("`TRUE` or `FALSE` after CHECK_DEADLOCK")),
        };
        self.bump();
        self.config.check_deadlock = Some(value);
        Ok(())
    }

    /// The one name of a section.
    fn single(&mut self, keyword: Span) -> Result<Ident, Reported> {
        let word = &self.text[keyword.start as usize..keyword.end as usize];
        if self.section().is_some() || !self.is_name() {
            let expected = format!("the name of a definition after {word}");
            return Err(self.unexpected(&expected));
        }
        let name = self.compound_name()?;
        if self.kind() == Kind::Mark(Mark::Comma) || self.is_name() && self.section().is_none() && !self.is_typo() {
            let message = format!("`{word}` takes one name only");
            let diagnostic = Diagnostic::error("config-syntax", self.here(), message);
            return Err(self.report(diagnostic.remedy("Define the combination in the module and name that.")));
        }
        Ok(name)
    }

    /// The names of a section that takes any number.
    fn list(&mut self, target: fn(&mut Config) -> &mut Vec<Ident>) -> Result<(), Reported> {
        while !self.at_end() && self.section().is_none() {
            if self.is_typo() {
                return Ok(());
            }
            if self.kind() == Kind::Mark(Mark::Comma) {
                let diagnostic = Diagnostic::error("config-syntax", self.here(), "names are not separated by commas");
                return Err(self.report(diagnostic.remedy("Use blanks or line breaks.")));
            }
            if !self.is_name() {
                return Err(self.unexpected("the name of a definition"));
            }
            let name = self.compound_name()?;
            target(&mut self.config).push(name);
        }
        Ok(())
    }

    /// Whether a misspelt keyword stands at this place rather than a name: it is in capitals and nearly one.
    pub(super) fn is_typo(&self) -> bool {
        let word = self.word();
        let capitals = word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        let known = KEYWORDS.iter().map(|(keyword, _)| (*keyword).to_owned());
        capitals && self.token().first_on_line && closest(word, known).is_some()
    }
}
