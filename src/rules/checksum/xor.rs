//! A check character of crates.io's tokens for trusted publishing: it tells one of 62 made-up keys from
//! a real one, no more (crates.io's source, `trustpub/token`).

use super::algorithm::{Algorithm, ChecksumParts};

const DIGITS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The xor of the bytes before, as a digit of base 62.
pub(super) const XOR_BASE62: Algorithm = Algorithm {
    name: "xor-base62",
    filler: "A",
    is_seeded: false,
    completed: |key, _| vec![key.with(&[digit(key)])],
};

fn digit(key: &ChecksumParts<'_>) -> u8 {
    let sum = key.checked().iter().fold(0, |sum, byte| sum ^ byte);
    DIGITS[usize::from(sum) % DIGITS.len()]
}
