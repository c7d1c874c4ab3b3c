(** Thread-local bindings: which thread has which stream slot.

    The table of bindings is authoritative; [tls_bound γ s t] is the binding of
    slot [s] to thread [t], and there is one of it.  A slot is bound only when the
    table says that it is free, and the owner of a binding alone can end it. *)

From mps Require Export prelude.

Definition tlsR : ucmra := gmapUR nat (exclR natO).

Class tlsG Σ := { tls_inG : inG Σ (authR tlsR) }.
#[global] Existing Instance tls_inG.

Definition tlsΣ : gFunctors := #[GFunctor (authR tlsR)].

#[global] Instance subG_tlsΣ Σ : subG tlsΣ Σ → tlsG Σ.
Proof. solve_inG. Qed.

Section tls.
  Context `{!tlsG Σ}.
  Implicit Types (m : gmap nat nat) (s t : nat).

  Definition bindings m : tlsR := (Excl <$> m : gmap nat (excl nat)).

  Definition tls_table (γ : gname) m : iProp Σ := own γ (● bindings m).
  Definition tls_bound (γ : gname) s t : iProp Σ :=
    own γ (◯ ({[ s := Excl t ]} : tlsR)).

  #[global] Instance tls_table_timeless γ m : Timeless (tls_table γ m).
  Proof. apply _. Qed.
  #[global] Instance tls_bound_timeless γ s t : Timeless (tls_bound γ s t).
  Proof. apply _. Qed.

  (** A new process, or the child of a fork: nobody is bound, and bindings of
      another table (another [γ]) say nothing about this one. *)
  Lemma tls_init : ⊢ |==> ∃ γ, tls_table γ ∅.
  Proof.
    iApply own_alloc. rewrite /bindings fmap_empty. by apply auth_auth_valid.
  Qed.

  (** A slot is bound to one thread, and to that one once. *)
  Theorem tls_unique_slot γ s t u : tls_bound γ s t -∗ tls_bound γ s u -∗ False.
  Proof.
    iIntros "Ht Hu". iDestruct (own_valid_2 with "Ht Hu") as %Hvalid.
    rewrite -auth_frag_op auth_frag_valid singleton_op in Hvalid.
    by apply singleton_valid in Hvalid.
  Qed.

  Lemma tls_lookup γ m s t :
    tls_table γ m -∗ tls_bound γ s t -∗ ⌜m !! s = Some t⌝.
  Proof.
    iIntros "Hm Ht".
    iDestruct (own_valid_2 with "Hm Ht") as %[Hin Hv]%auth_both_valid_discrete.
    iPureIntro. apply singleton_included_exclusive_l in Hin; [|apply _|done].
    rewrite /bindings lookup_fmap in Hin.
    destruct (m !! s) as [u|]; simpl in Hin; [|by inversion Hin].
    by apply Some_equiv_inj, Excl_inj, leibniz_equiv in Hin as ->.
  Qed.

  (** A free slot, and no other, can be bound to any thread. *)
  Theorem tls_alloc γ m s t :
    m !! s = None → tls_table γ m ==∗ tls_table γ (<[s := t]> m) ∗ tls_bound γ s t.
  Proof.
    iIntros (Hfree) "Hm". rewrite /tls_table /tls_bound /bindings fmap_insert -own_op.
    iApply (own_update with "Hm").
    apply auth_update_alloc, alloc_singleton_local_update; [|done].
    by rewrite lookup_fmap Hfree.
  Qed.

  (** The end of a binding, at the exit of its thread, frees the slot. *)
  Theorem tls_release γ m s t :
    tls_table γ m -∗ tls_bound γ s t ==∗ tls_table γ (delete s m).
  Proof.
    iIntros "Hm Ht". rewrite /tls_table /bindings fmap_delete.
    iApply (own_update_2 with "Hm Ht").
    apply auth_update_dealloc, delete_singleton_local_update, _.
  Qed.

  (** Two threads are never in the same slot. *)
  Theorem tls_distinct_slots γ s t r u :
    tls_bound γ s t -∗ tls_bound γ r u -∗ ⌜s ≠ r⌝.
  Proof.
    iIntros "Ht Hu" (->). iApply (tls_unique_slot with "Ht Hu").
  Qed.
End tls.
