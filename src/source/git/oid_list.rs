//! Many ids in little memory.

use std::cmp::Ordering;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator, ParallelSliceMut};

use crate::model::{ObjectFormat, Oid};

/// A list of ids that takes 20 bytes for a SHA-1 and 32 for a SHA-256: a walk collects millions. In
/// practice, all have the same format.
#[derive(Debug, Default)]
pub struct OidList {
    sha1: Vec<[u8; 20]>,
    sha256: Vec<[u8; 32]>,
}

impl OidList {
    /// Adds an id.
    #[inline]
    pub fn push(&mut self, oid: Oid) {
        match oid.format() {
            ObjectFormat::Sha1 => self.sha1.extend(oid.as_bytes().first_chunk()),
            ObjectFormat::Sha256 => self.sha256.push(oid.padded()),
        }
    }

    /// Adds the ids of another list.
    pub fn append(&mut self, other: &mut Self) {
        self.sha1.append(&mut other.sha1);
        self.sha256.append(&mut other.sha256);
    }

    /// Sorts the ids, and keeps one of each.
    pub(super) fn sort(&mut self) {
        self.sha1.par_sort_unstable_by(order);
        self.sha1.dedup();
        self.sha256.par_sort_unstable_by(order);
        self.sha256.dedup();
    }

    /// The ids, for several threads.
    pub(super) fn par_iter(&self) -> impl ParallelIterator<Item = Oid> {
        let sha1 = self.sha1.par_iter().map(|id| Oid::from(*id));
        sha1.chain(self.sha256.par_iter().map(|id| Oid::from(*id)))
    }
}

/// Compares ids. The first eight bytes nearly always decide, and are compared as a number.
fn order<const N: usize>(one: &[u8; N], two: &[u8; N]) -> Ordering {
    let first = |id: &[u8; N]| id.first_chunk().map(|bytes| u64::from_be_bytes(*bytes));
    first(one).cmp(&first(two)).then_with(|| one.cmp(two))
}

impl Extend<Oid> for OidList {
    fn extend<I: IntoIterator<Item = Oid>>(&mut self, oids: I) {
        oids.into_iter().for_each(|oid| self.push(oid));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_both_formats_are_kept_once() {
        let mut list = OidList::default();
        let (short, long) = ([1, 0, 1].map(|byte| [byte; 20]), [2, 2].map(|byte| [byte; 32]));
        list.extend(short.map(Oid::from));
        let mut other = OidList::default();
        other.extend(long.map(Oid::from));
        list.append(&mut other);
        list.sort();
        let all: Vec<Oid> = list.par_iter().collect();
        assert_eq!(all, [Oid::from([0; 20]), Oid::from([1; 20]), Oid::from([2; 32])]);
        assert_eq!(other.par_iter().count(), 0);
    }
}
