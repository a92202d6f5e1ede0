//! One log with one run: a result per place of a key.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde_sarif::sarif;

use super::excerpt::{context, holds_key};
use super::flow;
use super::level::{notice_level, result_level};
use super::notifications::{notification, skipped};
use super::properties::{exposure_properties, history_properties, totals, verification_properties};
use super::rules::descriptor;
use super::sentences::{liveness, story};
use super::text::{harmless, link_text};
use super::values::{bag, message, number, physical, property, region};
use crate::model::{
    Completeness, Finding, FindingKind, Mode, Notice, NoticeKind, Occurrence, Region, Report,
    Severity, Side, Step, StepKind, Suppressed, Suppression,
};
use crate::report::history_text::PlaceName;
use crate::report::json_v1::REDACTED;
use crate::report::kinds;
use crate::report::numbers::counted_more;
use crate::report::options::ReportOptions;
use crate::report::uri::UriBase;
use crate::rules::{Rule, Ruleset};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The most results of a run that GitHub keeps.
const MAX_RESULTS: usize = 5_000;

/// The most steps of a code flow that GitHub keeps.
const MAX_STEPS: usize = 1_000;

/// The most steps in a log, which keeps it far below GitHub's limit of 10 MB compressed.
const MAX_ALL_STEPS: usize = 50_000;

/// The most links from a result to other places of its key. Each has its own alert, so a few are
/// enough to show how far the key has spread.
const MAX_RELATED: usize = 10;

pub(in crate::report) fn write(
    report: &Report,
    rules: &Ruleset,
    options: &ReportOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let log = Log::new(report, rules, options).sarif();
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

/// The number of results left out because of GitHub's limit.
pub(in crate::report) fn left_out(report: &Report, options: &ReportOptions) -> usize {
    let places: usize = report.findings.iter().map(|finding| finding.occurrences.len()).sum();
    let accepted = if options.verbose { report.suppressed.len() } else { 0 };
    (places + accepted).saturating_sub(MAX_RESULTS)
}

/// A log's inputs.
struct Log<'l> {
    report: &'l Report,
    set: &'l Ruleset,
    /// The rules with results, and again with each kind of leak to clients that occurs, as each has its
    /// own help. Results refer to them by index.
    rules: Vec<(&'l Rule, FindingKind)>,
    /// For each finding, the number of steps in its code flow.
    steps: Vec<usize>,
    options: &'l ReportOptions,
}

impl<'l> Log<'l> {
    fn new(report: &'l Report, set: &'l Ruleset, options: &'l ReportOptions) -> Self {
        let accepted = if options.verbose { &report.suppressed[..] } else { &[] };
        let accepted = accepted.iter().map(|own| (&own.rule_id, FindingKind::Secret));
        let named: BTreeSet<_> =
            report.findings.iter().map(|own| (&own.rule_id, own.kind)).chain(accepted).collect();
        let position = |id: &String| {
            let mut rules = set.rules.iter();
            rules.position(|rule| rule.is_reported() && rule.id == *id)
        };
        let numbered = named.into_iter().filter_map(|(id, kind)| Some((position(id)?, kind)));
        let mut numbered: Vec<_> = numbered.collect();
        // Plain findings first, then in the order of the rules.
        numbered.sort_by_key(|&(index, kind)| (kind != FindingKind::Secret, index, kind));
        let rules = numbered.into_iter().map(|(index, kind)| (&set.rules[index], kind)).collect();
        let mut room = MAX_ALL_STEPS;
        let mut steps = |finding: &Finding| {
            let steps = finding.exposure.trace.len().min(MAX_STEPS);
            let kept = if steps <= room { steps } else { 0 };
            room -= kept;
            kept
        };
        let steps = report.findings.iter().map(&mut steps).collect();
        Self { report, set, rules, steps, options }
    }

    fn sarif(&self) -> sarif::Sarif {
        sarif::Sarif::builder().schema(SCHEMA).version("2.1.0").runs(vec![self.run()]).build()
    }

    fn run(&self) -> sarif::Run {
        let places = kept(&self.report.findings);
        let findings = &self.report.findings;
        let redacts =
            places.iter().any(|&(index, nth)| holds_key(&findings[index].occurrences[nth]));
        let room = MAX_RESULTS - places.len();
        let mut results: Vec<_> =
            places.into_iter().map(|(index, nth)| self.result(index, nth)).collect();
        if self.options.verbose && !self.report.suppressed.is_empty() {
            // Either all results have `suppressions` or none.
            for result in &mut results {
                result.suppressions = Some(Vec::new());
            }
            let accepted = self.report.suppressed.iter().take(room);
            results.extend(accepted.map(|own| self.accepted(own)));
        }
        let mut run = sarif::Run::builder()
            .tool(sarif::Tool::builder().driver(self.driver()).build())
            .automation_details(self.automation_details())
            .column_kind("utf16CodeUnits")
            .results(results)
            .invocations(vec![self.invocation()])
            .build();
        run.redaction_tokens = redacts.then(|| vec![REDACTED.to_owned()]);
        run
    }

    /// The id that distinguishes this run from others of the tool.
    fn automation_details(&self) -> sarif::RunAutomationDetails {
        match &self.options.pipeline {
            None => sarif::RunAutomationDetails::builder()
                // Up to the last `/` it is GitHub's category.
                .id(format!("{}/{}/", env!("CARGO_PKG_NAME"), self.report.mode.name()))
                .build(),
            Some(pipeline) => sarif::RunAutomationDetails::builder()
                .id(pipeline.id())
                .properties(bag(pipeline.properties()))
                .build(),
        }
    }

    fn driver(&self) -> sarif::ToolComponent {
        // History runs have their own category, and so their own severities.
        let in_history = self.report.mode == Mode::History;
        let rules = self.rules.iter();
        let rules =
            rules.map(|&(rule, kind)| descriptor(rule, kind, self.set.provider(rule), in_history));
        sarif::ToolComponent::builder()
            .name(env!("CARGO_PKG_NAME"))
            .full_name(concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")))
            .version(env!("CARGO_PKG_VERSION"))
            .semantic_version(env!("CARGO_PKG_VERSION"))
            .information_uri(env!("CARGO_PKG_REPOSITORY"))
            .rules(rules.collect::<Vec<_>>())
            .build()
    }

    fn invocation(&self) -> sarif::Invocation {
        sarif::Invocation::builder()
            .execution_successful(self.report.state() == Completeness::Complete)
            .exit_code(self.options.exit_code)
            .tool_execution_notifications(self.notifications())
            .properties(bag(totals(self.report)))
            .build()
    }

    /// The index of the rule that a result names.
    fn rule_index(&self, rule_id: &str, kind: FindingKind) -> Option<i64> {
        let mut rules = self.rules.iter();
        let index = rules.position(|(rule, own)| rule.id == rule_id && *own == kind)?;
        Some(number(index as u64))
    }

    /// The result for one place of a finding.
    fn result(&self, index: usize, nth: usize) -> sarif::Result {
        let finding = &self.report.findings[index];
        let place = &finding.occurrences[nth];
        let others: Vec<_> = (0..finding.occurrences.len())
            .filter(|&other| other != nth)
            .take(MAX_RELATED)
            .map(|other| &finding.occurrences[other])
            .collect();
        let steps = explaining(finding);
        let mut properties = history_properties(finding, place);
        properties.extend(exposure_properties(finding));
        properties.extend(verification_properties(finding));
        let by = place.accepted_by_change.as_ref();
        properties.extend(by.map(|by| property("acceptedByChange", by.place())));
        properties.extend([
            property("keyClass", finding.class.name()),
            property("confidence", finding.confidence.name()),
        ]);
        let mut fingerprints =
            BTreeMap::from([("keysideFingerprint/v1".to_owned(), finding.id.to_string())]);
        if let Some(hash) = &place.line_hash {
            fingerprints.insert("primaryLocationLineHash".to_owned(), hash.clone());
        }
        let mut result = sarif::Result::builder()
            .rule_id(kinds::id(&finding.rule_id, finding.kind))
            .level(result_level(finding.severity))
            .message(message(self.text(finding, &others, &steps)))
            .locations(vec![self.location(place)])
            .partial_fingerprints(fingerprints)
            .properties(bag(properties))
            .build();
        result.rule_index = self.rule_index(&finding.rule_id, finding.kind);
        if !others.is_empty() || !steps.is_empty() || !pieces_of(place).is_empty() {
            result.related_locations = Some(self.related(finding, place, &others, &steps));
        }
        // The trace leads to the first place only.
        if nth == 0 {
            let (trace, steps) = (&finding.exposure.trace, self.steps[index]);
            result.code_flows = flow::code_flows(trace, steps, &place.provenance, self.base());
        }
        result
    }

    /// The result for an accepted finding.
    fn accepted(&self, own: &Suppressed) -> sarif::Result {
        let rule = self.set.by_id(&own.rule_id);
        let title = rule.map_or(own.rule_id.as_str(), |rule| &rule.title);
        let in_history = self.report.mode == Mode::History;
        let severity = rule.map_or(Severity::Note, |rule| rule.severity_for(in_history));
        let kind = match own.by {
            Suppression::Inline { .. } => "inSource",
            Suppression::IgnoreFile { .. }
            | Suppression::Baseline { .. }
            | Suppression::Config { .. } => "external",
        };
        let by = harmless(own.by.place());
        let mut suppression = sarif::Suppression::builder().kind(kind).status("accepted").build();
        suppression.justification = Some(match own.by.reason() {
            "" => format!("accepted by {by}"),
            reason => format!("accepted by {by}: {}", harmless(reason)),
        });
        let fingerprints =
            BTreeMap::from([("keysideFingerprint/v1".to_owned(), own.id.to_string())]);
        let location = physical(self.base().of(&own.provenance), Some(region(own.region)));
        let mut result = sarif::Result::builder()
            .rule_id(&own.rule_id)
            .level(result_level(severity))
            .message(message(format!("{title} found, and accepted by {by}.")))
            .locations(vec![location])
            .partial_fingerprints(fingerprints)
            .suppressions(vec![suppression])
            .build();
        result.rule_index = self.rule_index(&own.rule_id, FindingKind::Secret);
        if own.is_by_change {
            let by_change = property("acceptedByChange", own.by.place());
            result.properties = Some(bag(BTreeMap::from([by_change])));
        }
        result
    }

    fn base(&self) -> &UriBase {
        &self.options.base
    }

    /// A result's message. GitHub shows only the first sentence where space is scarce.
    fn text(&self, finding: &Finding, others: &[&Occurrence], steps: &[&Step]) -> String {
        let rule = self.set.by_id(&finding.rule_id);
        let subject = harmless(&finding.subject());
        let mut text = match rule {
            Some(rule) if finding.kind != FindingKind::Secret => {
                kinds::message(finding, rule, &subject).replace('`', "'") + "."
            }
            _ => {
                let title = rule.map_or(finding.rule_id.as_str(), |rule| &rule.title);
                format!("{title} found: '{subject}'.")
            }
        };
        text.push_str(&liveness(finding));
        text.push_str(&story(finding));
        if let Some(by) = finding.accepted_by_change() {
            if finding.kind == FindingKind::Secret {
                let by = harmless(&by.told()).replace('`', "'");
                text.push_str(&format!(" It is accepted only by this change, {by}."));
            }
            text.push_str(&format!(" {}", kinds::ACCEPT_FIRST));
        }
        let fix = kinds::fix(finding).map(harmless);
        let remedy = rule.and_then(|rule| kinds::remedy(finding, rule));
        for advice in fix.into_iter().chain(remedy) {
            text.push(' ');
            text.push_str(&advice);
        }
        for (step, id) in steps.iter().zip(others.len() + 1..) {
            let path = link_text(&step.path.to_text());
            let (line, note) = (step.place.line, harmless(&step.note));
            text.push_str(&format!(" See [{path}:{line}]({id}): {note}."));
        }
        if !others.is_empty() {
            let links = others.iter().zip(1..).map(|(other, id)| {
                let PlaceName { text, version } = PlaceName::new(&other.provenance);
                format!("[{}:{}{version}]({id})", link_text(&text), other.region.start.line)
            });
            let is_key = finding.secret.is_some();
            text.push_str(if is_key { " The same key is at " } else { " The same is at " });
            text.push_str(&links.collect::<Vec<_>>().join(", "));
            // The result's own place does not count.
            match finding.occurrences.len() - 1 - others.len() {
                0 => {}
                1 => text.push_str(" and 1 more place"),
                more => text.push_str(&format!(" and {}", counted_more(more as u64, "place"))),
            }
            text.push('.');
        }
        text
    }

    fn location(&self, place: &Occurrence) -> sarif::Location {
        let mut location = physical(self.base().of(&place.provenance), region_of(place));
        // Lines of a text in an archive are none of the file.
        if let Some(physical) = &mut location.physical_location
            && place.provenance.inside.is_none()
        {
            physical.context_region = Some(context(place));
        }
        location
    }

    /// The other places of a finding, then those that explain it at `place`.
    fn related(
        &self,
        finding: &Finding,
        place: &Occurrence,
        others: &[&Occurrence],
        steps: &[&Step],
    ) -> Vec<sarif::Location> {
        let same = if finding.secret.is_some() { "The same key." } else { "The same." };
        let others = others.iter().zip(1..).map(|(other, id)| {
            let mut location = physical(self.base().of(&other.provenance), region_of(other));
            location.id = Some(id);
            location.message = Some(message(same.to_owned()));
            location
        });
        let mut locations: Vec<_> = others.collect();
        for step in steps {
            let mut location = flow::location(step, &place.provenance, self.base());
            location.id = Some(number(locations.len() as u64 + 1));
            locations.push(location);
        }
        for piece in pieces_of(place) {
            let mut location = physical(self.base().of(&place.provenance), Some(region(*piece)));
            location.id = Some(number(locations.len() as u64 + 1));
            location.message = Some(message("A piece of the key.".to_owned()));
            locations.push(location);
        }
        locations
    }

    /// Notices, and counts of what is not in the results.
    fn notifications(&self) -> Vec<sarif::Notification> {
        let mut notifications: Vec<_> =
            self.report.notices.iter().map(|notice| self.of_notice(notice)).collect();
        if let Some(text) = skipped(&self.report.summary) {
            notifications.push(notification("skipped", Severity::Note, text));
        }
        let summary = &self.report.summary;
        for (count, id, what) in [
            (summary.below_severity, "below-severity", "Findings below the requested severity"),
            (summary.not_live, "not-live", "Findings that are not known to be live"),
            (self.report.suppressed.len() as u64, "accepted", "Accepted places"),
            (summary.known, "known", "Git objects known to be clean, and not searched"),
        ] {
            if count > 0 {
                notifications.push(notification(id, Severity::Note, format!("{what}: {count}.")));
            }
        }
        let whole = self.report.findings.iter().map(|finding| finding.exposure.trace.len());
        let cut = whole.zip(&self.steps).filter(|(whole, kept)| whole > *kept).count();
        let left_out = left_out(self.report, self.options);
        for (count, what) in [
            (left_out, format!("Results left out, as GitHub keeps {MAX_RESULTS}")),
            (cut, "Paths to clients that are cut short".to_owned()),
        ] {
            if count > 0 {
                let (kind, text) = (NoticeKind::Truncated, format!("{what}: {count}."));
                notifications.push(notification(kind.name(), notice_level(kind), text));
            }
        }
        notifications
    }

    fn of_notice(&self, notice: &Notice) -> sarif::Notification {
        let text = match &notice.path {
            Some(path) => format!("{path}: {}.", notice.message),
            None => format!("{}.", notice.message),
        };
        let mut notification = notification(notice.kind.name(), notice_level(notice.kind), text);
        let uri = notice.path.as_ref().map(|path| self.base().uri(path));
        notification.locations = uri.map(|uri| vec![physical(uri, None)]);
        notification
    }
}

/// The places that a message links to: the entry of the client code, and related ones.
fn explaining(finding: &Finding) -> Vec<&Step> {
    let exposure = &finding.exposure;
    let is_path = exposure.side == Side::Client && exposure.trace.len() > 1;
    let entry = exposure.trace.first().filter(|step| is_path && step.kind == StepKind::Entry);
    entry.into_iter().chain(&exposure.related).take(MAX_RELATED).collect()
}

/// The places that become results, in the order of the report. If there are too many, the most
/// severe stay; at equal severity, the first place of every key goes before the second of any, so
/// that a widely copied key does not displace others.
///
/// A place is the index of its finding and its index in that finding.
fn kept(findings: &[Finding]) -> Vec<(usize, usize)> {
    let mut places: Vec<_> = findings
        .iter()
        .enumerate()
        .flat_map(|(index, finding)| {
            let rank = Reverse(finding.severity);
            (0..finding.occurrences.len()).map(move |nth| (rank, nth, index))
        })
        .collect();
    places.sort_unstable();
    places.truncate(MAX_RESULTS);
    places.sort_unstable_by_key(|&(_, nth, index)| (index, nth));
    places.into_iter().map(|(_, nth, index)| (index, nth)).collect()
}

/// The region of a place, if it is one of the file.
fn region_of(place: &Occurrence) -> Option<sarif::Region> {
    place.provenance.inside.is_none().then(|| region(place.region))
}

/// The pieces of a key in a file. Lines of a text in an archive are none of the file.
fn pieces_of(place: &Occurrence) -> &[Region] {
    if place.provenance.inside.is_none() { &place.pieces } else { &[] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Confidence, DEFAULT_SALT, Excerpt, Exposure, FilePath, Fingerprint, Fragment, History,
        KeyClass, LeakKind, Position, Provenance, Region, Secret, SourceKind, Summary, Terms,
        Verification,
    };
    use crate::report::{azure_pipeline, sample};
    use crate::rules::Rng;
    use serde_json::{Value, json};

    const BODY: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    fn key(seed: u64) -> Secret {
        let text = format!("sk_v1_{}", Rng::new(seed).text(BODY, 43));
        Secret::new(text.as_bytes(), 6)
    }

    fn place(path: &[u8], line: u64, secret: &Secret) -> Occurrence {
        let at = |column, utf16_column| Position { line, column, utf16_column };
        Occurrence {
            provenance: Provenance::tree(FilePath::from_bytes(path)),
            region: Region { start: at(7, 8), end: at(56, 57) },
            layers: Vec::new(),
            pieces: Vec::new(),
            excerpt: Excerpt {
                cut_start: false,
                cut_end: true,
                fragments: vec![
                    Fragment::Text("x = '😀".to_owned()),
                    Fragment::Subject(secret.clone()),
                    Fragment::Text("' + ".to_owned()),
                    Fragment::Other(key(line + 1_000)),
                ],
            },
            line_hash: (line > 1).then(|| format!("{line:x}:1")),
            accepted_by_change: None,
        }
    }

    fn finding(seed: u64, severity: Severity, paths: &[&[u8]]) -> Finding {
        let secret = key(seed);
        let lines = paths.iter().zip(1..);
        Finding {
            id: Fingerprint::new(DEFAULT_SALT, "magicx-secret-key", &secret),
            rule_id: "magicx-secret-key".to_owned(),
            kind: FindingKind::Secret,
            severity,
            confidence: Confidence::High,
            class: KeyClass::Secret,
            pairs: Vec::new(),
            about: None,
            exposure: Exposure::default(),
            occurrences: lines.map(|(path, line)| place(path, line, &secret)).collect(),
            history: None,
            verification: Verification::default(),
            secret: Some(secret),
        }
    }

    fn report(findings: Vec<Finding>) -> Report {
        Report {
            mode: Mode::Tree,
            summary: Summary::default(),
            findings,
            hidden: Vec::new(),
            suppressed: Vec::new(),
            notices: Vec::new(),
            ledger: None,
        }
    }

    /// The text that is written, after it was read back as a log and compared.
    fn written(report: &Report) -> String {
        let rules = sample::rules();
        let options = options();
        let mut text = Vec::new();
        write(report, &rules, &options, &mut text).unwrap();
        let log: sarif::Sarif = serde_json::from_slice(&text).unwrap();
        assert_eq!(log, Log::new(report, &rules, &options).sarif());
        String::from_utf8(text).unwrap()
    }

    fn options() -> ReportOptions {
        let base = UriBase::new(FilePath::from("/home/me/project"), None);
        ReportOptions { base, ..sample::options() }
    }

    fn run(report: &Report) -> Value {
        serde_json::from_str::<Value>(&written(report)).unwrap()["runs"][0].take()
    }

    /// The text at `pointer` in each of `values`.
    fn each<'v>(values: &'v Value, pointer: &str) -> Vec<&'v str> {
        let found = values.as_array().unwrap().iter().map(|value| value.pointer(pointer));
        found.map(|value| value.unwrap().as_str().unwrap()).collect()
    }

    #[test]
    fn every_place_is_a_result_that_links_to_the_others() {
        let run = run(&report(vec![finding(1, Severity::Error, &[b"a.js", b"[x]\n.js", b"c"])]));
        let results = &run["results"];
        let uri = "/locations/0/physicalLocation/artifactLocation/uri";
        assert_eq!(each(results, uri), ["a.js", "%5Bx%5D%0A.js", "c"]);
        let ids = each(results, "/partialFingerprints/keysideFingerprint~1v1");
        assert!(ids[0].starts_with("ks1:") && ids.iter().all(|id| *id == ids[0]));
        assert_eq!(results[0].pointer("/partialFingerprints/primaryLocationLineHash"), None);
        assert_eq!(results[1]["partialFingerprints"]["primaryLocationLineHash"], "2:1");
        let text = results[0]["message"]["text"].as_str().unwrap();
        let first = format!("MagicX AI Autocomplete secret key found: '{}'. Create", key(1));
        assert!(text.starts_with(&first), "{text}");
        assert!(
            text.ends_with(" The same key is at [\\[x\\]\u{fffd}.js:2](1), [c:3](2)."),
            "{text}"
        );
        let related = &results[0]["relatedLocations"];
        let uri = "/physicalLocation/artifactLocation/uri";
        assert_eq!(each(related, uri), ["%5Bx%5D%0A.js", "c"]);
        assert_eq!(related[1]["id"], 2);
    }

    #[test]
    fn links_to_other_places_are_limited() {
        let text = |places: usize| {
            let run = run(&report(vec![finding(1, Severity::Error, &vec![&b"a"[..]; places])]));
            let related = run["results"][0]["relatedLocations"].as_array().map_or(0, Vec::len);
            let text = run["results"][0]["message"]["text"].as_str().unwrap();
            (related, text.rsplit(')').next().unwrap().to_owned())
        };
        assert_eq!(text(2), (1, ".".to_owned()));
        assert_eq!(text(11), (10, ".".to_owned()));
        assert_eq!(text(12), (10, " and 1 more place.".to_owned()));
        assert_eq!(text(40), (10, " and 29 more places.".to_owned()));
        assert_eq!(text(1).0, 0);
    }

    #[test]
    fn columns_count_utf16_and_snippets_show_no_key() {
        let run = run(&report(vec![finding(1, Severity::Error, &[b"a.js"])]));
        assert_eq!(run["columnKind"], "utf16CodeUnits");
        assert_eq!(run["redactionTokens"], serde_json::json!([REDACTED]));
        assert_eq!(
            run["results"][0]["locations"][0]["physicalLocation"],
            serde_json::json!({
                "artifactLocation": { "uri": "a.js" },
                "region": { "startLine": 1, "startColumn": 8, "endLine": 1, "endColumn": 57 },
                "contextRegion": {
                    "startLine": 1, "endLine": 1,
                    "snippet": { "text": "x = '😀[REDACTED]' + [REDACTED]…" },
                },
            })
        );
    }

    #[test]
    fn no_key_is_written() {
        let findings = (1..=50).map(|seed| finding(seed, Severity::Error, &[b"a", b"b", b"c"]));
        let text = written(&report(findings.collect()));
        for seed in (1..=50).chain(1_001..=1_004) {
            let secret = key(seed);
            let body = std::str::from_utf8(&secret.reveal()[6..]).unwrap();
            // A message may show the first four characters of the body.
            for part in [&body[..5], &body[4..12], &body[35..]] {
                assert!(!text.contains(part), "{seed}");
            }
        }
        let snippets = text.lines().filter(|line| line.contains(REDACTED));
        assert!(snippets.clone().count() > 150 && snippets.clone().all(|l| !l.contains("sk_v1_")));
    }

    #[test]
    fn rules_are_those_with_results_which_name_them_by_index() {
        let of = |id: &str, seed| Finding {
            rule_id: id.to_owned(),
            ..finding(seed, Severity::Note, &[b"a"])
        };
        let run = run(&report(vec![
            finding(1, Severity::Error, &[b"a"]),
            of("not-loaded", 2),
            of("aimagicx-api-key", 3),
            of("aimagicx-api-key", 4),
        ]));
        let rules = &run["tool"]["driver"]["rules"];
        assert_eq!(each(rules, "/id"), ["aimagicx-api-key", "magicx-secret-key"]);
        assert_eq!(each(rules, "/name"), ["AimagicxApiKey", "MagicxSecretKey"]);
        assert_eq!(each(rules, "/defaultConfiguration/level"), ["error", "error"]);
        assert_eq!(each(rules, "/properties/security-severity"), ["9.1", "9.1"]);
        assert_eq!(each(rules, "/properties/precision"), ["very-high"; 2]);
        for required in ["/shortDescription/text", "/fullDescription/text", "/help/text"] {
            assert!(each(rules, required).iter().all(|text| !text.is_empty()), "{required}");
        }
        assert!(each(rules, "/help/markdown")[0].contains("every 90 days"));
        assert_eq!(run["results"][0]["ruleIndex"], 1);
        assert_eq!(run["results"][0]["properties"]["confidence"], "high");
        assert_eq!(run["results"][0]["properties"]["keyClass"], "secret");
        assert_eq!(run["results"][1].get("ruleIndex"), None);
        assert_eq!(run["results"][2]["ruleIndex"], 0);
        assert_eq!(each(&run["results"], "/level"), ["error", "note", "note", "note"]);
    }

    #[test]
    fn leaks_to_clients_have_their_own_rules_and_code_flows() {
        let mut findings: Vec<_> = FindingKind::all().map(sample::of_kind).collect();
        findings.push(sample::of_kind(FindingKind::Leak(LeakKind::ClientSecretEnv)));
        let run = run(&report(findings.clone()));
        let rules = &run["tool"]["driver"]["rules"];
        let ids = each(rules, "/id");
        assert_eq!(ids.len(), FindingKind::all().count());
        assert_eq!(ids[..2], ["aimagicx-api-key", "aimagicx-api-key/client-server-env-read"]);
        assert_eq!(rules[1]["name"], "AimagicxApiKeyClientServerEnvRead");
        assert_eq!(rules[1]["defaultConfiguration"]["level"], "warning");
        assert_eq!(rules[2]["properties"]["precision"], "high");
        for required in ["/shortDescription/text", "/fullDescription/text", "/help/text"] {
            let texts = each(rules, required);
            assert!(texts.iter().all(|text| !text.is_empty() && !text.contains("{}")));
        }
        let results = run["results"].as_array().unwrap();
        for (result, finding) in results.iter().zip(&findings) {
            let index = result["ruleIndex"].as_u64().unwrap() as usize;
            let id = kinds::id(&finding.rule_id, finding.kind);
            assert_eq!((result["ruleId"].as_str(), ids[index]), (Some(id.as_str()), &*id));
            assert_eq!(result.get("codeFlows").is_none(), finding.kind == FindingKind::Secret);
        }
        let result = &results[2];
        assert_eq!(
            result["message"]["text"].as_str().unwrap().split(" If this").next().unwrap(),
            "'NEXT_PUBLIC_AIMAGICX_API_KEY' puts a secret into client code. Read the variable in \
             server code only, under a name without a public prefix, and let client code call the \
             server."
        );
        let text = result["message"]["text"].as_str().unwrap();
        assert!(
            text.ends_with(
                " See [app/widget.tsx:1](1): 'use client' directive. \
                 See [.env.production:1](2): declared here."
            ),
            "{text}"
        );
        let related = &result["relatedLocations"];
        let uri = "/physicalLocation/artifactLocation/uri";
        assert_eq!(each(related, uri), ["app/widget.tsx", ".env.production"]);
        assert_eq!((&related[0]["id"], &related[1]["id"]), (&json!(1), &json!(2)));
        assert_eq!(
            result["properties"],
            json!({
                "keyClass": "secret", "confidence": "high", "exposure": "client",
                "framework": "next", "chainLength": 4
            })
        );
        let steps = &result["codeFlows"][0]["threadFlows"][0]["locations"];
        assert_eq!(steps.as_array().unwrap().len(), 4);
        assert_eq!(
            steps[1],
            json!({
                "location": {
                    "physicalLocation": {
                        "artifactLocation": { "uri": "app/widget.tsx" },
                        "region": { "startLine": 2, "startColumn": 1 }
                    },
                    "message": { "text": "imports ../src/lib/api" }
                },
                "kinds": ["import", "taint"], "importance": "essential", "nestingLevel": 0
            })
        );
    }

    #[test]
    fn answers_of_builds_are_properties() {
        for confirmed in [None, Some(true), Some(false)] {
            let mut leak = sample::of_kind(FindingKind::Leak(LeakKind::ClientSecretLiteral));
            leak.exposure.confirmed = confirmed;
            let own = &run(&report(vec![leak]))["results"][0]["properties"]["confirmed"];
            assert_eq!(own.as_bool(), confirmed);
        }
    }

    #[test]
    fn ways_are_whole_harmless_and_without_keys() {
        let mut long = sample::of_kind(FindingKind::Leak(LeakKind::ClientSecretLiteral));
        long.exposure.trace = sample::long_trace(300);
        let bad = "[x](1)\u{202e}\x1b";
        let mut hostile = sample::of_kind(FindingKind::Leak(LeakKind::ClientTokenExchange));
        hostile.about = Some(bad.to_owned());
        hostile.exposure.fix = bad.to_owned();
        hostile.exposure.trace[0].path = FilePath::from("a b/[x]\n.ts");
        hostile.exposure.trace[0].note = bad.to_owned();
        hostile.exposure.related[0].note = String::new();
        let report = report(vec![long, hostile]);
        let text = written(&report);
        let secret = sample::key(1);
        let body = std::str::from_utf8(&secret.reveal()[7..]).unwrap();
        assert!(!text.contains(&body[..5]) && !text.contains(&body[4..12]));
        assert!(!text.contains('\u{202e}') && !text.contains("\\u001b"), "{text}");
        let run = run(&report);
        let steps =
            |nth: usize| &run["results"][nth]["codeFlows"][0]["threadFlows"][0]["locations"];
        assert_eq!(steps(0).as_array().unwrap().len(), 302);
        let uri = "/location/physicalLocation/artifactLocation/uri";
        assert_eq!(steps(1)[0].pointer(uri).unwrap(), "a%20b/%5Bx%5D%0A.ts");
        let message = run["results"][1]["message"]["text"].as_str().unwrap();
        assert!(message.contains("See [a b/\\[x\\]\u{fffd}.ts:1](1)"), "{message}");
        assert!(!message.contains("[x](1)"), "{message}");
        assert_eq!(run["results"][1]["relatedLocations"][1]["message"]["text"], "source");
    }

    #[test]
    fn results_of_history_tell_what_is_known() {
        let mut first_seen = sample::change(0x3f, "old.js");
        first_seen.author = "A [x](1)\u{202e}".to_owned();
        let known = History {
            in_head: Some(false),
            first_seen: Some(first_seen.clone()),
            removed_in: Some(sample::change(0x9a, "a.js")),
            branches: Vec::new(),
            age_days: Some(933),
            past_rotation: Some(true),
        };
        first_seen.author = "ada@example.com".to_owned();
        let on_branch = History {
            in_head: Some(true),
            first_seen: Some(first_seen),
            branches: vec!["main".to_owned(), "origin/[x](1)".to_owned()],
            ..History::default()
        };
        let lost = History { in_head: Some(false), ..History::default() };
        let stash = sample::provenance(SourceKind::Stash, "a.js");
        let id = |byte: u8| format!("{byte:02x}").repeat(20);
        for (source, path, history, expected, story) in [
            (
                SourceKind::Commit,
                "dir x/a.js",
                Some(known),
                json!({
                    "source": "commit", "locationCommit": id(0xc0), "blob": id(0xb0),
                    "commit": id(0x3f), "author": "A [x](1)\u{202e}",
                    "date": "2024-05-03T23:30:00-02:00", "removedIn": id(0x9a), "inHead": false
                }),
                " First seen in 3f3f3f3f 2024-05-03 by A \\[x\\](1)\\\\u{202e}; not in HEAD; \
                 removed in 9a9a9a9a 2024-05-03 by Ada. ",
            ),
            (
                SourceKind::Head,
                "a.js",
                Some(on_branch),
                json!({
                    "source": "commit", "locationCommit": id(0xc0), "blob": id(0xb0),
                    "commit": id(0x3f), "date": "2024-05-03T23:30:00-02:00", "inHead": true,
                    "branches": ["main", "origin/[x](1)"]
                }),
                " First seen in 3f3f3f3f 2024-05-03; still in HEAD; branches: main, \
                 origin/\\[x\\](1). ",
            ),
            (
                SourceKind::TagMessage,
                "v1",
                Some(lost),
                json!({
                    "source": "tag-message", "locationCommit": id(0xc0), "blob": id(0xb0),
                    "inHead": false
                }),
                " Not in HEAD; only a stash and the message of a tag have it. ",
            ),
            (
                SourceKind::Index,
                "a.js",
                None,
                json!({ "source": "index", "blob": id(0xb0) }),
                ". Create",
            ),
            (SourceKind::Tree, "a.js", None, json!({}), ". Create"),
        ] {
            let provenances = vec![sample::provenance(source, path), stash.clone()];
            let mut report = report(vec![sample::finding(provenances, history)]);
            report.mode = Mode::History;
            let text = written(&report);
            assert!(!text.contains("example.com"), "{text}");
            let run = run(&report);
            let result = &run["results"][0];
            let mut properties = result["properties"].clone();
            let common = properties.as_object_mut().unwrap();
            assert!(common.remove("keyClass").is_some() && common.remove("confidence").is_some());
            assert_eq!(properties, expected, "{source:?}");
            let text = result["message"]["text"].as_str().unwrap();
            assert!(text.contains(story), "{text}");
            assert!(
                text.ends_with(" The same key is at [a.js:3 at c0c0c0c0 (stash)](1)."),
                "{text}"
            );
            assert_eq!(result["partialFingerprints"]["primaryLocationLineHash"], "abc:1");
            let uri = "/locations/0/physicalLocation/artifactLocation/uri";
            let uri = result.pointer(uri).unwrap().as_str().unwrap();
            let expected = path.replace(' ', "%20");
            assert!(uri == expected || uri == format!(".git/tag-message/{expected}"), "{uri}");
        }
    }

    #[test]
    fn runs_have_a_category_a_mode_and_history_its_own_severities() {
        for (mode, id, level) in [
            (Mode::Tree, "keyside/tree/", "warning"),
            (Mode::Stdin, "keyside/stdin/", "warning"),
            (Mode::History, "keyside/history/", "note"),
            (Mode::Range, "keyside/range/", "warning"),
            (Mode::Staged, "keyside/staged/", "warning"),
        ] {
            let findings = ["magicx-secret-key", "magicx-access-token"].map(|id| Finding {
                rule_id: id.to_owned(),
                ..finding(1, Severity::Error, &[b"a"])
            });
            let run = run(&Report { mode, ..report(findings.into()) });
            assert_eq!(run["automationDetails"]["id"], id);
            let rules = &run["tool"]["driver"]["rules"];
            let levels = each(rules, "/defaultConfiguration/level");
            assert_eq!(levels, ["error", level], "{id}");
            let score = if level == "note" { "3.1" } else { "4.8" };
            assert_eq!(each(rules, "/properties/security-severity"), ["9.1", score]);
        }
    }

    #[test]
    fn an_incomplete_run_says_so() {
        let mut report = report(Vec::new());
        report.summary = Summary { skipped_links: 3, below_severity: 1, ..Summary::default() };
        let clean = run(&report);
        assert_eq!(clean["invocations"][0]["executionSuccessful"], true);
        assert_eq!(clean["automationDetails"]["id"], "keyside/tree/");
        assert_eq!(clean["results"], serde_json::json!([]));
        assert_eq!(clean.get("redactionTokens"), None);

        let notice = |path: Option<&str>, kind, message: &str| Notice {
            path: path.map(FilePath::from),
            kind,
            message: message.to_owned(),
        };
        report.notices = vec![
            notice(None, NoticeKind::Suppressed, "2 findings are hidden"),
            notice(Some("a b"), NoticeKind::Unreadable, "cannot be read"),
        ];
        let incomplete = run(&report);
        let invocation = &incomplete["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        assert_eq!(invocation["exitCode"], 1);
        let notifications = &invocation["toolExecutionNotifications"];
        assert_eq!(
            each(notifications, "/descriptor/id"),
            ["suppressed-by-tree", "unreadable", "skipped", "below-severity"]
        );
        assert_eq!(each(notifications, "/level"), ["note", "error", "note", "note"]);
        assert_eq!(
            each(notifications, "/message/text"),
            [
                "2 findings are hidden.",
                "a b: cannot be read.",
                "Skipped on purpose: symbolic links: 3.",
                "Findings below the requested severity: 1.",
            ]
        );
        assert_eq!(
            notifications[1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            "a%20b"
        );
    }

    #[test]
    fn too_many_results_lose_the_mildest_and_the_copies() {
        let copies = vec![&b"copy"[..]; MAX_RESULTS];
        let mut findings = vec![
            finding(1, Severity::Error, &copies),
            finding(2, Severity::Error, &[b"single"]),
            finding(3, Severity::Note, &[b"mild"]),
        ];
        let full = report(findings.clone());
        assert_eq!(left_out(&full, &options()), 2);
        let run = run(&full);
        let uris = each(&run["results"], "/locations/0/physicalLocation/artifactLocation/uri");
        assert_eq!(uris.len(), MAX_RESULTS);
        assert_eq!(uris[MAX_RESULTS - 1], "single");
        assert!(!uris.contains(&"mild"));
        let notifications = &run["invocations"][0]["toolExecutionNotifications"];
        assert_eq!(each(notifications, "/descriptor/id"), ["truncated"]);
        assert_eq!(each(notifications, "/level"), ["warning"]);
        assert_eq!(
            each(notifications, "/message/text"),
            ["Results left out, as GitHub keeps 5000: 2."]
        );
        findings[0].occurrences.truncate(MAX_RESULTS - 2);
        assert_eq!(left_out(&report(findings), &options()), 0);
    }

    #[test]
    fn what_is_accepted_is_told_to_who_asks() {
        let mut report = report(vec![finding(1, Severity::Error, &[b"a", b"b"])]);
        let region = report.findings[0].occurrences[0].region;
        let accepted = |path: &str, by| Suppressed {
            id: report.findings[0].id,
            rule_id: "magicx-access-token".to_owned(),
            provenance: Provenance::tree(FilePath::from(path)),
            region,
            by,
            is_by_change: false,
        };
        let inline = |reason: &str| Suppression::Inline {
            marker: "keyside:allow",
            reason: reason.to_owned(),
            terms: Terms::default(),
        };
        let by_file = Suppression::IgnoreFile {
            place: ".keysideignore:3".to_owned(),
            reason: String::new(),
            terms: Terms::default(),
        };
        report.suppressed = vec![accepted("c d", inline("[x](1)")), accepted("e", by_file)];
        let plain = run(&report);
        assert_eq!(plain["results"].as_array().unwrap().len(), 2);
        assert_eq!(plain["results"][0].get("suppressions"), None);
        let notifications = &plain["invocations"][0]["toolExecutionNotifications"];
        assert_eq!(each(notifications, "/message/text"), ["Accepted places: 2."]);

        let options = ReportOptions { verbose: true, ..options() };
        let rules = sample::rules();
        let log = serde_json::to_value(Log::new(&report, &rules, &options).sarif()).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        let suppressions: Vec<_> = results.iter().map(|own| &own["suppressions"]).collect();
        let of = |kind: &str, why: &str| json!([{ "kind": kind, "status": "accepted", "justification": why }]);
        let expected = [
            &json!([]),
            &json!([]),
            &of("inSource", "accepted by keyside:allow: \\[x\\](1)"),
            &of("external", "accepted by .keysideignore:3"),
        ];
        assert_eq!(suppressions, expected);
        let index = results[2]["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][index]["id"], "magicx-access-token");
        assert_eq!(results[2]["level"], "warning");
        let place = &results[2]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "c%20d");
        report.findings = vec![finding(1, Severity::Error, &vec![&b"x"[..]; MAX_RESULTS - 1])];
        assert_eq!(left_out(&report, &options), 1);
        let log = Log::new(&report, &rules, &options).sarif();
        assert_eq!(log.runs[0].results.as_ref().unwrap().len(), MAX_RESULTS);
    }

    #[test]
    fn code_flows_are_no_longer_than_github_keeps() {
        let leak = |imports| {
            let mut leak = sample::of_kind(FindingKind::Leak(LeakKind::ClientSecretLiteral));
            leak.exposure.trace = sample::long_trace(imports);
            leak
        };
        // More steps than a log may have.
        let mut findings = vec![leak(998); MAX_ALL_STEPS / 1_000 - 1];
        findings.extend([leak(1_500), leak(2), leak(1)]);
        let run = run(&report(findings));
        let steps: Vec<_> = run["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|own| {
                let steps = own.pointer("/codeFlows/0/threadFlows/0/locations");
                steps.map_or(0, |steps| steps.as_array().unwrap().len())
            })
            .collect();
        let most = MAX_ALL_STEPS / 1_000;
        assert_eq!(
            (steps.len(), steps[0], &steps[most - 1..]),
            (most + 2, 1_000, &[1_000, 0, 0][..])
        );
        let long = &run["results"][most - 1]["codeFlows"][0]["threadFlows"][0]["locations"];
        let text = |nth: usize| long[nth]["location"]["message"]["text"].as_str().unwrap();
        assert_eq!(
            (text(0), text(499), text(500)),
            ("route component", "imports ./m499", "imports ./m1002")
        );
        assert_eq!(text(999), "the key");
        let notifications = &run["invocations"][0]["toolExecutionNotifications"];
        assert_eq!(
            each(notifications, "/message/text"),
            ["Paths to clients that are cut short: 3."]
        );
    }

    #[test]
    fn a_full_log_is_not_too_large_for_github() {
        // The content is as random as possible, so that it compresses badly.
        let mut rng = Rng::new(7);
        let mut text = |length| rng.text(BODY, length);
        let findings = (0..MAX_RESULTS as u64).map(|seed| {
            let path = format!("{}/{}/{}.ts", text(12), text(12), text(12));
            let mut own = finding(seed, Severity::Error, &[path.as_bytes()]);
            own.occurrences[0].excerpt.fragments[0] = Fragment::Text(text(120));
            own.occurrences[0].excerpt.fragments[2] = Fragment::Text(text(120));
            own.exposure.side = Side::Client;
            own.kind = FindingKind::Leak(LeakKind::ClientSecretLiteral);
            own.exposure.trace = (0..12)
                .map(|line| {
                    let path = format!("{}/{}.ts", text(8), text(8));
                    sample::step(&path, line, StepKind::Import, &format!("imports ./{}", text(8)))
                })
                .collect();
            own
        });
        let text = written(&report(findings.collect()));
        let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
        let mut out = vec![0; compressor.gzip_compress_bound(text.len())];
        let size = compressor.gzip_compress(text.as_bytes(), &mut out).unwrap();
        assert!(size < 8_000_000, "{size} of {}", text.len());
    }

    #[test]
    fn a_pipeline_of_azure_is_named() {
        let pipeline = azure_pipeline::tests::pipeline("");
        let options = ReportOptions { pipeline, ..options() };
        let log = Log::new(&report(Vec::new()), &sample::rules(), &options).sarif();
        let run = &serde_json::to_value(log).unwrap()["runs"][0];
        let details = &run["automationDetails"];
        assert!(details["id"].as_str().unwrap().starts_with("azuredevops/pipeline/build/ours/"));
        assert_eq!(
            details["properties"],
            json!({
                "azuredevops/pipeline/build/buildDefinitionId": "12",
                "azuredevops/pipeline/build/buildDefinitionName": "checks",
                "azuredevops/pipeline/build/phaseId": "3a3a2a60-14c7-570b-14a4-fa42ad92f52a",
                "azuredevops/pipeline/build/phaseName": "Job"
            })
        );
    }
}
