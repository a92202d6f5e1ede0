//! Secret values, which can be hashed and masked; only [`Secret::reveal`] shows them.

use std::fmt;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The number of random characters that a mask shows, and the length from which it shows them.
const SHOWN: usize = 4;
const SHOWN_FROM: usize = 20;

/// The bytes of a secret. `Debug` and `Display` are masked, it cannot be serialised, and the
/// memory is overwritten on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    bytes: Zeroizing<Vec<u8>>,
    /// The length in bytes of the fixed prefix (`sk_v1_`), which is not secret.
    prefix: usize,
}

impl Secret {
    /// Copies `bytes`, of which the first `prefix` are the same in every key.
    pub fn new(bytes: &[u8], prefix: usize) -> Self {
        Self { bytes: Zeroizing::new(bytes.to_vec()), prefix: prefix.min(bytes.len()) }
    }

    /// The whole secret. Every use of this needs a review.
    pub fn reveal(&self) -> &[u8] {
        &self.bytes
    }

    /// The length in bytes of the part that is not secret.
    pub(crate) fn prefix(&self) -> usize {
        self.prefix
    }

    /// SHA-256 of the secret.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.bytes.as_slice()).into()
    }

    /// The masked secret, `sk_v1_Zk3v…(49)`: its prefix, four characters if at least sixteen stay
    /// unknown, and its length in bytes.
    pub fn masked(&self) -> String {
        let (prefix, body) = self.bytes.split_at(self.prefix);
        let shown = if body.len() >= SHOWN_FROM { &body[..SHOWN] } else { &[] };
        let visible = |bytes: &[u8]| -> String {
            bytes.iter().map(|&b| if b.is_ascii_graphic() { char::from(b) } else { '?' }).collect()
        };
        format!("{}{}…({})", visible(prefix), visible(shown), self.bytes.len())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.masked())
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_shows_the_prefix_four_characters_and_the_length() {
        let secret = Secret::new(format!("sk_v1_{}", "Zk3vQ".repeat(8)).as_bytes(), 6);
        assert_eq!(secret.masked(), "sk_v1_Zk3v…(46)");
        assert_eq!(format!("{secret} {secret:?}"), "sk_v1_Zk3v…(46) Secret(sk_v1_Zk3v…(46))");
    }

    #[test]
    fn a_short_secret_shows_nothing_of_its_body() {
        assert_eq!(Secret::new(b"hunter2-hunter2", 0).masked(), "…(15)");
        assert_eq!(Secret::new(b"pw:\xff\xfe", 99).masked(), "pw:??…(5)");
    }
}
