//! `interlock tla paths`: behaviors of a finite model that a test can drive a program along.

use super::tla_parse::cannot_use;
use crate::cli::{Covered, TlaPathsArgs};
use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::tla::TlaTask;
use crate::engines::tla::input;
use report::itf::state_value;
use report::number::{counted, grouped};
use serde_json::{Value as Json, json};
use tla_explore::graph::{Visitor, WalkError, walk};
use tla_explore::interpret::Interpreted;
use tla_explore::paths::{Edge, Goal, Graph, Path, cover};
use tla_explore::{ActionId, ActionInfo, TransitionSystem, Worker};
use tla_model::model::Model;
use verdict::ExitCode;
use verdict::event::NoEvents;

/// Version of the format.
const VERSION: u32 = 1;

/// Runs the command.
pub fn run(args: &TlaPathsArgs, console: &Console) -> Result<u8, CommandError> {
    let task = TlaTask::of_input(&args.input);
    let (specification, model) = input::read(&task)
        .and_then(|input| input::build(&input).map(|model| (input.specification, model)))
        .map_err(|unusable| cannot_use(&unusable))?;
    refuse_reductions(&model)?;
    let system = Interpreted::new(&model, &specification.sources, &NoEvents).with_programs(args.input.allow_exec);
    system.check_assumptions().map_err(|error| CommandError::new(ExitCode::Assumption, error.message.clone(), ""))?;
    let mut worker = system.worker();
    let mut found = Found { most: args.max_states, ..Found::default() };
    walk(&mut worker, u64::MAX, &mut found).map_err(|error| stopped(&error, args.max_states))?;
    found.graph.edges.sort_by_key(|edge| (edge.from, edge.to, edge.action));
    found.graph.edges.dedup();
    let goal = match args.cover {
        Covered::Actions => Goal::Actions,
        Covered::Steps => Goal::Steps,
    };
    let paths = cover(&found.graph, goal, args.longest);
    let whole = written(&model.module, goal, &found, system.actions(), &paths, &mut worker);
    match &args.out {
        None => console.result(&whole),
        Some(path) => {
            std::fs::write(path, &whole).map_err(|error| {
                CommandError::new(ExitCode::System, format!("cannot write {}: {error}", path.display()), "")
            })?;
            console.result(&summary(&found, goal, &paths, system.actions()));
        }
    }
    Ok(0)
}

/// A view or a symmetry joins states, so that a path through the graph need not be a behavior.
fn refuse_reductions(model: &Model) -> Result<(), CommandError> {
    if model.view.is_some() || model.symmetry.is_some() {
        let text = "the configuration has a view or a symmetry, under which one state stands for several";
        return Err(CommandError::new(ExitCode::Configuration, text, "leave it out: paths are made of states"));
    }
    Ok(())
}

fn stopped(error: &WalkError, most: u64) -> CommandError {
    match error {
        WalkError::Visitor(_) => CommandError::new(
            ExitCode::Capacity,
            format!("the model has more than {} states", grouped(most)),
            "use smaller constants, or allow more with --max-states",
        ),
        WalkError::System(error) => {
            CommandError::new(ExitCode::Evaluation, error.message.clone(), error.remedy.clone())
        }
    }
}

/// The state graph with the words of each state.
#[derive(Default)]
struct Found {
    graph: Graph,
    words: Vec<Vec<u32>>,
    most: u64,
}

impl<W: Worker> Visitor<W> for Found {
    fn state(&mut self, number: u64, is_initial: bool, words: &[u32], _worker: &mut W) -> std::io::Result<()> {
        if number > self.most.min(u64::from(u32::MAX)) {
            return Err(std::io::Error::other("too many states"));
        }
        let number = number as u32 - 1;
        self.graph.states = number + 1;
        if is_initial {
            self.graph.initial.push(number);
        }
        self.words.push(words.to_vec());
        Ok(())
    }

    fn step(&mut self, from: u64, to: u64, action: ActionId) -> std::io::Result<()> {
        self.graph.edges.push(Edge { from: from as u32 - 1, to: to as u32 - 1, action: action.0 });
        Ok(())
    }
}

/// The file: each state that a behavior visits once, and the behaviors as numbers of states.
fn written(
    module: &str,
    goal: Goal,
    found: &Found,
    actions: &[ActionInfo],
    paths: &[Path],
    worker: &mut impl Worker,
) -> String {
    let name = |action: u32| actions.get(action as usize).map_or("", |info| info.name.as_str());
    let mut numbers: Vec<Option<usize>> = vec![None; found.words.len()];
    let mut states: Vec<Json> = Vec::new();
    let mut number = |state: u32| {
        *numbers[state as usize].get_or_insert_with(|| {
            states.push(state_value(&worker.state_values(&found.words[state as usize])));
            states.len() - 1
        })
    };
    let behaviors = paths.iter().map(|path| {
        let initial = number(path.start);
        let step = |index: &u32| {
            let edge = found.graph.edges[*index as usize];
            json!([name(edge.action), number(edge.to)])
        };
        json!({ "initial": initial, "steps": path.edges.iter().map(step).collect::<Vec<_>>() })
    });
    let behaviors: Vec<String> = behaviors.map(|behavior| behavior.to_string()).collect();
    let states: Vec<String> = states.iter().map(Json::to_string).collect();
    let head = json!({
        "format": "interlock-paths", "version": VERSION, "module": module, "covered": word(goal),
        "graph": { "states": found.graph.states, "steps": found.graph.edges.len() },
    });
    let head = head.to_string();
    format!(
        "{},\n\"states\":[\n{}],\n\"behaviors\":[\n{}]}}\n",
        head.strip_suffix('}').unwrap_or(&head),
        states.join(",\n"),
        behaviors.join(",\n")
    )
}

fn word(goal: Goal) -> &'static str {
    match goal {
        Goal::Actions => "actions",
        Goal::Steps => "steps",
    }
}

fn summary(found: &Found, goal: Goal, paths: &[Path], actions: &[ActionInfo]) -> String {
    let steps: usize = paths.iter().map(|path| path.edges.len()).sum();
    let of =
        format!("{} and {}", counted(found.graph.states as usize, "state"), counted(found.graph.edges.len(), "step"));
    let what = match goal {
        Goal::Actions => "every action that occurs",
        Goal::Steps => "every step",
    };
    let mut text = format!(
        "{} with {} in all take {what} of a graph of {of}.\n",
        counted(paths.len(), "behavior"),
        counted(steps, "step")
    );
    for (number, info) in actions.iter().enumerate() {
        if !found.graph.edges.iter().any(|edge| edge.action as usize == number) {
            text.push_str(&format!("The action {} never occurs.\n", info.name));
        }
    }
    text
}
