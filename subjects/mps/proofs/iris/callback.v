(** The callbacks of an event, and a destructor that waits for them.

    An event is a counter of pending callbacks and the state that callbacks
    write.  To schedule a callback the owner increments the counter and then
    forks the callback, which writes the state and decrements the counter as the
    last thing it does.  The destructor frees the memory of both, but only after
    it has read zero; when its patience is at an end it gives up and frees
    nothing.

    Each pending callback has a token of its own, and the counter is the number
    of tokens that are out.  A callback that holds its token therefore knows that
    the memory exists, and a destructor that reads zero knows that no callback is
    left.  Access to freed memory gets a HeapLang program stuck, so the triples
    below say that no callback outlives its event. *)

From mps Require Export prelude.

Definition callbackR : ucmra := gmapUR nat (exclR unitO).

Class callbackG Σ :=
  { callback_inG : inG Σ (authR callbackR); callback_tokenG : tokenG Σ }.
#[global] Existing Instances callback_inG callback_tokenG.

Definition callbackΣ : gFunctors := #[GFunctor (authR callbackR); tokenΣ].

#[global] Instance subG_callbackΣ Σ : subG callbackΣ Σ → callbackG Σ.
Proof. solve_inG. Qed.

(** * Tokens of pending callbacks *)

Section tokens.
  Context `{!callbackG Σ}.
  Implicit Types m : gmap nat (excl unit).

  Definition pending (γ : gname) (n : nat) : iProp Σ :=
    ∃ m, own γ (● (m : callbackR)) ∗ ⌜size m = n⌝.

  Definition callback_token (γ : gname) (i : nat) : iProp Σ :=
    own γ (◯ ({[ i := Excl tt ]} : callbackR)).

  #[global] Instance pending_timeless γ n : Timeless (pending γ n).
  Proof. apply _. Qed.
  #[global] Instance callback_token_timeless γ i : Timeless (callback_token γ i).
  Proof. apply _. Qed.

  Lemma pending_init : ⊢ |==> ∃ γ, pending γ 0.
  Proof.
    iMod (own_alloc (● (∅ : callbackR))) as (γ) "H"; [by apply auth_auth_valid|].
    iModIntro. iExists γ, ∅. by iFrame.
  Qed.

  Theorem callback_token_exclusive γ i :
    callback_token γ i -∗ callback_token γ i -∗ False.
  Proof.
    iIntros "H1 H2". iDestruct (own_valid_2 with "H1 H2") as %Hvalid.
    rewrite -auth_frag_op auth_frag_valid singleton_op in Hvalid.
    by apply singleton_valid in Hvalid.
  Qed.

  (** Scheduling creates a token that was not out, and counts it. *)
  Theorem callback_schedule γ n :
    pending γ n ==∗ ∃ i, pending γ (S n) ∗ callback_token γ i.
  Proof.
    iIntros "H". iDestruct "H" as (m) "[Hm %Hsize]".
    set (i := fresh (dom m)).
    assert (m !! i = None) as Hfresh by (apply not_elem_of_dom, is_fresh).
    iMod (own_update with "Hm") as "[Hm Hi]".
    { by apply auth_update_alloc, (alloc_singleton_local_update _ i (Excl tt)). }
    iModIntro. iExists i. iFrame "Hi". iExists (<[i := Excl tt]> m). iFrame "Hm".
    iPureIntro. rewrite map_size_insert_None //. by rewrite Hsize.
  Qed.

  Lemma callback_lookup γ m i :
    own γ (● (m : callbackR)) -∗ callback_token γ i -∗ ⌜m !! i = Some (Excl tt)⌝.
  Proof.
    iIntros "Hm Hi".
    iDestruct (own_valid_2 with "Hm Hi") as %[Hin Hv]%auth_both_valid_discrete.
    iPureIntro. apply singleton_included_exclusive_l in Hin; [|apply _|done].
    by apply leibniz_equiv in Hin.
  Qed.

  (** While a callback has its token, the counter is not zero. *)
  Theorem callback_counted γ n i :
    pending γ n -∗ callback_token γ i -∗ ⌜n ≠ 0⌝.
  Proof.
    iIntros "H Hi". iDestruct "H" as (m) "[Hm %Hsize]".
    iDestruct (callback_lookup with "Hm Hi") as %Hlook. iPureIntro.
    intros ->. apply map_size_empty_inv in Hsize. by rewrite Hsize in Hlook.
  Qed.

  Theorem callback_complete γ n i :
    pending γ (S n) -∗ callback_token γ i ==∗ pending γ n.
  Proof.
    iIntros "H Hi". iDestruct "H" as (m) "[Hm %Hsize]".
    iDestruct (callback_lookup with "Hm Hi") as %Hlook.
    iMod (own_update_2 with "Hm Hi") as "Hm".
    { apply auth_update_dealloc, delete_singleton_local_update, _. }
    iModIntro. iExists (delete i m). iFrame "Hm". iPureIntro.
    rewrite map_size_delete_Some //. by rewrite Hsize.
  Qed.
End tokens.

(** * The event *)

(** An event is the pair of its counter and its state. *)
Definition new_event : val := λ: <>,
  let: "counter" := ref #0 in
  let: "state" := ref #0 in
  ("counter", "state").

Definition callback : val := λ: "event",
  Snd "event" <- #1;;
  FAA (Fst "event") #(-1);;
  #().

Definition record : val := λ: "event",
  FAA (Fst "event") #1;;
  Fork (callback "event").

(** [#true] if the event was freed, [#false] if it was abandoned. *)
Definition destroy : val :=
  rec: "destroy" "event" "patience" :=
    if: ! (Fst "event") = #0
    then Free (Snd "event");; Free (Fst "event");; #true
    else if: "patience" = #0 then #false
    else "destroy" "event" ("patience" - #1).

Section event.
  Context `{!heapGS Σ, !callbackG Σ}.

  Definition eventN : namespace := nroot .@ "mps" .@ "event".

  (** The memory is there and counted, or the owner has taken it all away. *)
  Definition event_inv (γ γo : gname) (c d : loc) : iProp Σ :=
    (∃ (n : nat) (v : val), c ↦ #n ∗ d ↦ v ∗ pending γ n) ∨
    (pending γ 0 ∗ token γo).

  Definition is_event (γ γo : gname) (event : val) : iProp Σ :=
    ∃ c d : loc, ⌜event = (#c, #d)%V⌝ ∗ inv eventN (event_inv γ γo c d).

  Definition owner (γo : gname) : iProp Σ := token γo.

  #[global] Instance is_event_persistent γ γo e : Persistent (is_event γ γo e).
  Proof. apply _. Qed.

  Lemma new_event_spec :
    {{{ True }}}
      new_event #()
    {{{ γ γo event, RET event; is_event γ γo event ∗ owner γo }}}.
  Proof.
    iIntros (Φ) "_ HΦ". wp_lam. wp_alloc c as "Hc". wp_alloc d as "Hd". wp_pures.
    iMod pending_init as (γ) "Hp". iMod token_alloc as (γo) "Ho".
    iMod (inv_alloc eventN _ (event_inv γ γo c d) with "[Hc Hd Hp]") as "#Hinv".
    { iNext. iLeft. iExists 0, #0. iFrame. }
    iModIntro. iApply "HΦ". iFrame. iExists c, d. by iFrame "Hinv".
  Qed.

  (** A callback may run at any time while it has its token: the memory that it
      touches is there.  Its token is spent by the decrement. *)
  Theorem callback_spec γ γo event i :
    {{{ is_event γ γo event ∗ callback_token γ i }}}
      callback event
    {{{ RET #(); True }}}.
  Proof.
    iIntros (Φ) "[#He Hi] HΦ". iDestruct "He" as (c d ->) "Hinv".
    wp_lam. wp_pures. wp_bind (_ <- _)%E.
    iInv eventN as "[H|>[H _]]"; last first.
    { by iDestruct (callback_counted with "H Hi") as %[]. }
    iDestruct "H" as (n v) "(>Hc & >Hd & >Hp)". wp_store. iModIntro.
    iSplitL "Hc Hd Hp". { iNext. iLeft. iExists n, #1. iFrame. }
    wp_pures. wp_bind (FAA _ _).
    iInv eventN as "[H|>[H _]]"; last first.
    { by iDestruct (callback_counted with "H Hi") as %[]. }
    iDestruct "H" as (k w) "(>Hc & >Hd & >Hp)".
    iDestruct (callback_counted with "Hp Hi") as %Hk.
    destruct k as [|k]; [done|]. wp_faa.
    iMod (callback_complete with "Hp Hi") as "Hp". iModIntro.
    iSplitL "Hc Hd Hp".
    { iNext. iLeft. iExists k, w. iFrame.
      by replace (Z.of_nat (S k) + -1)%Z with (Z.of_nat k) by lia. }
    wp_pures. iModIntro. by iApply "HΦ".
  Qed.

  (** To record takes the owner, and gives it back at once, callback or not. *)
  Theorem record_spec γ γo event :
    {{{ is_event γ γo event ∗ owner γo }}} record event {{{ RET #(); owner γo }}}.
  Proof.
    iIntros (Φ) "[#He Ho] HΦ". iPoseProof "He" as (c d ->) "Hinv".
    wp_lam. wp_pures. wp_bind (FAA _ _).
    iInv eventN as "[H|>[_ H]]"; last first.
    { by iDestruct (token_exclusive with "Ho H") as %[]. }
    iDestruct "H" as (n v) "(>Hc & >Hd & >Hp)". wp_faa.
    iMod (callback_schedule with "Hp") as (i) "[Hp Hi]". iModIntro.
    iSplitL "Hc Hd Hp".
    { iNext. iLeft. iExists (S n), v. iFrame.
      by replace (Z.of_nat n + 1)%Z with (Z.of_nat (S n)) by lia. }
    wp_pures. wp_apply (wp_fork with "[Hi]").
    - iNext. wp_apply (callback_spec with "[$He $Hi]"). by iIntros "_".
    - by iApply "HΦ".
  Qed.

  (** The destructor frees only at zero; otherwise the event is still owned. *)
  Theorem destroy_spec γ γo event (patience : Z) :
    {{{ is_event γ γo event ∗ owner γo }}}
      destroy event #patience
    {{{ (freed : bool), RET #freed; if freed then True else owner γo }}}.
  Proof.
    iIntros (Φ) "[#He Ho] HΦ". iDestruct "He" as (c d ->) "Hinv".
    iLöb as "IH" forall (patience). wp_rec. wp_pures. wp_bind (! _)%E.
    iInv eventN as "[H|>[_ H]]"; last first.
    { by iDestruct (token_exclusive with "Ho H") as %[]. }
    iDestruct "H" as (n v) "(>Hc & >Hd & >Hp)". wp_load.
    destruct n as [|n].
    - iModIntro. iSplitL "Hp Ho". { iNext. iRight. iFrame. }
      wp_pures. wp_free. wp_pures. wp_free. wp_pures.
      iModIntro. by iApply ("HΦ" $! true).
    - iModIntro. iSplitL "Hc Hd Hp". { iNext. iLeft. iExists (S n), v. iFrame. }
      wp_pures. case_bool_decide; wp_pures.
      + iModIntro. iApply ("HΦ" $! false). by iFrame.
      + iApply ("IH" with "Ho HΦ").
  Qed.
End event.
