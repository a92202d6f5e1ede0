//! Asks what reaches a client, and makes findings of the answer.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::PathBuf;

use keyside_exposure::{
    Analysis, FileSpan, Input, KeyFinder, Leak, LeakSubject, SecretNames, SidedSecret, TraceStep,
    analyse, files_to_search,
};
use rayon::prelude::{IntoParallelIterator, ParallelIterator};

use super::collect::{ClientLeak, FindingCollector, NamedLeak, PlacedSide};
use super::key_catalog::{ScannerKeys, catalog, chunk};
use super::occurrence::OccurrenceBuilder;
use crate::model::{
    Exposure, FilePath, FindingKind, Notice, NoticeKind, Occurrence, Oid, Provenance, Region,
    RuleIndex, Secret, Side, Step, Suppression,
};
use crate::rules::Ruleset;
use crate::scan::{KeyScanner, Locator, excerpt_of_place, line_hashes, marker_lines};
use crate::source::git::Snapshot;
use crate::source::{Encoding, Files, ProjectFolder, ScannedFiles};
use crate::suppress;

/// A scanner that also tells which files may have to do with a secret.
pub(super) fn scanner(rules: &Ruleset) -> KeyScanner<'_> {
    KeyScanner::with_seeds(rules, &SecretNames::new(&catalog(rules)).seeds())
}

/// Analyses the apps among the scanned paths `roots` that have seeds.
pub(super) fn of_folders(
    builder: OccurrenceBuilder<'_>,
    roots: &[PathBuf],
    collector: &mut FindingCollector,
) {
    let mut seeds = std::mem::take(&mut collector.seeds);
    if seeds.is_empty() {
        return;
    }
    seeds.sort_unstable();
    seeds.dedup();
    for folder in ProjectFolder::of(roots, &builder.plan.tree) {
        let mut own: Vec<String> = seeds.iter().filter_map(|seed| folder.path_of(seed)).collect();
        if own.is_empty() {
            continue;
        }
        own.sort_unstable();
        own.dedup();
        let mut analysis = analysed(builder, &folder, &own);
        // The imports of other files count, what else is in them was not asked for.
        analysis.leaks.retain(|leak| folder.is_scanned(&leak.at.path));
        LeakReporter::new(builder, &folder).report(analysis, collector);
    }
}

/// What a change adds.
pub(super) struct StateChange<'c> {
    /// The state that it leads to.
    pub(super) after: Snapshot<'c>,
    /// The states that it comes from.
    pub(super) before: Vec<Snapshot<'c>>,
    /// The files that it brings in and that may have to do with a secret.
    pub(super) seeds: Vec<String>,
    /// The files that it changes, brings in or takes away, as far as they
    /// [can matter](keyside_exposure::can_matter) though there is no secret in them.
    pub(super) changed: Vec<String>,
    /// All files and folders that it replaces or takes away.
    pub(super) old: Vec<String>,
    /// The files of which all counts as new, besides what is added.
    pub(super) whole: HashSet<String>,
}

/// Of the apps that a change touches, so many files are searched for secrets that were there
/// before.
const MAX_SEARCHED: usize = 20_000;

impl StateChange<'_> {
    /// Analyses the apps with seeds, as they are and as they were, and tells what is new.
    pub(super) fn report(self, builder: OccurrenceBuilder<'_>, collector: &mut FindingCollector) {
        let mut known = HashMap::new();
        let mut analysis = self.state(builder, &self.after, &[], &mut known);
        if !analysis.leaks.is_empty() || !analysis.notices.is_empty() {
            let before = self.before.iter();
            let before: Vec<Analysis> =
                before.map(|state| self.state(builder, state, &self.old, &mut known)).collect();
            let (leaks, notices): (Vec<_>, Vec<_>) =
                before.into_iter().map(|old| (old.leaks, old.notices)).unzip();
            let mut is_added = are_added(&analysis.leaks, &leaks).into_iter();
            analysis.leaks.retain(|leak| {
                is_added.next().unwrap_or(true) || self.whole.contains(&*leak.at.path)
            });
            let own: HashSet<&[u8]> =
                self.seeds.iter().chain(&self.changed).map(|path| path.as_bytes()).collect();
            analysis.notices.retain(|notice| {
                let is_own = notice.path.as_ref().is_none_or(|path| own.contains(path.as_bytes()));
                is_own || !notices.iter().any(|old| old.contains(notice))
            });
        }
        LeakReporter::new(builder, &self.after).report(analysis, collector);
    }

    /// What of a state reaches a client: of secrets in the files that the change brings in, in
    /// those of the apps that it touches, and in the files and folders `also`. Contents that are
    /// `known` are not searched again.
    fn state(
        &self,
        builder: OccurrenceBuilder<'_>,
        files: &Snapshot<'_>,
        also: &[String],
        known: &mut HashMap<Oid, bool>,
    ) -> Analysis {
        let (mut seeds, notices) = there(builder.scanner, files, &self.changed, also, known);
        seeds.extend(self.seeds.iter().cloned());
        seeds.sort_unstable();
        seeds.dedup();
        let mut analysis = analysed(builder, files, &seeds);
        analysis.notices.extend(notices);
        analysis
    }
}

/// The files that may have to do with a secret, of `also` and of the apps that `changed` files
/// belong to; and what could not be searched.
fn there(
    scanner: &KeyScanner<'_>,
    files: &Snapshot<'_>,
    changed: &[String],
    also: &[String],
    known: &mut HashMap<Oid, bool>,
) -> (Vec<String>, Vec<keyside_exposure::AnalysisNotice>) {
    let (mut paths, mut notices) =
        if changed.is_empty() { Default::default() } else { files_to_search(files, changed) };
    let report = |path: Option<&String>, message| keyside_exposure::AnalysisNotice {
        path: path.cloned(),
        message,
    };
    if paths.len() > MAX_SEARCHED {
        let count = paths.len();
        let message = format!(
            "of the apps that were changed, only {MAX_SEARCHED} of {count} files were searched for \
             secrets that were there before"
        );
        notices.push(report(None, message));
        paths.truncate(MAX_SEARCHED);
    }
    for path in also {
        paths.extend(files.below(path));
        paths.push(path.clone());
    }
    let named: Vec<(String, Option<Oid>)> = paths
        .into_iter()
        .map(|path| {
            let blob = files.origin(&path).blob;
            (path, blob)
        })
        .collect();
    let is_known =
        |(_, blob): &&(String, Option<Oid>)| blob.is_some_and(|b| known.contains_key(&b));
    let new: Vec<_> = named.iter().filter(|file| !is_known(file)).collect();
    let read: Vec<_> = new
        .into_par_iter()
        .map(|(path, blob)| {
            let bytes = files.read(path);
            (path, *blob, bytes.map(|bytes| bytes.map(|bytes| scanner.is_seed(&bytes))))
        })
        .collect();
    for (path, blob, is_seed) in read {
        match (blob, is_seed) {
            (Some(blob), Ok(Some(is_seed))) => drop(known.insert(blob, is_seed)),
            (_, Err(error)) => notices.push(report(Some(path), format!("cannot be read: {error}"))),
            (_, Ok(_)) => {}
        }
    }
    let is_seed = |blob: Option<Oid>| blob.is_some_and(|blob| known.get(&blob) == Some(&true));
    let seeds = named.into_iter().filter(|(_, blob)| is_seed(*blob)).map(|(path, _)| path);
    (seeds.collect(), notices)
}

/// What of a state reaches a client.
fn analysed(builder: OccurrenceBuilder<'_>, files: &dyn Files, seeds: &[String]) -> Analysis {
    let rules = &builder.plan.rules;
    let catalog = catalog(rules);
    let keys = ScannerKeys(builder.scanner);
    let mut analysis = analyse(&Input { files, catalog: &catalog, keys: &keys, seeds });
    analysis.leaks.retain(|leak| rules[RuleIndex(leak.key_kind.0)].is_reported());
    analysis
}

/// Which of `leaks` none of the states before had: of each kind and secret there are more than in
/// any of them, and these are the ones at paths where it was not before.
fn are_added(leaks: &[Leak], before: &[Vec<Leak>]) -> Vec<bool> {
    let same = |one: &Leak, other: &Leak| {
        (one.kind, one.key_kind, &one.subject) == (other.kind, other.key_kind, &other.subject)
    };
    let is_new = |nth: usize| {
        let leak = &leaks[nth];
        let count = |all: &[Leak], path: Option<&str>| {
            let is_meant =
                |own: &&Leak| same(own, leak) && path.is_none_or(|path| *own.at.path == *path);
            all.iter().filter(is_meant).count()
        };
        let path = &*leak.at.path;
        let added = |path| {
            let most = before.iter().map(|old| count(old, path)).max().unwrap_or(0);
            count(leaks, path).saturating_sub(most)
        };
        // How many of the same come behind it at its path, so that the last ones are new.
        let behind = count(&leaks[nth + 1..], Some(path));
        added(None) > 0 && added(Some(path)) > behind
    };
    (0..leaks.len()).map(is_new).collect()
}

/// Makes findings of what an analysis says of a state.
struct LeakReporter<'t> {
    builder: OccurrenceBuilder<'t>,
    files: &'t dyn ScannedFiles,
    texts: HashMap<String, String>,
}

impl<'t> LeakReporter<'t> {
    fn new(builder: OccurrenceBuilder<'t>, files: &'t dyn ScannedFiles) -> Self {
        Self { builder, files, texts: HashMap::new() }
    }

    /// Adds all to what was found.
    fn report(mut self, analysis: Analysis, collector: &mut FindingCollector) {
        for notice in analysis.notices {
            collector.notices.push(Notice {
                path: notice.path.map(|path| self.files.origin(&path).path),
                kind: NoticeKind::Exposure,
                message: notice.message,
            });
        }
        for leak in analysis.leaks {
            self.leak(leak, collector);
        }
        for SidedSecret { at, side, framework } in analysis.sided {
            // Only a leak puts anything on the side of the client.
            if side != Side::Client {
                let region = self.region(&at);
                collector.add_side(self.origin(&at.path), PlacedSide { region, side, framework });
            }
        }
    }

    fn leak(&mut self, leak: Leak, collector: &mut FindingCollector) {
        let rule = &self.builder.plan.rules[RuleIndex(leak.key_kind.0)];
        let secret = match &leak.subject {
            LeakSubject::Secret(secret) => Some(secret),
            LeakSubject::Name(_) => None,
        };
        let leak_here = ClientLeak {
            kind: FindingKind::Leak(leak.kind),
            severity: leak.severity,
            confidence: leak.confidence,
            exposure: Exposure {
                side: Side::Client,
                framework: leak.framework,
                confidence: Some(leak.confidence),
                trace: self.steps(&leak.trace),
                related: self.steps(&leak.related),
                fix: self.builder.scanner.masked_text(&leak.fix),
            },
            occurrence: self.seen(&leak.at, &rule.id, secret),
        };
        match leak.subject {
            LeakSubject::Secret(secret) => {
                collector.add_leak(RuleIndex(leak.key_kind.0), &secret, leak_here);
            }
            LeakSubject::Name(name) => {
                let named = NamedLeak {
                    kind: FindingKind::Leak(leak.kind),
                    rule: RuleIndex(leak.key_kind.0),
                    path: FilePath::from_bytes(leak.at.path.as_bytes()),
                    origin: leak_here.occurrence.0.origin.clone(),
                    name: self.builder.scanner.masked_text(&name),
                };
                collector.add_named_leak(named, leak_here);
            }
        }
    }

    fn steps(&mut self, hops: &[TraceStep]) -> Vec<Step> {
        let steps = hops.iter().map(|hop| Step {
            path: self.origin(&hop.at.path).path,
            place: self.region(&hop.at).start,
            kind: hop.kind,
            note: self.builder.scanner.masked_text(&hop.note),
        });
        steps.collect()
    }

    /// How reports name a file.
    fn origin(&self, path: &str) -> Provenance {
        let origin = self.files.origin(path);
        Provenance { path: self.builder.shown(origin.path), ..origin }
    }

    /// The text of a file; empty if it cannot be read any more.
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

    /// The place of a leak as an occurrence, and what accepts it there.
    fn seen(
        &mut self,
        at: &FileSpan,
        rule_id: &str,
        secret: Option<&Secret>,
    ) -> (Occurrence, Option<Suppression>) {
        let (builder, origin) = (self.builder, self.origin(&at.path));
        let text = self.text(&at.path);
        let span = range(text, at);
        let region = region(text, &span);
        let found = builder.scanner.near(&chunk(text), &span);
        let line_hash = if builder.line_hashes {
            line_hashes(text, &[region.start.line]).pop().flatten()
        } else {
            None
        };
        let accepted = builder.plan.inline.then(|| {
            let first = span.start..span.start;
            let (line, previous) = marker_lines(text.as_bytes(), Encoding::Bytes, &first);
            suppress::inline(&line, previous.as_deref(), rule_id)
        });
        let excerpt = excerpt_of_place(text, &span, &found, secret);
        (Occurrence { origin, region, layers: Vec::new(), excerpt, line_hash }, accepted.flatten())
    }
}

/// Where a place is in its text, whatever the text has become since.
fn range(text: &str, at: &FileSpan) -> Range<usize> {
    let start = text.floor_char_boundary(at.span.start as usize);
    let end = text.floor_char_boundary(at.span.end as usize);
    start..end.max(start)
}

fn region(text: &str, range: &Range<usize>) -> Region {
    let mut here = Locator::new(Encoding::Bytes);
    here.advance(&text.as_bytes()[..range.start]);
    let start = here.place();
    here.advance(&text.as_bytes()[range.clone()]);
    Region { start, end: here.place() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Confidence, LeakKind, Severity};
    use keyside_exposure::{KeyKindId, Span};

    fn leak(kind: LeakKind, name: &str, path: &str) -> Leak {
        Leak {
            kind,
            key_kind: KeyKindId(0),
            subject: LeakSubject::Name(name.to_owned()),
            at: FileSpan { path: path.into(), span: Span { start: 0, end: 1 } },
            written_at: None,
            severity: Severity::Error,
            confidence: Confidence::High,
            framework: None,
            trace: Vec::new(),
            related: Vec::new(),
            fix: String::new(),
        }
    }

    #[test]
    fn what_there_is_more_of_than_before_is_added() {
        const READ: LeakKind = LeakKind::ClientSecretEnv;
        const OTHER: LeakKind = LeakKind::PublicEnvSecret;
        type Places = &'static [(LeakKind, &'static str, &'static str)];
        let cases: [(Places, Places, &[usize]); 7] = [
            (&[(READ, "K", "a")], &[], &[0]),
            (&[(READ, "K", "a")], &[(READ, "K", "a")], &[]),
            (&[(READ, "K", "b")], &[(READ, "K", "a")], &[]),
            (&[(READ, "K", "a")], &[(OTHER, "K", "a")], &[0]),
            (&[(READ, "L", "a")], &[(READ, "K", "a")], &[0]),
            (&[(READ, "K", "a"), (READ, "K", "b")], &[(READ, "K", "a")], &[1]),
            (&[(READ, "K", "a"), (READ, "K", "a")], &[(READ, "K", "a")], &[1]),
        ];
        for (after, before, expected) in cases {
            let all = |places: Places| -> Vec<Leak> {
                let leaks = places.iter().zip(0..).map(|(&(kind, name, path), nth)| {
                    let mut leak = leak(kind, name, path);
                    leak.at.span.start = nth;
                    leak
                });
                leaks.collect()
            };
            let added = are_added(&all(after), &[Vec::new(), all(before)]);
            let places: Vec<_> = (0..added.len()).filter(|&nth| added[nth]).collect();
            assert_eq!(places, expected, "{after:?} {before:?}");
        }
    }

    #[test]
    fn places_outside_of_a_text_are_brought_in() {
        let at = |start, end| FileSpan { path: "".into(), span: Span { start, end } };
        assert_eq!(range("é", &at(1, 9)), 0..2);
        assert_eq!(range("ab", &at(2, 1)), 2..2);
        let region = region("a\né=", &(4..5));
        assert_eq!((region.start.line, region.start.column, region.end.column), (2, 2, 3));
    }
}
