//! Words that the parts of the page share.

use crate::model::{Finding, Severity};

/// True if a finding is in HEAD; `None` if unknown.
pub(super) fn in_head(finding: &Finding) -> Option<bool> {
    finding.history.as_ref()?.in_head
}

/// The value of an answer in filters.
pub(super) fn answer(is: Option<bool>) -> &'static str {
    match is {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
}

pub(super) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}

pub(super) fn severity_heading(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Errors",
        Severity::Warning => "Warnings",
        Severity::Note => "Notes",
    }
}
