//! The report for people: each finding with its line, why it matters and what to do, then what
//! was scanned. Colour codes are always in it; who writes to something else strips them.

use std::collections::BTreeSet;
use std::io;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::advice::{Advice, is_committed};
use super::frame::Frame;
use super::numbers::{counted, grouped};
use super::outcome::{Outcome, Verdict};
use super::story::{PlaceName, Voice, encoded};
use super::visible::visible;
use super::{Options, kinds, path, wire};
use crate::model::{
    Call, Finding, Ledger, Notice, Occurrence, Position, Provenance, Report, Severity, Suppressed,
};
use crate::rules::{Rule, Ruleset};

/// How many further places of one secret are listed.
const PLACES: usize = 5;

/// How many requests to providers are listed, unless all are asked for.
const CALLS: usize = 10;

/// How many columns explanations take.
const WIDTH: usize = 88;

/// How words of the repository are shown.
const VOICE: Voice = Voice { harmless: visible, addresses: true };

pub(super) const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
pub(super) const FRAME: Style = AnsiColor::Blue.on_default().bold();
pub(super) const RED: Style = AnsiColor::Red.on_default().bold();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();

pub(super) fn write(
    report: &Report,
    rules: &Ruleset,
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut explained = BTreeSet::new();
    for finding in &report.findings {
        let rule = wire::rule_of(finding, rules);
        write_finding(finding, rule, options, out)?;
        // Why and what to do are the same for every key of a rule that leaks the same way: once
        // is enough.
        if explained.insert((&rule.id, finding.kind, finding.secret.is_some())) {
            write_advice(finding, rule, report, out)?;
        }
        writeln!(out)?;
    }
    if let Some(ledger) = report.ledger.as_ref().filter(|_| !options.quiet) {
        write_ledger(ledger, options.verbose, out)?;
    }
    if options.verbose {
        for suppressed in &report.suppressed {
            write_suppressed(suppressed, out)?;
        }
    }
    write_closing(report, options.quiet, out)
}

/// The notices and the closing line; if `quiet`, only what was not read.
pub(super) fn write_closing(
    report: &Report,
    quiet: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    write_notices(report, quiet, out)?;
    if quiet { Ok(()) } else { writeln!(out, "{}", closing(report)) }
}

/// The notices; or only those of what was not read.
pub(super) fn write_notices(
    report: &Report,
    only_unread: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let notices = report.notices.iter();
    let mut notices = notices.filter(|notice| notice.kind.is_incomplete() || !only_unread);
    notices.try_for_each(|notice| write_notice(notice, out))
}

/// What was found, what was scanned, in what time, and what was left out.
fn closing(report: &Report) -> String {
    let outcome = Outcome::new(report);
    let style = match outcome.verdict {
        Verdict::Clean => GREEN,
        Verdict::Incomplete => YELLOW,
        Verdict::Found => RED,
    };
    format!("{style}{}{style:#}: {}", outcome.verdict.name(), outcome.sentence())
}

fn write_finding(
    finding: &Finding,
    rule: &Rule,
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let style = style_of(finding.severity);
    let name = finding.severity.name();
    let (id, title) = (kinds::id(&rule.id, finding.kind), kinds::title(finding.kind, rule));
    writeln!(out, "{style}{name}[{id}]{style:#}{BOLD}: {title}{BOLD:#}")?;
    let (first, others) =
        finding.occurrences.split_first().expect("a finding has at least one occurrence");
    let width = first.region.start.line.to_string().len();
    writeln!(out, "{:width$}{FRAME}-->{FRAME:#} {}", "", place_of(first))?;
    write_frame(first, style, width, options.show_secrets, out)?;
    path::write(&finding.exposure, style, width, out)?;
    let mut facts: Vec<_> =
        path::side(&finding.exposure).map(|side| ("side", side)).into_iter().collect();
    facts.extend(encoded(first).map(|encoded| ("note", encoded)));
    facts.extend(path::related(&finding.exposure).into_iter().map(|place| ("note", place)));
    let fix = kinds::fix(finding).map(|fix| wrapped(&visible(fix))).unwrap_or_default();
    facts.extend(labelled("fix", fix));
    facts.extend(others.iter().take(PLACES).map(|other| ("also", place_of(other))));
    if others.len() > PLACES {
        facts.push(("also", format!("in {} more places", grouped((others.len() - PLACES) as u64))));
    }
    let seen = finding.history.as_ref().and_then(|history| VOICE.seen(history, rule, first));
    facts.extend(seen.map(|seen| ("seen", seen)));
    facts.extend(VOICE.left(finding).map(|left| ("head", left)));
    facts.extend(VOICE.live(finding).map(|live| ("live", live)));
    let account = VOICE.account(finding).map(|account| wrapped(&account)).unwrap_or_default();
    facts.extend(labelled("key", account));
    facts.push(("id", finding.id.to_string()));
    for (label, fact) in facts {
        writeln!(out, "{:width$} {FRAME}={FRAME:#} {BOLD}{label:<4}{BOLD:#} {fact}", "")?;
    }
    Ok(())
}

/// Lines of which the first one has a label.
fn labelled(
    label: &'static str,
    lines: Vec<String>,
) -> impl Iterator<Item = (&'static str, String)> {
    lines.into_iter().enumerate().map(move |(nth, line)| (if nth == 0 { label } else { "" }, line))
}

/// A text of at most so many columns.
pub(super) fn cut(text: &str, most: usize) -> String {
    if columns(text) <= most {
        return text.to_owned();
    }
    let mut start = String::new();
    for character in text.chars() {
        start.push(character);
        if columns(&start) >= most {
            start.pop();
            break;
        }
    }
    start + "…"
}

/// Why a key of this rule that leaks in this way matters, and what to do about it.
fn write_advice(
    finding: &Finding,
    rule: &Rule,
    report: &Report,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let is_alike = |other: &&Finding| other.rule_id == rule.id && other.kind == finding.kind;
    let is_committed = report.findings.iter().filter(is_alike).any(is_committed);
    let Advice { why, remedy, marker } = Advice::new(finding, rule, report.mode, is_committed);
    let ignore = "its id and WHY in .keysideignore";
    let keep = marker.map(|marker| format!("`{marker}` on its line, or {ignore}"));
    let mut advice = vec![("why", wrapped(&why))];
    if let Some(remedy) = remedy {
        advice.push(("do", wrapped(&remedy)));
        advice.push(("see", vec![rule.remediation.url.clone()]));
    }
    advice.push(("keep", vec![keep.unwrap_or_else(|| ignore.to_owned())]));
    for (label, line) in advice.into_iter().flat_map(|(label, lines)| labelled(label, lines)) {
        writeln!(out, "    {BOLD}{label:<4}{BOLD:#} {line}")?;
    }
    Ok(())
}

/// Text broken into lines of at most [`WIDTH`] columns, where words allow.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is a line from the start");
        if last.is_empty() {
            last.push_str(word);
        } else if columns(last) + 1 + columns(word) <= WIDTH {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// The line with the key under marks.
fn write_frame(
    occurrence: &Occurrence,
    style: Style,
    width: usize,
    show_secrets: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let line = occurrence.region.start.line;
    let frame = Frame::new(&occurrence.excerpt, show_secrets);
    writeln!(out, "{:width$} {FRAME}|{FRAME:#}", "")?;
    writeln!(out, "{FRAME}{line:>width$} |{FRAME:#} {}", frame.text())?;
    writeln!(
        out,
        "{:width$} {FRAME}|{FRAME:#} {:before$}{style}{:^<marks$}{style:#}",
        "",
        "",
        "",
        before = columns(&frame.before),
        marks = columns(&frame.mark).max(1),
    )
}

/// How many columns of a terminal a text takes.
pub(super) fn columns(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

fn write_notice(notice: &Notice, out: &mut dyn io::Write) -> io::Result<()> {
    let (style, word) =
        if notice.kind.is_incomplete() { (YELLOW, "incomplete") } else { (CYAN, "note") };
    write!(out, "{style}{word}{style:#}: ")?;
    if let Some(path) = &notice.path {
        write!(out, "{}: ", visible(&path.to_text()))?;
    }
    writeln!(out, "{}", visible(&notice.message))
}

/// What was sent to whom, and what came back; in a dry run, the requests themselves.
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

/// A request that would be sent.
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

fn write_suppressed(suppressed: &Suppressed, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "{DIM}accepted{DIM:#}: {} {} {} by {}{}{}",
        place(&suppressed.origin, suppressed.region.start),
        suppressed.rule_id,
        suppressed.id,
        visible(suppressed.by.place()),
        if suppressed.by.reason().is_empty() { "" } else { ": " },
        visible(suppressed.by.reason()),
    )
}

fn place_of(occurrence: &Occurrence) -> String {
    place(&occurrence.origin, occurrence.region.start)
}

/// A place as terminals and editors know it, and which version of the file it is in.
fn place(origin: &Provenance, start: Position) -> String {
    let name = PlaceName::new(origin);
    format!("{}:{}:{}{}", visible(&name.text), start.line, start.column, name.version)
}

fn style_of(severity: Severity) -> Style {
    match severity {
        Severity::Error => RED,
        Severity::Warning => YELLOW,
        Severity::Note => CYAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        CommitInfo, FilePath, FindingKind, History, LeakKind, Mode, SourceKind, Summary,
        Suppression,
    };
    use crate::report::story::sample::{self, report};

    /// A report without colours, with all of its keys masked.
    fn written(report: &Report, options: &Options) -> String {
        let mut text = Vec::new();
        write(report, &Ruleset::built_in(), options, &mut text).unwrap();
        anstream::adapter::strip_str(std::str::from_utf8(&text).unwrap()).to_string()
    }

    fn options() -> Options {
        Options { verbose: true, ..sample::options() }
    }

    #[test]
    fn a_finding_of_history_tells_its_story() {
        let history = History {
            in_head: Some(false),
            first_seen: Some(sample::change(0x3f, "old.js")),
            removed_in: Some(sample::change(0x9a, "a.js")),
            branches: Vec::new(),
            age_days: Some(933),
            past_rotation: Some(true),
        };
        let origins = vec![
            sample::origin(SourceKind::Commit, "a.js"),
            sample::origin(SourceKind::CommitMessage, ""),
            sample::origin(SourceKind::Stash, "a.js"),
            sample::origin(SourceKind::TagMessage, "v1"),
        ];
        let finding = sample::finding(origins, Some(history));
        let mut report = report(Mode::History, vec![finding.clone()]);
        report.suppressed.push(Suppressed {
            id: finding.id,
            rule_id: finding.rule_id.clone(),
            origin: sample::origin(SourceKind::Reflog, "b.js"),
            region: finding.occurrences[0].region,
            by: Suppression::IgnoreFile {
                place: ".keysideignore:3".to_owned(),
                reason: String::new(),
            },
        });
        let (key, id) = (finding.secret.as_ref().unwrap(), finding.id);
        let marks = "^".repeat(key.masked().chars().count());
        let expected = format!(
            "\
error[aimagicx-api-key]: AI Magicx API key
 --> a.js:3:7 at c0c0c0c0
  |
3 | key = {key}
  |       {marks}
  = also message of commit c0c0c0c0:3:7
  = also a.js:3:7 at c0c0c0c0 (stash)
  = also message of tag v1:3:7
  = seen 3f3f3f3f 2024-05-03 by Ada <ada@example.com> in old.js \"Add config\", 933 days ago, past the provider's 90 days
  = head not in HEAD; removed in 9a9a9a9a 2024-05-03 by Ada <ada@example.com>
  = id   {id}
    why "
        );
        let text = written(&report, &options());
        assert!(text.starts_with(&expected), "{text}");
        let rest = "
    keep its id and WHY in .keysideignore

accepted: b.js:3:7 at c0c0c0c0 (reflog) aimagicx-api-key ID by .keysideignore:3
found: 1 leaked key in 262,343 blobs and 203,352 commits (8.1 GB) in 2.6 s; 1 accepted
";
        assert!(text.ends_with(&rest.replace("ID", &id.to_string())), "{text}");
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("not enough: the history keeps it. see"), "{text}");
    }

    #[test]
    fn a_way_to_a_client_is_drawn_below_its_line() {
        let mut finding = sample::of_kind(FindingKind::Leak(LeakKind::ClientSecretLiteral));
        finding.exposure.fix = "Call it from app/api/route.ts.\x1b".to_owned();
        let key = finding.secret.as_ref().unwrap().masked();
        let id = finding.id;
        let marks = "^".repeat(key.chars().count());
        let expected = format!(
            "\
error[aimagicx-api-key/client-secret-literal]: AI Magicx API key in client code
 --> src/lib/config.ts:3:7
  |
3 | key = {key}
  |       {marks}
  = path to the client (Next.js)
      app/widget.tsx:1           'use client' directive
      └ app/widget.tsx:2         imports ../src/lib/api
        └ src/lib/api.ts:1       imports ./config
          └ src/lib/config.ts:3  the key
  = note .env.production:1  declared here
  = fix  Call it from app/api/route.ts.\\x1b
  = id   {id}
    why  Everybody who opens the page or the app gets the code, and the secret with it; minifying
         does not hide it. Whoever"
        );
        let text = written(&report(Mode::Tree, vec![finding]), &options());
        assert!(text.starts_with(&expected), "{text}");
        assert!(text.contains("found: 1 leak to clients in"), "{text}");
    }

    #[test]
    fn every_kind_of_finding_is_told_without_its_secret() {
        let mut findings: Vec<_> = FindingKind::all().map(sample::of_kind).collect();
        findings[1].exposure.trace = sample::long_trace(300);
        let text = written(&report(Mode::Tree, findings.clone()), &options());
        for finding in &findings {
            let id = kinds::id(&finding.rule_id, finding.kind);
            assert!(text.contains(&format!("error[{id}]: ")), "{id}");
            assert!(text.contains(&finding.subject()), "{id}");
        }
        let body = sample::key(1);
        let body = std::str::from_utf8(&body.reveal()[7..]).unwrap();
        assert!(!text.contains(&body[..5]) && !text.contains(&body[4..12]));
        assert!(text.contains("1 leaked key and 10 leaks to clients in"), "{text}");
        // What no client gets needs no new key.
        let undefined = &findings[1..2];
        assert_eq!(undefined[0].kind, FindingKind::Leak(LeakKind::ClientServerEnvRead));
        let text = written(&report(Mode::Tree, undefined.to_vec()), &options());
        assert!(!text.contains("    do ") && text.contains("  = fix  Read the variable"), "{text}");
    }

    #[test]
    fn words_of_the_repository_cannot_steer_the_terminal() {
        let bad = "x\x1b[31m\u{202e}\r\n";
        let change = CommitInfo {
            author: bad.to_owned(),
            email: bad.to_owned(),
            summary: bad.to_owned(),
            ..sample::change(0x3f, bad)
        };
        let origins = || {
            [SourceKind::Commit, SourceKind::TagMessage, SourceKind::Note, SourceKind::Unreachable]
        };
        let finding = |in_head, removed_in| {
            let history = History {
                in_head,
                first_seen: Some(change.clone()),
                removed_in,
                branches: vec![bad.to_owned()],
                ..History::default()
            };
            let origins = origins().map(|source| sample::origin(source, bad));
            sample::finding(origins.to_vec(), Some(history))
        };
        let mut told = finding(Some(true), None);
        // The first path is another, so that the path of the change is shown as well.
        told.occurrences[0].origin.path = FilePath::from("a.js");
        let report = report(Mode::History, vec![told, finding(Some(false), Some(change.clone()))]);
        let mut text = Vec::new();
        write(&report, &Ruleset::built_in(), &options(), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text.matches("x\\x1b[31m\\u{202e}").count(), 17, "{text}");
        assert!(!text.contains("x\x1b") && !text.contains(['\u{202e}', '\r']), "{text}");
    }

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

    #[test]
    fn advice_fits_what_was_scanned() {
        let origin = |source| vec![sample::origin(source, "a.js")];
        let committed = |first_seen| Some(History { first_seen, ..History::default() });
        let change = sample::change(0x3f, "a.js");
        for (mode, source, history, marker, history_keeps) in [
            (Mode::Tree, SourceKind::Tree, None, true, false),
            (Mode::Staged, SourceKind::Index, None, true, false),
            (Mode::Range, SourceKind::Commit, committed(Some(change.clone())), false, true),
            (Mode::History, SourceKind::Head, committed(Some(change)), false, true),
            (Mode::History, SourceKind::Unreachable, committed(None), false, false),
        ] {
            let finding = sample::finding(origin(source), history);
            let text = written(&report(mode, vec![finding]), &options());
            assert_eq!(text.contains("`keyside:allow["), marker, "{text}");
            assert_eq!(text.contains("history keeps it"), history_keeps, "{text}");
            assert!(text.contains("its id and WHY in .keysideignore"), "{text}");
        }
    }
}
