-------------------------- MODULE BatchQueueSpurious --------------------------
(***************************************************************************)
(* The batch queue over the condition variables that there are.            *)
(*                                                                         *)
(* In BatchQueue a notification wakes one sleeper, and nobody wakes up     *)
(* unasked.  POSIX and the standard libraries of C++ and Rust promise      *)
(* less: a wait may end although nobody notified, and one notification     *)
(* may end more than one wait.  Both are WakeUp.  Whoever wakes up takes   *)
(* the mutex and looks again, so every property still has to hold; and     *)
(* logs of a runtime on such a condition variable are held against this    *)
(* module, with WakeUp as a step that no program can log.                  *)
(***************************************************************************)
EXTENDS BatchQueue

WakeUp(w) ==
    /\ pc[w] = "sleep"
    /\ Goto(w, "start")
    /\ UNCHANGED <<closed, queue, future, batch, request, lock>>

SpuriousNext == Next \/ \E w \in Workers : WakeUp(w)
SpuriousSpec == Init /\ [][SpuriousNext]_vars
=============================================================================
