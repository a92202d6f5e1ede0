//! Applies accepted findings (inline markers, ignore files, baselines, found configurations) to
//! occurrences; `suppress::policy` decides which are accepted.

use std::path::Path;

use crate::config::Plan;
use crate::model::{FindingKind, Fingerprint, Occurrence, Suppressed, Suppression};
use crate::rules::Rule;

/// An occurrence, and the marker on its line that accepts it, if any.
pub(super) type PlacedOccurrence = (Occurrence, Option<Suppression>);

/// Separates accepted occurrences from the others.
pub(super) struct SuppressionFilter<'a> {
    pub(super) plan: &'a Plan,
    base: &'a Path,
    /// The occurrences that were accepted.
    pub(super) suppressed: Vec<Suppressed>,
}

impl<'a> SuppressionFilter<'a> {
    /// A filter by the policy of `plan`; paths of git are below `base`.
    pub(super) fn new(plan: &'a Plan, base: &'a Path) -> Self {
        Self { plan, base, suppressed: Vec::new() }
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
        match inline.or_else(|| self.plan.policy.accepts(id, kind, &rule.id, &path)) {
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
