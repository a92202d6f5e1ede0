//! Keys that belong to a key of another rule, such as a secret to its id.

use crate::model::RuleIndex;

/// The distance in lines, if a rule does not say.
pub(super) const LINES: usize = 5;

/// The greatest distance in lines.
pub(super) const MAX_LINES: usize = 20;

/// The other key of a pair.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The ids of the rules that it may be of; at least one.
    pub with: Vec<String>,
    /// The indexes of these rules.
    pub rules: Vec<RuleIndex>,
    /// The greatest distance in lines, on either side.
    pub lines: usize,
    /// True if the other key nearby tells a value of the right form to be a key. Else it only adds to
    /// a key that is found without it.
    pub tells: bool,
    /// The places of the ids in their file: 1-based lines.
    pub(super) at: Vec<usize>,
}

impl Pair {
    /// The condition as written, for a digest of the rules.
    pub(super) fn written(&self) -> impl std::fmt::Debug {
        (&self.with, self.lines, self.tells)
    }
}
