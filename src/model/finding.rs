//! What a scan has found: one record a secret, or a way to a client, with every place of it.

use super::{
    Confidence, Exposure, FindingKind, Fingerprint, History, KeyClass, Layer, Liveness, Origin,
    Region, Secret, Severity, Verification,
};

/// One secret under one rule, or one way by which such a secret reaches a client, with all its
/// occurrences.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Stable id, see [`Fingerprint`].
    pub id: Fingerprint,
    /// The rule that found it.
    pub rule_id: String,
    /// A secret in a text, or by which way it reaches a client.
    pub kind: FindingKind,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// Which side it may be on.
    pub class: KeyClass,
    /// The secret itself; `None` if it is only named.
    pub secret: Option<Secret>,
    /// What it is about where that is no secret: a variable, `process.env`, a call.
    pub about: Option<String>,
    /// Which side it is on, and the proof.
    pub exposure: Exposure,
    /// Where it stands, in order; at least one.
    pub occurrences: Vec<Occurrence>,
    /// What history says of it; `None` where no history was read.
    pub history: Option<History>,
    /// Whether it is live.
    pub verification: Verification,
}

impl Finding {
    /// Whether its key is known to work.
    pub fn is_live(&self) -> bool {
        self.verification.liveness == Liveness::Live
    }

    /// What it is about, as it may be shown to anyone: the masked secret, or else the name.
    pub fn subject(&self) -> String {
        let masked = self.secret.as_ref().map(Secret::masked);
        masked.or_else(|| self.about.clone()).unwrap_or_default()
    }
}

/// One place where a secret stands.
#[derive(Debug, Clone)]
pub struct Occurrence {
    /// What it was read from.
    pub origin: Origin,
    /// Where in that text.
    pub region: Region,
    /// How the secret is encoded there, from the outside in; empty for plain text.
    pub layers: Vec<Layer>,
    /// The line, or the part of it round the secret.
    pub excerpt: Excerpt,
    /// GitHub's `primaryLocationLineHash` of the line, where it was asked for and can be known.
    pub line_hash: Option<String>,
}

impl Occurrence {
    /// The order of occurrences in a report.
    pub fn sort_key(&self) -> (&Origin, Region) {
        (&self.origin, self.region)
    }
}

/// A line of text in which every key is apart from the words round it, so that it can be shown
/// masked. Long lines are cut.
#[derive(Debug, Clone, Default)]
pub struct Excerpt {
    /// Whether the line goes on to the left.
    pub cut_start: bool,
    /// Whether the line goes on to the right.
    pub cut_end: bool,
    /// The parts, in order.
    pub fragments: Vec<Fragment>,
}

/// A part of an excerpt.
#[derive(Debug, Clone)]
pub enum Fragment {
    /// Words that are no key.
    Text(String),
    /// The key that the excerpt is about.
    Subject(Secret),
    /// The words that the excerpt is about, and no key: an expression, the name of a variable.
    Mark(String),
    /// Another key on the same line.
    Other(Secret),
}

/// A finding, or some of its occurrences, that somebody has accepted.
#[derive(Debug, Clone)]
pub struct Suppressed {
    /// The id the finding has.
    pub id: Fingerprint,
    /// The rule that found it.
    pub rule_id: String,
    /// Where.
    pub origin: Origin,
    /// Where in that text.
    pub region: Region,
    /// By what.
    pub by: Suppression,
}

/// What accepted a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suppression {
    /// A marker on the line, or on the comment line before it.
    Inline {
        /// The marker as it is called, for example `keyside:allow`.
        marker: &'static str,
        /// What stands behind the marker.
        reason: String,
    },
    /// A line of an ignore file.
    IgnoreFile {
        /// The file and its line, for example `.keysideignore:3`.
        place: String,
        /// What stands behind the id.
        reason: String,
    },
    /// An entry of a baseline.
    Baseline {
        /// The file and the line of the id, for example `keyside-baseline.toml:5`.
        place: String,
        /// What the entry says of it.
        reason: String,
    },
    /// A setting of a configuration that was found in the scanned tree.
    Config {
        /// The file and the setting, for example `keyside.toml: exclude "docs/**"`.
        place: String,
    },
}

impl Suppression {
    /// The name that reports use.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Inline { .. } => "inline",
            Self::IgnoreFile { .. } => "ignore-file",
            Self::Baseline { .. } => "baseline",
            Self::Config { .. } => "config",
        }
    }

    /// What did it, as reports name it.
    pub fn place(&self) -> &str {
        match self {
            Self::Inline { marker, .. } => marker,
            Self::IgnoreFile { place, .. }
            | Self::Baseline { place, .. }
            | Self::Config { place } => place,
        }
    }

    /// The reason that was given; empty if none was.
    pub fn reason(&self) -> &str {
        match self {
            Self::Inline { reason, .. }
            | Self::IgnoreFile { reason, .. }
            | Self::Baseline { reason, .. } => reason,
            Self::Config { .. } => "",
        }
    }
}
