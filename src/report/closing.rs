//! The end of the human report: notices, requests to providers, and the closing line. Also shown on
//! its own where the report goes elsewhere.

use std::io;

use super::colors::{CYAN, DIM, GREEN, RED, YELLOW};
use super::numbers::counted;
use super::outcome::{ScanOutcome, ScanVerdict};
use super::visible::visible;
use crate::model::{Call, Ledger, Notice, NoticeKind, Report};

/// The most listed requests to providers, unless `verbose`.
const CALLS: usize = 10;

/// Writes the notices and the closing line; if `quiet`, only notices about unread input.
pub(super) fn write_closing(
    report: &Report,
    quiet: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    write_notices(report, quiet, out)?;
    if quiet { Ok(()) } else { writeln!(out, "{}", closing(report)) }
}

/// Writes the notices; with `only_unread`, only those about unread input.
pub(super) fn write_notices(
    report: &Report,
    only_unread: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let notices = report.notices.iter();
    let mut notices = notices.filter(|notice| notice.kind.is_incomplete() || !only_unread);
    notices.try_for_each(|notice| write_notice(notice, out))
}

/// The closing line: what was found, scanned and left out, and the duration.
fn closing(report: &Report) -> String {
    let outcome = ScanOutcome::new(report);
    let style = match outcome.verdict {
        ScanVerdict::Clean => GREEN,
        ScanVerdict::Incomplete => YELLOW,
        ScanVerdict::Found => RED,
    };
    format!("{style}{}{style:#}: {}", outcome.verdict.name(), outcome.sentence())
}

fn write_notice(notice: &Notice, out: &mut dyn io::Write) -> io::Result<()> {
    let (style, word) = if notice.kind.is_incomplete() {
        (YELLOW, "incomplete")
    } else if notice.kind == NoticeKind::AcceptedByChange {
        (YELLOW, "warning")
    } else {
        (CYAN, "note")
    };
    write!(out, "{style}{word}{style:#}: ")?;
    if let Some(path) = &notice.path {
        write!(out, "{}: ", visible(&path.to_text()))?;
    }
    writeln!(out, "{}", visible(&notice.message))
}

/// Writes the requests and their answers; in a dry run, the requests in full.
pub(super) fn write_ledger(
    ledger: &Ledger,
    verbose: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if ledger.is_dry_run {
        return ledger.calls.iter().try_for_each(|call| write_request(call, out));
    }
    let shown = if verbose { ledger.calls.len() } else { CALLS };
    for call in ledger.calls.iter().take(shown) {
        let Call { method, secret, attempt, .. } = call;
        let at = call.sent_at.map(|time| time.to_string()).unwrap_or_default();
        let again = if *attempt > 1 { format!(" (attempt {attempt})") } else { String::new() };
        let (url, answer) = (visible(&call.url), visible(&call.answer));
        writeln!(out, "{DIM}sent{DIM:#}: {at} {method} {url} {secret}{again}: {answer}")?;
    }
    let more = ledger.calls.len().saturating_sub(shown) as u64;
    if more > 0 {
        writeln!(out, "{DIM}sent{DIM:#}: {} more; -v shows them all", counted(more, "request"))?;
    }
    Ok(())
}

/// Writes a request in full.
fn write_request(call: &Call, out: &mut dyn io::Write) -> io::Result<()> {
    let Call { method, url, headers, body, .. } = call;
    writeln!(out, "{CYAN}would send{CYAN:#}: {method} {}", visible(url))?;
    for (name, value) in headers {
        writeln!(out, "    {}: {}", visible(name), visible(value))?;
    }
    if let Some(body) = body {
        writeln!(out, "\n    {}", visible(body))?;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Mode, Summary};
    use crate::report::sample::report;

    #[test]
    fn the_closing_line_counts_what_was_scanned() {
        for (mode, files, blobs, commits, expected) in [
            (Mode::Tree, 1_234, 0, 0, "no leaked key in 1,234 files (2.0 kB) in"),
            (Mode::Stdin, 1, 0, 0, "no leaked key in 1 file (2.0 kB) in"),
            (Mode::History, 0, 1, 2, "no leaked key in 1 blob and 2 commits (2.0 kB) in"),
            (Mode::Range, 0, 2, 1, "no leaked key in 2 blobs and 1 commit (2.0 kB) in"),
            (Mode::Staged, 3, 2, 0, "no leaked key in 3 staged files (2.0 kB) in"),
            (Mode::Staged, 0, 1, 0, "no leaked key in 1 staged file (2.0 kB) in"),
        ] {
            let summary = Summary { files, blobs, commits, bytes: 2000, ..Summary::default() };
            let report = Report { summary, ..report(mode, Vec::new()) };
            let text = closing(&report);
            assert!(text.contains(expected), "{text}");
        }
    }
}
