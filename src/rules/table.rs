//! Rule files in the form that the binary holds: `build.rs` has parsed them. What each run needs is in one
//! place; the rest of a rule is read when it is first asked for.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::head::RuleHead;
use super::syntax::{RawProvider, RawRule};

/// One rule file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FileTable {
    /// Its name.
    pub(super) name: String,
    /// Its provider.
    pub(super) provider: RawProvider,
    /// For each of its rules, the part that each run needs, and the length in bytes of the rest, a
    /// [`StoredRule`]. These follow each other in the order of the rules.
    pub(super) rules: Vec<(RuleHead, usize)>,
}

/// A rule of the binary.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredRule<'t> {
    /// The rule without its samples.
    pub(super) written: RawRule,
    /// The [samples](WrittenSamples), again in postcard: hardly any run needs them.
    #[serde(borrow)]
    pub(super) samples: Cow<'t, [u8]>,
}

/// Samples as written, with their lines: those that match, and those that do not.
pub(super) type WrittenSamples = [Vec<(String, usize)>; 2];
