//! The id of a finding, by which accepted findings and baselines refer to it.

use std::fmt;
use std::str::FromStr;

use hmac::Hmac;
use pbkdf2::pbkdf2;
use sha2::Sha256;
use thiserror::Error;

use super::{FilePath, FindingKind, Secret};

/// The salt of projects that do not set one.
pub const DEFAULT_SALT: &str = "keyside";

const SCHEME: &str = "ks1:";
const LENGTH: usize = 10;

/// Secrets shorter than this many bytes could be guessed from a committed id, so their ids are
/// stretched.
const GUESSABLE_BELOW: usize = 20;
const ROUNDS_IF_GUESSABLE: u32 = 4096;

/// A finding's id: `ks1:` and 20 hexadecimal digits.
///
/// It is PBKDF2-HMAC-SHA-256 (RFC 8018, section 5.2) of the secret, salted with the project's salt
/// and the rule's id, cut to 80 bits. It contains no path and no line, so it survives moves; it is
/// salted, so equal secrets in two projects need not be recognisable; and it is stretched if the
/// secret is short. A finding without a secret has an id of its kind, file and subject instead,
/// again without a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; LENGTH]);

impl Fingerprint {
    /// The id of `secret` under the rule `rule_id`.
    pub fn new(salt: &str, rule_id: &str, secret: &Secret) -> Self {
        Self::of_secret(secret, &full_salt(salt, rule_id))
    }

    /// The id of one way `secret` reaches a client, distinct from the plain finding of the same
    /// secret and from its other ways.
    pub fn of_kind(salt: &str, rule_id: &str, kind: FindingKind, secret: &Secret) -> Self {
        let salt = format!("{}:{}", full_salt(salt, rule_id), kind.name());
        Self::of_secret(secret, &salt)
    }

    /// The id of a finding without a secret: its kind, its file and its subject.
    pub fn of_place(
        salt: &str,
        rule_id: &str,
        kind: FindingKind,
        path: &FilePath,
        about: Option<&str>,
    ) -> Self {
        let salt = format!("{}:{}:place", full_salt(salt, rule_id), kind.name());
        let path = path.as_bytes();
        let mut place = format!("{}:", path.len()).into_bytes();
        place.extend_from_slice(path);
        place.extend_from_slice(about.unwrap_or_default().as_bytes());
        // A place need not be protected against guessing: it is in the report.
        Self::derived(&place, &salt, 1)
    }

    fn of_secret(secret: &Secret, salt: &str) -> Self {
        let rounds = if secret.reveal().len() < GUESSABLE_BELOW { ROUNDS_IF_GUESSABLE } else { 1 };
        Self::derived(secret.reveal(), salt, rounds)
    }

    fn derived(of: &[u8], salt: &str, rounds: u32) -> Self {
        let mut id = [0; LENGTH];
        pbkdf2::<Hmac<Sha256>>(of, salt.as_bytes(), rounds, &mut id)
            .expect("HMAC takes a key of any length");
        Self(id)
    }
}

/// The findings that an id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdScope {
    /// A key: the plain finding and the worst way by which it reaches clients share an id.
    Key,
    /// One kind of finding only.
    Kind,
}

/// The salt of a project and a rule. The length separates pairs that differ only in where one part
/// ends; a suffix after another `:` stays distinct because no rule id contains one.
fn full_salt(salt: &str, rule_id: &str) -> String {
    format!("{}:{salt}:{rule_id}", salt.len())
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The text is not a finding id.
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
    use crate::model::LeakKind;

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
    fn kinds_and_places_have_their_own_ids() {
        let secret = Secret::new(b"a secret of some length", 0);
        let (literal, env) = (
            FindingKind::Leak(LeakKind::ClientSecretLiteral),
            FindingKind::Leak(LeakKind::ClientSecretEnv),
        );
        let place = |kind, path: &str, about| {
            Fingerprint::of_place("s", "r", kind, &FilePath::from(path), about)
        };
        let ids = [
            Fingerprint::new("s", "r", &secret),
            Fingerprint::of_kind("s", "r", literal, &secret),
            Fingerprint::of_kind("s", "r", FindingKind::Leak(LeakKind::SdkSecretKey), &secret),
            Fingerprint::of_kind("s", "q", literal, &secret),
            place(literal, "a secret of some length", None),
            place(env, "src/a.ts", Some("KEY")),
            place(env, "src/a.ts", Some("OTHER")),
            place(env, "src/a.tsK", Some("EY")),
            place(env, "src/b.ts", Some("KEY")),
            place(FindingKind::Leak(LeakKind::PublicEnvSecret), "src/a.ts", Some("KEY")),
            Fingerprint::of_place("t", "r", env, &FilePath::from("src/a.ts"), Some("KEY")),
        ];
        let apart: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(apart.len(), ids.len());
        assert_eq!(place(env, "src/a.ts", Some("KEY")), ids[5]);
        assert_eq!(Fingerprint::of_kind("s", "r", literal, &secret), ids[1]);
    }

    /// Ids are stored in users' files: they must never change.
    #[test]
    fn ids_never_change() {
        let secret = Secret::new(b"a secret of some length", 0);
        let kind = FindingKind::Leak(LeakKind::ClientSecretEnv);
        let path = FilePath::from("src/a.ts");
        let ids = [
            Fingerprint::new("s", "r", &secret),
            Fingerprint::of_kind("s", "r", kind, &secret),
            Fingerprint::of_place("s", "r", kind, &path, Some("KEY")),
        ];
        let ids = ids.map(|id| id.to_string());
        let expected =
            ["ks1:3d48708faceecfb06051", "ks1:d96c2fa76a11c460e44e", "ks1:07a2dde1d132bbab49ee"];
        assert_eq!(ids, expected);
    }

    #[test]
    fn an_id_round_trips() {
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
