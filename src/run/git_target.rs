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
        /// True if the repositories inside the checkout are scanned, too.
        is_recursive: bool,
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

/// Selects commits. Times are in seconds since 1970; a commit is in time if the author's date or the
/// committer's is, so that one which was rebased or imported is found by either.
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

impl CommitSelection {
    /// True if a commit with these dates is in time.
    pub(super) fn is_in_time(&self, authored: i64, committed: i64) -> bool {
        let (since, until) = (self.since.unwrap_or(i64::MIN), self.until.unwrap_or(i64::MAX));
        [authored, committed].iter().any(|time| (since..=until).contains(time))
    }
}

/// The extent of a scan of commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum GitExtent {
    /// Nothing is stored, or the range has no commits.
    Nothing,
    /// The selection leaves none of the commits.
    NoneChosen,
    /// Some commits or objects.
    Some,
}
