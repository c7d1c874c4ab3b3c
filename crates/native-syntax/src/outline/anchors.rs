//! Comments that tie properties to functions.
//!
//! `interlock: A.NoDoubleFree, SP.SlotNoLeak` belongs to the innermost function that it stands in. Outside of functions it
//! belongs to the next one, if between the two stands no end of another declaration: no `;` and no `}`. An anchor that
//! belongs to nothing is told, because whoever wrote it thinks that it does.

use super::{Anchor, Outline, OutlinedFunction, Word};
use crate::ir::Span;

/// Gives the remarks of a file, pairs of a comment and the text after the marker, to its functions.
pub(super) fn attach(outline: &mut Outline, remarks: &[(Span, String)], tokens: &[Word<'_>], starts: &[u32]) {
    for (span, text) in remarks {
        let line = super::lines(starts, *span).0;
        let Some(properties) = properties(text) else {
            if !text.starts_with("allow") {
                outline.misspelt.push((line, text.clone()));
            }
            continue;
        };
        let anchors = properties.into_iter().map(|property| Anchor { property, span: *span, line });
        match owner(&outline.functions, *span, tokens) {
            Some(index) => outline.functions[index].anchors.extend(anchors),
            None => outline.loose.extend(anchors),
        }
    }
}

/// The properties that a remark lists; what follows ` - ` or a full sentence is for readers. `None` if it lists none.
fn properties(text: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for word in text.split([' ', ',', '\t']).filter(|word| !word.is_empty()) {
        if !is_property(word) {
            break;
        }
        found.push(word.to_owned());
    }
    (!found.is_empty()).then_some(found)
}

/// `A.NoDoubleFree`: a capital, letters and digits, a point, a name.
fn is_property(word: &str) -> bool {
    let Some((group, name)) = word.split_once('.') else { return false };
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.');
    group.starts_with(|letter: char| letter.is_ascii_uppercase())
        && name.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && !name.ends_with('.')
        && plain(group)
        && plain(name)
}

fn owner(functions: &[OutlinedFunction], span: Span, tokens: &[Word<'_>]) -> Option<usize> {
    let enclosing = functions.iter().enumerate().filter(|(_, function)| function.span.contains(span));
    if let Some((index, _)) = enclosing.min_by_key(|(_, function)| function.span.end - function.span.start) {
        return Some(index);
    }
    let following = functions.iter().enumerate().filter(|(_, function)| function.span.start >= span.end);
    let (index, function) = following.min_by_key(|(_, function)| function.span.start)?;
    let from = tokens.partition_point(|token| token.start < span.end as usize);
    let to = tokens.partition_point(|token| token.start < function.span.start as usize);
    let separated = tokens[from..to.max(from)].iter().any(|token| matches!(token.text, b";" | b"}"));
    (!separated).then_some(index)
}

#[cfg(test)]
mod tests {
    use super::properties;

    #[test]
    fn remarks_list_properties_and_may_go_on_in_prose() {
        let two = vec!["A.NoDoubleFree".to_owned(), "SP.SlotNoLeak".to_owned()];
        assert_eq!(properties("A.NoDoubleFree, SP.SlotNoLeak"), Some(two.clone()));
        assert_eq!(properties("A.NoDoubleFree SP.SlotNoLeak - see the paper"), Some(two));
        assert_eq!(properties("ST.001.a"), Some(vec!["ST.001.a".to_owned()]));
        for prose in ["the tool", "", "a.b", "A.", "see A.NoDoubleFree", "allow(x) A.B"] {
            assert_eq!(properties(prose), None, "{prose}");
        }
    }
}
