--------------------------- MODULE UndirectedGraphs ---------------------------
\* Undirected graphs: records of a set of nodes and a set of edges, each the set of its one or two ends.
LOCAL INSTANCE Naturals
LOCAL INSTANCE Sequences
LOCAL INSTANCE SequencesExt
LOCAL INSTANCE FiniteSets
LOCAL INSTANCE Folds
LOCAL INSTANCE Functions

LOCAL HasGraphForm(G) == G = [node |-> G.node, edge |-> G.edge]

\* The edges whose ends all lie in a set of nodes.
LOCAL Within(edges, nodes) == {e \in edges : \E a, b \in nodes : e = {a, b}}

IsUndirectedGraph(G) == HasGraphForm(G) /\ Within(G.edge, G.node) = G.edge
IsLoopFreeUndirectedGraph(G) ==
    HasGraphForm(G) /\ \A e \in G.edge : \E a, b \in G.node : a # b /\ e = {a, b}

\* Some nodes with some of the edges between them.
UndirectedSubgraph(G) ==
    UNION {[node : {nodes}, edge : SUBSET Within(G.edge, nodes)] : nodes \in SUBSET G.node}

UndirectedGraphs(S) == [node : {S}, edge : SUBSET {{a, b} : a, b \in S}]

-------------------------------------------------------------------------------
\* Paths. A path visits at least one node; following no edge at all is a path, too.

Path(G) == {p \in Seq(G.node) : Len(p) > 0 /\ \A k \in 2..Len(p) : {p[k - 1], p[k]} \in G.edge}

\* Paths that visit no node twice.
SimplePath(G) ==
    LET RECURSIVE Onward(_)
        Onward(p) ==
            LET next == {n \in G.node \ ToSet(p) : {Last(p), n} \in G.edge}
            IN  {p} \cup UNION {Onward(Append(p, n)) : n \in next}
    IN  UNION {Onward(<<n>>) : n \in G.node}

\* The nodes to which a path leads from a node.
LOCAL Reached(G, m) ==
    LET RECURSIVE Grow(_)
        Grow(seen) ==
            LET next == {n \in G.node \ seen : \E k \in seen : {k, n} \in G.edge}
            IN  IF next = {} THEN seen ELSE Grow(seen \cup next)
    IN  IF m \in G.node THEN Grow({m}) ELSE {}

AreConnectedIn(m, n, G) == m \in G.node /\ n \in G.node /\ n \in Reached(G, m)

\* The largest sets of nodes that are connected with each other.
ConnectedComponents(G) == {Reached(G, n) : n \in G.node}
IsStronglyConnected(G) == ConnectedComponents(G) = {G.node}
===============================================================================
