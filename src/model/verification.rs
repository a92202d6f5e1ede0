//! Verification: whether a key is live, and which requests were sent.

use super::Time;

/// A provider's answer about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Liveness {
    /// The provider was not asked.
    #[default]
    NotChecked,
    /// The key works.
    Live,
    /// The key does not work.
    Dead,
    /// The provider was asked, and the answer is inconclusive.
    Unknown,
}

impl Liveness {
    /// The name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotChecked => "not-checked",
            Self::Live => "live",
            Self::Dead => "dead",
            Self::Unknown => "unknown",
        }
    }
}

/// Result of verifying a key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verification {
    /// The provider's answer.
    pub liveness: Liveness,
    /// The reason, for people: lower case, no full stop. Empty if verification was not requested.
    pub reason: String,
    /// Time of the answer.
    pub checked_at: Option<Time>,
    /// Details that the provider gives about a live key.
    pub account: Option<KeyDetails>,
}

/// Details that a provider gives about a key. None of them contains a secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyDetails {
    /// The provider's own id of the key, by which it is revoked.
    pub id: Option<String>,
    /// The name its owner gave it.
    pub name: Option<String>,
    /// Its permissions.
    pub scopes: Vec<String>,
}

/// Every request of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// True if nothing was sent: the requests are those that would be.
    pub is_dry_run: bool,
    /// True if only live keys are reported.
    pub only_live: bool,
    /// The maximum number of requests.
    pub budget: u64,
    /// The requests, by finding and attempt.
    pub calls: Vec<Call>,
}

/// One request, with the secret masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The rule of the key.
    pub rule_id: String,
    /// The key, masked.
    pub secret: String,
    /// Its SHA-256.
    pub sha256: [u8; 32],
    /// HTTP method.
    pub method: &'static str,
    /// The address.
    pub url: String,
    /// The headers, with the secret masked.
    pub headers: Vec<(String, String)>,
    /// The body; it never contains a secret.
    pub body: Option<String>,
    /// Time of sending; `None` in a dry run.
    pub sent_at: Option<Time>,
    /// 1 for the first request about a key, 2 for its repetition.
    pub attempt: u32,
    /// The result: an HTTP status, or what went wrong. Never the content of the answer.
    pub answer: String,
}
