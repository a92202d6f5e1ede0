//! What was found, gathered by secret, and the report that is made of it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use crate::config::Plan;
use crate::model::{
    Confidence, Exposure, FilePath, Finding, FindingKind, Fingerprint, History, Mode, Notice,
    NoticeKind, Occurrence, Origin, Region, Report, Secret, Severity, Side, Summary, Suppressed,
    Suppression, Verification,
};
use crate::rules::Rule;
use crate::scan::Match;

/// A place, and what accepts it there.
type Seen = (Occurrence, Option<Suppression>);

/// What was found of one secret.
pub(super) struct Draft {
    rule: usize,
    secret: Secret,
    occurrences: Vec<Seen>,
    history: Option<History>,
    /// How it reaches clients.
    ways: Vec<Way>,
}

/// A way by which a secret reaches a client, at one place.
pub(super) struct Way {
    pub(super) kind: FindingKind,
    pub(super) severity: Severity,
    pub(super) confidence: Confidence,
    pub(super) exposure: Exposure,
    pub(super) seen: Seen,
}

/// What is told apart of secrets that are only named.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    pub(super) kind: FindingKind,
    pub(super) rule: usize,
    /// The file, as ids know it: from the top of the checkout.
    pub(super) path: FilePath,
    /// The same as it is read.
    pub(super) origin: Origin,
    /// What it is about.
    pub(super) name: String,
}

/// The side of a place.
pub(super) struct Standing {
    pub(super) region: Region,
    pub(super) side: Side,
    pub(super) framework: Option<&'static str>,
}

/// What threads have gathered.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) summary: Summary,
    pub(super) notices: Vec<Notice>,
    /// The files that may have to do with a secret.
    pub(super) seeds: Vec<PathBuf>,
    drafts: HashMap<(usize, [u8; 32]), Draft>,
    named: BTreeMap<Named, Vec<Way>>,
    sides: HashMap<Origin, Vec<Standing>>,
}

impl Gathered {
    pub(super) fn draft(&mut self, key: &Match<'_>) -> &mut Vec<Seen> {
        &mut self.of_secret(key.index, &key.secret).occurrences
    }

    fn of_secret(&mut self, rule: usize, secret: &Secret) -> &mut Draft {
        self.drafts.entry((rule, secret.sha256())).or_insert_with(|| Draft {
            rule,
            secret: secret.clone(),
            occurrences: Vec::new(),
            history: None,
            ways: Vec::new(),
        })
    }

    /// Says that a secret reaches a client.
    pub(super) fn leak(&mut self, rule: usize, secret: &Secret, way: Way) {
        self.of_secret(rule, secret).ways.push(way);
    }

    /// Says that a secret reaches a client of which only a name is known.
    pub(super) fn leak_of_name(&mut self, named: Named, way: Way) {
        self.named.entry(named).or_default().push(way);
    }

    /// Says on which side a place of a text is.
    pub(super) fn stands(&mut self, origin: Origin, standing: Standing) {
        self.sides.entry(origin).or_default().push(standing);
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
        self.seeds.extend(other.seeds);
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
        let mut accepting = Accepting { plan, base, suppressed: Vec::new() };
        for draft in self.drafts.into_values() {
            draft.into_findings(&self.sides, &mut accepting, &mut findings);
        }
        for (named, ways) in self.named {
            findings.extend(named.into_finding(ways, &mut accepting));
        }
        let mut suppressed = accepting.suppressed;
        let below = |finding: &Finding| finding.severity < plan.min_severity;
        self.summary.below_severity =
            findings.iter().filter(|finding| below(finding)).count() as u64;
        findings.retain(|finding| !below(finding));
        sort(&mut findings);
        suppressed.sort_by(|a: &Suppressed, b: &Suppressed| {
            let key = |s: &Suppressed| (s.origin.clone(), s.region, s.rule_id.clone(), s.id);
            key(a).cmp(&key(b))
        });
        self.notices.extend(suppressed_notice(&suppressed));
        self.notices.sort();
        self.notices.dedup();
        let (summary, notices, ledger) = (self.summary, self.notices, None);
        Report { mode, summary, findings, suppressed, notices, ledger }
    }
}

/// Puts findings into the order of reports: live ones first, then the worst, then by place.
pub(super) fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |f: &Finding| (f.occurrences[0].origin.clone(), f.occurrences[0].region);
        (b.is_live(), b.severity)
            .cmp(&(a.is_live(), a.severity))
            .then_with(|| key(a).cmp(&key(b)))
            .then_with(|| (&a.rule_id, a.id).cmp(&(&b.rule_id, b.id)))
    });
}

/// Parts what is accepted from what is not.
struct Accepting<'a> {
    plan: &'a Plan,
    base: &'a Path,
    suppressed: Vec<Suppressed>,
}

impl Accepting<'_> {
    /// The place of the finding `id`, unless it is accepted.
    fn place(
        &mut self,
        id: Fingerprint,
        kind: FindingKind,
        rule: &Rule,
        seen: Seen,
    ) -> Option<Occurrence> {
        let (occurrence, inline) = seen;
        let path = self.base.join(occurrence.origin.path.to_path());
        match inline.or_else(|| self.plan.policy.accepts(id, kind, &rule.id, &path)) {
            None => Some(occurrence),
            Some(by) => {
                self.suppressed.push(Suppressed {
                    id,
                    rule_id: rule.id.clone(),
                    origin: occurrence.origin,
                    region: occurrence.region,
                    by,
                });
                None
            }
        }
    }
}

/// The sides of places, by what they were read from.
type Sides = HashMap<Origin, Vec<Standing>>;

impl Draft {
    /// The finding, and one more for each further kind of way to a client; none where every place
    /// is accepted.
    fn into_findings(
        mut self,
        sides: &Sides,
        accepting: &mut Accepting<'_>,
        findings: &mut Vec<Finding>,
    ) {
        let rule = &accepting.plan.rules.rules[self.rule];
        let salt = &accepting.plan.salt;
        // A file that was named twice is one place.
        self.occurrences.sort_by(|(a, _), (b, _)| a.sort_key().cmp(&b.sort_key()));
        self.occurrences.dedup_by(|(a, _), (b, _)| a.sort_key() == b.sort_key());
        let mut by_kind: BTreeMap<FindingKind, Vec<Way>> = BTreeMap::new();
        for mut way in std::mem::take(&mut self.ways) {
            // The place of the secret itself says it best.
            if let Some(plain) = self.occurrences.iter().find(|(own, _)| meet(own, &way.seen.0)) {
                way.seen = plain.clone();
            }
            by_kind.entry(way.kind).or_default().push(way);
        }
        let ways = by_kind.values().flatten();
        let taken: Vec<_> = ways.map(|way| place_of(&way.seen.0)).collect();
        self.occurrences.retain(|(own, _)| !taken.contains(&place_of(own)));
        let id = Fingerprint::new(salt, &rule.id, &self.secret);
        let main = by_kind.pop_last();
        for (kind, ways) in by_kind {
            let id = Fingerprint::of_kind(salt, &rule.id, kind, &self.secret);
            let finding = Client::of(id, rule, ways, accepting)
                .map(|client| client.into_finding(rule, Some(&self.secret), None));
            findings.extend(finding.map(|own| Finding { history: self.history.clone(), ..own }));
        }
        let client = main.and_then(|(_, ways)| Client::of(id, rule, ways, accepting));
        let plain = self.occurrences.into_iter();
        let plain: Vec<_> =
            plain.filter_map(|seen| accepting.place(id, FindingKind::Secret, rule, seen)).collect();
        if let Some(client) = client {
            let mut finding = client.into_finding(rule, Some(&self.secret), None);
            finding.occurrences.extend(plain);
            finding.history = self.history;
            findings.push(finding);
        } else if let Some(first) = plain.first() {
            let exposure = standing(sides, first);
            findings.push(Finding {
                id,
                rule_id: rule.id.clone(),
                kind: FindingKind::Secret,
                severity: rule.severity_for(self.history.is_some()),
                confidence: rule.confidence,
                class: rule.class,
                secret: Some(self.secret),
                about: None,
                exposure,
                occurrences: plain,
                history: self.history,
                verification: Verification::default(),
            });
        }
    }
}

/// A kind of ways to a client, and those places of it that are not accepted.
struct Client {
    id: Fingerprint,
    kind: FindingKind,
    severity: Severity,
    confidence: Confidence,
    exposure: Exposure,
    occurrences: Vec<Occurrence>,
}

impl Client {
    /// What is left of ways of one kind when those are gone that are accepted. The worst one says
    /// the proof.
    fn of(
        id: Fingerprint,
        rule: &Rule,
        mut ways: Vec<Way>,
        accepting: &mut Accepting<'_>,
    ) -> Option<Self> {
        ways.sort_by_key(|way| (Reverse(way.severity), Reverse(way.confidence)));
        let mut client: Option<Self> = None;
        for way in ways {
            let met = client.iter().flat_map(|client| &client.occurrences);
            if met.into_iter().any(|own| own.sort_key() == way.seen.0.sort_key()) {
                continue;
            }
            let Some(place) = accepting.place(id, way.kind, rule, way.seen) else { continue };
            match &mut client {
                Some(client) => client.occurrences.push(place),
                None => {
                    client = Some(Self {
                        id,
                        kind: way.kind,
                        severity: way.severity,
                        confidence: way.confidence,
                        exposure: way.exposure,
                        occurrences: vec![place],
                    });
                }
            }
        }
        client
    }

    fn into_finding(self, rule: &Rule, secret: Option<&Secret>, about: Option<String>) -> Finding {
        Finding {
            id: self.id,
            rule_id: rule.id.clone(),
            kind: self.kind,
            severity: self.severity,
            confidence: self.confidence,
            class: rule.class,
            secret: secret.cloned(),
            about,
            exposure: self.exposure,
            occurrences: self.occurrences,
            history: None,
            verification: Verification::default(),
        }
    }
}

impl Named {
    fn into_finding(self, ways: Vec<Way>, accepting: &mut Accepting<'_>) -> Option<Finding> {
        let rule = &accepting.plan.rules.rules[self.rule];
        let (salt, about) = (&accepting.plan.salt, Some(self.name.as_str()));
        let id = Fingerprint::of_place(salt, &rule.id, self.kind, &self.path, about);
        let client = Client::of(id, rule, ways, accepting)?;
        Some(client.into_finding(rule, None, Some(self.name)))
    }
}

/// What makes a place the same as another.
fn place_of(occurrence: &Occurrence) -> (Origin, Region) {
    (occurrence.origin.clone(), occurrence.region)
}

/// Whether two places have text in common.
fn meet(one: &Occurrence, other: &Occurrence) -> bool {
    one.origin == other.origin && overlap(&one.region, &other.region)
}

fn overlap(one: &Region, other: &Region) -> bool {
    one.start < other.end && other.start < one.end
}

/// What is known of the side of a place.
fn standing(sides: &Sides, place: &Occurrence) -> Exposure {
    let mut all = sides.get(&place.origin).into_iter().flatten();
    let standing = all.find(|standing| overlap(&standing.region, &place.region));
    standing.map_or_else(Exposure::default, |standing| Exposure {
        side: standing.side,
        framework: standing.framework,
        ..Exposure::default()
    })
}

/// Says how much was accepted, and by what.
fn suppressed_notice(suppressed: &[Suppressed]) -> Option<Notice> {
    if suppressed.is_empty() {
        return None;
    }
    let mut by = BTreeMap::new();
    for one in suppressed {
        let name = match &one.by {
            Suppression::Inline { marker, .. } => format!("`{marker}`"),
            Suppression::IgnoreFile { place, .. } | Suppression::Baseline { place, .. } => {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use crate::model::{Excerpt, LeakKind, Place};

    /// An occurrence of ten characters on a line of a file.
    fn at(path: &str, line: u64) -> Occurrence {
        let place = |column| Place { line, column, utf16_column: column };
        Occurrence {
            origin: Origin::tree(FilePath::from(path)),
            region: Region { start: place(1), end: place(11) },
            layers: Vec::new(),
            excerpt: Excerpt::default(),
            line_hash: None,
        }
    }

    fn way(kind: FindingKind, severity: Severity, path: &str, line: u64) -> Way {
        let exposure = Exposure { side: Side::Client, ..Exposure::default() };
        let seen = (at(path, line), None);
        Way { kind, severity, confidence: Confidence::High, exposure, seen }
    }

    fn accepted() -> Option<Suppression> {
        Some(Suppression::Inline { marker: "keyside:allow", reason: String::new() })
    }

    /// A secret with plain places, the second of them accepted, and ways.
    fn report(ways: Vec<Way>) -> (Report, Fingerprint) {
        let plan = Settings::default().plan(&[]).unwrap();
        let rule = plan.rules.rules.iter().position(|rule| rule.is_reported()).unwrap();
        let secret = Secret::new(b"a secret that is long enough", 0);
        let id = Fingerprint::new(&plan.salt, &plan.rules.rules[rule].id, &secret);
        let mut gathered = Gathered::default();
        let plain = [(at("b", 2), None), (at("b", 4), accepted()), (at("a", 1), None)];
        gathered.of_secret(rule, &secret).occurrences.extend(plain);
        ways.into_iter().for_each(|way| gathered.leak(rule, &secret, way));
        let region = at("a", 1).region;
        let standing = Standing { region, side: Side::Server, framework: Some("next") };
        gathered.stands(Origin::tree(FilePath::from("a")), standing);
        (gathered.into_report(&plan, Mode::Tree, Path::new("")), id)
    }

    /// FindingKind, whether the id is the plain one, side, and places.
    fn told(ways: Vec<Way>) -> Vec<(FindingKind, bool, Side, Vec<String>)> {
        let (report, id) = report(ways);
        let told = report.findings.iter().map(|finding| {
            let places = finding.occurrences.iter();
            let places = places.map(|own| format!("{}:{}", own.origin.path, own.region.start.line));
            (finding.kind, finding.id == id, finding.exposure.side, places.collect())
        });
        told.collect()
    }

    fn texts(places: &[&str]) -> Vec<String> {
        places.iter().map(|place| (*place).to_owned()).collect()
    }

    #[test]
    fn without_a_way_it_is_a_secret_on_its_side() {
        let told = told(Vec::new());
        assert_eq!(told, [(FindingKind::Secret, true, Side::Server, texts(&["a:1", "b:2"]))]);
    }

    #[test]
    fn a_way_makes_it_a_client_finding_whose_place_comes_first() {
        let told = told(vec![way(
            FindingKind::Leak(LeakKind::ClientSecretLiteral),
            Severity::Error,
            "b",
            2,
        )]);
        let places = texts(&["b:2", "a:1"]);
        assert_eq!(
            told,
            [(FindingKind::Leak(LeakKind::ClientSecretLiteral), true, Side::Client, places)]
        );
    }

    #[test]
    fn each_kind_is_a_finding_and_the_greatest_one_keeps_the_id() {
        let told = told(vec![
            way(FindingKind::Leak(LeakKind::ClientSecretEnv), Severity::Error, "c", 7),
            way(FindingKind::Leak(LeakKind::PublicEnvSecret), Severity::Error, "a", 1),
            way(FindingKind::Leak(LeakKind::ClientSecretEnv), Severity::Error, "c", 9),
        ]);
        let env = (
            FindingKind::Leak(LeakKind::PublicEnvSecret),
            true,
            Side::Client,
            texts(&["a:1", "b:2"]),
        );
        let read = (
            FindingKind::Leak(LeakKind::ClientSecretEnv),
            false,
            Side::Client,
            texts(&["c:7", "c:9"]),
        );
        assert_eq!(told, [env, read]);
    }

    #[test]
    fn where_every_way_is_accepted_the_secret_is_left() {
        let told = told(vec![way(
            FindingKind::Leak(LeakKind::ClientSecretLiteral),
            Severity::Error,
            "b",
            4,
        )]);
        assert_eq!(told, [(FindingKind::Secret, true, Side::Server, texts(&["a:1", "b:2"]))]);
    }

    #[test]
    fn a_name_at_several_lines_is_one_finding_and_the_worst_comes_first() {
        let plan = Settings::default().plan(&[]).unwrap();
        let mut gathered = Gathered::default();
        for (severity, path, line) in
            [(Severity::Warning, "a", 1), (Severity::Error, "a", 3), (Severity::Error, "b", 1)]
        {
            let named = Named {
                kind: FindingKind::Leak(LeakKind::ClientSecretEnv),
                rule: 0,
                path: FilePath::from(path),
                origin: Origin::tree(FilePath::from(path)),
                name: "KEY".to_owned(),
            };
            gathered.leak_of_name(
                named,
                way(FindingKind::Leak(LeakKind::ClientSecretEnv), severity, path, line),
            );
        }
        let report = gathered.into_report(&plan, Mode::Tree, Path::new(""));
        let lines = |finding: &Finding| -> Vec<u64> {
            finding.occurrences.iter().map(|own| own.region.start.line).collect()
        };
        let all: Vec<_> = report.findings.iter().map(|own| (own.severity, lines(own))).collect();
        assert_eq!(all, [(Severity::Error, vec![3, 1]), (Severity::Error, vec![1])]);
        assert_ne!(report.findings[0].id, report.findings[1].id);
        assert_eq!(report.findings[0].about.as_deref(), Some("KEY"));
    }
}
