//! Remembers contents in which no secret can be involved, so that they are not searched again.
//!
//! The cache has the ids of such blobs, for one set of rules, and nothing else. A blob that is not in it
//! is searched, so a cache that is lost or damaged costs time only.

use std::path::Path;

use super::clean_changes::PartsDigest;
use super::key_catalog::catalog;
use crate::config::Plan;
use crate::model::{Notice, ObjectFormat, Oid};
use crate::source::git::Cache;

/// The number of blobs that are remembered, at most. Then the cache begins again.
const MAX_BLOBS: usize = 500_000;

/// The blobs that an earlier run has found to have no seed.
pub(super) struct SeedlessBlobs(Cache);

impl SeedlessBlobs {
    /// Opens the cache in a folder for the rules of a plan; `None`, with a notice, if it cannot be used.
    pub(super) fn open(
        folder: &Path,
        plan: &Plan,
        format: ObjectFormat,
        notices: &mut Vec<Notice>,
    ) -> Option<Self> {
        let mut key = PartsDigest::default();
        key.add(b"blobs without seeds");
        key.add(&plan.rules.digest());
        key.add(format!("{:?}", catalog(&plan.rules)).as_bytes());
        match Cache::open(folder, key.finish(), format) {
            Ok(cache) => Some(Self(cache)),
            Err(error) => {
                notices.push(super::clean_changes::trouble(&error));
                None
            }
        }
    }

    /// True if a blob is known to have no seed.
    pub(super) fn has(&self, blob: Oid) -> bool {
        self.0.contains(blob)
    }

    /// Adds blobs that have none.
    pub(super) fn keep(self, blobs: Vec<Oid>, notices: &mut Vec<Notice>) {
        let cache = if self.0.len() < MAX_BLOBS { self.0 } else { self.0.emptied() };
        if let Err(error) = cache.keep(blobs) {
            notices.push(super::clean_changes::trouble(&error));
        }
    }
}
