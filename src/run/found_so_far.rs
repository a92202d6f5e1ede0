//! The keys that a run has come to, for whoever interrupts it.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use crate::model::KeyId;

/// The most places that are kept.
const PLACES: usize = 20;

/// The keys that a run has come to. They are counted before anything is decided about them: some may be
/// accepted, or not new.
#[derive(Debug, Default)]
pub struct FoundSoFar(Mutex<FoundKeys>);

/// Keys and places, at one moment.
#[derive(Debug, Clone, Default)]
pub struct FoundKeys {
    /// The keys.
    pub keys: HashSet<KeyId>,
    /// The number of their places.
    pub places: u64,
    /// The first places, each with its rule.
    pub first: Vec<String>,
}

impl FoundSoFar {
    /// Adds a key of a rule at a place, which holds no secret.
    pub(super) fn add(&self, key: KeyId, rule_id: &str, place: impl FnOnce() -> String) {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        found.keys.insert(key);
        found.places += 1;
        if found.first.len() < PLACES {
            let place = place();
            found.first.push(format!("{place} {rule_id}"));
        }
    }

    /// The keys and places until now.
    pub fn now(&self) -> FoundKeys {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
