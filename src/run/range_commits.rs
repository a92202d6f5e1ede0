//! The commits of a range, and the selection among them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::git_scan::GitScan;
use super::git_target::CommitSelection;
use super::tree_keys::TreeKeys;
use crate::model::Oid;
use crate::source::git::{
    CommitObject, CommitRange, ObjectKind, ObjectReader, ReadError, RepoError,
};

/// Limit for the parents outside the range that count as known.
const MAX_BASES: usize = 16;

/// A commit of the range.
pub(super) struct RangeCommit {
    pub(super) oid: Oid,
    pub(super) tree: Oid,
    /// The trees of the parents that are stored.
    pub(super) parents: Vec<Oid>,
    /// True if a parent is missing.
    pub(super) is_cut: bool,
    pub(super) committed: i64,
    pub(super) authored: i64,
    /// True if its message or headers contain a keyword.
    pub(super) has_keyword: bool,
    pub(super) size: usize,
}

/// The commits of the range, children before their parents.
pub(super) struct RangeCommits {
    pub(super) list: Vec<RangeCommit>,
    /// The trees of the bases.
    pub(super) bases: Vec<Oid>,
    /// The trees of the bases and of their common ancestors with the tip, if the range has merges: these can
    /// bring back what the bases have no more.
    pub(super) forks: Vec<Oid>,
    /// Number of commits whose parents a shallow clone leaves out.
    pub(super) shallow: usize,
}

impl RangeCommits {
    pub(super) fn read(
        scan: &GitScan<'_>,
        objects: &ObjectReader<'_>,
        range: &CommitRange,
        keys: &mut TreeKeys<'_>,
    ) -> Self {
        let ends = scan.repository.shallow_ends();
        let mut trees = HashMap::new();
        let mut list = Vec::new();
        let mut parents_of = Vec::new();
        for &oid in &range.commits {
            match read(objects, oid) {
                Ok((commit, bytes)) => {
                    trees.insert(oid, Some(commit.tree));
                    list.push(RangeCommit {
                        oid,
                        tree: commit.tree,
                        parents: Vec::new(),
                        is_cut: false,
                        committed: commit.committed,
                        authored: commit.author.time.seconds,
                        has_keyword: scan.scanner.has_keyword(&bytes),
                        size: bytes.len(),
                    });
                    parents_of.push(commit.parents);
                }
                Err(why) => keys.unreadable.note(oid, oid.to_string().as_bytes(), &why),
            }
        }
        let mut tree_of = |oid: Oid, is_end: bool| {
            *trees.entry(oid).or_insert_with(|| match read(objects, oid) {
                Ok((commit, _)) => Some(commit.tree),
                Err(ReadError::Missing) if is_end => None,
                Err(why) => {
                    keys.unreadable.note(oid, oid.to_string().as_bytes(), &why);
                    None
                }
            })
        };
        let mut shallow = 0;
        let own: HashSet<Oid> = range.commits.iter().copied().collect();
        let mut outer: Vec<Oid> = Vec::new();
        for (node, parents) in list.iter_mut().zip(parents_of) {
            let is_end = ends.contains(&node.oid);
            if range.knows_parents && !is_end {
                outer.extend(parents.iter().filter(|parent| !own.contains(parent)));
            }
            let there = parents.iter().filter_map(|&parent| tree_of(parent, is_end));
            node.parents = there.collect();
            node.is_cut = node.parents.len() < parents.len();
            // Its parents may be stored all the same; git does not look behind it.
            let is_known = |oid: &Oid| own.contains(oid) || range.bases.contains(oid);
            shallow += usize::from(is_end && !parents.iter().all(is_known));
        }
        let mut known = range.bases.clone();
        known.extend(outer.into_iter().take(MAX_BASES));
        let mut bases: Vec<Oid> = known.iter().filter_map(|&base| tree_of(base, false)).collect();
        bases.sort_unstable();
        bases.dedup();
        let has_merges = list.iter().any(|node| node.parents.len() > 1);
        let mut forks = Vec::new();
        if has_merges {
            forks = range.forks(scan.repository).unwrap_or_default();
        }
        if !forks.is_empty() {
            forks.extend(&range.bases);
        }
        let forks = forks.into_iter().filter_map(|fork| tree_of(fork, false)).collect();
        Self { list, bases, forks, shallow }
    }

    /// The selected commits, children before their parents.
    pub(super) fn selected(
        &self,
        scan: &GitScan<'_>,
        range: &CommitRange,
        selection: &CommitSelection,
    ) -> Result<Vec<usize>, RepoError> {
        let mut selected: Vec<usize> = (0..self.list.len()).collect();
        if !selection.branches.is_empty() {
            let reached = range.reached_by(scan.repository, &selection.branches)?;
            selected.retain(|&nth| reached.contains(&self.list[nth].oid));
        }
        let time = |nth: usize| self.list[nth].committed;
        selected.retain(|&nth| selection.is_in_time(self.list[nth].authored, time(nth)));
        if let Some(most) = selection.max_count {
            selected.sort_by_key(|&nth| (Reverse(time(nth)), nth));
            selected.truncate(most);
            selected.sort_unstable();
        }
        Ok(selected)
    }

    /// The oldest of some commits: by time, then by order.
    pub(super) fn oldest(&self, some: impl Iterator<Item = usize>) -> Option<usize> {
        some.min_by_key(|&nth| (self.list[nth].committed, Reverse(nth)))
    }
}

fn read(objects: &ObjectReader<'_>, oid: Oid) -> Result<(CommitObject, Vec<u8>), ReadError> {
    let bytes = objects.read_as(ObjectKind::Commit, oid)?;
    match CommitObject::parse(&bytes, oid.format()) {
        Some(commit) => Ok((commit, bytes)),
        None => Err(ReadError::Damaged("it is not a valid commit".to_owned())),
    }
}

/// The keys that selected commits introduce, each with these commits.
pub(super) type IntroducedKeys = BTreeMap<u32, Vec<usize>>;
