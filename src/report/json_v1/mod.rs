//! The JSON report, version 1. It is a contract: fields may be added, never renamed. It copies the
//! model on purpose, so that the model can change.

mod fields;

pub(super) use fields::JsonScan;

use fields::{
    JsonAcceptance, JsonAccount, JsonExposure, JsonFinding, JsonFirstSeen, JsonLedger, JsonNotice,
    JsonOccurrence, JsonPair, JsonPiece, JsonRemediation, JsonRemovedIn, JsonReport, JsonRequest,
    JsonSecret, JsonSkips, JsonStep, JsonSuppressed, JsonTool, JsonTotals, JsonVerification,
};

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
