//! Theorems and their proofs.
//!
//! A model checker has no use for proofs, but it has to find their end. A proof is a leaf (`BY …`, `OBVIOUS`,
//! `OMITTED`) or a row of steps that ends with a `QED` step of the same level; each step may carry a proof of a deeper
//! level. Leaves are parsed properly, because only the grammar tells where a list of facts ends; what a step states is
//! passed over up to the next step. `ASSUME … PROVE` statements are parsed and dropped.

use super::cursor::{Parse, Parser, Reported};
use super::token::{Keyword, Kind, Mark};
use crate::ast::{Expr, Theorem};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Level of a proof step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// `<3>`.
    Number(u64),
    /// `<*>`: the level of the proof around it.
    Same,
    /// `<+>`: one more than the level of the proof around it.
    Deeper,
}

impl Parser<'_> {
    /// `THEOREM name == e`, with its proof.
    pub(super) fn theorem(&mut self) -> Parse<Theorem> {
        let start = self.bump();
        let name = self.statement_name();
        let expr = match self.kind() {
            Kind::Keyword(Keyword::Assume) => {
                self.assume_prove()?;
                None
            }
            _ if self.is_boxed(Keyword::Assume) => {
                self.assume_prove()?;
                None
            }
            _ => Some(self.expression()?),
        };
        let theorem = Theorem { name, expr, span: self.since(start) };
        let outer = std::mem::replace(&mut self.in_proof, true);
        let proof = self.proof();
        self.in_proof = outer;
        proof.map(|()| theorem)
    }

    /// Whether `[]ASSUME` or `[]PROVE` stands here.
    fn is_boxed(&self, keyword: Keyword) -> bool {
        self.is_operator("[]") && self.peek(1) == Kind::Keyword(keyword)
    }

    fn assume_prove(&mut self) -> Parse<()> {
        self.enter()?;
        if self.is_boxed(Keyword::Assume) {
            self.bump();
        }
        self.bump();
        self.comma_list(Self::assumption_item)?;
        if self.is_boxed(Keyword::Prove) {
            self.bump();
        }
        self.expect_keyword(Keyword::Prove, "after the assumptions")?;
        self.expression()?;
        self.leave();
        Ok(())
    }

    /// A formula, a declaration of a new symbol, or another `ASSUME … PROVE`.
    fn assumption_item(&mut self) -> Parse<()> {
        if self.kind() == Kind::Identifier && self.peek(1) == Kind::Mark(Mark::DoubleColon) && self.is_assume(2) {
            self.bump();
            self.bump();
        }
        match self.kind() {
            Kind::Keyword(Keyword::Assume) => self.assume_prove(),
            Kind::Keyword(
                Keyword::New
                | Keyword::Constant
                | Keyword::Variable
                | Keyword::State
                | Keyword::Action
                | Keyword::Temporal,
            ) => self.new_symbol(),
            _ if self.is_boxed(Keyword::Assume) => self.assume_prove(),
            _ => self.expression().map(|_| ()),
        }
    }

    fn is_assume(&self, distance: usize) -> bool {
        self.peek(distance) == Kind::Keyword(Keyword::Assume)
    }

    /// `NEW x`, `NEW CONSTANT x \in S`, `VARIABLE v`.
    fn new_symbol(&mut self) -> Parse<()> {
        let new = self.eat_keyword(Keyword::New);
        let leveled = matches!(
            self.kind(),
            Kind::Keyword(Keyword::Constant | Keyword::Variable | Keyword::State | Keyword::Action | Keyword::Temporal)
        );
        if leveled {
            self.bump();
        } else if !new {
            return Err(self.unexpected("a declaration"));
        }
        self.declaration()?;
        if self.is_operator("\\in") {
            self.bump();
            self.expression()?;
        }
        Ok(())
    }

    /// A proof, if one stands here.
    fn proof(&mut self) -> Parse<()> {
        let announced = self.eat_keyword(Keyword::Proof);
        match self.kind() {
            Kind::Keyword(Keyword::By) => self.use_or_hide(),
            Kind::Keyword(Keyword::Obvious | Keyword::Omitted) => {
                self.bump();
                Ok(())
            }
            Kind::ProofStep => self.steps(None),
            _ if announced => Err(self.unexpected("a proof after PROOF")),
            _ => Ok(()),
        }
    }

    /// Steps up to and including the `QED` step of their level.
    fn steps(&mut self, outer: Option<u64>) -> Parse<()> {
        self.enter()?;
        let start = self.here();
        let level = match self.level() {
            Level::Number(number) => number,
            Level::Same | Level::Deeper => outer.map_or(1, |outer| outer + 1),
        };
        loop {
            self.bump();
            if self.eat_keyword(Keyword::Qed) {
                self.proof_of_step(level)?;
                self.leave();
                return Ok(());
            }
            self.skip_statement(start, level)?;
            self.proof_of_step(level)?;
            if self.kind() != Kind::ProofStep || !self.continues(level) {
                return Err(self.missing_qed(start, level));
            }
        }
    }

    fn missing_qed(&mut self, start: Span, level: u64) -> Reported {
        let message = "the proof that begins here has no QED step";
        let diagnostic = Diagnostic::error("missing-qed", start, message);
        self.report(diagnostic.remedy(format!("End it with a step `<{level}> QED`.")))
    }

    /// The proof of one step of a proof of this level, if it has one.
    fn proof_of_step(&mut self, level: u64) -> Parse<()> {
        let nested = match self.kind() {
            Kind::ProofStep => match self.level() {
                Level::Number(number) => number > level,
                Level::Same => self.previous_kind() == Some(Kind::Keyword(Keyword::Proof)),
                Level::Deeper => true,
            },
            _ => return self.proof(),
        };
        if nested { self.steps(Some(level)) } else { Ok(()) }
    }

    fn continues(&self, level: u64) -> bool {
        match self.level() {
            Level::Number(number) => number == level,
            Level::Same => true,
            Level::Deeper => false,
        }
    }

    fn level(&self) -> Level {
        let text = self.text_of(self.here()).trim_start_matches('<');
        match text.split('>').next() {
            Some("*") => Level::Same,
            Some("+") => Level::Deeper,
            number => Level::Number(number.and_then(|digits| digits.parse().ok()).unwrap_or(u64::MAX)),
        }
    }

    fn previous_kind(&self) -> Option<Kind> {
        self.at.checked_sub(1).map(|index| self.tokens[index].kind)
    }

    /// Passes over what a step states, up to its proof or the next step; `start` is where the proof begins.
    fn skip_statement(&mut self, start: Span, level: u64) -> Parse<()> {
        loop {
            match self.kind() {
                Kind::ProofStep if !self.expects_operand() => return Ok(()),
                Kind::Keyword(Keyword::By | Keyword::Obvious | Keyword::Omitted | Keyword::Proof) => return Ok(()),
                Kind::End | Kind::ModuleEnd | Kind::ModuleStart | Kind::Separator => {
                    return Err(self.missing_qed(start, level));
                }
                Kind::Unknown => return Err(Reported),
                _ => {
                    self.bump();
                }
            }
        }
    }

    /// Whether the token before this place waits for an operand, so that the name of a step is a reference to it.
    fn expects_operand(&self) -> bool {
        if self.text_of(self.here()).ends_with('.') {
            return false;
        }
        match self.previous_kind() {
            Some(Kind::Operator(operator)) => operator.fixity != crate::operators::Fixity::Postfix,
            Some(Kind::Keyword(_)) => true,
            Some(Kind::Mark(mark)) => !matches!(
                mark,
                Mark::RightParen | Mark::RightSquare | Mark::RightBrace | Mark::RightAngle | Mark::At | Mark::Colon
            ),
            _ => false,
        }
    }

    /// `BY`, `USE` or `HIDE` with facts and names.
    pub(super) fn use_or_hide(&mut self) -> Parse<()> {
        self.bump();
        self.eat_keyword(Keyword::Only);
        if !self.is_keyword(Keyword::Def) && self.begins_fact() {
            self.comma_list(Self::fact)?;
        }
        if self.eat_keyword(Keyword::Def) {
            self.comma_list(Self::fact)?;
        }
        Ok(())
    }

    fn begins_fact(&self) -> bool {
        match self.kind() {
            Kind::ProofStep => !self.text_of(self.here()).ends_with('.'),
            Kind::End | Kind::ModuleEnd | Kind::Separator | Kind::Outdented => false,
            _ => true,
        }
    }

    fn fact(&mut self) -> Parse<Option<Expr>> {
        if self.eat_keyword(Keyword::Module) {
            self.module_name()?;
            return Ok(None);
        }
        self.operator_or_expression().map(Some)
    }
}
