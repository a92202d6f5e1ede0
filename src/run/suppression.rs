//! Applies accepted findings (inline markers, ignore files, baselines, found configurations) to
//! occurrences; `suppress::policy` decides which are accepted.

use std::path::Path;

use super::markers::InlineVerdict;
use crate::config::Plan;
use crate::model::{FindingKind, Fingerprint, Notice, NoticeKind, Occurrence, Suppressed};
use crate::rules::Rule;

/// An occurrence, and the decision of the markers there.
pub(super) type PlacedOccurrence = (Occurrence, InlineVerdict);

/// Separates accepted occurrences from the others.
pub(super) struct SuppressionFilter<'a> {
    pub(super) plan: &'a Plan,
    base: &'a Path,
    /// The occurrences that were accepted.
    pub(super) suppressed: Vec<Suppressed>,
    /// Notices of misspelt markers.
    pub(super) notices: Vec<Notice>,
}

impl<'a> SuppressionFilter<'a> {
    /// A filter by the policy of `plan`; paths of git are below `base`.
    pub(super) fn new(plan: &'a Plan, base: &'a Path) -> Self {
        Self { plan, base, suppressed: Vec::new(), notices: Vec::new() }
    }

    /// The occurrence, unless it is accepted as part of the finding `id`.
    pub(super) fn unless_accepted(
        &mut self,
        id: Fingerprint,
        kind: FindingKind,
        rule: &Rule,
        occurrence: PlacedOccurrence,
    ) -> Option<Occurrence> {
        let (occurrence, inline) = occurrence;
        let path = self.base.join(occurrence.provenance.path.to_path());
        for fault in &inline.faults {
            let line = occurrence.region.start.line.saturating_add_signed(fault.offset);
            self.notices.push(Notice {
                path: Some(occurrence.provenance.path.clone()),
                kind: NoticeKind::Marker,
                message: format!("line {line}: {}", fault.message),
            });
        }
        match inline.accepted.or_else(|| self.plan.policy.accepts(id, kind, &rule.id, &path)) {
            None => Some(occurrence),
            Some(by) => {
                self.suppressed.push(Suppressed {
                    id,
                    rule_id: rule.id.clone(),
                    provenance: occurrence.provenance,
                    region: occurrence.region,
                    by,
                });
                None
            }
        }
    }
}
