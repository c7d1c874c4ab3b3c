------------------------------ MODULE Turnstile ------------------------------
(* Two visitors and one turnstile: mutual exclusion by flags and a turn. Weak fairness of each visitor, none where it
   stays away (label with -), strong where it waits (label with +). *)
EXTENDS Naturals, TLC

(*
--algorithm Turnstile
variables wants = [v \in {0, 1} |-> FALSE], turn = 0;

fair process Visitor \in {0, 1}
variable visits = 0;
begin
  away:-  while TRUE do
            wants[self] := TRUE;
  yield:    turn := 1 - self;
  wait:+    await ~ wants[1 - self] \/ turn = self;
  inside:   visits := (visits + 1) % 2;
            assert \A v \in {0, 1} \ {self} : pc[v] # "inside";
  leave:    wants[self] := FALSE;
          end while;
end process;
end algorithm;
*)
\* BEGIN TRANSLATION (chksum(pcal) = "44eaa54f" /\ chksum(tla) = "cb63ccab")
VARIABLES pc, wants, turn, visits

vars == << pc, wants, turn, visits >>

ProcSet == ({0, 1})

Init == (* Global variables *)
        /\ wants = [v \in {0, 1} |-> FALSE]
        /\ turn = 0
        (* Process Visitor *)
        /\ visits = [self \in {0, 1} |-> 0]
        /\ pc = [self \in ProcSet |-> "away"]

away(self) == /\ pc[self] = "away"
              /\ wants' = [wants EXCEPT ![self] = TRUE]
              /\ pc' = [pc EXCEPT ![self] = "yield"]
              /\ UNCHANGED << turn, visits >>

yield(self) == /\ pc[self] = "yield"
               /\ turn' = 1 - self
               /\ pc' = [pc EXCEPT ![self] = "wait"]
               /\ UNCHANGED << wants, visits >>

wait(self) == /\ pc[self] = "wait"
              /\ ~ wants[1 - self] \/ turn = self
              /\ pc' = [pc EXCEPT ![self] = "inside"]
              /\ UNCHANGED << wants, turn, visits >>

inside(self) == /\ pc[self] = "inside"
                /\ visits' = [visits EXCEPT ![self] = (visits[self] + 1) % 2]
                /\ Assert(\A v \in {0, 1} \ {self} : pc[v] # "inside", 
                          "Failure of assertion at line 18, column 13.")
                /\ pc' = [pc EXCEPT ![self] = "leave"]
                /\ UNCHANGED << wants, turn >>

leave(self) == /\ pc[self] = "leave"
               /\ wants' = [wants EXCEPT ![self] = FALSE]
               /\ pc' = [pc EXCEPT ![self] = "away"]
               /\ UNCHANGED << turn, visits >>

Visitor(self) == away(self) \/ yield(self) \/ wait(self) \/ inside(self)
                    \/ leave(self)

Next == (\E self \in {0, 1}: Visitor(self))

Spec == /\ Init /\ [][Next]_vars
        /\ \A self \in {0, 1} : WF_vars((pc[self] # "away") /\ Visitor(self)) /\ SF_vars(wait(self))

\* END TRANSLATION 

MutualExclusion == ~ (pc[0] = "inside" /\ pc[1] = "inside")
NobodyWaitsForever == \A v \in {0, 1} : (pc[v] = "wait") ~> (pc[v] = "inside")
=============================================================================
