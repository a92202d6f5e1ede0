//! Remembers objects that deltas are based on: neighbours in history are nearly always based on each
//! other, so that each would otherwise be built again for the next one.

use std::sync::{Arc, Mutex, PoisonError};

use foldhash::HashMap;

use super::pack_entry::ObjectKind;

/// An object, shared with the cache.
pub(super) type CachedObject = (ObjectKind, Arc<Vec<u8>>);

/// The place of an entry: the number of its pack, and its offset there.
pub(super) type EntryPlace = (usize, u64);

/// Parts with locks of their own, so that threads hardly ever wait.
const SHARDS: usize = 16;

/// Bytes that the younger half of a part may hold.
const BUDGET: usize = 2 << 20;

/// The largest object that is remembered, in bytes.
const LARGEST: usize = BUDGET / 4;

/// The objects that were used last; may be shared by threads.
#[derive(Debug, Default)]
pub(super) struct BaseCache {
    shards: [Mutex<CacheShard>; SHARDS],
}

/// A part of the cache. What was not used for as long as it took to fill the younger half is forgotten.
#[derive(Debug, Default)]
struct CacheShard {
    young: HashMap<EntryPlace, CachedObject>,
    old: HashMap<EntryPlace, CachedObject>,
    /// The size of the younger half.
    bytes: usize,
}

impl BaseCache {
    /// The object at a place, if it is remembered.
    pub(super) fn get(&self, place: EntryPlace) -> Option<CachedObject> {
        let mut shard = self.shard(place).lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = shard.young.get(&place) {
            return Some(found.clone());
        }
        let found = shard.old.remove(&place)?;
        shard.put(place, found.clone());
        Some(found)
    }

    /// Remembers an object, unless it is large.
    pub(super) fn put(&self, place: EntryPlace, object: &CachedObject) {
        if object.1.len() <= LARGEST {
            let mut shard = self.shard(place).lock().unwrap_or_else(PoisonError::into_inner);
            shard.put(place, object.clone());
        }
    }

    fn shard(&self, (pack, offset): EntryPlace) -> &Mutex<CacheShard> {
        // Entries are a few dozen bytes long at least, so that the lowest bits alone would do.
        &self.shards[(pack ^ offset as usize ^ (offset >> 4) as usize) % SHARDS]
    }
}

impl CacheShard {
    fn put(&mut self, place: EntryPlace, object: CachedObject) {
        if self.bytes > BUDGET {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += object.1.len();
        self.young.insert(place, object);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_used_is_forgotten() {
        let cache = BaseCache::default();
        let object = |size| (ObjectKind::Blob, Arc::new(vec![7; size]));
        cache.put((0, 0), &object(LARGEST + 1));
        assert!(cache.get((0, 0)).is_none());
        cache.put((0, 32), &object(9));
        for nth in 0..5000 {
            cache.put((1, 12 + 100 * nth), &object(LARGEST / 2));
            assert_eq!(cache.get((0, 32)).unwrap().1.len(), 9, "it is used all the time");
        }
        assert!(cache.get((1, 12)).is_none());
        assert!(cache.get((2, 32)).is_none());
    }
}
