------------------------------- MODULE Workers -------------------------------
(* Sets of processes with local variables from sets, several variables assigned in parts, expressions of several lines
   that move when names get subscripts. *)
EXTENDS Naturals, FiniteSets

CONSTANT Crew

(* PlusCal options (-sf, labelRoot step_, label) *)

(*
--algorithm Workers
variables
  tools = [t \in {"saw", "drill"} |-> 0],
  done = {};

process Worker \in Crew
variables
  skill \in {1, 2},
  tool = "saw",
  job = [a |-> 0, b |-> 0];
begin
  pick:
    with t \in {"saw", "drill"}, s = skill do
      await tools[t] < s /\ \/ tool = "saw"
                            \/ t # tool;
      tools[t] := tools[t] + 1;
      tool := t;
    end with;
    job.a := skill + 1 || job.b := skill - 1;
  work:
    while job.a > 0 do
      job.a := IF job.a > 1 THEN job.a - 1
                            ELSE 0;
      if job.a = 1 then
        tools[tool] := tools[tool] - 1;
        tool := "saw";
        done := done \cup {self};
        skip;
      end if;
    end while;
    job := [a |-> 0, b |-> 0];
    job.b := 1;
end process;

process Foreman = 0
begin
  watch: await Cardinality(done) = Cardinality(Crew);
         if done = {} then goto Done; end if;
  close: tools["saw"] := 0 || tools["drill"] := 0 || done := {};
end process;
end algorithm
*)
\* BEGIN TRANSLATION (chksum(pcal) = "72c754a0" /\ chksum(tla) = "5be10af3")
VARIABLES pc, tools, done, skill, tool, job

vars == << pc, tools, done, skill, tool, job >>

ProcSet == (Crew) \cup {0}

Init == (* Global variables *)
        /\ tools = [t \in {"saw", "drill"} |-> 0]
        /\ done = {}
        (* Process Worker *)
        /\ skill \in [Crew -> {1, 2}]
        /\ tool = [self \in Crew |-> "saw"]
        /\ job = [self \in Crew |-> [a |-> 0, b |-> 0]]
        /\ pc = [self \in ProcSet |-> CASE self \in Crew -> "pick"
                                        [] self = 0 -> "watch"]

pick(self) == /\ pc[self] = "pick"
              /\ \E t \in {"saw", "drill"}:
                   LET s == skill[self] IN
                     /\ tools[t] < s /\ \/ tool[self] = "saw"
                                        \/ t # tool[self]
                     /\ tools' = [tools EXCEPT ![t] = tools[t] + 1]
                     /\ tool' = [tool EXCEPT ![self] = t]
              /\ job' = [job EXCEPT ![self].a = skill[self] + 1,
                                    ![self].b = skill[self] - 1]
              /\ pc' = [pc EXCEPT ![self] = "work"]
              /\ UNCHANGED << done, skill >>

work(self) == /\ pc[self] = "work"
              /\ IF job[self].a > 0
                    THEN /\ job' = [job EXCEPT ![self].a = IF job[self].a > 1 THEN job[self].a - 1
                                                                              ELSE 0]
                         /\ IF job'[self].a = 1
                               THEN /\ tools' = [tools EXCEPT ![tool[self]] = tools[tool[self]] - 1]
                                    /\ tool' = [tool EXCEPT ![self] = "saw"]
                                    /\ done' = (done \cup {self})
                                    /\ TRUE
                               ELSE /\ TRUE
                                    /\ UNCHANGED << tools, done, tool >>
                         /\ pc' = [pc EXCEPT ![self] = "work"]
                    ELSE /\ job' = [job EXCEPT ![self] = [a |-> 0, b |-> 0]]
                         /\ pc' = [pc EXCEPT ![self] = "step_1"]
                         /\ UNCHANGED << tools, done, tool >>
              /\ skill' = skill

step_1(self) == /\ pc[self] = "step_1"
                /\ job' = [job EXCEPT ![self].b = 1]
                /\ pc' = [pc EXCEPT ![self] = "Done"]
                /\ UNCHANGED << tools, done, skill, tool >>

Worker(self) == pick(self) \/ work(self) \/ step_1(self)

watch == /\ pc[0] = "watch"
         /\ Cardinality(done) = Cardinality(Crew)
         /\ IF done = {}
               THEN /\ pc' = [pc EXCEPT ![0] = "Done"]
               ELSE /\ pc' = [pc EXCEPT ![0] = "close"]
         /\ UNCHANGED << tools, done, skill, tool, job >>

close == /\ pc[0] = "close"
         /\ /\ done' = {}
            /\ tools' = [tools EXCEPT !["saw"] = 0,
                                      !["drill"] = 0]
         /\ pc' = [pc EXCEPT ![0] = "Done"]
         /\ UNCHANGED << skill, tool, job >>

Foreman == watch \/ close

(* Allow infinite stuttering to prevent deadlock on termination. *)
Terminating == /\ \A self \in ProcSet: pc[self] = "Done"
               /\ UNCHANGED vars

Next == Foreman
           \/ (\E self \in Crew: Worker(self))
           \/ Terminating

Spec == /\ Init /\ [][Next]_vars
        /\ \A self \in Crew : SF_vars(Worker(self))
        /\ SF_vars(Foreman)

Termination == <>(\A self \in ProcSet: pc[self] = "Done")

\* END TRANSLATION 
=============================================================================
