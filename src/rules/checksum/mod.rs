//! Checksums that providers build into their keys. A text of the right form with a wrong checksum is
//! no key: it was made up, cut or altered.

mod algorithm;
mod base58check;
mod bech32;
mod bip39;
mod crc32;
mod marvin32;
mod xor;

use std::fmt;

use algorithm::Algorithm;
pub use algorithm::ChecksumParts;
pub(super) use bip39::word_list;

/// All kinds, by name.
const ALGORITHMS: &[Algorithm] = &[
    base58check::BASE58CHECK,
    bech32::BECH32,
    bip39::BIP39,
    crc32::BASE36,
    crc32::BASE62,
    crc32::BASE64_LITTLE_ENDIAN,
    crc32::HEX,
    crc32::HEX_LITTLE_ENDIAN,
    crc32::HEX_UPPER,
    marvin32::CASK,
    marvin32::HIS,
    xor::XOR_BASE62,
];

/// The checksum of a rule's keys.
#[derive(Clone)]
pub struct Checksum {
    algorithm: &'static Algorithm,
    seeds: Vec<u64>,
}

impl Checksum {
    /// The checksum with this name and these seeds, which are texts of eight characters.
    ///
    /// # Errors
    /// The names that exist, or the form of seeds.
    pub(super) fn new(name: &str, seeds: &[&str]) -> Result<Self, String> {
        let Some(algorithm) = ALGORITHMS.iter().find(|known| known.name == name) else {
            let names: Vec<_> = Self::names().collect();
            let names = names.join(", ");
            return Err(format!("`{name}` is not a checksum; known checksums: {names}"));
        };
        if algorithm.is_seeded == seeds.is_empty() {
            let need = if algorithm.is_seeded { "needs seeds" } else { "takes no seeds" };
            return Err(format!("the checksum `{name}` {need}"));
        }
        let seed = |text: &&str| {
            let bytes = <[u8; 8]>::try_from(text.as_bytes());
            bytes.map(u64::from_be_bytes).map_err(|_| format!("`{text}` must have 8 characters"))
        };
        let seeds = seeds.iter().map(seed).collect::<Result<_, _>>()?;
        Ok(Self { algorithm, seeds })
    }

    /// The names in rule files, in order.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ALGORITHMS.iter().map(|algorithm| algorithm.name)
    }

    /// Its name in rule files.
    pub fn name(&self) -> &'static str {
        self.algorithm.name
    }

    /// True if the checksum of a key is right.
    pub fn holds(&self, parts: &ChecksumParts<'_>) -> bool {
        (self.algorithm.completed)(parts, &self.seeds).iter().any(|key| key == parts.key)
    }

    /// The key with its checksum made right.
    pub fn completed(&self, parts: &ChecksumParts<'_>) -> Option<Vec<u8>> {
        (self.algorithm.completed)(parts, &self.seeds).into_iter().next()
    }

    /// The text that stands for a checksum with this name until it is computed.
    pub(super) fn filler(name: &str) -> Option<&'static str> {
        ALGORITHMS.iter().find(|known| known.name == name).map(|known| known.filler)
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:x?}", self.algorithm.name, self.seeds)
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use crate::rules::Rng;

    const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// A key of every kind with its checksum computed, and the number of its last characters that
    /// the checksum decides.
    fn keys(rng: &mut Rng) -> Vec<(Checksum, Vec<u8>, Range<usize>, usize)> {
        let mut keys = Vec::new();
        for (name, seeds, text) in [
            ("crc32-base62", &[][..], format!("k_{}000000", rng.text(BASE62, 30))),
            ("crc32-base36", &[], format!("k_{}.0000000", rng.text(BASE62, 30))),
            ("crc32-hex", &[], format!("k_{}00000000", rng.text(BASE62, 40))),
            ("crc32-hex-upper", &[], format!("k_{}00000000", rng.text(BASE62, 40))),
            ("crc32-hex-le", &[], format!("k_{}_00000000", rng.text(BASE62, 32))),
            ("crc32-base64-le", &[], format!("k_{}AAAAAA", rng.text(BASE62, 54))),
            ("xor-base62", &[], format!("k_{}A", rng.text(BASE62, 31))),
            ("bech32", &[], format!("AGE-SECRET-KEY-1{}QQQQQQ", rng.text("QPZRY9X8", 52))),
            ("base58check", &[], format!("xprv{}111111", rng.text("ABCDEFGHJKLMN", 101))),
            (
                "marvin32-cask",
                &[],
                format!("{}JQQJ99{}NUGT0000", rng.text(BASE62, 52), rng.text("A", 18)),
            ),
            (
                "marvin32-his",
                &["Default0", "Send0000"],
                format!("{}+AStAAAAAA==", rng.text(BASE62, 76)),
            ),
        ] {
            let checksum = Checksum::new(name, seeds).unwrap();
            let length = checksum.algorithm.filler.len();
            let end = text.trim_end_matches('=').len();
            let range = end - length..end;
            let parts = ChecksumParts {
                key: text.as_bytes(),
                checked: 0..range.start,
                checksum: range.clone(),
            };
            let key = checksum.completed(&parts).unwrap();
            keys.push((checksum, key, range, length));
        }
        keys
    }

    #[test]
    fn a_checksum_holds_for_the_key_that_it_was_computed_for_only() {
        let mut rng = Rng::new(18);
        for _ in 0..200 {
            for (checksum, key, range, length) in keys(&mut rng) {
                let parts =
                    ChecksumParts { key: &key, checked: 0..range.start, checksum: range.clone() };
                let shown = String::from_utf8_lossy(&key).into_owned();
                assert!(checksum.holds(&parts), "{checksum:?}: {shown}");
                let at = 3 + rng.below(key.len() - length - 6);
                let mut altered = key.clone();
                altered[at] = if altered[at] == b'R' { b'8' } else { b'R' };
                let parts = ChecksumParts { key: &altered, ..parts };
                // One character of 62 cannot tell all apart.
                let may_collide = checksum.name() == "xor-base62";
                assert!(!checksum.holds(&parts) || may_collide, "{checksum:?}: {shown}, {at}");
            }
        }
    }

    #[test]
    fn every_kind_of_checksum_is_tested() {
        let mut tested: Vec<_> =
            keys(&mut Rng::new(1)).into_iter().map(|(checksum, ..)| checksum.name()).collect();
        tested.push("bip39");
        tested.sort_unstable();
        assert_eq!(tested, Checksum::names().collect::<Vec<_>>());
    }

    #[test]
    fn keys_of_any_form_are_refused_without_a_panic() {
        let mut rng = Rng::new(3);
        for name in Checksum::names() {
            let seeds: &[&str] = if name == "marvin32-his" { &["Default0"] } else { &[] };
            let checksum = Checksum::new(name, seeds).unwrap();
            for length in 0..90 {
                let key: Vec<u8> = (0..length).map(|_| rng.next_u64() as u8).collect();
                let (from, to) = (rng.below(length + 1), rng.below(length + 1));
                for checksum_range in [from..to, to..from, 0..length, length..length + 9] {
                    let parts =
                        ChecksumParts { key: &key, checked: 0..from, checksum: checksum_range };
                    let _ = checksum.holds(&parts);
                }
            }
        }
    }

    #[test]
    fn unknown_names_and_seeds_are_refused() {
        for (name, seeds, fault) in [
            ("crc33", &[][..], "known checksums: base58check, bech32"),
            ("marvin32-his", &[], "needs seeds"),
            ("crc32-hex", &["Default0"], "takes no seeds"),
            ("marvin32-his", &["short"], "8 characters"),
        ] {
            let error = Checksum::new(name, seeds).unwrap_err();
            assert!(error.contains(fault), "{error}");
        }
    }
}
