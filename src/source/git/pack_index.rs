//! The index of a pack (gitformat-pack(5)): which objects are in it, and where.

use std::cmp::Ordering;

use rayon::prelude::{IntoParallelIterator, ParallelIterator, ParallelSliceMut};

use crate::model::{ObjectFormat, Oid};

/// The tables of an index of version 1 or 2.
#[derive(Clone, Copy)]
pub(super) struct PackIndex<'t> {
    index: &'t [u8],
    format: ObjectFormat,
    is_v2: bool,
}

/// Length of the fan-out table, and of what precedes it in version 2.
const FAN_OUT: usize = 4 * 256;
const V2_HEAD: usize = 8;

/// Length of a pack's header.
pub(super) const PACK_HEADER: usize = 12;

/// Interpolation steps before a lookup falls back to binary search.
const GUESSES: usize = 6;

impl<'t> PackIndex<'t> {
    /// The tables in the bytes of an index file, whose ids have this format. They may be shorter than they
    /// claim.
    pub(super) fn new(index: &'t [u8], format: ObjectFormat) -> Option<Self> {
        let is_v2 = index.get(..V2_HEAD)? == [0xff, b't', b'O', b'c', 0, 0, 0, 2];
        Some(Self { index, format, is_v2 })
    }

    /// Number of objects whose ids begin with a byte of at most `byte`.
    fn up_to(&self, byte: usize) -> Option<usize> {
        Some(number(self.index, 4 * byte + if self.is_v2 { V2_HEAD } else { 0 })? as usize)
    }

    /// Number of objects, if the index is as long as that takes.
    pub(super) fn count(&self) -> Option<usize> {
        let count = self.up_to(255)?;
        // Before anything is allocated: the index must be as long as it claims.
        let id = self.format.bytes();
        let (head, row) = if self.is_v2 { (V2_HEAD + FAN_OUT, id + 8) } else { (FAN_OUT, id + 4) };
        self.index.get(..count.checked_mul(row)?.checked_add(head)?)?;
        Some(count)
    }

    /// The bytes of an id.
    #[inline]
    fn id(&self, nth: usize) -> Option<&'t [u8]> {
        let id = self.format.bytes();
        let at =
            if self.is_v2 { V2_HEAD + FAN_OUT + id * nth } else { FAN_OUT + (id + 4) * nth + 4 };
        self.index.get(at..at + id)
    }

    /// An id, by its position.
    #[inline]
    pub(super) fn oid(&self, nth: usize) -> Option<Oid> {
        Oid::at_start(self.format, self.id(nth)?)
    }

    fn offset(&self, nth: usize) -> Option<u64> {
        let id = self.format.bytes();
        if !self.is_v2 {
            return Some(u64::from(number(self.index, FAN_OUT + (id + 4) * nth)?));
        }
        let count = self.up_to(255)?;
        // Ids and checksums come first.
        let small = V2_HEAD + FAN_OUT + (id + 4) * count;
        match number(self.index, small + 4 * nth)? {
            short if short & 0x8000_0000 == 0 => Some(u64::from(short)),
            long => {
                let at = small + 4 * count + 8 * (long & 0x7fff_ffff) as usize;
                let (high, low) = (number(self.index, at)?, number(self.index, at + 4)?);
                Some(u64::from(high) << 32 | u64::from(low))
            }
        }
    }

    /// The CRC-32 of an entry as it is stored, by the position of its id. Version 1 has none.
    #[inline]
    pub(super) fn checksum(&self, nth: usize) -> Option<u32> {
        let count = self.up_to(255).filter(|_| self.is_v2)?;
        number(self.index, V2_HEAD + FAN_OUT + self.format.bytes() * count + 4 * nth)
    }

    /// The offsets of a pack's entries, in order, each below `limit`, with the positions of their
    /// ids.
    pub(super) fn offsets(&self, limit: usize) -> Option<Vec<(u64, u32)>> {
        let row = |nth: usize| Some((self.offset(nth)?, nth as u32));
        let mut found: Vec<(u64, u32)> =
            (0..self.count()?).into_par_iter().map(row).collect::<Option<_>>()?;
        found.par_sort_unstable();
        found.dedup_by_key(|(offset, _)| *offset);
        let is_inside =
            |(offset, _): &(u64, u32)| (PACK_HEADER as u64..limit as u64).contains(offset);
        found.iter().all(is_inside).then_some(found)
    }

    /// True if the ids are sorted and consistent with the fan-out table.
    pub(super) fn is_ordered(&self) -> Option<bool> {
        let count = self.count()?;
        let mut starts = vec![0];
        for byte in 0..256 {
            starts.push(self.up_to(byte)?);
        }
        let is_placed = |nth: usize| {
            let id = self.id(nth)?;
            let first = usize::from(*id.first()?);
            let is_behind = nth == 0 || order(self.id(nth - 1)?, id) != Ordering::Greater;
            Some(is_behind && (starts[first]..starts[first + 1]).contains(&nth))
        };
        let is_within = starts.iter().all(|start| *start <= count);
        Some(is_within && (0..count).into_par_iter().all(|nth| is_placed(nth) == Some(true)))
    }

    /// The number of ids that are less than `oid`.
    pub(super) fn position_of(&self, oid: Oid) -> usize {
        let (mut low, mut high) = (0, self.count().unwrap_or(0));
        while low < high {
            let middle = low + (high - low) / 2;
            match self.id(middle).map(|id| order(id, oid.as_bytes())) {
                Some(Ordering::Less) => low = middle + 1,
                Some(Ordering::Equal | Ordering::Greater) | None => high = middle,
            }
        }
        low
    }

    /// The offset of an object in the pack, if it is listed.
    pub(super) fn lookup(&self, oid: Oid) -> Option<u64> {
        let wanted = oid.as_bytes();
        let first = usize::from(*wanted.first()?);
        let mut low = if first == 0 { 0 } else { self.up_to(first - 1)? };
        let mut high = self.up_to(first)?;
        // Ids are as good as random: interpolating between two others nearly finds the place. If the
        // index is wrong about that, binary search still ends.
        let weight = |id: &[u8]| number(id, 1).map(u64::from);
        let own = weight(wanted)?;
        let (mut least, mut most) = (0, u64::from(u32::MAX));
        let mut guesses = 0;
        while low < high {
            let middle = if guesses < GUESSES && most > least {
                guesses += 1;
                let share = own.saturating_sub(least).min(most - least);
                low + ((high - low - 1) as u64 * share / (most - least)) as usize
            } else {
                low + (high - low) / 2
            };
            let found = self.id(middle)?;
            match order(found, wanted) {
                Ordering::Equal => return self.offset(middle),
                Ordering::Less => (low, least) = (middle + 1, weight(found)?),
                Ordering::Greater => (high, most) = (middle, weight(found)?),
            }
        }
        None
    }
}

/// Compares ids. The first eight bytes nearly always decide, and are compared as a number. Ids of
/// different formats are never equal.
#[inline]
fn order(one: &[u8], two: &[u8]) -> Ordering {
    let first = |id: &[u8]| id.first_chunk().map(|bytes| u64::from_be_bytes(*bytes));
    first(one).cmp(&first(two)).then_with(|| one.cmp(two))
}

/// The big-endian number of four bytes at an offset.
pub(super) fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, proptest};

    proptest! {
        #[test]
        fn no_index_panics(bytes in prop::collection::vec(any::<u8>(), 0..3000), v2 in any::<bool>()) {
            let mut bytes = bytes;
            if v2 && bytes.len() >= 1032 {
                bytes[..8].copy_from_slice(&[0xff, b't', b'O', b'c', 0, 0, 0, 2]);
                bytes[1028..1032].copy_from_slice(&[0, 0, 0, 20]);
            }
            let byte = bytes.first().copied().unwrap_or(9);
            for oid in [Oid::from([byte; 20]), Oid::from([byte; 32])] {
                if let Some(tables) = PackIndex::new(&bytes, oid.format()) {
                    let _ = (tables.offsets(1000), tables.is_ordered(), tables.lookup(oid));
                }
            }
        }
    }
}
