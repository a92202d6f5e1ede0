//! The objects that earlier runs have found to be clean.

use std::collections::HashSet;

use super::search::SearchResults;
use crate::model::{Notice, NoticeKind, Oid};
use crate::source::git::Cache;

/// The objects that earlier runs have found to be clean.
pub(super) struct CleanObjects {
    /// Blobs, wherever they are.
    pub(super) blobs: Cache,
    /// Commits and tags whose trees, parents and targets were in the same settled packs. They are
    /// also read for their links, whose targets may be missing in another repository. The empty
    /// tree stands for all trees of these packs.
    pub(super) links: Cache,
}

impl CleanObjects {
    pub(super) fn contains(&self, oid: Oid) -> bool {
        self.blobs.contains(oid) || self.links.contains(oid)
    }

    /// Adds what this run has found to be clean.
    pub(super) fn remember(self, seen: &mut SearchResults, notices: &mut Vec<Notice>) {
        let found = seen.object_hits.iter().map(|object_hit| object_hit.oid);
        let damaged = seen.damaged.iter().map(|(oid, _)| *oid);
        let unsearched = seen.archives.iter().chain(&seen.containers).copied();
        let others: HashSet<Oid> = found.chain(damaged).chain(unsearched).collect();
        let trouble = |message: String| Notice { path: None, kind: NoticeKind::Cache, message };
        for (cache, list) in [(self.blobs, &mut seen.searched), (self.links, &mut seen.linked)] {
            let mut clean = std::mem::take(list);
            clean.retain(|oid| !others.contains(oid));
            if cache.was_damaged {
                let text = "the cache was damaged and has been rebuilt";
                notices.push(trouble(text.to_owned()));
            }
            if let Err(error) = cache.keep(clean) {
                notices
                    .push(trouble(format!("{error}; the next run will search everything again")));
            }
        }
    }
}
