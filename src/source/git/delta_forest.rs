//! The delta trees of a pack: which entries are made of which.

use rayon::prelude::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::pack_entry::{EntryBase, PackEntry};

/// The delta trees of a pack.
#[derive(Debug)]
pub(super) struct DeltaForest {
    /// Entries stored whole, or based on an object outside the pack.
    pub(super) roots: Vec<u32>,
    /// `children[first[i]..first[i + 1]]` are the entries based on entry `i`.
    first: Vec<u32>,
    children: Vec<u32>,
}

/// The base of an entry that has none in the pack.
const NONE: u32 = u32::MAX;

impl DeltaForest {
    pub(super) fn new(entries: &[PackEntry]) -> Self {
        let count = entries.len();
        // Copied, because they are traversed several times and entries are large.
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

    /// Moves the entry with the largest tree behind its siblings. Its base is no longer needed
    /// then, so that the number of objects kept on the way down is at most the number of bits of an
    /// entry count.
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

    /// Number of entries in the tree of each, including itself.
    fn below(&self, bases: &[u32]) -> Vec<u32> {
        let mut below = vec![1; bases.len()];
        let mut add = |index: usize| {
            if bases[index] != NONE {
                below[bases[index] as usize] += below[index];
            }
        };
        // Nearly always, each comes after its base.
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

    /// Entries that no root leads to: their base is missing, or they are based on each other.
    pub(super) fn unreached(&self, entries: &[PackEntry]) -> Vec<u32> {
        // If each comes after its base, there are none.
        let is_behind = |(index, entry): (usize, &PackEntry)| match entry.base {
            EntryBase::Whole(_) | EntryBase::Outside => true,
            EntryBase::Entry(base) => (base as usize) < index,
            EntryBase::None => false,
        };
        if entries.par_iter().enumerate().all(is_behind) {
            return Vec::new();
        }
        let mut seen = vec![false; entries.len()];
        let mut stack = self.roots.clone();
        while let Some(index) = stack.pop() {
            seen[index as usize] = true;
            stack.extend(self.children(index));
        }
        (0..).zip(seen).filter(|(_, seen)| !seen).map(|(index, _)| index).collect()
    }
}
