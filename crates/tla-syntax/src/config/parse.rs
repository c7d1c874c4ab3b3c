//! Text of a configuration to a [`Config`].
//!
//! TLC reads configurations with the tokens of TLA+, so the lexer of modules serves here too. A mistake gives up the
//! section in which it is; reading goes on at the next keyword.

use super::{Config, ConfigValue, ConstantAssignment, ConstantBinding};
use crate::ast::{Definition, DefinitionBody, Expr, Ident, Name};
use crate::diagnostic::{Diagnostic, Severity};
use crate::load::closest;
use crate::parse::lexer;
use crate::parse::token::{Kind, Mark, Token};
use crate::parse::{parse_expression, unescape};
use crate::source::{FileId, SourceMap, Span};

/// More errors than these are not shown.
const MAX_ERRORS: usize = 20;

/// Values may be nested this deep.
const MAX_DEPTH: usize = 200;

/// A section of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
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

    fn section(&self) -> Option<Section> {
        let word = self.word();
        KEYWORDS.iter().find(|(keyword, _)| *keyword == word).map(|(_, section)| *section)
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

    fn sections(&mut self) {
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
    fn is_typo(&self) -> bool {
        let word = self.word();
        let capitals = word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        let known = KEYWORDS.iter().map(|(keyword, _)| (*keyword).to_owned());
        capitals && self.token().first_on_line && closest(word, known).is_some()
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

    fn constants(&mut self) -> Result<(), Reported> {
        while !self.at_end() && self.section().is_none() && !self.is_typo() {
            let start = self.here();
            if !self.is_name() {
                return Err(self.unexpected("the name of a constant"));
            }
            let name = self.compound_name()?;
            let binding = self.binding()?;
            let end = self.tokens[self.at - 1].end;
            let span = Span { end, ..start };
            self.config.constants.push(ConstantAssignment { name, binding, span });
        }
        Ok(())
    }

    fn binding(&mut self) -> Result<ConstantBinding, Reported> {
        match self.kind() {
            Kind::Mark(Mark::Substitute) => {
                self.bump();
                self.replacement()
            }
            Kind::Mark(Mark::LeftParen) => {
                self.bump();
                let args = self.values(Mark::RightParen)?;
                self.expect_equals()?;
                Ok(ConstantBinding::OperatorCase { args, value: self.value()? })
            }
            _ => {
                self.expect_equals()?;
                self.value_perhaps_in_module()
            }
        }
    }

    fn replacement(&mut self) -> Result<ConstantBinding, Reported> {
        if self.kind() != Kind::Mark(Mark::LeftSquare) {
            return Ok(ConstantBinding::Definition(self.definition_name()?));
        }
        self.bump();
        let module = self.definition_name()?;
        if self.kind() != Kind::Mark(Mark::RightSquare) {
            return Err(self.unexpected("`]` after the name of a module"));
        }
        self.bump();
        Ok(ConstantBinding::DefinitionIn { module, definition: self.definition_name()? })
    }

    fn definition_name(&mut self) -> Result<Ident, Reported> {
        if self.section().is_some() || !self.is_name() {
            let diagnostic = Diagnostic::error("config-syntax", self.here(), "the name of a definition is missing");
            return Err(self.report(diagnostic.remedy("Behind `<-` stands a definition, behind `=` a value.")));
        }
        self.compound_name()
    }

    fn expect_equals(&mut self) -> Result<(), Reported> {
        if matches!(self.kind(), Kind::Operator(operator) if operator.symbol == "=") {
            self.bump();
            return Ok(());
        }
        if self.kind() == Kind::Mark(Mark::Define) {
            let diagnostic = Diagnostic::error("config-syntax", self.here(), "a configuration assigns with `=`");
            return Err(self.report(diagnostic.remedy("Replace `==` by `=`.")));
        }
        Err(self.unexpected("`=` or `<-` after the name of a constant"))
    }

    /// A value, or `[Module]value`.
    fn value_perhaps_in_module(&mut self) -> Result<ConstantBinding, Reported> {
        let kinds = [1, 2].map(|distance| self.tokens.get(self.at + distance).map(|token| token.kind));
        let scoped = kinds == [Some(Kind::Identifier), Some(Kind::Mark(Mark::RightSquare))];
        if self.kind() != Kind::Mark(Mark::LeftSquare) || !scoped {
            return self.value_or_expression();
        }
        self.bump();
        let module = self.definition_name()?;
        self.bump();
        Ok(ConstantBinding::ValueIn { module, value: self.value()? })
    }

    /// A value as TLC reads it; an expression where that does not go as far as to the next line of the section.
    fn value_or_expression(&mut self) -> Result<ConstantBinding, Reported> {
        let (start, reported) = (self.at, self.diagnostics.len());
        // `IF N = 3 THEN …` would read as the model value `IF` and the constant `N`.
        let begins_expression = matches!(self.kind(), Kind::Keyword(_))
            && !matches!(self.word(), "TRUE" | "FALSE" | "BOOLEAN" | "STRING")
            && self.section().is_none();
        let value = self.value();
        if let Ok(value) = &value
            && !begins_expression
            && self.is_end_of_value()
        {
            return Ok(ConstantBinding::Value(value.clone()));
        }
        if value.is_err() && (start == self.tokens.len() - 1 || self.is_section_at(start)) {
            return Err(Reported);
        }
        let refused = self.diagnostics.split_off(reported);
        let reached = self.here().start;
        self.at = start;
        match parse_expression(self.text, self.file, &self.tokens_up_to_replacement(), start) {
            Ok((expr, end)) => {
                self.at = end;
                if self.is_end_of_value() {
                    return Ok(ConstantBinding::Definition(self.named_by_text(start, expr)));
                }
                Err(self.unexpected("the next constant, or the end of the expression"))
            }
            Err(wrong) => {
                let further = |diagnostic: &Diagnostic| diagnostic.span.is_none_or(|span| span.start > reached);
                let use_expression = value.is_ok() || wrong.iter().any(further);
                self.diagnostics.extend(if use_expression { wrong } else { refused });
                Err(Reported)
            }
        }
    }

    fn is_section_at(&self, at: usize) -> bool {
        let token = self.tokens[at];
        let word = &self.text[token.start as usize..token.end as usize];
        KEYWORDS.iter().any(|(keyword, _)| *keyword == word)
    }

    /// The tokens as far as an expression can go: not into the next section, and not to what stands before the next `<-`,
    /// perhaps an operator, which is replaced.
    fn tokens_up_to_replacement(&self) -> Vec<Token> {
        let is = |at: usize, mark: Mark| self.tokens[at].kind == Kind::Mark(mark);
        let stops = |at: &usize| is(*at, Mark::Substitute) || self.is_section_at(*at);
        let Some(mut end) = (self.at + 1..self.tokens.len()).find(stops) else { return self.tokens.clone() };
        if is(end, Mark::Substitute) {
            end = (end - 1).max(self.at);
            while end > self.at + 1 && is(end - 1, Mark::Bang) {
                end -= 2;
            }
        }
        let mut tokens = self.tokens[..end].to_vec();
        tokens.push(Token { kind: Kind::End, ..self.tokens[end] });
        tokens
    }

    /// Whether the next constant begins at this place, or another section.
    fn is_end_of_value(&self) -> bool {
        if self.at_end() || self.section().is_some() || self.is_typo() {
            return true;
        }
        let mut at = self.at;
        let kind = |at: usize| self.tokens.get(at).map_or(Kind::End, |token| token.kind);
        let is_name = |kind: Kind| matches!(kind, Kind::Identifier | Kind::Keyword(_) | Kind::Operator(_));
        if !is_name(kind(at)) {
            // A stray token is no part of a value; the section says what it expects.
            return !matches!(kind(at), Kind::Mark(Mark::LeftParen | Mark::LeftSquare | Mark::Bang));
        }
        while kind(at + 1) == Kind::Mark(Mark::Bang) && is_name(kind(at + 2)) {
            at += 2;
        }
        match kind(at + 1) {
            // No expression goes on with an operator and one of these.
            Kind::Mark(Mark::Substitute | Mark::Define) => true,
            Kind::Operator(operator) if operator.symbol == "=" => true,
            Kind::Mark(Mark::LeftParen) => !matches!(kind(at), Kind::Operator(_)),
            // An identifier with something else behind it cannot go on with a value either.
            _ => matches!(kind(at), Kind::Identifier),
        }
    }

    /// Makes a definition of an expression, for the constant to be bound to.
    fn named_by_text(&mut self, start: usize, expr: Expr) -> Ident {
        let end = self.tokens[self.at - 1].end;
        let span = Span { file: self.file, start: self.tokens[start].start, end: end.max(expr.span.end) };
        let words: Vec<&str> = self.text[span.start as usize..span.end as usize].split_whitespace().collect();
        let name = Ident { name: words.join(" ").into(), span };
        if !self.config.expressions.iter().any(|known| known.name.name == name.name) {
            self.config.expressions.push(Definition {
                name: name.clone(),
                params: Vec::new(),
                body: DefinitionBody::Operator(expr),
                local: false,
                span,
            });
        }
        name
    }

    /// Values separated by commas up to a closing bracket.
    fn values(&mut self, close: Mark) -> Result<Vec<ConfigValue>, Reported> {
        let mut values = Vec::new();
        if self.kind() != Kind::Mark(close) {
            values.push(self.value()?);
            while self.kind() == Kind::Mark(Mark::Comma) {
                self.bump();
                values.push(self.value()?);
            }
        }
        if self.kind() != Kind::Mark(close) {
            let expected = format!("`,` or `{}`", close.spelling());
            return Err(self.unexpected(&expected));
        }
        self.bump();
        Ok(values)
    }

    fn value(&mut self) -> Result<ConfigValue, Reported> {
        if self.depth >= MAX_DEPTH {
            let message = format!("values are nested more than {MAX_DEPTH} deep here");
            let diagnostic = Diagnostic::error("nesting-too-deep", self.here(), message);
            return Err(self.report(diagnostic));
        }
        self.depth += 1;
        let value = self.value_inside();
        self.depth -= 1;
        value
    }

    fn value_inside(&mut self) -> Result<ConfigValue, Reported> {
        if self.section().is_some() {
            return Err(self.unexpected("a value"));
        }
        match self.kind() {
            Kind::Number => self.integer_or_interval(),
            Kind::Operator(operator) if operator.symbol == "-" => self.integer_or_interval(),
            Kind::String => {
                let text = unescape(self.word());
                self.bump();
                Ok(ConfigValue::String(text.into()))
            }
            Kind::Mark(Mark::LeftBrace) => {
                self.bump();
                Ok(ConfigValue::Set(self.values(Mark::RightBrace)?))
            }
            Kind::Mark(Mark::LeftAngle) => {
                self.bump();
                Ok(ConfigValue::Tuple(self.values(Mark::RightAngle)?))
            }
            Kind::Mark(Mark::LeftSquare) => self.record(),
            Kind::Identifier | Kind::Keyword(_) => {
                let name = self.name();
                self.bump();
                Ok(match &*name {
                    "TRUE" => ConfigValue::Bool(true),
                    "FALSE" => ConfigValue::Bool(false),
                    _ => ConfigValue::ModelValue(name),
                })
            }
            _ => Err(self.unexpected("a value: a number, a string, TRUE, FALSE, a set or a model value")),
        }
    }

    fn record(&mut self) -> Result<ConfigValue, Reported> {
        self.bump();
        let mut fields = Vec::new();
        loop {
            if !self.is_name() {
                return Err(self.unexpected("the name of a record field"));
            }
            let field = self.name();
            self.bump();
            if self.kind() != Kind::Mark(Mark::MapsTo) {
                return Err(self.unexpected("`|->` after the name of a record field"));
            }
            self.bump();
            fields.push((field, self.value()?));
            match self.kind() {
                Kind::Mark(Mark::Comma) => self.bump(),
                Kind::Mark(Mark::RightSquare) => break,
                _ => return Err(self.unexpected("`,` or `]`")),
            };
        }
        self.bump();
        Ok(ConfigValue::Record(fields))
    }

    fn integer_or_interval(&mut self) -> Result<ConfigValue, Reported> {
        let low = self.integer()?;
        if !matches!(self.kind(), Kind::Operator(operator) if operator.symbol == "..") {
            return Ok(ConfigValue::Int(low));
        }
        self.bump();
        Ok(ConfigValue::Interval(low, self.integer()?))
    }

    fn integer(&mut self) -> Result<Name, Reported> {
        let negative = matches!(self.kind(), Kind::Operator(operator) if operator.symbol == "-");
        if negative {
            self.bump();
        }
        if self.kind() != Kind::Number || self.word().starts_with('\\') {
            return Err(self.unexpected("a decimal number"));
        }
        let digits = self.word().trim_start_matches('0');
        let number = match (digits.is_empty(), negative) {
            (true, _) => "0".to_owned(),
            (false, true) => format!("-{digits}"),
            (false, false) => digits.to_owned(),
        };
        self.bump();
        Ok(number.into())
    }
}

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
