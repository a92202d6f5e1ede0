//! Scans git repositories.

use std::time::Instant;

use super::collect::FindingCollector;
use super::git_scan::GitScan;
use super::git_target::{GitExtent, GitTarget};
use super::history::HistoryPart;
use super::occurrence::OccurrenceBuilder;
use super::progress::Progress;
use super::report_builder::ReportBuilder;
use super::{exposure, history, push, range, staged};
use crate::config::Plan;
use crate::model::{Mode, Notice, NoticeKind, Report};
use crate::scan::KeyScanner;
use crate::source::git::{CommitRange, RepoError, Repository};

/// Scans `target` in a repository according to the plan.
///
/// # Errors
/// Revisions that name nothing, and a repository that cannot be read at all. Partial failures are
/// in the report.
pub fn run_git(
    plan: &Plan,
    repository: &Repository,
    target: &GitTarget,
    line_hashes: bool,
    progress: &Progress,
) -> Result<Report, RepoError> {
    let begun = Instant::now();
    let scanner = match target {
        // Past exposure is not analysed, so only keywords are looked for.
        GitTarget::History { .. } => KeyScanner::new(&plan.rules),
        GitTarget::Staged { .. } | GitTarget::Range { .. } | GitTarget::Push { .. } => {
            exposure::scanner(&plan.rules)
        }
    };
    let report = ReportBuilder { plan, scanner: &scanner, progress, begun };
    let builder = OccurrenceBuilder::new(plan, &scanner, line_hashes);
    let lfs = repository.lfs().with_limit(plan.tree.max_file_size);
    let scan = GitScan { plan, repository, scanner: &scanner, builder, progress, lfs };
    let mut collector = FindingCollector::default();
    collector.notices.extend(repository.notices.iter().cloned());
    let (mode, extent) = match target {
        GitTarget::History { selection, cache, is_recursive } => {
            let part = HistoryPart {
                selection: selection.as_ref(),
                cache: cache.as_deref(),
                is_recursive: *is_recursive,
            };
            let extent = history::scan(&scan, &part, &mut collector)?;
            let is_selected = selection.is_some();
            (if is_selected { Mode::Range } else { Mode::History }, extent)
        }
        GitTarget::Staged { whole_file, files, cache } => {
            staged::scan(&scan, *whole_file, files, cache.as_deref(), &mut collector)?;
            (Mode::Staged, GitExtent::Some)
        }
        GitTarget::Range { range, selection } => {
            let span = CommitRange::of(repository, range)?;
            (Mode::Range, range::scan(&scan, &span, selection, &mut collector)?)
        }
        GitTarget::Push { updates, receiver } => {
            push::scan(&scan, updates, receiver, &mut collector)?;
            (Mode::Range, GitExtent::Some)
        }
    };
    if extent == GitExtent::NoneChosen {
        collector.notices.push(Notice {
            path: None,
            kind: NoticeKind::NothingChosen,
            message:
                "no commit is left by --since, --until, --max-count and --branch, so there was \
                      nothing to scan"
                    .to_owned(),
        });
    }
    Ok(report.build(collector, mode, scan.base(), extent == GitExtent::Nothing))
}
