//! Operators with a meaning of their own: those of the language and of the primitive standard modules.

/// An operator that the evaluator knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // The names are those of the modules; `table` gives their spellings.
pub enum Primitive {
    Boolean,
    String,
    Equal,
    NotEqual,
    In,
    NotIn,
    SubsetEq,
    Cup,
    Cap,
    Difference,
    PowerSet,
    BigUnion,
    Domain,
    Nat,
    Int,
    Real,
    Infinity,
    Add,
    Subtract,
    Multiply,
    Divide,
    IntegerDivide,
    Modulo,
    Power,
    Negate,
    Range,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Seq,
    Len,
    Concat,
    Append,
    Head,
    Tail,
    SubSeq,
    SelectSeq,
    IsFiniteSet,
    Cardinality,
    MapsTo,
    Override,
    Print,
    PrintT,
    Assert,
    JavaTime,
    TlcGet,
    TlcGetNext,
    TlcSet,
    TlcEval,
    Permutations,
    SortSeq,
    RandomElement,
    Any,
    ToString,
    IsABag,
    BagToSet,
    SetToBag,
    BagIn,
    EmptyBag,
    BagAdd,
    BagSubtract,
    BagUnion,
    BagSubsetEq,
    SubBag,
    BagOfAll,
    BagCardinality,
    CopiesIn,
    FoldSet,
    KSubset,
    FoldFunction,
    FoldFunctionOnSet,
    SetToSeq,
    FoldLeft,
    FoldRight,
    BitAnd,
    BitOr,
    BitXor,
    BitNot,
    ShiftRight,
    ChiSquare,
    CsvWrite,
    CsvWriteRecord,
    CsvRead,
    CsvRecords,
    IoSerialize,
    IoDeserialize,
    Serialize,
    Deserialize,
    IoExec,
    IoEnvExec,
    IoExecTemplate,
    IoEnvExecTemplate,
    IoEnv,
    Atoi,
    SvgElemToString,
    NodeOfRingNetwork,
    NodesOfDirectedMultiGraph,
    ToJson,
    ToJsonArray,
    ToJsonObject,
    JsonSerialize,
    JsonDeserialize,
    NdJsonSerialize,
    NdJsonDeserialize,
    RandomSubset,
    RandomSetOfSubsets,
    TestRandomSetOfSubsets,
    AssertEq,
    AssertError,
    TlcGetOrDefault,
    TlcGetAndSet,
    Trace,
    CounterExample,
    ToTrace,
    PresentState,
    FollowsTrace,
    TlcModelValue,
    TlcDefer,
    TlcNoOp,
    PickSuccessor,
    TlcCache,
    TlcFp,
    TlcEvalDefinition,
}

use Primitive as P;

/// Where a primitive comes from, its canonical spelling, and for each argument the arity of the operator it takes (0
/// for a value).
pub const TABLE: &[(&str, &str, Primitive, &[usize])] = &[
    ("", "BOOLEAN", P::Boolean, &[]),
    ("", "STRING", P::String, &[]),
    ("", "=", P::Equal, &[0, 0]),
    ("", "#", P::NotEqual, &[0, 0]),
    ("", "\\in", P::In, &[0, 0]),
    ("", "\\notin", P::NotIn, &[0, 0]),
    ("", "\\subseteq", P::SubsetEq, &[0, 0]),
    ("", "\\cup", P::Cup, &[0, 0]),
    ("", "\\cap", P::Cap, &[0, 0]),
    ("", "\\", P::Difference, &[0, 0]),
    ("", "SUBSET", P::PowerSet, &[0]),
    ("", "UNION", P::BigUnion, &[0]),
    ("", "DOMAIN", P::Domain, &[0]),
    ("Naturals", "Nat", P::Nat, &[]),
    ("Naturals", "+", P::Add, &[0, 0]),
    ("Naturals", "-", P::Subtract, &[0, 0]),
    ("Naturals", "*", P::Multiply, &[0, 0]),
    ("Naturals", "^", P::Power, &[0, 0]),
    ("Naturals", "\\div", P::IntegerDivide, &[0, 0]),
    ("Naturals", "%", P::Modulo, &[0, 0]),
    ("Naturals", "..", P::Range, &[0, 0]),
    ("Naturals", "<", P::Less, &[0, 0]),
    ("Naturals", "<=", P::LessEqual, &[0, 0]),
    ("Naturals", ">", P::Greater, &[0, 0]),
    ("Naturals", ">=", P::GreaterEqual, &[0, 0]),
    ("Integers", "Int", P::Int, &[]),
    ("Integers", "-.", P::Negate, &[0]),
    ("Reals", "Real", P::Real, &[]),
    ("Reals", "/", P::Divide, &[0, 0]),
    ("Reals", "Infinity", P::Infinity, &[]),
    ("Sequences", "Seq", P::Seq, &[0]),
    ("Sequences", "Len", P::Len, &[0]),
    ("Sequences", "\\o", P::Concat, &[0, 0]),
    ("Sequences", "Append", P::Append, &[0, 0]),
    ("Sequences", "Head", P::Head, &[0]),
    ("Sequences", "Tail", P::Tail, &[0]),
    ("Sequences", "SubSeq", P::SubSeq, &[0, 0, 0]),
    ("Sequences", "SelectSeq", P::SelectSeq, &[0, 1]),
    ("FiniteSets", "IsFiniteSet", P::IsFiniteSet, &[0]),
    ("FiniteSets", "Cardinality", P::Cardinality, &[0]),
    ("TLC", ":>", P::MapsTo, &[0, 0]),
    ("TLC", "@@", P::Override, &[0, 0]),
    ("TLC", "Print", P::Print, &[0, 0]),
    ("TLC", "PrintT", P::PrintT, &[0]),
    ("TLC", "Assert", P::Assert, &[0, 0]),
    ("TLC", "JavaTime", P::JavaTime, &[]),
    ("TLC", "TLCGet", P::TlcGet, &[0]),
    // `TLCGet(e)'`: the level is that of the next state. No module defines it.
    ("", "TLCGet'", P::TlcGetNext, &[0]),
    ("TLC", "TLCSet", P::TlcSet, &[0, 0]),
    ("TLC", "TLCEval", P::TlcEval, &[0]),
    ("TLC", "Permutations", P::Permutations, &[0]),
    ("TLC", "SortSeq", P::SortSeq, &[0, 2]),
    ("TLC", "RandomElement", P::RandomElement, &[0]),
    ("TLC", "Any", P::Any, &[]),
    ("TLC", "ToString", P::ToString, &[0]),
    ("Bags", "IsABag", P::IsABag, &[0]),
    ("Bags", "BagToSet", P::BagToSet, &[0]),
    ("Bags", "SetToBag", P::SetToBag, &[0]),
    ("Bags", "BagIn", P::BagIn, &[0, 0]),
    ("Bags", "EmptyBag", P::EmptyBag, &[]),
    ("Bags", "\\oplus", P::BagAdd, &[0, 0]),
    ("Bags", "\\ominus", P::BagSubtract, &[0, 0]),
    ("Bags", "BagUnion", P::BagUnion, &[0]),
    ("Bags", "\\sqsubseteq", P::BagSubsetEq, &[0, 0]),
    ("Bags", "SubBag", P::SubBag, &[0]),
    ("Bags", "BagOfAll", P::BagOfAll, &[1, 0]),
    ("Bags", "BagCardinality", P::BagCardinality, &[0]),
    ("Bags", "CopiesIn", P::CopiesIn, &[0, 0]),
    ("FiniteSetsExt", "FoldSet", P::FoldSet, &[2, 0, 0]),
    ("FiniteSetsExt", "kSubset", P::KSubset, &[0, 0]),
    ("Functions", "FoldFunction", P::FoldFunction, &[2, 0, 0]),
    ("Functions", "FoldFunctionOnSet", P::FoldFunctionOnSet, &[2, 0, 0, 0]),
    ("SequencesExt", "SetToSeq", P::SetToSeq, &[0]),
    ("SequencesExt", "FoldLeft", P::FoldLeft, &[2, 0, 0]),
    ("SequencesExt", "FoldRight", P::FoldRight, &[2, 0, 0]),
    ("Bitwise", "&", P::BitAnd, &[0, 0]),
    ("Bitwise", "|", P::BitOr, &[0, 0]),
    ("Bitwise", "^^", P::BitXor, &[0, 0]),
    ("Bitwise", "Not", P::BitNot, &[0]),
    ("Bitwise", "shiftR", P::ShiftRight, &[0, 0]),
    ("Statistics", "ChiSquare", P::ChiSquare, &[0, 0, 0]),
    ("CSV", "CSVWrite", P::CsvWrite, &[0, 0, 0]),
    ("CSV", "CSVWriteRecord", P::CsvWriteRecord, &[0, 0, 0, 0]),
    ("CSV", "CSVRead", P::CsvRead, &[0, 0, 0]),
    ("CSV", "CSVRecords", P::CsvRecords, &[0]),
    ("IOUtils", "IOSerialize", P::IoSerialize, &[0, 0, 0]),
    ("IOUtils", "IODeserialize", P::IoDeserialize, &[0, 0]),
    ("IOUtils", "Serialize", P::Serialize, &[0, 0, 0]),
    ("IOUtils", "Deserialize", P::Deserialize, &[0, 0]),
    ("IOUtils", "IOExec", P::IoExec, &[0]),
    ("IOUtils", "IOEnvExec", P::IoEnvExec, &[0, 0]),
    ("IOUtils", "IOExecTemplate", P::IoExecTemplate, &[0, 0]),
    ("IOUtils", "IOEnvExecTemplate", P::IoEnvExecTemplate, &[0, 0, 0]),
    ("IOUtils", "IOEnv", P::IoEnv, &[]),
    ("IOUtils", "atoi", P::Atoi, &[0]),
    ("SVG", "SVGElemToString", P::SvgElemToString, &[0]),
    ("SVG", "NodeOfRingNetwork", P::NodeOfRingNetwork, &[0, 0, 0, 0, 0]),
    ("SVG", "NodesOfDirectedMultiGraph", P::NodesOfDirectedMultiGraph, &[0, 0, 0]),
    ("Json", "ToJson", P::ToJson, &[0]),
    ("Json", "ToJsonArray", P::ToJsonArray, &[0]),
    ("Json", "ToJsonObject", P::ToJsonObject, &[0]),
    ("Json", "JsonSerialize", P::JsonSerialize, &[0, 0]),
    ("Json", "JsonDeserialize", P::JsonDeserialize, &[0]),
    ("Json", "ndJsonSerialize", P::NdJsonSerialize, &[0, 0]),
    ("Json", "ndJsonDeserialize", P::NdJsonDeserialize, &[0]),
    ("Randomization", "RandomSubset", P::RandomSubset, &[0, 0]),
    ("Randomization", "RandomSetOfSubsets", P::RandomSetOfSubsets, &[0, 0, 0]),
    ("Randomization", "TestRandomSetOfSubsets", P::TestRandomSetOfSubsets, &[0, 0, 0]),
    ("TLCExt", "AssertEq", P::AssertEq, &[0, 0]),
    ("TLCExt", "AssertError", P::AssertError, &[0, 0]),
    ("TLCExt", "TLCGetOrDefault", P::TlcGetOrDefault, &[0, 0]),
    ("TLCExt", "TLCGetAndSet", P::TlcGetAndSet, &[0, 2, 0, 0]),
    ("TLCExt", "Trace", P::Trace, &[]),
    ("TLCExt", "CounterExample", P::CounterExample, &[]),
    ("TLCExt", "ToTrace", P::ToTrace, &[0]),
    ("_LoadedTrace", "_State", P::PresentState, &[]),
    ("_LoadedTrace", "_Follows", P::FollowsTrace, &[0]),
    ("TLCExt", "TLCModelValue", P::TlcModelValue, &[0]),
    ("TLCExt", "TLCDefer", P::TlcDefer, &[0]),
    ("TLCExt", "TLCNoOp", P::TlcNoOp, &[0]),
    ("TLCExt", "PickSuccessor", P::PickSuccessor, &[0]),
    ("TLCExt", "TLCCache", P::TlcCache, &[0, 0]),
    ("TLCExt", "TLCFP", P::TlcFp, &[0]),
    ("TLCExt", "TLCEvalDefinition", P::TlcEvalDefinition, &[0]),
];

impl Primitive {
    /// The primitive of a module, or of the language for the empty module name.
    pub fn find(module: &str, spelling: &str) -> Option<(Self, &'static [usize])> {
        TABLE.iter().find(|(m, s, _, _)| *m == module && *s == spelling).map(|(_, _, p, arity)| (*p, *arity))
    }

    /// Whether its value depends on more than its arguments and the states: on what happened before, or on the search.
    pub fn is_volatile(self) -> bool {
        matches!(
            self,
            P::TlcGet
                | P::TlcGetNext
                | P::TlcSet
                | P::TlcGetOrDefault
                | P::TlcGetAndSet
                | P::JavaTime
                | P::Trace
                | P::CounterExample
                | P::PresentState
                | P::FollowsTrace
        )
    }

    /// Whether it makes a random choice.
    pub fn is_random(self) -> bool {
        matches!(self, P::RandomElement | P::RandomSubset | P::RandomSetOfSubsets | P::TestRandomSetOfSubsets)
    }

    /// Whether it depends on anything but its operands, or does anything but give a value.
    pub fn does_more(self) -> bool {
        self.is_volatile()
            || self.is_random()
            || matches!(
                self,
                P::Print
                    | P::PrintT
                    | P::TlcNoOp
                    | P::TlcDefer
                    | P::PickSuccessor
                    | P::CsvWrite
                    | P::CsvWriteRecord
                    | P::CsvRead
                    | P::CsvRecords
                    | P::IoSerialize
                    | P::IoDeserialize
                    | P::Serialize
                    | P::Deserialize
                    | P::IoExec
                    | P::IoEnvExec
                    | P::IoExecTemplate
                    | P::IoEnvExecTemplate
                    | P::IoEnv
                    | P::JsonSerialize
                    | P::JsonDeserialize
                    | P::NdJsonSerialize
                    | P::NdJsonDeserialize
            )
    }

    /// Its canonical spelling.
    pub fn spelling(self) -> &'static str {
        TABLE.iter().find(|(_, _, p, _)| *p == self).map_or("?", |(_, s, _, _)| *s)
    }
}
