//! Modules that were parsed, by the contents of their files, in memory and between runs.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use foldhash::fast::RandomState;

use crate::graph::file_facts::FileFacts;
use crate::graph::parsed_file::{Parsed, ParsedKey};
use crate::graph::stored_modules::{restored, stored, stored_id};
use crate::input::ModuleStore;
use crate::js::ir::ParseDepth;

/// Modules that were parsed, in memory: states of a project that have most files in common, such as
/// those before and after a commit, read and parse each content once.
///
/// It is only used for files with a [content id](crate::Files::content_id). One of these may not be
/// shared by analyses with different catalogs.
#[derive(Default)]
pub struct ParsedModules<'s> {
    known: Mutex<HashMap<ParsedKey, ParsedFile, RandomState>>,
    /// Keeps them between runs.
    store: Option<&'s dyn ModuleStore>,
}

/// The modules of a file, for each depth to which it was parsed.
#[derive(Clone, Default)]
struct ParsedFile {
    facts: FileFacts,
    shape: Option<Parsed>,
    body: Option<Parsed>,
}

impl ParsedFile {
    fn at(&mut self, depth: ParseDepth) -> &mut Option<Parsed> {
        match depth {
            ParseDepth::Shape => &mut self.shape,
            ParseDepth::Body => &mut self.body,
        }
    }
}

impl<'s> ParsedModules<'s> {
    /// None yet, but those that earlier runs have put into a store are known. One store may not be shared
    /// by different catalogs or versions of the program.
    pub fn stored_in(store: &'s dyn ModuleStore) -> Self {
        Self { known: Mutex::default(), store: Some(store) }
    }

    /// The modules of a file at the depth that `depth` gives for a file that may contain a secret or
    /// cannot; and the facts about its text.
    pub(super) fn get(
        &self,
        key: &ParsedKey,
        depth: impl Fn(bool) -> ParseDepth,
    ) -> Option<(FileFacts, Parsed)> {
        self.in_memory(key, &depth).or_else(|| self.in_store(key, &depth))
    }

    fn in_memory(
        &self,
        key: &ParsedKey,
        depth: impl Fn(bool) -> ParseDepth,
    ) -> Option<(FileFacts, Parsed)> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let file = known.get_mut(key)?;
        let facts = file.facts.clone();
        file.at(depth(facts.seeds.has_any())).clone().map(|parsed| (facts, parsed))
    }

    /// The modules that an earlier run has kept; from now on, they are in memory.
    fn in_store(
        &self,
        key: &ParsedKey,
        depth: impl Fn(bool) -> ParseDepth,
    ) -> Option<(FileFacts, Parsed)> {
        let store = self.store?;
        let at = |depth: ParseDepth| restored(store.get(&stored_id(key, depth))?);
        let expected = depth(key.is_seed);
        let (facts, parsed) = at(expected).or_else(|| at(depth(!key.is_seed)))?;
        // A file that is no seed by itself may still have a place where a secret comes from.
        let wanted = depth(facts.seeds.has_any());
        let (facts, parsed) = if wanted == expected { (facts, parsed) } else { at(wanted)? };
        self.remember(key.clone(), facts.clone(), wanted, parsed.clone());
        Some((facts, parsed))
    }

    /// Keeps the modules of a file with this text.
    pub(super) fn keep(
        &self,
        key: ParsedKey,
        text: &[u8],
        facts: FileFacts,
        depth: ParseDepth,
        parsed: Parsed,
    ) {
        if let Some(store) = self.store
            && let Some(bytes) = stored(&key, text, &facts, &parsed)
        {
            store.keep(stored_id(&key, depth), bytes);
        }
        self.remember(key, facts, depth, parsed);
    }

    /// Frees them beside what follows: they are many small pieces, and of no use to anybody.
    pub fn discard(self) {
        let known = self.known.into_inner().unwrap_or_else(PoisonError::into_inner);
        // Without another thread, they are freed now.
        let _ = std::thread::Builder::new().spawn(move || drop(known));
    }

    fn remember(&self, key: ParsedKey, facts: FileFacts, depth: ParseDepth, parsed: Parsed) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let file = known.entry(key).or_default();
        file.facts = facts;
        *file.at(depth) = Some(parsed);
    }
}
