//! What came of a whole run, in the words that the formats for people share.

use super::numbers::{counted, grouped, size, time};
use crate::model::{Completeness, Finding, FindingKind, Mode, Report};

/// What came of a run, in a word.
#[derive(Clone, Copy)]
pub(super) enum Verdict {
    /// Something was found.
    Found,
    /// Nothing was found, and everything was read.
    Clean,
    /// Nothing was found in what was read.
    Incomplete,
}

impl Verdict {
    /// The word.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Clean => "clean",
            Self::Incomplete => "incomplete",
        }
    }
}

/// What came of a run.
pub(super) struct Outcome {
    /// In a word.
    pub(super) verdict: Verdict,
    /// What was found: `1 leaked key`, `no live key`.
    pub(super) found: String,
    /// How many of it are live: `2 of them live`; empty if none is, and if only live ones are told.
    pub(super) live: String,
    /// What was read: `1,234 files (8.1 GB) in 2.6 s`.
    pub(super) scanned: String,
    /// What else is to be said of not having read everything; empty if everything was read.
    pub(super) unread: &'static str,
    /// What was left out, and how often: `12 accepted`.
    pub(super) left_out: Vec<String>,
}

impl Outcome {
    pub(super) fn new(report: &Report) -> Self {
        let only_live = report.ledger.as_ref().is_some_and(|ledger| ledger.only_live);
        let key = if only_live { "live key" } else { "leaked key" };
        let live = report.findings.iter().filter(|finding| finding.is_live()).count() as u64;
        let is_clean = report.findings.is_empty();
        let (verdict, unread) = match (is_clean, report.state()) {
            (true, Completeness::Complete) => (Verdict::Clean, ""),
            (true, Completeness::Incomplete) => {
                (Verdict::Incomplete, ", but not everything was read")
            }
            (false, Completeness::Complete) => (Verdict::Found, ""),
            (false, Completeness::Incomplete) => (Verdict::Found, ", and not everything was read"),
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

    /// All of it behind the word: `no leaked key in 3 files (356 B) in 2 ms; 1 accepted`.
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
        // Files of the index that are equal share a blob.
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
        (summary.skipped_large, "too large skipped"),
        (summary.skipped_excluded, "excluded"),
        (summary.skipped_special, "special files skipped"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    counts.map(|(count, what)| format!("{} {what}", grouped(count))).collect()
}

/// How many leaked keys, and how many ways to clients.
fn found(findings: &[Finding], key: &str) -> String {
    let ways = findings.iter().filter(|finding| finding.kind != FindingKind::Secret).count() as u64;
    let keys = findings.len() as u64 - ways;
    match (keys, ways) {
        (_, 0) => counted(keys, key),
        (0, _) => format!("{} to clients", counted(ways, "leak")),
        _ => format!("{} and {} to clients", counted(keys, key), counted(ways, "leak")),
    }
}
