------------------------------ MODULE Fibonacci ------------------------------
(* Recursion through a procedure with parameters and a local variable; labels are added. *)
EXTENDS Naturals, Sequences, TLC

(* PlusCal options (wf, termination) *)

(*
--algorithm Fibonacci
variables result = 0, n \in 0..4;

procedure fib(k)
variable first;
begin
  if k < 2 then
    result := k;
    return;
  end if;
  call fib(k - 1);
  first := result;
  call fib(k - 2);
  result := result + first;
  return;
end procedure;

begin
  call fib(n);
  assert result = << 0, 1, 1, 2, 3 >>[n + 1];
end algorithm
*)
\* BEGIN TRANSLATION (chksum(pcal) = "957c832d" /\ chksum(tla) = "130d4c33")
CONSTANT defaultInitValue
VARIABLES pc, result, n, stack, k, first

vars == << pc, result, n, stack, k, first >>

Init == (* Global variables *)
        /\ result = 0
        /\ n \in 0..4
        (* Procedure fib *)
        /\ k = defaultInitValue
        /\ first = defaultInitValue
        /\ stack = << >>
        /\ pc = "Lbl_6"

Lbl_1 == /\ pc = "Lbl_1"
         /\ IF k < 2
               THEN /\ result' = k
                    /\ pc' = Head(stack).pc
                    /\ first' = Head(stack).first
                    /\ k' = Head(stack).k
                    /\ stack' = Tail(stack)
               ELSE /\ pc' = "Lbl_2"
                    /\ UNCHANGED << result, stack, k, first >>
         /\ n' = n

Lbl_2 == /\ pc = "Lbl_2"
         /\ /\ k' = k - 1
            /\ stack' = << [ procedure |->  "fib",
                             pc        |->  "Lbl_3",
                             first     |->  first,
                             k         |->  k ] >>
                         \o stack
         /\ first' = defaultInitValue
         /\ pc' = "Lbl_1"
         /\ UNCHANGED << result, n >>

Lbl_3 == /\ pc = "Lbl_3"
         /\ first' = result
         /\ pc' = "Lbl_4"
         /\ UNCHANGED << result, n, stack, k >>

Lbl_4 == /\ pc = "Lbl_4"
         /\ /\ k' = k - 2
            /\ stack' = << [ procedure |->  "fib",
                             pc        |->  "Lbl_5",
                             first     |->  first,
                             k         |->  k ] >>
                         \o stack
         /\ first' = defaultInitValue
         /\ pc' = "Lbl_1"
         /\ UNCHANGED << result, n >>

Lbl_5 == /\ pc = "Lbl_5"
         /\ result' = result + first
         /\ pc' = Head(stack).pc
         /\ first' = Head(stack).first
         /\ k' = Head(stack).k
         /\ stack' = Tail(stack)
         /\ n' = n

fib == Lbl_1 \/ Lbl_2 \/ Lbl_3 \/ Lbl_4 \/ Lbl_5

Lbl_6 == /\ pc = "Lbl_6"
         /\ /\ k' = n
            /\ stack' = << [ procedure |->  "fib",
                             pc        |->  "Lbl_7",
                             first     |->  first,
                             k         |->  k ] >>
                         \o stack
         /\ first' = defaultInitValue
         /\ pc' = "Lbl_1"
         /\ UNCHANGED << result, n >>

Lbl_7 == /\ pc = "Lbl_7"
         /\ Assert(result = << 0, 1, 1, 2, 3 >>[n + 1], 
                   "Failure of assertion at line 27, column 3.")
         /\ pc' = "Done"
         /\ UNCHANGED << result, n, stack, k, first >>

(* Allow infinite stuttering to prevent deadlock on termination. *)
Terminating == pc = "Done" /\ UNCHANGED vars

Next == fib \/ Lbl_6 \/ Lbl_7
           \/ Terminating

Spec == /\ Init /\ [][Next]_vars
        /\ WF_vars(Next)

Termination == <>(pc = "Done")

\* END TRANSLATION 
=============================================================================
