//! Remembers which contents were searched for secrets and whether one can be involved in them, so that
//! they are not read again.
//!
//! The cache has the ids of such blobs, for one set of rules, and nothing else. A blob that is not in it
//! is searched, so a cache that is lost or damaged costs time only.

use std::collections::HashMap;
use std::path::Path;

use super::clean_changes::{PartsDigest, RulesDigest};
use crate::model::{Notice, ObjectFormat, Oid};
use crate::source::git::Cache;

/// The number of blobs that are remembered, at most, of those with a seed and of the others. Then the
/// cache of them begins again.
const MAX_BLOBS: usize = 500_000;

/// The blobs that earlier runs have searched.
pub(super) struct SearchedBlobs {
    seedless: Cache,
    seeds: Cache,
}

impl SearchedBlobs {
    /// Opens the cache in a folder for some rules; `None`, with a notice, if it cannot be used.
    pub(super) fn open(
        folder: &Path,
        rules: &RulesDigest,
        format: ObjectFormat,
        notices: &mut Vec<Notice>,
    ) -> Option<Self> {
        let open = |kind: &str| {
            let mut key = PartsDigest::default();
            key.add(kind.as_bytes());
            key.add(&rules.0);
            Cache::open(folder, key.finish(), format)
        };
        let opened = open("blobs without seeds")
            .and_then(|seedless| Ok(Self { seedless, seeds: open("blobs with seeds")? }));
        match opened {
            Ok(searched) => Some(searched),
            Err(error) => {
                notices.push(super::clean_changes::trouble(&error));
                None
            }
        }
    }

    /// True if a blob has a seed, false if it has none; `None` if that is not known.
    pub(super) fn is_seed(&self, blob: Oid) -> Option<bool> {
        if self.seedless.contains(blob) {
            return Some(false);
        }
        self.seeds.contains(blob).then_some(true)
    }

    /// Adds blobs that were searched: for each, true if it has a seed.
    pub(super) fn keep(self, searched: HashMap<Oid, bool>, notices: &mut Vec<Notice>) {
        let (seeds, seedless): (Vec<_>, Vec<_>) = searched
            .into_iter()
            .filter(|(blob, _)| self.is_seed(*blob).is_none())
            .partition(|(_, is_seed)| *is_seed);
        for (cache, found) in [(self.seedless, seedless), (self.seeds, seeds)] {
            let cache = if cache.len() < MAX_BLOBS { cache } else { cache.emptied() };
            if let Err(error) = cache.keep(found.into_iter().map(|(blob, _)| blob).collect()) {
                notices.push(super::clean_changes::trouble(&error));
            }
        }
    }
}
