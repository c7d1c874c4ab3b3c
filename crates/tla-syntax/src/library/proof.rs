//! Modules of the proof system, so that specifications with proofs load.
//!
//! `TLAPS` names tactics. The modules of theorems matter only for what they extend and for the operators in which their
//! theorems are stated; the theorems themselves are used in proofs, which are not read. A user's copy of one of these
//! modules takes precedence.

use super::{BuiltinModule, BuiltinOperator, Purpose, op};

/// A module without text whose operators are never evaluated.
const fn proof_module(
    name: &'static str,
    extends: &'static [&'static str],
    operators: &'static [BuiltinOperator],
) -> BuiltinModule {
    BuiltinModule { name, purpose: Purpose::Proof, extends, local_instances: &[], operators, tokens: "" }
}

/// Modules whose operators occur only in proofs and theorems.
pub static PROOF_MODULES: &[BuiltinModule] = &[
    BuiltinModule { tokens: TLAPS_TOKENS, ..proof_module("TLAPS", &[], TACTICS) },
    proof_module(
        "NaturalsInduction",
        &["Integers"],
        &[
            op("NatInductiveDefHypothesis", &[0, 0, 2]),
            op("NatInductiveDefConclusion", &[0, 0, 2]),
            op("FiniteNatInductiveDefHypothesis", &[0, 0, 2, 0, 0]),
            op("FiniteNatInductiveDefConclusion", &[0, 0, 2, 0, 0]),
        ],
    ),
    proof_module(
        "WellFoundedInduction",
        &["NaturalsInduction"],
        &[
            op("IsTransitivelyClosedOn", &[0, 0]),
            op("IsWellFoundedOn", &[0, 0]),
            op("SetLessThan", &[0, 0, 0]),
            op("WFDefOn", &[0, 0, 2]),
            op("OpDefinesFcn", &[0, 0, 2]),
            op("WFInductiveDefines", &[0, 0, 2]),
            op("WFInductiveUnique", &[0, 2]),
            op("TransitiveClosureOn", &[0, 0]),
            op("OpToRel", &[2, 0]),
            op("PreImage", &[1, 0, 0]),
            op("LexPairOrdering", &[0, 0, 0, 0]),
            op("LexProductOrdering", &[0, 0, 0]),
        ],
    ),
    proof_module(
        "FiniteSetTheorems",
        &["FiniteSets", "Integers", "WellFoundedInduction"],
        &[op("FiniteSubsetsOf", &[0]), op("StrictSubsetOrdering", &[0])],
    ),
    proof_module("SequenceTheorems", &["Sequences"], &[]),
    proof_module("BagsTheorems", &["Bags"], &[op("Scaling", &[0, 0]), op("SeqToBag", &[0])]),
    proof_module("FunctionTheorems", &["Integers"], &[]),
    proof_module("SequencesExtTheorems", &["Sequences"], &[]),
    proof_module("FiniteSetsExtTheorems", &["FiniteSets"], &[]),
    proof_module("GraphTheorems", &[], &[]),
];

/// Tokens of the usual text of `TLAPS`, which many specifications extend.
const TLAPS_TOKENS: &str = "TLAPS SimpleArithmetic == TRUE SMT SMTT ( X ) CVC3 CVC3T CVC4 CVC4T Yices YicesT veriT veriTT Zipper \
     ZipperT Z3 Z3T Spass SpassT LS4 LS4T PTL Zenon ZenonT Isa IsaT IsaM IsaMT , Y \
     IsaWithSetExtensionality THEOREM SetExtensionality \\A S T : x \\in <=> => = OBVIOUS \
     NoSetContainsEverything \\E \\notin SlowZenon SlowerZenon VerySlowZenon SlowestZenon Auto SlowAuto \
     SlowerAuto SlowestAuto Force SlowForce SlowerForce SlowestForce SimplifyAndSolve \
     SlowSimplifyAndSolve SlowerSimplifyAndSolve SlowestSimplifyAndSolve Simplification \
     SlowSimplification SlowerSimplification SlowestSimplification Blast SlowBlast SlowerBlast \
     SlowestBlast AutoBlast AllProvers AllProversT AllSMT AllSMTT AllIsa AllIsaT ExpandENABLED ExpandCdot \
     AutoUSE Lambdify ENABLEDaxioms LevelComparison EnabledWrapper Op _ FALSE CdotWrapper Trivial";

/// The tactics and back ends of the proof system; a parameter is a time limit or a tactic's name.
const TACTICS: &[BuiltinOperator] = &[
    op("SimpleArithmetic", &[]),
    op("SMT", &[]),
    op("SMTT", &[0]),
    op("CVC3", &[]),
    op("CVC3T", &[0]),
    op("CVC4", &[]),
    op("CVC4T", &[0]),
    op("Yices", &[]),
    op("YicesT", &[0]),
    op("veriT", &[]),
    op("veriTT", &[0]),
    op("Zipper", &[]),
    op("ZipperT", &[0]),
    op("Z3", &[]),
    op("Z3T", &[0]),
    op("Spass", &[]),
    op("SpassT", &[0]),
    op("LS4", &[]),
    op("LS4T", &[0]),
    op("PTL", &[]),
    op("Zenon", &[]),
    op("ZenonT", &[0]),
    op("SlowZenon", &[]),
    op("SlowerZenon", &[]),
    op("VerySlowZenon", &[]),
    op("SlowestZenon", &[]),
    op("Isa", &[]),
    op("IsaT", &[0]),
    op("IsaM", &[0]),
    op("IsaMT", &[0, 0]),
    op("IsaWithSetExtensionality", &[]),
    op("Auto", &[]),
    op("SlowAuto", &[]),
    op("SlowerAuto", &[]),
    op("SlowestAuto", &[]),
    op("Force", &[]),
    op("SlowForce", &[]),
    op("SlowerForce", &[]),
    op("SlowestForce", &[]),
    op("SimplifyAndSolve", &[]),
    op("SlowSimplifyAndSolve", &[]),
    op("SlowerSimplifyAndSolve", &[]),
    op("SlowestSimplifyAndSolve", &[]),
    op("Simplification", &[]),
    op("SlowSimplification", &[]),
    op("SlowerSimplification", &[]),
    op("SlowestSimplification", &[]),
    op("Blast", &[]),
    op("SlowBlast", &[]),
    op("SlowerBlast", &[]),
    op("SlowestBlast", &[]),
    op("AutoBlast", &[]),
    op("AllProvers", &[]),
    op("AllProversT", &[0]),
    op("AllSMT", &[]),
    op("AllSMTT", &[0]),
    op("AllIsa", &[]),
    op("AllIsaT", &[0]),
    op("ExpandENABLED", &[]),
    op("ExpandCdot", &[]),
    op("AutoUSE", &[]),
    op("Lambdify", &[]),
    op("ENABLEDaxioms", &[]),
    op("LevelComparison", &[]),
    op("EnabledWrapper", &[1]),
    op("CdotWrapper", &[1]),
    op("Trivial", &[]),
];
