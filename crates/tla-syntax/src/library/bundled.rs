//! Modules that come as TLA+ text.
//!
//! They are the modules of the community that specifications use, and the module of the symbolic checker Apalache. Each
//! operator is defined by what it means, so that the independent checker reads the same definitions; where the explorer's
//! evaluator has a faster way, it replaces the definition (see the table of primitives in `tla-model`). A definition by
//! an unbounded `CHOOSE` says that only the evaluator knows the answer, or nobody does.
//!
//! The texts are ours, but the order of strings must be TLC's, and that depends on the order in which tokens occur in
//! the texts that TLC reads. So each module carries the tokens of the text of the same name in TLC's library.

/// A module that comes as TLA+ text.
#[derive(Debug, Clone, Copy)]
pub struct BundledModule {
    /// Its name.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
    /// The tokens of the module of this name in TLC's library in order of first occurrence, separated by blanks, without
    /// strings and lines; empty if there is none.
    pub tokens: &'static str,
}

/// All modules that come as text.
pub static BUNDLED: &[BundledModule] = &[
    BundledModule { name: "Apalache", text: include_str!("bundled/Apalache.tla"), tokens: "" },
    BundledModule {
        name: "BagsExt",
        text: include_str!("bundled/BagsExt.tla"),
        tokens: "BagsExt LOCAL INSTANCE Bags Integers Folds BagAdd ( B , x ) == IF \\in DOMAIN THEN [ e |-> = ] + 1 \
                 ELSE \\union { } BagRemove \\ - BagRemoveAll MapThenFoldBag op _ base f choose LET handle pow n \
                 Nat 0 IN MapThenFoldSet LAMBDA S : CHOOSE TRUE FoldBag SumBag y ProductBag *",
    },
    BundledModule {
        name: "Bitwise",
        text: include_str!("bundled/Bitwise.tla"),
        tokens: "Bitwise LOCAL INSTANCE Integers RECURSIVE And ( _ , ) x y n m == LET exp 2 ^ IN IF = 0 THEN ELSE * \
                 \\div % + 1 & >= Or xdm ydm | Xor ^^ NotR Not a shiftR pos odd z -",
    },
    BundledModule {
        name: "CSV",
        text: include_str!("bundled/CSV.tla"),
        tokens: "CSV LOCAL INSTANCE TLC Integers CSVWrite ( template , val file ) == TRUE CSVWriteRecord record \
                 delim headers CSVRead columns delimiter CSVRecords CHOOSE n : \\in Nat",
    },
    BundledModule {
        name: "Combinatorics",
        text: include_str!("bundled/Combinatorics.tla"),
        tokens: "Combinatorics EXTENDS Naturals factorial [ n \\in Nat ] == IF = 0 THEN 1 ELSE * - choose ( , k ) \
                 \\div",
    },
    BundledModule {
        name: "DyadicRationals",
        text: include_str!("bundled/DyadicRationals.tla"),
        tokens: "DyadicRationals LOCAL INSTANCE FiniteSets Integers Sequences FiniteSetsExt TLC Divides ( p , q ) \
                 == \\E d \\in 1 .. : = * Divisors { } GCD n m Max \\cap Rational num den [ |-> ] Reduce LET gcd . \
                 IN IF THEN ELSE \\div IsDyadicRational r i 0 2 ^ Zero One Add lcn qq pp + Half PrettyPrint \
                 ToString \\o",
    },
    BundledModule {
        name: "FiniteSetsExt",
        text: include_str!("bundled/FiniteSetsExt.tla"),
        tokens: "FiniteSetsExt EXTENDS Integers , FiniteSets Folds Functions FoldSet ( op _ ) base set == \
                 MapThenFoldSet LAMBDA x : s CHOOSE \\in TRUE SumSet + 0 ProductSet y * 1 ReduceSet acc \
                 MapThenSumSet FlattenSet S UNION SymDiff A B \\ \\cup Quantify P Cardinality { } kSubset k SUBSET \
                 = Max \\A >= Min =< Choices Sets LET ChoiceFunction Ts f [ -> ] T IN Range ChooseUnique /\\ =>",
    },
    BundledModule {
        name: "Folds",
        text: include_str!("bundled/Folds.tla"),
        tokens: "Folds MapThenFoldSet ( op _ , ) base f choose S == LET iter [ s \\in SUBSET ] IF = { } THEN ELSE x \
                 IN \\",
    },
    BundledModule {
        name: "Functions",
        text: include_str!("bundled/Functions.tla"),
        tokens: "Functions EXTENDS Integers , Folds Restrict ( f S ) == [ x \\in |-> ] RestrictDomain Test _ { \
                 DOMAIN : } RestrictValues LET IN IsRestriction narrow wide /\\ \\subseteq \\A \\intersect = Range \
                 Pointwise g T e Inverse t CHOOSE s => AntiFunction IsInjective a b Injection M -> Surjection \\E \
                 Bijection \\cap ExistsInjection # ExistsSurjection ExistsBijection FoldFunctionOnSet op base fun \
                 indices MapThenFoldSet LAMBDA i TRUE FoldFunction SumFunctionOnSet + 0 SumFunction",
    },
    BundledModule {
        name: "Graphs",
        text: include_str!("bundled/Graphs.tla"),
        tokens: "Graphs EXTENDS Naturals , Sequences FiniteSets SequencesExt Relation IsDirectedGraph ( G ) == /\\ \
                 = [ node |-> . edge ] \\subseteq \\X DirectedSubgraph { H \\in : SUBSET } Transpose << e 2 1 >> \
                 IsUndirectedGraph \\A UndirectedSubgraph Path p Seq # i .. Len - + SimplePath j => AreConnectedIn \
                 m n \\E IsStronglyConnected ConnectionsIn LET C N IF THEN \\/ ELSE u CHOOSE TRUE Cu \\ IN \
                 IsTreeWithRoot r f GraphUnion \\union IsBipartiteWithPartitions U V \\cap \\cup HasCycle IsDag ~ \
                 Successors AllSuccessors S UNION Predecessors AllPredecessors Ancestors EdgeRelation \
                 TransitiveClosure Descendants InDegree Cardinality OutDegree Roots Leaves EmptyGraph",
    },
    BundledModule {
        name: "IOUtils",
        text: include_str!("bundled/IOUtils.tla"),
        tokens: "IOUtils LOCAL INSTANCE TLC Integers Sequences SequencesExt IOSerialize ( val , absoluteFilename \
                 compress ) == TRUE IODeserialize compressed CHOOSE : Serialize value dest options r \\in [ \
                 exitValue Int stdout STRING stderr ] Deserialize src IOExec command IOEnvExec env IOExecTemplate \
                 commandTemplate parameters IOEnvExecTemplate IOEnv -> atoi str i ToString = zeroPadN n width LET s \
                 padLen - Len zeros 1 .. |-> IN FoldLeft LAMBDA acc z \\o",
    },
    BundledModule {
        name: "Quorum",
        text: include_str!("bundled/Quorum.tla"),
        tokens: "Quorum QuorumSystem ( S ) == { QS \\in SUBSET : /\\ # } \\A Q1 , Q2 \\cap \\subseteq =>",
    },
    BundledModule {
        name: "RealTime",
        text: include_str!("bundled/RealTime.tla"),
        tokens: "RealTime EXTENDS Reals VARIABLE now RTBound ( A , v D E ) == LET TNext t ' = IF << >> _ \\/ ~ ENABLED \
                 THEN 0 ELSE + - Timer /\\ [ ] MaxTime \\leq MinTime => \\geq IN \\EE : RTnow NowNext \\in { r Real > } \
                 UNCHANGED \\A WF_",
    },
    BundledModule {
        name: "Relation",
        text: include_str!("bundled/Relation.tla"),
        tokens: "Relation EXTENDS Naturals , FiniteSets IsReflexive ( R S ) == \\A x \\in : [ ] IsReflexiveUnder op \
                 _ p \\X |-> 1 2 IsIrreflexive ~ IsIrreflexiveUnder IsSymmetric y <=> IsSymmetricUnder \
                 IsAntiSymmetric /\\ => = IsAntiSymmetricUnder IsAsymmetric IsAsymmetricUnder IsTransitive z \
                 IsTransitiveUnder IsStrictlyPartiallyOrdered IsStrictlyPartiallyOrderedUnder IsPartiallyOrdered \
                 IsPartiallyOrderedUnder IsStrictlyTotallyOrdered # \\/ IsStrictlyTotallyOrderedUnder \
                 IsTotallyOrdered IsTotallyOrderedUnder TransitiveClosure LET N Cardinality trcl n Nat IF 0 THEN \
                 ELSE - \\E IN ReflexiveTransitiveClosure IsConnected rtrcl",
    },
    BundledModule {
        name: "SVG",
        text: include_str!("bundled/SVG.tla"),
        tokens: "SVG LOCAL INSTANCE Naturals Sequences Integers TLC FiniteSets Merge ( r1 , r2 ) == LET D1 DOMAIN \
                 D2 IN [ k \\in \\cup |-> IF THEN ] ELSE SVGElem _name _attrs _children _innerText name attrs \
                 children innerText Line x1 y1 x2 y2 svgAttrs ToString << >> Circle cx cy r Rect x y w h width \
                 height Text text Image href :> @@ Group Svg SVGDoc vbX vbY vbW vbH \\o SVGElemToString elem TRUE \
                 NodeOfRingNetwork n m 0 NodesOfDirectedMultiGraph nodes edges options CHOOSE f -> : Int \
                 PointOnLine from to segment . + - \\div SVGSerialize svg frameNamePrefix frameNumber IO IOUtils ! \
                 Serialize zeroPadN 3 format charset openOptions",
    },
    BundledModule {
        name: "SequencesExt",
        text: include_str!("bundled/SequencesExt.tla"),
        tokens: "SequencesExt EXTENDS Sequences , Naturals FiniteSets FiniteSetsExt Folds Functions Bags TLC ToSet \
                 ( s ) == { [ i ] : \\in DOMAIN } ToBag x Range |-> Cardinality = SetToSeq S CHOOSE f 1 .. -> \
                 IsInjective SetToSeqs LET D IN \\A j # => SetToSortSeq op _ SortSeq SetToAllKPermutations UNION \
                 SUBSET TupleOf set n SeqOf m 0 BoundedSeq Contains e \\E Len IsSorted < Reverse - + Remove \
                 SelectSeq LAMBDA t ReplaceAll old new IF THEN ELSE SelectInSeq seq Test I Min SelectInSubSeq from \
                 to SubSeq SelectLastInSeq Max SelectLastInSubSeq InsertAt \\o << >> ReplaceAt EXCEPT ! RemoveAt \
                 RemoveFirst v RemoveFirstMatch Cons elt Snoc Append Front Last IsPrefix <= /\\ IsStrictPrefix \
                 IsSuffix IsStrictSuffix Prefixes l CommonPrefixes P prefix LongestCommonPrefix longest other \
                 Suffixes \\cup SeqMod a b % FoldSeq base FoldFunction FoldLeft MapThenFoldSet y FoldRight \
                 FoldLeftDomain FoldRightDomain FlattenSeq seqs flatten Zip Interleave CASE > u [] SubSeqs \
                 AllSubSeqs IndexFirstSubSeq last \\notin ReplaceSubSeqAt r suffix ReplaceFirstSubSeq \
                 ReplaceAllSubSeqs z match comp p q R T g OTHER",
    },
    BundledModule {
        name: "Statistics",
        text: include_str!("bundled/Statistics.tla"),
        tokens: "Statistics EXTENDS Naturals ChiSquare ( expected , actual alpha ) == TRUE",
    },
    BundledModule {
        name: "UndirectedGraphs",
        text: include_str!("bundled/UndirectedGraphs.tla"),
        tokens: "UndirectedGraphs LOCAL INSTANCE Naturals Sequences SequencesExt FiniteSets Folds Functions \
                 IsUndirectedGraph ( G ) == /\\ = [ node |-> . , edge ] \\A e \\in : \\E a b { } \
                 IsLoopFreeUndirectedGraph # UndirectedSubgraph H SUBSET Path p Seq << >> i 1 .. Len - + SimplePath \
                 j => AreConnectedIn m n ConnectedComponents LET IsCC S IN T \\subseteq ~ IsStronglyConnected s t \
                 \\X",
    },
    BundledModule {
        name: "VectorClocks",
        text: include_str!("bundled/VectorClocks.tla"),
        tokens: "VectorClocks EXTENDS Naturals , Sequences Functions LOCAL concurrent ( v1 v2 ) == \\E i j \\in \
                 DOMAIN : # /\\ [ ] < > happenedBefore \\A <= IsCausalOrder log clock _ 1 .. Len - LET Fill c D d \
                 |-> IF THEN ELSE 0 \\cup vci vcj IN \\/ CausalOrder node domain CHOOSE newlog { f -> Range = }",
    },
];
