//! Modules that were parsed, by the contents of their files.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::fast::RandomState;

use crate::graph::file_facts::FileFacts;
use crate::input::ContentId;
use crate::js::ir::{Module, ModulePart, ParseDepth};
use crate::notice::AnalysisNotice;

/// Modules that were parsed, in memory: states of a project that have most files in common, such as
/// those before and after a commit, read and parse each content once.
///
/// It is only used for files with a [content id](crate::Files::content_id). One of these may not be
/// shared by analyses with different catalogs.
#[derive(Default)]
pub struct ParsedModules {
    known: Mutex<HashMap<ParsedKey, ParsedFile, RandomState>>,
}

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

/// The modules of a file, for each depth to which it was parsed.
#[derive(Clone, Default)]
struct ParsedFile {
    facts: FileFacts,
    shape: Option<Parsed>,
    body: Option<Parsed>,
}

/// The modules of a file, and a notice if there was trouble.
pub(super) type Parsed = (Vec<(ModulePart, Arc<Module>)>, Option<AnalysisNotice>);

impl ParsedFile {
    fn at(&mut self, depth: ParseDepth) -> &mut Option<Parsed> {
        match depth {
            ParseDepth::Shape => &mut self.shape,
            ParseDepth::Body => &mut self.body,
        }
    }
}

impl ParsedModules {
    /// The modules of a file at the depth that `depth` gives for a file that may contain a secret or
    /// cannot; and the facts about its text.
    pub(super) fn get(
        &self,
        key: &ParsedKey,
        depth: impl Fn(bool) -> ParseDepth,
    ) -> Option<(FileFacts, Parsed)> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let file = known.get_mut(key)?;
        let facts = file.facts.clone();
        file.at(depth(facts.seeds.has_any())).clone().map(|parsed| (facts, parsed))
    }

    /// Keeps the modules of a file.
    pub(super) fn keep(&self, key: ParsedKey, facts: FileFacts, depth: ParseDepth, parsed: Parsed) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let file = known.entry(key).or_default();
        file.facts = facts;
        *file.at(depth) = Some(parsed);
    }
}
