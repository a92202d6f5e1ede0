//! The commit graph of an object store.

use std::collections::BinaryHeap;

use foldhash::HashMap;

use super::object_search::{
    MatchAll, ObjectVisitor, OutsideObjects, SearchedObject, VisitedObject, WalkScope,
};
use super::object_store::ObjectStore;
use super::objects::{CommitObject, TagObject};
use super::pack_entry::ObjectKind;
use super::reachability::{Reachability, ReachabilityRoot};
use crate::model::Oid;

/// A commit in the graph.
#[derive(Debug, Clone)]
pub struct CommitNode {
    /// Its id.
    pub oid: Oid,
    /// Its tree.
    pub tree: Oid,
    /// The committer's time, in seconds since 1970.
    pub time: i64,
    /// The author's time: that of a commit which was rebased or imported later.
    pub authored: i64,
    /// Length of the longest path to the commit, which orders commits of the same second.
    pub generation: u32,
    /// Its parents, as far as they are stored.
    pub parents: Vec<u32>,
}

/// Collects commits and annotated tags, one collector per thread.
#[derive(Debug, Default)]
pub struct CommitCollector {
    commits: Vec<(Oid, Oid, [i64; 2], Vec<Oid>)>,
    tags: Vec<(Oid, Oid)>,
    /// Commits and tags that cannot be parsed.
    pub damaged: Vec<Oid>,
}

impl CommitCollector {
    /// Takes a commit or a tag; ignores other objects.
    pub fn take(&mut self, kind: ObjectKind, oid: Oid, bytes: &[u8]) {
        match kind {
            ObjectKind::Commit => match CommitObject::links(bytes, oid.format()) {
                Some((tree, parents)) => {
                    let times = [CommitObject::committed(bytes), CommitObject::authored(bytes)];
                    self.commits.push((oid, tree, times, parents));
                }
                None => self.damaged.push(oid),
            },
            ObjectKind::Tag => match TagObject::parse(bytes, oid.format()) {
                Some(tag) => self.tags.push((oid, tag.target)),
                None => self.damaged.push(oid),
            },
            ObjectKind::Tree | ObjectKind::Blob => {}
        }
    }

    /// Adds what another thread has collected.
    pub fn add(&mut self, other: Self) {
        self.commits.extend(other.commits);
        self.tags.extend(other.tags);
        self.damaged.extend(other.damaged);
    }
}

/// All commits of a store.
#[derive(Debug, Default)]
pub struct CommitGraph {
    /// The commits, by id.
    pub commits: Vec<CommitNode>,
    positions: HashMap<Oid, u32>,
    tags: HashMap<Oid, Oid>,
}

impl CommitGraph {
    /// Builds the graph.
    pub fn new(mut parts: CommitCollector) -> Self {
        parts.commits.sort_unstable_by_key(|(oid, ..)| *oid);
        parts.commits.dedup_by_key(|(oid, ..)| *oid);
        let positions: HashMap<Oid, u32> =
            (0..).zip(&parts.commits).map(|(at, (oid, ..))| (*oid, at)).collect();
        let commits = parts.commits.into_iter().map(|(oid, tree, times, parents)| {
            let known = parents.iter().filter_map(|parent| positions.get(parent).copied());
            let [time, authored] = times;
            CommitNode { oid, tree, time, authored, generation: 0, parents: known.collect() }
        });
        let mut graph =
            Self { commits: commits.collect(), positions, tags: parts.tags.into_iter().collect() };
        graph.count_generations();
        graph
    }

    /// Counts generations from the roots on; commits that follow themselves in a damaged store stay
    /// at 0.
    fn count_generations(&mut self) {
        let mut waits: Vec<u32> =
            self.commits.iter().map(|node| node.parents.len() as u32).collect();
        let mut children = vec![Vec::new(); self.commits.len()];
        for (at, node) in (0u32..).zip(&self.commits) {
            node.parents.iter().for_each(|parent| children[*parent as usize].push(at));
        }
        let mut ready: Vec<u32> =
            (0..).zip(&waits).filter(|(_, w)| **w == 0).map(|(a, _)| a).collect();
        while let Some(at) = ready.pop() {
            let next = self.commits[at as usize].generation + 1;
            for &child in &children[at as usize] {
                let node = &mut self.commits[child as usize];
                node.generation = node.generation.max(next);
                waits[child as usize] -= 1;
                if waits[child as usize] == 0 {
                    ready.push(child);
                }
            }
        }
    }

    /// Reads all commits and tags of `store`.
    pub fn read(store: &ObjectStore, outside: OutsideObjects<'_>) -> Self {
        let kinds = |kind| matches!(kind, ObjectKind::Commit | ObjectKind::Tag);
        let scope = WalkScope { kinds: &kinds, skip: None, outside };
        let mut all = CommitCollector::default();
        for parts in store.search(&MatchAll, &scope, CommitCollector::default) {
            all.add(parts);
        }
        Self::new(all)
    }

    /// Position of a commit in [`Self::commits`].
    pub fn position(&self, oid: Oid) -> Option<u32> {
        self.positions.get(&oid).copied()
    }

    /// The commit at a position.
    pub fn node(&self, at: u32) -> &CommitNode {
        &self.commits[at as usize]
    }

    /// Follows an annotated tag to the object it finally names; any other object names itself.
    pub fn peel(&self, oid: Oid) -> Oid {
        let mut oid = oid;
        // Tags of tags are rare; a longer chain is a cycle.
        for _ in 0..64 {
            match self.tags.get(&oid) {
                Some(target) => oid = *target,
                None => break,
            }
        }
        oid
    }

    /// True for an annotated tag.
    pub fn is_tag(&self, oid: Oid) -> bool {
        self.tags.contains_key(&oid)
    }

    /// The reachability of each commit: the strongest root that reaches it.
    pub fn reach(&self, roots: &[ReachabilityRoot]) -> Vec<Reachability> {
        let mut reach = vec![Reachability::Nothing; self.commits.len()];
        let mut sorted: Vec<_> = roots.iter().map(|root| (root.reach, root.target)).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut stack = Vec::new();
        for (own, target) in sorted {
            stack.extend(self.position(self.peel(target)));
            while let Some(at) = stack.pop() {
                let place = &mut reach[at as usize];
                if *place > own {
                    *place = own;
                    stack.extend(&self.node(at).parents);
                }
            }
        }
        reach
    }

    /// Marks the commits that `tips` reach.
    pub fn reached_by(&self, tips: &[u32]) -> Vec<bool> {
        let mut reached = vec![false; self.commits.len()];
        let mut stack = tips.to_vec();
        while let Some(at) = stack.pop() {
            if !std::mem::replace(&mut reached[at as usize], true) {
                stack.extend(&self.node(at).parents);
            }
        }
        reached
    }

    /// Keeps only the newest `count` of the commits marked in `wanted`.
    pub fn keep_newest(&self, wanted: &mut [bool], count: usize) {
        // A heap of the kept commits, the oldest on top.
        let mut kept = BinaryHeap::new();
        for at in 0..wanted.len() {
            if wanted[at] {
                let node = &self.commits[at];
                kept.push((std::cmp::Reverse((node.time, node.generation)), at));
                if kept.len() > count
                    && let Some((_, oldest)) = kept.pop()
                {
                    wanted[oldest] = false;
                }
            }
        }
    }
}

impl ObjectVisitor for CommitCollector {
    fn object(&mut self, object: VisitedObject<'_>) {
        self.take(object.kind, object.oid, object.bytes);
    }

    fn damaged(&mut self, oid: Oid, _: &str) {
        self.damaged.push(oid);
    }

    fn searched(&mut self, _: SearchedObject<'_>) {}
}
