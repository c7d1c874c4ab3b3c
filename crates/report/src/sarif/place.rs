//! Places, as SARIF counts them.
//!
//! Lines from 1; columns from 1 in UTF-16 code units, which the log says (`columnKind`) and every reader takes for the
//! default; the last column is the first one behind the region. Specifications are counted in characters and native code
//! in bytes, so a column needs the text of its line; where that is not at hand the column stands as it is, which is right
//! for a line without characters beyond ASCII. A path is a URI reference (RFC 3986), percent-encoded.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use verdict::Place;

/// Texts of files by path.
pub(super) type Texts = BTreeMap<String, String>;

/// The unit that a column was counted in, from 1.
#[derive(Debug, Clone, Copy)]
enum Unit {
    Character,
    Byte,
}

/// The place of something in a specification or project.
pub(super) fn location(place: &Place, message: Option<&str>, texts: &Texts) -> Value {
    let column = |line, column| utf16_column(texts, &place.file, line, column, Unit::Character);
    let region = json!({
        "startLine": place.line,
        "startColumn": column(place.line, place.column),
        "endLine": place.end_line,
        // Ours is the last one in the region.
        "endColumn": column(place.end_line, place.end_column + 1),
    });
    with_message(json!({ "physicalLocation": physical(&place.file, region) }), message)
}

/// The place of something in native code.
pub(super) fn spot(spot: &native_scan::finding::Spot, message: Option<&str>, texts: &Texts) -> Value {
    let column = |line, column| utf16_column(texts, &spot.file, line, column, Unit::Byte);
    let region = json!({
        "startLine": spot.line,
        "startColumn": column(spot.line, spot.column),
        "endLine": spot.end_line,
        "endColumn": column(spot.end_line, spot.end_column),
    });
    let mut location = json!({ "physicalLocation": physical(&spot.file, region) });
    if !spot.function.is_empty() {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": spot.function }]);
    }
    with_message(location, message)
}

/// A line of a file.
pub(super) fn line(file: &str, line: u32) -> Value {
    json!({ "physicalLocation": physical(file, json!({ "startLine": line.max(1) })) })
}

fn physical(file: &str, region: Value) -> Value {
    json!({ "artifactLocation": { "uri": uri(file) }, "region": region })
}

fn with_message(mut location: Value, message: Option<&str>) -> Value {
    if let Some(text) = message {
        location["message"] = super::message(text);
    }
    location
}

/// A path as a URI reference: relative paths stay relative, what is no plain character is percent-encoded.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut out = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn utf16_column(texts: &Texts, file: &str, line: u32, column: u32, unit: Unit) -> u32 {
    let text = texts.get(file).and_then(|text| text.lines().nth(line.checked_sub(1)? as usize));
    let (Some(text), Some(before)) = (text, column.checked_sub(1)) else { return column };
    let mut units = 1;
    let mut left = before;
    for c in text.chars() {
        let size = match unit {
            Unit::Character => 1,
            Unit::Byte => c.len_utf8() as u32,
        };
        if left < size {
            return units;
        }
        left -= size;
        units += c.len_utf16() as u32;
    }
    units + left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_utf16_code_units() {
        let texts = Texts::from([("a".to_owned(), "x\n𝔹é = ∅;".to_owned())]);
        let at = |column, unit| utf16_column(&texts, "a", 2, column, unit);
        // The first letter is one character, four bytes and two units.
        assert_eq!([1, 2, 3, 4].map(|column| at(column, Unit::Character)), [1, 3, 4, 5]);
        assert_eq!([1, 5, 7, 8].map(|column| at(column, Unit::Byte)), [1, 3, 4, 5]);
        assert_eq!(at(3, Unit::Byte), 1, "in the middle of a letter is at the letter");
        assert_eq!(at(9, Unit::Character), 10, "behind the end of the line");
    }

    #[test]
    fn a_line_that_is_not_at_hand_is_taken_for_ascii() {
        assert_eq!(utf16_column(&Texts::new(), "a", 1, 7, Unit::Byte), 7);
        assert_eq!(utf16_column(&Texts::from([("a".to_owned(), String::new())]), "a", 9, 7, Unit::Byte), 7);
    }

    #[test]
    fn a_path_becomes_a_reference() {
        assert_eq!(uri("a b/ü#1%.mm"), "a%20b/%C3%BC%231%25.mm");
        assert_eq!(uri("/x:y"), "file:///x%3Ay");
        assert_eq!(uri("a\\b"), "a/b");
    }
}
