//! The whole pipeline: sources push pieces into a worker a thread, workers find keys and place
//! them, and what they gathered becomes one report.

mod blob_search;
mod collect;
mod commit_info;
mod connectivity;
mod exposure;
mod history;
mod import;
mod key_diff;
mod named_files;
mod occurrence;
mod push;
mod range;
mod range_report;
mod repository;
mod staged;
mod tree_keys;
mod unreadable_objects;
mod verification;
mod worker;

pub use import::{ImportOutcome, ImportedFile, import};
pub use repository::{CommitSelection, GitTarget, run_git};

use std::borrow::Cow;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use collect::FindingCollector;
use occurrence::OccurrenceBuilder;
use worker::ScanWorker;

use crate::config::Plan;
use crate::model::{FilePath, Mode, Notice, NoticeKind, Report, Suppression};
use crate::scan::{Locator, Scanner};
use crate::source::{self, Encoding};
use crate::verify::Watch;

/// What is to be scanned.
pub enum ScanTarget<'t> {
    /// Files and folders.
    Paths(&'t [PathBuf]),
    /// One stream under a name.
    Stream(&'t mut (dyn Read + Send), PathBuf),
}

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

/// Scans `targets` as planned. `line_hashes` asks for GitHub's line hashes, which cost a pass
/// over each file with findings.
pub fn run(
    plan: &Plan,
    targets: &mut [ScanTarget<'_>],
    line_hashes: bool,
    progress: &Progress,
) -> Report {
    let scanner = exposure::scanner(&plan.rules);
    let ending = ReportBuilder { plan, scanner: &scanner, progress, begun: Instant::now() };
    let builder = OccurrenceBuilder { plan, scanner: &scanner, line_hashes };
    let collector = Mutex::new(FindingCollector::default());
    let worker = |is_stream| ScanWorker {
        builder,
        progress,
        is_stream,
        text: Locator::new(Encoding::Bytes),
        is_seed: false,
        own: FindingCollector::default(),
        all: &collector,
    };
    let mut mode = Mode::Stdin;
    let mut roots = Vec::new();
    let mut excluded = 0;
    for target in targets {
        match target {
            ScanTarget::Paths(paths) => {
                mode = Mode::Tree;
                excluded += source::walk(paths, &plan.tree, || worker(false));
                roots.extend_from_slice(paths);
            }
            ScanTarget::Stream(input, path) => source::read_stdin(input, path, &mut worker(true)),
        }
    }
    let mut collector = collector.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    collector.summary.skipped_excluded += excluded;
    exposure::of_folders(builder, &roots, &mut collector);
    let is_empty = collector.summary.files == 0;
    ending.report(collector, mode, Path::new(""), is_empty)
}

/// What the report of a run is made with.
struct ReportBuilder<'e> {
    plan: &'e Plan,
    scanner: &'e Scanner<'e>,
    progress: &'e Progress,
    begun: Instant,
}

impl ReportBuilder<'_> {
    /// Makes the report. Paths of files in git are below `base`.
    fn report(
        &self,
        mut collector: FindingCollector,
        mode: Mode,
        base: &Path,
        is_empty: bool,
    ) -> Report {
        let Self { plan, scanner, progress, begun } = self;
        collector.notices.extend(plan.notices.iter().cloned());
        if is_empty && !plan.allow_empty {
            collector.notices.push(nothing_scanned(mode));
        }
        let mut report = collector.into_report(plan, mode, base);
        verification::verify(&mut report, plan, scanner, &progress.watch);
        redact(&mut report, scanner);
        report.summary.duration = begun.elapsed();
        report
    }
}

/// Takes keys out of what other files say: reasons of markers, names and patterns of ignore files.
fn redact(report: &mut Report, scanner: &Scanner<'_>) {
    for suppressed in &mut report.suppressed {
        match &mut suppressed.by {
            Suppression::Inline { reason, .. } => *reason = scanner.masked_text(reason),
            Suppression::IgnoreFile { place, reason } | Suppression::Baseline { place, reason } => {
                *place = scanner.masked_text(place);
                *reason = scanner.masked_text(reason);
            }
            Suppression::Config { place } => *place = scanner.masked_text(place),
        }
    }
    for notice in &mut report.notices {
        notice.message = scanner.masked_text(&notice.message);
        if let Some(path) = &mut notice.path
            && let Cow::Owned(masked) = scanner.masked(path.as_bytes())
        {
            *path = FilePath::from_bytes(&masked);
        }
    }
}

fn nothing_scanned(mode: Mode) -> Notice {
    let message = match mode {
        Mode::Tree => {
            "nothing was scanned: no file to read (--allow-empty makes that all right; \
                       --no-ignore reads what git ignores)"
        }
        Mode::Stdin => {
            "nothing was scanned: standard input is empty (--allow-empty makes that all \
                        right)"
        }
        Mode::History => {
            "nothing was scanned: the repository holds no objects (--allow-empty makes that all \
             right)"
        }
        Mode::Range => {
            "nothing was scanned: no commit is in the range (--allow-empty makes that all right)"
        }
        Mode::Staged => "nothing is staged",
    };
    Notice { path: None, kind: NoticeKind::Empty, message: message.to_owned() }
}
