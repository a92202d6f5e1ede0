//! The commits of a store and how they follow each other.

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

/// A commit among the others.
#[derive(Debug, Clone)]
pub struct CommitNode {
    /// Its id.
    pub oid: Oid,
    /// Its tree.
    pub tree: Oid,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
    /// How many commits the longest way to it has: tells the order of those of one second.
    pub generation: u32,
    /// Its parents, as far as they are there.
    pub parents: Vec<u32>,
}

/// Commits and annotated tags as they are gathered, each thread for itself.
#[derive(Debug, Default)]
pub struct CommitCollector {
    commits: Vec<(Oid, Oid, i64, Vec<Oid>)>,
    tags: Vec<(Oid, Oid)>,
    /// Commits and tags that do not parse.
    pub damaged: Vec<Oid>,
}

impl CommitCollector {
    /// Takes a commit or a tag; other objects are nothing to it.
    pub fn take(&mut self, kind: ObjectKind, oid: Oid, bytes: &[u8]) {
        match kind {
            ObjectKind::Commit => match CommitObject::links(bytes) {
                Some((tree, parents)) => {
                    self.commits.push((oid, tree, CommitObject::committed(bytes), parents));
                }
                None => self.damaged.push(oid),
            },
            ObjectKind::Tag => match TagObject::parse(bytes) {
                Some(tag) => self.tags.push((oid, tag.target)),
                None => self.damaged.push(oid),
            },
            ObjectKind::Tree | ObjectKind::Blob => {}
        }
    }

    /// Adds what another thread has gathered.
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
    /// Puts together what was gathered.
    pub fn new(mut parts: CommitCollector) -> Self {
        parts.commits.sort_unstable_by_key(|(oid, ..)| *oid);
        parts.commits.dedup_by_key(|(oid, ..)| *oid);
        let positions: HashMap<Oid, u32> =
            (0..).zip(&parts.commits).map(|(at, (oid, ..))| (*oid, at)).collect();
        let commits = parts.commits.into_iter().map(|(oid, tree, time, parents)| {
            let known = parents.iter().filter_map(|parent| positions.get(parent).copied());
            CommitNode { oid, tree, time, generation: 0, parents: known.collect() }
        });
        let mut graph =
            Self { commits: commits.collect(), positions, tags: parts.tags.into_iter().collect() };
        graph.count_generations();
        graph
    }

    /// Counts from the roots on; what a damaged store says to follow itself stays 0.
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

    /// Where a commit is in [`Self::commits`].
    pub fn position(&self, oid: Oid) -> Option<u32> {
        self.positions.get(&oid).copied()
    }

    /// The commit at a position.
    pub fn node(&self, at: u32) -> &CommitNode {
        &self.commits[at as usize]
    }

    /// What an annotated tag names in the end; any other object names itself.
    pub fn peel(&self, oid: Oid) -> Oid {
        let mut oid = oid;
        // Tags of tags are few; more would be made of each other.
        for _ in 0..64 {
            match self.tags.get(&oid) {
                Some(target) => oid = *target,
                None => break,
            }
        }
        oid
    }

    /// Whether it is an annotated tag.
    pub fn is_tag(&self, oid: Oid) -> bool {
        self.tags.contains_key(&oid)
    }

    /// What keeps each commit: the strongest of the roots that reach it.
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

    /// Which commits `tips` reach.
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

    /// The newest `count` of the commits for which `wanted` holds; the others are taken out.
    pub fn keep_newest(&self, wanted: &mut [bool], count: usize) {
        // A heap of the kept ones, the oldest on top.
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
