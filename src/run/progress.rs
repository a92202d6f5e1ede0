//! The progress of a run.

use std::sync::atomic::AtomicU64;

use crate::verify::Watch;

/// How far a run has come; read it from another thread.
#[derive(Debug, Default)]
pub struct Progress {
    /// Files that were begun.
    pub files: AtomicU64,
    /// Git objects that were searched.
    pub objects: AtomicU64,
    /// How many git objects there are to search; 0 where nobody has counted.
    pub all_objects: AtomicU64,
    /// Whether somebody looks, so that it is worth counting what is to come.
    pub is_shown: bool,
    /// Keys that are found, and whose history is being worked out.
    pub keys: AtomicU64,
    /// Bytes that were searched.
    pub bytes: AtomicU64,
    /// How far asking providers about keys has come, and the way to end it.
    pub watch: Watch,
}
