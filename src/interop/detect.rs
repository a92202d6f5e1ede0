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

/// The tool whose configuration a text is, if it is none that can be imported.
pub fn other_tool(name: &str, text: &str) -> Option<&'static str> {
    let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    let has_line = |start: &str| text.lines().any(|line| line.starts_with(start));
    let has_field = |field: &str| text.lines().any(|line| line.trim().starts_with(field));
    if name.ends_with(".secretsignore") || text.lines().any(|line| line.trim() == "[secrets]") {
        Some("ripsecrets")
    } else if is_yaml && (has_line("detectors:") || has_line("sources:")) {
        Some("trufflehog")
    } else if is_yaml && has_line("rules:") && has_field("pattern:") {
        Some("Nosey Parker or kingfisher")
    } else if name.starts_with(".gitguardian.") || is_yaml && has_line("secret:") {
        Some("ggshield")
    } else if name.ends_with(".toml") && has_line("[tool.detect-secrets") {
        Some("detect-secrets")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_tools_are_told_apart() {
        for (name, text, tool) in [
            (".secretsignore", "*.png\n", Some("ripsecrets")),
            ("ignore", "test/*\n[secrets]\nabc\n", Some("ripsecrets")),
            ("config.yaml", "detectors:\n  - name: x\n", Some("trufflehog")),
            ("rules.yml", "rules:\n- name: x\n  pattern: y\n", Some("Nosey Parker or kingfisher")),
            (".gitguardian.yaml", "version: 2\n", Some("ggshield")),
            ("keyside.toml", "rules = [\"a.toml\"]\n", None),
        ] {
            assert_eq!(other_tool(name, text), tool, "{name}");
        }
        for (text, kind) in [
            ("rules = [\"a.toml\"]\nfoo = 1\n", None),
            ("[[rules]]\nid = \"a\"\n", Some(ImportFormat::GitleaksConfig)),
            ("[extend]\nuseDefault = true\n", Some(ImportFormat::GitleaksConfig)),
            ("[[rule]]\nid = \"a\"\n", None),
        ] {
            assert_eq!(ImportFormat::detect("a.toml", text), kind, "{text}");
        }
    }
}
