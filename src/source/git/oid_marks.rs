//! Tells ids that are in no table, before the table is asked: most of those that trees name are not.

use crate::model::Oid;

/// Places for each id: one in so many others is taken for one of them.
const PLACES: usize = 16;

/// The most places, 2 MB of bits.
const MOST: usize = 1 << 24;

/// A set of ids that may have others as well: of each, the first bits are known.
#[derive(Debug)]
pub(super) struct OidMarks {
    bits: Vec<u64>,
    /// So many of 32 bits do not count.
    shift: u32,
}

impl OidMarks {
    /// The marks of these ids, of which there are about `count`.
    pub(super) fn new<'o>(oids: impl Iterator<Item = &'o Oid>, count: usize) -> Self {
        let places = (PLACES * count).next_power_of_two().clamp(64, MOST);
        let mut own = Self { bits: vec![0; places / 64], shift: 32 - places.trailing_zeros() };
        for oid in oids {
            if let Some(place) = own.place(&oid.padded()) {
                own.bits[place / 64] |= 1 << (place % 64);
            }
        }
        own
    }

    /// False if no id of the set begins with these bytes.
    #[inline]
    pub(super) fn may_have(&self, id: &[u8]) -> bool {
        self.place(id).is_some_and(|place| self.bits[place / 64] >> (place % 64) & 1 == 1)
    }

    #[inline]
    fn place(&self, id: &[u8]) -> Option<usize> {
        let first = u32::from_be_bytes(*id.first_chunk()?);
        Some((first >> self.shift) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_the_set_are_told_from_most_others() {
        let bytes =
            |nth: u32| -> [u8; 20] { std::array::from_fn(|at| (nth >> (8 * (at % 4))) as u8) };
        let oid = |nth: u32| Oid::from(bytes(nth));
        let own: Vec<Oid> = (0..1000u32).map(|nth| oid(nth.wrapping_mul(0x9e37_79b1))).collect();
        let marks = OidMarks::new(own.iter(), own.len());
        assert!(own.iter().all(|oid| marks.may_have(&oid.padded())));
        let other = |nth: &u32| marks.may_have(&oid(nth.wrapping_mul(0x85eb_ca6b)).padded());
        assert!((1001..2000).filter(other).count() < 200);
        assert!(!marks.may_have(b"abc"));
        let none = OidMarks::new([].iter(), 0);
        assert!(!own.iter().any(|oid| none.may_have(&oid.padded())));
    }
}
