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
use crate::model::{Mode, Report};
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
    for (target, own) in targets.iter_mut().zip(&scanned) {
        match target {
            ScanTarget::Paths(_) => {
                mode = Mode::Tree;
                excluded += source::walk(&own.paths, &plan.tree, || worker(false).below(own));
                roots.extend_from_slice(&own.paths);
            }
            ScanTarget::Stream(input, path) => source::read_stdin(input, path, &mut worker(true)),
        }
    }
    let mut collector = collector.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    collector.summary.skipped_excluded += excluded;
    exposure::report_folders(builder, &roots, &mut collector);
    client_build::confirm(builder, progress, &mut collector);
    let is_empty = collector.summary.files == 0;
    report.build(collector, mode, Path::new(""), is_empty)
}
