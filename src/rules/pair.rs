//! Keys that belong to a key of another rule, such as a secret to its id.

use crate::model::RuleIndex;

/// The distance in lines, if a rule does not say.
pub(super) const LINES: usize = 5;

/// The greatest distance in lines.
pub(super) const MAX_LINES: usize = 20;

/// The other key of a pair.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The id of its rule.
    pub with: String,
    /// The index of its rule.
    pub rule: RuleIndex,
    /// The greatest distance in lines, on either side.
    pub lines: usize,
    /// The place of the condition in its file: 1-based line.
    pub(super) at: usize,
}
