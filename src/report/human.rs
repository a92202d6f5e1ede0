//! The report for people: each finding with its line, why it matters and what to do, then a summary
//! of the scan. It always has colour codes; callers strip them for other outputs than terminals.

use std::collections::BTreeSet;
use std::io;

use anstyle::Style;

use super::advice::{Advice, is_committed};
use super::closing::{write_closing, write_ledger};
use super::colors::{BOLD, CYAN, DIM, FRAME, RED, YELLOW};
use super::history_text::{PlaceName, TextStyle, encoded};
use super::key_groups::{KeyGroup, key_groups};
use super::numbers::counted_more;
use super::options::ReportOptions;
use super::snippet::Snippet;
use super::text_width::columns;
use super::visible::visible;
use super::{json_v1, kinds, trace};
use crate::model::{Finding, Occurrence, Position, Provenance, Report, Severity, Suppressed};
use crate::rules::{Rule, Ruleset};

/// The most further places of a secret.
const PLACES: usize = 5;

/// The width of explanations, in columns.
const WIDTH: usize = 88;

/// The style of repository text.
const TEXT_STYLE: TextStyle = TextStyle { harmless: visible, addresses: true };

pub(super) fn write(
    report: &Report,
    rules: &Ruleset,
    options: &ReportOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut explained = BTreeSet::new();
    for KeyGroup { first, others } in key_groups(&report.findings) {
        let rule = json_v1::rule_of(first, rules);
        write_finding(first, rule, "", options, out)?;
        for other in &others {
            write_finding(other, json_v1::rule_of(other, rules), "also ", options, out)?;
        }
        // Advice is the same for all findings of a rule and kind: once is enough.
        if explained.insert((&rule.id, first.kind, first.secret.is_some())) {
            write_advice(first, rule, report, out)?;
        }
        for other in others {
            let rule = json_v1::rule_of(other, rules);
            if explained.insert((&rule.id, other.kind, true)) {
                write_reason(other, rule, report, out)?;
            }
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

/// Writes a finding; `also` begins the heading of a key's further ways.
fn write_finding(
    finding: &Finding,
    rule: &Rule,
    also: &str,
    options: &ReportOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let style = style_of(finding.severity);
    let name = finding.severity.name();
    let (id, title) = (kinds::id(&rule.id, finding.kind), kinds::title(finding.kind, rule));
    writeln!(out, "{BOLD}{also}{BOLD:#}{style}{name}[{id}]{style:#}{BOLD}: {title}{BOLD:#}")?;
    let (first, others) =
        finding.occurrences.split_first().expect("a finding has at least one occurrence");
    let width = first.region.start.line.to_string().len();
    writeln!(out, "{:width$}{FRAME}-->{FRAME:#} {}", "", place_of(first))?;
    write_snippet(first, style, width, options.show_secrets, out)?;
    trace::write(&finding.exposure, style, width, out)?;
    let mut facts: Vec<_> =
        trace::side(&finding.exposure).map(|side| ("side", side)).into_iter().collect();
    facts.extend(encoded(first).map(|encoded| ("note", encoded)));
    facts.extend(trace::related(&finding.exposure).into_iter().map(|place| ("note", place)));
    let fix = kinds::fix(finding).map(|fix| wrapped(&visible(fix))).unwrap_or_default();
    facts.extend(labelled("fix", fix));
    facts.extend(others.iter().take(PLACES).map(|other| ("also", place_of(other))));
    if others.len() > PLACES {
        facts.push((
            "also",
            format!("in {}", counted_more((others.len() - PLACES) as u64, "place")),
        ));
    }
    let seen =
        finding.history.as_ref().and_then(|history| TEXT_STYLE.first_seen(history, rule, first));
    facts.extend(seen.map(|seen| ("seen", seen)));
    facts.extend(TEXT_STYLE.current_state(finding).map(|left| ("head", left)));
    facts.extend(TEXT_STYLE.liveness(finding).map(|live| ("live", live)));
    let account = TEXT_STYLE.account(finding).map(|account| wrapped(&account)).unwrap_or_default();
    facts.extend(labelled("key", account));
    let by_change = kinds::by_change(finding);
    let by_change = by_change.map(|by| wrapped(&format!("{by}. {}", kinds::ACCEPT_FIRST)));
    facts.extend(labelled("note", by_change.unwrap_or_default()));
    facts.push(("id", finding.id.to_string()));
    for (label, fact) in facts {
        writeln!(out, "{:width$} {FRAME}={FRAME:#} {BOLD}{label:<4}{BOLD:#} {fact}", "")?;
    }
    Ok(())
}

/// Labels the first of several lines.
fn labelled(
    label: &'static str,
    lines: Vec<String>,
) -> impl Iterator<Item = (&'static str, String)> {
    lines.into_iter().enumerate().map(move |(nth, line)| (if nth == 0 { label } else { "" }, line))
}

/// Writes why the finding matters, what to do, and how to accept it.
fn write_advice(
    finding: &Finding,
    rule: &Rule,
    report: &Report,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let is_alike = |other: &&Finding| other.rule_id == rule.id && other.kind == finding.kind;
    let is_committed = report.findings.iter().filter(is_alike).any(is_committed);
    let Advice { why, remedy, marker } = Advice::new(finding, rule, report.mode, is_committed);
    let ignore = format!("`ID/{} WHY` to .keysideignore", finding.kind.name());
    let keep = marker.map(|marker| format!("by adding `{marker}` to its line, or {ignore}"));
    let mut advice = vec![("why", wrapped(&why))];
    if let Some(remedy) = remedy {
        advice.push(("do", wrapped(&remedy)));
        advice.push(("see", vec![rule.remediation.url.clone()]));
    }
    let keep = keep.unwrap_or_else(|| format!("by adding {ignore}"));
    advice.push(("keep", vec![keep]));
    for (label, line) in advice.into_iter().flat_map(|(label, lines)| labelled(label, lines)) {
        writeln!(out, "    {BOLD}{label:<4}{BOLD:#} {line}")?;
    }
    Ok(())
}

/// Writes why a further way of a key matters; what to do about the key is the same.
fn write_reason(
    finding: &Finding,
    rule: &Rule,
    report: &Report,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let Advice { why, .. } = Advice::new(finding, rule, report.mode, is_committed(finding));
    let kind = finding.kind.name();
    for (label, line) in labelled("why", wrapped(&format!("{kind}: {why}"))) {
        writeln!(out, "    {BOLD}{label:<4}{BOLD:#} {line}")?;
    }
    Ok(())
}

/// Wraps text at [`WIDTH`] columns.
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

/// Writes the line, with marks below the key.
fn write_snippet(
    occurrence: &Occurrence,
    style: Style,
    width: usize,
    show_secrets: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let line = occurrence.region.start.line;
    let frame = Snippet::new(&occurrence.excerpt, show_secrets);
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

fn write_suppressed(suppressed: &Suppressed, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "{DIM}accepted{DIM:#}: {} {} {} by {}{}{}{}",
        place(&suppressed.provenance, suppressed.region.start),
        suppressed.rule_id,
        suppressed.id,
        visible(suppressed.by.place()),
        if suppressed.by.reason().is_empty() { "" } else { ": " },
        visible(suppressed.by.reason()),
        if suppressed.is_by_change { " (only by this change itself)" } else { "" },
    )
}

fn place_of(occurrence: &Occurrence) -> String {
    place(&occurrence.provenance, occurrence.region.start)
}

/// A place in the form that terminals and editors recognise, and the file's version.
fn place(provenance: &Provenance, start: Position) -> String {
    let name = PlaceName::new(provenance);
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
        CommitInfo, FilePath, FindingKind, History, LeakKind, Mode, SourceKind, Suppression, Terms,
    };
    use crate::report::sample::{self, report};

    /// A report without colours, with all of its keys masked.
    fn written(report: &Report, options: &ReportOptions) -> String {
        let mut text = Vec::new();
        write(report, &sample::rules(), options, &mut text).unwrap();
        anstream::adapter::strip_str(std::str::from_utf8(&text).unwrap()).to_string()
    }

    fn options() -> ReportOptions {
        ReportOptions { verbose: true, ..sample::options() }
    }

    #[test]
    fn a_finding_of_history_shows_its_commits() {
        let history = History {
            in_head: Some(false),
            first_seen: Some(sample::change(0x3f, "old.js")),
            removed_in: Some(sample::change(0x9a, "a.js")),
            branches: Vec::new(),
            age_days: Some(933),
            past_rotation: Some(true),
        };
        let provenances = vec![
            sample::provenance(SourceKind::Commit, "a.js"),
            sample::provenance(SourceKind::CommitMessage, ""),
            sample::provenance(SourceKind::Stash, "a.js"),
            sample::provenance(SourceKind::TagMessage, "v1"),
        ];
        let finding = sample::finding(provenances, Some(history));
        let mut report = report(Mode::History, vec![finding.clone()]);
        report.suppressed.push(Suppressed {
            id: finding.id,
            rule_id: finding.rule_id.clone(),
            provenance: sample::provenance(SourceKind::Reflog, "b.js"),
            region: finding.occurrences[0].region,
            by: Suppression::IgnoreFile {
                place: ".keysideignore:3".to_owned(),
                reason: String::new(),
                terms: Terms::default(),
            },
            is_by_change: false,
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
    keep by adding `ID/secret WHY` to .keysideignore

accepted: b.js:3:7 at c0c0c0c0 (reflog) aimagicx-api-key ID by .keysideignore:3
found: 1 leaked key in 4 places, in 262,343 blobs and 203,352 commits (8.1 GB) in 2.6 s; 1 accepted
";
        assert!(text.ends_with(&rest.replace(" ID", &format!(" {id}"))), "{text}");
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("not enough: the history keeps it. see"), "{text}");
    }

    #[test]
    fn a_path_to_a_client_is_drawn_below_its_line() {
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
    why  Everybody who opens the page or the app gets the code and the secret in it; minifying
         does not hide it. Whoever"
        );
        let text = written(&report(Mode::Tree, vec![finding]), &options());
        assert!(text.starts_with(&expected), "{text}");
        assert!(text.contains("found: 1 leaked key, which reaches clients in 1 way, in"), "{text}");
    }

    #[test]
    fn every_kind_of_finding_is_reported_without_its_secret() {
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
        let of_key = findings.iter().filter(|finding| finding.secret.is_some()).count();
        let total = format!(
            "1 leaked key, which reaches clients in {} ways, and {} other leaks to clients, in",
            of_key - 1,
            findings.len() - of_key
        );
        assert!(text.contains(&total), "{text}");
        // A key that no client gets need not be replaced.
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
        let provenances = || {
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
            let provenances = provenances().map(|source| sample::provenance(source, bad));
            sample::finding(provenances.to_vec(), Some(history))
        };
        let mut current = finding(Some(true), None);
        // The first path differs, so that the commit's path is shown, too.
        current.occurrences[0].provenance.path = FilePath::from("a.js");
        let report =
            report(Mode::History, vec![current, finding(Some(false), Some(change.clone()))]);
        let mut text = Vec::new();
        write(&report, &sample::rules(), &options(), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text.matches("x\\x1b[31m\\u{202e}").count(), 17, "{text}");
        assert!(!text.contains("x\x1b") && !text.contains(['\u{202e}', '\r']), "{text}");
    }

    #[test]
    fn advice_fits_what_was_scanned() {
        let provenance = |source| vec![sample::provenance(source, "a.js")];
        let committed = |first_seen| Some(History { first_seen, ..History::default() });
        let change = sample::change(0x3f, "a.js");
        for (mode, source, history, marker, history_keeps) in [
            (Mode::Tree, SourceKind::Tree, None, true, false),
            (Mode::Staged, SourceKind::Index, None, true, false),
            (Mode::Range, SourceKind::Commit, committed(Some(change.clone())), false, true),
            (Mode::History, SourceKind::Head, committed(Some(change)), false, true),
            (Mode::History, SourceKind::Unreachable, committed(None), false, false),
        ] {
            let finding = sample::finding(provenance(source), history);
            let text = written(&report(mode, vec![finding]), &options());
            assert_eq!(text.contains("`keyside:allow["), marker, "{text}");
            assert_eq!(text.contains("history keeps it"), history_keeps, "{text}");
            assert!(text.contains("WHY` to .keysideignore"), "{text}");
        }
    }
}
