//! GitLab's secret detection report (`gl-secret-detection-report.json`), schema version 15.
//!
//! A vulnerability is one place of a key, as GitLab identifies vulnerabilities by place. Each needs
//! the commit of its place; a place in no commit gets the checked-out one.

use std::io;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::options::ReportOptions;
use super::outcome::ScanOutcome;
use super::visible::visible;
use super::{json_v1, kinds, plain_lines};
use crate::model::{Completeness, Finding, Occurrence, Oid, Report, Severity, Time};
use crate::rules::Ruleset;

/// The version of the schema.
const VERSION: &str = "15.0.7";

/// The longest name that GitLab accepts, in bytes.
const NAME: usize = 255;

#[derive(Serialize)]
struct GitlabReport {
    version: &'static str,
    scan: GitlabScan,
    vulnerabilities: Vec<GitlabVulnerability>,
}

#[derive(Serialize)]
struct GitlabScan {
    analyzer: GitlabTool,
    scanner: GitlabTool,
    start_time: String,
    end_time: String,
    status: &'static str,
    r#type: &'static str,
    messages: Vec<GitlabMessage>,
}

#[derive(Serialize)]
struct GitlabTool {
    id: &'static str,
    name: &'static str,
    url: &'static str,
    version: &'static str,
    vendor: GitlabVendor,
}

#[derive(Serialize)]
struct GitlabVendor {
    name: &'static str,
}

#[derive(Serialize)]
struct GitlabMessage {
    level: &'static str,
    value: String,
}

#[derive(Serialize)]
struct GitlabVulnerability {
    id: String,
    name: String,
    description: String,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    solution: Option<String>,
    identifiers: Vec<GitlabIdentifier>,
    links: Vec<GitlabLink>,
    location: GitlabLocation,
    raw_source_code_extract: String,
}

#[derive(Serialize)]
struct GitlabIdentifier {
    r#type: &'static str,
    name: String,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct GitlabLink {
    url: String,
}

#[derive(Serialize)]
struct GitlabLocation {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    start_line: u64,
    end_line: u64,
    commit: GitlabCommit,
}

#[derive(Serialize)]
struct GitlabCommit {
    sha: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

pub(super) fn write(
    report: &Report,
    rules: &Ruleset,
    options: &ReportOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let places = |finding| places(finding, report, rules, options);
    let document = GitlabReport {
        version: VERSION,
        scan: scan(report, options),
        vulnerabilities: report.findings.iter().flat_map(places).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

fn scan(report: &Report, options: &ReportOptions) -> GitlabScan {
    let end = options.finished_at.seconds;
    let tool = || GitlabTool {
        id: env!("CARGO_PKG_NAME"),
        name: env!("CARGO_PKG_NAME"),
        url: env!("CARGO_PKG_REPOSITORY"),
        version: env!("CARGO_PKG_VERSION"),
        vendor: GitlabVendor { name: env!("CARGO_PKG_NAME") },
    };
    let total = GitlabMessage { level: "info", value: ScanOutcome::new(report).sentence() };
    let messages = report.notices.iter().map(|notice| {
        let path = notice.path.as_ref().map(|path| format!("{}: ", visible(&path.to_text())));
        GitlabMessage {
            level: if notice.kind.is_incomplete() { "fatal" } else { "info" },
            value: format!("{}{}", path.unwrap_or_default(), visible(&notice.message)),
        }
    });
    GitlabScan {
        analyzer: tool(),
        scanner: tool(),
        start_time: time(end.saturating_sub_unsigned(report.summary.duration.as_secs())),
        end_time: time(end),
        status: match report.state() {
            Completeness::Complete => "success",
            Completeness::Incomplete => "failure",
        },
        r#type: "secret_detection",
        messages: std::iter::once(total).chain(messages).collect(),
    }
}

/// A time as the schema wants it: UTC, without a zone.
fn time(seconds: i64) -> String {
    let mut text = Time { seconds, offset: 0 }.to_string();
    text.truncate("2026-11-22T09:30:00".len());
    text
}

fn places(
    finding: &Finding,
    report: &Report,
    rules: &Ruleset,
    options: &ReportOptions,
) -> Vec<GitlabVulnerability> {
    let rule = json_v1::rule_of(finding, rules);
    let id = kinds::id(&rule.id, finding.kind);
    let cwe = kinds::texts(finding.kind).cwe;
    let of_place = |place: &Occurrence| {
        let mut text = vec![format!("{}.", plain_lines::message(finding, rule))];
        text.extend(plain_lines::about(finding, rule, place, report.mode));
        GitlabVulnerability {
            id: uuid(finding, place),
            name: name(kinds::title(finding.kind, rule)),
            description: text.join("\n"),
            severity: match finding.severity {
                Severity::Error => "Critical",
                Severity::Warning => "Medium",
                Severity::Note => "Low",
            },
            solution: kinds::remedy(finding, rule),
            identifiers: vec![
                GitlabIdentifier {
                    r#type: "keyside_rule_id",
                    name: name(format!("keyside rule {id}")),
                    value: id.clone(),
                    url: None,
                },
                GitlabIdentifier {
                    r#type: "cwe",
                    name: format!("CWE-{cwe}"),
                    value: cwe.to_string(),
                    url: Some(format!("https://cwe.mitre.org/data/definitions/{cwe}.html")),
                },
            ],
            links: vec![GitlabLink { url: rule.remediation.url.clone() }],
            location: GitlabLocation {
                file: options.base.file(&place.provenance),
                start_line: place.region.start.line,
                end_line: place.region.end.line,
                commit: commit(finding, place, options.head),
            },
            raw_source_code_extract: visible(&json_v1::line(&place.excerpt, false)),
        }
    };
    finding.occurrences.iter().map(of_place).collect()
}

/// The commit of a place, with its details if they are known.
fn commit(finding: &Finding, place: &Occurrence, head: Option<Oid>) -> GitlabCommit {
    let sha = place.provenance.commit.or(head);
    let first = finding.history.as_ref().and_then(|history| history.first_seen.as_ref());
    let known = first.filter(|change| Some(change.commit) == sha && !change.is_boundary);
    GitlabCommit {
        // The schema requires one even without a repository.
        sha: sha.map_or_else(|| "0".repeat(40), |id| id.to_string()),
        author: known.and_then(|change| plain_lines::TEXT_STYLE.name(change)).map(visible),
        date: known.map(|change| change.date.to_string()),
        message: known.map(|change| visible(&change.summary)),
    }
}

/// A stable id of a finding's place: a UUID of version 8 (RFC 9562) made from both.
fn uuid(finding: &Finding, place: &Occurrence) -> String {
    let mut hash = Sha256::new();
    let (provenance, start) = (&place.provenance, place.region.start);
    let commit = provenance.commit.map(|id| id.to_string()).unwrap_or_default();
    let source = provenance.source.name();
    let name = [finding.id.to_string().as_str(), finding.kind.name(), source, &commit].join("\0");
    hash.update(name);
    hash.update([0]);
    hash.update(provenance.path.as_bytes());
    hash.update(format!("\0{}:{}", start.line, start.column));
    let digest = hash.finalize();
    let mut bytes: [u8; 16] = digest[..16].try_into().expect("a digest has 32 bytes");
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let [a, b, c, d, e] = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    format!("{a}-{b}-{c}-{d}-{e}")
}

/// Cuts a name to the length that GitLab accepts.
fn name(mut text: String) -> String {
    if text.len() > NAME {
        text.truncate(text.floor_char_boundary(NAME - '…'.len_utf8()));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FilePath, FindingKind, History, Mode, Notice, NoticeKind, SourceKind};
    use crate::report::sample;
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    fn written(report: &Report, options: &ReportOptions) -> Value {
        let mut text = Vec::new();
        write(report, &sample::rules(), options, &mut text).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    #[test]
    fn a_place_is_a_vulnerability() {
        let history = History {
            in_head: Some(false),
            first_seen: Some(sample::change(0xc0, "a b.js")),
            ..History::default()
        };
        let provenances = vec![
            sample::provenance(SourceKind::Commit, "a b.js"),
            sample::provenance(SourceKind::CommitMessage, ""),
        ];
        let finding = sample::finding(provenances, Some(history));
        let report = sample::report(Mode::History, vec![finding.clone()]);
        let document = written(&report, &sample::options());
        let rules = sample::rules();
        let rule = &rules.rules[0];
        let id = |nth: usize| uuid(&finding, &finding.occurrences[nth]);
        let about = plain_lines::about(&finding, rule, &finding.occurrences[0], Mode::History);
        let mut expected = json!({
            "id": id(0),
            "name": "AI Magicx API key",
            "description": format!(
                "AI Magicx API key `{}` in 2 places.\n{}", finding.subject(), about.join("\n")
            ),
            "severity": "Critical",
            "solution": rule.remediation.summary,
            "identifiers": [
                {
                    "type": "keyside_rule_id",
                    "name": "keyside rule aimagicx-api-key",
                    "value": "aimagicx-api-key"
                },
                {
                    "type": "cwe", "name": "CWE-798", "value": "798",
                    "url": "https://cwe.mitre.org/data/definitions/798.html"
                }
            ],
            "links": [{ "url": rule.remediation.url }],
            "location": {
                "file": "a b.js", "start_line": 3, "end_line": 3,
                "commit": {
                    "sha": "c0".repeat(20), "author": "Ada",
                    "date": "2024-05-03T23:30:00-02:00", "message": "Add config"
                }
            },
            "raw_source_code_extract": "key = [REDACTED]"
        });
        assert_eq!(document["vulnerabilities"][0], expected);
        expected["id"] = json!(id(1));
        expected["location"].as_object_mut().unwrap().remove("file");
        assert_eq!(document["vulnerabilities"][1], expected);
        let tool = json!({
            "id": "keyside", "name": "keyside", "url": env!("CARGO_PKG_REPOSITORY"),
            "version": env!("CARGO_PKG_VERSION"), "vendor": { "name": "keyside" }
        });
        assert_eq!(
            document["scan"],
            json!({
                "analyzer": tool, "scanner": tool,
                "start_time": "2026-11-22T09:29:58", "end_time": "2026-11-22T09:30:00",
                "status": "success", "type": "secret_detection",
                "messages": [{ "level": "info", "value": ScanOutcome::new(&report).sentence() }]
            })
        );
        assert_eq!(document["version"], "15.0.7");
    }

    #[test]
    fn every_place_has_an_id_and_a_commit() {
        let mut findings: Vec<_> = FindingKind::all().map(sample::of_kind).collect();
        let sources =
            [SourceKind::Tree, SourceKind::Head, SourceKind::Stash, SourceKind::Unreachable];
        let provenances = sources.iter().map(|source| sample::provenance(*source, "a")).collect();
        findings.push(sample::finding(provenances, None));
        let mut report = sample::report(Mode::Tree, findings);
        report.notices.push(Notice {
            path: Some(FilePath::from("a")),
            kind: NoticeKind::Unreadable,
            message: "is bad".to_owned(),
        });
        let document = written(&report, &sample::options());
        let all = document["vulnerabilities"].as_array().unwrap();
        let ids: BTreeSet<_> = all.iter().map(|own| own["id"].as_str().unwrap()).collect();
        let expected = FindingKind::all().count() + sources.len();
        assert_eq!((all.len(), ids.len()), (expected, expected));
        for id in ids {
            let (version, variant) = (&id[14..15], &id[19..20]);
            assert!(id.len() == 36 && version == "8" && "89ab".contains(variant), "{id}");
        }
        let shas: Vec<_> = all.iter().map(|own| &own["location"]["commit"]["sha"]).collect();
        let of_stash = FindingKind::all().count() + 1;
        assert_eq!((shas[0], shas[of_stash]), (&json!("ee".repeat(20)), &json!("c0".repeat(20))));
        assert_eq!(document["scan"]["status"], "failure");
        assert_eq!(
            document["scan"]["messages"],
            json!([
                { "level": "info", "value": ScanOutcome::new(&report).sentence() },
                { "level": "fatal", "value": "a: is bad" }
            ])
        );
        // Nothing else has changed, so nothing else is another vulnerability.
        let elsewhere = written(&report, &ReportOptions { head: None, ..sample::options() });
        let other = &elsewhere["vulnerabilities"][0];
        assert_eq!(other["location"]["commit"]["sha"], json!("0".repeat(40)));
        assert_eq!(other["id"], all[0]["id"]);
    }

    #[test]
    fn names_are_short_enough() {
        assert_eq!(name("a".repeat(255)).len(), 255);
        let cut = name("é".repeat(200));
        assert!(cut.len() <= 255 && cut.ends_with("é…"), "{cut}");
    }
}
