//! Turns the leaks of an exposure analysis into findings.

use std::collections::HashMap;
use std::ops::Range;

use keyside_exposure::{Analysis, FileSpan, KeyFinder, Leak, LeakSubject, SidedSecret, TraceStep};

use super::collect::{ClientLeak, FindingCollector, NamedLeak, PlacedSide};
use super::key_catalog::{ScannerKeys, chunk};
use super::markers::{InlineVerdict, MarkerReader};
use super::occurrence::OccurrenceBuilder;
use crate::model::{
    Exposure, FilePath, FindingKind, KeyId, Notice, NoticeKind, Occurrence, Provenance, Region,
    RuleIndex, Secret, Side, Step, StepKind,
};
use crate::scan::{Locator, excerpt_of_place, line_hashes};
use crate::source::{ScannedFiles, TextEncoding};

/// Turns the leaks and sides of an analysis into findings of a run.
pub(super) struct LeakReporter<'t> {
    builder: OccurrenceBuilder<'t>,
    files: &'t dyn ScannedFiles,
    texts: HashMap<String, String>,
    markers: HashMap<String, MarkerReader>,
}

/// The note on a file that git ignores.
const IGNORED: &str = "git ignores this file; the build does not";

impl<'t> LeakReporter<'t> {
    pub(super) fn new(builder: OccurrenceBuilder<'t>, files: &'t dyn ScannedFiles) -> Self {
        Self { builder, files, texts: HashMap::new(), markers: HashMap::new() }
    }

    /// Adds the analysis' notices, leaks and sides to the findings.
    pub(super) fn report(mut self, analysis: Analysis, collector: &mut FindingCollector) {
        for notice in analysis.notices {
            collector.notices.push(Notice {
                path: notice.path.map(|path| self.files.provenance(&path).path),
                kind: NoticeKind::Exposure,
                message: notice.message,
            });
        }
        for leak in analysis.leaks {
            self.add_leak(leak, collector);
        }
        self.add_sides(analysis.sided, collector);
    }

    /// Adds only the sides of secrets that were found: how they reach clients in these files, or that
    /// they stay on a server.
    pub(super) fn report_sides(mut self, analysis: Analysis, collector: &mut FindingCollector) {
        for leak in analysis.leaks {
            let LeakSubject::Secret(secret) = &leak.subject else { continue };
            let key = KeyId::new(RuleIndex(leak.key_kind.0), secret);
            let exposure = self.exposure(&leak);
            collector.add_head_exposure(&key, (leak.severity, leak.confidence), exposure);
        }
        self.add_sides(analysis.sided, collector);
    }

    fn add_sides(&mut self, sided: Vec<SidedSecret>, collector: &mut FindingCollector) {
        for SidedSecret { at, side, framework } in sided {
            // Only a leak puts a secret on the client's side.
            if side != Side::Client {
                let region = self.region(&at);
                collector
                    .add_side(self.provenance(&at.path), PlacedSide { region, side, framework });
            }
        }
    }

    fn add_leak(&mut self, leak: Leak, collector: &mut FindingCollector) {
        let rule = &self.builder.plan.rules[RuleIndex(leak.key_kind.0)];
        let secret = match &leak.subject {
            LeakSubject::Secret(secret) => Some(secret),
            LeakSubject::Name(_) => None,
        };
        let client_leak = ClientLeak {
            kind: FindingKind::Leak(leak.kind),
            severity: leak.severity,
            confidence: leak.confidence,
            exposure: self.exposure(&leak),
            occurrence: self.occurrence(&leak.at, &rule.id, secret),
        };
        match leak.subject {
            LeakSubject::Secret(secret) => {
                collector.add_leak(RuleIndex(leak.key_kind.0), &secret, client_leak);
            }
            LeakSubject::Name(name) => {
                let named = NamedLeak {
                    kind: FindingKind::Leak(leak.kind),
                    rule: RuleIndex(leak.key_kind.0),
                    path: FilePath::from_bytes(leak.at.path.as_bytes()),
                    provenance: client_leak.occurrence.0.provenance.clone(),
                    name: self.builder.scanner.masked_text(&name),
                };
                collector.add_named_leak(named, client_leak);
            }
        }
    }

    fn exposure(&mut self, leak: &Leak) -> Exposure {
        Exposure {
            side: Side::Client,
            framework: leak.framework,
            confidence: Some(leak.confidence),
            confirmed: None,
            trace: self.steps(&leak.trace),
            related: self.related(leak),
            fix: self.builder.scanner.masked_text(&leak.fix),
        }
    }

    /// The places that explain a leak, among them that a build reads what git ignores.
    fn related(&mut self, leak: &Leak) -> Vec<Step> {
        let mut related = self.steps(&leak.related);
        for (step, at) in related.iter_mut().zip(&leak.related) {
            if self.files.is_ignored(&at.at.path) {
                step.note = format!("{}: {IGNORED}", step.note);
            }
        }
        let has_said = leak.related.iter().any(|step| self.files.is_ignored(&step.at.path));
        let on_way = leak.trace.iter().map(|step| &step.at);
        let mut places = std::iter::once(&leak.at).chain(&leak.written_at).chain(on_way);
        if !has_said && let Some(at) = places.find(|at| self.files.is_ignored(&at.path)).cloned() {
            let place = self.region(&at).start;
            let path = self.provenance(&at.path).path;
            related.push(Step { path, place, kind: StepKind::Source, note: IGNORED.to_owned() });
        }
        related
    }

    fn steps(&mut self, trace: &[TraceStep]) -> Vec<Step> {
        let steps = trace.iter().map(|step| Step {
            path: self.provenance(&step.at.path).path,
            place: self.region(&step.at).start,
            kind: step.kind,
            note: self.builder.scanner.masked_text(&step.note),
        });
        steps.collect()
    }

    /// The file as reports name it.
    fn provenance(&self, path: &str) -> Provenance {
        let provenance = self.files.provenance(path);
        Provenance { path: self.builder.shown(provenance.path), ..provenance }
    }

    /// The text of a file; empty if it can no longer be read.
    fn text(&mut self, path: &str) -> &str {
        if !self.texts.contains_key(path) {
            let bytes = self.files.read(path).ok().flatten().unwrap_or_default();
            self.texts.insert(path.to_owned(), ScannerKeys(self.builder.scanner).text(&bytes));
        }
        self.texts.get(path).map_or("", String::as_str)
    }

    fn region(&mut self, at: &FileSpan) -> Region {
        let text = self.text(&at.path);
        region(text, &range(text, at))
    }

    /// The occurrence of a leak, and the decision of the markers there.
    fn occurrence(
        &mut self,
        at: &FileSpan,
        rule_id: &str,
        secret: Option<&Secret>,
    ) -> (Occurrence, InlineVerdict) {
        let (builder, provenance) = (self.builder, self.provenance(&at.path));
        let mut markers = self.markers.remove(&*at.path).unwrap_or_default();
        let text = self.text(&at.path);
        let span = narrowed(text, range(text, at), secret);
        let region = region(text, &span);
        let nearby = builder.scanner.near(&chunk(text), &span);
        let line_hash = if builder.line_hashes {
            line_hashes(text, &[region.start.line]).pop().flatten()
        } else {
            None
        };
        let first = span.start..span.start;
        let inline = builder.inline(&mut markers, &chunk(text), &first, rule_id);
        let excerpt = excerpt_of_place(text, &span, &nearby, secret);
        self.markers.insert(at.path.to_string(), markers);
        let occurrence = Occurrence {
            provenance,
            region,
            layers: Vec::new(),
            pieces: Vec::new(),
            excerpt,
            line_hash,
            accepted_by_change: None,
        };
        (occurrence, inline)
    }
}

/// The range of a place in its text, kept inside the text in case the file has changed since.
fn range(text: &str, at: &FileSpan) -> Range<usize> {
    let start = text.floor_char_boundary(at.span.start as usize);
    let end = text.floor_char_boundary(at.span.end as usize);
    start..end.max(start)
}

/// The part of a range that is the secret, if it is written there as it is.
fn narrowed(text: &str, range: Range<usize>, secret: Option<&Secret>) -> Range<usize> {
    let own = text.get(range.clone()).unwrap_or_default();
    let secret = secret.and_then(|secret| std::str::from_utf8(secret.reveal()).ok());
    match secret.and_then(|secret| Some((own.find(secret)?, secret.len()))) {
        Some((start, length)) => range.start + start..range.start + start + length,
        None => range,
    }
}

fn region(text: &str, range: &Range<usize>) -> Region {
    let mut locator = Locator::new(TextEncoding::Bytes);
    locator.advance(&text.as_bytes()[..range.start]);
    let start = locator.place();
    locator.advance(&text.as_bytes()[range.clone()]);
    Region { start, end: locator.place() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyside_exposure::Span;

    #[test]
    fn ranges_are_clamped_to_their_text() {
        let at = |start, end| FileSpan { path: "".into(), span: Span { start, end } };
        assert_eq!(range("é", &at(1, 9)), 0..2);
        assert_eq!(range("ab", &at(2, 1)), 2..2);
        let region = region("a\né=", &(4..5));
        assert_eq!((region.start.line, region.start.column, region.end.column), (2, 2, 3));
    }
}
