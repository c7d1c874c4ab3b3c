//! The state graph in a file.

use report::graph::GraphForm;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tla_explore::graph::{Visitor, WalkError, walk};
use tla_explore::{ActionId, ActionInfo, Worker};

/// Where the graph goes, and in which form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dump {
    /// The file.
    pub path: PathBuf,
    /// The form.
    pub form: GraphForm,
}

impl Dump {
    /// The form that a file's ending asks for: DOT for `.dot` and `.gv`, JSON lines for `.jsonl` and `.ndjson`, else a list
    /// of states.
    pub fn by_ending(path: &Path) -> Self {
        let form = match path.extension().and_then(|ending| ending.to_str()) {
            Some("dot" | "gv") => GraphForm::Dot { action_labels: true },
            Some("jsonl" | "ndjson") => GraphForm::JsonLines,
            Some(_) | None => GraphForm::States,
        };
        Self { path: path.to_path_buf(), form }
    }
}

struct Writer<'a> {
    out: BufWriter<File>,
    form: GraphForm,
    actions: &'a [ActionInfo],
}

impl<W: Worker> Visitor<W> for Writer<'_> {
    fn state(&mut self, number: u64, is_initial: bool, words: &[u32], worker: &mut W) -> std::io::Result<()> {
        let state = worker.state_values(words);
        self.out.write_all(self.form.state(number, is_initial, &state).as_bytes())
    }

    fn step(&mut self, from: u64, to: u64, action: ActionId) -> std::io::Result<()> {
        let name = self.actions.get(action.0 as usize).map_or("", |info| info.name.as_str());
        self.out.write_all(self.form.step(from, to, name).as_bytes())
    }
}

/// Writes the graph of the states that were taken up.
///
/// # Errors
/// If the file cannot be written or a state cannot be evaluated.
pub fn write(
    dump: &Dump,
    model: &str,
    worker: &mut impl Worker,
    actions: &[ActionInfo],
    taken: u64,
) -> Result<(), WalkError> {
    let mut writer = Writer { out: BufWriter::new(File::create(&dump.path)?), form: dump.form, actions };
    writer.out.write_all(dump.form.beginning(model).as_bytes())?;
    let walked = walk(worker, taken, &mut writer);
    writer.out.write_all(dump.form.end().as_bytes())?;
    writer.out.flush()?;
    walked
}
