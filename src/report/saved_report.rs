//! Reads JSON reports back: to compare two of them, or to accept what one has found.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use super::json_v1::{REDACTED, SCHEMA_VERSION};
use crate::model::{FindingKind, Fingerprint};

/// A JSON report that was read back.
#[derive(Debug, Clone)]
pub struct SavedReport {
    /// True if everything that was asked for was read.
    pub is_complete: bool,
    /// The kind of scan, by its name.
    pub mode: String,
    /// The findings, in order.
    pub findings: Vec<SavedFinding>,
    /// The ids of accepted findings.
    pub accepted: BTreeSet<Fingerprint>,
}

/// A finding of a report that was read back.
#[derive(Debug, Clone)]
pub struct SavedFinding {
    /// The id.
    pub id: Fingerprint,
    /// The rule that found it.
    pub rule_id: String,
    /// The kind.
    pub kind: FindingKind,
    /// The name of its severity.
    pub severity: String,
    /// The finding in a sentence.
    pub message: String,
    /// The SHA-256 of the secret, if it has one.
    pub sha256: Option<String>,
    /// Its first place: the path, line and column.
    pub place: Option<(String, u64, u64)>,
    /// The record as it was written, without a whole secret.
    pub record: Value,
}

/// The text is no JSON report of keyside.
#[derive(Debug, Error)]
pub enum SavedReportError {
    /// It is something else.
    #[error("not a JSON report of keyside; `keyside scan -f json -o FILE` writes one")]
    Other,
    /// It is one, but damaged or of a later version.
    #[error("not a JSON report that this keyside can read: {0}")]
    Fault(String),
}

#[derive(Deserialize)]
struct SavedDocument {
    scan: SavedScan,
    findings: Vec<Value>,
    #[serde(default)]
    suppressed: Vec<SavedSuppressed>,
}

#[derive(Deserialize)]
struct SavedScan {
    state: String,
    mode: String,
}

#[derive(Deserialize)]
struct SavedSuppressed {
    id: String,
}

#[derive(Deserialize)]
struct SavedRecord {
    id: String,
    rule_id: String,
    kind: String,
    severity: String,
    message: String,
    secret: Option<SavedSecret>,
    occurrences: Vec<SavedOccurrence>,
}

#[derive(Deserialize)]
struct SavedSecret {
    sha256: String,
    raw: Option<String>,
}

#[derive(Deserialize)]
struct SavedOccurrence {
    path: String,
    start_line: u64,
    start_column: u64,
}

impl SavedReport {
    /// Reads the text of a JSON report.
    ///
    /// # Errors
    /// Another file, another version, or a damaged report.
    pub fn parse(text: &str) -> Result<Self, SavedReportError> {
        let document: Value = serde_json::from_str(text).map_err(|_| SavedReportError::Other)?;
        if document["tool"]["name"] != "keyside" {
            return Err(SavedReportError::Other);
        }
        let version = &document["schema_version"];
        if *version != SCHEMA_VERSION {
            let message = format!("its version is {version}, not {SCHEMA_VERSION}");
            return Err(SavedReportError::Fault(message));
        }
        // Faults of serde may quote the report, which may hold whole secrets.
        let damaged = |what: &str| SavedReportError::Fault(format!("{what} is damaged"));
        let document: SavedDocument =
            serde_json::from_value(document).map_err(|_| damaged("its head"))?;
        let findings = (1..).zip(document.findings);
        let findings = findings.map(|(nth, record)| {
            SavedFinding::read(record).ok_or_else(|| damaged(&format!("finding {nth}")))
        });
        let accepted = document.suppressed.iter().map(|own| own.id.parse());
        Ok(Self {
            is_complete: document.scan.state == "complete",
            mode: document.scan.mode,
            findings: findings.collect::<Result<_, _>>()?,
            accepted: accepted.collect::<Result<_, _>>().map_err(|_| damaged("`suppressed`"))?,
        })
    }
}

impl SavedFinding {
    fn read(mut record: Value) -> Option<Self> {
        let own = SavedRecord::deserialize(&record).ok()?;
        if !["note", "warning", "error"].contains(&&*own.severity) {
            return None;
        }
        // With `--show-secrets`, the record has the key, in its lines, too.
        if let Some(raw) = own.secret.as_ref().and_then(|secret| secret.raw.as_deref()) {
            hide(&mut record, raw);
            record["secret"].as_object_mut()?.remove("raw");
        }
        let first = own.occurrences.into_iter().next();
        Some(Self {
            id: own.id.parse().ok()?,
            rule_id: own.rule_id,
            kind: FindingKind::by_name(&own.kind)?,
            severity: own.severity,
            message: own.message,
            sha256: own.secret.map(|secret| secret.sha256),
            place: first.map(|own| (own.path, own.start_line, own.start_column)),
            record,
        })
    }
}

/// Hides a secret in all texts of a value.
fn hide(value: &mut Value, secret: &str) {
    match value {
        Value::String(text) if !secret.is_empty() => *text = text.replace(secret, REDACTED),
        Value::Array(values) => values.iter_mut().for_each(|value| hide(value, secret)),
        Value::Object(fields) => fields.values_mut().for_each(|value| hide(value, secret)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Mode;
    use crate::report::{json_v1, sample};

    fn written() -> Value {
        let all = FindingKind::all().map(sample::of_kind).collect();
        let report = sample::report(Mode::Tree, all);
        serde_json::to_value(json_v1::document(&report, &sample::rules(), false)).unwrap()
    }

    #[test]
    fn a_report_is_read_back() {
        let document = written();
        let read = SavedReport::parse(&document.to_string()).unwrap();
        assert!(read.is_complete && read.mode == "tree");
        let kinds: Vec<_> = read.findings.iter().map(|own| own.kind).collect();
        assert_eq!(kinds, FindingKind::all().collect::<Vec<_>>());
        assert_eq!(read.findings[0].record, document["findings"][0]);
        assert!(read.findings.iter().all(|own| own.place.is_some()));
    }

    #[test]
    fn whole_secrets_are_left_out() {
        let report = sample::report(Mode::Tree, vec![sample::of_kind(FindingKind::Secret)]);
        let document = json_v1::document(&report, &sample::rules(), true);
        let text = serde_json::to_string(&document).unwrap();
        let secret = report.findings[0].secret.as_ref().unwrap();
        let raw = String::from_utf8(secret.reveal().to_vec()).unwrap();
        assert!(text.contains(&raw));
        let read = SavedReport::parse(&text).unwrap();
        let record = read.findings[0].record.to_string();
        assert!(!record.contains(&raw) && record.contains(REDACTED), "{record}");
    }

    #[test]
    fn other_texts_are_refused_and_not_quoted() {
        let mut damaged = written();
        damaged["findings"][1]["id"] = "sk-secret".into();
        let mut marked = written();
        marked["findings"][0]["severity"] = "<b>".into();
        let mut newer = written();
        newer["schema_version"] = 2.into();
        for (text, message) in [
            (String::new(), "not a JSON report of keyside"),
            ("[]".to_owned(), "not a JSON report of keyside"),
            ("{\"version\": \"2.1.0\"}".to_owned(), "not a JSON report of keyside"),
            (
                damaged.to_string(),
                "not a JSON report that this keyside can read: finding 2 is damaged",
            ),
            (
                marked.to_string(),
                "not a JSON report that this keyside can read: finding 1 is damaged",
            ),
            (newer.to_string(), "not a JSON report that this keyside can read: its version is 2"),
        ] {
            let error = SavedReport::parse(&text).unwrap_err().to_string();
            assert!(error.starts_with(message) && !error.contains("secret"), "{error}");
        }
    }
}
