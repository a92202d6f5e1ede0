//! Scans files, folders and streams.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use super::client_build;
use super::collect::FindingCollector;
use super::exposure;
use super::occurrence::OccurrenceBuilder;
use super::progress::Progress;
use super::report_builder::ReportBuilder;
use super::scan_roots::ScanRoots;
use super::worker::ScanWorker;
use crate::config::Plan;
use crate::model::{FilePath, Mode, Notice, NoticeKind, Report};
use crate::source;

/// The target of a scan.
pub enum ScanTarget<'t> {
    /// Files and folders.
    Paths(&'t [PathBuf]),
    /// One stream under a name.
    Stream(&'t mut (dyn Read + Send), PathBuf),
}

/// Scans `targets` according to the plan. `line_hashes` requests GitHub's line hashes, which cost a
/// pass over each file with findings.
pub fn run(
    plan: &Plan,
    targets: &mut [ScanTarget<'_>],
    line_hashes: bool,
    progress: &Progress,
) -> Report {
    let scanner = exposure::scanner(&plan.rules);
    let report = ReportBuilder { plan, scanner: &scanner, progress, begun: Instant::now() };
    let builder = OccurrenceBuilder::new(plan, &scanner, line_hashes);
    let paths = targets.iter().map(|target| match target {
        ScanTarget::Paths(paths) => ScanRoots::new(paths),
        ScanTarget::Stream(..) => ScanRoots::new(&[]),
    });
    let scanned: Vec<_> = paths.collect();
    let collector = Mutex::new(FindingCollector::default());
    let worker = |is_stream| ScanWorker::new(builder, progress, is_stream, &collector);
    let mut mode = Mode::Stdin;
    let mut roots = Vec::new();
    let mut excluded = 0;
    let mut nested = Vec::new();
    for (target, own) in targets.iter_mut().zip(&scanned) {
        match target {
            ScanTarget::Paths(_) => {
                mode = Mode::Tree;
                let walked = source::walk(&own.paths, &plan.tree, || worker(false).below(own));
                excluded += walked.excluded;
                nested.extend(walked.repositories);
                roots.extend_from_slice(&own.paths);
            }
            ScanTarget::Stream(input, path) => source::read_stdin(input, path, &mut worker(true)),
        }
    }
    let mut collector = collector.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    collector.summary.skipped_excluded += excluded;
    collector.notices.extend(nested_notice(builder, &nested));
    exposure::report_folders(builder, &roots, &mut collector);
    client_build::confirm(builder, progress, &mut collector);
    let is_empty = collector.summary.files == 0;
    report.build(collector, mode, Path::new(""), is_empty)
}

/// Number of nested repositories that are named.
const NAMED: usize = 3;

/// Says that the histories of repositories in the scanned tree were not searched.
fn nested_notice(builder: OccurrenceBuilder<'_>, nested: &[PathBuf]) -> Option<Notice> {
    let shown = |path: &PathBuf| builder.shown(FilePath::from_path(path));
    let advice = "`keyside git --recursive` in the repository around it searches it, as `keyside git \
                  FOLDER` does";
    let (path, message) = match nested {
        [] => return None,
        [one] => {
            let message = format!("is a repository, whose history was not searched; {advice}");
            (Some(shown(one)), message)
        }
        [_, ..] => {
            let names: Vec<_> =
                nested.iter().take(NAMED).map(|path| shown(path).to_string()).collect();
            let more = match nested.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let (count, names) = (nested.len(), names.join(", "));
            let advice = "`keyside git --recursive` in the repository around them searches all, \
                          `keyside git FOLDER` one";
            let message = format!(
                "the histories of {count} repositories in the tree were not searched: {names}{more}; \
                 {advice}"
            );
            (None, message)
        }
    };
    Some(Notice { path, kind: NoticeKind::NestedRepository, message })
}
