//! Which side a secret is on, and the proof.

use super::{Confidence, FilePath, LeakKind, Position, Side, StepKind};

/// The kind of a finding: a secret in a text, or a path by which one reaches a client.
///
/// Ordered by how specific a kind is: where several fit one secret at one place, the greatest
/// counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// A secret is written in a text.
    Secret,
    /// A secret reaches a client.
    Leak(LeakKind),
}

impl FindingKind {
    /// Every kind, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Secret).chain(LeakKind::ALL.into_iter().map(Self::Leak))
    }

    /// The kind of this name.
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

/// What is known of the side of a finding.
#[derive(Debug, Clone, Default)]
pub struct Exposure {
    /// The side.
    pub side: Side,
    /// The framework by whose rules it was told, for example `next`.
    pub framework: Option<&'static str>,
    /// How sure it is, where a client is reached.
    pub confidence: Option<Confidence>,
    /// The way to the client: the entry first, the leak last. Empty where nothing was followed.
    pub trace: Vec<Step>,
    /// Places that explain it, for example where a variable is declared.
    pub related: Vec<Step>,
    /// What to do, one sentence; empty where the rule's own advice is all there is.
    pub fix: String,
}

/// One step of a trace. No text of it holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The file.
    pub path: FilePath,
    /// Where in it.
    pub place: Position,
    /// What it is.
    pub kind: StepKind,
    /// A few words for people, for example `'use client' directive` or `imports ../lib/config`.
    pub note: String,
}
