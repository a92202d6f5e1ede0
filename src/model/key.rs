//! Identity of rules and keys within a run.

use serde::{Deserialize, Serialize};

use super::Secret;

/// Index of a rule in the rule set of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RuleIndex(pub usize);

/// Identity of a key: the rule that found it and the SHA-256 of its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId {
    /// The rule.
    pub rule: RuleIndex,
    /// SHA-256 of the secret.
    pub sha256: [u8; 32],
}

impl KeyId {
    /// The identity of `secret` under `rule`.
    pub fn new(rule: RuleIndex, secret: &Secret) -> Self {
        Self { rule, sha256: secret.sha256() }
    }
}
