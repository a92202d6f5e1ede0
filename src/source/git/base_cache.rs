//! Remembers objects that deltas are based on, and loose ones: neighbours in history are nearly always based on
//! each other and have the same trees, so that each would otherwise be built or read again for the next one.

use std::hash::{BuildHasher, Hash};
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::HashMap;
use foldhash::fast::FixedState;

use super::pack_entry::ObjectKind;

/// An object, shared with the cache.
pub(super) type CachedObject = (ObjectKind, Arc<Vec<u8>>);

/// Parts with locks of their own, so that threads hardly ever wait.
const SHARDS: usize = 16;

/// Bytes that the younger half of a part may hold.
const BUDGET: usize = 2 << 20;

/// The largest object that is remembered, in bytes.
const LARGEST: usize = BUDGET / 4;

/// The objects that were used last, by their places or ids; may be shared by threads.
#[derive(Debug)]
pub(super) struct BaseCache<K> {
    shards: [Mutex<CacheShard<K>>; SHARDS],
}

impl<K> Default for BaseCache<K> {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

/// A part of the cache. What was not used for as long as it took to fill the younger half is forgotten.
#[derive(Debug)]
struct CacheShard<K> {
    young: HashMap<K, CachedObject>,
    old: HashMap<K, CachedObject>,
    /// The size of the younger half.
    bytes: usize,
}

impl<K> Default for CacheShard<K> {
    fn default() -> Self {
        Self { young: HashMap::default(), old: HashMap::default(), bytes: 0 }
    }
}

impl<K: Copy + Eq + Hash> BaseCache<K> {
    /// The object at a place, if it is remembered.
    pub(super) fn get(&self, place: K) -> Option<CachedObject> {
        let mut shard = self.shard(place).lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = shard.young.get(&place) {
            return Some(found.clone());
        }
        let found = shard.old.remove(&place)?;
        shard.put(place, found.clone());
        Some(found)
    }

    /// Remembers an object, unless it is large.
    pub(super) fn put(&self, place: K, object: &CachedObject) {
        if object.1.len() <= LARGEST {
            let mut shard = self.shard(place).lock().unwrap_or_else(PoisonError::into_inner);
            shard.put(place, object.clone());
        }
    }

    fn shard(&self, place: K) -> &Mutex<CacheShard<K>> {
        let hash = FixedState::default().hash_one(place);
        &self.shards[(hash >> 32) as usize % SHARDS]
    }
}

impl<K: Eq + Hash> CacheShard<K> {
    fn put(&mut self, place: K, object: CachedObject) {
        if self.bytes > BUDGET {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        // Small objects take more than their bytes.
        self.bytes += object.1.len() + 64;
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
        cache.put((0, 0_u64), &object(LARGEST + 1));
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
