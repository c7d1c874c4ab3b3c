//! The checksum of the `BEGIN TRANSLATION` line: CRC-32 as in ISO 3309 and RFC 1952 (polynomial 0xEDB88320, reflected),
//! written in lower-case hexadecimal without leading zeros.

/// CRC-32 of some bytes.
pub fn crc32(bytes: &[u8]) -> u32 {
    let step = |mut register: u32, byte: &u8| {
        register ^= u32::from(*byte);
        for _ in 0..8 {
            let feedback = if register & 1 == 1 { 0xEDB8_8320 } else { 0 };
            register = (register >> 1) ^ feedback;
        }
        register
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_check_value_of_the_standard() {
        assert_eq!(super::crc32(b"123456789"), 0xCBF4_3926);
    }
}
