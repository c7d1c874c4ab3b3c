-------------------------------- MODULE Relay --------------------------------
(* Procedures of processes: calls that return at once, calls followed by goto, names that clash, fairness of both
   kinds. *)
EXTENDS Naturals, Sequences

(*
--algorithm Relay {
  variables baton = "north", laps = 0, limit = 2;

  procedure pass(to, by)
    variable steps = 0; {
  go:   while (steps < by) { steps := steps + 1 };
  hand: baton := to;
        call rest(1);
        return;
  }

  procedure rest(time)
    variable steps = time; {
  nap:  steps := steps - 1;
        if (steps > 0) { goto nap };
  up:   return;
  }

  fair process (North = "north")
    variable steps = 0; {
  go:    await baton = "north" \/ laps >= limit;
         if (laps >= limit) { call rest(1); goto last };
  run:   steps := (steps + 1) % 3;
         call pass("south", 1);
         goto go;
  last:  skip;
  }

  fair+ process (South = "south")
    variable steps = 0; {
  go:    while (laps < limit) {
           await baton = "south";
           with (add = 1; more \in {0}) { laps := laps + add + more };
           if (laps < limit) {
  back:      call pass("north", 1);
           }
         }
  }
}
*)
\* BEGIN TRANSLATION (chksum(pcal) = "ef1acda2" /\ chksum(tla) = "60838fb7")
\* Label go of procedure pass at line 12 col 9 changed to go_
\* Label go of process North at line 27 col 10 changed to go_N
\* Process variable steps of process North at line 26 col 14 changed to steps_
\* Process variable steps of process South at line 36 col 14 changed to steps_S
\* Procedure variable steps of procedure pass at line 11 col 14 changed to steps_p
CONSTANT defaultInitValue
VARIABLES pc, baton, laps, limit, stack, to, by, steps_p, time, steps, steps_, 
          steps_S

vars == << pc, baton, laps, limit, stack, to, by, steps_p, time, steps, 
           steps_, steps_S >>

ProcSet == {"north"} \cup {"south"}

Init == (* Global variables *)
        /\ baton = "north"
        /\ laps = 0
        /\ limit = 2
        (* Procedure pass *)
        /\ to = [ self \in ProcSet |-> defaultInitValue]
        /\ by = [ self \in ProcSet |-> defaultInitValue]
        /\ steps_p = [ self \in ProcSet |-> 0]
        (* Procedure rest *)
        /\ time = [ self \in ProcSet |-> defaultInitValue]
        /\ steps = [ self \in ProcSet |-> time[self]]
        (* Process North *)
        /\ steps_ = 0
        (* Process South *)
        /\ steps_S = 0
        /\ stack = [self \in ProcSet |-> << >>]
        /\ pc = [self \in ProcSet |-> CASE self = "north" -> "go_N"
                                        [] self = "south" -> "go"]

go_(self) == /\ pc[self] = "go_"
             /\ IF steps_p[self] < by[self]
                   THEN /\ steps_p' = [steps_p EXCEPT ![self] = steps_p[self] + 1]
                        /\ pc' = [pc EXCEPT ![self] = "go_"]
                   ELSE /\ pc' = [pc EXCEPT ![self] = "hand"]
                        /\ UNCHANGED steps_p
             /\ UNCHANGED << baton, laps, limit, stack, to, by, time, steps, 
                             steps_, steps_S >>

hand(self) == /\ pc[self] = "hand"
              /\ baton' = to[self]
              /\ /\ stack' = [stack EXCEPT ![self] = << [ procedure |->  "rest",
                                                          pc        |->  Head(stack[self]).pc,
                                                          steps     |->  steps[self],
                                                          time      |->  time[self] ] >>
                                                      \o Tail(stack[self])]
                 /\ steps_p' = [steps_p EXCEPT ![self] = Head(stack[self]).steps_p]
                 /\ time' = [time EXCEPT ![self] = 1]
              /\ steps' = [steps EXCEPT ![self] = time'[self]]
              /\ pc' = [pc EXCEPT ![self] = "nap"]
              /\ UNCHANGED << laps, limit, to, by, steps_, steps_S >>

pass(self) == go_(self) \/ hand(self)

nap(self) == /\ pc[self] = "nap"
             /\ steps' = [steps EXCEPT ![self] = steps[self] - 1]
             /\ IF steps'[self] > 0
                   THEN /\ pc' = [pc EXCEPT ![self] = "nap"]
                   ELSE /\ pc' = [pc EXCEPT ![self] = "up"]
             /\ UNCHANGED << baton, laps, limit, stack, to, by, steps_p, time, 
                             steps_, steps_S >>

up(self) == /\ pc[self] = "up"
            /\ pc' = [pc EXCEPT ![self] = Head(stack[self]).pc]
            /\ steps' = [steps EXCEPT ![self] = Head(stack[self]).steps]
            /\ time' = [time EXCEPT ![self] = Head(stack[self]).time]
            /\ stack' = [stack EXCEPT ![self] = Tail(stack[self])]
            /\ UNCHANGED << baton, laps, limit, to, by, steps_p, steps_, 
                            steps_S >>

rest(self) == nap(self) \/ up(self)

go_N == /\ pc["north"] = "go_N"
        /\ baton = "north" \/ laps >= limit
        /\ IF laps >= limit
              THEN /\ /\ stack' = [stack EXCEPT !["north"] = << [ procedure |->  "rest",
                                                                  pc        |->  "last",
                                                                  steps     |->  steps["north"],
                                                                  time      |->  time["north"] ] >>
                                                              \o stack["north"]]
                      /\ time' = [time EXCEPT !["north"] = 1]
                   /\ steps' = [steps EXCEPT !["north"] = time'["north"]]
                   /\ pc' = [pc EXCEPT !["north"] = "nap"]
              ELSE /\ pc' = [pc EXCEPT !["north"] = "run"]
                   /\ UNCHANGED << stack, time, steps >>
        /\ UNCHANGED << baton, laps, limit, to, by, steps_p, steps_, steps_S >>

run == /\ pc["north"] = "run"
       /\ steps_' = (steps_ + 1) % 3
       /\ /\ by' = [by EXCEPT !["north"] = 1]
          /\ stack' = [stack EXCEPT !["north"] = << [ procedure |->  "pass",
                                                      pc        |->  "go_N",
                                                      steps_p   |->  steps_p["north"],
                                                      to        |->  to["north"],
                                                      by        |->  by["north"] ] >>
                                                  \o stack["north"]]
          /\ to' = [to EXCEPT !["north"] = "south"]
       /\ steps_p' = [steps_p EXCEPT !["north"] = 0]
       /\ pc' = [pc EXCEPT !["north"] = "go_"]
       /\ UNCHANGED << baton, laps, limit, time, steps, steps_S >>

last == /\ pc["north"] = "last"
        /\ TRUE
        /\ pc' = [pc EXCEPT !["north"] = "Done"]
        /\ UNCHANGED << baton, laps, limit, stack, to, by, steps_p, time, 
                        steps, steps_, steps_S >>

North == go_N \/ run \/ last

go == /\ pc["south"] = "go"
      /\ IF laps < limit
            THEN /\ baton = "south"
                 /\ LET add == 1 IN
                      \E more \in {0}:
                        laps' = laps + add + more
                 /\ IF laps' < limit
                       THEN /\ pc' = [pc EXCEPT !["south"] = "back"]
                       ELSE /\ pc' = [pc EXCEPT !["south"] = "go"]
            ELSE /\ pc' = [pc EXCEPT !["south"] = "Done"]
                 /\ laps' = laps
      /\ UNCHANGED << baton, limit, stack, to, by, steps_p, time, steps, 
                      steps_, steps_S >>

back == /\ pc["south"] = "back"
        /\ /\ by' = [by EXCEPT !["south"] = 1]
           /\ stack' = [stack EXCEPT !["south"] = << [ procedure |->  "pass",
                                                       pc        |->  "go",
                                                       steps_p   |->  steps_p["south"],
                                                       to        |->  to["south"],
                                                       by        |->  by["south"] ] >>
                                                   \o stack["south"]]
           /\ to' = [to EXCEPT !["south"] = "north"]
        /\ steps_p' = [steps_p EXCEPT !["south"] = 0]
        /\ pc' = [pc EXCEPT !["south"] = "go_"]
        /\ UNCHANGED << baton, laps, limit, time, steps, steps_, steps_S >>

South == go \/ back

(* Allow infinite stuttering to prevent deadlock on termination. *)
Terminating == /\ \A self \in ProcSet: pc[self] = "Done"
               /\ UNCHANGED vars

Next == North \/ South
           \/ (\E self \in ProcSet: pass(self) \/ rest(self))
           \/ Terminating

Spec == /\ Init /\ [][Next]_vars
        /\ WF_vars(North) /\ WF_vars(rest("north")) /\ WF_vars(pass("north"))
        /\ SF_vars(South) /\ SF_vars(pass("south")) /\ SF_vars(rest("south"))

Termination == <>(\A self \in ProcSet: pc[self] = "Done")

\* END TRANSLATION 
=============================================================================
