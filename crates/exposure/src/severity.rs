//! The severity and certainty of findings, and the classes of keys.

use serde::{Deserialize, Serialize};

/// The severity of a finding, in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Worth fixing.
    Warning,
    /// A leak.
    Error,
}

impl Severity {
    /// Its name in reports and flags.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// The certainty that a match is a key, or that a secret leaks, in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Often wrong.
    Low,
    /// Usually right.
    Medium,
    /// Hardly ever wrong.
    High,
}

impl Confidence {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// The class of a key: the side that it may be on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyClass {
    /// Servers only.
    Secret,
    /// Anywhere, browsers included: not a finding on its own.
    Public,
    /// Short-lived: a client may have it at run time, but it should not be in a file.
    Token,
}

impl KeyClass {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Public => "public",
            Self::Token => "token",
        }
    }
}
