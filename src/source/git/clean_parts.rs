//! Remembers parts of objects that were searched and have no needle: most of what the deltas of a history
//! change and what is around it is in more than one of them, as often as a file was changed nearby.

use std::hash::{BuildHasher, RandomState};

/// The number of parts that are remembered at once. Of git's own history, a thread comes upon about twice as many.
const SLOTS: usize = 1 << 17;

/// The hash by which a part is known. Its secret is drawn anew in each process, so that nobody can make two parts
/// with one hash; by chance, one pair in 10^18 has one.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct PartKey(u64);

/// The parts without needles.
#[derive(Debug, Default)]
pub(super) struct CleanParts {
    random: RandomState,
    /// Each in the place that it belongs to; the last one of several. Empty until there is one.
    slots: Vec<PartKey>,
}

impl CleanParts {
    /// The key of a part. Some formats are told by the beginning of an object.
    pub(super) fn key(&self, part: &[u8], is_beginning: bool) -> PartKey {
        // Nothing is in an empty place.
        PartKey(self.random.hash_one((is_beginning, part)) | 1)
    }

    /// True if the part was searched and has no needle.
    pub(super) fn has(&self, key: PartKey) -> bool {
        self.slots.get(slot(key)) == Some(&key)
    }

    pub(super) fn add(&mut self, key: PartKey) {
        if self.slots.is_empty() {
            self.slots = vec![PartKey::default(); SLOTS];
        }
        self.slots[slot(key)] = key;
    }
}

fn slot(key: PartKey) -> usize {
    (key.0 >> 1) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_added_is_known() {
        let mut clean = CleanParts::default();
        let keys: Vec<_> = (0..1000u32).map(|nth| clean.key(&nth.to_le_bytes(), false)).collect();
        assert!(keys.iter().all(|key| !clean.has(*key)));
        for key in &keys[..500] {
            clean.add(*key);
            assert!(clean.has(*key));
        }
        assert!(keys[500..].iter().all(|key| !clean.has(*key)));
        assert!(!clean.has(clean.key(&0u32.to_le_bytes(), true)));
    }
}
