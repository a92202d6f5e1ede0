//! The parts of a repository that can be scanned.

use std::path::PathBuf;

use crate::source::git::{PushReceiver, RefUpdate};

/// The part of a repository to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GitTarget {
    /// Everything that it stores; with a selection, only what the selected commits introduce.
    History {
        /// The selected commits.
        selection: Option<CommitSelection>,
        /// The folder of the cache of clean objects.
        cache: Option<PathBuf>,
    },
    /// The staged changes.
    Staged {
        /// True if all of a changed file counts, not only what is added to it.
        whole_file: bool,
        /// Files that were named in addition. If one is not staged, all of its content in the index
        /// counts.
        files: Vec<PathBuf>,
        /// The folder of the cache of changes that expose nothing.
        cache: Option<PathBuf>,
    },
    /// The additions of the commits of a range.
    Range {
        /// `BASE..HEAD` or `BASE...HEAD`.
        range: String,
        /// The selected commits of the range.
        selection: CommitSelection,
    },
    /// The new content of a push.
    Push {
        /// The refs that it updates.
        updates: Vec<RefUpdate>,
        /// The receiver.
        receiver: PushReceiver,
    },
}

/// Selects commits. Times are the committer's, in seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommitSelection {
    /// Commits reachable from these branches (or other revisions); empty selects all.
    pub branches: Vec<String>,
    /// Commits from this time on.
    pub since: Option<i64>,
    /// Commits up to this time.
    pub until: Option<i64>,
    /// Only this many of the newest.
    pub max_count: Option<usize>,
}
