(** The stream pool's free list: one word, changed by compare-and-swap.

    Bit [i] of the word is set while slot [i] is free.  To acquire a slot, load
    the word, find its lowest set bit, and clear it by compare-and-swap; to
    release it, set the bit by compare-and-swap.  No lock is involved.

    A slot is owned by at most one thread: [stream_slot γ i] exists once, and is
    in the free list exactly while the bit is set.  With it goes the resource
    [S i] of the stream, to which a thread has access only between acquisition
    and release. *)

From mps Require Export prelude.

Class stream_poolG Σ := { stream_pool_inG : inG Σ (gset_disjR nat) }.
#[global] Existing Instance stream_pool_inG.

Definition stream_poolΣ : gFunctors := #[GFunctor (gset_disjR nat)].

#[global] Instance subG_stream_poolΣ Σ : subG stream_poolΣ Σ → stream_poolG Σ.
Proof. solve_inG. Qed.

(** * Ownership of slots *)

Section slots.
  Context `{!stream_poolG Σ}.

  Definition stream_slot (γ : gname) (i : nat) : iProp Σ := own γ (GSet {[ i ]}).

  #[global] Instance stream_slot_timeless γ i : Timeless (stream_slot γ i).
  Proof. apply _. Qed.

  Theorem stream_slot_exclusive γ i : stream_slot γ i -∗ stream_slot γ i -∗ False.
  Proof.
    iIntros "H1 H2". iDestruct (own_valid_2 with "H1 H2") as %Hdisj.
    rewrite gset_disj_valid_op in Hdisj. iPureIntro. set_solver.
  Qed.

  (** Two threads with a slot each never share a stream. *)
  Theorem stream_sharing_impossible γ i j :
    stream_slot γ i -∗ stream_slot γ j -∗ ⌜i ≠ j⌝.
  Proof.
    iIntros "Hi Hj" (->). iApply (stream_slot_exclusive with "Hi Hj").
  Qed.

  Lemma stream_slots_alloc (n : nat) :
    ⊢ |==> ∃ γ, [∗ list] i ∈ seq 0 n, stream_slot γ i.
  Proof.
    iMod (own_alloc (GSet (set_seq 0 n : gset nat))) as (γ) "H"; [done|].
    iModIntro. iExists γ. iInduction n as [|n] "IH"; [done|].
    rewrite seq_S set_seq_S_end_union_L /= big_sepL_app big_sepL_singleton.
    rewrite -gset_disj_union; last first.
    { apply disjoint_singleton_l. rewrite elem_of_set_seq. lia. }
    iDestruct "H" as "[$ H]". by iApply "IH".
  Qed.
End slots.

(** * The program *)

Definition new_pool : val := λ: "n", ref ((#1 ≪ "n") - #1).

Definition lowest_bit : val :=
  rec: "find" "mask" "i" :=
    if: ("mask" ≫ "i") `rem` #2 = #1 then "i" else "find" "mask" ("i" + #1).

Definition acquire_slot : val :=
  rec: "acquire" "pool" :=
    let: "mask" := ! "pool" in
    if: "mask" = #0 then NONE
    else
      let: "i" := lowest_bit "mask" #0 in
      if: CAS "pool" "mask" (BinOp XorOp "mask" (#1 ≪ "i")) then SOME "i"
      else "acquire" "pool".

Definition release_slot : val :=
  rec: "release" "pool" "i" :=
    let: "mask" := ! "pool" in
    if: CAS "pool" "mask" (BinOp XorOp "mask" (#1 ≪ "i")) then #()
    else "release" "pool" "i".

(** * Bits *)

Lemma rem_two_testbit (m : Z) (i : nat) :
  (0 ≤ m)%Z → ((m ≫ i) `rem` 2 = 1 ↔ Z.testbit m i = true)%Z.
Proof.
  intros Hm. rewrite Z.rem_mod_nonneg; [|by apply Z.shiftr_nonneg|lia].
  rewrite Z.shiftr_div_pow2; [|lia]. rewrite -Z.testbit_spec'; [|lia].
  by destruct (Z.testbit m i).
Qed.

Lemma xor_testbit_same (m : Z) (i : nat) :
  Z.testbit (Z.lxor m (1 ≪ i)) i = negb (Z.testbit m i).
Proof.
  rewrite Z.lxor_spec Z.shiftl_1_l Z.pow2_bits_true; [|lia].
  by rewrite xorb_true_r.
Qed.

Lemma xor_testbit_other (m : Z) (i j : nat) :
  i ≠ j → Z.testbit (Z.lxor m (1 ≪ i)) j = Z.testbit m j.
Proof.
  intros Hne. rewrite Z.lxor_spec Z.shiftl_1_l Z.pow2_bits_false; [|lia].
  by rewrite xorb_false_r.
Qed.

(** * The protocol *)

Section pool.
  Context `{!heapGS Σ, !stream_poolG Σ}.
  Implicit Types S : nat → iProp Σ.

  Definition poolN : namespace := nroot .@ "mps" .@ "pool".

  (** What the free list has of slot [i], given the word. *)
  Definition free_slot (γ : gname) S (mask : Z) (i : nat) : iProp Σ :=
    (if Z.testbit mask i then stream_slot γ i ∗ S i else True)%I.

  (** Only the bits of the [n] slots are ever set. *)
  Definition pool_inv (γ : gname) (n : nat) (l : loc) S : iProp Σ :=
    ∃ mask : Z, l ↦ #mask ∗ ⌜(0 ≤ mask)%Z⌝ ∗
      ⌜∀ i : nat, Z.testbit mask i = true → i < n⌝ ∗
      [∗ list] i ∈ seq 0 n, free_slot γ S mask i.

  Definition is_pool (γ : gname) (n : nat) (pool : val) S : iProp Σ :=
    ∃ l : loc, ⌜pool = #l⌝ ∗ inv poolN (pool_inv γ n l S).

  #[global] Instance is_pool_persistent γ n pool S : Persistent (is_pool γ n pool S).
  Proof. apply _. Qed.

  (** The bit of slot [i] flips, and the free list loses or gains it. *)
  Lemma free_slots_flip γ n S mask i :
    i < n →
    ([∗ list] j ∈ seq 0 n, free_slot γ S mask j) -∗
    free_slot γ S mask i ∗
    (free_slot γ S (Z.lxor mask (1 ≪ i)) i -∗
     [∗ list] j ∈ seq 0 n, free_slot γ S (Z.lxor mask (1 ≪ i)) j).
  Proof.
    iIntros (Hi) "H".
    rewrite (big_sepL_delete _ _ i i); last by apply lookup_seq; lia.
    iDestruct "H" as "[$ H]". iIntros "Hi".
    iApply (big_sepL_delete _ _ i i); [by apply lookup_seq; lia|]. iFrame "Hi".
    iApply (big_sepL_impl with "H"). iIntros "!>" (k j Hj) "H".
    apply lookup_seq in Hj as [-> _]. rewrite Nat.add_0_l.
    case_decide; [done|]. by rewrite /free_slot xor_testbit_other.
  Qed.

  Lemma flip_below n mask i :
    (0 ≤ mask)%Z → (∀ j : nat, Z.testbit mask j = true → j < n) → i < n →
    (0 ≤ Z.lxor mask (1 ≪ i))%Z ∧
    (∀ j : nat, Z.testbit (Z.lxor mask (1 ≪ i)) j = true → j < n).
  Proof.
    intros Hmask Hbits Hi. split.
    - apply Z.lxor_nonneg. split; [|done]. intros _.
      rewrite Z.shiftl_1_l. apply Z.pow_nonneg. lia.
    - intros j Hj. destruct (decide (i = j)) as [<-|Hne]; [done|].
      apply Hbits. by rewrite xor_testbit_other in Hj.
  Qed.

  (** A new pool has all its slots. *)
  Lemma new_pool_spec (n : nat) S :
    {{{ [∗ list] i ∈ seq 0 n, S i }}}
      new_pool #n
    {{{ γ pool, RET pool; is_pool γ n pool S }}}.
  Proof.
    iIntros (Φ) "HS HΦ". wp_lam. wp_pures. wp_alloc l as "Hl".
    iMod (stream_slots_alloc n) as (γ) "Hslots".
    iMod (inv_alloc poolN _ (pool_inv γ n l S) with "[Hl HS Hslots]") as "#Hinv".
    { iNext. iExists ((1 ≪ n) - 1)%Z. iFrame "Hl".
      replace ((1 ≪ n) - 1)%Z with (Z.ones n)
        by (rewrite Z.ones_equiv Z.shiftl_1_l; lia).
      iSplit; [|iSplit].
      - iPureIntro. rewrite Z.ones_equiv.
        assert (0 < 2 ^ n)%Z by (apply Z.pow_pos_nonneg; lia). lia.
      - iPureIntro. intros i Hi. destruct (decide (i < n)) as [|Hge]; [done|].
        rewrite Z.ones_spec_high in Hi; [done|lia].
      - iCombine "Hslots HS" as "H". rewrite -big_sepL_sep.
        iApply (big_sepL_impl with "H"). iIntros "!>" (k i Hk) "H".
        apply lookup_seq in Hk as [-> Hlt].
        by rewrite /free_slot Z.ones_spec_low; [|lia]. }
    iModIntro. iApply "HΦ". iExists l. by iFrame "Hinv".
  Qed.

  Lemma lowest_bit_spec (mask : Z) (k : nat) :
    (0 ≤ mask)%Z →
    {{{ True }}}
      lowest_bit #mask #k
    {{{ (i : nat), RET #i; ⌜Z.testbit mask i = true⌝ }}}.
  Proof.
    iIntros (Hmask Φ) "_ HΦ". iLöb as "IH" forall (k). wp_rec. wp_pures.
    case_bool_decide as Hbit; wp_pures.
    - iModIntro. iApply "HΦ". iPureIntro. apply rem_two_testbit; [done|]. congruence.
    - replace (Z.of_nat k + 1)%Z with (Z.of_nat (S k)) by lia.
      by iApply "IH".
  Qed.

  (** A slot that is acquired is its thread's alone, and so is its stream. *)
  Theorem acquire_slot_spec γ n pool S :
    {{{ is_pool γ n pool S }}}
      acquire_slot pool
    {{{ r, RET r; ⌜r = NONEV⌝ ∨
        ∃ i : nat, ⌜r = SOMEV #i ∧ i < n⌝ ∗ stream_slot γ i ∗ S i }}}.
  Proof.
    iIntros (Φ) "#Hp HΦ". iDestruct "Hp" as (l ->) "Hinv".
    iLöb as "IH". wp_rec. wp_bind (! _)%E.
    iInv poolN as (mask) "(>Hl & >%Hmask & >%Hbits & Hfree)". wp_load.
    iModIntro. iSplitL "Hl Hfree". { iNext. iExists mask. by iFrame. }
    wp_pures. case_bool_decide; wp_pures.
    { iModIntro. iApply "HΦ". by iLeft. }
    wp_apply (lowest_bit_spec _ 0 with "[//]"); [done|]. iIntros (i Hi).
    wp_pures. wp_bind (CmpXchg _ _ _).
    iInv poolN as (now) "(>Hl & >%Hnow & >%Hbits' & Hfree)".
    destruct (decide (now = mask)) as [->|Hne].
    - wp_cmpxchg_suc. assert (i < n) as Hlt by by apply Hbits.
      iDestruct (free_slots_flip _ _ _ _ i with "Hfree") as "[Hslot Hfree]"; [done|].
      destruct (flip_below n mask i) as [Hnn Hb]; [done..|].
      iModIntro. iSplitL "Hl Hfree".
      { iNext. iExists _. iFrame "Hl". do 2 (iSplit; [done|]). iApply "Hfree".
        by rewrite /free_slot xor_testbit_same Hi. }
      wp_pures. iModIntro. iApply "HΦ". iRight. iExists i.
      rewrite /free_slot Hi. by iFrame.
    - wp_cmpxchg_fail.
      iModIntro. iSplitL "Hl Hfree". { iNext. iExists now. by iFrame. }
      wp_pures. iApply ("IH" with "HΦ").
  Qed.

  (** To release takes the slot and its stream: nobody can do so twice, and the
      bit that is set was clear. *)
  Theorem release_slot_spec γ n pool S (i : nat) :
    i < n →
    {{{ is_pool γ n pool S ∗ stream_slot γ i ∗ S i }}}
      release_slot pool #i
    {{{ RET #(); True }}}.
  Proof.
    iIntros (Hi Φ) "(#Hp & Hs & HS) HΦ". iDestruct "Hp" as (l ->) "Hinv".
    iLöb as "IH". wp_rec. wp_pures. wp_bind (! _)%E.
    iInv poolN as (mask) "(>Hl & >%Hmask & >%Hbits & Hfree)". wp_load.
    iModIntro. iSplitL "Hl Hfree". { iNext. iExists mask. by iFrame. }
    wp_pures. wp_bind (CmpXchg _ _ _).
    iInv poolN as (now) "(>Hl & >%Hnow & >%Hbits' & Hfree)".
    destruct (decide (now = mask)) as [->|Hne].
    - wp_cmpxchg_suc.
      iDestruct (free_slots_flip _ _ _ _ i with "Hfree") as "[Hslot Hfree]"; [done|].
      rewrite {1}/free_slot. destruct (Z.testbit mask i) eqn:Hbit.
      { iDestruct "Hslot" as "[Hs' _]".
        by iDestruct (stream_slot_exclusive with "Hs Hs'") as %[]. }
      destruct (flip_below n mask i) as [Hnn Hb]; [done..|].
      iModIntro. iSplitL "Hl Hfree Hs HS".
      { iNext. iExists _. iFrame "Hl". do 2 (iSplit; [done|]). iApply "Hfree".
        rewrite /free_slot xor_testbit_same Hbit. by iFrame. }
      wp_pures. iModIntro. by iApply "HΦ".
    - wp_cmpxchg_fail.
      iModIntro. iSplitL "Hl Hfree". { iNext. iExists now. by iFrame. }
      wp_pures. iApply ("IH" with "Hs HS HΦ").
  Qed.
End pool.
