//! The standard modules of *Specifying Systems* (chapter 18) and of TLC, as primitives.

use super::{BuiltinModule, Purpose, op};

/// Modules whose operators the evaluator implements.
pub static STANDARD_MODULES: &[BuiltinModule] = &[
    BuiltinModule {
        name: "Naturals",
        purpose: Purpose::Evaluated,
        extends: &[],
        local_instances: &[],
        operators: &[
            op("Nat", &[]),
            op("+", &[0, 0]),
            op("-", &[0, 0]),
            op("*", &[0, 0]),
            op("^", &[0, 0]),
            op("<", &[0, 0]),
            op(">", &[0, 0]),
            op("<=", &[0, 0]),
            op(">=", &[0, 0]),
            op("%", &[0, 0]),
            op("\\div", &[0, 0]),
            op("..", &[0, 0]),
        ],
        identifiers: "Naturals Nat a b n TRUE",
    },
    BuiltinModule {
        name: "Integers",
        purpose: Purpose::Evaluated,
        extends: &["Naturals"],
        local_instances: &[],
        operators: &[op("Int", &[]), op("-.", &[0])],
        identifiers: "Integers Naturals Int a",
    },
    BuiltinModule {
        name: "Reals",
        purpose: Purpose::Evaluated,
        extends: &["Integers"],
        local_instances: &[],
        operators: &[op("Real", &[]), op("/", &[0, 0]), op("Infinity", &[])],
        identifiers: "Reals Integers Real a b m Infinity i r",
    },
    BuiltinModule {
        name: "Sequences",
        purpose: Purpose::Evaluated,
        extends: &[],
        local_instances: &["Naturals"],
        operators: &[
            op("Seq", &[0]),
            op("Len", &[0]),
            op("\\o", &[0, 0]),
            op("Append", &[0, 0]),
            op("Head", &[0]),
            op("Tail", &[0]),
            op("SubSeq", &[0, 0, 0]),
            op("SelectSeq", &[0, 1]),
        ],
        identifiers: "Sequences Naturals Seq S n Nat Len s t i Append e Head Tail SubSeq m SelectSeq Test F",
    },
    BuiltinModule {
        name: "FiniteSets",
        purpose: Purpose::Evaluated,
        extends: &[],
        local_instances: &["Naturals", "Sequences"],
        operators: &[op("IsFiniteSet", &[0]), op("Cardinality", &[0])],
        identifiers: "FiniteSets Naturals Sequences IsFiniteSet S seq Seq s n Len Cardinality CS T x",
    },
    BuiltinModule {
        name: "Bags",
        purpose: Purpose::Evaluated,
        extends: &["TLC"],
        local_instances: &["Naturals"],
        operators: &[
            op("IsABag", &[0]),
            op("BagToSet", &[0]),
            op("SetToBag", &[0]),
            op("BagIn", &[0, 0]),
            op("EmptyBag", &[]),
            op("\\oplus", &[0, 0]),
            op("\\ominus", &[0, 0]),
            op("BagUnion", &[0]),
            op("\\sqsubseteq", &[0, 0]),
            op("SubBag", &[0]),
            op("BagOfAll", &[1, 0]),
            op("BagCardinality", &[0]),
            op("CopiesIn", &[0, 0]),
        ],
        identifiers: "Bags TLC Naturals IsABag B n Nat BagToSet SetToBag S e BagIn EmptyBag B1 B2 d Sum f DSum elt \
                      TRUE BagUnion SubBag RemoveFromDom x y Combine BagSet i Biggest Range r s RSB BB BagOfAll F \
                      BagCardinality CopiesIn",
    },
    BuiltinModule {
        name: "TLC",
        purpose: Purpose::Evaluated,
        extends: &[],
        local_instances: &["Naturals", "Sequences", "FiniteSets"],
        operators: &[
            op("Print", &[0, 0]),
            op("PrintT", &[0]),
            op("Assert", &[0, 0]),
            op("JavaTime", &[]),
            op("TLCGet", &[0]),
            op("TLCSet", &[0, 0]),
            op(":>", &[0, 0]),
            op("@@", &[0, 0]),
            op("Permutations", &[0]),
            op("SortSeq", &[0, 2]),
            op("RandomElement", &[0]),
            op("Any", &[]),
            op("ToString", &[0]),
            op("TLCEval", &[0]),
        ],
        identifiers: "TLC Naturals Sequences FiniteSets Print out val PrintT TRUE Assert v JavaTime n Nat TLCGet i \
                      TLCSet d e x f g Permutations S w SortSeq s Op Perm p Len j RandomElement Any ToString a b STRING \
                      TLCEval",
    },
    BuiltinModule {
        name: "TLCExt",
        purpose: Purpose::Evaluated,
        extends: &[],
        local_instances: &["TLC", "Integers"],
        operators: &[
            op("AssertEq", &[0, 0]),
            op("AssertError", &[0, 0]),
            op("TLCGetOrDefault", &[0, 0]),
            op("TLCGetAndSet", &[0, 2, 0, 0]),
            op("Trace", &[]),
            op("CounterExample", &[]),
            op("ToTrace", &[0]),
            op("TLCModelValue", &[0]),
            op("TLCDefer", &[0]),
            op("TLCNoOp", &[0]),
            op("PickSuccessor", &[0]),
            op("TLCCache", &[0, 0]),
            op("TLCFP", &[0]),
            op("TLCEvalDefinition", &[0]),
        ],
        identifiers: "TLCExt TLC Integers AssertEq a b PrintT AssertError err exp FailsEval e BOOLEAN TRUE TLCError s \
                      STRING Assert TLCGetOrDefault key defaultVal n TLCGetAndSet Op val oldVal v TLCSet Trace \
                      CounterExample ToTrace CE TLCModelValue str ToString TLCDefer expression TLCNoOp PickSuccessor \
                      bool TLCCache closure TLCFP var i Int TLCEvalDefinition definitionName",
    },
    BuiltinModule {
        name: "Json",
        purpose: Purpose::Evaluated,
        extends: &[],
        local_instances: &["Sequences", "FiniteSets", "TLC"],
        operators: &[
            op("ToJson", &[0]),
            op("ToJsonArray", &[0]),
            op("ToJsonObject", &[0]),
            op("JsonSerialize", &[0, 0]),
            op("JsonDeserialize", &[0]),
            op("ndJsonSerialize", &[0, 0]),
            op("ndJsonDeserialize", &[0]),
        ],
        identifiers: "Json Sequences FiniteSets TLC IsSequence F D TRUE FALSE ToJsonKeyValue d ToString \
                      ToJsonObjectString ToJsonArrayString ToJsonString IsFiniteSet ToJson value ToJsonArray \
                      ToJsonObject JsonSerialize absoluteFilename JsonDeserialize val ndJsonSerialize \
                      ndJsonDeserialize",
    },
    BuiltinModule {
        name: "Randomization",
        purpose: Purpose::Evaluated,
        extends: &[],
        local_instances: &["Naturals", "FiniteSets"],
        operators: &[
            op("RandomSubset", &[0, 0]),
            op("RandomSetOfSubsets", &[0, 0, 0]),
            op("TestRandomSetOfSubsets", &[0, 0, 0]),
        ],
        identifiers: "Randomization Naturals FiniteSets RandomSubset k S T Cardinality RandomSetOfSubsets n \
                      TestRandomSetOfSubsets i",
    },
    // The Toolbox generates models that extend it; its operators describe the Toolbox's own error traces.
    BuiltinModule {
        name: "Toolbox",
        purpose: Purpose::Evaluated,
        extends: &[],
        local_instances: &["Naturals", "FiniteSets", "TLC"],
        operators: &[op("_TETrace", &[]), op("_TEPosition", &[])],
        identifiers: "Toolbox Naturals FiniteSets TLC _TETrace f Nat STRING TRUE _TETraceLength Cardinality \
                      _TEPosition TLCGet",
    },
];
