//! What a scan has found: one record a secret, with every place it stands at.

use super::{Fingerprint, History, KeyClass, Origin, Region, Secret, Severity};

/// One secret under one rule, with all its occurrences.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Stable id, see [`Fingerprint`].
    pub id: Fingerprint,
    /// The rule that found it.
    pub rule_id: String,
    /// How bad it is.
    pub severity: Severity,
    /// Which side it may be on.
    pub class: KeyClass,
    /// The secret itself.
    pub secret: Secret,
    /// Where it stands, in order; at least one.
    pub occurrences: Vec<Occurrence>,
    /// What history says of it; `None` where no history was read.
    pub history: Option<History>,
}

/// One place where a secret stands.
#[derive(Debug, Clone)]
pub struct Occurrence {
    /// What it was read from.
    pub origin: Origin,
    /// Where in that text.
    pub region: Region,
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
            Self::Config { .. } => "config",
        }
    }

    /// What did it, as reports name it.
    pub fn place(&self) -> &str {
        match self {
            Self::Inline { marker, .. } => marker,
            Self::IgnoreFile { place, .. } | Self::Config { place } => place,
        }
    }

    /// The reason that was given; empty if none was.
    pub fn reason(&self) -> &str {
        match self {
            Self::Inline { reason, .. } | Self::IgnoreFile { reason, .. } => reason,
            Self::Config { .. } => "",
        }
    }
}
