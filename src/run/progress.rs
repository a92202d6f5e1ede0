//! The progress of a run.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::found_so_far::FoundSoFar;
use crate::verify::Watch;

/// The progress of a run; may be read from another thread.
#[derive(Debug, Default)]
pub struct Progress {
    /// Files begun.
    pub files: AtomicU64,
    /// Git objects searched.
    pub objects: AtomicU64,
    /// Git objects to search; 0 if they have not been counted.
    pub all_objects: AtomicU64,
    /// True if progress is displayed, so that counting in advance is worthwhile.
    pub is_shown: bool,
    /// Keys found whose history is being determined.
    pub keys: AtomicU64,
    /// Bytes searched.
    pub bytes: AtomicU64,
    /// The keys found until now.
    pub found: Arc<FoundSoFar>,
    /// Progress of verification, and the means to stop it.
    pub watch: Watch,
}
