//! Remembers staged changes that expose nothing, so that they are not analysed again.
//!
//! The cache has one id for each such change: a digest of all that the analysis depends on, which is the
//! staged files with their contents, the commits that they are compared with, the rules and the
//! options. Nothing of it can be read back. Any difference makes a change a new one.

use std::collections::HashSet;
use std::path::Path;

use keyside_exposure::{BUILT_IN, KeyKind};
use sha2::{Digest, Sha256};

use super::key_catalog::catalog;
use crate::config::Plan;
use crate::model::{Notice, NoticeKind, ObjectFormat, Oid};
use crate::source::git::{Cache, CacheError};

/// The number of changes that are remembered, at most. Then the cache begins again.
const MAX_CHANGES: usize = 50_000;

/// The changes that expose nothing, and the one that is scanned.
pub(super) struct CleanChanges {
    cache: Cache,
    change: Oid,
}

impl CleanChanges {
    /// Opens the cache in a folder for the change with this digest. A cache that cannot be used costs time, never a
    /// finding, so that this is only a notice.
    pub(super) fn open(
        folder: &Path,
        (plan, rules): (&Plan, &RulesDigest),
        change: PartsDigest,
        notices: &mut Vec<Notice>,
    ) -> Option<Self> {
        match Cache::open(folder, key(plan, rules), ObjectFormat::Sha1) {
            Ok(cache) => Some(Self { cache, change: change.id() }),
            Err(error) => {
                notices.push(trouble(&error));
                None
            }
        }
    }

    /// True if an earlier run has found that the change exposes nothing.
    pub(super) fn has_change(&self) -> bool {
        self.cache.contains(self.change)
    }

    /// Remembers that the change exposes nothing.
    pub(super) fn keep(self, notices: &mut Vec<Notice>) {
        let cache = if self.cache.len() < MAX_CHANGES { self.cache } else { self.cache.emptied() };
        if let Err(error) = cache.keep(vec![self.change]) {
            notices.push(trouble(&error));
        }
    }
}

/// A digest of all that the rules of a plan mean to the analysis.
pub(super) struct RulesDigest(pub(super) [u8; 32]);

impl RulesDigest {
    /// That of a plan.
    pub(super) fn of(plan: &Plan) -> Self {
        let mut digest = PartsDigest::default();
        digest.add(&plan.rules.digest());
        // The digest of the rules says everything about those of the binary.
        let catalog = catalog(&plan.rules);
        let (known, own): (Vec<&KeyKind>, Vec<&KeyKind>) =
            catalog.kinds.iter().partition(|kind| kind.file == BUILT_IN);
        let known: HashSet<usize> = known.into_iter().map(|kind| kind.provider).collect();
        let providers = catalog.providers.iter().enumerate();
        let providers = providers.filter(|(nth, _)| !known.contains(nth));
        digest.add(format!("{own:?} {:?}", providers.collect::<Vec<_>>()).as_bytes());
        Self(digest.finish())
    }
}

/// The notice about a cache that cannot be used.
pub(super) fn trouble(error: &CacheError) -> Notice {
    let message = format!("{error}; the next run will do the same work again");
    Notice { path: None, kind: NoticeKind::Cache, message }
}

/// A digest of the rules and options.
pub(super) fn key(plan: &Plan, rules: &RulesDigest) -> [u8; 32] {
    let mut digest = PartsDigest::default();
    digest.add(b"clean changes");
    digest.add(&rules.0);
    let effective = &plan.effective;
    // Patterns are relative to the folders of the files that they stand in.
    let options = (plan.tree.max_file_size, &effective.exclude, &effective.base, &plan.files);
    digest.add(format!("{options:?}").as_bytes());
    digest.finish()
}

/// A digest of parts, none of which can pass for another.
#[derive(Default)]
pub(super) struct PartsDigest(Sha256);

impl PartsDigest {
    /// Adds a part.
    pub(super) fn add(&mut self, part: &[u8]) {
        self.0.update(part.len().to_le_bytes());
        self.0.update(part);
    }

    /// Adds a list of parts.
    pub(super) fn add_all<'p>(&mut self, parts: impl ExactSizeIterator<Item = &'p String>) {
        self.0.update(parts.len().to_le_bytes());
        parts.for_each(|part| self.add(part.as_bytes()));
    }

    /// The digest.
    pub(super) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }

    fn id(self) -> Oid {
        let digest = self.finish();
        let (id, _) = digest.split_first_chunk::<20>().expect("a digest is longer than an id");
        Oid::from(*id)
    }
}
