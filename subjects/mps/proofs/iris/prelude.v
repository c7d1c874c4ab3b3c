(** What the other modules share: the language and logic, and the simplest piece
    of ghost state, a token that exists once.

    The proofs are about programs in HeapLang, whose memory is sequentially
    consistent.  Accessing memory that has been freed gets a program stuck, and a
    Hoare triple says among other things that its program never gets stuck. *)

From iris.algebra Require Export excl agree auth gmap gset.
From iris.proofmode Require Export proofmode.
From iris.base_logic.lib Require Export invariants.
From iris.program_logic Require Export weakestpre.
From iris.heap_lang Require Export lang.
From iris.heap_lang Require Export proofmode notation.

Class tokenG Σ := { token_inG : inG Σ (exclR unitO) }.
#[global] Existing Instance token_inG.

Definition tokenΣ : gFunctors := #[GFunctor (exclR unitO)].

#[global] Instance subG_tokenΣ Σ : subG tokenΣ Σ → tokenG Σ.
Proof. solve_inG. Qed.

Section token.
  Context `{!tokenG Σ}.

  Definition token (γ : gname) : iProp Σ := own γ (Excl ()).

  #[global] Instance token_timeless γ : Timeless (token γ).
  Proof. apply _. Qed.

  Lemma token_alloc : ⊢ |==> ∃ γ, token γ.
  Proof. by iApply own_alloc. Qed.

  Lemma token_exclusive γ : token γ -∗ token γ -∗ False.
  Proof.
    iIntros "H1 H2". by iDestruct (own_valid_2 with "H1 H2") as %[].
  Qed.
End token.
