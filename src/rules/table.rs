//! Rule files in the form that the binary holds: `build.rs` has parsed them.

use serde::{Deserialize, Serialize};

use super::syntax::RawRuleFile;

/// One rule file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RuleTable {
    /// Its name.
    pub(super) name: String,
    /// Its content, without samples.
    pub(super) file: RawRuleFile,
    /// For each rule, what else was found out about it.
    pub(super) rules: Vec<RuleFacts>,
}

/// What is found out about a rule when the program is built.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RuleFacts {
    /// For each keyword, true if it stands in a run of values in every match.
    pub(super) in_run: Vec<bool>,
    /// The samples that match and those that do not, each with its line.
    pub(super) samples: [Vec<(String, usize)>; 2],
}
