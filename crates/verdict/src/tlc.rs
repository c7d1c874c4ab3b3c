//! Codes and classes of TLC's messages: what our own output in TLC's form is framed with, and what the output of TLC itself
//! is read by.

/// How a message is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// As it is.
    Plain = 0,
    /// An error.
    Error = 1,
    /// A warning.
    Warning = 3,
    /// A state of a behavior.
    State = 4,
}

/// The messages, with TLC's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Code {
    /// Anything without a number of its own.
    General = 1000,
    /// Memory ran out.
    OutOfMemory = 1001,
    /// Memory ran out among the initial states.
    OutOfMemoryInitially = 1002,
    /// An evaluation is nested too deeply.
    StackOverflow = 1005,
    /// The command line is wrong.
    WrongCommandLine = 1102,
    /// Where an error happened.
    NestedExpression = 2103,
    /// An assumption is false.
    AssumptionFalse = 2104,
    /// An assumption cannot be evaluated.
    AssumptionFailed = 2105,
    /// An invariant is false in an initial state.
    InvariantViolatedInitially = 2107,
    /// A property of initial states is false.
    PropertyViolatedInitially = 2108,
    /// A successor leaves a variable without a value.
    NextIncomplete = 2109,
    /// An invariant is false.
    InvariantViolated = 2110,
    /// An invariant cannot be evaluated.
    InvariantFailed = 2111,
    /// An action property is false.
    ActionPropertyViolated = 2112,
    /// An action property cannot be evaluated.
    ActionPropertyFailed = 2113,
    /// A state has no successor.
    Deadlock = 2114,
    /// A temporal property is violated.
    TemporalPropertyViolated = 2116,
    /// A finite behavior follows.
    BehaviorUpToThisPoint = 2121,
    /// A behavior goes back to an earlier state.
    BackToState = 2122,
    /// A defect.
    Bug = 2128,
    /// `Assert` failed.
    AssertFailed = 2132,
    /// Something is not supported.
    Unsupported = 2156,
    /// The operating system refused something.
    DiskError = 2161,
    /// The run begins.
    Starting = 2185,
    /// The run has ended.
    Finished = 2186,
    /// A search.
    ModeSearch = 2187,
    /// A simulation.
    ModeSimulation = 2188,
    /// Initial states are enumerated.
    ComputingInit = 2189,
    /// Initial states are known, all distinct.
    InitGenerated = 2190,
    /// Initial states are known.
    InitGeneratedWithDuplicates = 2191,
    /// Temporal properties are checked.
    CheckingTemporal = 2192,
    /// Nothing was found.
    Success = 2193,
    /// Depth of the search.
    SearchDepth = 2194,
    /// A checkpoint is being written.
    CheckpointStart = 2195,
    /// A checkpoint was written.
    CheckpointEnd = 2196,
    /// A checkpoint is being read.
    RecoverStart = 2197,
    /// The search goes on from a checkpoint.
    RecoverEnd = 2198,
    /// Final counts.
    Statistics = 2199,
    /// Counts on the way.
    Progress = 2200,
    /// Coverage begins.
    CoverageStart = 2201,
    /// Coverage ends.
    CoverageEnd = 2202,
    /// Counts of a simulation on the way.
    SimulationProgress = 2209,
    /// Final counts of a simulation.
    SimulationStatistics = 2210,
    /// A state of a behavior.
    State = 2217,
    /// A behavior stutters.
    Stuttering = 2218,
    /// Modules were read.
    ParserEnd = 2219,
    /// Modules are read.
    ParserStart = 2220,
    /// Count of an expression.
    CoverageValue = 2221,
    /// Version.
    Version = 2262,
    /// An infinite behavior follows.
    CounterExample = 2264,
    /// Temporal properties were checked.
    CheckingTemporalEnd = 2267,
    /// Outdegree of the state graph.
    Outdegree = 2268,
    /// Initial states, on the way.
    ComputingInitProgress = 2269,
    /// A depth-first search.
    ModeDepthFirst = 2271,
    /// Coverage of an action.
    CoverageNext = 2772,
    /// Coverage of the initial predicate.
    CoverageInit = 2773,
    /// Coverage of a property: its name.
    CoverageProperty = 2774,
    /// A postcondition is false.
    PostconditionFalse = 2404,
    /// A specification of the counterexample was written.
    TraceSpecification = 2501,
    /// The specification cannot be used.
    ParsingFailed = 3002,
    /// The configuration cannot be used.
    Configuration = 5002,
}

impl Code {
    /// All of them.
    const ALL: [Self; 61] = [
        Self::General,
        Self::OutOfMemory,
        Self::OutOfMemoryInitially,
        Self::StackOverflow,
        Self::WrongCommandLine,
        Self::NestedExpression,
        Self::AssumptionFalse,
        Self::AssumptionFailed,
        Self::InvariantViolatedInitially,
        Self::PropertyViolatedInitially,
        Self::NextIncomplete,
        Self::InvariantViolated,
        Self::InvariantFailed,
        Self::ActionPropertyViolated,
        Self::ActionPropertyFailed,
        Self::Deadlock,
        Self::TemporalPropertyViolated,
        Self::BehaviorUpToThisPoint,
        Self::BackToState,
        Self::Bug,
        Self::AssertFailed,
        Self::Unsupported,
        Self::DiskError,
        Self::Starting,
        Self::Finished,
        Self::ModeSearch,
        Self::ModeSimulation,
        Self::ComputingInit,
        Self::InitGenerated,
        Self::InitGeneratedWithDuplicates,
        Self::CheckingTemporal,
        Self::Success,
        Self::SearchDepth,
        Self::CheckpointStart,
        Self::CheckpointEnd,
        Self::RecoverStart,
        Self::RecoverEnd,
        Self::Statistics,
        Self::Progress,
        Self::CoverageStart,
        Self::CoverageEnd,
        Self::SimulationProgress,
        Self::SimulationStatistics,
        Self::State,
        Self::Stuttering,
        Self::ParserEnd,
        Self::ParserStart,
        Self::CoverageValue,
        Self::Version,
        Self::CounterExample,
        Self::CheckingTemporalEnd,
        Self::Outdegree,
        Self::ComputingInitProgress,
        Self::ModeDepthFirst,
        Self::CoverageNext,
        Self::CoverageInit,
        Self::CoverageProperty,
        Self::PostconditionFalse,
        Self::TraceSpecification,
        Self::ParsingFailed,
        Self::Configuration,
    ];

    /// The code with this number, if it is one that anything here depends on.
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.number() == number)
    }

    /// The number.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// The class.
    pub fn class(self) -> Class {
        match self {
            Self::OutOfMemory
            | Self::OutOfMemoryInitially
            | Self::StackOverflow
            | Self::WrongCommandLine
            | Self::NestedExpression
            | Self::AssumptionFalse
            | Self::AssumptionFailed
            | Self::InvariantViolatedInitially
            | Self::PropertyViolatedInitially
            | Self::NextIncomplete
            | Self::InvariantViolated
            | Self::InvariantFailed
            | Self::ActionPropertyViolated
            | Self::ActionPropertyFailed
            | Self::Deadlock
            | Self::TemporalPropertyViolated
            | Self::BehaviorUpToThisPoint
            | Self::Bug
            | Self::AssertFailed
            | Self::Unsupported
            | Self::DiskError
            | Self::CounterExample
            | Self::PostconditionFalse
            | Self::ParsingFailed
            | Self::Configuration => Class::Error,
            Self::BackToState | Self::State | Self::Stuttering => Class::State,
            Self::General
            | Self::Starting
            | Self::Finished
            | Self::TraceSpecification
            | Self::ModeSearch
            | Self::ModeSimulation
            | Self::ModeDepthFirst
            | Self::ComputingInit
            | Self::InitGenerated
            | Self::InitGeneratedWithDuplicates
            | Self::CheckingTemporal
            | Self::Success
            | Self::SearchDepth
            | Self::CheckpointStart
            | Self::CheckpointEnd
            | Self::RecoverStart
            | Self::RecoverEnd
            | Self::Statistics
            | Self::Progress
            | Self::CoverageStart
            | Self::CoverageEnd
            | Self::SimulationProgress
            | Self::SimulationStatistics
            | Self::ParserEnd
            | Self::ParserStart
            | Self::CoverageValue
            | Self::Version
            | Self::CheckingTemporalEnd
            | Self::Outdegree
            | Self::ComputingInitProgress
            | Self::CoverageNext
            | Self::CoverageProperty
            | Self::CoverageInit => Class::Plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Code;
    use std::collections::BTreeSet;

    #[test]
    fn every_number_leads_back_to_its_code() {
        let numbers: BTreeSet<u16> = Code::ALL.into_iter().map(Code::number).collect();
        assert_eq!(numbers.len(), Code::ALL.len());
        assert!(Code::ALL.into_iter().all(|code| Code::from_number(code.number()) == Some(code)));
        assert_eq!(Code::from_number(0), None);
    }
}
