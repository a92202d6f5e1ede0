//! What was found, gathered by secret, and the report that is made of it.

use std::collections::HashMap;
use std::path::Path;

use crate::config::Plan;
use crate::model::{
    Exposure, Finding, Fingerprint, History, Kind, Mode, Notice, NoticeKind, Occurrence, Report,
    Secret, Summary, Suppressed, Suppression,
};
use crate::scan::Match;

/// What was found of one secret.
pub(super) struct Draft {
    rule: usize,
    secret: Secret,
    occurrences: Vec<(Occurrence, Option<Suppression>)>,
    history: Option<History>,
}

/// What threads have gathered.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) summary: Summary,
    pub(super) notices: Vec<Notice>,
    drafts: HashMap<(usize, [u8; 32]), Draft>,
}

impl Gathered {
    pub(super) fn draft(&mut self, key: &Match<'_>) -> &mut Vec<(Occurrence, Option<Suppression>)> {
        let draft = self.drafts.entry((key.index, key.secret.sha256())).or_insert_with(|| Draft {
            rule: key.index,
            secret: key.secret.clone(),
            occurrences: Vec::new(),
            history: None,
        });
        &mut draft.occurrences
    }

    /// Says what the history of a repository tells of a secret that has been found.
    pub(super) fn tell(&mut self, rule: usize, sha256: [u8; 32], history: History) {
        if let Some(draft) = self.drafts.get_mut(&(rule, sha256)) {
            draft.history = Some(match draft.history.take() {
                Some(other) => other.joined(history),
                None => history,
            });
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.summary.add(&other.summary);
        self.notices.extend(other.notices);
        for (key, draft) in other.drafts {
            match self.drafts.entry(key) {
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(draft);
                }
                std::collections::hash_map::Entry::Occupied(mut mine) => {
                    mine.get_mut().occurrences.extend(draft.occurrences);
                }
            }
        }
    }

    pub(super) fn into_report(mut self, plan: &Plan, mode: Mode, base: &Path) -> Report {
        let mut findings = Vec::new();
        let mut suppressed = Vec::new();
        for draft in self.drafts.into_values() {
            findings.extend(draft.into_finding(plan, base, &mut suppressed));
        }
        let below = |finding: &Finding| finding.severity < plan.min_severity;
        self.summary.below_severity =
            findings.iter().filter(|finding| below(finding)).count() as u64;
        findings.retain(|finding| !below(finding));
        findings.sort_by(|a, b| {
            let key = |f: &Finding| (f.occurrences[0].origin.clone(), f.occurrences[0].region);
            (b.severity.cmp(&a.severity))
                .then_with(|| key(a).cmp(&key(b)))
                .then_with(|| (&a.rule_id, a.id).cmp(&(&b.rule_id, b.id)))
        });
        suppressed.sort_by(|a: &Suppressed, b: &Suppressed| {
            let key = |s: &Suppressed| (s.origin.clone(), s.region, s.rule_id.clone(), s.id);
            key(a).cmp(&key(b))
        });
        self.notices.extend(suppressed_notice(&suppressed));
        self.notices.sort();
        self.notices.dedup();
        Report { mode, summary: self.summary, findings, suppressed, notices: self.notices }
    }
}

impl Draft {
    /// The finding, unless every place of it is accepted; what is goes to `suppressed`.
    fn into_finding(
        mut self,
        plan: &Plan,
        base: &Path,
        suppressed: &mut Vec<Suppressed>,
    ) -> Option<Finding> {
        let rule = &plan.rules.rules[self.rule];
        let id = Fingerprint::new(&plan.salt, &rule.id, &self.secret);
        // A file that was named twice is one place.
        self.occurrences.sort_by(|(a, _), (b, _)| a.sort_key().cmp(&b.sort_key()));
        self.occurrences.dedup_by(|(a, _), (b, _)| a.sort_key() == b.sort_key());
        let mut occurrences = Vec::new();
        for (occurrence, inline) in self.occurrences {
            let path = base.join(occurrence.origin.path.to_path());
            let by = inline.or_else(|| plan.policy.accepts(id, &rule.id, &path));
            match by {
                None => occurrences.push(occurrence),
                Some(by) => suppressed.push(Suppressed {
                    id,
                    rule_id: rule.id.clone(),
                    origin: occurrence.origin,
                    region: occurrence.region,
                    by,
                }),
            }
        }
        (!occurrences.is_empty()).then(|| Finding {
            id,
            rule_id: rule.id.clone(),
            kind: Kind::Secret,
            severity: rule.severity_for(self.history.is_some()),
            confidence: rule.confidence,
            class: rule.class,
            secret: Some(self.secret),
            about: None,
            exposure: Exposure::default(),
            occurrences,
            history: self.history,
        })
    }
}

/// Says how much was accepted, and by what.
fn suppressed_notice(suppressed: &[Suppressed]) -> Option<Notice> {
    if suppressed.is_empty() {
        return None;
    }
    let mut by = std::collections::BTreeMap::new();
    for one in suppressed {
        let name = match &one.by {
            Suppression::Inline { marker, .. } => format!("`{marker}`"),
            Suppression::IgnoreFile { place, .. } => {
                place.rsplit_once(':').map_or(place.as_str(), |(file, _)| file).to_owned()
            }
            Suppression::Config { place } => place.clone(),
        };
        *by.entry(name).or_insert(0u64) += 1;
    }
    let parts: Vec<_> = by.iter().map(|(name, count)| format!("{count} by {name}")).collect();
    Some(Notice {
        path: None,
        kind: NoticeKind::Suppressed,
        message: format!("accepted, not reported: {}", parts.join(", ")),
    })
}
