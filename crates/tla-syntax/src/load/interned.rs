//! The order in which TLC meets names.
//!
//! TLC keeps every string once and compares strings by the order in which it first met them, so that order shows in
//! `CHOOSE`, in the printing of sets and in the choice of a counterexample. After the values of the configuration come
//! the names that TLC knows by itself, then every token of every module in the order of reading: not only names but
//! reserved words, numbers and symbols too (the string `"1"` takes the place of the number). Strings in a module appear as
//! tokens with their quotes, which equal no content; their contents follow last, when the definitions are analysed, and
//! are left to whoever does that.

use super::{ReadModule, Specification};
use crate::ast::Name;
use std::collections::HashSet;

/// What TLC knows before it reads a module, in its order; names that no string would have are left out.
const LANGUAGE: &str = "STRING FALSE TRUE BOOLEAN = /= . ' \\lnot \\neg \\land \\lor \\equiv => SUBSET UNION DOMAIN \
     \\subseteq \\in \\notin \\ \\intersect \\union \\times ~> [] <> ENABLED UNCHANGED \\cdot -+-> \
     Formal_0 Formal_1 Formal_2 [ ^ / * - -. + ^+ ^* ^# < \\leq > \\geq ... .. | || && & ?? %% % ## ++ -- \
     ** // ^^ @@ !! |- |= -| =| <: :> := ::= \\oplus \\ominus \\odot \\oslash \\otimes \\uplus \\sqcap \
     \\sqcup \\div \\wr \\star \\o \\bigcirc \\bullet \\prec \\succ \\preceq \\succeq \\sim \\simeq \\ll \
     \\gg \\asymp \\subset \\supset \\supseteq \\approx \\cong \\sqsubset \\sqsubseteq \\sqsupset \
     \\sqsupseteq \\doteq \\propto ~ ¬ □ ◇ /\\ ∧ \\/ ∨ <=> ≡ ⇔ # ≠ <= =< ≤ >= ≥ \\X × \\cap ∩ \\cup ∪ \
     \\circ ∘ (+) ⊕ (-) ⊖ (.) ⊙ (/) ⊘ (\\X) ⊗ ≈ ≔ ≍ ◯ ⩴ ● ⋅ ≅ ÷ ≐ ‥ … ‼ ≫ ⇒ ∈ ⫤ ↝ ≪ ⊣ ∉ ⇸ ≺ ⪯ ∝ ⁇ ⊨ ⊢ ∼ ≃ \
     ⊓ ⊔ ⊏ ⊑ ⊐ ⊒ ⋆ ⊂ ⊆ ≻ ⪰ ⊃ ⊇ ⊎ ‖ ≀ ⁺ @";

impl Specification {
    /// Every name in the order in which TLC interns them after the values of the configuration; each name once.
    pub fn interned_names(&self) -> Vec<Name> {
        let mut seen = HashSet::new();
        let mut names = Vec::new();
        let mut add = |name: Name| {
            if seen.insert(name.clone()) {
                names.push(name);
            }
        };
        LANGUAGE.split(' ').map(Name::from).for_each(&mut add);
        for module in &self.read_order {
            match module {
                ReadModule::Text(index) => self.modules[*index].tokens.iter().cloned().for_each(&mut add),
                ReadModule::Builtin(module) => module.tokens.split_whitespace().map(Name::from).for_each(&mut add),
            }
        }
        names
    }
}
