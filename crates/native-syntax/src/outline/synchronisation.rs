//! Which words of a function say that it synchronises.
//!
//! This asks less than the scanner does: no lock is followed, only seen. Words of one meaning count anywhere; words
//! that mean something else elsewhere (`wait`, `join`, `load`) count as methods, before a bracket. A type that
//! synchronises also makes the variables that have it count, wherever they are used.

use super::Word;
use std::collections::BTreeSet;

/// Types; their last part.
const TYPES: [&str; 57] = [
    "mutex",
    "recursive_mutex",
    "timed_mutex",
    "recursive_timed_mutex",
    "shared_mutex",
    "shared_timed_mutex",
    "condition_variable",
    "condition_variable_any",
    "once_flag",
    "atomic",
    "atomic_flag",
    "atomic_bool",
    "atomic_int",
    "atomic_uint",
    "atomic_size_t",
    "atomic_ref",
    "counting_semaphore",
    "binary_semaphore",
    "latch",
    "barrier",
    "lock_guard",
    "unique_lock",
    "scoped_lock",
    "shared_lock",
    "MutexLock",
    "Mutex",
    "SharedMutex",
    "SpinLock",
    "CondVar",
    "RwLock",
    "Condvar",
    "OnceLock",
    "OnceCell",
    "LazyLock",
    "Barrier",
    "AtomicBool",
    "AtomicU8",
    "AtomicU16",
    "AtomicU32",
    "AtomicU64",
    "AtomicUsize",
    "AtomicI8",
    "AtomicI16",
    "AtomicI32",
    "AtomicI64",
    "AtomicIsize",
    "AtomicPtr",
    "UnsafeCell",
    "os_unfair_lock",
    "pthread_mutex_t",
    "pthread_rwlock_t",
    "pthread_spinlock_t",
    "pthread_cond_t",
    "dispatch_queue_t",
    "dispatch_semaphore_t",
    "NSLock",
    "NSRecursiveLock",
];

/// Words that mean synchronisation wherever they stand.
const ANYWHERE: [&str; 37] = [
    "thread_local",
    "_Thread_local",
    "_Atomic",
    "call_once",
    "atomic_thread_fence",
    "atomic_signal_fence",
    "compare_exchange_weak",
    "compare_exchange_strong",
    "compare_exchange",
    "fetch_add",
    "fetch_sub",
    "fetch_or",
    "fetch_and",
    "fetch_xor",
    "fetch_update",
    "fetch_max",
    "fetch_min",
    "notify_one",
    "notify_all",
    "try_lock",
    "lock_shared",
    "unlock_shared",
    "unlock",
    "test_and_set",
    "synchronized",
    "compare_and_swap",
    "spin_loop",
    "thread_fence",
    "mpsc",
    "sync_channel",
    "jthread",
    "memory_order_relaxed",
    "memory_order_acquire",
    "memory_order_release",
    "memory_order_acq_rel",
    "memory_order_seq_cst",
    "memory_order_consume",
];

/// Beginnings of such words.
const PREFIXES: [&str; 10] = [
    "pthread_",
    "dispatch_",
    "os_unfair_lock_",
    "__sync_",
    "__atomic_",
    "atomic_fetch_",
    "atomic_compare_",
    "mtx_",
    "cnd_",
    "sem_",
];

/// Methods: after `.` or `->` and before `(`, or as the selector of a message.
const METHODS: [&str; 14] = [
    "lock",
    "wait",
    "wait_for",
    "wait_until",
    "wait_timeout",
    "wait_while",
    "notify",
    "join",
    "exchange",
    "test_and_clear",
    "park",
    "unpark",
    "try_lock_for",
    "try_read",
];

/// Arguments that make a method of an atomic: `x.load(Ordering::Acquire)`.
const ORDERS: [&str; 5] = ["Relaxed", "Acquire", "Release", "AcqRel", "SeqCst"];

/// Whether a type synchronises: some part of it is one of the types.
pub(super) fn is_type(ty: &str) -> bool {
    let mut parts = ty.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    parts.any(|part| TYPES.contains(&part))
}

/// The words among the tokens that synchronise.
pub(super) fn words(tokens: &[Word<'_>]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let text = |at: usize| tokens.get(at).map_or("", |token| std::str::from_utf8(token.text).unwrap_or(""));
    for (at, _) in tokens.iter().enumerate().filter(|(_, token)| token.is_word) {
        let word = text(at);
        let before = at.checked_sub(1).map_or("", text);
        let method = matches!(before, "." | "->") && text(at + 1) == "(" || text(at + 1) == "]" && before != "[";
        let order = ORDERS.contains(&word) && before == "::";
        let spawn = matches!(word, "spawn" | "park") && before == "::";
        let counts = TYPES.contains(&word)
            || ANYWHERE.contains(&word)
            || PREFIXES.iter().any(|prefix| word.starts_with(prefix))
            || METHODS.contains(&word) && method
            || order
            || spawn;
        if counts {
            found.insert(word.to_owned());
        }
    }
    found
}
