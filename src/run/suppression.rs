//! Applies accepted findings (inline markers, ignore files, baselines, found configurations) to
//! occurrences; `suppress::policy` decides which are accepted.

use std::collections::BTreeMap;
use std::path::Path;

use super::markers::InlineVerdict;
use crate::config::Plan;
use crate::model::{
    FilePath, FindingKind, Fingerprint, IdScope, Notice, NoticeKind, Occurrence, Suppressed,
    Suppression,
};
use crate::rules::Rule;
use crate::suppress::{Acceptance, ChangePolicy, EndedAcceptance, JudgedPlace, Policy};

/// Acceptances that count no more, by file and line, each with the places that are reported again.
type EndedAcceptances = BTreeMap<(String, usize), (EndedAcceptance, Vec<String>)>;

/// An occurrence, and the decision of the markers there.
pub(super) type PlacedOccurrence = (Occurrence, InlineVerdict);

/// The id of a finding.
#[derive(Clone, Copy)]
struct FindingId<'i> {
    /// With the plan's salt.
    own: Fingerprint,
    /// With any salt.
    with_salt: &'i dyn Fn(&str) -> Fingerprint,
    /// The kinds of findings that it is of.
    scope: IdScope,
}

impl FindingId<'_> {
    /// The id with a salt; `known` is that of the plan, which need not be computed again.
    fn salted(&self, salt: &str, known: &str) -> Fingerprint {
        if salt == known { self.own } else { (self.with_salt)(salt) }
    }
}

/// Separates accepted occurrences from the others.
pub(super) struct SuppressionFilter<'a> {
    pub(super) plan: &'a Plan,
    base: &'a Path,
    /// The occurrences that were accepted.
    pub(super) suppressed: Vec<Suppressed>,
    /// Notices of misspelt markers, and of those that have ended.
    pub(super) notices: Vec<Notice>,
    /// The findings that entries of ignore files accept no more, by file and line.
    pub(super) ended: EndedAcceptances,
}

impl<'a> SuppressionFilter<'a> {
    /// A filter by the policy of `plan`; paths of git are below `base`.
    pub(super) fn new(plan: &'a Plan, base: &'a Path) -> Self {
        let (suppressed, notices, ended) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { plan, base, suppressed, notices, ended }
    }

    /// The occurrence, unless it is accepted as part of a finding; `with_salt` makes its id with a
    /// salt.
    pub(super) fn unless_accepted(
        &mut self,
        (with_salt, scope): (&dyn Fn(&str) -> Fingerprint, IdScope),
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
        let id = FindingId { own: with_salt(&self.plan.salt), with_salt, scope };
        let mut inline = inline;
        if let Some(by) = inline.accepted.take_if(|by| self.plan.policy.has_ended(by)) {
            self.notices.push(ended_marker(&by, &occurrence));
        }
        let change = inline.change;
        let judged = self.judged(inline, id, kind, rule, &path);
        let is_trusted = self.plan.changes.first().is_none_or(|change| change.trusts_head);
        let (by, is_by_change) = match judged {
            Acceptance::Open => {
                self.tell_of_others(change, id, kind, &path, &occurrence);
                return Some(occurrence);
            }
            Acceptance::ByChange(by) if !is_trusted => {
                occurrence.accepted_by_change = Some(by);
                return Some(occurrence);
            }
            Acceptance::Known(by) => (by, false),
            Acceptance::ByChange(by) => (by, true),
        };
        self.suppressed.push(Suppressed {
            id: id.own,
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
        id: FindingId<'_>,
        kind: FindingKind,
        rule: &Rule,
        path: &Path,
    ) -> Acceptance {
        let Plan { changes, policy, salt, .. } = self.plan;
        if changes.is_empty() {
            let known = || policy.accepts((id.own, id.scope), kind, &rule.id, path);
            return inline.accepted.or_else(known).map_or(Acceptance::Open, Acceptance::Known);
        }
        // A change that is not known accepts nothing.
        let Some(change) = changes.get(inline.change) else { return Acceptance::Open };
        change.judge(JudgedPlace {
            id: &|other| id.salted(other, salt),
            scope: id.scope,
            kind,
            rule_id: &rule.id,
            rule_file: &rule.file,
            path,
            marker: inline.accepted,
            is_old: inline.is_old,
        })
    }

    /// Notes what accepted a finding until a day that is past, or accepts a lesser kind of it only.
    fn tell_of_others(
        &mut self,
        change: usize,
        id: FindingId<'_>,
        kind: FindingKind,
        path: &Path,
        occurrence: &Occurrence,
    ) {
        let plan = self.plan;
        let states = plan.changes.get(change).into_iter().flat_map(ChangePolicy::states);
        let mut policies: Vec<(&Policy, &str)> =
            states.map(|state| (&state.policy, state.salt.as_str())).collect();
        if plan.changes.is_empty() {
            policies.push((&plan.policy, &plan.salt));
        }
        let ended = |(policy, salt): &(&Policy, &str)| {
            policy.ended_for((id.salted(salt, &plan.salt), id.scope), kind, path)
        };
        if let Some(ended) = policies.iter().find_map(ended) {
            let again = self.ended.entry((ended.file.clone(), ended.line));
            again.or_insert_with(|| (ended, Vec::new())).1.push(place_of(occurrence));
        }
        let lesser =
            |(policy, salt): &(&Policy, &str)| policy.lesser_for(id.salted(salt, &plan.salt), path);
        if let Some((file, line)) = policies.iter().find_map(lesser) {
            self.notices.push(worse(file, line, (id.own, kind), occurrence));
        }
    }
}

/// The file and line of an occurrence.
fn place_of(occurrence: &Occurrence) -> String {
    format!("{}:{}", occurrence.provenance.path.to_text(), occurrence.region.start.line)
}

/// A notice that an entry accepts only a lesser kind of a finding.
fn worse(
    file: String,
    line: usize,
    (id, kind): (Fingerprint, FindingKind),
    occurrence: &Occurrence,
) -> Notice {
    let (place, kind) = (place_of(occurrence), kind.name());
    Notice {
        path: Some(FilePath::from_path(Path::new(&file))),
        kind: NoticeKind::Worse,
        message: format!(
            "line {line} accepts the key, but not what is reported at {place}; `{id}/{kind} WHY` does"
        ),
    }
}

fn ended_marker(by: &Suppression, occurrence: &Occurrence) -> Notice {
    let line = occurrence.region.start.line;
    let (marker, reason) = (by.place(), by.reason());
    Notice {
        path: Some(occurrence.provenance.path.clone()),
        kind: NoticeKind::Ended,
        message: format!("line {line}: `{marker}` has ended: {reason}; the key is reported again"),
    }
}

/// The most places that a notice names.
const MAX_PLACES: usize = 3;

/// A notice of each acceptance that has ended; `again` are the findings that it accepted.
pub(super) fn ended_notices(plan: &Plan, again: EndedAcceptances) -> Vec<Notice> {
    let notice = |(ended, mut places): (EndedAcceptance, Vec<String>)| {
        let sentence = ended.sentence();
        places.sort();
        places.dedup();
        let more = match places.len().saturating_sub(MAX_PLACES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        places.truncate(MAX_PLACES);
        let now = if places.is_empty() {
            "it accepts nothing any more".to_owned()
        } else {
            format!("reported again: {}{more}", places.join(", "))
        };
        Notice {
            path: Some(FilePath::from_path(Path::new(&ended.file))),
            kind: NoticeKind::Ended,
            message: format!("line {}: {sentence}; {now}", ended.line),
        }
    };
    let mut all = again;
    for ended in plan.policy.ended() {
        all.entry((ended.file.clone(), ended.line)).or_insert_with(|| (ended, Vec::new()));
    }
    all.into_values().map(notice).collect()
}

#[cfg(test)]
mod tests {
    use crate::config::Settings;
    use crate::model::{NoticeKind, Report};
    use crate::rules::{Rng, Template};
    use crate::run::{Progress, ScanTarget, run};

    #[test]
    fn an_entry_and_a_marker_count_up_to_their_last_day() {
        let folder = tempfile::tempdir().unwrap();
        let template = Template::parse("sk_v1_{alnum:43}").unwrap();
        let key = |seed| template.fill(&mut Rng::new(seed));
        let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text);
        let marker = format!("k = '{}' # keyside:allow until=2027-03-01 a test\n", key(2));
        write("marked.py", marker).unwrap();
        write("a.txt", key(1)).unwrap();
        write(".keysideignore", "/a.txt until=2027-03-01 owner=@team\n".to_owned()).unwrap();
        let scanned = |today: &str| -> Report {
            let paths = [folder.path().to_owned()];
            let today = Some(today.parse().unwrap());
            let plan = Settings { today, ..Settings::default() }.plan(&paths).unwrap();
            run(&plan, &mut [ScanTarget::Paths(&paths)], false, &Progress::default())
        };
        let last = scanned("2027-03-01");
        assert_eq!((last.findings.len(), last.suppressed.len()), (0, 2));
        let after = scanned("2027-03-02");
        assert_eq!((after.findings.len(), after.suppressed.len()), (2, 0));
        let ended = after.notices.iter().filter(|notice| notice.kind == NoticeKind::Ended);
        assert_eq!(ended.count(), 2);
    }
}
