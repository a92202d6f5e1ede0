//! The files of other scanners: which kind a file is, what it says, and how keyside says it. What
//! keyside cannot say is a [`ImportWarning`]; nothing is dropped silently.
//!
//! These files may come from anywhere and hold secrets: no message quotes what is in them.

mod accepted_findings;
mod gitleaks_config;
mod go_regex;
mod path_globs;
mod sample;

pub use accepted_findings::{AcceptedFinding, AcceptedList, SecretEvidence, accepted};
pub use gitleaks_config::{ImportedConfig, config};

use thiserror::Error;

use crate::suppress;

/// A file of another scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportFormat {
    /// `.gitleaks.toml`: rules and what is allowed.
    GitleaksConfig,
    /// `.gitleaksignore`: accepted findings by their places.
    GitleaksIgnore,
    /// A JSON report of gitleaks, which is also its baseline.
    GitleaksReport,
    /// `.secrets.baseline` of detect-secrets.
    DetectSecrets,
}

impl ImportFormat {
    /// All kinds and the names by which users choose them.
    pub const ALL: [(&'static str, Self); 4] = [
        ("gitleaks-config", Self::GitleaksConfig),
        ("gitleaks-ignore", Self::GitleaksIgnore),
        ("gitleaks-report", Self::GitleaksReport),
        ("detect-secrets", Self::DetectSecrets),
    ];

    /// The kind of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find_map(|(own, kind)| (*own == name).then_some(*kind))
    }

    /// What people call such a file.
    pub fn title(self) -> &'static str {
        match self {
            Self::GitleaksConfig => "a configuration of gitleaks",
            Self::GitleaksIgnore => "a .gitleaksignore",
            Self::GitleaksReport => "a JSON report or baseline of gitleaks",
            Self::DetectSecrets => "a .secrets.baseline of detect-secrets",
        }
    }

    /// The kind of a file, by its name (without folders) and its text.
    pub fn detect(name: &str, text: &str) -> Option<Self> {
        if name.ends_with(".gitleaksignore") {
            return Some(Self::GitleaksIgnore);
        }
        if let Ok(value) = serde_json::from_str::<serde_json::Value>(text) {
            let is_finding = |value: &serde_json::Value| value.get("RuleID").is_some();
            return match &value {
                serde_json::Value::Array(all) => {
                    all.iter().all(is_finding).then_some(Self::GitleaksReport)
                }
                serde_json::Value::Object(all) => {
                    all.get("results")?.as_object().map(|_| Self::DetectSecrets)
                }
                serde_json::Value::Null
                | serde_json::Value::Bool(_)
                | serde_json::Value::Number(_)
                | serde_json::Value::String(_) => None,
            };
        }
        // One that is broken is told as such, with the line.
        if gitleaks_config::is_config(text)
            || (name.ends_with(".toml") && gitleaks_config::is_broken(text))
        {
            return Some(Self::GitleaksConfig);
        }
        accepted_findings::is_ignore_file(text).then_some(Self::GitleaksIgnore)
    }
}

/// Why a file cannot be imported at all.
#[derive(Debug, Error)]
pub enum ImportError {
    /// It is not what it was taken for.
    #[error("{file}:{line}: this is not {}: {message}", kind.title())]
    Syntax {
        /// The file as the user named it.
        file: String,
        /// 1-based line.
        line: usize,
        /// What it was taken for.
        kind: ImportFormat,
        /// What is wrong.
        message: String,
    },
    /// It is none of the known kinds.
    #[error(
        "{file}: this is none of the known kinds of files; --kind says which it is: {}",
        ImportFormat::ALL.map(|(name, kind)| format!("{name} ({})", kind.title())).join(", ")
    )]
    Unknown {
        /// The file as the user named it.
        file: String,
    },
}

/// Something that did not become what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportWarning {
    /// Where it stands: the file, and its line or its entry.
    pub place: String,
    /// What came of it and why.
    pub message: String,
    /// Whether it is left out, and not only said in another way.
    pub is_left_out: bool,
}

/// What a rule file that was imported is called.
pub const RULE_FILE: &str = "gitleaks-rules.toml";

/// Path expressions as patterns; what cannot be said so is a warning at the place that goes with it.
fn excluded(expressions: &[(String, String)], warnings: &mut Vec<ImportWarning>) -> Vec<String> {
    let mut patterns = Vec::new();
    for (place, expression) in expressions {
        let globs = path_globs::globs(expression).and_then(|globs| {
            let all = globs.iter().map(String::as_str);
            let good = suppress::PathPatterns::new(std::path::Path::new("/"), all);
            good.map(|_| globs).map_err(|_| "it is no path pattern")
        });
        match globs {
            Ok(globs) => patterns.extend(globs),
            Err(why) => warnings.push(ImportWarning {
                place: place.clone(),
                message: format!("the path expression is left out: {why}"),
                is_left_out: true,
            }),
        }
    }
    let mut seen = std::collections::HashSet::new();
    patterns.retain(|pattern| seen.insert(pattern.clone()));
    patterns
}

/// A text in kebab-case, as ids of rules are.
pub fn kebab(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// The 1-based line of a byte offset.
fn line_of(text: &str, offset: usize) -> usize {
    1 + memchr::memchr_iter(b'\n', &text.as_bytes()[..offset.min(text.len())]).count()
}
