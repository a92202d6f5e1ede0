//! Divides the delta trees of a pack into units of work of about the same size.

use std::ops::Range;

use rayon::prelude::{IntoParallelIterator, ParallelIterator};

use super::delta_forest::DeltaForest;
use super::pack::Pack;

/// Units per thread.
const PARTS: u64 = 32;

/// Cost of an entry besides inflating it, in deflated bytes.
const ENTRY: u64 = 64;

/// Roots, divided into units that take about equally long.
pub(super) struct WorkUnits {
    roots: Vec<u32>,
    parts: Vec<Range<usize>>,
}

impl WorkUnits {
    /// Divides the roots that at least one wanted entry is based on.
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
        // A tree is walked by one thread: large ones come first. The others stay in the order of
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
