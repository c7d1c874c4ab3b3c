---------------------------- MODULE MessageRing ----------------------------
(* Nodes in a ring pass numbered parcels on. A node counts what it has seen *)
(* (up to a limit), may keep the parcel for a while, and every link is a    *)
(* bounded first-in first-out queue.                                        *)
EXTENDS Naturals, Sequences

CONSTANTS Nodes,     \* the nodes are 0..Nodes-1
          Parcels,   \* the parcels are 1..Parcels
          Capacity   \* most parcels on a link

VARIABLES link,      \* link[n]: the queue from node n to the next one
          kept,      \* kept[n]: the parcel that node n has in its hands, 0 for none
          seen       \* seen[n]: whether node n has seen parcel 1

vars == <<link, kept, seen>>
Node == 0..(Nodes - 1)
Parcel == 1..Parcels
Before(n) == (n + Nodes - 1) % Nodes

TypeOK == /\ link \in [Node -> Seq(Parcel)]
          /\ kept \in [Node -> 0..Parcels]
          /\ seen \in [Node -> BOOLEAN]

Init == /\ link = [n \in Node |-> <<>>]
        /\ kept = [n \in Node |-> IF n < Parcels THEN n + 1 ELSE 0]
        /\ seen = [n \in Node |-> n = 0]

Pass(n) == /\ kept[n] # 0
           /\ Len(link[n]) < Capacity
           /\ link' = [link EXCEPT ![n] = Append(@, kept[n])]
           /\ kept' = [kept EXCEPT ![n] = 0]
           /\ UNCHANGED seen

Receive(n) == /\ kept[n] = 0
              /\ link[Before(n)] # <<>>
              /\ LET parcel == Head(link[Before(n)])
                 IN /\ kept' = [kept EXCEPT ![n] = parcel]
                    /\ seen' = [seen EXCEPT ![n] = @ \/ parcel = 1]
              /\ link' = [link EXCEPT ![Before(n)] = Tail(@)]

Next == \E n \in Node : Pass(n) \/ Receive(n)

Spec == Init /\ [][Next]_vars

(* Parcels are neither lost nor doubled. *)
InHands(p) == {n \in Node : kept[n] = p}
OnLinks(p) == {n \in Node : \E i \in 1..Len(link[n]) : link[n][i] = p}
Conserved == \A p \in Parcel : \E n \in Node : /\ InHands(p) \cup OnLinks(p) = {n}
                                               /\ InHands(p) = {} \/ OnLinks(p) = {}
Bounded == \A n \in Node : Len(link[n]) <= Capacity
=============================================================================
