//! Marvin32 (US patent 8,745,346 describes it; SymCrypt has the reference code), which Microsoft
//! uses for the checksums of keys that it can identify: CASK, "common annotated security keys", and
//! their predecessors, "highly identifiable secrets" (github.com/microsoft/security-utilities).

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD, Encoding};

use super::algorithm::{Algorithm, ChecksumParts};
use super::crc32::{DIGITS_62, digits};

/// The seed of CASK keys: `Default0` as a big-endian number.
const DEFAULT_SEED: u64 = u64::from_be_bytes(*b"Default0");

/// The part of a CASK key that is summed: 80 characters, which are base64 of 60 bytes.
const CASK_CHECKED: usize = 80;

/// The length of its checksum in characters.
const CASK_SUM: usize = 4;

/// The last 4 of the 84 characters of a CASK key.
pub(super) const CASK: Algorithm = Algorithm {
    name: "marvin32-cask",
    filler: "0000",
    is_seeded: false,
    completed: |key, _| cask(key).unwrap_or_default(),
};

/// The last 4 bytes, little-endian, of a key that is base64 or base64url.
pub(super) const HIS: Algorithm = Algorithm {
    name: "marvin32-his",
    filler: "AAAAAA",
    is_seeded: true,
    completed: |key, seeds| his(key, seeds).unwrap_or_default(),
};

/// Two forms: newer libraries write the sum in base 62, as one big-endian number that is padded on its
/// right; older ones make base64 of its bytes. Only the first four characters of either count.
fn cask(key: &ChecksumParts<'_>) -> Option<Vec<Vec<u8>>> {
    let head = key.key.get(..CASK_CHECKED)?;
    let tail = key.key.get(CASK_CHECKED + CASK_SUM..)?;
    let sum = marvin32(&BASE64.decode(head).ok()?, DEFAULT_SEED).to_le_bytes();
    let mut newer = digits(u64::from(u32::from_be_bytes(sum)), DIGITS_62, 6);
    let zeros = newer.iter().take_while(|&&digit| digit == b'0').count();
    newer.rotate_left(zeros);
    let older = BASE64_NOPAD.encode(&sum).into_bytes();
    let with = |text: Vec<u8>| [head, &text[..CASK_SUM], tail].concat();
    Some(vec![with(newer), with(older)])
}

fn his(key: &ChecksumParts<'_>, seeds: &[u64]) -> Option<Vec<Vec<u8>>> {
    let is_padding = |&&byte: &&u8| byte == b'=';
    let padding = key.key.iter().rev().take_while(is_padding).count();
    let text = &key.key[..key.key.len() - padding];
    let is_url = text.iter().any(|byte| b"-_".contains(byte));
    let encoding = if is_url { BASE64URL_NOPAD } else { BASE64_NOPAD };
    // The last character of a key that was made up may have bits that no byte has.
    let usable = text.len() - usize::from(text.len() % 4 == 1);
    let mut data = lenient(&encoding)?.decode(&text[..usable]).ok()?;
    let at = data.len().checked_sub(4)?;
    let completed = |seed: &u64| {
        let sum = marvin32(&data[..at], *seed);
        data.truncate(at);
        data.extend(sum.to_le_bytes());
        [encoding.encode(&data).as_bytes(), &b"==="[..padding.min(3)]].concat()
    };
    Some(seeds.iter().map(completed).collect())
}

/// The encoding without a check of bits that no byte has.
fn lenient(encoding: &Encoding) -> Option<Encoding> {
    let mut specification = encoding.specification();
    specification.check_trailing_bits = false;
    specification.encoding().ok()
}

fn marvin32(data: &[u8], seed: u64) -> u32 {
    let (mut low, mut high) = (seed as u32, (seed >> 32) as u32);
    let mut mix = |word: u32| {
        low = low.wrapping_add(word);
        high ^= low;
        low = low.rotate_left(20).wrapping_add(high);
        high = high.rotate_left(9) ^ low;
        low = low.rotate_left(27).wrapping_add(high);
        high = high.rotate_left(19);
    };
    let words = data.chunks_exact(4);
    let rest = words.remainder();
    for word in words {
        mix(u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
    }
    let mut last = [0; 4];
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 0x80;
    mix(u32::from_le_bytes(last));
    mix(0);
    low ^ high
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test vectors of SymCrypt and of .NET's runtime: seed and text, and the 64 bits whose halves are
    /// joined.
    #[test]
    fn marvin32_is_that_of_the_reference_code() {
        for (seed, data, expected) in [
            (0x004f_b61a_001b_dbcc_u64, &[][..], 0x30ed_35c1_00cd_3c7d_u64),
            (0x004f_b61a_001b_dbcc, &[0xaf], 0x48e7_3fc7_7d75_ddc1),
            (0x004f_b61a_001b_dbcc, &[0xe7, 0x0f], 0xb5f6_e1fc_485d_bff8),
            (0x004f_b61a_001b_dbcc, &[0x37, 0xf4, 0x95], 0xf0b0_7c78_9b8c_f7e8),
            (0x004f_b61a_001b_dbcc, &[0x86, 0x42, 0xdc, 0x59], 0x7008_f2e8_7e9c_f556),
        ] {
            let expected = (expected as u32) ^ (expected >> 32) as u32;
            assert_eq!(marvin32(data, seed), expected, "{data:x?}");
        }
    }
}
