//! SARIF levels. A finding's severity comes from its rule, or from the check that found the leak and how
//! certain it is; verification may change it. Here it is only translated.

use serde_sarif::sarif;

use crate::model::{NoticeKind, Severity};

/// The level of a result.
pub(super) fn result_level(severity: Severity) -> sarif::ResultLevel {
    match severity {
        Severity::Error => sarif::ResultLevel::Error,
        Severity::Warning => sarif::ResultLevel::Warning,
        Severity::Note => sarif::ResultLevel::Note,
    }
}

/// Notifications have the same levels as findings.
pub(super) fn notice_level(kind: NoticeKind) -> Severity {
    if kind.is_incomplete() {
        Severity::Error
    } else if kind == NoticeKind::Truncated {
        Severity::Warning
    } else {
        Severity::Note
    }
}
