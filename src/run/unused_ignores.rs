//! Names the entries of ignore files that accept nothing in a scan.

use std::collections::BTreeMap;
use std::path::Path;

use crate::config::Plan;
use crate::model::{Completeness, FilePath, Mode, Notice, NoticeKind, Report};
use crate::suppress::{SeenFindings, UnusedEntry};

/// The most comparisons of an entry with a file: a scanned tree must not make its scan slow.
const MAX_CHECKS: usize = 4_000_000;

/// The most lines that a notice names.
const MAX_LINES: usize = 10;

/// A notice of each ignore file with entries that accept nothing, if this scan can tell: it has read all
/// below the file with all rules. Only history knows other branches, so these entries need not be without
/// use.
pub(super) fn notices(plan: &Plan, report: &Report) -> Vec<Notice> {
    let (wanted, summary) = (&plan.effective, &report.summary);
    let is_part = !wanted.only.is_empty()
        || !wanted.disable.is_empty()
        || summary.skipped_excluded + summary.skipped_large > 0;
    if report.mode != Mode::Tree || is_part || report.state() == Completeness::Incomplete {
        return Vec::new();
    }
    let entries = plan.policy.entry_count();
    if entries == 0 {
        return Vec::new();
    }
    let mut seen = SeenFindings::default();
    seen.add(report, Path::new(""), &plan.policy.roots);
    if entries.saturating_mul(seen.file_count()) > MAX_CHECKS {
        return Vec::new();
    }
    let tops: Vec<_> = plan.roots.iter().map(|root| plan.policy.roots.real(root)).collect();
    let is_judged = |folder: &Path| tops.iter().any(|top| folder.starts_with(top));
    let mut by_file: BTreeMap<String, Vec<UnusedEntry>> = BTreeMap::new();
    for unused in plan.policy.unused(&seen, &is_judged) {
        if !unused.has_ended {
            by_file.entry(unused.file.clone()).or_default().push(unused);
        }
    }
    by_file.into_iter().map(|(file, unused)| notice(&file, &unused)).collect()
}

fn notice(file: &str, unused: &[UnusedEntry]) -> Notice {
    let lines: Vec<_> = unused.iter().map(|own| own.line).collect();
    let hint = if unused.iter().any(|own| own.name.contains(char::is_whitespace)) {
        " (a path may contain spaces, so its reason begins with ` # `)"
    } else {
        ""
    };
    Notice {
        path: Some(FilePath::from_path(Path::new(file))),
        kind: NoticeKind::Unused,
        message: format!(
            "{} in this scan{hint}; --strict-ignores also looks in history and in ignored files",
            sentence(&lines)
        ),
    }
}

/// `lines 3, 5 and 9 accept nothing`
fn sentence(lines: &[usize]) -> String {
    let named: Vec<_> = lines.iter().take(MAX_LINES).map(usize::to_string).collect();
    match (named.as_slice(), lines.len().saturating_sub(MAX_LINES)) {
        ([one], _) => format!("line {one} accepts nothing"),
        ([first @ .., last], 0) => format!("lines {} and {last} accept nothing", first.join(", ")),
        (all, more) => format!("lines {} and {more} more accept nothing", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_named_up_to_a_limit() {
        assert_eq!(sentence(&[3]), "line 3 accepts nothing");
        assert_eq!(sentence(&[3, 5, 9]), "lines 3, 5 and 9 accept nothing");
        let many: Vec<_> = (1..=12).collect();
        let text = sentence(&many);
        assert!(text.ends_with("9, 10 and 2 more accept nothing"), "{text}");
    }
}
