(** The allocator's defence against ABA.

    A block has a generation counter that each allocation increments.  An
    operation looks the block up under the lock, captures the counter, lets go of
    the lock, takes it again, and goes on only if the counter is still the
    captured one and the block is in use.

    What the counter stands for is made explicit: each generation [n] belongs to
    one incarnation [ι], a ghost name chosen by whoever allocates.  That the
    counters are equal is shown to imply that the incarnations are.  The client
    of an incarnation leaves a resource [R ι] in the care of the block (the right
    to its contents, say); a checked use gets at [R ι] of the incarnation that
    was looked up, and at no other.

    The counter is unbounded here; the product's wraps round at 2^32, and the
    harness aba_detection.c speaks about that. *)

From mps Require Export mutex.

Definition genR : ucmra := gmapUR nat (agreeR (leibnizO gname)).

Class abaG Σ := { aba_inG : inG Σ (authR genR); aba_tokenG : tokenG Σ }.
#[global] Existing Instances aba_inG aba_tokenG.

Definition abaΣ : gFunctors := #[GFunctor (authR genR); tokenΣ].

#[global] Instance subG_abaΣ Σ : subG abaΣ Σ → abaG Σ.
Proof. solve_inG. Qed.

(** * Generations *)

Section generations.
  Context `{!abaG Σ}.

  Definition history (m : gmap nat gname) : genR :=
    (to_agree <$> m : gmap nat (agreeR (leibnizO gname))).

  (** [gen_seen γ n ι]: generation [n] of the block is the incarnation [ι]. *)
  Definition gen_seen (γ : gname) (n : nat) (ι : gname) : iProp Σ :=
    own γ (◯ ({[ n := to_agree ι ]} : genR)).

  (** [gen_auth γ n ι]: that is the generation the block has now. *)
  Definition gen_auth (γ : gname) (n : nat) (ι : gname) : iProp Σ :=
    ∃ m : gmap nat gname,
      own γ (● history m) ∗ gen_seen γ n ι ∗
      ⌜∀ k, is_Some (m !! k) → k ≤ n⌝.

  #[global] Instance gen_seen_persistent γ n ι : Persistent (gen_seen γ n ι).
  Proof. apply _. Qed.
  #[global] Instance gen_seen_timeless γ n ι : Timeless (gen_seen γ n ι).
  Proof. apply _. Qed.
  #[global] Instance gen_auth_timeless γ n ι : Timeless (gen_auth γ n ι).
  Proof. apply _. Qed.

  Lemma gen_seen_lookup γ m n ι :
    own γ (● history m) -∗ gen_seen γ n ι -∗ ⌜m !! n = Some ι⌝.
  Proof.
    iIntros "Hm Hn".
    iDestruct (own_valid_2 with "Hm Hn") as %[Hin _]%auth_both_valid_discrete.
    iPureIntro. apply singleton_included_l in Hin as (y & Hy & Hle).
    rewrite /history lookup_fmap in Hy.
    destruct (m !! n) as [κ|] eqn:Hlook; rewrite Hlook /= in Hy;
      last by inversion Hy.
    apply Some_equiv_inj in Hy. rewrite -Hy in Hle.
    apply Some_included_total, to_agree_included in Hle.
    by apply leibniz_equiv in Hle; subst.
  Qed.

  Lemma gen_alloc ι : ⊢ |==> ∃ γ, gen_auth γ 0 ι.
  Proof.
    iMod (own_alloc (● history {[ 0 := ι ]} ⋅ ◯ ({[ 0 := to_agree ι ]} : genR)))
      as (γ) "[Hm Hs]".
    { rewrite /history map_fmap_singleton. apply auth_both_valid_discrete.
      split; [done|]. by apply singleton_valid. }
    iModIntro. iExists γ, {[ 0 := ι ]}. iFrame. iPureIntro.
    intros k [x Hx]. apply lookup_singleton_Some in Hx as [<- _]. lia.
  Qed.

  Lemma gen_capture γ n ι : gen_auth γ n ι -∗ gen_seen γ n ι.
  Proof. iIntros "Hn". by iDestruct "Hn" as (m) "(_ & $ & _)". Qed.

  (** A captured generation is not ahead of the present one, and if it is the
      present one, then so is its incarnation. *)
  Lemma gen_agree γ n ι k κ :
    gen_auth γ n ι -∗ gen_seen γ k κ -∗ ⌜k ≤ n ∧ (k = n → κ = ι)⌝.
  Proof.
    iIntros "Hn #Hk". iDestruct "Hn" as (m) "(Hm & #Hs & %Hle)".
    iDestruct (gen_seen_lookup with "Hm Hk") as %Hk.
    iDestruct (gen_seen_lookup with "Hm Hs") as %Hn.
    iPureIntro. split; [by apply Hle|]. intros ->. congruence.
  Qed.

  (** An allocation: the next generation, for any incarnation. *)
  Lemma gen_update γ n ι κ : gen_auth γ n ι ==∗ gen_auth γ (S n) κ.
  Proof.
    iIntros "Hn". iDestruct "Hn" as (m) "(Hm & _ & %Hle)".
    assert (m !! S n = None) as Hfresh.
    { destruct (m !! S n) eqn:Hlook; [|done].
      assert (S n ≤ n); [|lia]. by apply Hle; eexists. }
    iMod (own_update with "Hm") as "[Hm Hs]".
    { apply auth_update_alloc,
        (alloc_singleton_local_update _ (S n) (to_agree (κ : leibnizO gname)));
        [|done].
      by rewrite /history lookup_fmap Hfresh. }
    iModIntro. iExists (<[S n := κ]> m). rewrite /history fmap_insert. iFrame.
    iPureIntro. intros k [x Hx].
    apply lookup_insert_Some in Hx as [[<- _]|[_ Hx]]; [lia|].
    assert (k ≤ n); [|lia]. by apply Hle; eexists.
  Qed.

  (** Equal counters, equal incarnations: the re-check detects every reuse. *)
  Theorem aba_detection_sound γ n ι k κ :
    gen_auth γ n ι -∗ gen_seen γ k κ -∗ ⌜ι ≠ κ → k < n⌝.
  Proof.
    iIntros "Hn Hk". iDestruct (gen_agree with "Hn Hk") as %[Hle Heq].
    iPureIntro. intros Hne. destruct (decide (k = n)) as [->|]; [|lia].
    by destruct Hne; rewrite Heq.
  Qed.
End generations.

(** * The protocol *)

(** A block is the pair of its counter and its flag. *)
Definition new_block : val := λ: <>,
  let: "g" := ref #0 in
  let: "u" := ref #false in
  (newlock #(), ("g", "u")).

Definition allocate : val := λ: "lk" "b",
  acquire "lk";;
  let: "ok" :=
    if: ! (Snd "b") then #false
    else Fst "b" <- ! (Fst "b") + #1;; Snd "b" <- #true;; #true in
  release "lk";; "ok".

Definition look_up : val := λ: "lk" "b",
  acquire "lk";;
  let: "r" := if: ! (Snd "b") then SOME (! (Fst "b")) else NONE in
  release "lk";; "r".

Definition still_the_same : val := λ: "b" "captured",
  if: ! (Snd "b") then ! (Fst "b") = "captured" else #false.

Definition use_checked : val := λ: "lk" "b" "captured" "use",
  acquire "lk";;
  let: "r" :=
    if: still_the_same "b" "captured" then SOME ("use" #()) else NONE in
  release "lk";; "r".

Definition free_checked : val := λ: "lk" "b" "captured",
  acquire "lk";;
  let: "ok" :=
    if: still_the_same "b" "captured" then Snd "b" <- #false;; #true
    else #false in
  release "lk";; "ok".

(** Capture under the lock, release it, re-acquire, compare, use. *)
Definition double_check : val := λ: "lk" "b" "use",
  match: look_up "lk" "b" with
    NONE => NONE
  | SOME "captured" => use_checked "lk" "b" "captured" "use"
  end.

Section protocol.
  Context `{!heapGS Σ, !abaG Σ}.
  Implicit Types R : gname → iProp Σ.

  Definition block_inv (γ : gname) (g u : loc) R : iProp Σ :=
    ∃ (n : nat) (ι : gname) (b : bool),
      g ↦ #n ∗ u ↦ #b ∗ gen_auth γ n ι ∗ if b then R ι else True.

  Definition is_block (γ : gname) (lk b : val) R : iProp Σ :=
    ∃ (γl : gname) (g u : loc),
      ⌜b = (#g, #u)%V⌝ ∗ is_lock γl lk (block_inv γ g u R).

  #[global] Instance is_block_persistent γ lk b R : Persistent (is_block γ lk b R).
  Proof. apply _. Qed.

  (** A block that nobody has allocated is generation 0, of no interest. *)
  Lemma new_block_spec R :
    {{{ True }}} new_block #() {{{ γ lk b, RET (lk, b); is_block γ lk b R }}}.
  Proof.
    iIntros (Φ) "_ HΦ". wp_lam. wp_alloc g as "Hg". wp_alloc u as "Hu". wp_pures.
    iMod (gen_alloc 1%positive) as (γ) "Hn".
    wp_apply (newlock_spec (block_inv γ g u R) with "[Hg Hu Hn]").
    { iExists 0, 1%positive, false. iFrame. }
    iIntros (lk γl) "#Hlk". wp_pures. iModIntro. iApply "HΦ".
    iExists γl, g, u. by iFrame "Hlk".
  Qed.

  (** Whoever allocates names the incarnation and leaves its resource. *)
  Lemma allocate_spec γ lk b R ι :
    {{{ is_block γ lk b R ∗ R ι }}}
      allocate lk b
    {{{ (ok : bool), RET #ok; if ok then ∃ n, gen_seen γ n ι else R ι }}}.
  Proof.
    iIntros (Φ) "[#Hb HR] HΦ". iDestruct "Hb" as (γl g u ->) "Hlk".
    wp_lam. wp_pures. wp_apply (acquire_spec with "Hlk").
    iIntros "[Hl Hinv]". iDestruct "Hinv" as (n κ b) "(Hg & Hu & Hn & Hκ)".
    wp_pures. wp_load. destruct b; wp_pures.
    - wp_apply (release_spec with "[$Hlk $Hl Hg Hu Hn Hκ]").
      { iExists n, κ, true. iFrame. }
      iIntros "_". wp_pures. iModIntro. by iApply ("HΦ" $! false).
    - wp_load. wp_store. wp_store. wp_pures.
      iMod (gen_update _ _ _ ι with "Hn") as "Hn".
      iDestruct (gen_capture with "Hn") as "#Hs".
      wp_apply (release_spec with "[$Hlk $Hl Hg Hu Hn HR]").
      { iExists (S n), ι, true. iFrame.
        by replace (Z.of_nat n + 1)%Z with (Z.of_nat (S n)) by lia. }
      iIntros "_". wp_pures. iModIntro. iApply ("HΦ" $! true). by iExists (S n).
  Qed.

  (** A look-up that succeeds captures the generation of some incarnation. *)
  Lemma look_up_spec γ lk b R :
    {{{ is_block γ lk b R }}}
      look_up lk b
    {{{ r, RET r; ⌜r = NONEV⌝ ∨ ∃ (n : nat) ι, ⌜r = SOMEV #n⌝ ∗ gen_seen γ n ι }}}.
  Proof.
    iIntros (Φ) "#Hb HΦ". iDestruct "Hb" as (γl g u ->) "Hlk".
    wp_lam. wp_pures. wp_apply (acquire_spec with "Hlk").
    iIntros "[Hl Hinv]". iDestruct "Hinv" as (n κ b) "(Hg & Hu & Hn & Hκ)".
    iDestruct (gen_capture with "Hn") as "#Hs".
    wp_pures. wp_load. destruct b; wp_pures.
    - wp_load. wp_pures.
      wp_apply (release_spec with "[$Hlk $Hl Hg Hu Hn Hκ]").
      { iExists n, κ, true. iFrame. }
      iIntros "_". wp_pures. iModIntro. iApply "HΦ". iRight. iExists n, κ. by iSplit.
    - wp_apply (release_spec with "[$Hlk $Hl Hg Hu Hn Hκ]").
      { iExists n, κ, false. iFrame. }
      iIntros "_". wp_pures. iModIntro. iApply "HΦ". by iLeft.
  Qed.

  (** The re-check, under the lock: if it succeeds, the block holds the resource
      of the captured incarnation. *)
  Lemma still_the_same_spec γ (g u : loc) R (k : nat) κ :
    {{{ block_inv γ g u R ∗ gen_seen γ k κ }}}
      still_the_same (#g, #u)%V #k
    {{{ (same : bool), RET #same;
        if same
        then g ↦ #k ∗ u ↦ #true ∗ gen_auth γ k κ ∗ R κ
        else block_inv γ g u R }}}.
  Proof.
    iIntros (Φ) "[Hinv #Hk] HΦ". iDestruct "Hinv" as (n ι b) "(Hg & Hu & Hn & Hι)".
    wp_lam. wp_pures. wp_load. destruct b; wp_pures.
    - wp_load. wp_pures. iModIntro.
      destruct (bool_decide_reflect (#n = #k)) as [Heq|Hne].
      + assert (k = n) as -> by (injection Heq; lia).
        iDestruct (gen_agree with "Hn Hk") as %[_ Hκ]. rewrite Hκ //.
        iApply ("HΦ" $! true). iFrame.
      + iApply ("HΦ" $! false). iExists n, ι, true. iFrame.
    - iModIntro. iApply ("HΦ" $! false). iExists n, ι, false. iFrame.
  Qed.

  (** A checked use acts with the resource of the captured incarnation. *)
  Theorem use_checked_spec γ lk b R (k : nat) κ (use : val) (P : iProp Σ) Q :
    {{{ P ∗ R κ }}} use #() {{{ v, RET v; R κ ∗ Q v }}} -∗
    {{{ is_block γ lk b R ∗ gen_seen γ k κ ∗ P }}}
      use_checked lk b #k use
    {{{ r, RET r; (⌜r = NONEV⌝ ∗ P) ∨ ∃ v, ⌜r = SOMEV v⌝ ∗ Q v }}}.
  Proof.
    iIntros "#Huse". iIntros (Φ) "!> (#Hb & #Hk & HP) HΦ".
    iDestruct "Hb" as (γl g u ->) "Hlk".
    wp_lam. wp_pures. wp_apply (acquire_spec with "Hlk"). iIntros "[Hl Hinv]".
    wp_pures. wp_apply (still_the_same_spec with "[$Hinv $Hk]").
    iIntros ([]) "H"; wp_pures.
    - iDestruct "H" as "(Hg & Hu & Hn & HR)".
      wp_apply ("Huse" with "[$HP $HR]"). iIntros (v) "[HR HQ]". wp_pures.
      wp_apply (release_spec with "[$Hlk $Hl Hg Hu Hn HR]").
      { iExists k, κ, true. iFrame. }
      iIntros "_". wp_pures. iModIntro. iApply "HΦ". iRight. iExists v. by iFrame.
    - wp_apply (release_spec with "[$Hlk $Hl $H]").
      iIntros "_". wp_pures. iModIntro. iApply "HΦ". iLeft. by iFrame.
  Qed.

  (** A checked free gets the resource of the captured incarnation back.  Where
      it is exclusive, of two frees of one incarnation at most one succeeds. *)
  Theorem free_checked_spec γ lk b R (k : nat) κ :
    {{{ is_block γ lk b R ∗ gen_seen γ k κ }}}
      free_checked lk b #k
    {{{ (ok : bool), RET #ok; if ok then R κ else True }}}.
  Proof.
    iIntros (Φ) "(#Hb & #Hk) HΦ". iDestruct "Hb" as (γl g u ->) "Hlk".
    wp_lam. wp_pures. wp_apply (acquire_spec with "Hlk"). iIntros "[Hl Hinv]".
    wp_pures. wp_apply (still_the_same_spec with "[$Hinv $Hk]").
    iIntros ([]) "H"; wp_pures.
    - iDestruct "H" as "(Hg & Hu & Hn & HR)". wp_store. wp_pures.
      wp_apply (release_spec with "[$Hlk $Hl Hg Hu Hn]").
      { iExists k, κ, false. iFrame. }
      iIntros "_". wp_pures. iModIntro. by iApply ("HΦ" $! true).
    - wp_apply (release_spec with "[$Hlk $Hl $H]").
      iIntros "_". wp_pures. iModIntro. by iApply ("HΦ" $! false).
  Qed.

  (** The whole of it: whatever other threads do while the lock is free, the use
      acts on the incarnation that the look-up found, or does not happen. *)
  Theorem double_check_spec γ lk b R (use : val) (P : iProp Σ) Q :
    (∀ ι, {{{ P ∗ R ι }}} use #() {{{ v, RET v; R ι ∗ Q ι v }}}) -∗
    {{{ is_block γ lk b R ∗ P }}}
      double_check lk b use
    {{{ r, RET r; (⌜r = NONEV⌝ ∗ P) ∨
        ∃ (n : nat) ι v, ⌜r = SOMEV v⌝ ∗ gen_seen γ n ι ∗ Q ι v }}}.
  Proof.
    iIntros "#Huse". iIntros (Φ) "!> (#Hb & HP) HΦ".
    wp_lam. wp_pures. wp_apply (look_up_spec with "Hb"). iIntros (r) "[->|Hr]".
    - wp_pures. iModIntro. iApply "HΦ". iLeft. by iFrame.
    - iDestruct "Hr" as (n ι ->) "#Hs". wp_pures.
      wp_apply (use_checked_spec with "Huse [$Hb $Hs $HP]").
      iIntros (r) "[[-> HP]|Hr]"; iApply "HΦ"; [iLeft; by iFrame|].
      iDestruct "Hr" as (v ->) "HQ". iRight. iExists n, ι, v. by iFrame "Hs HQ".
  Qed.
End protocol.
