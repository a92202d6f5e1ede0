//! Which entries of a pack are made of which, and how the work of reading them is parted.

use std::ops::Range;

use rayon::prelude::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelIterator,
};

use super::pack::{EntryBase, Pack, PackEntry};
use crate::model::Oid;

/// The delta trees of a pack.
#[derive(Debug)]
pub(super) struct DeltaForest {
    /// Entries that are whole, or made of an object outside of the pack.
    pub(super) roots: Vec<u32>,
    /// `children[first[i]..first[i + 1]]` are the entries made of entry `i`.
    first: Vec<u32>,
    children: Vec<u32>,
}

/// What stands for the base of an entry that has none in the pack.
const NONE: u32 = u32::MAX;

impl DeltaForest {
    pub(super) fn new(entries: &[PackEntry]) -> Self {
        let count = entries.len();
        // Apart, as they are gone through several times, and entries are large.
        let base = |entry: &PackEntry| match entry.base {
            EntryBase::Entry(base) if (base as usize) < count => base,
            EntryBase::Entry(_) | EntryBase::Whole(_) | EntryBase::Outside | EntryBase::None => {
                NONE
            }
        };
        let bases: Vec<u32> = entries.par_iter().map(base).collect();
        let mut roots = Vec::new();
        let mut first = vec![0u32; count + 1];
        for (index, &base) in bases.iter().enumerate() {
            if base != NONE {
                first[base as usize + 1] += 1;
            } else if matches!(entries[index].base, EntryBase::Whole(_) | EntryBase::Outside) {
                roots.push(index as u32);
            }
        }
        for index in 0..count {
            first[index + 1] += first[index];
        }
        let mut next = first.clone();
        let mut children = vec![0; first[count] as usize];
        for (index, &base) in bases.iter().enumerate().filter(|(_, base)| **base != NONE) {
            let place = &mut next[base as usize];
            children[*place as usize] = index as u32;
            *place += 1;
        }
        let mut forest = Self { roots, first, children };
        forest.put_largest_last(&bases);
        forest
    }

    /// Puts behind its siblings the entry that most others are made of. Its base is not needed any
    /// more then, so that no more objects are kept on the way down than an entry count has bits.
    fn put_largest_last(&mut self, bases: &[u32]) {
        let below = self.below(bases);
        for index in 0..bases.len() {
            let own = self.first[index] as usize..self.first[index + 1] as usize;
            if let [rest @ .., last] = &mut self.children[own] {
                let largest = rest.iter_mut().max_by_key(|child| below[**child as usize]);
                if let Some(largest) = largest
                    && below[*largest as usize] > below[*last as usize]
                {
                    std::mem::swap(largest, last);
                }
            }
        }
    }

    /// How many entries there are in the tree below each, with itself.
    fn below(&self, bases: &[u32]) -> Vec<u32> {
        let mut below = vec![1; bases.len()];
        let mut add = |index: usize| {
            if bases[index] != NONE {
                below[bases[index] as usize] += below[index];
            }
        };
        // Nearly always, each stands behind its base.
        if bases.par_iter().enumerate().all(|(index, &base)| base == NONE || base < index as u32) {
            (0..bases.len()).rev().for_each(add);
        } else {
            let mut reached = Vec::with_capacity(bases.len());
            let mut stack = self.roots.clone();
            while let Some(index) = stack.pop() {
                reached.push(index as usize);
                stack.extend(self.children(index));
            }
            reached.into_iter().rev().for_each(&mut add);
        }
        below
    }

    pub(super) fn children(&self, index: u32) -> &[u32] {
        let index = index as usize;
        &self.children[self.first[index] as usize..self.first[index + 1] as usize]
    }

    /// Entries that no root leads to: their base is missing, or they are made of each other.
    pub(super) fn unreached(&self, pack: &Pack) -> Vec<Oid> {
        // Where each stands behind its base, there are none.
        let is_behind = |(index, entry): (usize, &PackEntry)| match entry.base {
            EntryBase::Whole(_) | EntryBase::Outside => true,
            EntryBase::Entry(base) => (base as usize) < index,
            EntryBase::None => false,
        };
        if pack.entries.par_iter().enumerate().all(is_behind) {
            return Vec::new();
        }
        let mut seen = vec![false; pack.entries.len()];
        let mut stack = self.roots.clone();
        while let Some(index) = stack.pop() {
            seen[index as usize] = true;
            stack.extend(self.children(index));
        }
        let lost = pack.entries.iter().zip(seen).filter(|(_, seen)| !seen);
        lost.map(|(entry, _)| entry.oid).collect()
    }
}

/// How many parts there are for each thread.
const PARTS: u64 = 32;

/// What an entry costs beside inflating it, in deflated bytes.
const ENTRY: u64 = 64;

/// Roots, parted so that the parts take about as long as each other.
pub(super) struct WorkUnits {
    roots: Vec<u32>,
    parts: Vec<Range<usize>>,
}

impl WorkUnits {
    /// Parts the roots of which at least one wanted entry is made.
    pub(super) fn new(
        pack: &Pack,
        forest: &DeltaForest,
        is_wanted: impl Fn(u32) -> bool + Sync,
    ) -> Self {
        let weigh = |stack: &mut Vec<u32>, root: u32| {
            let mut weight = 0;
            stack.push(root);
            while let Some(index) = stack.pop() {
                if is_wanted(index) {
                    weight += ENTRY + pack.deflated(&pack.entries[index as usize]).len() as u64;
                    stack.extend(forest.children(index));
                }
            }
            weight
        };
        let weights: Vec<u64> = (0..forest.roots.len())
            .into_par_iter()
            .map_init(Vec::new, |stack, nth| weigh(stack, forest.roots[nth]))
            .collect();
        let enough = weights.iter().sum::<u64>() / (PARTS * rayon::current_num_threads() as u64);
        let mut roots = Vec::new();
        let mut parts: Vec<(Range<usize>, u64)> = Vec::new();
        for (&root, &weight) in forest.roots.iter().zip(&weights).filter(|(_, weight)| **weight > 0)
        {
            let at = roots.len();
            roots.push(root);
            match parts.last_mut() {
                Some((last, sum)) if *sum + weight <= enough => {
                    last.end = at + 1;
                    *sum += weight;
                }
                _ => parts.push((at..at + 1, weight)),
            }
        }
        // A tree is walked by one thread: long ones come first. The others stay in the order of
        // the file.
        parts.sort_by_key(|(_, weight)| {
            std::cmp::Reverse(if *weight > enough { *weight } else { 0 })
        });
        Self { roots, parts: parts.into_iter().map(|(part, _)| part).collect() }
    }

    pub(super) fn get(&self, nth: usize) -> Option<&[u32]> {
        Some(&self.roots[self.parts.get(nth)?.clone()])
    }

    pub(super) fn len(&self) -> usize {
        self.parts.len()
    }
}
