//! Which part of a repository a run scans.

use std::path::PathBuf;

use crate::source::git::{PushReceiver, RefUpdate};

/// What of a repository is scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GitTarget {
    /// All that it stores; or, with a selection, what the selected commits add.
    History {
        /// Which commits count.
        selection: Option<CommitSelection>,
        /// A folder that remembers what is clean.
        cache: Option<PathBuf>,
    },
    /// What the next commit would add.
    Staged {
        /// Whether all of a changed file counts, not only what is added to it.
        whole_file: bool,
        /// Files that were asked for besides. Of one that is not staged, all counts that the index
        /// has of it.
        files: Vec<PathBuf>,
    },
    /// What the commits of a range add.
    Range {
        /// `BASE..HEAD` or `BASE...HEAD`.
        range: String,
        /// Which of its commits count.
        selection: CommitSelection,
    },
    /// What a push brings.
    Push {
        /// The refs that it sets.
        updates: Vec<RefUpdate>,
        /// Who receives it.
        receiver: PushReceiver,
    },
}

/// Which commits count. Times are seconds since 1970, as the committer's clock said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommitSelection {
    /// Those that these branches (or other revisions) reach; all if there is none.
    pub branches: Vec<String>,
    /// Those from this time on.
    pub since: Option<i64>,
    /// Those up to this time.
    pub until: Option<i64>,
    /// Only the newest so many.
    pub max_count: Option<usize>,
}
