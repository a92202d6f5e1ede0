//! The side that a secret is on, and the trace that proves it.

use super::{Confidence, FilePath, LeakKind, Position, Side, StepKind};

/// The kind of a finding: a secret in a text, or a path by which a secret reaches a client.
///
/// Ordered by how specific a kind is: if several fit one secret at one place, the greatest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// A secret in a text.
    Secret,
    /// A secret that reaches a client.
    Leak(LeakKind),
}

impl FindingKind {
    /// Every kind, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Secret).chain(LeakKind::ALL.into_iter().map(Self::Leak))
    }

    /// The kind with this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::all().find(|kind| kind.name() == name)
    }

    /// The name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Leak(kind) => kind.name(),
        }
    }
}

/// The side of a finding, with its evidence.
#[derive(Debug, Clone, Default)]
pub struct Exposure {
    /// The side.
    pub side: Side,
    /// The framework whose rules decided the side, for example `next`.
    pub framework: Option<&'static str>,
    /// The confidence that a client is reached; `None` if none is.
    pub confidence: Option<Confidence>,
    /// Tells if the client's build output holds the secret; `None` if there was none to ask.
    pub confirmed: Option<bool>,
    /// The path to the client: the entry first, the leak last. Empty if nothing was followed.
    pub trace: Vec<Step>,
    /// Places that explain the finding, for example where a variable is declared.
    pub related: Vec<Step>,
    /// Advice in one sentence; empty if the rule's own advice is all there is.
    pub fix: String,
}

/// One step of a trace. Its texts hold no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The file.
    pub path: FilePath,
    /// The position in the file.
    pub place: Position,
    /// The kind of step.
    pub kind: StepKind,
    /// A few words for people, for example `'use client' directive` or `imports ../lib/config`.
    pub note: String,
}
