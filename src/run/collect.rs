//! Collects keys and leaks by secret, and turns them into findings; accepted ones go to
//! [`SuppressionFilter`].

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::kept_elsewhere::KeptElsewhere;
use super::suppression::{PlacedOccurrence, SuppressionFilter, ended_notices};
use crate::config::Plan;
use crate::model::{
    Confidence, Exposure, FilePath, Finding, FindingKind, Fingerprint, History, IdScope, KeyId,
    Mode, Notice, NoticeKind, Occurrence, PairedSecret, Provenance, Region, Report, RuleIndex,
    Secret, Severity, Side, SourceKind, Summary, Suppressed, Suppression, Time, Verification,
};
use crate::rules::Rule;
use crate::scan::{KeyMatch, PairedKey};

/// The most other keys that are kept of a secret: it may stand beside several in several places.
const MOST_PAIRS: usize = 8;

/// Everything found about one secret.
pub(super) struct SecretRecord {
    rule: RuleIndex,
    secret: Secret,
    /// The keys that it belongs to: those nearest to one of its places, then others near one, by their
    /// hashes, the first [`MOST_PAIRS`] of each.
    pairs: [BTreeMap<([u8; 32], RuleIndex), Secret>; 2],
    occurrences: Vec<PlacedOccurrence>,
    history: Option<History>,
    /// The ways it reaches clients.
    leaks: Vec<ClientLeak>,
    /// The worst way it reaches clients in HEAD's tree, for a scan of history, which reports secrets and
    /// not ways.
    in_head: Option<(Severity, Confidence, Exposure)>,
}

/// One way a secret reaches a client, at one place.
pub(super) struct ClientLeak {
    pub(super) kind: FindingKind,
    pub(super) severity: Severity,
    pub(super) confidence: Confidence,
    pub(super) exposure: Exposure,
    pub(super) occurrence: PlacedOccurrence,
}

/// Identity of a leak of which only the secret's name is known.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NamedLeak {
    pub(super) kind: FindingKind,
    pub(super) rule: RuleIndex,
    /// The file as ids refer to it: relative to the top of the checkout.
    pub(super) path: FilePath,
    /// The file as it was read.
    pub(super) provenance: Provenance,
    /// The name.
    pub(super) name: String,
}

/// The side of a place.
pub(super) struct PlacedSide {
    pub(super) region: Region,
    pub(super) side: Side,
    pub(super) framework: Option<&'static str>,
}

/// Everything that the threads of a run have found.
#[derive(Default)]
pub(super) struct FindingCollector {
    pub(super) summary: Summary,
    pub(super) notices: Vec<Notice>,
    /// The files that may involve a secret.
    pub(super) seeds: Vec<PathBuf>,
    /// Links that lead to something that is not part of the scan.
    pub(super) links_out: Vec<FilePath>,
    /// Files whose content is not here or encrypted.
    pub(super) kept_elsewhere: KeptElsewhere,
    records: HashMap<KeyId, SecretRecord>,
    named: BTreeMap<NamedLeak, Vec<ClientLeak>>,
    sides: HashMap<Provenance, Vec<PlacedSide>>,
}

impl FindingCollector {
    /// The occurrences of a key, to add another.
    pub(super) fn occurrences(&mut self, key: &KeyMatch<'_>) -> &mut Vec<PlacedOccurrence> {
        let record = self.record(key.rule_index, &key.secret);
        for (nth, PairedKey { rule_index, secret, .. }) in key.pairs.iter().enumerate() {
            record.add_pair(nth.min(1), (secret.sha256(), *rule_index), secret.clone());
        }
        &mut record.occurrences
    }

    fn record(&mut self, rule: RuleIndex, secret: &Secret) -> &mut SecretRecord {
        self.records.entry(KeyId::new(rule, secret)).or_insert_with(|| SecretRecord {
            rule,
            secret: secret.clone(),
            pairs: Default::default(),
            occurrences: Vec::new(),
            history: None,
            leaks: Vec::new(),
            in_head: None,
        })
    }

    /// Accepts one of the occurrences of a key, whose marker was read later.
    pub(super) fn accept(&mut self, key: &KeyId, nth: usize, by: Suppression) {
        let record = self.records.get_mut(key);
        if let Some((_, inline)) = record.and_then(|record| record.occurrences.get_mut(nth)) {
            inline.accepted = Some(by);
        }
    }

    /// The keys that were found.
    pub(super) fn keys(&self) -> HashSet<KeyId> {
        self.records.keys().copied().collect()
    }

    /// True if nothing was found.
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty() && self.named.is_empty()
    }

    /// Adds a way a secret reaches a client.
    pub(super) fn add_leak(&mut self, rule: RuleIndex, secret: &Secret, leak: ClientLeak) {
        self.record(rule, secret).leaks.push(leak);
    }

    /// Adds a way a secret reaches a client of which only the name is known.
    pub(super) fn add_named_leak(&mut self, named: NamedLeak, leak: ClientLeak) {
        self.named.entry(named).or_default().push(leak);
    }

    /// Adds a way in which a secret that was found reaches clients in HEAD's tree.
    pub(super) fn add_head_exposure(
        &mut self,
        key: &KeyId,
        (severity, confidence): (Severity, Confidence),
        exposure: Exposure,
    ) {
        let Some(record) = self.records.get_mut(key) else { return };
        let known =
            record.in_head.as_ref().map(|(severity, confidence, _)| (*severity, *confidence));
        if known.is_none_or(|known| known < (severity, confidence)) {
            record.in_head = Some((severity, confidence, exposure));
        }
    }

    /// The texts of one kind in which keys were found.
    pub(super) fn provenances(&self, source: SourceKind) -> Vec<Provenance> {
        let all = self.records.values().flat_map(|record| &record.occurrences);
        let own = all.filter(|(own, _)| own.provenance.source == source);
        own.map(|(own, _)| own.provenance.clone()).collect()
    }

    /// Adds the side of a place in a text.
    pub(super) fn add_side(&mut self, provenance: Provenance, side: PlacedSide) {
        self.sides.entry(provenance).or_default().push(side);
    }

    /// Adds the history of a secret that has been found.
    pub(super) fn add_history(&mut self, key: KeyId, history: History) {
        if let Some(record) = self.records.get_mut(&key) {
            record.history = Some(match record.history.take() {
                Some(other) => other.joined(history),
                None => history,
            });
        }
    }

    /// The leaks of each key, and of each name whose value is a key that was found where the name is
    /// declared.
    pub(super) fn leaks_mut(&mut self) -> Vec<(Option<KeyId>, &mut [ClientLeak])> {
        let declared: HashMap<(FilePath, u64), KeyId> = self
            .records
            .iter()
            .flat_map(|(key, record)| {
                let places = record.occurrences.iter();
                places.map(|(own, _)| ((own.provenance.path.clone(), own.region.start.line), *key))
            })
            .collect();
        let named = self.named.values_mut().map(|leaks| {
            let steps = leaks.iter().flat_map(|leak| &leak.exposure.related);
            let mut places = steps.map(|step| (step.path.clone(), step.place.line));
            let key = places.find_map(|place| declared.get(&place)).copied();
            (key, leaks.as_mut_slice())
        });
        let keys = self.records.iter_mut().map(|(key, record)| (Some(*key), &mut record.leaks[..]));
        keys.chain(named).collect()
    }

    /// True if a leak of the key is known.
    pub(super) fn has_leak(&self, key: &KeyId) -> bool {
        self.records.get(key).is_some_and(|record| !record.leaks.is_empty())
    }

    /// The first place of a key.
    pub(super) fn first_occurrence(&self, key: &KeyId) -> Option<Occurrence> {
        let places = self.records.get(key)?.occurrences.iter().map(|(own, _)| own);
        places.min_by(|a, b| a.sort_key().cmp(&b.sort_key())).cloned()
    }

    /// Every key with its first place.
    pub(super) fn first_occurrences(&self) -> Vec<(RuleIndex, Secret, PlacedOccurrence)> {
        let first = |record: &SecretRecord| {
            let places = record.occurrences.iter();
            let place = places.min_by(|a, b| a.0.sort_key().cmp(&b.0.sort_key()))?.clone();
            Some((record.rule, record.secret.clone(), place))
        };
        self.records.values().filter_map(first).collect()
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.summary.add(&other.summary);
        self.notices.extend(other.notices);
        self.seeds.extend(other.seeds);
        self.links_out.extend(other.links_out);
        self.kept_elsewhere.merge(other.kept_elsewhere);
        for (key, record) in other.records {
            match self.records.entry(key) {
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(record);
                }
                std::collections::hash_map::Entry::Occupied(mut mine) => {
                    let mine = mine.get_mut();
                    mine.occurrences.extend(record.occurrences);
                    for (nth, pairs) in record.pairs.into_iter().enumerate() {
                        for (key, secret) in pairs {
                            mine.add_pair(nth, key, secret);
                        }
                    }
                }
            }
        }
    }

    pub(super) fn into_report(mut self, plan: &Plan, mode: Mode, base: &Path) -> Report {
        let mut findings = Vec::new();
        let mut filter = SuppressionFilter::new(plan, base);
        for record in self.records.into_values() {
            record.into_findings(&self.sides, &mut filter, &mut findings);
        }
        for (named, leaks) in self.named {
            findings.extend(named.into_finding(leaks, &mut filter));
        }
        let mut suppressed = filter.suppressed;
        self.notices.extend(filter.notices);
        self.notices.extend(ended_notices(plan, filter.ended));
        let below = |finding: &Finding| finding.severity < plan.min_severity;
        let hidden: Vec<_> = findings.extract_if(.., |finding| below(finding)).collect();
        self.summary.below_severity = hidden.len() as u64;
        sort(&mut findings);
        suppressed.sort_by(|a: &Suppressed, b: &Suppressed| {
            let key = |s: &Suppressed| (s.provenance.clone(), s.region, s.rule_id.clone(), s.id);
            key(a).cmp(&key(b))
        });
        self.notices.extend(suppressed_notice(&suppressed));
        self.notices.extend(accepted_notices(&suppressed));
        self.notices.extend(links_notice(self.links_out));
        self.summary.kept_elsewhere = self.kept_elsewhere.count_missing();
        self.notices.extend(self.kept_elsewhere.into_notices());
        self.notices.sort();
        self.notices.dedup();
        let (summary, notices, ledger) = (self.summary, self.notices, None);
        Report { mode, summary, findings, hidden, suppressed, notices, ledger }
    }
}

/// Sorts findings as reports show them: live ones first, then the worst, then by place.
pub(super) fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |f: &Finding| (f.occurrences[0].provenance.clone(), f.occurrences[0].region);
        (b.is_live(), b.severity)
            .cmp(&(a.is_live(), a.severity))
            .then_with(|| key(a).cmp(&key(b)))
            .then_with(|| (&a.rule_id, a.id).cmp(&(&b.rule_id, b.id)))
    });
}

/// Drops the occurrences in archives as they are if the key is in a member: both are the same bytes.
fn drop_outer(occurrences: &mut Vec<PlacedOccurrence>) {
    let inner = occurrences.iter().map(|(own, _)| &own.provenance);
    let inner: Vec<_> = inner.filter(|own| own.inside.is_some()).cloned().collect();
    if !inner.is_empty() {
        let has_inner = |own: &Provenance| inner.iter().any(|inner| own.holds(inner));
        occurrences.retain(|(own, _)| !has_inner(&own.provenance));
    }
}

/// The sides of places, by text.
type PlacedSides = HashMap<Provenance, Vec<PlacedSide>>;

impl SecretRecord {
    /// Adds a key that it belongs to, to the nearest ones (0) or the others (1). Which ones are kept does
    /// not depend on the order.
    fn add_pair(&mut self, nth: usize, key: ([u8; 32], RuleIndex), secret: Secret) {
        let pairs = &mut self.pairs[nth];
        pairs.insert(key, secret);
        if pairs.len() > MOST_PAIRS {
            pairs.pop_last();
        }
    }

    /// Adds the finding, and one more for each further kind of leak; none if every place is
    /// accepted.
    fn into_findings(
        mut self,
        sides: &PlacedSides,
        filter: &mut SuppressionFilter<'_>,
        findings: &mut Vec<Finding>,
    ) {
        let rule = &filter.plan.rules[self.rule];
        // A file that was named twice is one place.
        self.occurrences.sort_by(|(a, _), (b, _)| a.sort_key().cmp(&b.sort_key()));
        self.occurrences.dedup_by(|(a, _), (b, _)| a.sort_key() == b.sort_key());
        drop_outer(&mut self.occurrences);
        let mut by_kind: BTreeMap<FindingKind, Vec<ClientLeak>> = BTreeMap::new();
        for mut leak in std::mem::take(&mut self.leaks) {
            // The place of the secret itself is the most precise.
            if let Some(plain) =
                self.occurrences.iter().find(|(own, _)| meet(own, &leak.occurrence.0))
            {
                leak.occurrence = plain.clone();
            }
            by_kind.entry(leak.kind).or_default().push(leak);
        }
        let leaks = by_kind.values().flatten();
        let taken: Vec<_> = leaks.map(|leak| key_of(&leak.occurrence.0)).collect();
        self.occurrences.retain(|(own, _)| !taken.contains(&key_of(own)));
        let secret = self.secret.clone();
        let id_of = |salt: &str| Fingerprint::new(salt, &rule.id, &secret);
        let [nearest, mut others] = std::mem::take(&mut self.pairs);
        others.retain(|key, _| !nearest.contains_key(key));
        let pairs = nearest.into_iter().chain(others);
        let pairs = pairs.map(|((_, other), secret)| {
            let other = &filter.plan.rules[other];
            PairedSecret { rule_id: other.id.clone(), title: other.title.clone(), secret }
        });
        let pairs: Vec<_> = pairs.collect();
        let main = by_kind.pop_last();
        for (kind, leaks) in by_kind {
            let id_of = |salt: &str| Fingerprint::of_kind(salt, &rule.id, kind, &secret);
            let finding = LeakGroup::of((&id_of, IdScope::Kind), rule, leaks, filter)
                .map(|group| group.into_finding(rule, Some(&self.secret), None));
            findings.extend(finding.map(|own| Finding {
                history: self.history.clone(),
                pairs: pairs.clone(),
                ..own
            }));
        }
        let key: (&dyn Fn(&str) -> Fingerprint, _) = (&id_of, IdScope::Key);
        let group = main.and_then(|(_, leaks)| LeakGroup::of(key, rule, leaks, filter));
        let is_over = rule.has_expired(self.secret.reveal(), Time::now());
        let plain = self.occurrences.into_iter();
        let plain: Vec<_> = plain
            .filter_map(|occurrence| {
                filter.unless_accepted(key, FindingKind::Secret, rule, occurrence)
            })
            .collect();
        if let Some(group) = group {
            let mut finding = group.into_finding(rule, Some(&self.secret), None);
            finding.occurrences.extend(plain);
            finding.history = self.history;
            finding.pairs = pairs;
            if is_over {
                finding.severity = Severity::Note;
            }
            findings.push(finding);
        } else if let Some(first) = plain.first() {
            let in_head = self.in_head.map(|(.., exposure)| exposure);
            let exposure = in_head.unwrap_or_else(|| side(sides, first));
            let severity =
                if is_over { Severity::Note } else { rule.severity_for(self.history.is_some()) };
            findings.push(Finding {
                id: id_of(&filter.plan.salt),
                rule_id: rule.id.clone(),
                kind: FindingKind::Secret,
                severity,
                confidence: rule.confidence,
                class: rule.class,
                secret: Some(self.secret),
                pairs,
                about: None,
                exposure,
                occurrences: plain,
                history: self.history,
                verification: Verification::default(),
            });
        }
    }
}

/// The leaks of one kind, without the accepted places.
struct LeakGroup {
    id: Fingerprint,
    kind: FindingKind,
    severity: Severity,
    confidence: Confidence,
    exposure: Exposure,
    occurrences: Vec<Occurrence>,
}

impl LeakGroup {
    /// Combines leaks of one kind, without the accepted ones; `None` if none is left. The trace is
    /// that of the worst one.
    fn of(
        (id_of, scope): (&dyn Fn(&str) -> Fingerprint, IdScope),
        rule: &Rule,
        mut leaks: Vec<ClientLeak>,
        filter: &mut SuppressionFilter<'_>,
    ) -> Option<Self> {
        leaks.sort_by_key(|leak| (Reverse(leak.severity), Reverse(leak.confidence)));
        let mut group: Option<Self> = None;
        for leak in leaks {
            let met = group.iter().flat_map(|group| &group.occurrences);
            if met.into_iter().any(|own| own.sort_key() == leak.occurrence.0.sort_key()) {
                continue;
            }
            let place = filter.unless_accepted((id_of, scope), leak.kind, rule, leak.occurrence);
            let Some(place) = place else {
                continue;
            };
            match &mut group {
                Some(group) => group.occurrences.push(place),
                None => {
                    group = Some(Self {
                        id: id_of(&filter.plan.salt),
                        kind: leak.kind,
                        severity: leak.severity,
                        confidence: leak.confidence,
                        exposure: leak.exposure,
                        occurrences: vec![place],
                    });
                }
            }
        }
        group
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
            pairs: Vec::new(),
            about,
            exposure: self.exposure,
            occurrences: self.occurrences,
            history: None,
            verification: Verification::default(),
        }
    }
}

impl NamedLeak {
    fn into_finding(
        self,
        leaks: Vec<ClientLeak>,
        filter: &mut SuppressionFilter<'_>,
    ) -> Option<Finding> {
        let rule = &filter.plan.rules[self.rule];
        let (kind, path, about) = (self.kind, &self.path, Some(self.name.as_str()));
        let id_of = |salt: &str| Fingerprint::of_place(salt, &rule.id, kind, path, about);
        let group = LeakGroup::of((&id_of, IdScope::Kind), rule, leaks, filter)?;
        Some(group.into_finding(rule, None, Some(self.name)))
    }
}

/// The identity of a place.
fn key_of(occurrence: &Occurrence) -> (Provenance, Region) {
    (occurrence.provenance.clone(), occurrence.region)
}

/// True if two places overlap.
fn meet(one: &Occurrence, other: &Occurrence) -> bool {
    one.provenance == other.provenance && overlap(&one.region, &other.region)
}

fn overlap(one: &Region, other: &Region) -> bool {
    one.start < other.end && other.start < one.end
}

/// The known side of a place.
fn side(sides: &PlacedSides, place: &Occurrence) -> Exposure {
    let mut all = sides.get(&place.provenance).into_iter().flatten();
    let side = all.find(|side| overlap(&side.region, &place.region));
    side.map_or_else(Exposure::default, |side| Exposure {
        side: side.side,
        framework: side.framework,
        ..Exposure::default()
    })
}

/// The number of links that a notice names.
const MAX_LINKS: usize = 20;

/// A notice of the links that lead to something that is not part of the scan.
fn links_notice(mut links: Vec<FilePath>) -> Option<Notice> {
    links.sort_unstable();
    links.dedup();
    let names: Vec<_> = links.iter().take(MAX_LINKS).map(FilePath::to_text).collect();
    let mut names = names.join(", ");
    if links.len() > MAX_LINKS {
        names = format!("{names} and {} more", links.len() - MAX_LINKS);
    }
    let (count, lead, was) = match links.len() {
        0 => return None,
        1 => ("1 link".to_owned(), "leads", "was"),
        count => (format!("{count} links"), "lead", "were"),
    };
    Some(Notice {
        path: None,
        kind: NoticeKind::LinksOut,
        message: format!("{count} {lead} out of what is scanned and {was} not followed: {names}"),
    })
}

/// The most places of which notices are.
const MAX_ACCEPTED: usize = 50;

/// Notices of what the scanned change itself accepts: whoever reads the report is to judge it.
fn accepted_notices(suppressed: &[Suppressed]) -> Vec<Notice> {
    let all: Vec<_> = suppressed.iter().filter(|own| own.is_by_change).collect();
    let notice = |path, message| Notice { path, kind: NoticeKind::AcceptedByChange, message };
    let one = |own: &&Suppressed| {
        let (line, rule, by) = (own.region.start.line, &own.rule_id, own.by.told());
        let message = format!("line {line}: only this change itself accepts this {rule}, {by}");
        notice(Some(own.provenance.path.clone()), message)
    };
    let mut notices: Vec<_> = all.iter().take(MAX_ACCEPTED).map(one).collect();
    if let Some(more) = all.len().checked_sub(MAX_ACCEPTED).filter(|more| *more > 0) {
        notices.push(notice(None, format!("this change itself accepts {more} more places")));
    }
    notices
}

/// A notice of how much was accepted, and by what.
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
    use crate::model::{Excerpt, LeakKind, Position, Terms};
    use crate::run::markers::InlineVerdict;

    /// An occurrence of ten characters on a line of a file.
    fn at(path: &str, line: u64) -> Occurrence {
        let place = |column| Position { line, column, utf16_column: column };
        Occurrence {
            provenance: Provenance::tree(FilePath::from(path)),
            region: Region { start: place(1), end: place(11) },
            layers: Vec::new(),
            pieces: Vec::new(),
            excerpt: Excerpt::default(),
            line_hash: None,
            accepted_by_change: None,
        }
    }

    fn leak(kind: FindingKind, severity: Severity, path: &str, line: u64) -> ClientLeak {
        let exposure = Exposure { side: Side::Client, ..Exposure::default() };
        let occurrence = (at(path, line), InlineVerdict::default());
        ClientLeak { kind, severity, confidence: Confidence::High, exposure, occurrence }
    }

    fn accepted() -> InlineVerdict {
        let (reason, terms) = (String::new(), Terms::default());
        let by = Suppression::Inline { marker: "keyside:allow", reason, terms };
        InlineVerdict { accepted: Some(by), ..InlineVerdict::default() }
    }

    /// A report of a secret with plain places, the second of them accepted, and leaks.
    fn report(leaks: Vec<ClientLeak>) -> (Report, Fingerprint) {
        let plan = Settings::default().plan(&[]).unwrap();
        let mut rules = plan.rules.rules.iter();
        let rule = RuleIndex(rules.position(|rule| rule.is_reported()).unwrap());
        let secret = Secret::new(b"a secret that is long enough", 0);
        let id = Fingerprint::new(&plan.salt, &plan.rules[rule].id, &secret);
        let mut collector = FindingCollector::default();
        let open = InlineVerdict::default;
        let plain = [(at("b", 2), open()), (at("b", 4), accepted()), (at("a", 1), open())];
        collector.record(rule, &secret).occurrences.extend(plain);
        leaks.into_iter().for_each(|leak| collector.add_leak(rule, &secret, leak));
        let region = at("a", 1).region;
        let side = PlacedSide { region, side: Side::Server, framework: Some("next") };
        collector.add_side(Provenance::tree(FilePath::from("a")), side);
        (collector.into_report(&plan, Mode::Tree, Path::new("")), id)
    }

    /// FindingKind, whether the id is the plain one, side, and places.
    fn reported(leaks: Vec<ClientLeak>) -> Vec<(FindingKind, bool, Side, Vec<String>)> {
        let (report, id) = report(leaks);
        let reported = report.findings.iter().map(|finding| {
            let places = finding.occurrences.iter();
            let places =
                places.map(|own| format!("{}:{}", own.provenance.path, own.region.start.line));
            (finding.kind, finding.id == id, finding.exposure.side, places.collect())
        });
        reported.collect()
    }

    fn texts(places: &[&str]) -> Vec<String> {
        places.iter().map(|place| (*place).to_owned()).collect()
    }

    #[test]
    fn without_a_leak_it_is_a_secret_on_its_side() {
        let reported = reported(Vec::new());
        assert_eq!(reported, [(FindingKind::Secret, true, Side::Server, texts(&["a:1", "b:2"]))]);
    }

    #[test]
    fn a_leak_makes_it_a_client_finding_whose_place_comes_first() {
        let reported = reported(vec![leak(
            FindingKind::Leak(LeakKind::ClientSecretLiteral),
            Severity::Error,
            "b",
            2,
        )]);
        let places = texts(&["b:2", "a:1"]);
        assert_eq!(
            reported,
            [(FindingKind::Leak(LeakKind::ClientSecretLiteral), true, Side::Client, places)]
        );
    }

    #[test]
    fn each_kind_is_a_finding_and_the_greatest_one_keeps_the_id() {
        let reported = reported(vec![
            leak(FindingKind::Leak(LeakKind::ClientSecretEnv), Severity::Error, "c", 7),
            leak(FindingKind::Leak(LeakKind::PublicEnvSecret), Severity::Error, "a", 1),
            leak(FindingKind::Leak(LeakKind::ClientSecretEnv), Severity::Error, "c", 9),
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
        assert_eq!(reported, [env, read]);
    }

    #[test]
    fn if_every_leak_is_accepted_the_secret_is_left() {
        let reported = reported(vec![leak(
            FindingKind::Leak(LeakKind::ClientSecretLiteral),
            Severity::Error,
            "b",
            4,
        )]);
        assert_eq!(reported, [(FindingKind::Secret, true, Side::Server, texts(&["a:1", "b:2"]))]);
    }

    #[test]
    fn a_name_at_several_lines_is_one_finding_and_the_worst_comes_first() {
        let plan = Settings::default().plan(&[]).unwrap();
        let mut collector = FindingCollector::default();
        for (severity, path, line) in
            [(Severity::Warning, "a", 1), (Severity::Error, "a", 3), (Severity::Error, "b", 1)]
        {
            let named = NamedLeak {
                kind: FindingKind::Leak(LeakKind::ClientSecretEnv),
                rule: RuleIndex(0),
                path: FilePath::from(path),
                provenance: Provenance::tree(FilePath::from(path)),
                name: "KEY".to_owned(),
            };
            collector.add_named_leak(
                named,
                leak(FindingKind::Leak(LeakKind::ClientSecretEnv), severity, path, line),
            );
        }
        let report = collector.into_report(&plan, Mode::Tree, Path::new(""));
        let lines = |finding: &Finding| -> Vec<u64> {
            finding.occurrences.iter().map(|own| own.region.start.line).collect()
        };
        let all: Vec<_> = report.findings.iter().map(|own| (own.severity, lines(own))).collect();
        assert_eq!(all, [(Severity::Error, vec![3, 1]), (Severity::Error, vec![1])]);
        assert_ne!(report.findings[0].id, report.findings[1].id);
        assert_eq!(report.findings[0].about.as_deref(), Some("KEY"));
    }
}
