--------------------------- MODULE TensorLifetime ---------------------------
(***************************************************************************)
(* The lifetime of a tensor that an operator encodes from inside a block.  *)
(*                                                                         *)
(* An MPS operator gets its input through expand_inplace or                *)
(* expect_contiguous.  The MaybeOwned<Tensor> that comes back either owns  *)
(* a temporary (the input had to be expanded or copied) or only borrows    *)
(* the caller's tensor.  The operator then hands a block to                *)
(* dispatch_sync_with_rethrow, and the block dereferences the tensor and   *)
(* encodes its buffer, on another thread's schedule.  Until then a         *)
(* collection on a third thread may drop the last owner of a tensor that   *)
(* was only borrowed.  The remedy: the block captures an owned copy by     *)
(* value, taken while the caller's reference is known to be good.          *)
(*                                                                         *)
(* When is it known to be good?  The caller guarantees its reference until *)
(* the operator lets go of the interpreter lock, no longer.  So the copy   *)
(* must be taken before (Capture), and the collector, which needs the      *)
(* lock, can act only after (Collect).  CaptureByValue = TRUE is the       *)
(* protocol; FALSE is bug 3 of the fork, in masked_fill_ and layer_norm.   *)
(* LateCapture is the half remedy: an owned copy, taken inside the block.  *)
(*                                                                         *)
(* Source: aten/src/ATen/native/mps/operations (masked_fill__mps,          *)
(* layer_norm_mps), c10::MaybeOwned, dispatch_sync_with_rethrow,           *)
(* Placeholder, which reads the buffer (Bind) before the encoder uses it   *)
(* (Encode).                                                               *)
(*                                                                         *)
(* Abstractions.  A reference count is the set of its holders; the root    *)
(* set is the interpreter's share.  Tensors and buffers are few and are    *)
(* used again; `born` tells one tensor from the next at the same address.  *)
(* The allocator hands a dead tensor's buffer to the next one that is      *)
(* born.  The serial queue lets one block run at a time.                   *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets

CONSTANTS
    Operators,  \* the threads that run operators
    Collector,  \* the thread that creates and collects tensors
    NoThread,
    Tensors,    \* addresses of tensors
    NoTensor,
    Buffers,    \* at least as many as tensors
    NoBuffer,
    MaxBirths   \* tensors that may live at one address; bounds the model

CONSTANTS
    CaptureByValue,  \* TRUE: the block owns what it dereferences
    LateCapture,     \* defect: it becomes the owner only when it runs
    HastyCollector   \* defect: the buffer goes although others hold the tensor

ASSUME {CaptureByValue, LateCapture, HastyCollector} \subseteq BOOLEAN
ASSUME Cardinality(Buffers) >= Cardinality(Tensors)

Threads == Operators \cup {Collector}

VARIABLES
    roots,    \* the tensors that the interpreter holds
    holders,  \* of each tensor: the operators with a reference of their own
    born,     \* of each address: how many tensors have lived there
    buffer,   \* of each living tensor
    gil,      \* owner of the interpreter lock
    queue,    \* the operator whose block runs on the serial queue
    pc,       \* where each operator is
    arg,      \* the tensor that it works on
    argBorn,  \* history: which of the tensors at that address was meant
    bound     \* the buffer that its block has read

vars == <<roots, holders, born, buffer, gil, queue, pc, arg, argBorn, bound>>

Labels == {"idle", "entered", "prepared", "dispatched",
           "block", "bound", "encoded"}

TypeOK ==
    /\ roots \subseteq Tensors
    /\ holders \in [Tensors -> SUBSET Operators]
    /\ born \in [Tensors -> 0 .. MaxBirths]
    /\ buffer \in [Tensors -> Buffers \cup {NoBuffer}]
    /\ gil \in Threads \cup {NoThread}
    /\ queue \in Operators \cup {NoThread}
    /\ pc \in [Operators -> Labels]
    /\ arg \in [Operators -> Tensors \cup {NoTensor}]
    /\ argBorn \in [Operators -> 0 .. MaxBirths]
    /\ bound \in [Operators -> Buffers \cup {NoBuffer}]

Init ==
    /\ roots = {}
    /\ holders = [x \in Tensors |-> {}]
    /\ born = [x \in Tensors |-> 0]
    /\ buffer = [x \in Tensors |-> NoBuffer]
    /\ gil = NoThread
    /\ queue = NoThread
    /\ pc = [t \in Operators |-> "idle"]
    /\ arg = [t \in Operators |-> NoTensor]
    /\ argBorn = [t \in Operators |-> 0]
    /\ bound = [t \in Operators |-> NoBuffer]

-----------------------------------------------------------------------------
Goto(t, label) == pc' = [pc EXCEPT ![t] = label]
Alive(x)         == x \in roots \/ holders[x] # {}
FreeBuffers      == Buffers \ {buffer[x] : x \in Tensors}
LastHolder(x, t) == holders[x] \ {t} = {} /\ x \notin roots

\* A tensor is born at address x.  Its buffer is any that is free.
Born(x) ==
    /\ ~Alive(x) /\ born[x] < MaxBirths
    /\ born' = [born EXCEPT ![x] = @ + 1]
    /\ \E b \in FreeBuffers : buffer' = [buffer EXCEPT ![x] = b]

\* The tensor's buffer goes back with the last of its holders.
DropHolder(t, x) ==
    /\ holders' = [holders EXCEPT ![x] = @ \ {t}]
    /\ buffer' = IF LastHolder(x, t) THEN [buffer EXCEPT ![x] = NoBuffer]
                 ELSE buffer

(***************************************************************************)
(* The interpreter: creation and collection, under its lock.               *)
(***************************************************************************)
Create(x) ==
    /\ gil = NoThread
    /\ Born(x)
    /\ roots' = roots \cup {x}
    /\ UNCHANGED <<holders, gil, queue, pc, arg, argBorn, bound>>

BeginCollect ==
    /\ gil = NoThread /\ roots # {}
    /\ gil' = Collector
    /\ UNCHANGED <<roots, holders, born, buffer, queue, pc, arg, argBorn,
                   bound>>

Collect(x) ==
    /\ gil = Collector
    /\ x \in roots
    /\ roots' = roots \ {x}
    /\ buffer' = IF holders[x] = {} \/ HastyCollector
                 THEN [buffer EXCEPT ![x] = NoBuffer] ELSE buffer
    /\ gil' = NoThread
    /\ UNCHANGED <<holders, born, queue, pc, arg, argBorn, bound>>

(***************************************************************************)
(* An operator, on the caller's thread.                                    *)
(***************************************************************************)
Enter(t, x) ==  \* called with a tensor that the interpreter holds
    /\ pc[t] = "idle"
    /\ gil = NoThread
    /\ x \in roots
    /\ gil' = t
    /\ arg' = [arg EXCEPT ![t] = x]
    /\ argBorn' = [argBorn EXCEPT ![t] = born[x]]
    /\ Goto(t, "entered")
    /\ UNCHANGED <<roots, holders, born, buffer, queue, bound>>

Expand(t, y) ==  \* MaybeOwned owns: a temporary, and nobody else knows it
    /\ pc[t] = "entered"
    /\ Born(y)
    /\ holders' = [holders EXCEPT ![y] = {t}]
    /\ arg' = [arg EXCEPT ![t] = y]
    /\ argBorn' = [argBorn EXCEPT ![t] = born[y] + 1]
    /\ Goto(t, "prepared")
    /\ UNCHANGED <<roots, gil, queue, bound>>

Capture(t) ==  \* MaybeOwned borrows: the block takes a copy, or should
    /\ pc[t] = "entered"
    /\ holders' = IF CaptureByValue /\ ~LateCapture
                  THEN [holders EXCEPT ![arg[t]] = @ \cup {t}] ELSE holders
    /\ Goto(t, "prepared")
    /\ UNCHANGED <<roots, born, buffer, gil, queue, arg, argBorn, bound>>

Dispatch(t) ==  \* lets go of the interpreter lock and waits for the block
    /\ pc[t] = "prepared"
    /\ gil' = NoThread
    /\ Goto(t, "dispatched")
    /\ UNCHANGED <<roots, holders, born, buffer, queue, arg, argBorn, bound>>

(***************************************************************************)
(* The block, on the stream's serial queue.                                *)
(***************************************************************************)
BeginBlock(t) ==
    /\ pc[t] = "dispatched"
    /\ queue = NoThread
    /\ queue' = t
    /\ Goto(t, "block")
    /\ holders' = IF LateCapture THEN [holders EXCEPT ![arg[t]] = @ \cup {t}]
                  ELSE holders
    /\ UNCHANGED <<roots, born, buffer, gil, arg, argBorn, bound>>

Bind(t) ==  \* the placeholder dereferences the tensor
    /\ pc[t] = "block"
    /\ bound' = [bound EXCEPT ![t] = buffer[arg[t]]]
    /\ Goto(t, "bound")
    /\ UNCHANGED <<roots, holders, born, buffer, gil, queue, arg, argBorn>>

Encode(t) ==  \* the encoder has used the buffer that was bound
    /\ pc[t] = "bound"
    /\ bound' = [bound EXCEPT ![t] = NoBuffer]
    /\ queue' = NoThread
    /\ Goto(t, "encoded")
    /\ UNCHANGED <<roots, holders, born, buffer, gil, arg, argBorn>>

Finish(t) ==  \* back on the caller's thread: what was owned is dropped
    /\ pc[t] = "encoded"
    /\ DropHolder(t, arg[t])
    /\ arg' = [arg EXCEPT ![t] = NoTensor]
    /\ argBorn' = [argBorn EXCEPT ![t] = 0]
    /\ Goto(t, "idle")
    /\ UNCHANGED <<roots, born, gil, queue, bound>>

-----------------------------------------------------------------------------
Operator(t) == \/ \E x \in Tensors : Expand(t, x)
               \/ Capture(t) \/ Dispatch(t)
               \/ BeginBlock(t) \/ Bind(t) \/ Encode(t) \/ Finish(t)

\* Every address has been used up and everything is collected: stutter.
Done ==
    /\ \A x \in Tensors : born[x] = MaxBirths /\ ~Alive(x)
    /\ \A t \in Operators : pc[t] = "idle"
    /\ UNCHANGED vars

Next ==
    \/ \E x \in Tensors : Create(x) \/ Collect(x)
    \/ BeginCollect
    \/ \E t \in Operators : Operator(t) \/ \E x \in Tensors : Enter(t, x)
    \/ Done

Spec == Init /\ [][Next]_vars

\* An operator that was called gets its turn on the queue and returns; a
\* collection that began ends.
Fairness == /\ \A t \in Operators : SF_vars(Operator(t))
            /\ WF_vars(\E x \in Tensors : Collect(x))
LiveSpec == Spec /\ Fairness

OperatorReturns == \A t \in Operators : pc[t] = "entered" ~> pc[t] = "idle"

-----------------------------------------------------------------------------
\* The tensor that t was given is the one that lives at that address.
Same(t) == Alive(arg[t]) /\ born[arg[t]] = argBorn[t]

\* TL.NoUseAfterFree: the block never dereferences a tensor that is gone.
NoUseAfterFree == \A t \in Operators : pc[t] \in {"block", "bound"} => Same(t)

\* TL.OwnedTensorValid: what a thread holds a reference to is alive, has a
\* buffer, and is the tensor that the thread means.
OwnedTensorValid ==
    \A t \in Operators : \A x \in Tensors : t \in holders[x] =>
        /\ buffer[x] # NoBuffer
        /\ arg[t] = x /\ born[x] = argBorn[t]

\* TL.EncodingImpliesValidBuffer: what an encoder uses is a buffer, and it
\* still belongs to the tensor it was read from.
EncodingImpliesValidBuffer ==
    \A t \in Operators : pc[t] = "bound" =>
        bound[t] # NoBuffer /\ buffer[arg[t]] = bound[t]

\* TL.BufferOfTheLiving: a tensor has a buffer exactly while it is alive, and
\* no two tensors share one.
BufferOfTheLiving ==
    /\ \A x \in Tensors : Alive(x) <=> buffer[x] # NoBuffer
    /\ \A x, y \in Tensors :
           buffer[x] = buffer[y] /\ buffer[x] # NoBuffer => x = y
=============================================================================
