//! Hashes of inputs: SHA-256 (FIPS 180-4), named in front so that another algorithm can follow without confusion.

use sha2::{Digest, Sha256};
use std::fmt::Write;
use verdict::{InputFile, InputText};

/// The hash of some content: `sha256:` and 64 hexadecimal digits.
pub fn hash_of(content: &[u8]) -> String {
    let mut text = String::from("sha256:");
    for byte in Sha256::digest(content) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// What the ledger keeps of an input.
pub fn input_file(input: &InputText) -> InputFile {
    InputFile { path: input.path.clone(), hash: hash_of(input.text.as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_standard() {
        // Test vector "abc" of FIPS 180-4, appendix B.1 of the older edition.
        assert_eq!(hash_of(b"abc"), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
