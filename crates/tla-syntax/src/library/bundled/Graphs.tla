-------------------------------- MODULE Graphs --------------------------------
\* Directed graphs: records of a set of nodes and a set of pairs of nodes.
EXTENDS Naturals, Sequences, FiniteSets, SequencesExt, Relation

IsDirectedGraph(G) ==
    /\ G = [node |-> G.node, edge |-> G.edge]
    /\ G.edge \subseteq G.node \X G.node

LOCAL Turned(edges) == {<<e[2], e[1]>> : e \in edges}

IsUndirectedGraph(G) == IsDirectedGraph(G) /\ Turned(G.edge) \subseteq G.edge

\* Some nodes with some of the edges between them.
DirectedSubgraph(G) ==
    UNION {[node : {nodes}, edge : SUBSET (G.edge \cap (nodes \X nodes))] : nodes \in SUBSET G.node}
UndirectedSubgraph(G) == {H \in DirectedSubgraph(G) : IsUndirectedGraph(H)}

Transpose(G) == [node |-> G.node, edge |-> Turned(G.edge)]
GraphUnion(G, H) == [node |-> G.node \cup H.node, edge |-> G.edge \cup H.edge]
EmptyGraph == [node |-> {}, edge |-> {}]
Graphs(S) == [node : {S}, edge : SUBSET (S \X S)]

-------------------------------------------------------------------------------
\* Paths. A path visits at least one node; following no edge at all is a path, too.

Path(G) ==
    {p \in Seq(G.node) : Len(p) > 0 /\ \A k \in 2..Len(p) : <<p[k - 1], p[k]>> \in G.edge}

\* Paths that visit no node twice.
SimplePath(G) ==
    LET RECURSIVE Onward(_)
        Onward(p) ==
            LET next == {n \in G.node \ ToSet(p) : <<Last(p), n>> \in G.edge}
            IN  {p} \cup UNION {Onward(Append(p, n)) : n \in next}
    IN  UNION {Onward(<<n>>) : n \in G.node}

\* The nodes to which a path leads from a node.
LOCAL Reached(G, m) ==
    LET RECURSIVE Grow(_)
        Grow(seen) ==
            LET next == {n \in G.node \ seen : \E k \in seen : <<k, n>> \in G.edge}
            IN  IF next = {} THEN seen ELSE Grow(seen \cup next)
    IN  IF m \in G.node THEN Grow({m}) ELSE {}

AreConnectedIn(m, n, G) == m \in G.node /\ n \in G.node /\ n \in Reached(G, m)
IsStronglyConnected(G) == \A m \in G.node : Reached(G, m) = G.node
ConnectionsIn(G) ==
    LET reached == [m \in G.node |-> Reached(G, m)]
    IN  [m, n \in G.node |-> n \in reached[m]]

-------------------------------------------------------------------------------
\* Neighbors.

Successors(G, n) == {m \in G.node : <<n, m>> \in G.edge}
Predecessors(G, n) == {m \in G.node : <<m, n>> \in G.edge}
AllSuccessors(G, S) == UNION {Successors(G, n) : n \in S}
AllPredecessors(G, S) == UNION {Predecessors(G, n) : n \in S}
OutDegree(G, n) == Cardinality(Successors(G, n))
InDegree(G, n) == Cardinality(Predecessors(G, n))
Roots(G) == {n \in G.node : Predecessors(G, n) = {}}
Leaves(G) == {n \in G.node : Successors(G, n) = {}}

\* Nodes at the other end of a path with at least one edge.
Descendants(G, n) == UNION {Reached(G, m) : m \in Successors(G, n)}
Ancestors(G, n) == {m \in G.node : n \in Descendants(G, m)}

-------------------------------------------------------------------------------
\* Kinds of graphs.

\* Edges lead from child to parent, and so at last to r.
IsTreeWithRoot(G, r) ==
    /\ IsDirectedGraph(G)
    /\ r \in G.node
    /\ \A e \in G.edge : e[1] # r /\ \A f \in G.edge : e[1] = f[1] => e = f
    /\ \A n \in G.node : r \in Reached(G, n)

IsBipartiteWithPartitions(G, U, V) ==
    /\ U \cap V = {}
    /\ G.node \subseteq U \cup V
    /\ \A e \in G.edge : (e[1] \in U /\ e[2] \in V) \/ (e[1] \in V /\ e[2] \in U)

HasCycle(G) == \E n \in G.node : n \in Descendants(G, n)
IsDag(G) == IsDirectedGraph(G) /\ ~HasCycle(G)
===============================================================================
