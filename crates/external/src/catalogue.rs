//! The tools that some adapter can use, as data.

use crate::tool::Tool;

/// The bounded model checker for C.
pub const CBMC: Tool = Tool {
    name: "cbmc",
    programs: &["cbmc"],
    version: &["--version"],
    // Before 6.0 the standard checks were off unless asked for, and results were worded otherwise.
    minimum: &[6, 0],
    purpose: "bounded checking of C harnesses, with memory safety",
    remedy: "interlock tools install cbmc",
};

/// The proof assistant. Its compiler is `coqc`; from version 9 on also `rocq compile`.
pub const COQ: Tool = Tool {
    name: "coq",
    programs: &["coqc", "rocq"],
    version: &["--version"],
    minimum: &[8, 16],
    purpose: "checks Coq and Iris proofs in its kernel",
    remedy: "interlock tools install coq",
};

/// The compiler whose thread-safety analysis is used.
pub const CLANG: Tool = Tool {
    name: "clang",
    programs: &["clang++", "clang"],
    version: &["--version"],
    minimum: &[14, 0],
    purpose: "thread-safety analysis of annotated C++ and Objective-C++",
    remedy: "interlock tools install clang",
};

/// A C compiler with sanitisers, which replays counterexamples of harnesses.
pub const C_COMPILER: Tool = Tool {
    name: "cc",
    programs: &["gcc", "clang", "cc"],
    version: &["--version"],
    minimum: &[8, 0],
    purpose: "replays counterexamples of harnesses under sanitisers",
    remedy: "apt-get install gcc libc6-dev",
};

/// What builds and runs tests of Rust crates.
pub const CARGO: Tool = Tool {
    name: "cargo",
    programs: &["cargo"],
    version: &["--version"],
    minimum: &[1, 60],
    purpose: "runs tests of crates that explore schedules",
    remedy: "install a Rust toolchain (https://rustup.rs)",
};

/// What runs TLC, and Apalache.
pub const JAVA: Tool = Tool {
    name: "java",
    programs: &["java"],
    version: &["-version"],
    minimum: &[11, 0],
    purpose: "runs TLC as a second opinion, where a jar is configured",
    remedy: "apt-get install default-jre-headless",
};

/// The symbolic model checker for TLA+.
pub const APALACHE: Tool = Tool {
    name: "apalache",
    programs: &["apalache-mc"],
    version: &["version"],
    // The codes that tell type errors and what is not supported apart came before it.
    minimum: &[0, 40],
    purpose: "checks models up to a length, as a second opinion, where it is named",
    remedy: "name it: INTERLOCK_APALACHE=path/to/apalache-mc (apalache-mc.org)",
};

/// Name of TLC under `[tools]`. It is a jar and no program: [`JAVA`] runs it, and it tells its version when it does.
pub const TLC: &str = "tlc";

/// The oldest TLC that is asked for a second opinion: the first one with all flags that it is given.
pub const TLC_MINIMUM: &[u64] = &[2, 19];

/// The proof assistant that is known but has no adapter yet.
pub const LEAN: Tool = Tool {
    name: "lean",
    programs: &["lean"],
    version: &["--version"],
    minimum: &[4, 0],
    purpose: "checks Lean proofs (no adapter yet)",
    remedy: "install elan (github.com/leanprover/elan)",
};

/// Microsoft's solver of SMT-LIB.
pub const Z3: Tool = Tool {
    name: "z3",
    programs: &["z3"],
    version: &["--version"],
    // Older ones write models of arrays in another way.
    minimum: &[4, 8],
    purpose: "answers about unbounded integers, for `tla prove --engine smt`",
    remedy: "interlock tools install z3 (or: pip install z3-solver)",
};

/// Another solver of SMT-LIB.
pub const CVC5: Tool = Tool {
    name: "cvc5",
    programs: &["cvc5"],
    version: &["--version"],
    minimum: &[1, 0],
    purpose: "answers about unbounded integers, where there is no z3 or it is asked for",
    remedy: "interlock tools install cvc5",
};

/// All of them, in the order in which they are listed.
pub const ALL: [&Tool; 10] = [&CBMC, &C_COMPILER, &COQ, &CLANG, &CARGO, &JAVA, &APALACHE, &Z3, &CVC5, &LEAN];
