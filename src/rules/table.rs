//! Rule files in the form that the binary holds: `build.rs` has parsed them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::surroundings::KeywordPlaces;
use super::syntax::RawRuleFile;

/// One rule file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RuleTable<'t> {
    /// Its name.
    pub(super) name: String,
    /// Its content, without samples.
    pub(super) file: RawRuleFile,
    /// For each rule, what else was found out about it.
    #[serde(borrow)]
    pub(super) rules: Vec<RuleFacts<'t>>,
}

/// Facts that are found out about a rule when the program is built.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RuleFacts<'t> {
    /// Where its keywords stand.
    pub(super) places: KeywordPlaces,
    /// The [samples](WrittenSamples), again in postcard: hardly any run needs them.
    #[serde(borrow)]
    pub(super) samples: Cow<'t, [u8]>,
}

/// Samples as written, with their lines: those that match, and those that do not.
pub(super) type WrittenSamples = [Vec<(String, usize)>; 2];
