//! `interlock tla parse`: what is wrong with a specification and its configuration, without exploring anything.

use crate::cli::TlaParseArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::tla::TlaTask;
use crate::engines::tla::input::{self, Input, Unusable};
use report::Ink;
use report::terminal::RENDERED;
use tla_model::declared::DeclaredTypes;
use verdict::ExitCode;

/// Runs the command.
pub fn run(args: &TlaParseArgs, console: &Console) -> Result<u8, CommandError> {
    let task = TlaTask::of_input(&args.input);
    match parse(&task, args.input.config.is_some()) {
        Ok((input, configured)) => {
            console.result(&success(&task, &input, configured, console));
            Ok(0)
        }
        Err(unusable) => {
            let failure = &unusable.failure;
            console.result(failure.notes.get(RENDERED).unwrap_or(&failure.message));
            Ok(ExitCode::from(failure.class).code())
        }
    }
}

/// A specification that cannot be read or resolved, for commands that need one.
pub fn cannot_use(unusable: &Unusable) -> CommandError {
    let failure = &unusable.failure;
    let text = failure.notes.get(RENDERED).unwrap_or(&failure.message);
    CommandError::new(ExitCode::from(failure.class), text.clone(), "")
}

/// Reads and resolves. Whether there was a configuration is the second part of the answer.
fn parse(task: &TlaTask, config_is_named: bool) -> Result<(Input, bool), Box<Unusable>> {
    let specification = input::read_specification(task)?;
    if !config_is_named && !input::has_config(task, &specification) {
        let mut input = input::check_without_config(specification)?;
        let annotations = tla_syntax::annotation::read(&input.specification);
        input.specification.warnings.extend(annotations.diagnostics);
        return Ok((input, false));
    }
    let mut input = input::add_config(task, specification)?;
    let model = input::build(&input)?;
    let types = DeclaredTypes::of(&input.specification, &input.config, &model);
    input.specification.warnings.extend(model.warnings);
    input.specification.warnings.extend(types.diagnostics);
    Ok((input, true))
}

fn success(task: &TlaTask, input: &Input, configured: bool, console: &Console) -> String {
    let specification = &input.specification;
    let mut text = String::new();
    for warning in &specification.warnings {
        text.push_str(&warning.render(&specification.sources));
        text.push('\n');
    }
    let modules = report::number::counted(specification.read_order.len(), "module");
    let config = match configured {
        true => format!("configuration {}", task.config.display()),
        false => "no configuration".to_owned(),
    };
    let mark = console.style.paint(Ink::Good, "✓");
    text.push_str(&format!("{mark} {}: {modules}, {config}, no errors\n", task.spec.display()));
    text
}
