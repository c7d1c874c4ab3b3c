-------------------------------- MODULE Clock --------------------------------
(* One endless loop without labels inside: no pc, no Termination. *)
EXTENDS Naturals

(*
--algorithm Clock
variables hour \in 0..23, minute = 0, bell = FALSE;
begin
  tick: while TRUE do
    minute := (minute + 15) % 60;
    if minute = 0 then
      hour := (hour + 1) % 24 || bell := hour % 12 = 11;
    elsif minute = 30 /\ bell then
      bell := FALSE;
    else
      either skip; or bell := FALSE; end either;
    end if;
  end while;
end algorithm
*)
\* BEGIN TRANSLATION (chksum(pcal) = "b0a692b9" /\ chksum(tla) = "3cece2cc")
VARIABLES hour, minute, bell

vars == << hour, minute, bell >>

Init == (* Global variables *)
        /\ hour \in 0..23
        /\ minute = 0
        /\ bell = FALSE

Next == /\ minute' = (minute + 15) % 60
        /\ IF minute' = 0
              THEN /\ /\ bell' = (hour % 12 = 11)
                      /\ hour' = (hour + 1) % 24
              ELSE /\ IF minute' = 30 /\ bell
                         THEN /\ bell' = FALSE
                         ELSE /\ \/ /\ TRUE
                                    /\ bell' = bell
                                 \/ /\ bell' = FALSE
                   /\ hour' = hour

Spec == Init /\ [][Next]_vars

\* END TRANSLATION 

TypeOK == hour \in 0..23 /\ minute \in {0, 15, 30, 45} /\ bell \in BOOLEAN
=============================================================================
