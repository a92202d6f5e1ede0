//! The whole pipeline: sources push pieces into a worker a thread, workers find keys and place
//! them, and what they gathered becomes one report.

mod added;
mod blobs;
mod change;
mod connected;
mod drafts;
mod exposure;
mod history;
mod import;
mod named;
mod placing;
mod push;
mod range;
mod range_report;
mod repository;
mod staged;
mod tree_keys;
mod unread;
mod verification;
mod worker;

pub use import::{Import, ImportedFile, import};
pub use repository::{Part, Selection, run_git};

use std::borrow::Cow;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use drafts::Gathered;
use placing::Placer;
use worker::Worker;

use crate::config::Plan;
use crate::model::{FilePath, Mode, Notice, NoticeKind, Report, Suppression};
use crate::scan::{Locator, Scanner};
use crate::source::{self, Encoding};
use crate::verify::Watch;

/// What is to be scanned.
pub enum Target<'t> {
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
    targets: &mut [Target<'_>],
    line_hashes: bool,
    progress: &Progress,
) -> Report {
    let scanner = exposure::scanner(&plan.rules);
    let ending = Ending { plan, scanner: &scanner, progress, begun: Instant::now() };
    let placer = Placer { plan, scanner: &scanner, line_hashes };
    let gathered = Mutex::new(Gathered::default());
    let worker = |is_stream| Worker {
        placer,
        progress,
        is_stream,
        text: Locator::new(Encoding::Bytes),
        is_seed: false,
        own: Gathered::default(),
        all: &gathered,
    };
    let mut mode = Mode::Stdin;
    let mut roots = Vec::new();
    let mut excluded = 0;
    for target in targets {
        match target {
            Target::Paths(paths) => {
                mode = Mode::Tree;
                excluded += source::walk(paths, &plan.tree, || worker(false));
                roots.extend_from_slice(paths);
            }
            Target::Stream(input, path) => source::read_stdin(input, path, &mut worker(true)),
        }
    }
    let mut gathered = gathered.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    gathered.summary.skipped_excluded += excluded;
    exposure::of_folders(placer, &roots, &mut gathered);
    let is_empty = gathered.summary.files == 0;
    ending.report(gathered, mode, Path::new(""), is_empty)
}

/// What the report of a run is made with.
struct Ending<'e> {
    plan: &'e Plan,
    scanner: &'e Scanner<'e>,
    progress: &'e Progress,
    begun: Instant,
}

impl Ending<'_> {
    /// Makes the report. Paths of files in git are below `base`.
    fn report(&self, mut gathered: Gathered, mode: Mode, base: &Path, is_empty: bool) -> Report {
        let Self { plan, scanner, progress, begun } = self;
        gathered.notices.extend(plan.notices.iter().cloned());
        if is_empty && !plan.allow_empty {
            gathered.notices.push(nothing_scanned(mode));
        }
        let mut report = gathered.into_report(plan, mode, base);
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
