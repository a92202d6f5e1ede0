//! What all scans of a git repository have in common.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::collect::FindingCollector;
use super::occurrence::OccurrenceBuilder;
use super::{Progress, ReportBuilder, exposure, history, push, range, staged};
use crate::config::Plan;
use crate::model::{Mode, Report};
use crate::scan::Scanner;
use crate::source::git::{CommitRange, PushReceiver, RefUpdate, RepoError, Repository};

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

/// What every scan of a repository works with.
pub(super) struct GitScan<'s> {
    pub(super) plan: &'s Plan,
    pub(super) repository: &'s Repository,
    pub(super) scanner: &'s Scanner<'s>,
    pub(super) builder: OccurrenceBuilder<'s>,
    pub(super) progress: &'s Progress,
}

impl GitScan<'_> {
    /// The folder that paths of the repository are below.
    pub(super) fn base(&self) -> &Path {
        self.repository.checkout().unwrap_or(Path::new(""))
    }
}

/// Scans `part` of a repository as planned.
///
/// # Errors
/// Revisions that name nothing, and a repository that cannot be read at all. What cannot be read
/// in part is in the report.
pub fn run_git(
    plan: &Plan,
    repository: &Repository,
    part: &GitTarget,
    line_hashes: bool,
    progress: &Progress,
) -> Result<Report, RepoError> {
    let begun = Instant::now();
    let scanner = match part {
        // What was once on a client's side is not asked: no words but keywords are looked for.
        GitTarget::History { .. } => Scanner::new(&plan.rules),
        GitTarget::Staged { .. } | GitTarget::Range { .. } | GitTarget::Push { .. } => {
            exposure::scanner(&plan.rules)
        }
    };
    let ending = ReportBuilder { plan, scanner: &scanner, progress, begun };
    let builder = OccurrenceBuilder { plan, scanner: &scanner, line_hashes };
    let scan = GitScan { plan, repository, scanner: &scanner, builder, progress };
    let mut collector = FindingCollector::default();
    collector.notices.extend(repository.notices.iter().cloned());
    let (mode, is_empty) = match part {
        GitTarget::History { selection, cache } => {
            let is_empty =
                history::scan(&scan, selection.as_ref(), cache.as_deref(), &mut collector)?;
            let is_selected = selection.is_some();
            (if is_selected { Mode::Range } else { Mode::History }, is_empty)
        }
        GitTarget::Staged { whole_file, files } => {
            staged::scan(&scan, *whole_file, files, &mut collector)?;
            (Mode::Staged, false)
        }
        GitTarget::Range { range, selection } => {
            let span = CommitRange::of(repository, range)?;
            (Mode::Range, range::scan(&scan, &span, selection, &mut collector)?)
        }
        GitTarget::Push { updates, receiver } => {
            push::scan(&scan, updates, receiver, &mut collector)?;
            (Mode::Range, false)
        }
    };
    Ok(ending.report(collector, mode, scan.base(), is_empty))
}
