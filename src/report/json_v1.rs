//! The JSON report, version 1. It is a contract: fields may be added, never renamed. It copies the
//! model on purpose, so that the model can change.

use std::collections::BTreeMap;

use serde::Serialize;

use super::kinds;
use super::outcome::KeyTotals;
use crate::model;
use crate::model::{
    Call, CommitInfo, Excerpt, Finding, Fragment, History, Ledger, Notice, Occurrence, Oid,
    PairedSecret, Region, Report, Secret, Step, Suppressed, Suppression,
};
use crate::rules::{Rule, Ruleset};

/// The version of the JSON report.
pub const SCHEMA_VERSION: u32 = 1;

/// The replacement for a secret in a line.
pub(super) const REDACTED: &str = "[REDACTED]";

/// The report of a scan.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Document"))]
pub(super) struct JsonReport {
    schema_version: u32,
    tool: JsonTool,
    /// The scan.
    pub(super) scan: JsonScan,
    /// One finding per secret, with every location.
    pub(super) findings: Vec<JsonFinding>,
    /// Accepted findings.
    suppressed: Vec<JsonSuppressed>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Tool"))]
struct JsonTool {
    name: &'static str,
    version: &'static str,
}

/// The scan: its extent and completeness.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Scan"))]
pub(super) struct JsonScan {
    /// `complete`, or `incomplete` if not everything requested was read.
    state: &'static str,
    /// `tree`, `stdin`, `history`, `range` or `staged`.
    mode: &'static str,
    /// Files, standard input included.
    files: u64,
    /// Contents of files in git.
    blobs: u64,
    commits: u64,
    /// Git objects that were not searched again, as the cache knows them to be clean.
    known: u64,
    /// Bytes read; for git objects, their full sizes.
    bytes: u64,
    /// Files that were deliberately not searched, or not all of them; the sum of `skips`.
    skipped: u64,
    skips: JsonSkips,
    totals: JsonTotals,
    /// Accepted occurrences.
    suppressed: u64,
    /// Findings left out by `--min-severity`.
    below_severity: u64,
    /// Findings left out by `--only-live`.
    not_live: u64,
    /// Requests to providers; null without verification.
    verification: Option<JsonLedger>,
    duration_ms: u64,
    notices: Vec<JsonNotice>,
}

/// The numbers of the findings, as every format says them. A key counts once, however many findings and
/// occurrences it has.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Totals"))]
struct JsonTotals {
    keys: u64,
    /// Places of keys.
    places: u64,
    /// Keys that reach clients.
    reach_clients: u64,
    /// Ways in which they do: findings of keys with a client kind.
    ways: u64,
    /// Leaks to clients of what has a name only: variables, options, calls.
    other_leaks: u64,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Skips"))]
struct JsonSkips {
    /// Images, audio and video.
    media: u64,
    /// Archives and other compressed files that are not opened. They are among `files` or `blobs`, too:
    /// their bytes were searched, what is compressed in them was not.
    archives: u64,
    /// Pipes, sockets and devices.
    special: u64,
    /// Symbolic links; their targets are searched where they are, if that is inside the tree.
    links: u64,
    /// Files above `--max-file-size`.
    large: u64,
    /// Files and folders that `--exclude` or `exclude` names.
    excluded: u64,
}

/// Every request of a run. The answers' content is not included.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Ledger"))]
struct JsonLedger {
    /// True for a dry run: the requests would be sent.
    dry_run: bool,
    /// The limit of requests.
    budget: u64,
    /// The number of sent requests.
    sent: u64,
    /// Ordered by finding and attempt.
    requests: Vec<JsonRequest>,
}

/// One request; the secret in it is masked.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Request"))]
struct JsonRequest {
    rule_id: String,
    secret: JsonSecret,
    method: &'static str,
    url: String,
    headers: BTreeMap<String, String>,
    body: Option<String>,
    /// RFC 3339; null in a dry run.
    sent_at: Option<String>,
    /// 1, or more for a retry.
    attempt: u32,
    /// An HTTP status, or the failure; null in a dry run.
    answer: Option<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Notice"))]
struct JsonNotice {
    kind: &'static str,
    path: Option<String>,
    message: String,
    /// True if something was not read because of it.
    incomplete: bool,
}

/// One secret, or one path by which it reaches a client.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Record"))]
pub(super) struct JsonFinding {
    /// Stable: a keyed hash of rule and secret; without a secret, of rule and place, but not the line.
    id: String,
    rule_id: String,
    /// `secret`, or a kind of leak to the client: `client-secret-literal`, `client-secret-env` and
    /// others.
    kind: &'static str,
    title: String,
    message: String,
    severity: &'static str,
    confidence: &'static str,
    key_class: &'static str,
    /// Null if the secret is only referred to by name.
    secret: Option<JsonSecret>,
    /// The key that the secret belongs to; only if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pair: Option<JsonPair>,
    /// The subject if it is not a secret: a variable, `process.env`, a call.
    about: Option<String>,
    exposure: JsonExposure,
    verification: JsonVerification,
    remediation: JsonRemediation,
    /// True if it is in HEAD's tree; null if no history was read, or without a HEAD commit.
    in_head: Option<bool>,
    /// The oldest commit with it; null if no history was read or no commit has it.
    first_seen: Option<JsonFirstSeen>,
    /// The last commit that removed it; null if no history was read, a branch still has it, or no
    /// commit removed it.
    removed_in: Option<JsonRemovedIn>,
    /// The branches whose trees have it, by name, and `worktrees/NAME/HEAD` where a linked checkout without
    /// a branch has it; empty if no history was read.
    branches: Vec<String>,
    /// Whole days since it was first seen; null if unknown.
    age_days: Option<u64>,
    /// True if it is past the provider's rotation period; null if there is none, or the age is
    /// unknown.
    past_rotation: Option<bool>,
    occurrences: Vec<JsonOccurrence>,
    /// Its acceptance by the scanned change itself, which does not count; null if there is none, or not at
    /// every place.
    accepted_by_change: Option<JsonAcceptance>,
}

/// The acceptance of a finding.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Acceptance"))]
struct JsonAcceptance {
    /// `inline`, `ignore-file`, `baseline` or `config`.
    kind: &'static str,
    /// The marker, or the file and its line or setting.
    by: String,
    /// With the terms.
    reason: String,
    /// The last day on which it counts, such as `2027-03-01`; null if it has no end.
    until: Option<String>,
    /// The person or team that answers for it, if one is named.
    owner: Option<String>,
}

/// The commit that introduced a secret. Keys in its texts are redacted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "FirstSeen"))]
struct JsonFirstSeen {
    /// Its id: 40 hexadecimal digits, or 64 in a repository that names objects by SHA-256.
    commit: String,
    /// The file; empty if there is none.
    path: String,
    author: String,
    email: String,
    /// The author's date: RFC 3339, in the author's time zone.
    date: String,
    /// The first line of the message.
    summary: String,
    /// True for a merge that introduced the secret itself: none of its parents has it.
    merge: bool,
    /// True if history is cut off at this commit: the secret was introduced there or before, so that
    /// author, email and summary are empty.
    boundary: bool,
    /// The author's name in the commit, if `.mailmap` of HEAD gives another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_author: Option<String>,
    /// The author's email in the commit, if `.mailmap` of HEAD gives another name or email.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_email: Option<String>,
}

/// The commit that removed a secret. Keys in its texts are redacted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "RemovedIn"))]
struct JsonRemovedIn {
    /// Its id: 40 hexadecimal digits, or 64 in a repository that names objects by SHA-256.
    commit: String,
    /// The author's date: RFC 3339, in the author's time zone.
    date: String,
    author: String,
    /// The first line of the message.
    summary: String,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Secret"))]
struct JsonSecret {
    redacted: String,
    /// The SHA-256 of the secret, in hexadecimal.
    sha256: String,
    /// The secret itself, only with `--show-secrets`.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
}

/// The other key of a pair, such as the id of a secret.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Pair"))]
struct JsonPair {
    rule_id: String,
    redacted: String,
    /// The SHA-256 of the key, in hexadecimal.
    sha256: String,
}

/// The side a secret is on.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Exposure"))]
struct JsonExposure {
    /// `client`, `server` or `unknown`.
    verdict: &'static str,
    /// The framework whose rules decided this, for example `next`.
    framework: Option<&'static str>,
    /// True if the client's build output (`--build`) holds the secret, false if one that is complete
    /// and newer than the code does not; null if there was none to ask.
    confirmed: Option<bool>,
    /// The confidence that a client is reached: `high`, `medium` or `low`.
    confidence: Option<&'static str>,
    /// The path to the client: the entry first, the leak last.
    trace: Vec<JsonStep>,
    /// Places that explain it, such as a variable's declaration.
    related: Vec<JsonStep>,
}

/// A step on the path to the client; line and column as in an occurrence.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Step"))]
struct JsonStep {
    path: String,
    line: u64,
    column: u64,
    /// A few words for people.
    note: String,
    /// `entry`, `import`, `flow`, `source` or `sink`.
    kind: &'static str,
}

/// The liveness of the key.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Verification"))]
struct JsonVerification {
    /// `live`, `dead`, `unknown` if the answer does not decide, or `not-checked`.
    status: &'static str,
    /// The reason; null without verification.
    reason: Option<String>,
    /// RFC 3339.
    checked_at: Option<String>,
    /// The account behind a live key.
    account: Option<JsonAccount>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Account"))]
struct JsonAccount {
    /// The provider's id of the key.
    id: Option<String>,
    /// The name given by its owner.
    name: Option<String>,
    /// Its permissions.
    scopes: Vec<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Remediation"))]
struct JsonRemediation {
    summary: String,
    url: String,
}

/// One place of a secret. Lines and columns are 1-based; columns count characters.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Occurrence"))]
struct JsonOccurrence {
    /// `tree`, `stdin`, `index`, `commit`, `commit-message`, `tag-message`, `note`, `stash`,
    /// `reflog`, `unreachable`, `git-config` or `git-file`.
    source: &'static str,
    /// In git, relative to the top of the repository; for objects without a path, their name or id.
    path: String,
    start_line: u64,
    start_column: u64,
    end_line: u64,
    /// One past the secret's last column.
    end_column: u64,
    /// The line, with every key in it redacted.
    line: String,
    /// The commit of this version.
    commit: Option<String>,
    /// The git object that was read.
    blob: Option<String>,
    /// The encodings of the secret, from the outside in: `base64`, `hex`, `utf-16`, `escape`, `percent`,
    /// `html`, `quoted-printable`, `bytes`, `gzip`, `zlib`, `joined` (put together from pieces), `reversed`,
    /// `rot13`, `base32`; empty for plain text.
    encoding: Vec<&'static str>,
    /// The places of the pieces that a program puts the secret together from, in the order of the text; left
    /// out if it stands whole or has very many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pieces: Vec<JsonPiece>,
    /// The text in an archive, with the way to it: `a.zip!b/c.env`; lines and columns are its own. Null
    /// outside archives.
    inside: Option<String>,
    /// The acceptance of this place by the scanned change itself, which does not count; null if there is
    /// none.
    accepted_by_change: Option<JsonAcceptance>,
}

/// A piece of a secret; lines and columns as in an occurrence.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Piece"))]
struct JsonPiece {
    start_line: u64,
    start_column: u64,
    end_line: u64,
    end_column: u64,
}

/// An accepted occurrence.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Suppressed"))]
struct JsonSuppressed {
    id: String,
    rule_id: String,
    /// `inline`, `ignore-file`, `baseline` or `config`.
    kind: &'static str,
    /// The marker, or the file and its line or setting.
    by: String,
    /// With the terms.
    reason: String,
    /// The last day on which it counts, such as `2027-03-01`; null if it has no end.
    until: Option<String>,
    /// The person or team that answers for it, if one is named.
    owner: Option<String>,
    /// True if only the scanned change itself accepts it, and may.
    by_change: bool,
    /// As in an occurrence.
    source: &'static str,
    path: String,
    start_line: u64,
    start_column: u64,
    /// The commit of this version.
    commit: Option<String>,
    /// The git object that was read.
    blob: Option<String>,
}

/// Builds the report; whole secrets only with `show_secrets`.
pub(super) fn document(report: &Report, rules: &Ruleset, show_secrets: bool) -> JsonReport {
    JsonReport {
        schema_version: SCHEMA_VERSION,
        tool: JsonTool { name: "keyside", version: env!("CARGO_PKG_VERSION") },
        scan: scan(report),
        findings: report.findings.iter().map(|f| record(f, rules, show_secrets)).collect(),
        suppressed: report.suppressed.iter().map(accepted).collect(),
    }
}

fn scan(report: &Report) -> JsonScan {
    let summary = &report.summary;
    JsonScan {
        state: report.state().name(),
        mode: report.mode.name(),
        files: summary.files,
        blobs: summary.blobs,
        commits: summary.commits,
        known: summary.known,
        bytes: summary.bytes,
        skipped: summary.skipped(),
        skips: JsonSkips {
            media: summary.skipped_media,
            archives: summary.skipped_archives,
            special: summary.skipped_special,
            links: summary.skipped_links,
            large: summary.skipped_large,
            excluded: summary.skipped_excluded,
        },
        totals: totals(report),
        suppressed: report.suppressed.len() as u64,
        below_severity: summary.below_severity,
        not_live: summary.not_live,
        verification: report.ledger.as_ref().map(ledger),
        duration_ms: u64::try_from(summary.duration.as_millis()).unwrap_or(u64::MAX),
        notices: report.notices.iter().map(notice).collect(),
    }
}

fn totals(report: &Report) -> JsonTotals {
    let KeyTotals { keys, places, reaching, ways, keyless } = KeyTotals::of(&report.findings);
    JsonTotals { keys, places, reach_clients: reaching, ways, other_leaks: keyless }
}

fn ledger(ledger: &Ledger) -> JsonLedger {
    let Ledger { is_dry_run, only_live: _, budget, calls } = ledger;
    let of_call = |call: &Call| JsonRequest {
        rule_id: call.rule_id.clone(),
        secret: JsonSecret { redacted: call.secret.clone(), sha256: hex(&call.sha256), raw: None },
        method: call.method,
        url: call.url.clone(),
        headers: call.headers.iter().cloned().collect(),
        body: call.body.clone(),
        sent_at: call.sent_at.map(|time| time.to_string()),
        attempt: call.attempt,
        answer: (!is_dry_run).then(|| call.answer.clone()),
    };
    JsonLedger {
        dry_run: *is_dry_run,
        budget: *budget,
        sent: if *is_dry_run { 0 } else { calls.len() as u64 },
        requests: calls.iter().map(of_call).collect(),
    }
}

fn verification(own: &model::Verification) -> JsonVerification {
    let model::Verification { liveness, reason, checked_at, account } = own;
    JsonVerification {
        status: liveness.name(),
        reason: (!reason.is_empty()).then(|| reason.clone()),
        checked_at: checked_at.map(|time| time.to_string()),
        account: account.as_ref().map(|account| JsonAccount {
            id: account.id.clone(),
            name: account.name.clone(),
            scopes: account.scopes.clone(),
        }),
    }
}

/// The SHA-256 of a key, by which programs tell keys apart.
pub(super) fn sha256(secret: &Secret) -> String {
    hex(&secret.sha256())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn notice(notice: &Notice) -> JsonNotice {
    JsonNotice {
        kind: notice.kind.name(),
        path: notice.path.as_ref().map(|path| path.to_text().into_owned()),
        message: notice.message.clone(),
        incomplete: notice.kind.is_incomplete(),
    }
}

fn record(finding: &Finding, rules: &Ruleset, show_secrets: bool) -> JsonFinding {
    let rule = rule_of(finding, rules);
    let History { in_head, first_seen, removed_in, branches, age_days, past_rotation } =
        finding.history.clone().unwrap_or_default();
    JsonFinding {
        id: finding.id.to_string(),
        rule_id: finding.rule_id.clone(),
        kind: finding.kind.name(),
        title: kinds::title(finding.kind, rule),
        message: kinds::message(finding, rule, &finding.subject()),
        severity: finding.severity.name(),
        confidence: finding.confidence.name(),
        key_class: finding.class.name(),
        secret: finding.secret.as_ref().map(|secret| JsonSecret {
            redacted: secret.masked(),
            sha256: hex(&secret.sha256()),
            raw: show_secrets.then(|| revealed(secret)),
        }),
        pair: finding.pairs.first().map(|PairedSecret { rule_id, secret, .. }| JsonPair {
            rule_id: rule_id.clone(),
            redacted: secret.masked(),
            sha256: hex(&secret.sha256()),
        }),
        about: finding.about.clone(),
        exposure: exposure(&finding.exposure),
        verification: verification(&finding.verification),
        remediation: JsonRemediation {
            summary: kinds::fix(finding).unwrap_or(&rule.remediation.summary).to_owned(),
            url: rule.remediation.url.clone(),
        },
        in_head,
        first_seen: first_seen.map(introduction),
        removed_in: removed_in.map(removal),
        branches,
        age_days,
        past_rotation,
        occurrences: finding.occurrences.iter().map(|o| place(o, show_secrets)).collect(),
        accepted_by_change: finding.accepted_by_change().map(acceptance),
    }
}

fn exposure(exposure: &model::Exposure) -> JsonExposure {
    let model::Exposure { side, framework, confirmed, confidence, trace, related, fix: _ } =
        exposure;
    JsonExposure {
        verdict: side.name(),
        framework: *framework,
        confirmed: *confirmed,
        confidence: confidence.map(|confidence| confidence.name()),
        trace: trace.iter().map(step).collect(),
        related: related.iter().map(step).collect(),
    }
}

fn step(step: &Step) -> JsonStep {
    JsonStep {
        path: step.path.to_text().into_owned(),
        line: step.place.line,
        column: step.place.column,
        note: step.note.clone(),
        kind: step.kind.name(),
    }
}

fn introduction(change: CommitInfo) -> JsonFirstSeen {
    let (raw_author, raw_email) = change.raw_author.unzip();
    JsonFirstSeen {
        commit: hexadecimal(change.commit),
        path: change.path.to_text().into_owned(),
        author: change.author,
        email: change.email,
        date: change.date.to_string(),
        summary: change.summary,
        merge: change.is_merge,
        boundary: change.is_boundary,
        raw_author,
        raw_email,
    }
}

fn removal(change: CommitInfo) -> JsonRemovedIn {
    JsonRemovedIn {
        commit: hexadecimal(change.commit),
        date: change.date.to_string(),
        author: change.author,
        summary: change.summary,
    }
}

fn place(occurrence: &Occurrence, show_secrets: bool) -> JsonOccurrence {
    let region = &occurrence.region;
    JsonOccurrence {
        source: occurrence.provenance.source.name(),
        path: occurrence.provenance.path.to_text().into_owned(),
        start_line: region.start.line,
        start_column: region.start.column,
        end_line: region.end.line,
        end_column: region.end.column,
        line: line(&occurrence.excerpt, show_secrets),
        commit: occurrence.provenance.commit.map(hexadecimal),
        blob: occurrence.provenance.blob.map(hexadecimal),
        encoding: occurrence.layers.iter().map(|layer| layer.name()).collect(),
        pieces: occurrence.pieces.iter().map(piece).collect(),
        inside: occurrence.provenance.inside.as_ref().map(|path| path.to_text().into_owned()),
        accepted_by_change: occurrence.accepted_by_change.as_ref().map(acceptance),
    }
}

fn piece(region: &Region) -> JsonPiece {
    JsonPiece {
        start_line: region.start.line,
        start_column: region.start.column,
        end_line: region.end.line,
        end_column: region.end.column,
    }
}

fn acceptance(by: &Suppression) -> JsonAcceptance {
    let (until, owner) = terms(by);
    let (place, reason) = (by.place().to_owned(), by.reason().to_owned());
    JsonAcceptance { kind: by.kind(), by: place, reason, until, owner }
}

/// The last day of an acceptance, and its owner.
fn terms(by: &Suppression) -> (Option<String>, Option<String>) {
    let terms = by.terms();
    let until = terms.and_then(|terms| terms.until).map(|day| day.to_string());
    (until, terms.and_then(|terms| terms.owner.clone()))
}

fn accepted(suppressed: &Suppressed) -> JsonSuppressed {
    let (until, owner) = terms(&suppressed.by);
    JsonSuppressed {
        id: suppressed.id.to_string(),
        rule_id: suppressed.rule_id.clone(),
        kind: suppressed.by.kind(),
        by: suppressed.by.place().to_owned(),
        reason: suppressed.by.reason().to_owned(),
        until,
        owner,
        by_change: suppressed.is_by_change,
        source: suppressed.provenance.source.name(),
        path: suppressed.provenance.path.to_text().into_owned(),
        start_line: suppressed.region.start.line,
        start_column: suppressed.region.start.column,
        commit: suppressed.provenance.commit.map(hexadecimal),
        blob: suppressed.provenance.blob.map(hexadecimal),
    }
}

fn hexadecimal(id: Oid) -> String {
    id.to_string()
}

/// The rule of a finding.
pub(super) fn rule_of<'r>(finding: &Finding, rules: &'r Ruleset) -> &'r Rule {
    rules.by_id(&finding.rule_id).expect("findings come from the rules of the run")
}

/// The line with `[REDACTED]` for every key.
pub(super) fn line(excerpt: &Excerpt, show_secrets: bool) -> String {
    let mut line = String::new();
    if excerpt.cut_start {
        line.push('…');
    }
    for fragment in &excerpt.fragments {
        match fragment {
            Fragment::Text(text) | Fragment::Mark(text) => line.push_str(text),
            Fragment::Subject(secret) if show_secrets => line.push_str(&revealed(secret)),
            Fragment::Subject(_) | Fragment::Other(_) => line.push_str(REDACTED),
        }
    }
    if excerpt.cut_end {
        line.push('…');
    }
    line
}

/// The whole secret as text, for `--show-secrets` only.
pub(super) fn revealed(secret: &Secret) -> String {
    String::from_utf8_lossy(secret.reveal()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FindingKind, LeakKind, Mode, SourceKind, Summary};
    use crate::report::sample;

    #[test]
    fn history_follows_the_contract() {
        let mut first_seen = sample::change(0x3f, "old.js");
        first_seen.is_merge = true;
        let history = History {
            in_head: Some(false),
            first_seen: Some(first_seen),
            removed_in: Some(sample::change(0x9a, "new.js")),
            branches: vec!["origin/y".to_owned()],
            age_days: Some(933),
            past_rotation: Some(true),
        };
        let provenances = vec![
            sample::provenance(SourceKind::Commit, "a.js"),
            sample::provenance(SourceKind::CommitMessage, ""),
            sample::provenance(SourceKind::Index, "b.js"),
        ];
        let mut finding = sample::finding(provenances, Some(history));
        let as_json = |finding: &Finding| {
            serde_json::to_value(record(finding, &sample::rules(), false)).unwrap()
        };
        let record = as_json(&finding);
        let commit = |byte: u8| format!("{byte:02x}").repeat(20);
        for (field, expected) in [
            ("in_head", serde_json::json!(false)),
            (
                "first_seen",
                serde_json::json!({
                    "commit": commit(0x3f), "path": "old.js", "author": "Ada",
                    "email": "ada@example.com", "date": "2024-05-03T23:30:00-02:00",
                    "summary": "Add config", "merge": true, "boundary": false
                }),
            ),
            (
                "removed_in",
                serde_json::json!({
                    "commit": commit(0x9a), "date": "2024-05-03T23:30:00-02:00",
                    "author": "Ada", "summary": "Add config"
                }),
            ),
            ("branches", serde_json::json!(["origin/y"])),
            ("age_days", serde_json::json!(933)),
            ("past_rotation", serde_json::json!(true)),
        ] {
            assert_eq!(record[field], expected, "{field}");
        }
        for (nth, source, blob, of) in [
            (0, "commit", serde_json::json!(commit(0xb0)), serde_json::json!(commit(0xc0))),
            (1, "commit-message", serde_json::Value::Null, serde_json::json!(commit(0xc0))),
            (2, "index", serde_json::json!(commit(0xb0)), serde_json::Value::Null),
        ] {
            let place = &record["occurrences"][nth];
            assert_eq!(
                (&place["source"], &place["blob"], &place["commit"]),
                (&serde_json::json!(source), &blob, &of)
            );
        }
        finding.history = None;
        let record = as_json(&finding);
        for field in ["in_head", "first_seen", "removed_in", "age_days", "past_rotation"] {
            assert!(record[field].is_null() && record.get(field).is_some(), "{field}");
        }
        assert_eq!(record["branches"], serde_json::json!([]));
    }

    #[test]
    fn paths_to_clients_follow_the_contract() {
        let rules = sample::rules();
        let as_json =
            |finding: &Finding| serde_json::to_value(record(finding, &rules, false)).unwrap();
        for kind in FindingKind::all() {
            let finding = sample::of_kind(kind);
            let record = as_json(&finding);
            assert_eq!(record["kind"], kind.name());
            assert_eq!(record["secret"].is_null(), finding.secret.is_none(), "{kind:?}");
            assert_eq!(record["about"].as_str(), finding.about.as_deref(), "{kind:?}");
            let sentence = record["message"].as_str().unwrap();
            assert!(sentence.contains(&format!("`{}`", finding.subject())), "{sentence}");
        }
        let mut finding = sample::of_kind(FindingKind::Leak(LeakKind::ClientSecretEnv));
        let record = as_json(&finding);
        assert_eq!(
            record["message"],
            "`NEXT_PUBLIC_AIMAGICX_API_KEY` puts a secret into client code"
        );
        assert_eq!(
            record["remediation"]["summary"],
            "Read the variable in server code only, under a name without a public prefix, and let \
             client code call the server."
        );
        assert_eq!(record["occurrences"][0]["line"], "key = NEXT_PUBLIC_AIMAGICX_API_KEY");
        finding.exposure.fix = "Read it in app/page.tsx.".to_owned();
        finding.exposure.trace.truncate(1);
        let record = as_json(&finding);
        assert_eq!(record["remediation"]["summary"], "Read it in app/page.tsx.");
        assert_eq!(
            record["exposure"],
            serde_json::json!({
                "verdict": "client", "framework": "next", "confirmed": null, "confidence": "high",
                "trace": [{
                    "path": "app/widget.tsx", "line": 1, "column": 1,
                    "note": "'use client' directive", "kind": "entry"
                }],
                "related": [{
                    "path": ".env.production", "line": 1, "column": 1,
                    "note": "declared here", "kind": "source"
                }],
            })
        );
        let plain = as_json(&sample::of_kind(FindingKind::Secret));
        assert_eq!(
            plain["exposure"],
            serde_json::json!({
                "verdict": "unknown", "framework": null, "confirmed": null, "confidence": null,
                "trace": [], "related": []
            })
        );
        assert_eq!(plain["remediation"]["summary"], rules.rules[0].remediation.summary);
    }

    #[test]
    fn what_git_holds_is_counted() {
        let modes = [Mode::Tree, Mode::Stdin, Mode::History, Mode::Range, Mode::Staged];
        for mode in modes {
            let report = Report {
                mode,
                summary: Summary { blobs: 5, commits: 3, ..Summary::default() },
                findings: Vec::new(),
                hidden: Vec::new(),
                suppressed: Vec::new(),
                notices: Vec::new(),
                ledger: None,
            };
            let scan = scan(&report);
            assert_eq!((scan.mode, scan.blobs, scan.commits), (mode.name(), 5, 3));
        }
    }

    /// `docs/report.schema.json` is generated here; `just bless` updates it.
    #[test]
    fn the_schema_in_the_documentation_is_this_one() {
        let schema = schemars::schema_for!(JsonReport);
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/report.schema.json");
        if std::env::var_os("KEYSIDE_BLESS").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(written == text, "docs/report.schema.json is out of date: run `just bless`");
    }
}
