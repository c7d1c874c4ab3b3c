-------------------------------- MODULE Quorum --------------------------------
\* All sets of quorums over S: not empty, any two quorums meet, and what contains a quorum is one.
QuorumSystem(S) ==
    {family \in SUBSET SUBSET S :
        /\ family # {}
        /\ \A P, Q \in family : P \cap Q # {}
        /\ \A Q \in family : \A larger \in SUBSET S : Q \subseteq larger => larger \in family}
===============================================================================
