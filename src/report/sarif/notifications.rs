//! Notifications: what the reader must know beside the results.

use serde_sarif::sarif;

use super::values::message;
use crate::model::{Severity, Summary};

pub(super) fn notification(id: &str, level: Severity, text: String) -> sarif::Notification {
    sarif::Notification::builder()
        .descriptor(sarif::ReportingDescriptorReference::builder().id(id).build())
        .level(level.name())
        .message(message(text))
        .build()
}

/// A sentence on deliberately skipped files, if there are any.
pub(super) fn skipped(summary: &Summary) -> Option<String> {
    let counts = [
        (summary.skipped_media, "images, audio and video"),
        (summary.skipped_archives, "compressed and not opened"),
        (summary.skipped_special, "devices and pipes"),
        (summary.skipped_links, "symbolic links"),
        (summary.skipped_large, "above the size limit"),
        (summary.skipped_excluded, "excluded"),
    ];
    let counts: Vec<_> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{what}: {count}"))
        .collect();
    (!counts.is_empty()).then(|| format!("Skipped on purpose: {}.", counts.join(", ")))
}
