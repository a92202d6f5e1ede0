//! The outcome of a run, in words that the formats for people share.

use super::numbers::{counted, grouped, size, time};
use crate::model::{Completeness, Finding, FindingKind, Mode, Report};

/// The outcome of a run in a word.
#[derive(Clone, Copy)]
pub(super) enum ScanVerdict {
    /// Something was found.
    Found,
    /// Nothing was found, and everything was read.
    Clean,
    /// Nothing was found, but not everything was read.
    Incomplete,
}

impl ScanVerdict {
    /// The word for reports.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Clean => "clean",
            Self::Incomplete => "incomplete",
        }
    }
}

/// The outcome of a run.
pub(super) struct ScanOutcome {
    /// The outcome in a word.
    pub(super) verdict: ScanVerdict,
    /// The findings: `1 leaked key`, `no live key`.
    pub(super) found: String,
    /// How many of them are live: `2 of them live`; empty if none is, or only live ones are reported.
    pub(super) live: String,
    /// The extent: `1,234 files (8.1 GB) in 2.6 s`.
    pub(super) scanned: String,
    /// The addition if not everything was read; empty if everything was.
    pub(super) unread: &'static str,
    /// Counts of what was left out: `12 accepted`.
    pub(super) left_out: Vec<String>,
}

impl ScanOutcome {
    pub(super) fn new(report: &Report) -> Self {
        let only_live = report.ledger.as_ref().is_some_and(|ledger| ledger.only_live);
        let key = if only_live { "live key" } else { "leaked key" };
        let live = report.findings.iter().filter(|finding| finding.is_live()).count() as u64;
        let is_clean = report.findings.is_empty();
        let (verdict, unread) = match (is_clean, report.state()) {
            (true, Completeness::Complete) => (ScanVerdict::Clean, ""),
            (true, Completeness::Incomplete) => {
                (ScanVerdict::Incomplete, ", but not everything was read")
            }
            (false, Completeness::Complete) => (ScanVerdict::Found, ""),
            (false, Completeness::Incomplete) => {
                (ScanVerdict::Found, ", and not everything was read")
            }
        };
        Self {
            verdict,
            found: if is_clean { format!("no {key}") } else { found(&report.findings, key) },
            live: if live > 0 && !only_live {
                format!("{} of them live", grouped(live))
            } else {
                String::new()
            },
            scanned: scanned(report),
            unread,
            left_out: left_out(report),
        }
    }

    /// The sentence after the word: `no leaked key in 3 files (356 B) in 2 ms; 1 accepted`.
    pub(super) fn sentence(&self) -> String {
        let Self { verdict: _, found, live, scanned, unread, left_out } = self;
        let live = if live.is_empty() { String::new() } else { format!(", {live},") };
        let left_out: String = left_out.iter().map(|part| format!("; {part}")).collect();
        format!("{found}{live} in {scanned}{unread}{left_out}")
    }
}

fn scanned(report: &Report) -> String {
    let summary = &report.summary;
    let what = match report.mode {
        Mode::Tree | Mode::Stdin => counted(summary.files, "file"),
        Mode::History | Mode::Range => {
            let blobs = counted(summary.blobs, "blob");
            format!("{blobs} and {}", counted(summary.commits, "commit"))
        }
        // Equal files of the index share a blob.
        Mode::Staged => counted(summary.files.max(summary.blobs), "staged file"),
    };
    format!("{what} ({}) in {}", size(summary.bytes), time(summary.duration))
}

fn left_out(report: &Report) -> Vec<String> {
    let summary = &report.summary;
    let counts = [
        (report.suppressed.len() as u64, "accepted"),
        (summary.below_severity, "below --min-severity"),
        (summary.not_live, "not known to be live"),
        (summary.known, "known to be clean"),
        (summary.skipped_media, "media skipped"),
        (summary.skipped_archives, "compressed, not opened"),
        (summary.skipped_large, "too large skipped"),
        (summary.skipped_excluded, "excluded"),
    ];
    let nouns = [
        (summary.skipped_links, "link", "not followed"),
        (summary.skipped_special, "special file", "skipped"),
    ];
    let counts =
        counts.into_iter().map(|(count, what)| (count, format!("{} {what}", grouped(count))));
    let nouns = nouns
        .into_iter()
        .map(|(count, noun, what)| (count, format!("{} {what}", counted(count, noun))));
    counts.chain(nouns).filter(|(count, _)| *count > 0).map(|(_, text)| text).collect()
}

/// The number of leaked keys and of leaks to clients.
fn found(findings: &[Finding], key: &str) -> String {
    let leaks =
        findings.iter().filter(|finding| finding.kind != FindingKind::Secret).count() as u64;
    let keys = findings.len() as u64 - leaks;
    match (keys, leaks) {
        (_, 0) => counted(keys, key),
        (0, _) => format!("{} to clients", counted(leaks, "leak")),
        _ => format!("{} and {} to clients", counted(keys, key), counted(leaks, "leak")),
    }
}
