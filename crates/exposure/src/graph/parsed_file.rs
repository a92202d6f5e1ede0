//! The modules of a file, and all that they depend on.

use std::sync::Arc;

use crate::input::ContentId;
use crate::js::ir::{Module, ModulePart};
use crate::notice::AnalysisNotice;

/// All that the modules of a file depend on, besides the depth.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ParsedKey {
    /// The path, whose name tells the language.
    pub(super) path: String,
    pub(super) content: ContentId,
    /// True if the search found a seed in it.
    pub(super) is_seed: bool,
    /// A hash of the words that make it a seed.
    pub(super) words: u64,
}

/// The modules of a file, and a notice if there was trouble.
pub(super) type Parsed = (Vec<(ModulePart, Arc<Module>)>, Option<AnalysisNotice>);
