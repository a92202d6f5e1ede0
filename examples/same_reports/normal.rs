//! Removes from reports the parts that differ between runs: versions, durations, ages and today's
//! date.

use regex::{Captures, Regex};
use serde_json::Value;

/// The fields of a JSON report that hold English.
const TEXTS: [&str; 5] = ["title", "message", "note", "fix", "reason"];

/// Makes reports comparable.
pub(crate) struct Normal {
    patterns: Vec<(Regex, &'static str)>,
    version: Option<Regex>,
    pub(crate) ignores_texts: bool,
}

impl Normal {
    /// A normaliser for programs of these versions.
    pub(crate) fn new(versions: [&str; 2], ignores_texts: bool) -> Self {
        let patterns = [
            // JSON, JUnit, GitLab.
            (r#""(duration_ms|age_days)": ?\d+"#, r#""$1": 0"#),
            (r#"time="[0-9.]+""#, r#"time="0""#),
            (r#"datetime="[^"]*""#, r#"datetime="""#),
            (r#""(start_time|end_time|started_at|checked_at)": "[^"]*""#, r#""$1": """#),
            // Sentences.
            (r" in (\d+ min \d+ s|\d+\.\d s|\d+ ms)\b", " in 0 ms"),
            (r"\b(today|\d[\d,]* days? ago)\b", "0 days ago"),
            (r"\b\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC", "NOW"),
        ];
        let compiled = patterns.map(|(pattern, text)| (fixed(pattern), text));
        let version = (versions[0] != versions[1]).then(|| {
            fixed(&format!(r"\b({}|{})\b", regex::escape(versions[0]), regex::escape(versions[1])))
        });
        Self { patterns: compiled.into(), version, ignores_texts }
    }

    /// A report or the output of a run, without its varying parts.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (pattern, replacement) in &self.patterns {
            text = pattern.replace_all(&text, *replacement).into_owned();
        }
        if let Some(version) = &self.version {
            text = version.replace_all(&text, |_: &Captures<'_>| "VERSION").into_owned();
        }
        text
    }

    /// A JSON report without its varying parts, and without sentences if those are ignored.
    pub(crate) fn json(&self, text: &str) -> String {
        let text = self.text(text);
        if !self.ignores_texts {
            return text;
        }
        match serde_json::from_str::<Value>(&text) {
            Ok(mut value) => {
                silence(&mut value);
                format!("{value:#}\n")
            }
            Err(_) => text,
        }
    }
}

fn fixed(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is fixed")
}

/// Empties the sentences of a JSON value.
fn silence(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let is_text = TEXTS.contains(&name.as_str());
                if is_text && value.is_string() {
                    *value = "…".into();
                } else if name == "remediation" {
                    value["summary"] = "…".into();
                } else {
                    silence(value);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(silence),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
