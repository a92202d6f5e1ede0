//! Builds the report of a run from what was collected.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::collect::FindingCollector;
use super::progress::Progress;
use super::{unused_ignores, verification};
use crate::config::Plan;
use crate::model::{FilePath, Mode, Notice, NoticeKind, Report, Suppression, Terms};
use crate::scan::KeyScanner;
use crate::suppress::ChangePolicy;

/// Builds the report of a run.
pub(super) struct ReportBuilder<'e> {
    pub(super) plan: &'e Plan,
    pub(super) scanner: &'e KeyScanner<'e>,
    pub(super) progress: &'e Progress,
    pub(super) begun: Instant,
}

impl ReportBuilder<'_> {
    /// Builds the report. Paths of files in git are relative to `base`.
    pub(super) fn build(
        &self,
        mut collector: FindingCollector,
        mode: Mode,
        base: &Path,
        is_empty: bool,
    ) -> Report {
        let Self { plan, scanner, progress, begun } = self;
        collector.notices.extend(plan.notices.iter().cloned());
        if is_empty && !plan.allow_empty {
            let is_unread = collector.notices.iter().any(|notice| notice.kind.is_incomplete());
            let is_skipped = collector.summary.skipped() > 0;
            collector.notices.push(self.nothing_scanned(mode, is_unread, is_skipped));
        }
        let mut report = collector.into_report(plan, mode, base);
        report.notices.extend(unused_ignores::notices(plan, &report));
        report.notices.extend(plan.policy.nested.faults().into_iter().map(unused_ignore_file));
        for state in plan.changes.iter().flat_map(ChangePolicy::states) {
            let faults = state.policy.nested.faults().into_iter();
            report.notices.extend(faults.map(unused_ignore_file));
        }
        report.notices.sort();
        report.notices.dedup();
        verification::verify(&mut report, plan, scanner, &progress.watch);
        redact(&mut report, scanner);
        report.summary.duration = begun.elapsed();
        report
    }

    /// The notice that nothing was scanned, with advice that works. Where something could not be read,
    /// that is the reason, and neither flag would help.
    fn nothing_scanned(&self, mode: Mode, is_unread: bool, is_skipped: bool) -> Notice {
        const ACCEPT: &str = " (--allow-empty accepts that)";
        let (what, advice) = match mode {
            Mode::Tree if is_skipped => ("everything there is excluded or skipped", ACCEPT),
            Mode::Tree if self.plan.tree.no_ignore => ("there was no file to read", ACCEPT),
            Mode::Tree => (
                "there was no file to read",
                " (--allow-empty accepts that; --no-ignore also reads what git ignores)",
            ),
            Mode::Stdin => ("standard input was empty", ACCEPT),
            Mode::History => ("the repository has no objects", ACCEPT),
            Mode::Range => ("the range has no commits", ACCEPT),
            Mode::Staged => ("nothing new is staged", ""),
        };
        let message = if is_unread {
            "nothing was scanned".to_owned()
        } else {
            format!("nothing was scanned: {what}{advice}")
        };
        Notice { path: None, kind: NoticeKind::Empty, message }
    }
}

/// Masks keys in texts of other files: reasons of markers, names and patterns of ignore files.
fn redact(report: &mut Report, scanner: &KeyScanner<'_>) {
    let mask_owner = |terms: &mut Terms| {
        terms.owner = terms.owner.take().map(|owner| scanner.masked_text(&owner));
    };
    let mask = |by: &mut Suppression| match by {
        Suppression::Inline { reason, terms, .. } => {
            *reason = scanner.masked_text(reason);
            mask_owner(terms);
        }
        Suppression::IgnoreFile { place, reason, terms } => {
            *place = scanner.masked_text(place);
            *reason = scanner.masked_text(reason);
            mask_owner(terms);
        }
        Suppression::Baseline { place, reason } => {
            *place = scanner.masked_text(place);
            *reason = scanner.masked_text(reason);
        }
        Suppression::Config { place } => *place = scanner.masked_text(place),
    };
    report.suppressed.iter_mut().for_each(|own| mask(&mut own.by));
    let occurrences = report.findings.iter_mut().flat_map(|own| &mut own.occurrences);
    occurrences.filter_map(|own| own.accepted_by_change.as_mut()).for_each(mask);
    for notice in &mut report.notices {
        notice.message = scanner.masked_text(&notice.message);
        if let Some(path) = &mut notice.path
            && let Cow::Owned(masked) = scanner.masked(path.as_bytes())
        {
            *path = FilePath::from_bytes(&masked);
        }
    }
}

fn unused_ignore_file((path, fault): (PathBuf, String)) -> Notice {
    Notice {
        path: Some(FilePath::from_path(&path)),
        kind: NoticeKind::UntrustedConfig,
        message: format!("accepts nothing, as it cannot be used: {fault}"),
    }
}
