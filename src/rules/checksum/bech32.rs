//! Bech32 (BIP-173), which age's keys are written in: its last six characters are a checksum of the
//! whole text.

use ::bech32::primitives::decode::UncheckedHrpstring;
use ::bech32::{Bech32, Fe32};

use super::algorithm::{Algorithm, ChecksumParts};

/// The length of the checksum in characters.
const LENGTH: usize = 6;

/// The whole key, in upper or lower case.
pub(super) const BECH32: Algorithm = Algorithm {
    name: "bech32",
    filler: "QQQQQQ",
    is_seeded: false,
    completed: |key, _| completed(key).into_iter().collect(),
};

fn completed(key: &ChecksumParts<'_>) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(key.key).ok()?;
    let unchecked = UncheckedHrpstring::new(text).ok()?;
    let data = unchecked.data_part_ascii();
    let data = data.get(..data.len().checked_sub(LENGTH)?)?;
    let values: Vec<_> =
        data.iter().map(|&c| Fe32::from_char(char::from(c)).ok()).collect::<Option<_>>()?;
    let hrp = unchecked.hrp();
    let lower: String =
        ::bech32::primitives::iter::Fe32IterExt::with_checksum::<Bech32>(values.into_iter(), &hrp)
            .chars()
            .collect();
    let is_upper = text.bytes().any(|byte| byte.is_ascii_uppercase());
    Some(if is_upper { lower.to_ascii_uppercase() } else { lower }.into_bytes())
}
