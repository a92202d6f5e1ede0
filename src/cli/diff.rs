//! `keyside diff`: what is new and gone between two JSON reports.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};

use serde_json::{Value, json};

use super::args::{DiffArgs, DiffFormat};
use super::command_escaper::escape_commands;
use super::output::put;
use super::sanitize::sanitize;
use super::streams::Streams;
use super::{exit, saved_report};
use crate::model::FindingKind;
use crate::report::{SCHEMA_VERSION, SavedFinding, SavedReport};

/// The findings of two reports.
struct ReportDiff<'r> {
    /// Findings of the later report only; of one that has got worse, its earlier kind.
    new: Vec<(&'r SavedFinding, Option<FindingKind>)>,
    /// Findings of the earlier report only.
    gone: Vec<&'r SavedFinding>,
    /// Findings of the earlier report that the later one accepts.
    accepted: Vec<&'r SavedFinding>,
    /// Findings of both, as the later report has them.
    still: Vec<&'r SavedFinding>,
}

/// A secret and the way that it leaks: its identity where the salt of ids has changed.
type SecretIdentity<'r> = (&'r str, &'r str, FindingKind);

impl<'r> ReportDiff<'r> {
    fn new(old: &'r SavedReport, new: &'r SavedReport) -> Self {
        let mut by_id = HashMap::new();
        let mut by_secret = HashMap::new();
        for (nth, finding) in old.findings.iter().enumerate() {
            by_id.insert(finding.id, nth);
            by_secret.extend(secret(finding).map(|secret| (secret, nth)));
        }
        let mut met: HashSet<usize> = HashSet::new();
        let mut diff =
            Self { new: Vec::new(), gone: Vec::new(), accepted: Vec::new(), still: Vec::new() };
        for finding in &new.findings {
            let before = by_id.get(&finding.id);
            let before =
                before.or_else(|| secret(finding).and_then(|secret| by_secret.get(&secret)));
            let was = before.map(|nth| old.findings[*nth].kind);
            met.extend(before);
            match was {
                Some(was) if finding.kind <= was => diff.still.push(finding),
                was => diff.new.push((finding, was)),
            }
        }
        for (nth, finding) in old.findings.iter().enumerate() {
            if met.contains(&nth) {
                continue;
            }
            let is_accepted = new.accepted.contains(&finding.id);
            let list = if is_accepted { &mut diff.accepted } else { &mut diff.gone };
            list.push(finding);
        }
        diff
    }

    /// The headline: `1 new, 2 gone, 3 still there`.
    fn counts(&self) -> String {
        let accepted = match self.accepted.len() {
            0 => String::new(),
            count => format!(", {count} now accepted"),
        };
        format!(
            "{} new, {} gone{accepted}, {} still there",
            self.new.len(),
            self.gone.len(),
            self.still.len()
        )
    }
}

fn secret(finding: &SavedFinding) -> Option<SecretIdentity<'_>> {
    Some((&finding.rule_id, finding.sha256.as_deref()?, finding.kind))
}

pub(super) fn diff(args: DiffArgs, streams: &Streams) -> anyhow::Result<u8> {
    let DiffArgs { old, new, format } = args;
    let (old, new) = (saved_report::read(&old)?, saved_report::read(&new)?);
    let diff = ReportDiff::new(&old, &new);
    let mut err = streams.err();
    if old.mode != new.mode {
        writeln!(err, "note: OLD is of mode {}, NEW of mode {}", old.mode, new.mode)?;
    }
    for (name, report) in [("OLD", &old), ("NEW", &new)] {
        if !report.is_complete {
            writeln!(err, "incomplete: the scan of {name} did not read everything")?;
        }
    }
    match format {
        DiffFormat::Human => write_human(&diff, &mut streams.out())?,
        DiffFormat::Json => {
            let document = document(&diff, &old, &new);
            let text = format!("{document:#}\n");
            put(&mut io::stdout(), &escape_commands(text.as_bytes(), "", "\\u0023"))?;
        }
        DiffFormat::Markdown => {
            let text = markdown(&diff, new.is_complete);
            put(&mut io::stdout(), &escape_commands(text.as_bytes(), "\\x3a", "\\x23"))?;
        }
    }
    Ok(match (diff.new.is_empty(), new.is_complete) {
        (false, _) => exit::FOUND,
        (true, true) => exit::CLEAN,
        (true, false) => exit::INCOMPLETE,
    })
}

/// The name of a finding's kind: `rule` or `rule/kind`.
fn name(rule_id: &str, kind: FindingKind) -> String {
    match kind {
        FindingKind::Secret => rule_id.to_owned(),
        FindingKind::Leak(_) => format!("{rule_id}/{}", kind.name()),
    }
}

fn place(finding: &SavedFinding) -> String {
    match &finding.place {
        Some((path, line, column)) => format!("{path}:{line}:{column}"),
        None => "no place".to_owned(),
    }
}

fn write_human(diff: &ReportDiff<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut line = |word: &str, finding: &SavedFinding, was: Option<FindingKind>| {
        let was = was.map(|kind| format!(", was {}", kind.name())).unwrap_or_default();
        let SavedFinding { id, rule_id, kind, severity, message, .. } = finding;
        let name = name(rule_id, *kind);
        let text = format!("{}: {severity}[{name}]: {message} ({id}{was})", place(finding));
        writeln!(out, "{word:<8} {}", sanitize(&text).replace('\n', " "))
    };
    for (finding, was) in &diff.new {
        line("new", finding, *was)?;
    }
    for finding in &diff.gone {
        line("gone", finding, None)?;
    }
    for finding in &diff.accepted {
        line("accepted", finding, None)?;
    }
    for finding in &diff.still {
        line("still", finding, None)?;
    }
    writeln!(out, "{}", diff.counts())
}

/// The same for programs: findings as their reports have them.
fn document(diff: &ReportDiff<'_>, old: &SavedReport, new: &SavedReport) -> Value {
    let records = |findings: &[&SavedFinding]| -> Vec<Value> {
        findings.iter().map(|finding| finding.record.clone()).collect()
    };
    let added = diff.new.iter().map(|(finding, was)| {
        let mut record = finding.record.clone();
        if let Value::Object(fields) = &mut record {
            fields.insert("was_kind".to_owned(), json!(was.map(FindingKind::name)));
        }
        record
    });
    json!({
        "schema_version": SCHEMA_VERSION,
        "tool": { "name": "keyside", "version": env!("CARGO_PKG_VERSION") },
        "old": { "state": state(old), "mode": old.mode },
        "new_scan": { "state": state(new), "mode": new.mode },
        "new": added.collect::<Vec<_>>(),
        "gone": records(&diff.gone),
        "accepted": records(&diff.accepted),
        "still": records(&diff.still),
    })
}

fn state(report: &SavedReport) -> &'static str {
    if report.is_complete { "complete" } else { "incomplete" }
}

/// The most findings of a list in a comment.
const MAX_LISTED: usize = 20;

fn markdown(diff: &ReportDiff<'_>, is_complete: bool) -> String {
    let mut text = format!("**keyside:** {}\n", diff.counts());
    if !is_complete {
        text.push_str("\nThe later scan did not read everything: what is gone may be unread.\n");
    }
    let added: Vec<_> = diff.new.iter().map(|(finding, _)| *finding).collect();
    for (title, findings) in [("New", &added), ("Gone", &diff.gone)] {
        if findings.is_empty() {
            continue;
        }
        text.push_str(&format!("\n{title}:\n\n"));
        for finding in findings.iter().take(MAX_LISTED) {
            let SavedFinding { id, rule_id, kind, severity, .. } = finding;
            let name = name(rule_id, *kind);
            text.push_str(&format!(
                "- {severity} {} in {} ({id})\n",
                code(&name),
                code(&place(finding))
            ));
        }
        if let Some(more) = findings.len().checked_sub(MAX_LISTED).filter(|more| *more > 0) {
            text.push_str(&format!("- and {more} more\n"));
        }
    }
    text
}

/// A text as code of Markdown: nothing in it is markup.
fn code(text: &str) -> String {
    let text = sanitize(text).replace('\n', " ");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fingerprint, LeakKind};

    fn ids(findings: &[&SavedFinding]) -> Vec<Fingerprint> {
        findings.iter().map(|finding| finding.id).collect()
    }

    const LEAK: FindingKind = FindingKind::Leak(LeakKind::ClientSecretLiteral);

    fn finding(id: u32, kind: FindingKind, sha256: &str) -> SavedFinding {
        SavedFinding {
            id: format!("ks1:{id:020x}").parse().unwrap(),
            rule_id: "rule".to_owned(),
            kind,
            severity: "error".to_owned(),
            message: String::new(),
            sha256: Some(sha256.to_owned()),
            place: None,
            record: Value::Null,
        }
    }

    fn report(findings: Vec<SavedFinding>, accepted: &[&SavedFinding]) -> SavedReport {
        let accepted = accepted.iter().map(|finding| finding.id).collect();
        SavedReport { is_complete: true, mode: "tree".to_owned(), findings, accepted }
    }

    #[test]
    fn a_finding_is_known_by_its_id_and_its_kind() {
        let plain = |id| finding(id, FindingKind::Secret, &id.to_string());
        let leak = |id| finding(id, LEAK, &id.to_string());
        let old = report(vec![plain(1), plain(2), leak(3), plain(4), plain(5)], &[]);
        let new = report(vec![plain(1), leak(2), plain(3), plain(6)], &[&plain(4)]);
        let diff = ReportDiff::new(&old, &new);
        assert_eq!(ids(&diff.still), [plain(1).id, plain(3).id]);
        let added: Vec<_> = diff.new.iter().map(|(own, was)| (own.id, *was)).collect();
        assert_eq!(added, [(plain(2).id, Some(FindingKind::Secret)), (plain(6).id, None)]);
        assert_eq!((ids(&diff.accepted), ids(&diff.gone)), (vec![plain(4).id], vec![plain(5).id]));
        assert_eq!(diff.counts(), "2 new, 1 gone, 1 now accepted, 2 still there");
    }

    #[test]
    fn another_salt_makes_no_finding_new() {
        let old = report(vec![finding(1, LEAK, "a"), finding(2, LEAK, "b")], &[]);
        let new = report(vec![finding(3, LEAK, "a"), finding(4, LEAK, "c")], &[]);
        let diff = ReportDiff::new(&old, &new);
        assert_eq!(diff.counts(), "1 new, 1 gone, 1 still there");
    }

    #[test]
    fn names_of_files_are_no_markup() {
        assert_eq!(code("a.ts"), "`a.ts`");
        assert_eq!(code("a`<b>.ts"), "`` a`<b>.ts ``");
    }
}
