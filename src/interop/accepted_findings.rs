//! Findings accepted in another scanner, from its ignore file, report or baseline. `run` matches them
//! with keyside's own findings.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::{ImportError, ImportWarning};
use super::format::ImportFormat;
use super::path_globs::excluded;
use super::text::line_of;
use crate::model::Secret;

/// One accepted finding.
#[derive(Debug)]
pub struct AcceptedFinding {
    /// Its line or entry in the imported file.
    pub place: String,
    /// The other scanner's name for the rule.
    pub rule: String,
    /// The path as written.
    pub path: String,
    /// First and last line in that file; 1-based.
    pub lines: (u64, u64),
    /// The commit of the file's version.
    pub commit: Option<String>,
    /// The evidence of the secret itself.
    pub known: SecretEvidence,
    /// The users' verdict on it, as a clause for people.
    pub comment: Option<&'static str>,
}

/// The evidence of a secret in an imported file.
#[derive(Debug)]
pub enum SecretEvidence {
    /// Only its place.
    Place,
    /// The secret, and the whole matched text.
    Text(Secret, Secret),
    /// Its SHA-1.
    Sha1([u8; 20]),
}

/// The content of a `.gitleaksignore` or a similar file.
#[derive(Debug, Default)]
pub struct AcceptedList {
    /// The accepted findings.
    pub accepted: Vec<AcceptedFinding>,
    /// Patterns of excluded paths.
    pub excluded: Vec<String>,
    /// Warnings on entries that could not be imported.
    pub warnings: Vec<ImportWarning>,
}

/// Reads a file that accepts findings.
///
/// # Errors
/// A text of another kind.
pub fn accepted(kind: ImportFormat, file: &str, text: &str) -> Result<AcceptedList, ImportError> {
    match kind {
        ImportFormat::GitleaksReport => report(file, text),
        ImportFormat::DetectSecrets => baseline(file, text),
        ImportFormat::GitleaksIgnore | ImportFormat::GitleaksConfig => Ok(ignore_file(file, text)),
    }
}

/// True if every entry of a text is a gitleaks fingerprint, and there is one.
pub(super) fn is_ignore_file(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| is_entry(line)).peekable();
    lines.peek().is_some() && lines.all(|line| fingerprint(line).is_some())
}

fn is_entry(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#')
}

/// `[COMMIT:]PATH:RULE:LINE`
struct GitleaksFingerprint<'f> {
    commit: Option<&'f str>,
    path: &'f str,
    rule: &'f str,
    line: u64,
}

fn fingerprint(text: &str) -> Option<GitleaksFingerprint<'_>> {
    let (rest, line) = text.rsplit_once(':')?;
    let (rest, rule) = rest.rsplit_once(':')?;
    let line = line.parse().ok()?;
    let (commit, path) = match rest.split_once(':') {
        Some((commit, path)) if is_commit(commit) => (Some(commit), path),
        _ => (None, rest),
    };
    (!path.is_empty() && !rule.is_empty()).then_some(GitleaksFingerprint {
        commit,
        path,
        rule,
        line,
    })
}

/// True for the id of a commit, perhaps shortened; whole ones have 40 digits or 64.
fn is_commit(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn ignore_file(file: &str, text: &str) -> AcceptedList {
    let mut list = AcceptedList::default();
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        if !is_entry(line) {
            continue;
        }
        let place = format!("{file}:{number}");
        let Some(found) = fingerprint(line) else {
            let message = "not a fingerprint such as PATH:RULE:LINE".to_owned();
            list.warnings.push(ImportWarning { place, message, is_left_out: true });
            continue;
        };
        list.accepted.push(AcceptedFinding {
            place,
            rule: found.rule.to_owned(),
            path: found.path.to_owned(),
            lines: (found.line, found.line),
            commit: found.commit.map(str::to_owned),
            known: SecretEvidence::Place,
            comment: None,
        });
    }
    list
}

/// A finding as gitleaks reports it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct GitleaksFinding {
    #[serde(rename = "RuleID")]
    rule_id: String,
    file: String,
    start_line: u64,
    end_line: u64,
    commit: String,
    secret: String,
    #[serde(rename = "Match")]
    matched: String,
}

fn report(file: &str, text: &str) -> Result<AcceptedList, ImportError> {
    let all: Vec<GitleaksFinding> = read(ImportFormat::GitleaksReport, file, text)?;
    let each = (1..).zip(all).map(|(number, own)| AcceptedFinding {
        place: format!("{file}: finding {number}"),
        rule: own.rule_id,
        path: own.file,
        lines: (own.start_line, own.end_line.max(own.start_line)),
        commit: Some(own.commit).filter(|commit| is_commit(commit)),
        // `--redact` leaves this word, or the secret's beginning and dots.
        known: if own.secret.is_empty() || own.secret == "REDACTED" || own.secret.ends_with("...") {
            SecretEvidence::Place
        } else {
            let secret = |text: &str| Secret::new(text.as_bytes(), 0);
            SecretEvidence::Text(secret(&own.secret), secret(&own.matched))
        },
        comment: None,
    });
    Ok(AcceptedList { accepted: each.collect(), ..AcceptedList::default() })
}

/// The parts of a `.secrets.baseline` that matter.
#[derive(Deserialize)]
struct DetectSecretsBaseline {
    results: BTreeMap<String, Vec<PotentialSecret>>,
    #[serde(default)]
    filters_used: Vec<DetectSecretsFilter>,
    #[serde(default)]
    exclude: Option<DetectSecretsExclude>,
}

#[derive(Deserialize)]
struct PotentialSecret {
    #[serde(rename = "type", default)]
    kind: String,
    hashed_secret: String,
    #[serde(default)]
    line_number: u64,
    #[serde(default)]
    is_secret: Option<bool>,
}

#[derive(Deserialize)]
struct DetectSecretsFilter {
    path: String,
    #[serde(default)]
    pattern: Option<OneOrMany>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Exclusions as written by versions before 1.0.
#[derive(Deserialize)]
struct DetectSecretsExclude {
    #[serde(default)]
    files: Option<String>,
    #[serde(default)]
    lines: Option<String>,
}

const FILTERS: &str = "detect_secrets.filters.regex.";

fn baseline(file: &str, text: &str) -> Result<AcceptedList, ImportError> {
    let all: DetectSecretsBaseline = read(ImportFormat::DetectSecrets, file, text)?;
    let mut list = AcceptedList::default();
    for (path, potentials) in all.results {
        for (number, own) in (1..).zip(potentials) {
            let place = format!("{file}: {path}, entry {number}");
            let Some(hash) = sha1(&own.hashed_secret) else {
                let message = "`hashed_secret` is not a SHA-1".to_owned();
                list.warnings.push(ImportWarning { place, message, is_left_out: true });
                continue;
            };
            list.accepted.push(AcceptedFinding {
                place,
                rule: own.kind,
                path: path.clone(),
                lines: (own.line_number, own.line_number),
                commit: None,
                known: SecretEvidence::Sha1(hash),
                comment: own.is_secret.map(|is_secret| {
                    if is_secret { "marked as a real secret" } else { "marked as not a secret" }
                }),
            });
        }
    }
    let mut paths = Vec::new();
    let old = all.exclude.into_iter().flat_map(|exclude| {
        let files = exclude.files.map(|own| ("should_exclude_file".to_owned(), vec![own]));
        let lines = exclude.lines.map(|own| ("should_exclude_line".to_owned(), vec![own]));
        files.into_iter().chain(lines)
    });
    let new = all.filters_used.into_iter().filter_map(|filter| {
        let patterns = match filter.pattern? {
            OneOrMany::One(own) => vec![own],
            OneOrMany::Many(own) => own,
        };
        Some((filter.path.strip_prefix(FILTERS).unwrap_or("another filter").to_owned(), patterns))
    });
    for (filter, patterns) in old.chain(new) {
        if filter == "should_exclude_file" {
            paths.extend(patterns.into_iter().map(|own| (format!("{file}: {filter}"), own)));
        } else {
            list.warnings.push(ImportWarning {
                place: format!("{file}: {filter}"),
                message: "left out: keyside accepts findings by id, path or marker, not by the \
                          text of their line"
                    .to_owned(),
                is_left_out: true,
            });
        }
    }
    list.excluded = excluded(&paths, &mut list.warnings);
    Ok(list)
}

/// Parses JSON. The parser's error is not passed on, as it quotes the text.
fn read<T: for<'t> Deserialize<'t>>(
    kind: ImportFormat,
    file: &str,
    text: &str,
) -> Result<T, ImportError> {
    serde_json::from_str(text).map_err(|error| {
        let what = if error.is_data() {
            "a value is missing or of the wrong type"
        } else {
            "it is not JSON"
        };
        let line = error.line().max(line_of(text, 0));
        ImportError::Syntax { file: file.to_owned(), line, kind, message: what.to_owned() }
    })
}

fn sha1(digits: &str) -> Option<[u8; 20]> {
    let digits = digits.as_bytes();
    if digits.len() != 40 {
        return None;
    }
    let mut hash = [0; 20];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_from_the_right() {
        let read = |text: &str| {
            let found = fingerprint(text)?;
            let parts = (found.commit.is_some(), found.path, found.rule, found.line);
            Some(format!("{parts:?}"))
        };
        let long = format!("{}:a.py:r:3", "0123456789abcdef".repeat(4));
        assert_eq!(read(&long).as_deref(), Some(r#"(true, "a.py", "r", 3)"#));
        for (text, expected) in [
            ("a/b.py:rule-id:3", Some(r#"(false, "a/b.py", "rule-id", 3)"#)),
            ("0123456789abcdef:a:b.py:r:3", Some(r#"(true, "a:b.py", "r", 3)"#)),
            ("C:\\a.py:r:3", Some(r#"(false, "C:\\a.py", "r", 3)"#)),
            ("abc:r:3", Some(r#"(false, "abc", "r", 3)"#)),
            ("a.py:r", None),
            ("a.py:r:x", None),
            (":r:1", None),
            ("ks1:00112233445566778899 why", None),
        ] {
            assert_eq!(read(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn an_error_quotes_nothing() {
        for text in ["[{\"StartLine\": \"hidden\"}]", "hidden", "{\"results\": \"hidden\"}"] {
            for kind in [ImportFormat::GitleaksReport, ImportFormat::DetectSecrets] {
                let error = accepted(kind, "f", text).unwrap_err().to_string();
                assert!(
                    error.starts_with("f:1: this is not a") && !error.contains("hidden"),
                    "{error}"
                );
            }
        }
    }
}
