//! The kinds of files that can be imported.

/// A file of another scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportFormat {
    /// `.gitleaks.toml`: rules and allowlists.
    GitleaksConfig,
    /// `.gitleaksignore`: accepted findings by place.
    GitleaksIgnore,
    /// A JSON report of gitleaks, which also serves as its baseline.
    GitleaksReport,
    /// `.secrets.baseline` of detect-secrets.
    DetectSecrets,
}

impl ImportFormat {
    /// All kinds, with their names on the command line.
    pub const ALL: [(&'static str, Self); 4] = [
        ("gitleaks-config", Self::GitleaksConfig),
        ("gitleaks-ignore", Self::GitleaksIgnore),
        ("gitleaks-report", Self::GitleaksReport),
        ("detect-secrets", Self::DetectSecrets),
    ];

    /// The kind of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find_map(|(own, kind)| (*own == name).then_some(*kind))
    }

    /// The name for people, with an article.
    pub fn title(self) -> &'static str {
        match self {
            Self::GitleaksConfig => "a configuration of gitleaks",
            Self::GitleaksIgnore => "a .gitleaksignore",
            Self::GitleaksReport => "a JSON report or baseline of gitleaks",
            Self::DetectSecrets => "a .secrets.baseline of detect-secrets",
        }
    }
}
