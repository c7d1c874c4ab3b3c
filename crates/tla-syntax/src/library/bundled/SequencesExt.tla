---------------------------- MODULE SequencesExt -----------------------------
\* Conversions, searches, edits, folds and pieces of finite sequences. What compares and cuts works on strings too.
EXTENDS Sequences, Naturals, FiniteSets, FiniteSetsExt, Folds, Functions, Bags, TLC

-------------------------------------------------------------------------------
\* Conversions.

ToSet(s) == {s[k] : k \in DOMAIN s}
ToBag(s) == [x \in ToSet(s) |-> Cardinality({k \in DOMAIN s : s[k] = x})]

\* The elements in ascending order.
SetToSeq(S) ==
    LET RECURSIVE Row(_)
        Row(rest) ==
            IF rest = {} THEN <<>>
            ELSE LET least == CHOOSE x \in rest : TRUE
                 IN  <<least>> \o Row(rest \ {least})
    IN  Row(S)

\* All orders of the elements.
SetToSeqs(S) ==
    LET RECURSIVE Rows(_)
        Rows(rest) ==
            IF rest = {} THEN {<<>>}
            ELSE UNION {{<<x>> \o row : row \in Rows(rest \ {x})} : x \in rest}
    IN  Rows(S)

SetToSortSeq(S, op(_, _)) == SortSeq(SetToSeq(S), op)
SetToAllKPermutations(S) == UNION {SetToSeqs(T) : T \in SUBSET S}

TupleOf(set, n) == [1..n -> set]
SeqOf(set, n) == UNION {TupleOf(set, length) : length \in 0..n}
BoundedSeq(S, n) == SeqOf(S, n)

-------------------------------------------------------------------------------
\* Searches.

Contains(s, e) == \E k \in 1..Len(s) : s[k] = e
IsSorted(s, op(_, _)) == \A k \in 1..Len(s) : \A j \in 1..(k - 1) : op(s[j], s[k])

\* The first place, or 0. Nothing behind that place is tested.
SelectInSeq(seq, Test(_)) ==
    LET RECURSIVE From(_)
        From(k) == IF k > Len(seq) THEN 0 ELSE IF Test(seq[k]) THEN k ELSE From(k + 1)
    IN  From(1)

\* The last place, or 0. Nothing before that place is tested.
SelectLastInSeq(seq, Test(_)) ==
    LET RECURSIVE DownFrom(_)
        DownFrom(k) == IF k = 0 THEN 0 ELSE IF Test(seq[k]) THEN k ELSE DownFrom(k - 1)
    IN  DownFrom(Len(seq))

\* The same between two places; the answer counts from the beginning of the whole sequence.
SelectInSubSeq(seq, from, to, Test(_)) ==
    LET found == SelectInSeq(SubSeq(seq, from, to), Test)
    IN  IF from > to \/ found = 0 THEN 0 ELSE found + from - 1
SelectLastInSubSeq(seq, from, to, Test(_)) ==
    LET found == SelectLastInSeq(SubSeq(seq, from, to), Test)
    IN  IF from > to \/ found = 0 THEN 0 ELSE found + from - 1

-------------------------------------------------------------------------------
\* Edits.

Reverse(s) == [k \in 1..Len(s) |-> s[1 + Len(s) - k]]
Remove(s, e) == SelectSeq(s, LAMBDA x : x # e)
ReplaceAll(s, old, new) == [k \in 1..Len(s) |-> IF s[k] = old THEN new ELSE s[k]]
InsertAt(s, i, e) == [k \in 1..(Len(s) + 1) |-> IF k < i THEN s[k] ELSE IF k = i THEN e ELSE s[k - 1]]
ReplaceAt(s, i, e) == [s EXCEPT ![i] = e]
RemoveAt(s, i) == SubSeq(s, 1, i - 1) \o SubSeq(s, i + 1, Len(s))

RemoveFirstMatch(s, Test(_)) ==
    LET place == SelectInSeq(s, Test)
    IN  IF place = 0 THEN s ELSE RemoveAt(s, place)
RemoveFirst(s, e) == RemoveFirstMatch(s, LAMBDA x : x = e)

Cons(elt, seq) == <<elt>> \o seq
Snoc(elt, seq) == Append(seq, elt)
Front(s) == SubSeq(s, 1, Len(s) - 1)
Last(s) == s[Len(s)]

-------------------------------------------------------------------------------
\* Beginnings and ends.

IsPrefix(s, t) == Len(s) <= Len(t) /\ SubSeq(t, 1, Len(s)) = s
IsStrictPrefix(s, t) == Len(s) < Len(t) /\ IsPrefix(s, t)
IsSuffix(s, t) == IsPrefix(Reverse(s), Reverse(t))
IsStrictSuffix(s, t) == Len(s) < Len(t) /\ IsSuffix(s, t)

Prefixes(s) == {SubSeq(s, 1, length) : length \in 0..Len(s)}
CommonPrefixes(S) == {p \in UNION {Prefixes(s) : s \in S} : \A s \in S : IsPrefix(p, s)}
LongestCommonPrefix(S) ==
    LET common == CommonPrefixes(S)
    IN  CHOOSE p \in common : \A q \in common : Len(q) <= Len(p)
Suffixes(s) == {<<>>} \cup {SubSeq(s, first, Len(s)) : first \in 1..Len(s)}

-------------------------------------------------------------------------------
\* Folds.

\* The remainder among 1..b, for counting around a sequence.
SeqMod(a, b) == ((a - 1) % b) + 1

FoldSeq(op(_, _), base, seq) == FoldFunction(op, base, seq)

\* op(... op(op(base, s[1]), s[2]) ..., s[n])
FoldLeft(op(_, _), base, seq) ==
    LET RECURSIVE Upto(_)
        Upto(k) == IF k = 0 THEN base ELSE op(Upto(k - 1), seq[k])
    IN  Upto(Len(seq))

\* op(s[1], op(s[2], ... op(s[n], base)))
FoldRight(op(_, _), seq, base) ==
    LET RECURSIVE From(_)
        From(k) == IF k > Len(seq) THEN base ELSE op(seq[k], From(k + 1))
    IN  From(1)

\* The same with places instead of elements.
FoldLeftDomain(op(_, _), base, seq) == FoldLeft(op, base, [k \in 1..Len(seq) |-> k])
FoldRightDomain(op(_, _), seq, base) == FoldRight(op, [k \in 1..Len(seq) |-> k], base)

-------------------------------------------------------------------------------
\* Several sequences.

FlattenSeq(seqs) ==
    IF Len(seqs) = 0 THEN seqs ELSE FoldLeft(LAMBDA front, next : front \o next, Head(seqs), Tail(seqs))

Zip(s, t) == [k \in 1..(IF Len(s) < Len(t) THEN Len(s) ELSE Len(t)) |-> <<s[k], t[k]>>]

\* <<s[1]>>, <<t[1]>>, <<s[2]>>, <<t[2]>> and so on.
Interleave(s, t) ==
    CASE Len(s) = Len(t) /\ Len(s) = 0 -> <<<<>>, <<>>>>
      [] Len(s) = Len(t) /\ Len(s) > 0 ->
            [k \in 1..(2 * Len(s)) |-> IF k % 2 = 1 THEN <<s[(k + 1) \div 2]>> ELSE <<t[k \div 2]>>]

-------------------------------------------------------------------------------
\* Pieces.

SubSeqs(s) == {SubSeq(s, first, last) : first \in 1..(Len(s) + 1), last \in 0..Len(s)}

\* What remains of s when some elements, anywhere, are left out.
AllSubSeqs(s) ==
    LET RECURSIVE Upto(_)
        Upto(k) ==
            IF k = 0 THEN {<<>>}
            ELSE LET shorter == Upto(k - 1)
                 IN  shorter \cup {Append(piece, s[k]) : piece \in shorter}
    IN  Upto(Len(s))

\* Whether s stands in t at this place.
LOCAL StandsAt(s, t, place) == SubSeq(t, place, place + Len(s) - 1) = s
LOCAL PlacesOf(s, t) == {place \in 1..(1 + Len(t) - Len(s)) : StandsAt(s, t, place)}

IndexFirstSubSeq(s, t) == CHOOSE place \in PlacesOf(s, t) : \A other \in PlacesOf(s, t) : place <= other
ReplaceSubSeqAt(i, r, s, t) == SubSeq(t, 1, i - 1) \o r \o SubSeq(t, i + Len(s), Len(t))
ReplaceFirstSubSeq(r, s, t) ==
    IF PlacesOf(s, t) = {} THEN t ELSE ReplaceSubSeqAt(IndexFirstSubSeq(s, t), r, s, t)

\* Whether a value is a string; nothing else is printed with a quotation mark in front.
LOCAL IsText(t) == SubSeq(ToString(t), 1, 1) = "\""

\* r in front of every element.
LOCAL BeforeEach(r, t) ==
    LET RECURSIVE From(_)
        From(k) == r \o SubSeq(t, k, k) \o (IF k >= Len(t) THEN SubSeq(t, 1, 0) ELSE From(k + 1))
    IN  From(1)

\* Replaces from the left to the right.
LOCAL ReplaceLeftmost(r, s, t) ==
    LET RECURSIVE From(_)
        From(k) ==
            CASE k > Len(t) -> SubSeq(t, 1, 0)
              [] k <= 1 + Len(t) - Len(s) /\ StandsAt(s, t, k) -> r \o From(k + Len(s))
              [] OTHER -> SubSeq(t, k, k) \o From(k + 1)
    IN  From(1)

\* Cuts t into pieces so that as many as possible equal s, these standing as far to the front in the list of pieces as
\* possible, and replaces those pieces. The list is the least one of its kind.
LOCAL ReplaceMost(r, s, t) ==
    LET Apart(places) == \A a, b \in places : a < b => a + Len(s) <= b
        candidates == {places \in SUBSET PlacesOf(s, t) : Apart(places)}
        most == Max({Cardinality(places) : places \in candidates})
        RECURSIVE Cut(_, _)
        Cut(from, places) ==
            IF places = {} THEN IF from > Len(t) THEN <<>> ELSE <<SubSeq(t, from, Len(t))>>
            ELSE LET next == Min(places)
                     between == IF from = next THEN <<>> ELSE <<SubSeq(t, from, next - 1)>>
                 IN  between \o <<s>> \o Cut(next + Len(s), places \ {next})
        lists == {Cut(1, places) : places \in {places \in candidates : Cardinality(places) = most}}
        Matches(list) == SetToSeq({k \in DOMAIN list : list[k] = s})
        NotBehind(list, other) == \A k \in 1..most : Matches(list)[k] <= Matches(other)[k]
        best == CHOOSE list \in lists : \A other \in lists : NotBehind(list, other)
    IN  FlattenSeq([k \in DOMAIN best |-> IF best[k] = s THEN r ELSE best[k]])

ReplaceAllSubSeqs(r, s, t) ==
    CASE s = t -> r
      [] r = s -> t
      [] Len(s) = 0 -> BeforeEach(r, t)
      [] PlacesOf(s, t) = {} -> t
      [] OTHER -> IF IsText(t) THEN ReplaceLeftmost(r, s, t) ELSE ReplaceMost(r, s, t)
===============================================================================
