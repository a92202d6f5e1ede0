//! What the analysis says of one place.

use std::sync::Arc;

use super::facts::Span;
use crate::model::{Confidence, Kind, Secret, Severity, Side, StepKind};

/// A stretch of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    /// The file, relative to the top of the state that is analysed.
    pub path: Arc<str>,
    /// Where in its text.
    pub span: Span,
}

/// A secret that reaches a client.
#[derive(Debug, Clone)]
pub struct Leak {
    /// By which way.
    pub kind: Kind,
    /// Index of the rule in [`crate::rules::Ruleset::rules`].
    pub rule: usize,
    /// What leaks.
    pub subject: Subject,
    /// The place to report: the literal, the read, the declaration or the sink.
    pub at: At,
    /// Where the secret itself is written, if that is known and is elsewhere.
    pub written_at: Option<At>,
    /// How bad it is; already lowered where it is only likely.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// The framework by whose rules it was told.
    pub framework: Option<&'static str>,
    /// The way to the client, the entry first.
    pub trace: Vec<Hop>,
    /// Places that explain it.
    pub related: Vec<Hop>,
    /// What to do, one sentence.
    pub fix: String,
}

/// What leaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A secret that is written down.
    Secret(Secret),
    /// A variable that holds one, by its name; or whatever else the place is known by, for
    /// example `process.env` for all variables, or the address that is called.
    Name(String),
}

/// A step of a trace, see [`crate::model::Step`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// Where.
    pub at: At,
    /// What it is.
    pub kind: StepKind,
    /// A few words, without any secret.
    pub note: String,
}

/// A secret that is written down where no client gets it, as far as is known.
#[derive(Debug, Clone)]
pub struct Sided {
    /// Where it is written.
    pub at: At,
    /// The side of that place.
    pub side: Side,
    /// The framework by whose rules it was told.
    pub framework: Option<&'static str>,
}
