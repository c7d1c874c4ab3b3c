//! Text of a configuration to a [`Config`].
//!
//! TLC reads configurations with the tokens of TLA+, so the lexer of modules serves here too. A mistake gives up the
//! section in which it is; reading goes on at the next keyword.
//!
//! Here are the tokens and the names; [`section`] reads sections, [`constant`] the lines of `CONSTANT(S)`, [`value`]
//! what a constant can be.

mod constant;
mod section;
mod value;

use super::Config;
use crate::ast::{Ident, Name};
use crate::diagnostic::{Diagnostic, Severity};
use crate::parse::lexer;
use crate::parse::token::{Kind, Mark, Token};
use crate::parse::unescape;
use crate::source::{FileId, SourceMap, Span};

/// Parses a configuration file. `None` if there is an error, which is then among the diagnostics.
pub fn parse_config(sources: &SourceMap, file: FileId, diagnostics: &mut Vec<Diagnostic>) -> Option<Config> {
    parse_range(&sources.file(file).text, file, 0, diagnostics)
}

/// Parses the section `---- CONFIG Name ----` of a module file. `None` if there is none or if it has an error; either
/// is among the diagnostics then.
pub fn parse_config_in_module(
    sources: &SourceMap,
    file: FileId,
    name: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Config> {
    let text: &str = &sources.file(file).text;
    let Some(start) = find_section(text, name) else {
        let message = format!("`{}` has no section `---- CONFIG {name} ----`", sources.file(file).path.display());
        let remedy = "Name a .cfg file, or add such a section, ended by `====`, behind the module.";
        diagnostics.push(Diagnostic::without_place("missing-config", message).remedy(remedy));
        return None;
    };
    parse_range(text, file, start, diagnostics)
}

/// Offset behind the header `---- CONFIG Name ----`.
fn find_section(text: &str, name: &str) -> Option<u32> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        offset += line.len();
        let header = line.trim().strip_prefix("----").map(|rest| rest.trim_matches(['-', ' ', '\t']));
        let words = header.and_then(|header| header.strip_prefix("CONFIG"));
        if words.is_some_and(|found| found.trim() == name) {
            return u32::try_from(offset).ok();
        }
    }
    None
}

fn parse_range(text: &str, file: FileId, start: u32, diagnostics: &mut Vec<Diagnostic>) -> Option<Config> {
    let mut found = Vec::new();
    let tokens = lexer::tokenize(text, file, start, &mut found).tokens;
    let mut parser =
        ConfigParser { text, file, tokens, at: 0, depth: 0, config: Config::default(), diagnostics: found };
    parser.collect_tokens();
    parser.sections();
    let failed = parser.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    parser.diagnostics.sort_by_key(|diagnostic| diagnostic.span.map(|span| span.start));
    diagnostics.append(&mut parser.diagnostics);
    (!failed).then_some(parser.config)
}

/// A mistake has been reported.
struct Reported;

struct ConfigParser<'a> {
    text: &'a str,
    file: FileId,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    config: Config,
    diagnostics: Vec<Diagnostic>,
}

impl ConfigParser<'_> {
    fn token(&self) -> Token {
        self.tokens[self.at]
    }

    fn kind(&self) -> Kind {
        self.token().kind
    }

    fn here(&self) -> Span {
        let token = self.token();
        Span { file: self.file, start: token.start, end: token.end }
    }

    fn word(&self) -> &str {
        let token = self.token();
        &self.text[token.start as usize..token.end as usize]
    }

    fn name(&self) -> Name {
        self.word().into()
    }

    fn bump(&mut self) -> Span {
        let span = self.here();
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
        span
    }

    fn at_end(&self) -> bool {
        matches!(self.kind(), Kind::End | Kind::ModuleEnd)
    }

    fn report(&mut self, diagnostic: Diagnostic) -> Reported {
        self.diagnostics.push(diagnostic);
        Reported
    }

    fn unexpected(&mut self, expected: &str) -> Reported {
        if self.kind() == Kind::Unknown {
            return Reported;
        }
        let found = match self.kind() {
            Kind::End => "the end of the file".to_owned(),
            _ => format!("`{}`", self.word()),
        };
        let diagnostic = Diagnostic::error("config-syntax", self.here(), format!("expected {expected}, found {found}"));
        self.report(diagnostic)
    }

    /// Every token, a string without its quotes, for the order of names.
    fn collect_tokens(&mut self) {
        for index in 0..self.tokens.len() {
            let token = self.tokens[index];
            let text = &self.text[token.start as usize..token.end as usize];
            let name = if token.kind == Kind::String { unescape(text).into() } else { Name::from(text) };
            if token.kind != Kind::End {
                self.config.tokens.push(name);
            }
        }
    }

    fn is_name(&self) -> bool {
        matches!(self.kind(), Kind::Identifier | Kind::Keyword(_) | Kind::Operator(_))
    }

    /// `A!B!c`, kept as one name.
    fn compound_name(&mut self) -> Result<Ident, Reported> {
        let start = self.here();
        let mut text = self.simple_name()?;
        let mut end = start;
        while self.kind() == Kind::Mark(Mark::Bang) {
            self.bump();
            end = self.here();
            text.push('!');
            text.push_str(&self.simple_name()?);
        }
        Ok(Ident { name: text.into(), span: start.to(end) })
    }

    fn simple_name(&mut self) -> Result<String, Reported> {
        let text = match self.kind() {
            Kind::Operator(operator) => operator.symbol.to_owned(),
            _ if self.is_name() => self.word().to_owned(),
            _ => return Err(self.unexpected("a name")),
        };
        self.bump();
        Ok(text)
    }
}
