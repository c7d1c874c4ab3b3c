//! Defects that can be switched on, for tests of the tests.
//!
//! Each is named as the constant of the specification that has it. Without the feature `mutations` a [`Mutations`] is
//! always empty, and [`Mutations::has`] is a constant that the compiler removes.

/// A defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mutation {
    /// Stream pool: a slot is claimed by a store instead of a compare-and-swap.
    PlainStore,
    /// Stream pool: a thread that ends gives its slot back twice.
    DoubleRelease,
    /// Stream pool: a thread that ends drops its slot.
    LeakOnExit,
    /// Stream pool: whoever gives a slot back looks for sleepers without the mutex.
    NotifyOutsideMutex,
    /// Stream pool: no test of the flag after the slow path.
    SkipThirdCheck,
    /// Stream pool: destruction does not wait for registered users.
    SkipDrain,
    /// Stream pool: the slot mask is published without release ordering.
    RelaxedMask,
    /// Allocator: allocation leaves `use_count` alone.
    NoIncrement,
    /// Allocator: `use_count` dies with its block.
    RestartGeneration,
    /// Allocator: `in_use` is set before `use_count` is incremented.
    PublishFirst,
    /// Allocator: the second look at the table is missing.
    SkipRecheck,
    /// Allocator: a free to the cache does not look at `in_use`.
    NoInUseTest,
    /// Allocator: a block is given back to the pool of another.
    WrongPool,
    /// Allocator: `in_use` is published without release ordering.
    RelaxedPublish,
    /// Events: the destructor does not wait for pending callbacks.
    NoPendingWait,
    /// Events: the destructor frees when its time is up.
    FreeOnTimeout,
    /// Events: the counter is incremented after the callback was scheduled.
    ScheduleFirst,
    /// Events: the callback decrements before it does its work.
    DecrementFirst,
    /// Events: the callback reports to whoever owns the event.
    NoEpochCheck,
    /// Record stream: the first event that completes recycles the buffer.
    RecycleOnFirst,
    /// Record stream: the counter grows as the events are encoded.
    CountAsEncoded,
    /// Record stream: one of the buffer's streams is not waited for.
    ForgetAStream,
    /// Record stream: a kernel is launched on a stream that the buffer has not noted.
    LaunchUnnoted,
    /// Record stream: a free never waits.
    IgnoreLimit,
    /// Batch queue: submit does not test the flag under the mutex.
    SkipSecondTest,
    /// Batch queue: submit wakes nobody.
    ForgetNotify,
    /// Batch queue: stop wakes one worker only.
    NotifyOneOnStop,
    /// Graph cache: eviction does not look at the references.
    EvictInUse,
    /// Graph cache: insertion does not look for an entry of the same key.
    BlindInsert,
    /// Command buffers: a method holds the stream's lock for each access alone.
    NoLock,
    /// Tensors: a block borrows the tensor that it reads.
    Borrowed,
    /// Tensors: a block owns its tensor only once it runs.
    LateCapture,
    /// Tensors: a collection takes the buffer although others hold the tensor.
    HastyCollector,
    /// Fork: no mutex is taken before it.
    SkipPrepare,
    /// Fork: the child's handler does not set the flag.
    ForgetFlag,
    /// Fork: the child's handler leaves the thread's binding.
    KeepBinding,
}

impl Mutation {
    /// Every defect.
    pub const ALL: [Self; 36] = [
        Self::PlainStore,
        Self::DoubleRelease,
        Self::LeakOnExit,
        Self::NotifyOutsideMutex,
        Self::SkipThirdCheck,
        Self::SkipDrain,
        Self::RelaxedMask,
        Self::NoIncrement,
        Self::RestartGeneration,
        Self::PublishFirst,
        Self::SkipRecheck,
        Self::NoInUseTest,
        Self::WrongPool,
        Self::RelaxedPublish,
        Self::NoPendingWait,
        Self::FreeOnTimeout,
        Self::ScheduleFirst,
        Self::DecrementFirst,
        Self::NoEpochCheck,
        Self::RecycleOnFirst,
        Self::CountAsEncoded,
        Self::ForgetAStream,
        Self::LaunchUnnoted,
        Self::IgnoreLimit,
        Self::SkipSecondTest,
        Self::ForgetNotify,
        Self::NotifyOneOnStop,
        Self::EvictInUse,
        Self::BlindInsert,
        Self::NoLock,
        Self::Borrowed,
        Self::LateCapture,
        Self::HastyCollector,
        Self::SkipPrepare,
        Self::ForgetFlag,
        Self::KeepBinding,
    ];
}

/// The defects in force: none, unless the feature `mutations` is on and one was asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mutations {
    #[cfg(feature = "mutations")]
    one: Option<Mutation>,
}

impl Mutations {
    /// No defect.
    pub const NONE: Self = Self {
        #[cfg(feature = "mutations")]
        one: None,
    };

    /// The defect with this name.
    #[cfg(feature = "mutations")]
    pub fn named(name: &str) -> Option<Self> {
        let same = |mutation: &Mutation| format!("{mutation:?}") == name;
        Mutation::ALL.into_iter().find(same).map(Self::only)
    }

    /// One defect.
    #[cfg(feature = "mutations")]
    pub const fn only(mutation: Mutation) -> Self {
        Self { one: Some(mutation) }
    }

    /// Whether there is one.
    #[cfg(all(feature = "trace", not(any(feature = "loom", feature = "shuttle"))))]
    pub(crate) fn is_some(self) -> bool {
        Mutation::ALL.into_iter().any(|mutation| self.has(mutation))
    }

    /// Whether this defect is in force.
    #[inline]
    pub(crate) fn has(self, mutation: Mutation) -> bool {
        #[cfg(feature = "mutations")]
        return self.one == Some(mutation);
        #[cfg(not(feature = "mutations"))]
        {
            let _ = mutation;
            false
        }
    }
}
