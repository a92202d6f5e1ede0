//! The scan of the object store of one repository.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use super::clean_objects::CleanObjects;
use super::search::{KeyVisitor, KeywordSearch, SearchResults};
use crate::model::Oid;
use crate::run::git_scan::GitScan;
use crate::run::git_target::CommitSelection;
use crate::source::git::{
    Cache, CommitGraph, ObjectKind, ObjectStore, OidFilter, OutsideObjects, RepoError, Repository,
    WalkScope,
};

/// The scan of one repository.
pub(super) struct RepositoryScan<'o> {
    pub(super) scan: &'o GitScan<'o>,
    pub(super) repository: &'o Repository,
    /// The prefix of its paths: the path of a submodule.
    pub(super) prefix: Vec<u8>,
    pub(super) selection: Option<&'o CommitSelection>,
    pub(super) cache: Option<&'o Path>,
}

impl RepositoryScan<'_> {
    pub(super) fn known(
        &self,
        folder: &Path,
        store: &ObjectStore,
    ) -> Result<CleanObjects, RepoError> {
        let rules = self.scan.plan.rules.digest();
        let mut links = Sha256::new();
        for part in std::iter::once(&rules[..]).chain(store.settled()) {
            links.update(part);
        }
        let links = links.finalize().into();
        Ok(CleanObjects { blobs: Cache::open(folder, rules)?, links: Cache::open(folder, links)? })
    }

    /// The first pass: finds the objects that contain keys.
    pub(super) fn search(
        &self,
        store: &ObjectStore,
        outside: OutsideObjects<'_>,
        cache: Option<&CleanObjects>,
    ) -> SearchResults {
        let kinds = |kind| kind != ObjectKind::Tree;
        let known = AtomicU64::new(0);
        let is_known = |oid: Oid| {
            let is_known = cache.is_some_and(|cache| cache.contains(oid));
            known.fetch_add(u64::from(is_known), Ordering::Relaxed);
            is_known
        };
        let skip: Option<OidFilter<'_>> = cache.is_some().then_some(&is_known);
        let scope = WalkScope { kinds: &kinds, skip, outside };
        let scanner = self.scan.scanner;
        let progress = self.scan.progress;
        let limit = self.scan.plan.tree.max_file_size.unwrap_or(u64::MAX);
        let ends = self.repository.shallow_ends();
        let finder = || KeyVisitor {
            scanner,
            store,
            ends: &ends,
            progress,
            limit,
            uncounted: (0, 0),
            remembers: cache.is_some(),
            results: SearchResults::default(),
        };
        let mut all = SearchResults::default();
        for finder in store.search(&KeywordSearch(scanner), &scope, finder) {
            all.add(finder.results);
        }
        all.look_up_named(store);
        all.merge_object_hits();
        all.summary.known = known.into_inner();
        all
    }

    /// Marks the selected commits.
    pub(super) fn selected(
        &self,
        selection: &CommitSelection,
        graph: &CommitGraph,
    ) -> Result<Vec<bool>, RepoError> {
        let mut tips = Vec::new();
        for branch in &selection.branches {
            tips.extend(graph.position(self.repository.commit(branch)?));
        }
        let mut selected = if selection.branches.is_empty() {
            vec![true; graph.commits.len()]
        } else {
            graph.reached_by(&tips)
        };
        let since = selection.since.unwrap_or(i64::MIN);
        let until = selection.until.unwrap_or(i64::MAX);
        for (own, node) in selected.iter_mut().zip(&graph.commits) {
            *own &= (since..=until).contains(&node.time);
        }
        if let Some(count) = selection.max_count {
            graph.keep_newest(&mut selected, count);
        }
        Ok(selected)
    }
}
