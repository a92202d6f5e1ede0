//! Questions about ancestors: which commits some reach and others do not, and where two diverged. They are
//! answered from the commits themselves: a commit graph is a cache that may be wrong, and would then hide
//! commits.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use foldhash::HashMap;

use super::error::{ReadError, RepoError};
use super::object_reader::ObjectReader;
use super::objects::CommitObject;
use super::pack_entry::ObjectKind;
use super::repo::Repository;
use crate::model::Oid;

/// Clocks differ: a parent may be younger than its child. So many commits are looked at beyond the point at
/// which dates say that nothing can follow. Git looks at 5.
const SLOP: usize = 256;

/// Up to so many excluded commits are visited even if all others say that they are too old to matter.
const FEW: usize = 8;

/// Up to so many common ancestors are compared with each other.
const MAX_BASES: usize = 64;

/// Where two commits diverged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MergeBases {
    /// The best common ancestors.
    pub(super) oids: Vec<Oid>,
    /// A commit on the way that could not be read, so that there may be others.
    pub(super) cut: Option<(Oid, String)>,
}

/// A commit that was read.
#[derive(Debug, Default)]
struct AncestorNode {
    time: i64,
    parents: Vec<Oid>,
    marks: u8,
    is_waiting: bool,
    is_missing: bool,
}

/// Reached by the commits that are asked for; by those that are excluded.
const TIP: u8 = 1;
const HIDDEN: u8 = 2;

/// Reached by one of two; by the other; below a common ancestor.
const ONE: u8 = 1;
const TWO: u8 = 2;
const STALE: u8 = 4;

/// The commits that were read so far. Marks go from each commit to its parents, the youngest commit first.
struct CommitWalk<'w> {
    objects: &'w ObjectReader<'w>,
    /// The commits at which a shallow clone ends.
    ends: HashSet<Oid>,
    known: HashMap<Oid, AncestorNode>,
    /// The commits whose marks have to be passed on.
    waiting: BinaryHeap<(i64, Oid)>,
    /// The mark of commits that are not asked for.
    boring: u8,
    /// The number of commits among those waiting that do not have it.
    open: usize,
    cut: Option<(Oid, String)>,
}

impl<'w> CommitWalk<'w> {
    fn new(objects: &'w ObjectReader<'w>, ends: HashSet<Oid>, boring: u8) -> Self {
        let (known, waiting) = (HashMap::default(), BinaryHeap::new());
        Self { objects, ends, known, waiting, boring, open: 0, cut: None }
    }

    /// The commit, which is read if it is not known yet.
    fn node(&mut self, oid: Oid) -> &mut AncestorNode {
        if !self.known.contains_key(&oid) {
            let node = match self.read(oid) {
                Ok(node) => node,
                Err(why) => {
                    self.cut.get_or_insert((oid, why.to_string()));
                    let is_missing = matches!(why, ReadError::Missing);
                    AncestorNode { is_missing, ..AncestorNode::default() }
                }
            };
            self.known.insert(oid, node);
        }
        self.known.get_mut(&oid).expect("it was read just now")
    }

    fn read(&self, oid: Oid) -> Result<AncestorNode, ReadError> {
        let bytes = self.objects.read_as(ObjectKind::Commit, oid)?;
        let time = CommitObject::committed(&bytes);
        let links = CommitObject::links(&bytes, oid.format());
        let (_, mut parents) =
            links.ok_or_else(|| ReadError::Damaged("it is not a valid commit".to_owned()))?;
        if self.ends.contains(&oid) {
            parents.clear();
        }
        Ok(AncestorNode { time, parents, ..AncestorNode::default() })
    }

    /// Adds marks to a commit, which then waits to pass them on.
    fn mark(&mut self, oid: Oid, marks: u8) {
        let boring = self.boring;
        let node = self.node(oid);
        if node.marks & marks == marks {
            return;
        }
        let was_open = node.is_waiting && node.marks & boring == 0;
        node.marks |= marks;
        let is_open = node.marks & boring == 0;
        let (time, is_new) = (node.time, !std::mem::replace(&mut node.is_waiting, true));
        self.open = self.open + usize::from(is_open) - usize::from(was_open);
        if is_new {
            self.waiting.push((time, oid));
        }
    }

    /// The next commit, with its time and its marks.
    fn next(&mut self) -> Option<(Oid, i64, u8)> {
        let (time, oid) = self.waiting.pop()?;
        let node = self.known.get_mut(&oid)?;
        node.is_waiting = false;
        self.open -= usize::from(node.marks & self.boring == 0);
        Some((oid, time, node.marks))
    }

    /// Passes marks on to the parents of a commit.
    fn pass_on(&mut self, oid: Oid, marks: u8) {
        let parents = self.known.get(&oid).map(|node| node.parents.clone()).unwrap_or_default();
        parents.into_iter().for_each(|parent| self.mark(parent, marks));
    }

    fn marks(&self, oid: Oid) -> u8 {
        self.known.get(&oid).map_or(0, |node| node.marks)
    }

    /// Marks what `tips` and `hidden` reach, until all that could follow is hidden.
    fn paint(&mut self, tips: &[Oid], hidden: &[Oid]) {
        hidden.iter().for_each(|&oid| self.mark(oid, HIDDEN));
        tips.iter().for_each(|&oid| self.mark(oid, TIP));
        // However old they say that they are.
        let few = if hidden.len() <= FEW { hidden } else { &[] };
        let mut named: HashSet<Oid> = few.iter().copied().collect();
        let (mut oldest, mut left) = (i64::MAX, SLOP);
        while let Some((oid, time, marks)) = self.next() {
            named.remove(&oid);
            if marks & HIDDEN == 0 {
                oldest = oldest.min(time);
                self.pass_on(oid, TIP);
            } else {
                self.pass_on(oid, HIDDEN);
            }
            if self.open > 0 || !named.is_empty() || time >= oldest {
                left = SLOP;
            } else if left == 0 {
                return;
            } else {
                left -= 1;
            }
        }
    }

    /// The commits that `tips` reach and nothing hides, children before their parents.
    fn in_order(&self, tips: &[Oid]) -> Vec<Oid> {
        // A commit is done after everything it reaches, so the list is reversed at the end.
        let (mut done, mut seen) = (Vec::new(), HashSet::new());
        let mut stack: Vec<(Oid, Option<&[Oid]>)> = tips.iter().map(|&tip| (tip, None)).collect();
        while let Some((oid, rest)) = stack.pop() {
            let rest = match (rest, self.known.get(&oid)) {
                (Some(rest), _) => rest,
                // The child that names it as a parent reports that it is missing.
                (None, Some(node))
                    if node.marks & HIDDEN == 0 && !node.is_missing && seen.insert(oid) =>
                {
                    &node.parents
                }
                (None, _) => continue,
            };
            match rest.split_last() {
                None => done.push(oid),
                Some((parent, rest)) => {
                    stack.push((oid, Some(rest)));
                    stack.push((*parent, None));
                }
            }
        }
        done.reverse();
        done
    }

    /// The commits that both reach, without most of those that others of them reach.
    fn common(&mut self, one: Oid, two: Oid) -> Vec<Oid> {
        self.mark(one, ONE);
        self.mark(two, TWO);
        let mut found = Vec::new();
        while self.open > 0
            && let Some((oid, _, marks)) = self.next()
        {
            if marks == ONE | TWO {
                found.push(oid);
                self.pass_on(oid, ONE | TWO | STALE);
            } else {
                self.pass_on(oid, marks);
            }
        }
        found.retain(|oid| self.marks(*oid) & STALE == 0);
        found
    }
}

impl Repository {
    /// The best common ancestors of two commits.
    ///
    /// # Errors
    /// An object store that cannot be opened.
    pub(super) fn merge_bases(&self, one: Oid, two: Oid) -> Result<MergeBases, RepoError> {
        let objects = self.objects()?;
        let mut walk = CommitWalk::new(&objects, self.shallow_ends(), STALE);
        let mut oids = walk.common(one, two);
        oids.sort_unstable();
        // Where clocks are wrong, one of them may reach another.
        if (2..=MAX_BASES).contains(&oids.len()) {
            let all = oids.clone();
            oids.retain(|&own| {
                let others = all.iter().filter(|other| **other != own).copied();
                let mut walk = CommitWalk::new(&objects, self.shallow_ends(), HIDDEN);
                walk.paint(&[own], &others.collect::<Vec<_>>());
                walk.marks(own) & HIDDEN == 0
            });
        }
        Ok(MergeBases { oids, cut: walk.cut })
    }

    /// The commits that `tips` reach and `hidden` do not, children before their parents. Those that are
    /// missing are left out.
    ///
    /// # Errors
    /// An object store that cannot be opened.
    pub fn commits_between(&self, tips: &[Oid], hidden: &[Oid]) -> Result<Vec<Oid>, RepoError> {
        let objects = self.objects()?;
        let mut walk = CommitWalk::new(&objects, self.shallow_ends(), HIDDEN);
        walk.paint(tips, hidden);
        Ok(walk.in_order(tips))
    }
}

/// The youngest commit that `tips` reach and whose bytes fit, if there is one. Of commits with the same time,
/// those that were found first go first, as in git since 2.51; older ones begin with the oldest of `tips`.
pub(super) fn youngest(
    objects: &ObjectReader<'_>,
    ends: HashSet<Oid>,
    tips: &[Oid],
    fits: impl Fn(&[u8]) -> bool,
) -> Option<Oid> {
    let mut walk = CommitWalk::new(objects, ends, HIDDEN);
    let mut waiting: BinaryHeap<(i64, Reverse<usize>, Oid)> = BinaryHeap::new();
    let mut seen = HashSet::new();
    let mut next = tips.to_vec();
    loop {
        for oid in next {
            if seen.insert(oid) {
                waiting.push((walk.node(oid).time, Reverse(seen.len()), oid));
            }
        }
        let (.., oid) = waiting.pop()?;
        if objects.read_as(ObjectKind::Commit, oid).is_ok_and(|bytes| fits(&bytes)) {
            return Some(oid);
        }
        next = walk.node(oid).parents.clone();
    }
}
