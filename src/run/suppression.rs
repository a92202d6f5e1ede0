//! Applies accepted findings (inline markers, ignore files, baselines, found configurations) to
//! occurrences; `suppress::policy` decides which are accepted.

use std::path::Path;

use super::markers::InlineVerdict;
use crate::config::Plan;
use crate::model::{FindingKind, Fingerprint, Notice, NoticeKind, Occurrence, Suppressed};
use crate::rules::Rule;
use crate::suppress::{Acceptance, JudgedPlace};

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

    /// The occurrence, unless it is accepted as part of a finding; `id` is its id with a salt.
    pub(super) fn unless_accepted(
        &mut self,
        id: &dyn Fn(&str) -> Fingerprint,
        kind: FindingKind,
        rule: &Rule,
        occurrence: PlacedOccurrence,
    ) -> Option<Occurrence> {
        let (mut occurrence, inline) = occurrence;
        let path = self.base.join(occurrence.provenance.path.to_path());
        for fault in &inline.faults {
            let line = occurrence.region.start.line.saturating_add_signed(fault.offset);
            self.notices.push(Notice {
                path: Some(occurrence.provenance.path.clone()),
                kind: NoticeKind::Marker,
                message: format!("line {line}: {}", fault.message),
            });
        }
        let own = id(&self.plan.salt);
        let judged = self.judged(inline, (own, id), kind, rule, &path);
        let is_trusted = self.plan.changes.first().is_none_or(|change| change.trusts_head);
        let (by, is_by_change) = match judged {
            Acceptance::Open => return Some(occurrence),
            Acceptance::ByChange(by) if !is_trusted => {
                occurrence.accepted_by_change = Some(by);
                return Some(occurrence);
            }
            Acceptance::Known(by) => (by, false),
            Acceptance::ByChange(by) => (by, true),
        };
        self.suppressed.push(Suppressed {
            id: own,
            rule_id: rule.id.clone(),
            provenance: occurrence.provenance,
            region: occurrence.region,
            by,
            is_by_change,
        });
        None
    }

    /// Judges a place: by the policy for its change, or by the one on disk.
    fn judged(
        &self,
        inline: InlineVerdict,
        (own, id): (Fingerprint, &dyn Fn(&str) -> Fingerprint),
        kind: FindingKind,
        rule: &Rule,
        path: &Path,
    ) -> Acceptance {
        let Plan { changes, policy, salt, .. } = self.plan;
        if changes.is_empty() {
            let known = || policy.accepts(own, kind, &rule.id, path);
            return inline.accepted.or_else(known).map_or(Acceptance::Open, Acceptance::Known);
        }
        // A change that is not known accepts nothing.
        let Some(change) = changes.get(inline.change) else { return Acceptance::Open };
        let id = |other: &str| if other == salt { own } else { id(other) };
        change.judge(JudgedPlace {
            id: &id,
            kind,
            rule_id: &rule.id,
            rule_file: &rule.file,
            path,
            marker: inline.accepted,
            is_old: inline.is_old,
        })
    }
}
