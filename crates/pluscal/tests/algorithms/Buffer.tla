------------------------------- MODULE Buffer -------------------------------
(* A bounded buffer in the c-syntax: producers and a consumer, macros that call macros, a define block. *)
EXTENDS Naturals, Sequences, TLC

CONSTANTS Producers, Capacity, Items

(***************************************************************************
--fair algorithm Buffer {
  variables buffer = << >>, produced = 0, taken = 0;

  define {
    Full == Len(buffer) = Capacity
    Bounded == /\ Len(buffer) <= Capacity
               /\ taken <= produced
  }

  macro put(queue, item) { queue := Append(queue, item) }
  macro store(item) {
    await ~ Full;
    put(buffer, item);
    produced := produced + 1
  }
  macro fetch(target) {
    await buffer # << >>;
    target := Head(buffer);   \* the first one
    buffer := Tail(buffer);
  }

  process (Producer \in Producers)
    variables made = 0; {
  make: while (made < Items) {
          made := made + 1;
  send:   either { store(made * 10) }
          or     { await produced >= Items; goto Done };
        }
  }

  process (Consumer = 0)
    variables got = [value |-> 0, count |-> 0]; {
  take: while (TRUE) {
          fetch(got.value);
          taken := taken + 1;
  count:  got.count := (got.count + 1) % 2 || got.value := 0;
          if (taken > produced) { print << "impossible", got >>; assert FALSE }
          else if (taken = produced) skip;
        }
  }
}
 ***************************************************************************)
\* BEGIN TRANSLATION (chksum(pcal) = "7c28162a" /\ chksum(tla) = "4af61ee2")
VARIABLES pc, buffer, produced, taken

(* define statement *)
Full == Len(buffer) = Capacity
Bounded == /\ Len(buffer) <= Capacity
           /\ taken <= produced

VARIABLES made, got

vars == << pc, buffer, produced, taken, made, got >>

ProcSet == (Producers) \cup {0}

Init == (* Global variables *)
        /\ buffer = << >>
        /\ produced = 0
        /\ taken = 0
        (* Process Producer *)
        /\ made = [self \in Producers |-> 0]
        (* Process Consumer *)
        /\ got = [value |-> 0, count |-> 0]
        /\ pc = [self \in ProcSet |-> CASE self \in Producers -> "make"
                                        [] self = 0 -> "take"]

make(self) == /\ pc[self] = "make"
              /\ IF made[self] < Items
                    THEN /\ made' = [made EXCEPT ![self] = made[self] + 1]
                         /\ pc' = [pc EXCEPT ![self] = "send"]
                    ELSE /\ pc' = [pc EXCEPT ![self] = "Done"]
                         /\ made' = made
              /\ UNCHANGED << buffer, produced, taken, got >>

send(self) == /\ pc[self] = "send"
              /\ \/ /\ ~ Full
                    /\ buffer' = Append(buffer, (made[self] * 10))
                    /\ produced' = produced + 1
                    /\ pc' = [pc EXCEPT ![self] = "make"]
                 \/ /\ produced >= Items
                    /\ pc' = [pc EXCEPT ![self] = "Done"]
                    /\ UNCHANGED <<buffer, produced>>
              /\ UNCHANGED << taken, made, got >>

Producer(self) == make(self) \/ send(self)

take == /\ pc[0] = "take"
        /\ buffer # << >>
        /\ got' = [got EXCEPT !.value = Head(buffer)]
        /\ buffer' = Tail(buffer)
        /\ taken' = taken + 1
        /\ pc' = [pc EXCEPT ![0] = "count"]
        /\ UNCHANGED << produced, made >>

count == /\ pc[0] = "count"
         /\ got' = [got EXCEPT !.count = (got.count + 1) % 2,
                               !.value = 0]
         /\ IF taken > produced
               THEN /\ PrintT(<< "impossible", got' >>)
                    /\ Assert(FALSE, 
                              "Failure of assertion at line 44, column 66.")
               ELSE /\ IF taken = produced
                          THEN /\ TRUE
                          ELSE /\ TRUE
         /\ pc' = [pc EXCEPT ![0] = "take"]
         /\ UNCHANGED << buffer, produced, taken, made >>

Consumer == take \/ count

(* Allow infinite stuttering to prevent deadlock on termination. *)
Terminating == /\ \A self \in ProcSet: pc[self] = "Done"
               /\ UNCHANGED vars

Next == Consumer
           \/ (\E self \in Producers: Producer(self))
           \/ Terminating

Spec == /\ Init /\ [][Next]_vars
        /\ WF_vars(Next)

Termination == <>(\A self \in ProcSet: pc[self] = "Done")

\* END TRANSLATION 
=============================================================================
