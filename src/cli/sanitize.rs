//! Messages made safe to print: arguments, paths and file contents quoted in them may hold keys and
//! terminal control codes.

use crate::report;
use crate::rules::Ruleset;
use crate::scan::KeyScanner;

/// Masks keys, and escapes whatever could steer a terminal.
pub(super) fn sanitize(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(report::visible).collect();
    mask_keys(&lines.join("\n"))
}

pub(super) fn mask_keys(text: &str) -> String {
    KeyScanner::new(&Ruleset::built_in()).masked_text(text)
}
