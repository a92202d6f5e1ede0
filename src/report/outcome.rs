//! The outcome of a run, in words that the formats for people share.

use std::collections::HashSet;

use super::numbers::{counted, grouped, size, time};
use crate::model::{
    Completeness, Finding, FindingKind, Mode, Occurrence, Oid, Report, Side, SourceKind,
};

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
    /// The findings: `1 leaked key in 3 places, which reaches clients in 2 ways`, `no live key`.
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
        let live = distinct(report.findings.iter().filter(|finding| finding.is_live()));
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
        let live = if self.live.is_empty() { String::new() } else { format!(", {}", self.live) };
        let left_out: String = self.left_out.iter().map(|part| format!("; {part}")).collect();
        format!("{}{live}{}{}{left_out}", self.found, self.in_scanned(), self.unread)
    }

    /// The extent behind the headline: ` in 3 files (356 B) in 2 ms`, after a comma if there is more
    /// than a number before it.
    pub(super) fn in_scanned(&self) -> String {
        let is_long =
            !self.live.is_empty() || self.found.contains(" in ") || self.found.contains(", ");
        format!("{} in {}", if is_long { "," } else { "" }, self.scanned)
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
        (report.accepted_by_change().count() as u64, "of them only by this change"),
        (summary.below_severity, "below --min-severity"),
        (summary.not_live, "not known to be live"),
        (summary.known, "known to be clean"),
        (summary.skipped_media, "media skipped"),
        (summary.skipped_archives, "compressed, not opened"),
        (summary.kept_elsewhere, "of Git LFS or git-annex not here"),
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

/// The headline: how many keys leak, in how many places, and in how many ways they reach clients. A
/// key counts once, however many findings and places it has.
fn found(findings: &[Finding], noun: &str) -> String {
    let KeyTotals { keys, places, reaching, ways, keyless } = KeyTotals::of(findings);
    let mut text = counted(keys, noun);
    if places > keys {
        text.push_str(&format!(" in {}", counted(places, "place")));
    }
    if ways > 0 {
        let which = if reaching == keys {
            "which".to_owned()
        } else {
            format!("{} of which", grouped(reaching))
        };
        let verb = if reaching == 1 { "reaches" } else { "reach" };
        text.push_str(&format!(", {which} {verb} clients in {}", counted(ways, "way")));
    }
    // Leaks of what has a name only: a variable, an option.
    match (keys, keyless) {
        (_, 0) => text,
        (0, leaks) => format!("{} to clients", counted(leaks, "leak")),
        (_, leaks) => format!("{text}, and {} to clients", counted(leaks, "other leak")),
    }
}

/// The numbers of a report, the same in each format. A key counts once, however many findings and places
/// it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyTotals {
    /// Keys.
    pub(super) keys: u64,
    /// Places of keys.
    pub(super) places: u64,
    /// Keys that reach clients.
    pub(super) reaching: u64,
    /// Ways in which keys reach clients.
    pub(super) ways: u64,
    /// Leaks of what has a name only: a variable, an option.
    pub(super) keyless: u64,
}

impl KeyTotals {
    pub(super) fn of(findings: &[Finding]) -> Self {
        let (of_keys, others): (Vec<_>, Vec<_>) =
            findings.iter().partition(|finding| finding.secret.is_some());
        // Of a key in HEAD's tree, history knows one way.
        let is_leak = |finding: &&&Finding| {
            finding.kind != FindingKind::Secret || finding.exposure.side == Side::Client
        };
        let places: HashSet<_> =
            of_keys.iter().flat_map(|finding| &finding.occurrences).map(place).collect();
        Self {
            keys: distinct_keys(of_keys.iter().copied()),
            places: places.len() as u64,
            reaching: distinct_keys(of_keys.iter().filter(is_leak).copied()),
            ways: of_keys.iter().filter(is_leak).count() as u64,
            keyless: others.len() as u64,
        }
    }
}

/// The number of keys that findings are about.
fn distinct_keys<'f>(findings: impl Iterator<Item = &'f Finding>) -> u64 {
    let keys: HashSet<_> =
        findings.filter_map(|finding| Some(finding.secret.as_ref()?.reveal())).collect();
    keys.len() as u64
}

/// The number of keys, and of leaks without a key, that findings are about.
fn distinct<'f>(findings: impl Iterator<Item = &'f Finding>) -> u64 {
    let (of_keys, others): (Vec<_>, Vec<_>) =
        findings.partition(|finding| finding.secret.is_some());
    distinct_keys(of_keys.into_iter()) + others.len() as u64
}

/// The number of keys, and of leaks without a key, that reach clients.
pub(super) fn reaching_clients(findings: &[Finding]) -> u64 {
    distinct(findings.iter().filter(|finding| finding.exposure.side == Side::Client))
}

/// Identifies a place of a key.
fn place(occurrence: &Occurrence) -> (SourceKind, &[u8], Option<Oid>, u64, u64) {
    let (provenance, start) = (&occurrence.provenance, occurrence.region.start);
    (provenance.source, provenance.path.as_bytes(), provenance.commit, start.line, start.column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Exposure, LeakKind};
    use crate::report::sample;

    #[test]
    fn a_key_counts_once() {
        let plain = |places: &[&str]| {
            let provenances = places.iter().map(|path| sample::provenance(SourceKind::Tree, path));
            sample::finding(provenances.collect(), None)
        };
        let leak = |places: &[&str]| Finding {
            kind: FindingKind::Leak(LeakKind::ALL[0]),
            exposure: Exposure { side: Side::Client, ..plain(places).exposure },
            ..plain(places)
        };
        let other = |finding: Finding| Finding { secret: Some(sample::key(2)), ..finding };
        let nameless = || Finding { secret: None, ..leak(&["e"]) };
        for (findings, expected, reaching) in [
            (vec![plain(&["a"])], "1 key", 0),
            (vec![plain(&["a", "b"])], "1 key in 2 places", 0),
            (vec![plain(&["a"]), other(plain(&["b"]))], "2 keys", 0),
            (vec![leak(&["a"])], "1 key, which reaches clients in 1 way", 1),
            (
                vec![leak(&["a", "b"]), leak(&["b", "c"])],
                "1 key in 3 places, which reaches clients in 2 ways",
                1,
            ),
            (
                vec![leak(&["a"]), other(plain(&["b"]))],
                "2 keys, 1 of which reaches clients in 1 way",
                1,
            ),
            (vec![leak(&["a"]), other(leak(&["b"]))], "2 keys, which reach clients in 2 ways", 2),
            (vec![nameless(), nameless()], "2 leaks to clients", 2),
            (vec![plain(&["a"]), nameless()], "1 key, and 1 other leak to clients", 1),
        ] {
            assert_eq!(found(&findings, "key"), expected);
            assert_eq!(reaching_clients(&findings), reaching, "{expected}");
        }
    }
}
