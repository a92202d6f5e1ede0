//! The JSON report's form, version 1. It is a contract: fields may be added, never renamed. A
//! copy of the model on purpose, so that the model can change.

use serde::Serialize;

use crate::model::{Excerpt, Finding, Fragment, Notice, Occurrence, Report, Secret, Suppressed};
use crate::rules::{Rule, Ruleset};

/// The version of the form.
pub const SCHEMA_VERSION: u32 = 1;

/// What stands where a secret was.
pub(super) const REDACTED: &str = "[REDACTED]";

/// The whole document.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Document {
    schema_version: u32,
    tool: Tool,
    /// What was scanned.
    pub(super) scan: Scan,
    /// One record a secret.
    pub(super) findings: Vec<Record>,
    /// What was found and accepted.
    suppressed: Vec<Accepted>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Tool {
    name: &'static str,
    version: &'static str,
}

/// What was scanned.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Scan {
    /// `complete`, or `incomplete` if something that was asked for was not read.
    state: &'static str,
    /// `tree` or `stdin`.
    mode: &'static str,
    files: u64,
    blobs: u64,
    commits: u64,
    bytes: u64,
    /// What was met and deliberately not read; the sum of `skips`.
    skipped: u64,
    skips: Skips,
    /// Occurrences that were found and accepted.
    suppressed: u64,
    /// Findings that were left out by `--min-severity`.
    below_severity: u64,
    duration_ms: u64,
    notices: Vec<WireNotice>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Skips {
    media: u64,
    special: u64,
    links: u64,
    large: u64,
    excluded: u64,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Notice"))]
struct WireNotice {
    kind: &'static str,
    path: Option<String>,
    message: String,
    /// Whether something was not read because of it.
    incomplete: bool,
}

/// One secret.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Record {
    /// Stable: rule and secret, keyed.
    id: String,
    rule_id: String,
    kind: &'static str,
    title: String,
    message: String,
    severity: &'static str,
    confidence: &'static str,
    key_class: &'static str,
    secret: WireSecret,
    exposure: Exposure,
    verification: Verification,
    remediation: Remediation,
    /// Whether it is in HEAD's tree; null where no history was read.
    in_head: Option<bool>,
    /// The commit that brought it in; null where no history was read.
    first_seen: Option<()>,
    /// The commit that took it out; null where no history was read.
    removed_in: Option<()>,
    occurrences: Vec<Place>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Secret"))]
struct WireSecret {
    redacted: String,
    /// SHA-256 of the secret, hexadecimal.
    sha256: String,
    /// The secret itself, with `--show-secrets` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
}

/// The side a secret is on. No analysis is made yet: the verdict is `unknown`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Exposure {
    verdict: &'static str,
    framework: Option<String>,
    trace: Vec<()>,
}

/// Whether the key is live. Nothing is sent yet: the status is `not-checked`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Verification {
    status: &'static str,
    reason: Option<String>,
    checked_at: Option<String>,
    account: Option<()>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Remediation {
    summary: String,
    url: String,
}

/// One place of a secret; lines and columns are 1-based, columns count characters.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Occurrence"))]
struct Place {
    source: &'static str,
    path: String,
    start_line: u64,
    start_column: u64,
    end_line: u64,
    /// The column behind the secret.
    end_column: u64,
    /// The line, with every key in it redacted.
    line: String,
    commit: Option<String>,
    blob: Option<String>,
    encoding: Vec<String>,
    inside: Option<String>,
}

/// An occurrence that somebody has accepted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Suppressed"))]
struct Accepted {
    id: String,
    rule_id: String,
    /// `inline`, `ignore-file` or `config`.
    kind: &'static str,
    /// The marker, or the file and its line or setting.
    by: String,
    reason: String,
    path: String,
    start_line: u64,
    start_column: u64,
}

/// The report as it is written; whole secrets are in it only with `show_secrets`.
pub(super) fn document(report: &Report, rules: &Ruleset, show_secrets: bool) -> Document {
    Document {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "keyside", version: env!("CARGO_PKG_VERSION") },
        scan: scan(report),
        findings: report.findings.iter().map(|f| record(f, rules, show_secrets)).collect(),
        suppressed: report.suppressed.iter().map(accepted).collect(),
    }
}

fn scan(report: &Report) -> Scan {
    let summary = &report.summary;
    Scan {
        state: report.state().name(),
        mode: report.mode.name(),
        files: summary.files,
        blobs: 0,
        commits: 0,
        bytes: summary.bytes,
        skipped: summary.skipped(),
        skips: Skips {
            media: summary.skipped_media,
            special: summary.skipped_special,
            links: summary.skipped_links,
            large: summary.skipped_large,
            excluded: summary.skipped_excluded,
        },
        suppressed: report.suppressed.len() as u64,
        below_severity: summary.below_severity,
        duration_ms: u64::try_from(summary.duration.as_millis()).unwrap_or(u64::MAX),
        notices: report.notices.iter().map(notice).collect(),
    }
}

fn notice(notice: &Notice) -> WireNotice {
    WireNotice {
        kind: notice.kind.name(),
        path: notice.path.as_ref().map(|path| path.to_text().into_owned()),
        message: notice.message.clone(),
        incomplete: notice.kind.is_incomplete(),
    }
}

fn record(finding: &Finding, rules: &Ruleset, show_secrets: bool) -> Record {
    let rule = rule_of(finding, rules);
    Record {
        id: finding.id.to_string(),
        rule_id: finding.rule_id.clone(),
        kind: "secret",
        title: rule.title.clone(),
        message: message(finding, rule),
        severity: finding.severity.name(),
        confidence: rule.confidence.name(),
        key_class: finding.class.name(),
        secret: WireSecret {
            redacted: finding.secret.masked(),
            sha256: finding.secret.sha256().iter().map(|byte| format!("{byte:02x}")).collect(),
            raw: show_secrets.then(|| revealed(&finding.secret)),
        },
        exposure: Exposure { verdict: "unknown", framework: None, trace: Vec::new() },
        verification: Verification {
            status: "not-checked",
            reason: None,
            checked_at: None,
            account: None,
        },
        remediation: Remediation {
            summary: rule.remediation.summary.clone(),
            url: rule.remediation.url.clone(),
        },
        in_head: None,
        first_seen: None,
        removed_in: None,
        occurrences: finding.occurrences.iter().map(|o| place(o, show_secrets)).collect(),
    }
}

fn place(occurrence: &Occurrence, show_secrets: bool) -> Place {
    let region = &occurrence.region;
    Place {
        source: occurrence.origin.source.name(),
        path: occurrence.origin.path.to_text().into_owned(),
        start_line: region.start.line,
        start_column: region.start.column,
        end_line: region.end.line,
        end_column: region.end.column,
        line: line(&occurrence.excerpt, show_secrets),
        commit: None,
        blob: None,
        encoding: Vec::new(),
        inside: None,
    }
}

fn accepted(suppressed: &Suppressed) -> Accepted {
    Accepted {
        id: suppressed.id.to_string(),
        rule_id: suppressed.rule_id.clone(),
        kind: suppressed.by.kind(),
        by: suppressed.by.place().to_owned(),
        reason: suppressed.by.reason().to_owned(),
        path: suppressed.origin.path.to_text().into_owned(),
        start_line: suppressed.region.start.line,
        start_column: suppressed.region.start.column,
    }
}

/// The rule of a finding.
pub(super) fn rule_of<'r>(finding: &Finding, rules: &'r Ruleset) -> &'r Rule {
    rules.by_id(&finding.rule_id).expect("findings come from the rules of the run")
}

/// What a finding says in one sentence.
pub(super) fn message(finding: &Finding, rule: &Rule) -> String {
    let places = match finding.occurrences.len() {
        1 => String::new(),
        several => format!(" in {several} places"),
    };
    format!("{} `{}`{places}", rule.title, finding.secret.masked())
}

/// The line with `[REDACTED]` for every key.
pub(super) fn line(excerpt: &Excerpt, show_secrets: bool) -> String {
    let mut line = String::new();
    if excerpt.cut_start {
        line.push('…');
    }
    for fragment in &excerpt.fragments {
        match fragment {
            Fragment::Text(text) => line.push_str(text),
            Fragment::Subject(secret) if show_secrets => line.push_str(&revealed(secret)),
            Fragment::Subject(_) | Fragment::Other(_) => line.push_str(REDACTED),
        }
    }
    if excerpt.cut_end {
        line.push('…');
    }
    line
}

/// The whole secret as text. Only `--show-secrets` leads here.
pub(super) fn revealed(secret: &Secret) -> String {
    String::from_utf8_lossy(secret.reveal()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `docs/report.schema.json` is made here; `just bless` writes it anew.
    #[test]
    fn the_schema_in_the_documentation_is_this_one() {
        let schema = schemars::schema_for!(Document);
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/report.schema.json");
        if std::env::var_os("KEYSIDE_BLESS").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(written == text, "docs/report.schema.json is out of date: run `just bless`");
    }
}
