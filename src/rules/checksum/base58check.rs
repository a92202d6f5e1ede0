//! Base58Check (Bitcoin wiki, "Base58Check encoding"): the last four of the bytes are the first of
//! SHA-256 of SHA-256 of the others.

use sha2::{Digest, Sha256};

use super::algorithm::{Algorithm, ChecksumParts};

/// The length of the checksum in bytes.
const LENGTH: usize = 4;

/// The whole key.
pub(super) const BASE58CHECK: Algorithm = Algorithm {
    name: "base58check",
    filler: "111111",
    is_seeded: false,
    completed: |key, _| completed(key).into_iter().collect(),
};

fn completed(key: &ChecksumParts<'_>) -> Option<Vec<u8>> {
    let mut bytes = bs58::decode(key.key).into_vec().ok()?;
    let at = bytes.len().checked_sub(LENGTH)?;
    bytes.truncate(at);
    let sum = Sha256::digest(Sha256::digest(&bytes));
    bytes.extend(&sum[..LENGTH]);
    Some(bs58::encode(bytes).into_vec())
}
