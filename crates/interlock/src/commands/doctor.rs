//! `interlock doctor`: what this machine offers. Missing optional tools are said with the remedy and are no error.

use crate::command_error::CommandError;
use crate::console::Console;
use crate::machine;
use report::Ink;
use report::number::bytes;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// An outside tool that some engine can use.
struct Tool {
    name: &'static str,
    /// Programs that are it, the first one found counts.
    programs: &'static [&'static str],
    /// Arguments that make it say its version.
    version: &'static [&'static str],
    purpose: &'static str,
    remedy: &'static str,
}

const TOOLS: [Tool; 7] = [
    Tool {
        name: "C compiler",
        programs: &["cc", "gcc", "clang"],
        version: &["--version"],
        purpose: "links Interlock when it is built",
        remedy: "apt-get install build-essential",
    },
    Tool {
        name: "java",
        programs: &["java"],
        version: &["-version"],
        purpose: "runs TLC, to compare with",
        remedy: "apt-get install default-jre-headless",
    },
    Tool {
        name: "TLC",
        programs: &["tlc"],
        version: &[],
        purpose: "the reference model checker for TLA+",
        remedy: "put a script `tlc` on the PATH that runs java -cp tla2tools.jar tlc2.TLC (github.com/tlaplus/tlaplus/releases)",
    },
    Tool {
        name: "cbmc",
        programs: &["cbmc"],
        version: &["--version"],
        purpose: "bounded checking of C",
        remedy: "apt-get install cbmc",
    },
    Tool {
        name: "clang",
        programs: &["clang"],
        version: &["--version"],
        purpose: "thread-safety analysis of C++ and Objective-C++",
        remedy: "apt-get install clang",
    },
    Tool {
        name: "coqc",
        programs: &["coqc"],
        version: &["--version"],
        purpose: "checks Iris proofs",
        remedy: "install Coq and coq-iris with opam (coq.inria.fr/opam-using.html)",
    },
    Tool {
        name: "lean",
        programs: &["lean"],
        version: &["--version"],
        purpose: "checks Lean proofs",
        remedy: "install elan (github.com/leanprover/elan)",
    },
];

/// Runs the command.
pub fn run(console: &Console) -> Result<u8, CommandError> {
    let style = &console.style;
    let mut out = String::new();
    let mut line = |name: &str, text: &str| out.push_str(&format!("{name:<12}{text}\n"));
    line("interlock", env!("CARGO_PKG_VERSION"));
    line("system", &format!("{} {}", std::env::consts::OS, std::env::consts::ARCH));
    line("cores", &std::thread::available_parallelism().map_or("unknown".to_owned(), |cores| cores.to_string()));
    line("memory", &memory_text());
    out.push_str(&format!("\n{}\n", style.paint(Ink::Strong, "Outside tools (none is needed to check TLA+)")));
    for tool in &TOOLS {
        match find(tool.programs) {
            Some(path) => {
                out.push_str(&format!(
                    "{} {:<11} {}\n",
                    style.paint(Ink::Good, "✓"),
                    tool.name,
                    found_text(tool, &path)
                ));
            }
            None => {
                out.push_str(&format!(
                    "{} {:<11} not found; {}\n",
                    style.paint(Ink::Doubtful, "-"),
                    tool.name,
                    tool.purpose
                ));
                out.push_str(&format!(
                    "{:14}{}\n",
                    "",
                    style.paint(Ink::Faint, &format!("to have it: {}", tool.remedy))
                ));
            }
        }
    }
    console.result(&out);
    Ok(0)
}

fn find(programs: &[&str]) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    let candidates = programs.iter().flat_map(|program| folders.iter().map(move |folder| folder.join(program)));
    candidates.into_iter().find(|path| path.is_file())
}

/// Version, if the tool says it, and path.
fn found_text(tool: &Tool, path: &Path) -> String {
    if tool.version.is_empty() {
        return path.display().to_string();
    }
    let output = Command::new(path).args(tool.version).stdin(Stdio::null()).output();
    let version = output.ok().and_then(|output| {
        // java writes its version to stderr.
        let text = [output.stdout, output.stderr].concat();
        let first = String::from_utf8_lossy(&text).lines().map(str::trim).find(|line| !line.is_empty())?.to_owned();
        Some(first)
    });
    format!("{} ({})", version.unwrap_or_else(|| "does not say its version".to_owned()), path.display())
}

fn memory_text() -> String {
    let Some((total, available)) = machine::memory() else { return "unknown".to_owned() };
    let mut text = format!("{} in all, {} available", bytes(total), bytes(available));
    if let Some(limit) = machine::memory_limit().filter(|limit| *limit < total) {
        text.push_str(&format!(", limited to {} for this group of processes", bytes(limit)));
    }
    text
}
