--------------------------- MODULE TwoPhaseCommit ---------------------------
(* A coordinator and its participants agree to commit or to abort. Messages *)
(* are never lost, but may arrive at any time: each is a flag that stays.   *)
CONSTANT Participants

VARIABLES phase,     \* phase[p]: where a participant stands
          decision,  \* the coordinator's: "none", "commit" or "abort"
          votes,     \* participants whose vote the coordinator has counted
          sent       \* participants that have sent their vote

vars == <<phase, decision, votes, sent>>

TypeOK == /\ phase \in [Participants -> {"working", "prepared", "committed", "aborted"}]
          /\ decision \in {"none", "commit", "abort"}
          /\ votes \subseteq Participants
          /\ sent \subseteq Participants

Init == /\ phase = [p \in Participants |-> "working"]
        /\ decision = "none"
        /\ votes = {}
        /\ sent = {}

Prepare(p) == /\ phase[p] = "working"
              /\ phase' = [phase EXCEPT ![p] = "prepared"]
              /\ sent' = sent \cup {p}
              /\ UNCHANGED <<decision, votes>>

Refuse(p) == /\ phase[p] = "working"
             /\ phase' = [phase EXCEPT ![p] = "aborted"]
             /\ UNCHANGED <<decision, votes, sent>>

Count(p) == /\ decision = "none"
            /\ p \in sent \ votes
            /\ votes' = votes \cup {p}
            /\ UNCHANGED <<phase, decision, sent>>

Commit == /\ decision = "none"
          /\ votes = Participants
          /\ decision' = "commit"
          /\ UNCHANGED <<phase, votes, sent>>

Abort == /\ decision = "none"
         /\ decision' = "abort"
         /\ UNCHANGED <<phase, votes, sent>>

Learn(p) == /\ decision # "none"
            /\ phase[p] \notin {"committed", "aborted"}
            /\ phase' = [phase EXCEPT ![p] = IF decision = "commit" THEN "committed" ELSE "aborted"]
            /\ UNCHANGED <<decision, votes, sent>>

Next == \/ Commit \/ Abort
        \/ \E p \in Participants : Prepare(p) \/ Refuse(p) \/ Count(p) \/ Learn(p)

Spec == Init /\ [][Next]_vars

Agreement == \A p, q \in Participants : ~ (phase[p] = "committed" /\ phase[q] = "aborted")
Counted == votes \subseteq sent
=============================================================================
