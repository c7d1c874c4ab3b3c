//! What stands on TLC's command line.

use super::flags::{self, Treatment};
use crate::cli::Workers;
use crate::engines::tla::dump::Dump;
use report::graph::GraphForm;
use std::path::PathBuf;
use tla_explore::Scheduler;

/// A command line that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The specification.
    pub spec: PathBuf,
    /// `-config`.
    pub config: Option<PathBuf>,
    /// `-workers`.
    pub workers: usize,
    /// `-workers 1` was given.
    pub one_worker: bool,
    /// Whether deadlock is checked, unless the configuration says otherwise.
    pub no_deadlock: bool,
    /// `-continue`.
    pub go_on: bool,
    /// `-simulate` or `-generate`.
    pub simulation: Option<Simulation>,
    /// `-dfid`.
    pub deepens: Option<u32>,
    /// `-depth`.
    pub depth: u32,
    /// `-seed`.
    pub seed: Option<u64>,
    /// `-aril`.
    pub aril: u64,
    /// `-coverage`.
    pub coverage: bool,
    /// `-difftrace`.
    pub difftrace: bool,
    /// `-nowarning`.
    pub no_warnings: bool,
    /// `-tool`.
    pub tool: bool,
    /// `-userFile`.
    pub user_file: Option<PathBuf>,
    /// `-suppressMessages`.
    pub suppressed: Vec<u16>,
    /// `-dump`.
    pub dump: Option<Dump>,
    /// `-dumpTrace`.
    pub traces: Vec<(TraceForm, PathBuf)>,
    /// `-loadTrace`.
    pub loaded: Option<PathBuf>,
    /// `-generateSpecTE`.
    pub explores: bool,
    /// `-teSpecOutDir`.
    pub explored_in: Option<PathBuf>,
    /// `-inv`.
    pub invariants: Vec<String>,
    /// `-postCondition`.
    pub postconditions: Vec<(String, String)>,
    /// `-checkpoint`, in minutes.
    pub checkpoint: Option<u64>,
    /// `-recover`.
    pub recover: Option<PathBuf>,
    /// `-metadir`.
    pub metadir: Option<PathBuf>,
    /// `-DTLA-Library=`.
    pub library: Vec<PathBuf>,
}

/// A form of a counterexample in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceForm {
    /// TLC's JSON.
    Json,
    /// A module that defines the counterexample.
    Module,
    /// A module that defines the sequence of states.
    Plain,
    /// A specification of this behavior alone.
    Specification,
    /// An action constraint.
    Action,
    /// A graph.
    Dot,
}

impl TraceForm {
    /// The format of this name, which TLC takes in any case.
    fn find(name: &str) -> Option<Self> {
        let forms = [
            ("json", Self::Json),
            ("tla", Self::Module),
            ("tlcplain", Self::Plain),
            ("tlctespec", Self::Specification),
            ("tlcaction", Self::Action),
            ("dot", Self::Dot),
        ];
        forms.into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, form)| form)
    }
}

/// The greatest number of a polynomial of TLC's.
const MOST_POLYNOMIAL: u64 = 130;

/// Why TLC's binary format is neither written nor read.
const NO_NAMES: &str = "TLC's binary files number model values instead of naming them; use json";

/// What `-simulate` and `-generate` ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Simulation {
    /// `num=`.
    pub number: Option<u64>,
    /// `file=`.
    pub file: Option<PathBuf>,
    /// Draw one successor at a time.
    pub generate: bool,
    /// `sched=`.
    pub scheduler: Scheduler,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// `-help`.
    Help,
    /// A run.
    Run(Box<Options>),
}

/// Why a command line cannot be used, in TLC's manner.
pub type Complaint = String;

/// Reads the command line.
///
/// # Errors
/// What is wrong with it, or which flag is refused and why.
pub fn parse(words: &[String]) -> Result<Parsed, Complaint> {
    let mut reader = Reader { words, at: 0, options: Options::default(), spec: None };
    while let Some(word) = reader.next() {
        if matches!(word, "-h" | "-help") {
            return Ok(Parsed::Help);
        }
        if !word.starts_with('-') {
            reader.spec(word)?;
        } else if let Some(property) = word.strip_prefix("-D") {
            reader.property(property)?;
        } else if word.starts_with("-X") {
            // Settings of a Java machine mean nothing here.
        } else {
            reader.flag(word)?;
        }
    }
    if reader.options.recover.is_some() && reader.options.simulation.is_some() {
        return Err(
            "Error: -recover is refused for a simulation, which is not saved: give its seed with -seed.".to_owned()
        );
    }
    let Some(spec) = reader.spec else { return Err("Error: Missing input TLA+ module.".to_owned()) };
    Ok(Parsed::Run(Box::new(Options { spec, ..reader.options })))
}

impl Default for Options {
    fn default() -> Self {
        Self {
            spec: PathBuf::new(),
            config: None,
            workers: 1,
            one_worker: false,
            no_deadlock: false,
            go_on: false,
            simulation: None,
            deepens: None,
            depth: 100,
            seed: None,
            aril: 0,
            coverage: false,
            difftrace: false,
            no_warnings: false,
            tool: false,
            user_file: None,
            suppressed: Vec::new(),
            dump: None,
            traces: Vec::new(),
            loaded: None,
            explores: false,
            explored_in: None,
            invariants: Vec::new(),
            postconditions: Vec::new(),
            checkpoint: None,
            recover: None,
            metadir: None,
            library: Vec::new(),
        }
    }
}

struct Reader<'w> {
    words: &'w [String],
    at: usize,
    options: Options,
    spec: Option<PathBuf>,
}

impl<'w> Reader<'w> {
    fn next(&mut self) -> Option<&'w str> {
        let word = self.words.get(self.at)?;
        self.at += 1;
        Some(word)
    }

    fn value(&mut self, flag: &str, what: &str) -> Result<&'w str, Complaint> {
        self.next().ok_or_else(|| format!("Error: {what} required behind {flag}."))
    }

    fn spec(&mut self, word: &str) -> Result<(), Complaint> {
        if let Some(known) = &self.spec {
            return Err(format!("Error: more than one input file: {} and {word}", known.display()));
        }
        self.spec = Some(PathBuf::from(word));
        Ok(())
    }

    /// A Java property. Those that change what is checked are refused.
    fn property(&mut self, property: &str) -> Result<(), Complaint> {
        match property.split_once('=').unwrap_or((property, "")) {
            ("TLA-Library", path) => {
                self.options.library.extend(std::env::split_paths(path));
                Ok(())
            }
            ("tlc2.tool.impl.Tool.cdot", "true") => Ok(()),
            (name, _) if name.starts_with("tlc2.tool.fp.") || name.starts_with("tlc2.tool.ModelChecker.") => Ok(()),
            (name, _) if name.starts_with("tlc2.") || name.starts_with("tla2sany.") => Err(format!(
                "Error: the property -D{name} is refused: it is not known whether it changes what is checked."
            )),
            _ => Ok(()),
        }
    }

    fn flag(&mut self, word: &'w str) -> Result<(), Complaint> {
        let Some(flag) = flags::find(word) else { return Err(format!("Error: unrecognized option: {word}")) };
        if flag.treatment == Treatment::Refuses {
            return Err(format!("Error: {} is refused: {}.", flag.name, flag.what));
        }
        match flag.name {
            "-config" => self.options.config = Some(PathBuf::from(self.value(word, "a configuration file")?)),
            "-workers" => {
                let value = self.value(word, "a number of workers, or auto,")?;
                let workers: Workers = value
                    .parse()
                    .map_err(|_| format!("Error: worker number or 'auto' required. But encountered {value}"))?;
                self.options.workers = workers.number();
                self.options.one_worker = self.options.workers == 1;
            }
            "-deadlock" => self.options.no_deadlock = true,
            "-continue" => self.options.go_on = true,
            "-simulate" => self.simulation(false)?,
            "-generate" => self.simulation(true)?,
            "-depth" => {
                let value = self.value(word, "a depth")?;
                self.options.depth = match value.parse::<i64>() {
                    Ok(-1) => u32::MAX,
                    Ok(depth) if depth > 0 => u32::try_from(depth).unwrap_or(u32::MAX),
                    Ok(_) | Err(_) => {
                        return Err(format!("Error: An integer for trace length required. But encountered {value}"));
                    }
                };
            }
            "-seed" => self.options.seed = Some(self.number(word)?),
            "-dfid" => {
                self.options.deepens = Some(u32::try_from(self.number(word)?).unwrap_or(u32::MAX).max(1));
            }
            "-aril" => self.options.aril = self.number(word)?,
            "-coverage" => {
                self.number(word)?;
                self.options.coverage = true;
            }
            "-dump" => self.dump()?,
            "-dumpTrace" => {
                let name = self.value(word, "a format")?;
                let form = TraceForm::find(name).ok_or_else(|| match name {
                    "tlc" => format!("Error: -dumpTrace tlc is refused: {NO_NAMES}."),
                    other => format!("Error: Unknown format {other} given to -dumpTrace."),
                })?;
                let file = PathBuf::from(self.value(word, "a file name")?);
                self.options.traces.push((form, file));
            }
            "-loadTrace" => {
                let name = self.value(word, "a format")?;
                if name.eq_ignore_ascii_case("tlc") {
                    return Err(format!("Error: -loadTrace tlc is refused: {NO_NAMES}."));
                }
                if !name.eq_ignore_ascii_case("json") {
                    return Err(format!("Error: Unknown format {name} given to -loadTrace."));
                }
                let file = PathBuf::from(self.value(word, "a file name")?);
                if self.options.loaded.replace(file).is_some() {
                    return Err("Error: -loadTrace is refused a second time: a search keeps to one trace.".to_owned());
                }
            }
            "-inv" => {
                let expression = self.value(word, "an expression")?.to_owned();
                self.options.invariants.push(expression);
            }
            "-invlevel" => {
                let value = self.value(word, "a level")?;
                let level: i64 = value
                    .parse()
                    .map_err(|_| format!("Error: An integer for -invlevel required. But encountered {value}"))?;
                // Levels come one after the other, the first one being 1, so the first state that is not nearer is at this
                // very level. The specification need not extend the module.
                let level = level.max(1);
                self.options.invariants.push(format!("LET _T == INSTANCE TLC IN _T!TLCGet(\"level\") # {level}"));
            }
            "-postCondition" => {
                let value = self.value(word, "Module!Operator")?;
                let parts = value.split_once('!').filter(|(module, operator)| is_name(module) && is_name(operator));
                let (module, operator) = parts.ok_or_else(|| {
                    format!("Error: Module!Operator for postCondition must be of the form module!operator. Encountered: {value}")
                })?;
                self.options.postconditions.push((module.to_owned(), operator.to_owned()));
            }
            "-checkpoint" => {
                let value = self.value(word, "checkpoint interval")?;
                let minutes = value.parse().map_err(|_| {
                    format!("Error: An integer for checkpoint interval is required. But encountered {value}")
                })?;
                self.options.checkpoint = Some(minutes);
            }
            "-recover" => self.options.recover = Some(PathBuf::from(self.value(word, "a folder with a checkpoint")?)),
            "-generateSpecTE" => {
                self.options.explores = true;
                // The modules that a specification needs are never written into it here.
                self.at += usize::from(self.words.get(self.at).is_some_and(|word| word == "nomonolith"));
            }
            "-noGenerateSpecTE" | "-noTE" => self.options.explores = false,
            "-teSpecOutDir" => self.options.explored_in = Some(PathBuf::from(self.value(word, "a folder")?)),
            "-metadir" => self.options.metadir = Some(PathBuf::from(self.value(word, "a folder")?)),
            "-difftrace" => self.options.difftrace = true,
            "-nowarning" => self.options.no_warnings = true,
            "-tool" => self.options.tool = true,
            "-userFile" => self.options.user_file = Some(PathBuf::from(self.value(word, "a file")?)),
            "-suppressMessages" => {
                let value = self.value(word, "a list of message codes")?;
                for code in value.split(',') {
                    let code = code.trim().parse().map_err(|_| format!("Error: unknown message code: {code}"))?;
                    self.options.suppressed.push(code);
                }
            }
            "-lncheck" => {
                if self.value(word, "a strategy such as final")?.eq_ignore_ascii_case("off") {
                    let remedy = "remove PROPERTY from the configuration to check without it";
                    return Err(format!(
                        "Error: -lncheck off is refused: properties would count as checked; {remedy}."
                    ));
                }
            }
            "-fpbits" | "-maxSetSize" => {
                self.number(word)?;
            }
            "-fp" => {
                let number = self.number(word)?;
                if number > MOST_POLYNOMIAL {
                    return Err(format!(
                        "Error: a number from 0 to {MOST_POLYNOMIAL} required behind -fp, not {number}"
                    ));
                }
            }
            "-fpmem" => {
                let value = self.value(word, "a fraction")?;
                value.parse::<f64>().map_err(|_| format!("Error: a fraction required behind -fpmem, not {value}"))?;
            }
            // The rest is accepted; its values are passed over.
            _ => {
                for name in flag.values {
                    self.value(word, name)?;
                }
            }
        }
        Ok(())
    }

    /// An integer; TLC's seeds may be negative.
    fn number(&mut self, flag: &str) -> Result<u64, Complaint> {
        let value = self.value(flag, "a number")?;
        let number = value.parse::<i64>().map(|number| number as u64).or_else(|_| value.parse::<u64>());
        number.map_err(|_| format!("Error: a number required behind {flag}. But encountered {value}"))
    }

    /// `[dot[,colorize,actionlabels,…]] FILE`. TLC adds an ending where there is none.
    fn dump(&mut self) -> Result<(), Complaint> {
        let what = self.value("-dump", "a file name for dumping states")?;
        let more = self.words.get(self.at).is_some_and(|word| !word.starts_with('-'));
        if what.starts_with("class,") {
            return Err("Error: -dump class, is refused: there are no Java classes here.".to_owned());
        }
        let (form, ending, file) = if what.starts_with("dot") && more {
            let action_labels = what.to_lowercase().contains("actionlabels");
            (GraphForm::Dot { action_labels }, ".dot", self.value("-dump", "a file name")?)
        } else {
            (GraphForm::States, ".dump", what)
        };
        let path = if file.ends_with(ending) { file.to_owned() } else { format!("{file}{ending}") };
        self.options.dump = Some(Dump { path: PathBuf::from(path), form });
        Ok(())
    }

    fn simulation(&mut self, generate: bool) -> Result<(), Complaint> {
        let mut simulation = Simulation { generate, ..Simulation::default() };
        let is_list = |word: &str| ["num=", "file=", "stats=", "sched="].iter().any(|part| word.contains(part));
        if let Some(list) = self.words.get(self.at).filter(|word| is_list(word)) {
            self.at += 1;
            for part in list.split(',') {
                match part.split_once('=') {
                    Some(("num", number)) => {
                        let number = number.parse().map_err(|_| format!("Error: num= needs a number, not {number}"))?;
                        simulation.number = Some(number);
                    }
                    Some(("stats", _)) => {}
                    Some(("sched", "rl" | "rlaction")) => simulation.scheduler = Scheduler::Coverage,
                    Some(("file", file)) => simulation.file = Some(PathBuf::from(file)),
                    Some(_) | None => return Err(format!("Error: unknown part of the simulation's arguments: {part}")),
                }
            }
        }
        if simulation.scheduler == Scheduler::Uniform && !generate {
            // TLC chooses an action first.
            simulation.scheduler = Scheduler::Actions;
        }
        self.options.simulation = Some(simulation);
        Ok(())
    }
}

/// Whether this may be the name of a module or operator.
fn is_name(text: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.chars().all(good) && text.chars().any(|c| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Parsed, Complaint> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    fn options(line: &str) -> Options {
        match parsed(line) {
            Ok(Parsed::Run(options)) => *options,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn a_usual_command_line_is_understood() {
        let options =
            options("-tool -modelcheck -coverage 1 -config MC.cfg -workers 4 -fpmem 0.5 -noTE MC.tla -deadlock");
        assert!(options.tool && options.coverage && options.no_deadlock && !options.go_on);
        assert_eq!((options.workers, options.spec), (4, PathBuf::from("MC.tla")));
        assert_eq!(options.config, Some(PathBuf::from("MC.cfg")));
    }

    #[test]
    fn simulation_takes_its_own_arguments() {
        let options = options("-simulate num=7,stats=full,sched=rl -depth -1 -seed -5 Spec");
        let scheduler = Scheduler::Coverage;
        let simulation = Simulation { number: Some(7), scheduler, ..Simulation::default() };
        assert_eq!((options.simulation, options.depth), (Some(simulation), u32::MAX));
        let options = super::tests::options("-generate Spec");
        assert_eq!(options.simulation.map(|simulation| simulation.generate), Some(true));
    }

    #[test]
    fn nothing_that_changes_a_verdict_is_passed_over() {
        for line in [
            "-lncheck off S",
            "-loadTrace tlc t S",
            "-loadTrace json t -loadTrace json u S",
            "-messagesAsErrors 1 S",
            "-dumpTrace tlc f S",
            "-dump class,X f S",
            "-Dtlc2.tool.impl.ModelConfig.nosymmetry=true S",
        ] {
            let complaint = parsed(line).expect_err(line);
            assert!(complaint.contains("refused"), "{complaint}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (line, word) in [
            ("", "Missing"),
            ("-bogus S", "-bogus"),
            ("A B", "more than one"),
            ("-workers x S", "x"),
            ("S -config", "configuration file"),
            ("-dumpTrace xml f S", "xml"),
            ("-loadTrace xml f S", "xml"),
            ("-depth 0 S", "0"),
            ("-invlevel x S", "x"),
            ("-postCondition M S", "module!operator"),
            ("-checkpoint x S", "x"),
            ("-fp 131 S", "131"),
            ("-fpmem x S", "x"),
            ("-fpbits x S", "x"),
            ("-maxSetSize x S", "x"),
            ("-recover id -simulate S", "simulation"),
        ] {
            let complaint = parsed(line).expect_err(line);
            assert!(complaint.contains(word), "{complaint}");
        }
    }
}
