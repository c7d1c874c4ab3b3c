//! Who looks at the behaviors of a simulation when they are complete: for what they say about temporal properties, and to
//! write them down.

use super::{TlaEngine, obligations, place};
use report::tlc::trace::{action_text, state_text};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use tla_explore::interpret::{Interpreted, InterpretedWorker};
use tla_explore::liveness::Lassos;
use tla_explore::{SampledLasso, SystemError, Witness, Worker};
use verdict::{Event, EventSink, Step};

/// Everybody who looks.
pub struct Witnesses<'m> {
    lassos: Option<Lassos<'m>>,
    files: Option<BehaviorFiles<'m>>,
}

impl<'m> Witnesses<'m> {
    /// Those that a task asks for.
    pub(super) fn new(engine: &'m TlaEngine, system: &'m Interpreted<'m>, events: &'m dyn EventSink) -> Self {
        let files = engine.task.behavior_files.clone().map(|prefix| BehaviorFiles {
            prefix,
            engine,
            events,
            gave_up: AtomicBool::new(false),
        });
        Self { lassos: Lassos::new(system), files }
    }

    /// Who looks at infinite behaviors, if a property speaks of them.
    pub(super) fn lassos(&self) -> Option<&Lassos<'m>> {
        self.lassos.as_ref()
    }
}

impl<'m> Witness<'m, Interpreted<'m>> for Witnesses<'m> {
    fn behavior(&self, number: u64, behavior: &[Vec<u32>], worker: &mut InterpretedWorker<'m>) -> Option<SampledLasso> {
        if let Some(files) = &self.files {
            files.write(number, behavior, worker);
        }
        self.lassos.as_ref()?.look(behavior, worker)
    }
}

/// Files of behaviors, one for each, in the form of TLC's: `PREFIX_0_NUMBER`.
struct BehaviorFiles<'m> {
    prefix: PathBuf,
    engine: &'m TlaEngine,
    events: &'m dyn EventSink,
    /// A file could not be written, which was told.
    gave_up: AtomicBool,
}

impl<'m> BehaviorFiles<'m> {
    fn write(&self, number: u64, behavior: &[Vec<u32>], worker: &mut InterpretedWorker<'m>) {
        if self.gave_up.load(Ordering::Relaxed) {
            return;
        }
        let mut path = self.prefix.clone().into_os_string();
        path.push(format!("_0_{number}"));
        let path = PathBuf::from(path);
        let module = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let written = self
            .text(&module, behavior, worker)
            .map_err(|error| error.message.clone())
            .and_then(|text| std::fs::write(&path, text).map_err(|error| error.to_string()));
        if let Err(error) = written
            && !self.gave_up.swap(true, Ordering::Relaxed)
        {
            let text = format!("behaviors are not written any more: {}: {error}", path.display());
            self.events.send(Event::Warning { text });
        }
    }

    fn text(
        &self,
        module: &str,
        behavior: &[Vec<u32>],
        worker: &mut InterpretedWorker<'m>,
    ) -> Result<String, Box<SystemError>> {
        let mut text = format!("---------------- MODULE {module} -----------------\n");
        for (index, state) in behavior.iter().enumerate() {
            let (action, bindings, span) = match index.checked_sub(1).and_then(|before| behavior.get(before)) {
                Some(before) => {
                    worker.at_level(index as u32);
                    let info = worker.step(before, state)?;
                    (info.action, info.bindings, info.span)
                }
                None => {
                    let init = self.engine.model.init.as_ref();
                    let name = init.map_or_else(String::new, |init| init.name.clone());
                    (name, Vec::new(), init.map(|init| obligations::defined_at(&self.engine.model, init)))
                }
            };
            let place = span.map(|span| place::place_of(&self.engine.input.specification, span));
            let state = worker.state_values(state);
            let step = Step { action, bindings, place, state, changes: Vec::new(), alias: None };
            let number = index + 1;
            let (action, state) = (action_text(&step), state_text(&step.state));
            text.push_str(&format!("\\* {action}\nSTATE_{number} == \n{state}\n\n"));
        }
        text.push_str("=================================================\n");
        Ok(text)
    }
}
