//! Keys that belong to a key of another rule, such as a secret to its id. `build.rs` uses this file, too.

use serde::{Deserialize, Serialize};

use super::syntax::RawPair;
use crate::model::RuleIndex;

/// The distance in lines, if a rule does not say.
const LINES: usize = 5;

/// The greatest distance in lines.
pub(super) const MAX_LINES: usize = 20;

/// The other key of a pair.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
    /// The pair as written; its rules are looked up when all files are loaded. `line_of` gives the line of
    /// an offset in the file.
    pub(super) fn of(written: &RawPair, line_of: impl Fn(usize) -> usize) -> Self {
        let ids = || [&written.with].into_iter().chain(&written.or_with);
        Self {
            with: ids().map(|id| id.get_ref().clone()).collect(),
            rules: Vec::new(),
            lines: written.lines.as_ref().map_or(LINES, |lines| *lines.get_ref()),
            tells: written.tells.as_ref().is_none_or(|own| *own.get_ref()),
            at: ids().map(|id| line_of(id.span().start)).collect(),
        }
    }

    /// The condition as written, for a digest of the rules.
    pub(super) fn written(&self) -> impl std::fmt::Debug {
        (&self.with, self.lines, self.tells)
    }
}
