//! BIP-39: twelve to twenty-four words of a list of 2,048, whose last bits are the first of SHA-256 of
//! the others.

use ::bip39::{Language, Mnemonic};

use super::algorithm::{Algorithm, ChecksumParts};

/// The bits that a word stands for.
const BITS: usize = 11;

/// The whole key: English words, one space between them.
pub(super) const BIP39: Algorithm = Algorithm {
    name: "bip39",
    filler: "abandon",
    is_seeded: false,
    completed: |key, _| completed(key).into_iter().collect(),
};

/// The English words.
pub(in crate::rules) fn word_list() -> &'static [&'static str] {
    Language::English.word_list()
}

fn completed(key: &ChecksumParts<'_>) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(key.key).ok()?;
    let words: Vec<&str> = text.split(' ').collect();
    let index = |word: &&str| word_list().binary_search(word).ok();
    let mut bits: Vec<bool> = Vec::with_capacity(words.len() * BITS);
    for word in &words {
        let at = index(word)?;
        bits.extend((0..BITS).rev().map(|bit| at >> bit & 1 == 1));
    }
    if !(12..=24).contains(&words.len()) || !words.len().is_multiple_of(3) {
        return None;
    }
    let sum_length = words.len() / 3;
    bits.truncate(bits.len() - sum_length);
    let byte = |bits: &[bool]| bits.iter().fold(0, |byte, &bit| byte << 1 | u8::from(bit));
    let entropy: Vec<u8> = bits.chunks(8).map(byte).collect();
    let mnemonic = Mnemonic::from_entropy_in(Language::English, &entropy).ok()?;
    Some(mnemonic.words().collect::<Vec<_>>().join(" ").into_bytes())
}
