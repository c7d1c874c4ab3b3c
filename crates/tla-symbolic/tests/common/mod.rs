//! What the tests of the engines share: a specification from text, and nobody who stops them.

use tla_explore::interpret::Interpreted;
use tla_model::model::Model;
use tla_symbolic::Watch;
use tla_syntax::SourceMap;
use tla_syntax::config::parse_config;
use tla_syntax::load::load_from_text;
use verdict::event::NoEvents;

/// Never stops anything.
pub struct Never;

impl Watch for Never {
    fn stopped(&self) -> bool {
        false
    }

    fn progress(&self, _engine: &'static str, _text: &str) {}
}

/// Hands over the system of a module with this body.
pub fn with_system<R>(body: &str, config: &str, run: impl FnOnce(&Interpreted<'_>) -> R) -> R {
    let text = format!("---- MODULE T ----\nEXTENDS Integers, Sequences, FiniteSets\n{body}\n====\n");
    let specification = load_from_text("T", &text, &[]).unwrap_or_else(|error| panic!("{:?}", error.diagnostics));
    let (mut sources, mut diagnostics) = (SourceMap::new(), Vec::new());
    let file = sources.add("T.cfg", config);
    let config = parse_config(&sources, file, &mut diagnostics).expect("a configuration");
    let model = Model::build(&specification, &config).unwrap_or_else(|error| panic!("{:?}", error.diagnostics));
    run(&Interpreted::new(&model, &specification.sources, &NoEvents))
}
