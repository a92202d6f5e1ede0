//! How bad a finding is, how sure it is, and what kind of key it is about.

use serde::{Deserialize, Serialize};

/// How bad a finding is; ordered from mild to bad.
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
    /// The name that reports and flags use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How sure a rule is that what it matches is a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Often something else.
    Low,
    /// Usually right.
    Medium,
    /// Hardly ever wrong.
    High,
}

impl Confidence {
    /// The name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Which side a key may be on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyClass {
    /// Servers only.
    Secret,
    /// Anywhere, browsers included: never a finding by itself.
    Public,
    /// Short-lived; a client may hold it at run time, a file should not.
    Token,
}

impl KeyClass {
    /// The name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Public => "public",
            Self::Token => "token",
        }
    }
}
