//! Progress of a verification, and how to stop it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

/// The progress of a verification, and its stop switch; clones share both.
#[derive(Debug, Clone)]
pub struct Watch {
    /// The number of keys to ask about.
    pub keys: Arc<AtomicU64>,
    /// The number of keys with a result.
    pub decided: Arc<AtomicU64>,
    /// True while no requests are being sent: before and after the verification.
    pub is_idle: Arc<AtomicBool>,
    /// Set it to stop at once; keys without a result stay unchecked.
    pub is_stopped: Arc<AtomicBool>,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            keys: Arc::default(),
            decided: Arc::default(),
            is_idle: Arc::new(AtomicBool::new(true)),
            is_stopped: Arc::default(),
        }
    }
}
