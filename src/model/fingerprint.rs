//! The id of a finding: what accepted findings and baselines name it by.

use std::fmt;
use std::str::FromStr;

use hmac::Hmac;
use pbkdf2::pbkdf2;
use sha2::Sha256;
use thiserror::Error;

use super::Secret;

/// The salt of a project that has chosen none.
pub const DEFAULT_SALT: &str = "keyside";

const SCHEME: &str = "ks1:";
const LENGTH: usize = 10;

/// Secrets shorter than this many bytes could be guessed from a committed id, so their ids are
/// made expensive.
const GUESSABLE_BELOW: usize = 20;
const ROUNDS_IF_GUESSABLE: u32 = 4096;

/// A finding's id: `ks1:` and 20 hexadecimal digits.
///
/// It is PBKDF2-HMAC-SHA-256 (RFC 8018, section 5.2) of the secret, salted with the project's
/// salt and the rule's id, cut to 80 bits. It holds no path and no line, so it survives moves;
/// it is salted, so equal secrets of two projects need not show; and it is stretched where the
/// secret is short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; LENGTH]);

impl Fingerprint {
    /// The id of `secret` under the rule `rule_id`.
    pub fn new(salt: &str, rule_id: &str, secret: &Secret) -> Self {
        // The lengths keep (salt, rule) pairs apart that only differ in where one part ends.
        let salt = format!("{}:{salt}:{rule_id}", salt.len());
        let rounds = if secret.reveal().len() < GUESSABLE_BELOW { ROUNDS_IF_GUESSABLE } else { 1 };
        let mut id = [0; LENGTH];
        pbkdf2::<Hmac<Sha256>>(secret.reveal(), salt.as_bytes(), rounds, &mut id)
            .expect("HMAC takes a key of any length");
        Self(id)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The text is no finding id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a finding id is `ks1:` and 20 hexadecimal digits")]
pub struct FingerprintError;

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix(SCHEME).ok_or(FingerprintError)?.as_bytes();
        if digits.len() != 2 * LENGTH {
            return Err(FingerprintError);
        }
        let mut id = [0; LENGTH];
        for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |d: u8| char::from(d).to_digit(16).ok_or(FingerprintError);
            *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
        }
        Ok(Self(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(salt: &str, rule: &str, secret: &str) -> Fingerprint {
        Fingerprint::new(salt, rule, &Secret::new(secret.as_bytes(), 0))
    }

    #[test]
    fn salt_rule_and_secret_each_change_the_id() {
        let base = id("s", "r", "a secret of some length");
        assert_eq!(base, id("s", "r", "a secret of some length"));
        for other in [
            id("t", "r", "a secret of some length"),
            id("s", "q", "a secret of some length"),
            id("s", "r", "another secret of a length"),
        ] {
            assert_ne!(base, other);
        }
        assert_ne!(id("a", "b:c", "x"), id("a:b", "c", "x"));
    }

    #[test]
    fn an_id_reads_back_as_it_was_written() {
        let written = id("s", "r", "short").to_string();
        assert_eq!(written.len(), 24);
        assert_eq!(written.parse(), Ok(id("s", "r", "short")));
        for bad in ["", "ks1:", "ks1:123", "ks2:00112233445566778899", "ks1:0011223344556677889g"] {
            assert_eq!(bad.parse::<Fingerprint>(), Err(FingerprintError), "{bad}");
        }
        assert!("ks1:+0112233445566778899".parse::<Fingerprint>().is_err());
        assert!("ks1:é0112233445566778899".parse::<Fingerprint>().is_err());
    }
}
