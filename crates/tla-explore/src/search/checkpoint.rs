//! Saving a search, and going on with one that was saved.
//!
//! A checkpoint is taken between two segments, when nothing is in flight: the states with their predecessors ([the
//! store's pages](crate::store)), what waits for its expansion, what was counted and found, and what the system itself
//! remembers (the values that words of states are numbers of). What was written for an earlier checkpoint and has not
//! changed is not written again. [`Manifest::publish`] makes it valid, all at once.
//!
//! A search that is resumed goes on as if it had not been away: its counts, findings and traces are those of a search
//! that never stopped, for any number of workers before and after.

use super::frontier::SavedFrontier;
use super::leader::{Leader, ended_by};
use super::meter::Pause;
use super::round::Blocks;
use crate::lock::{locked, read, written};
use crate::options::Checkpoint;
use crate::outcome::{Ended, Finding, Violation};
use crate::persist::encoding::malformed;
use crate::persist::manifest::{Manifest, Subject, Unusable};
use crate::persist::{FileName, Folder, Input, Output};
use crate::statistics::{ActionCount, Degrees, Statistics, internal};
use crate::store::{SavedStore, Store};
use crate::system::{
    Answer, Broken, ErrorClass, Flow, Generated, Reached, Sink, SystemError, TransitionSystem, Worker,
};
use std::io::{self, Read};
use std::time::{Duration, Instant};
use verdict::{Checkpointed, CollisionBound, Event, StoreKind};

/// When the next checkpoint is due.
#[derive(Debug)]
pub(super) struct Saver {
    every: Option<Duration>,
    last: Instant,
}

impl Saver {
    pub(super) fn new(checkpoint: Option<&Checkpoint>) -> Self {
        Self { every: checkpoint.map(|checkpoint| checkpoint.every), last: Instant::now() }
    }

    fn is_due(&self) -> bool {
        self.every.is_some_and(|every| self.last.elapsed() >= every)
    }
}

/// Everything of a search that is neither the store's nor the system's.
#[derive(Debug)]
struct SavedSearch {
    store: SavedStore,
    system: FileName,
    statistics: Statistics,
    per_action: Vec<ActionCount>,
    taken: u64,
    level: u32,
    known: u64,
    findings: Vec<Finding>,
    reached: Reached,
    current: SavedFrontier,
    next: SavedFrontier,
}

/// Looks whether the search of a checkpoint can be resumed.
///
/// # Errors
/// If there is no checkpoint, or it is of something else, or damaged.
pub fn examine_checkpoint(checkpoint: &Checkpoint) -> Result<(), Unusable> {
    let manifest = Manifest::read(&checkpoint.folder)?;
    manifest.require(&subject(checkpoint))?;
    manifest.files.iter().try_for_each(|name| Manifest::check(&checkpoint.folder, name).map(|_| ()))
}

fn subject(checkpoint: &Checkpoint) -> Subject {
    Subject { lines: checkpoint.subject.clone() }
}

impl<S: TransitionSystem> Leader<'_, '_, S> {
    /// Saves the search if it is time, and ends it if the user wants that.
    pub(super) fn save_if_due(&mut self) -> Result<(), Ended> {
        let wanted = self.shared.meter.is_paused_for(Pause::Interrupt);
        if wanted || self.saver.is_due() {
            self.save();
        }
        if wanted { Err(Ended::Interrupted) } else { Ok(()) }
    }

    /// Saves the search at its end, so that a run that is resumed has only to tell what was found.
    pub(super) fn save_the_end(&mut self) {
        if self.saver.every.is_some() {
            self.save();
        }
    }

    /// A checkpoint that cannot be written is told and does not end the search.
    fn save(&mut self) {
        if let Some(checkpoint) = &self.shared.options.checkpoint {
            self.events.send(Event::Saving { folder: checkpoint.folder.display().to_string() });
        }
        let result = self.folder().map(|_| ()).and_then(|()| match self.folder.take() {
            None => Ok(()),
            Some(mut folder) => {
                let result = self.save_to(&mut folder);
                self.folder = Some(folder);
                result
            }
        });
        match result {
            Ok(()) => self.tell(Event::Saved),
            Err(error) => {
                self.events.send(Event::Warning { text: format!("a checkpoint could not be written: {error}") });
            }
        }
        self.saver.last = Instant::now();
        self.shared.meter.resume(Pause::Checkpoint);
        self.shared.meter.checkpoint_written();
    }

    fn tell(&self, event: fn(Checkpointed) -> Event) {
        if let Some(checkpoint) = &self.shared.options.checkpoint {
            let distinct = self.account.statistics.distinct;
            let queue = distinct.saturating_sub(self.account.taken);
            self.events.send(event(Checkpointed { folder: checkpoint.folder.display().to_string(), distinct, queue }));
        }
    }

    fn save_to(&mut self, folder: &mut Folder) -> io::Result<()> {
        let Some(checkpoint) = &self.shared.options.checkpoint else { return Ok(()) };
        locked(&self.shared.reached).merge(&self.worker.reached());
        let store = written(&self.shared.store).save(folder)?;
        let system = folder.write("values", |output| self.shared.system.save(output))?.name;
        let round = read(&self.shared.round);
        let search = SavedSearch {
            store,
            system,
            statistics: self.account.statistics.clone(),
            per_action: self.account.per_action.clone(),
            taken: self.account.taken,
            level: round.level,
            known: round.known,
            findings: self.findings.clone(),
            reached: locked(&self.shared.reached).clone(),
            current: self.current.save(Some((&round.chunk, round.start)), folder)?,
            next: self.next.save(None, folder)?,
        };
        let main = folder.write("search", |output| search.write(output))?.name;
        // The search itself comes first: its name is the only one that is looked up by place.
        let mut files = vec![main, search.system.clone()];
        files.extend(search.store.files().cloned());
        files.extend(search.current.iter().chain(&search.next).map(|(name, _)| name.clone()));
        Manifest { subject: subject(checkpoint), files }.publish(folder)
    }

    /// Goes on with a saved search, if that is asked for. Whether it is.
    pub(super) fn resume(&mut self) -> Result<bool, Ended> {
        let Some(checkpoint) = self.shared.options.checkpoint.as_ref().filter(|checkpoint| checkpoint.resume) else {
            return Ok(false);
        };
        match self.restore(checkpoint) {
            Ok(()) => {
                self.saver.last = Instant::now();
                self.tell(Event::Resumed);
                Ok(true)
            }
            Err(unusable) => Err(ended_by(SystemError {
                class: ErrorClass::Capacity,
                remedy: "Start the search anew, with another folder for checkpoints.".to_owned(),
                ..internal(unusable.to_string())
            })),
        }
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), Unusable> {
        let path = &checkpoint.folder;
        // Held from here on: nobody else changes the folder while it is read.
        self.folder()?;
        let manifest = Manifest::read(path)?;
        manifest.require(&subject(checkpoint))?;
        let damaged = |what: &str| Unusable::Damaged(what.to_owned());
        let main = manifest.files.first().ok_or_else(|| damaged("the list of files"))?;
        let search = Manifest::check(path, main)?.at_the_beginning(|file| {
            let mut input = Input::of_file(file)?;
            let search = SavedSearch::read(&mut input)?;
            input.finish()?;
            Ok(search)
        })?;
        let system = Manifest::check(path, &search.system)?;
        system.at_the_beginning(|file| self.shared.system.restore(&mut io::BufReader::new(file)))?;
        if search.per_action.len() != self.account.per_action.len() {
            return Err(damaged("the number of actions"));
        }
        let store = Store::restore(&search.store, path)?;
        self.current = self.frontier_of(&store, search.current, path)?;
        self.next = self.frontier_of(&store, search.next, path)?;
        *written(&self.shared.store) = store;
        let SavedSearch { statistics, per_action, taken, findings, reached, level, known, .. } = search;
        self.account.statistics = statistics;
        self.account.per_action = per_action;
        self.account.taken = taken;
        *locked(&self.shared.reached) = reached;
        {
            let mut round = written(&self.shared.round);
            round.level = level;
            round.known = known;
            round.cut_into = Blocks::even(1);
            round.found = findings.iter().map(|finding| finding.violation).collect();
        }
        self.findings = findings;
        // What initial states set outside of the states (registers) has to be set again; nothing is counted.
        let _set_before = self.worker.initial(&mut Nobody);
        Ok(())
    }

    fn frontier_of(
        &self,
        store: &Store,
        saved: SavedFrontier,
        path: &std::path::Path,
    ) -> Result<super::frontier::Frontier, Unusable> {
        let mut frontier = super::frontier::Frontier::new(store.kept_words(), self.shared.options.chunk_size);
        frontier.restore(saved, path)?;
        Ok(frontier)
    }
}

/// Takes states and does nothing with them.
struct Nobody;

impl Sink for Nobody {
    fn generated(&mut self, _state: Generated<'_>) -> Answer {
        Answer::Known
    }

    fn broken(&mut self, _broken: Broken) -> Flow {
        Flow::Continue
    }
}

impl SavedSearch {
    fn write(&self, output: &mut Output) -> io::Result<()> {
        self.store.write(output)?;
        self.system.write(output)?;
        write_statistics(&self.statistics, output)?;
        output.number(self.per_action.len() as u64)?;
        for count in &self.per_action {
            output.number(count.generated)?;
            output.number(count.distinct)?;
        }
        output.number(self.taken)?;
        output.number(self.level.into())?;
        output.number(self.known)?;
        output.number(self.findings.len() as u64)?;
        for finding in &self.findings {
            output.number(number_of(finding.violation))?;
            output.number(finding.trace.len() as u64)?;
            finding.trace.iter().try_for_each(|state| output.array(state))?;
        }
        let marks: Vec<u32> = self.reached.marks.iter().map(|mark| u32::from(*mark)).collect();
        output.array(&marks)?;
        for frontier in [&self.current, &self.next] {
            output.number(frontier.len() as u64)?;
            for (name, states) in frontier {
                name.write(output)?;
                output.number(*states)?;
            }
        }
        Ok(())
    }

    fn read(input: &mut Input<impl Read>) -> io::Result<Self> {
        let store = SavedStore::read(input)?;
        let system = FileName::read(input)?;
        let statistics = read_statistics(input, store.layout.kind)?;
        let mut per_action = Vec::new();
        for _ in 0..input.count(16)? {
            per_action.push(ActionCount { generated: input.number()?, distinct: input.number()? });
        }
        let taken = input.number()?;
        let level = u32::try_from(input.number()?).map_err(|_| malformed("a level"))?;
        let known = input.number()?;
        let mut findings = Vec::new();
        for _ in 0..input.count(16)? {
            let violation = violation_of(input.number()?).ok_or_else(|| malformed("a finding"))?;
            let trace = (0..input.count(8)?).map(|_| input.array()).collect::<io::Result<_>>()?;
            findings.push(Finding { violation, trace });
        }
        let reached = Reached { marks: input.array()?.into_iter().map(|mark| mark != 0).collect() };
        let mut frontiers = [Vec::new(), Vec::new()];
        for frontier in &mut frontiers {
            for _ in 0..input.count(32)? {
                frontier.push((FileName::read(input)?, input.number()?));
            }
        }
        let [current, next] = frontiers;
        Ok(Self { store, system, statistics, per_action, taken, level, known, findings, reached, current, next })
    }
}

fn number_of(violation: Violation) -> u64 {
    let (kind, number) = match violation {
        Violation::Deadlock => (0, 0),
        Violation::Broken(Broken::Invariant(number)) => (1, number),
        Violation::Broken(Broken::ActionProperty(number)) => (2, number),
        Violation::Broken(Broken::InitialProperty(number)) => (3, number),
    };
    kind << 32 | u64::from(number)
}

fn violation_of(number: u64) -> Option<Violation> {
    let index = number as u32;
    match number >> 32 {
        0 => Some(Violation::Deadlock),
        1 => Some(Violation::Broken(Broken::Invariant(index))),
        2 => Some(Violation::Broken(Broken::ActionProperty(index))),
        3 => Some(Violation::Broken(Broken::InitialProperty(index))),
        _ => None,
    }
}

fn write_statistics(statistics: &Statistics, output: &mut Output) -> io::Result<()> {
    let Statistics {
        generated,
        distinct,
        depth,
        levels,
        duplicates,
        out_of_model,
        passed,
        expanded,
        left_on_queue,
        out_degree,
        new_successors,
        store: _,
        collision_bound: _,
    } = statistics;
    for number in
        [*generated, *distinct, (*depth).into(), *duplicates, *out_of_model, *passed, *expanded, *left_on_queue]
    {
        output.number(number)?;
    }
    output.numbers(levels)?;
    for Degrees { minimum, maximum, total, states } in [out_degree, new_successors] {
        for number in [minimum, maximum, total, states] {
            output.number(*number)?;
        }
    }
    Ok(())
}

fn read_statistics(input: &mut Input<impl Read>, store: StoreKind) -> io::Result<Statistics> {
    let mut statistics = Statistics::new(store);
    statistics.generated = input.number()?;
    statistics.distinct = input.number()?;
    statistics.depth = u32::try_from(input.number()?).map_err(|_| malformed("a depth"))?;
    statistics.duplicates = input.number()?;
    statistics.out_of_model = input.number()?;
    statistics.passed = input.number()?;
    statistics.expanded = input.number()?;
    statistics.left_on_queue = input.number()?;
    statistics.levels = input.numbers()?;
    for degrees in [&mut statistics.out_degree, &mut statistics.new_successors] {
        *degrees = Degrees {
            minimum: input.number()?,
            maximum: input.number()?,
            total: input.number()?,
            states: input.number()?,
        };
    }
    // Computed from the number of states at the end.
    statistics.collision_bound = CollisionBound(0.0);
    Ok(statistics)
}
