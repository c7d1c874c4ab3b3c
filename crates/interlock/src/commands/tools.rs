//! `interlock tools`: the outside provers, where they were found and what they add; and their installation.

use crate::cli::{ToolsArgs, ToolsCommand, ToolsInstallArgs};
use crate::command_error::CommandError;
use crate::console::Console;
use crate::outside::{self, TLC_VARIABLE};
use crate::project::Project;
use crate::stop::StopFlag;
use external::debian::{InstallError, System, Watcher, install};
use external::{Found, Origin, Places, Tool, Unusable, catalogue};
use report::Ink;
use std::collections::BTreeMap;
use verdict::ExitCode;

/// Runs the command.
pub fn run(args: &ToolsArgs, console: &Console) -> Result<u8, CommandError> {
    match &args.command {
        Some(ToolsCommand::Install(install)) => install_all(install, console),
        None => {
            let configured = match &args.project {
                Some(path) => Project::load(path)?.tools,
                None => BTreeMap::new(),
            };
            console.result(&list(&outside::places(configured, None), console));
            Ok(ExitCode::Success.code())
        }
    }
}

/// All tools with their state.
pub fn list(places: &Places, console: &Console) -> String {
    let programs: String = catalogue::ALL.into_iter().map(|tool| entry(tool, &tool.find(places), console)).collect();
    programs + &jar(places, console)
}

/// TLC's jar, which tells its version only when it is run.
fn jar(places: &Places, console: &Console) -> String {
    let style = &console.style;
    let faint = |text: String| style.paint(Ink::Faint, &text);
    let (sign, first, second) = match places.configured.get(catalogue::TLC) {
        Some(jar) if jar.is_file() => (style.paint(Ink::Good, "✓"), jar.display().to_string(), None),
        Some(jar) => {
            let remedy = format!("correct `tlc` under [tools] in the project file, or {TLC_VARIABLE}");
            (style.paint(Ink::Doubtful, "-"), format!("there is no {}", jar.display()), Some(faint(remedy)))
        }
        None => {
            let remedy =
                format!("to have it: {TLC_VARIABLE}=path/to/tla2tools.jar, or `tlc` under [tools] in the project file");
            (style.paint(Ink::Doubtful, "-"), "no jar is named".to_owned(), Some(faint(remedy)))
        }
    };
    let minimum = external::Version::of(catalogue::TLC_MINIMUM);
    let mut text = format!("{sign} {:<8}{first}\n", catalogue::TLC);
    text.push_str(&format!("{:10}searches models too, as a second opinion; {minimum} or newer\n", ""));
    text.extend(second.map(|line| format!("{:10}{line}\n", "")));
    text
}

fn entry(tool: &Tool, found: &Result<Found, Unusable>, console: &Console) -> String {
    let style = &console.style;
    let (sign, first, second) = match found {
        Ok(found) => {
            let origin = match found.origin {
                Origin::Configured => ", named by the project file",
                Origin::Path => "",
                Origin::Prefix => ", in the private folder",
            };
            let at = found.invocation.shown.display();
            (style.paint(Ink::Good, "✓"), format!("{} ({at}{origin})", found.version), None)
        }
        Err(unusable) => {
            let remedy = style.paint(Ink::Faint, &format!("to have it: {}", unusable.remedy()));
            let first = match unusable {
                Unusable::Missing { .. } => "not found".to_owned(),
                other => other.to_string(),
            };
            (style.paint(Ink::Doubtful, "-"), first, Some(remedy))
        }
    };
    let mut text = format!("{sign} {:<8}{first}\n", tool.name);
    text.push_str(&format!("{:10}{}; {} or newer\n", "", tool.purpose, tool.minimum()));
    text.extend(second.map(|line| format!("{:10}{line}\n", "")));
    text
}

fn install_all(args: &ToolsInstallArgs, console: &Console) -> Result<u8, CommandError> {
    let places = outside::places(BTreeMap::new(), args.prefix.clone());
    let system = System::read().map_err(|error| told(&error))?;
    let stop = StopFlag::on_signals();
    let watcher = Watcher { tell: &|text| console.note(&format!("{text}\n")), stop: &|| stop.is_set() };
    for tool in &args.tools {
        let found = install(tool, &system, &places, &watcher).map_err(|error| told(&error))?;
        let (version, at) = (&found.version, found.invocation.shown.display());
        console.result(&format!("{tool} {version} ({at})\n"));
    }
    Ok(ExitCode::Success.code())
}

fn told(error: &InstallError) -> CommandError {
    let (exit, remedy) = match error {
        InstallError::Unknown(_) => {
            (ExitCode::Usage, "the tools that can be installed are cbmc, coq, clang, z3 and cvc5".to_owned())
        }
        InstallError::NotDebian(_) => (
            ExitCode::System,
            "install the tool yourself; `interlock tools` lists the versions that will do".to_owned(),
        ),
        InstallError::NeedsRoot { command, .. } => (ExitCode::System, format!("as root: {command}")),
        InstallError::Nowhere { .. } => {
            (ExitCode::System, "install the tool yourself and name it under [tools] in the project file".to_owned())
        }
        InstallError::NoMirror(_) => (ExitCode::System, "add the release to /etc/apt/sources.list".to_owned()),
        InstallError::Command { .. } => (ExitCode::System, "is the mirror reachable? nothing was changed".to_owned()),
        InstallError::Unusable(unusable) => (ExitCode::System, unusable.remedy()),
        InstallError::System(..) => (ExitCode::System, "check space and permissions, or give --prefix".to_owned()),
    };
    CommandError::new(exit, error.to_string(), remedy)
}
