//! Detects the kind of a file.

use super::format::ImportFormat;
use super::{accepted_findings, gitleaks_config};

impl ImportFormat {
    /// Detects the kind of a file from its name (without folders) and its text.
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
        // A broken configuration counts as one, so that the error has its line.
        if gitleaks_config::is_config(text)
            || (name.ends_with(".toml") && gitleaks_config::is_broken(text))
        {
            return Some(Self::GitleaksConfig);
        }
        accepted_findings::is_ignore_file(text).then_some(Self::GitleaksIgnore)
    }
}
