//! Whether a key is live, and what was sent to learn it.

use super::Time;

/// What a provider says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Liveness {
    /// It was not asked.
    #[default]
    NotChecked,
    /// The key works.
    Live,
    /// The key does not work.
    Dead,
    /// It was asked, and the answer does not tell.
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

/// What is known of whether a key is live.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verification {
    /// What the provider says.
    pub liveness: Liveness,
    /// Why, for people: lower case, no full stop. Empty where nobody asked for it.
    pub reason: String,
    /// When the answer came.
    pub checked_at: Option<Time>,
    /// What the provider tells of a live key.
    pub account: Option<KeyDetails>,
}

/// What a provider tells of a key. No text of it holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyDetails {
    /// The provider's own id of the key: the one to revoke.
    pub id: Option<String>,
    /// The name its owner gave it.
    pub name: Option<String>,
    /// What it may do.
    pub scopes: Vec<String>,
}

/// Every request of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// Whether nothing was sent: the requests are those that would be.
    pub is_dry_run: bool,
    /// Whether only live keys are reported.
    pub only_live: bool,
    /// How many requests there could be at most.
    pub budget: u64,
    /// The requests, by finding and attempt.
    pub calls: Vec<Call>,
}

/// One request, with the secret masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The rule whose key it is about.
    pub rule_id: String,
    /// The key, masked.
    pub secret: String,
    /// Its SHA-256.
    pub sha256: [u8; 32],
    /// HTTP method.
    pub method: &'static str,
    /// Where to.
    pub url: String,
    /// The headers, the secret in them masked.
    pub headers: Vec<(String, String)>,
    /// The body; a secret is never in it.
    pub body: Option<String>,
    /// When it was sent; `None` in a dry run.
    pub sent_at: Option<Time>,
    /// 1 for the first request about a key, 2 if that one had to be repeated.
    pub attempt: u32,
    /// What came back: an HTTP status, or what went wrong. Never what the answer says.
    pub answer: String,
}
