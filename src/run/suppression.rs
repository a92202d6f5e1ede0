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
use crate::suppress::EndedAcceptance;

/// An occurrence, and the decision of the markers there.
pub(super) type PlacedOccurrence = (Occurrence, InlineVerdict);

/// Separates accepted occurrences from the others.
pub(super) struct SuppressionFilter<'a> {
    pub(super) plan: &'a Plan,
    base: &'a Path,
    /// The occurrences that were accepted.
    pub(super) suppressed: Vec<Suppressed>,
    /// Notices of misspelt markers, and of those that have ended.
    pub(super) notices: Vec<Notice>,
    /// The findings that entries of ignore files accept no more, by file and line.
    pub(super) ended: BTreeMap<(String, usize), Vec<String>>,
}

impl<'a> SuppressionFilter<'a> {
    /// A filter by the policy of `plan`; paths of git are below `base`.
    pub(super) fn new(plan: &'a Plan, base: &'a Path) -> Self {
        let (suppressed, notices, ended) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { plan, base, suppressed, notices, ended }
    }

    /// The occurrence, unless it is accepted as part of the finding `id`.
    pub(super) fn unless_accepted(
        &mut self,
        (id, scope): (Fingerprint, IdScope),
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
        let policy = &self.plan.policy;
        let inline = match inline.accepted {
            Some(by) if policy.has_ended(&by) => {
                self.notices.push(ended_marker(&by, &occurrence));
                None
            }
            inline => inline,
        };
        match inline.or_else(|| policy.accepts((id, scope), kind, &rule.id, &path)) {
            None => {
                if let Some(EndedAcceptance { file, line, .. }) =
                    policy.ended_for((id, scope), kind, &path)
                {
                    let place = place_of(&occurrence);
                    self.ended.entry((file, line)).or_default().push(place);
                }
                if let Some((file, line)) = policy.lesser_for(id, &path) {
                    self.notices.push(worse(file, line, (id, kind), &occurrence));
                }
                Some(occurrence)
            }
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
        message: format!(
            "line {line}: `{marker}` has ended, and the key is reported again: {reason}"
        ),
    }
}

/// The most places that a notice names.
const MAX_PLACES: usize = 3;

/// A notice of each acceptance that has ended; `again` are the findings that it accepted.
pub(super) fn ended_notices(
    plan: &Plan,
    mut again: BTreeMap<(String, usize), Vec<String>>,
) -> Vec<Notice> {
    let notice = |ended: EndedAcceptance| {
        let sentence = ended.sentence();
        let mut places = again.remove(&(ended.file.clone(), ended.line)).unwrap_or_default();
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
    plan.policy.ended().into_iter().map(notice).collect()
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
