//! A model as TLC and Apalache get it: the configuration as our own engine has read it, in TLC's form.
//!
//! The text of the configuration goes to TLC as it stands. Where the project asks for less than it says (a broken variant is
//! held to one property), the names that are left out are blanked where the parser has found them. What cannot be said to
//! TLC is a reason not to ask it.

use super::Prepared;
use super::input::{Input, texts};
use tla_explore::interpret::Interpreted;
use tla_model::model::Model;
use tla_syntax::FileId;
use tla_syntax::ast::Ident;
use tla_syntax::config::{Config, parse_config};
use verdict::InputText;

/// What other checkers have to be told, and what TLC's counts are worth.
#[derive(Debug, Clone)]
pub struct ForTlc {
    /// Text of the configuration, or why nobody can be asked.
    pub config: Result<String, String>,
    /// Whether deadlock is an error.
    pub deadlock: bool,
    /// All files that were read.
    pub inputs: Vec<InputText>,
    /// Why counts of two tools may differ.
    pub incomparable: Option<String>,
    /// Whether temporal properties are asked for.
    pub temporal: bool,
    /// Whether a constraint or a view leaves states out.
    pub narrowed: bool,
}

impl Prepared {
    /// The model as others get it.
    pub fn for_tlc(&self) -> ForTlc {
        match self.model() {
            Ok((input, model)) => ForTlc {
                config: self.config_text(input, model),
                deadlock: model.check_deadlock,
                inputs: texts(&input.specification.sources),
                incomparable: incomparable(model),
                temporal: !input.config.properties.is_empty(),
                narrowed: !input.config.constraints.is_empty()
                    || !input.config.action_constraints.is_empty()
                    || input.config.view.is_some(),
            },
            Err(unusable) => ForTlc {
                config: Err("the model cannot be used here".to_owned()),
                deadlock: false,
                inputs: unusable.files.clone(),
                incomparable: None,
                temporal: false,
                narrowed: false,
            },
        }
    }

    fn config_text(&self, input: &Input, model: &Model) -> Result<String, String> {
        let path = &self.task().config;
        let sources = &input.specification.sources;
        let known = sources.files().zip(0..).find(|(file, _)| file.path == *path);
        let Some((file, number)) = known else {
            return Err("its configuration stands behind the module and not in a file".to_owned());
        };
        let mut diagnostics = Vec::new();
        let Some(written) = parse_config(sources, FileId(number), &mut diagnostics) else {
            return Err("its configuration cannot be read".to_owned());
        };
        if model.check_deadlock && written.check_deadlock == Some(false) {
            return Err("its configuration says CHECK_DEADLOCK FALSE, and the project otherwise".to_owned());
        }
        Ok(blanked(&file.text, &left_out(&written, &input.config)))
    }
}

/// The properties of a configuration that another one does not have.
fn left_out<'c>(written: &'c Config, used: &Config) -> Vec<&'c Ident> {
    let lacks = |used: &[Ident], ident: &Ident| !used.iter().any(|known| known.name == ident.name);
    let invariants = written.invariants.iter().filter(|ident| lacks(&used.invariants, ident));
    invariants.chain(written.properties.iter().filter(|ident| lacks(&used.properties, ident))).collect()
}

/// A text with these names as blanks, so that everything else stays where it is.
fn blanked(text: &str, names: &[&Ident]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for name in names {
        if let Some(range) = bytes.get_mut(name.span.start as usize..name.span.end as usize) {
            range.fill(b' ');
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn incomparable(model: &Model) -> Option<String> {
    Interpreted::draws_at_random(model).then(|| "the specification draws at random".to_owned())
}
