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
        tokens: "Naturals Nat == { } a + b , - CHOOSE n : = * TRUE ^ < > \\leq \\geq % \\div ..",
    },
    BuiltinModule {
        name: "Integers",
        purpose: Purpose::Evaluated,
        extends: &["Naturals"],
        local_instances: &[],
        operators: &[op("Int", &[]), op("-.", &[0])],
        tokens: "Integers EXTENDS Naturals Int == { } -. a 0 -",
    },
    BuiltinModule {
        name: "Reals",
        purpose: Purpose::Evaluated,
        extends: &["Integers"],
        local_instances: &[],
        operators: &[op("Real", &[]), op("/", &[0, 0]), op("Infinity", &[])],
        tokens: "Reals EXTENDS Integers Real == a / b CHOOSE m \\in : * = Infinity i ( \\notin ) /\\ \\A r >",
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
        tokens: "Sequences LOCAL INSTANCE Naturals Seq ( S ) == UNION { [ 1 .. n -> ] : \\in Nat } Len s CHOOSE \
                 DOMAIN = \\o t i + |-> IF \\leq THEN ELSE - Append , e << >> Head Tail CASE # SubSeq m \
                 SelectSeq Test _ LET F 0 IN",
    },
    BuiltinModule {
        name: "FiniteSets",
        purpose: Purpose::Evaluated,
        extends: &[],
        local_instances: &["Naturals", "Sequences"],
        operators: &[op("IsFiniteSet", &[0]), op("Cardinality", &[0])],
        tokens: "FiniteSets LOCAL INSTANCE Naturals Sequences IsFiniteSet ( S ) == \\E seq \\in Seq : \\A s n 1 \
                 .. Len [ ] = Cardinality LET CS T SUBSET IF { } THEN 0 ELSE + \\ CHOOSE x IN",
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
        tokens: "Bags EXTENDS TLC LOCAL INSTANCE Naturals IsABag ( B ) == \\in [ DOMAIN -> { n Nat : > 0 } ] \
                 BagToSet SetToBag S e |-> 1 BagIn , EmptyBag B1 (+) B2 \\cup IF THEN ELSE + (-) LET - IN d Sum \
                 f DSum SUBSET elt CHOOSE TRUE = \\ BagUnion UNION \\sqsubseteq /\\ \\subseteq \\A \\leq SubBag \
                 RemoveFromDom x y Combine BagSet i .. Biggest Range r s \\geq RSB BB << >> BagOfAll F _ \
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
        tokens: "TLC LOCAL INSTANCE Naturals Sequences FiniteSets Print ( out , val ) == PrintT TRUE Assert IF = \
                 THEN ELSE CHOOSE v : JavaTime n \\in Nat TLCGet i TLCSet d :> e [ x { } |-> ] f @@ g DOMAIN \
                 \\cup Permutations S -> \\A w \\E SortSeq s Op _ LET Perm p 1 .. Len j < => \\/ IN \
                 RandomElement Any ToString a b STRING . TLCEval",
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
        tokens: "TLCExt LOCAL INSTANCE TLC Integers AssertEq ( a , b ) == IF # THEN /\\ PrintT = ELSE \
                 AssertError err exp LET FailsEval e CHOOSE \\in BOOLEAN : TRUE TLCError s STRING IN Assert \
                 TLCGetOrDefault key defaultVal n TLCGetAndSet Op _ val oldVal v { } TLCSet Trace CounterExample \
                 ToTrace CE TLCModelValue str ToString TLCDefer expression TLCNoOp PickSuccessor bool TLCCache \
                 closure TLCFP var i Int TLCEvalDefinition definitionName",
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
        tokens: "Json LOCAL INSTANCE Sequences FiniteSets TLC IsSequence ( F , D ) == TRUE \\/ FALSE \
                 ToJsonKeyValue d ToString \\o [ ] RECURSIVE ToJsonObjectString _ LET CHOOSE \\in : IN IF = \
                 DOMAIN THEN \\ { } ELSE ToJsonArrayString ToJsonString IsFiniteSet ToJson value ToJsonArray \
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
        tokens: "Randomization LOCAL INSTANCE Naturals FiniteSets RandomSubset ( k , S ) == CHOOSE T \\in SUBSET \
                 : Cardinality = RandomSetOfSubsets n \\leq TestRandomSetOfSubsets [ i 1 .. 5 |-> ]",
    },
    // What a trace that is loaded is held against; no specification refers to it.
    BuiltinModule {
        name: "_LoadedTrace",
        purpose: Purpose::Evaluated,
        extends: &[],
        local_instances: &[],
        operators: &[op("_State", &[]), op("_Follows", &[0])],
        tokens: "_LoadedTrace _State _Follows",
    },
    // The Toolbox generates models that extend it; its operators describe the Toolbox's own error traces.
    BuiltinModule {
        name: "Toolbox",
        purpose: Purpose::Evaluated,
        extends: &[],
        local_instances: &["Naturals", "FiniteSets", "TLC"],
        operators: &[op("_TETrace", &[]), op("_TEPosition", &[])],
        tokens: "Toolbox LOCAL INSTANCE Naturals FiniteSets TLC _TETrace == CHOOSE f \\in [ ( Nat \\ { 0 } ) -> \
                 STRING ] : TRUE _TETraceLength Cardinality DOMAIN _TEPosition IF TLCGet >= THEN ELSE = 1",
    },
];
