//! Facts on disk, by the hash of the text that they were read from.
//!
//! Reading a file costs most of a scan, and most files do not change between two scans. An entry is the encoded
//! [`SourceFile`] of one text; its key is the SHA-256 of that text, of the version of this crate and of the settings, so
//! an entry is never out of date. An entry that cannot be decoded is no entry.

use native_syntax::Name;
use native_syntax::ir::SourceFile;
use native_syntax::name::{with_read_names, with_written_names};
use sha2::{Digest, Sha256};

/// Changes whenever the facts or their encoding do.
const FORMAT: &str = concat!("interlock-facts-3-", env!("CARGO_PKG_VERSION"));

/// The key of a text under some settings.
pub fn key(text: &[u8], settings: &str) -> String {
    let mut hash = Sha256::new();
    for part in [FORMAT.as_bytes(), settings.as_bytes(), text] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of an entry.
pub fn encode(file: &SourceFile) -> Option<Vec<u8>> {
    let (body, names) = with_written_names(|| postcard::to_stdvec(file));
    postcard::to_stdvec(&(FORMAT, names, body.ok()?)).ok()
}

/// The facts of an entry, for a file with this path.
pub fn decode(bytes: &[u8], path: &str) -> Option<SourceFile> {
    let (format, names, body): (&str, Vec<&str>, Vec<u8>) = postcard::from_bytes(bytes).ok()?;
    if format != FORMAT {
        return None;
    }
    let names = names.into_iter().map(Name::new).collect();
    let mut file: SourceFile = with_read_names(names, || postcard::from_bytes(&body)).ok()?;
    path.clone_into(&mut file.path);
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_survive_the_way_to_disk() {
        let text = b"struct A { int n; void f() { g([this] { n++; }); } };";
        let file = native_syntax::parse("a.cpp", text, &native_syntax::Settings::default());
        let bytes = encode(&file).expect("bytes");
        let back = decode(&bytes, "b.cpp").expect("facts");
        assert_eq!(back.path, "b.cpp");
        assert_eq!(format!("{:?}", back.functions), format!("{:?}", file.functions));
        assert_eq!(format!("{:?}", back.types), format!("{:?}", file.types));
    }

    #[test]
    fn damaged_entries_are_no_entries() {
        let file = native_syntax::parse("a.cpp", b"void f();", &native_syntax::Settings::default());
        let bytes = encode(&file).expect("bytes");
        assert!(decode(&bytes[..bytes.len() / 2], "a.cpp").is_none());
        assert!(decode(b"", "a.cpp").is_none());
        assert_ne!(key(b"a", "s"), key(b"a", "t"));
    }
}
