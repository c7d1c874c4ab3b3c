//! The symbols and reserved words that PlusCal's tokens are made of: those of TLA+, with `:=`, `;` and `!`.

/// Reserved words of TLA+ that count as symbols in an expression.
const WORDS: &str = "_ ASSUME ASSUMPTION AXIOM BOOLEAN CASE CONSTANT CONSTANTS EXCEPT EXTENDS FALSE IF INSTANCE LOCAL \
MODULE OTHER STRING THEOREM TRUE VARIABLE VARIABLES WITH WF_ SF_ CHOOSE ENABLED UNCHANGED SUBSET UNION DOMAIN ELSE \
THEN LET IN";

/// Symbols written as a backslash and letters.
const NAMED: &str = "A forall E exists AA EE lnot neg cdot equiv subseteq subset supset supseteq ll gg cap intersect cup \
union land lor X oplus ominus odot oslash otimes uplus sqcap sqcup div star o circ bigcirc bullet in notin prec succ \
preceq succeq sim simeq approx doteq asymp sqsubset sqsupset sqsubseteq sqsupseteq propto times leq geq mod wr cong";

/// Symbols of other characters.
const SIGNS: &str = ">>_ ⟩_ ]_ ( [ { << ⟨ ) } ] >> ⟩ ∀ ∃ ~ ¬ <> ◇ ' ^+ ⁺ ^* ^# => ⇒ ⋅ <=> ⇔ ≡ ~> ↝ -+-> ⇸ ⊆ ⊂ ⊃ ⊇ ≪ \
≫ \\ ∩ ∪ /\\ ∧ \\/ ∨ × - + * / ^ | || ‖ & && ++ -- ** // ^^ |- ⊢ |= ⊨ -| ⊣ =| ⫤ <: :> := ≔ ::= ⩴ (+) ⊕ (-) ⊖ (.) ⊙ \
(/) ⊘ (\\X) ⊗ ⊎ ⊓ ⊔ ÷ ⋆ ∘ ◯ ● ∈ ∉ = # /= ≠ < > =< <= ≤ >= ≥ ≺ ≻ ⪯ ⪰ ∼ ≃ ≈ ≐ ≍ ⊏ ⊐ ⊑ ⊒ ∝ : -> → |-> ↦ <- ← == ≜ [] □ .. ‥ \
... … $ $$ ? ?? ⁇ % %% ## @@ !! ‼ ≀ ≅ ! ; , . -. @";

/// Whether a word is reserved in TLA+.
pub fn is_word(text: &str) -> bool {
    WORDS.split_ascii_whitespace().any(|word| word == text)
}

/// Whether this is the name of a symbol, without its backslash.
pub fn is_named(text: &str) -> bool {
    NAMED.split_ascii_whitespace().any(|word| word == text)
}

/// The length in characters of the longest symbol at the start of a text, 0 if there is none.
pub fn longest(text: &[char]) -> usize {
    let length = |sign: &str| {
        let count = sign.chars().count();
        let fits = text.len() >= count && sign.chars().zip(text).all(|(a, b)| a == *b);
        if fits { count } else { 0 }
    };
    SIGNS.split_ascii_whitespace().map(length).max().unwrap_or(0)
}

/// Whether a symbol opens something.
pub fn opens(text: &str) -> bool {
    matches!(text, "(" | "[" | "{" | "<<" | "⟨")
}

/// Whether a symbol closes something.
pub fn closes(text: &str) -> bool {
    matches!(text, ")" | "]" | "}" | ">>" | "⟩" | ">>_" | "⟩_" | "]_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_symbol_wins() {
        let length = |text: &str| longest(&text.chars().collect::<Vec<_>>());
        assert_eq!(length("|-> x"), 3);
        assert_eq!(length("||x"), 2);
        assert_eq!(length(":= x"), 2);
        assert_eq!(length("(-x)"), 1);
        assert_eq!(length("(-) x"), 3);
        assert_eq!(length("x"), 0);
        assert_eq!(length("\\/ x"), 2);
    }
}
