//! A gitleaks configuration as it is read.

/// The shortest placeholder.
pub(super) const MIN_WORD: usize = 3;

/// A gitleaks configuration.
#[derive(Default)]
pub(super) struct GitleaksConfig {
    pub(super) rules: Vec<GitleaksRule>,
    pub(super) all_rules: usize,
    pub(super) lists: Vec<Allowlist>,
    pub(super) paths: Vec<(String, String)>,
}

/// A rule of gitleaks.
pub(super) struct GitleaksRule {
    pub(super) at: usize,
    pub(super) id: String,
    pub(super) description: String,
    pub(super) regex: String,
    pub(super) secret_group: u32,
    pub(super) has_entropy: bool,
    pub(super) keywords: Vec<String>,
    pub(super) lists: Vec<Allowlist>,
}

/// An allowlist, as far as it concerns rules.
pub(super) struct Allowlist {
    /// The rules it applies to; all if empty.
    pub(super) targets: Vec<String>,
    /// Words that no key contains.
    pub(super) words: Vec<String>,
    /// Whole keys that are none.
    pub(super) whole: Vec<String>,
    /// Expressions over keys that are none, each with its place.
    pub(super) allowed: Vec<(usize, String)>,
}
