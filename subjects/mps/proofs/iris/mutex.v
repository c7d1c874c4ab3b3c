(** The mutexes of the allocator and of the streams, as a spin lock.

    [is_lock γ lk R] says that [lk] is a lock that guards the resource [R];
    [locked γ] is held by whoever has the lock, and by nobody else. *)

From mps Require Export prelude.

Definition newlock : val := λ: <>, ref #false.
Definition try_acquire : val := λ: "lk", CAS "lk" #false #true.
Definition acquire : val :=
  rec: "acquire" "lk" :=
    if: try_acquire "lk" then #() else "acquire" "lk".
Definition release : val := λ: "lk", "lk" <- #false.

Section mutex.
  Context `{!heapGS Σ, !tokenG Σ}.

  Definition lockN : namespace := nroot .@ "mps" .@ "lock".

  Definition locked (γ : gname) : iProp Σ := token γ.

  Definition lock_inv (γ : gname) (l : loc) (R : iProp Σ) : iProp Σ :=
    ∃ b : bool, l ↦ #b ∗ if b then True else locked γ ∗ R.

  Definition is_lock (γ : gname) (lk : val) (R : iProp Σ) : iProp Σ :=
    ∃ l : loc, ⌜lk = #l⌝ ∗ inv lockN (lock_inv γ l R).

  #[global] Instance is_lock_persistent γ lk R : Persistent (is_lock γ lk R).
  Proof. apply _. Qed.

  #[global] Instance locked_timeless γ : Timeless (locked γ).
  Proof. apply _. Qed.

  Lemma mutex_token_exclusive γ : locked γ -∗ locked γ -∗ False.
  Proof. apply token_exclusive. Qed.

  Lemma newlock_spec (R : iProp Σ) :
    {{{ R }}} newlock #() {{{ lk γ, RET lk; is_lock γ lk R }}}.
  Proof.
    iIntros (Φ) "HR HΦ". wp_lam. wp_alloc l as "Hl".
    iMod token_alloc as (γ) "Hγ".
    iMod (inv_alloc lockN _ (lock_inv γ l R) with "[Hl HR Hγ]") as "#Hinv".
    { iNext. iExists false. iFrame. }
    iModIntro. iApply "HΦ". iExists l. by iFrame "Hinv".
  Qed.

  Lemma try_acquire_spec γ lk R :
    {{{ is_lock γ lk R }}}
      try_acquire lk
    {{{ b, RET #b; if b is true then locked γ ∗ R else True }}}.
  Proof.
    iIntros (Φ) "#Hlock HΦ". iDestruct "Hlock" as (l ->) "Hinv".
    wp_lam. wp_bind (CmpXchg _ _ _).
    iInv lockN as ([]) "[Hl HR]".
    - wp_cmpxchg_fail. iModIntro. iSplitL "Hl".
      { iNext. iExists true. iFrame. }
      wp_pures. iModIntro. by iApply ("HΦ" $! false).
    - wp_cmpxchg_suc. iDestruct "HR" as "[Hγ HR]". iModIntro. iSplitL "Hl".
      { iNext. iExists true. iFrame. }
      wp_pures. iModIntro. iApply ("HΦ" $! true). iFrame.
  Qed.

  (** By Löb induction: a failed attempt is followed by another. *)
  Lemma acquire_spec γ lk R :
    {{{ is_lock γ lk R }}} acquire lk {{{ RET #(); locked γ ∗ R }}}.
  Proof.
    iIntros (Φ) "#Hlock HΦ". iLöb as "IH". wp_rec.
    wp_apply (try_acquire_spec with "Hlock"). iIntros ([]) "H".
    - wp_pures. iModIntro. by iApply "HΦ".
    - wp_pures. iApply ("IH" with "HΦ").
  Qed.

  Lemma release_spec γ lk R :
    {{{ is_lock γ lk R ∗ locked γ ∗ R }}} release lk {{{ RET #(); True }}}.
  Proof.
    iIntros (Φ) "(#Hlock & Hγ & HR) HΦ". iDestruct "Hlock" as (l ->) "Hinv".
    wp_lam. iInv lockN as (b) "[Hl _]". wp_store. iModIntro.
    iSplitR "HΦ"; last by iApply "HΦ".
    iNext. iExists false. iFrame.
  Qed.
End mutex.

#[global] Typeclasses Opaque is_lock locked.
