//! The results of a scan: one finding per secret, or per way it reaches a client, with every
//! location.

use super::{
    Confidence, EncodingLayer, Exposure, FindingKind, Fingerprint, History, KeyClass, Liveness,
    Provenance, Region, Secret, Severity, Terms, Verification,
};

/// One secret under one rule, or one way such a secret reaches a client, with all its occurrences.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Stable id, see [`Fingerprint`].
    pub id: Fingerprint,
    /// The rule that found it.
    pub rule_id: String,
    /// A plain secret in a text, or the way it reaches a client.
    pub kind: FindingKind,
    /// How bad the finding is.
    pub severity: Severity,
    /// How sure the finding is.
    pub confidence: Confidence,
    /// Which side the key may be on.
    pub class: KeyClass,
    /// The secret itself; `None` if only its name is known.
    pub secret: Option<Secret>,
    /// The keys of other rules that the secret belongs to, the one that reports name first: more than
    /// one if it stands beside several.
    pub pairs: Vec<PairedSecret>,
    /// The subject where it is not a secret: a variable, `process.env`, a call.
    pub about: Option<String>,
    /// Which side the secret is on, with the trace.
    pub exposure: Exposure,
    /// Every location, in order; at least one.
    pub occurrences: Vec<Occurrence>,
    /// History of the secret; `None` if no history was read.
    pub history: Option<History>,
    /// Result of asking the provider whether the key is live.
    pub verification: Verification,
}

/// The other secret of a pair.
#[derive(Debug, Clone)]
pub struct PairedSecret {
    /// The rule that found it.
    pub rule_id: String,
    /// That rule's title.
    pub title: String,
    /// The secret.
    pub secret: Secret,
}

impl Finding {
    /// True if the key is known to work.
    pub fn is_live(&self) -> bool {
        self.verification.liveness == Liveness::Live
    }

    /// The words that accept it in an ignore file, up to its kind.
    pub fn acceptance(&self) -> String {
        format!("{}/{}", self.id, self.kind.name())
    }

    /// The subject in a form that may be shown to anyone: the masked secret, or else the name.
    pub fn subject(&self) -> String {
        let masked = self.secret.as_ref().map(Secret::masked);
        masked.or_else(|| self.about.clone()).unwrap_or_default()
    }

    /// The first acceptance by the scanned change itself, if it accepts every place and nothing did before.
    pub fn accepted_by_change(&self) -> Option<&Suppression> {
        let all: Option<Vec<_>> =
            self.occurrences.iter().map(|own| own.accepted_by_change.as_ref()).collect();
        all?.first().copied()
    }
}

/// One location of a secret.
#[derive(Debug, Clone)]
pub struct Occurrence {
    /// The text it was read from.
    pub provenance: Provenance,
    /// The region of that text.
    pub region: Region,
    /// Encodings of the secret there, from the outside in; empty for plain text.
    pub layers: Vec<EncodingLayer>,
    /// The places of the pieces that a program puts the secret together from; empty if it stands whole.
    pub pieces: Vec<Region>,
    /// The line, or the part of it around the secret.
    pub excerpt: Excerpt,
    /// GitHub's `primaryLocationLineHash` of the line, if it was requested and can be computed.
    pub line_hash: Option<String>,
    /// Its acceptance by the scanned change itself, which does not count.
    pub accepted_by_change: Option<Suppression>,
}

impl Occurrence {
    /// The order of occurrences in a report.
    pub fn sort_key(&self) -> (&Provenance, Region) {
        (&self.provenance, self.region)
    }
}

/// A line of text with every key kept separate from the surrounding words, so that it can be shown
/// masked. Long lines are cut.
#[derive(Debug, Clone, Default)]
pub struct Excerpt {
    /// True if the line continues to the left.
    pub cut_start: bool,
    /// True if the line continues to the right.
    pub cut_end: bool,
    /// The parts, in order.
    pub fragments: Vec<Fragment>,
}

/// A part of an excerpt.
#[derive(Debug, Clone)]
pub enum Fragment {
    /// Words that are not a key.
    Text(String),
    /// The key that the excerpt is about.
    Subject(Secret),
    /// The words that the excerpt is about if they are not a key: an expression, the name of a
    /// variable.
    Mark(String),
    /// Another key on the same line.
    Other(Secret),
}

/// A finding, or some of its occurrences, that a user has accepted.
#[derive(Debug, Clone)]
pub struct Suppressed {
    /// Id of the finding.
    pub id: Fingerprint,
    /// The rule that found it.
    pub rule_id: String,
    /// The text it was found in.
    pub provenance: Provenance,
    /// The region of that text.
    pub region: Region,
    /// Who accepted it.
    pub by: Suppression,
    /// True if only the scanned change itself accepts it, and may.
    pub is_by_change: bool,
}

/// The reason why a finding counts as accepted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suppression {
    /// A marker on the line, or on the comment line before it.
    Inline {
        /// The marker, for example `keyside:allow`.
        marker: &'static str,
        /// The text after the marker, with the terms.
        reason: String,
        /// The terms of the acceptance.
        terms: Terms,
    },
    /// A line of an ignore file.
    IgnoreFile {
        /// The file and its line, for example `.keysideignore:3`.
        place: String,
        /// The text after the id, with the terms.
        reason: String,
        /// The terms of the acceptance.
        terms: Terms,
    },
    /// An entry of a baseline.
    Baseline {
        /// The file and the line of the id, for example `keyside-baseline.toml:5`.
        place: String,
        /// The reason given in the entry.
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

    /// A few words on who accepts it: ``by `keyside:allow` ``, `by .keysideignore:3`.
    pub fn told(&self) -> String {
        match self {
            Self::Inline { marker, .. } => format!("by `{marker}`"),
            Self::IgnoreFile { .. } | Self::Baseline { .. } | Self::Config { .. } => {
                format!("by {}", self.place())
            }
        }
    }

    /// The place of the suppression, as reports name it.
    pub fn place(&self) -> &str {
        match self {
            Self::Inline { marker, .. } => marker,
            Self::IgnoreFile { place, .. }
            | Self::Baseline { place, .. }
            | Self::Config { place } => place,
        }
    }

    /// The given reason; empty if there is none.
    pub fn reason(&self) -> &str {
        match self {
            Self::Inline { reason, .. }
            | Self::IgnoreFile { reason, .. }
            | Self::Baseline { reason, .. } => reason,
            Self::Config { .. } => "",
        }
    }

    /// The terms of the acceptance, if it can have any.
    pub fn terms(&self) -> Option<&Terms> {
        match self {
            Self::Inline { terms, .. } | Self::IgnoreFile { terms, .. } => Some(terms),
            Self::Baseline { .. } | Self::Config { .. } => None,
        }
    }
}
