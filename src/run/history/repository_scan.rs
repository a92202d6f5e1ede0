//! The scan of the object store of one repository.

use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use sha2::{Digest, Sha256};

use super::clean_objects::CleanObjects;
use super::search::{KeyVisitor, KeywordSearch, SearchResults};
use crate::model::{FilePath, Notice, Oid, Provenance, Summary};
use crate::run::archive::{container_of, search_archive};
use crate::run::blob_search::pool;
use crate::run::git_scan::GitScan;
use crate::run::git_target::CommitSelection;
use crate::scan::KeyScanner;
use crate::source::git::{
    AddedEntry, Cache, CommitGraph, LfsStore, ObjectKind, ObjectReader, ObjectStore, OidFilter,
    OutsideObjects, RepoError, Repository, TreeDiff, WalkScope,
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
        let open = |key| Cache::open(folder, key, store.format());
        Ok(CleanObjects { blobs: open(rules)?, links: open(links)? })
    }

    /// The first pass: finds the objects that contain keys.
    pub(super) fn search(
        &self,
        store: &ObjectStore,
        outside: OutsideObjects<'_>,
        cache: Option<&CleanObjects>,
        objects: &ObjectReader<'_>,
        lfs: &LfsStore,
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
        let needles = &KeyScanner::of_reported(scanner.rules());
        let progress = self.scan.progress;
        let limit = self.scan.plan.tree.max_file_size.unwrap_or(u64::MAX);
        let ends = self.repository.shallow_ends();
        let finder = || KeyVisitor {
            scanner,
            needles,
            store,
            ends: &ends,
            progress,
            limit,
            opens_archives: self.scan.plan.archives.depth > 0,
            uncounted: (0, 0),
            remembers: cache.is_some(),
            results: SearchResults::default(),
        };
        let mut all = SearchResults::default();
        for finder in store.search(&KeywordSearch(needles), &scope, finder) {
            all.add(finder.results);
        }
        all.look_up_named(store);
        all.follow_pointers(scanner, objects, lfs);
        all.merge_object_hits();
        all.summary.known = known.into_inner();
        all
    }

    /// Opens the containers that the first pass came to, and adds the keys in them. Returns what could not
    /// be read of each.
    pub(super) fn open_containers(
        &self,
        seen: &mut SearchResults,
        (objects, lfs): (&ObjectReader<'_>, &LfsStore),
    ) -> Vec<(Oid, Vec<Notice>)> {
        let mut containers = seen.containers.clone();
        containers.sort_unstable();
        containers.dedup();
        let (builder, limits) = (self.scan.builder, self.scan.plan.archives);
        let open = |oid: &Oid| {
            let mut keys = Vec::new();
            // The first pass has reported what cannot be read.
            let own = objects.read_as(ObjectKind::Blob, *oid).unwrap_or_default();
            let bytes = lfs.content(own).into_bytes();
            let Some(container) = container_of(limits, b"", &bytes) else {
                return (*oid, keys, Vec::new());
            };
            let name = FilePath::from_bytes(b"");
            let archive = (container, &bytes[..]);
            let faults = search_archive(builder, archive, &Provenance::tree(name), &mut |found| {
                if found.key.rule.is_reported() {
                    keys.push(found.key.id());
                }
            });
            (*oid, keys, faults)
        };
        let threads = self.scan.plan.tree.threads;
        let opened: Vec<_> = match if containers.len() > 1 { pool(threads) } else { None } {
            Some(pool) => pool.install(|| containers.par_iter().map(open).collect()),
            None => containers.iter().map(open).collect(),
        };
        let mut all_faults = Vec::new();
        for (oid, keys, faults) in opened {
            seen.add_archived(oid, keys);
            if !faults.is_empty() {
                all_faults.push((oid, faults));
            }
        }
        seen.merge_object_hits();
        all_faults
    }

    /// The numbers of the selected commits: what they add to their parents.
    pub(super) fn chosen_summary(
        &self,
        seen: &SearchResults,
        objects: &ObjectReader<'_>,
        graph: &CommitGraph,
        selected: &[bool],
    ) -> Summary {
        let chosen: Vec<_> = graph.commits.iter().zip(selected).filter(|(_, is)| **is).collect();
        let limit = self.scan.plan.tree.max_file_size.unwrap_or(u64::MAX);
        let size = |oid: Oid| objects.size(oid).unwrap_or(0);
        let mut summary = Summary { known: seen.summary.known, ..Summary::default() };
        let mut blobs = HashSet::new();
        let mut diff = TreeDiff::new(objects, false);
        for (node, _) in chosen {
            summary.commits += 1;
            summary.bytes += size(node.oid);
            let parents: Vec<_> = node.parents.iter().map(|&at| graph.node(at).tree).collect();
            diff.added(node.tree, &parents, &mut |added| match added {
                AddedEntry::File { oid, .. } => {
                    blobs.insert(oid);
                }
                // The search has reported what cannot be read.
                AddedEntry::Name { .. }
                | AddedEntry::Submodule { .. }
                | AddedEntry::Unread { .. } => {}
            });
        }
        for oid in &blobs {
            let bytes = size(*oid);
            let counter =
                if bytes > limit { &mut summary.skipped_large } else { &mut summary.blobs };
            *counter += 1;
            summary.bytes += if bytes > limit { 0 } else { bytes };
        }
        let archives = seen.archives.iter().filter(|oid| blobs.contains(oid));
        summary.skipped_archives = archives.count() as u64;
        summary
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
        for (own, node) in selected.iter_mut().zip(&graph.commits) {
            *own &= selection.is_in_time(node.authored, node.time);
        }
        if let Some(count) = selection.max_count {
            graph.keep_newest(&mut selected, count);
        }
        Ok(selected)
    }
}
