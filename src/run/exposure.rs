//! Runs the exposure analysis on scanned folders and on changes.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use keyside_exposure::{
    Analysis, AnalysisNotice, EditVerdict, EditedModule, Input, Leak, ParsedModules, StateRecord,
    StateRecorder, adds_no_leak, analyse_edits, analyse_sharing, can_change_exposure,
    files_in_scope, is_module_source, is_same_code, may_ship_secret,
};
use rayon::prelude::{IntoParallelIterator, ParallelIterator};

use super::blob_search::pool;
use super::clean_changes::{CleanChanges, PartsDigest, RulesDigest, key as options_key};
use super::collect::FindingCollector;
use super::key_catalog::{ScannerKeys, catalog};
use super::leak_reporter::LeakReporter;
use super::module_cache::{ModuleCache, program};
use super::occurrence::OccurrenceBuilder;
use super::searched_blobs::SearchedBlobs;
use super::state_records::{StateId, StateRecords};
use crate::model::{Notice, Oid, RuleIndex};
use crate::rules::Ruleset;
use crate::scan::KeyScanner;
use crate::source::git::Snapshot;
use crate::source::{Files, ProjectFolder, ScannedFiles};

/// A scanner that also recognises seeds: files that may involve a secret.
pub(super) fn scanner(rules: &Ruleset) -> KeyScanner<'_> {
    KeyScanner::with_seeds(rules, &catalog(rules).seed_words())
}

/// Analyses the apps with seeds among the scanned paths `roots` and reports their leaks.
pub(super) fn report_folders(
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
        let mut folder_seeds: Vec<String> =
            seeds.iter().filter_map(|seed| folder.path_of(seed)).collect();
        if folder_seeds.is_empty() {
            continue;
        }
        folder_seeds.sort_unstable();
        folder_seeds.dedup();
        let parsed = ParsedModules::default();
        let mut analysis =
            on_threads(builder, || analyse_files(builder, &folder, &folder_seeds, (&parsed, None)));
        // Files outside the scanned paths count as importers, but their own leaks were not asked
        // for.
        analysis.leaks.retain(|leak| folder.is_scanned(&leak.at.path));
        LeakReporter::new(builder, &folder).report(analysis, collector);
    }
}

/// A change between two states of a project, such as a commit or what is staged.
pub(super) struct StateChange<'c> {
    /// The state after the change.
    pub(super) after: Snapshot<'c>,
    /// The states before it: several for a merge.
    pub(super) before: Vec<Snapshot<'c>>,
    /// The added or changed files that may involve a secret.
    pub(super) seeds: Vec<String>,
    /// The changed, added or removed files that [can change the exposure](keyside_exposure::can_change_exposure) even
    /// though they hold no secret.
    pub(super) changed: Vec<String>,
    /// All replaced or removed files and folders.
    pub(super) old: Vec<String>,
    /// The files in which every leak counts as new, whatever the states before had.
    pub(super) whole: HashSet<String>,
    /// For each added or changed file, its mode and content before; `None` if that is not all that the change
    /// does, or not known.
    pub(super) base: Option<HashMap<String, Option<(u32, Oid)>>>,
}

/// Knowledge of contents that several states have.
#[derive(Default)]
struct KnownContents<'s> {
    /// True for those that are seeds.
    searched: HashMap<Oid, bool>,
    /// Those that earlier runs have searched.
    earlier: Option<SearchedBlobs>,
    /// Their modules.
    parsed: ParsedModules<'s>,
    /// True if the change has seeds outside of the apps that it touches.
    has_other_seeds: bool,
}

impl KnownContents<'_> {
    /// Remembers the contents that were searched.
    fn keep(self, notices: &mut Vec<Notice>) {
        self.parsed.discard();
        if let Some(earlier) = self.earlier {
            earlier.keep(self.searched, notices);
        }
    }
}

/// The number of files searched for secrets that existed before a change, at most, in the apps that
/// the change touches.
const MAX_SEARCHED: usize = 20_000;

/// The number of changed files whose code is compared, at most.
const MAX_COMPARED: usize = 64;

impl StateChange<'_> {
    /// Reports the leaks that the change adds. With the folder of a cache, a change that is known to
    /// expose nothing is not analysed.
    pub(super) fn report(
        self,
        builder: OccurrenceBuilder<'_>,
        cache: Option<&Path>,
        collector: &mut FindingCollector,
    ) {
        // Of keys that were found, the analysis also tells the sides.
        let are_leaks_enough = collector.is_empty();
        let (kept_in, cache) = (cache, cache.filter(|_| are_leaks_enough));
        let rules = kept_in.map(|_| RulesDigest::of(builder.plan));
        let known = cache.zip(rules.as_ref()).and_then(|(folder, rules)| {
            let plan = (builder.plan, rules);
            CleanChanges::open(folder, plan, self.digest(), &mut collector.notices)
        });
        if known.as_ref().is_some_and(CleanChanges::has_change) {
            return;
        }
        let records = known.as_ref().and(cache).zip(rules.as_ref());
        let mut records = records.and_then(|(folder, rules)| self.records(builder, folder, rules));
        let holding = records.as_ref().and_then(|records| records.find(|it| self.id_before(it)));
        let verdict = match (&records, holding) {
            (Some(records), Some(number)) => self.verdict(builder.scanner, records.record(number)),
            (Some(_) | None, _) => EditVerdict::Unknown,
        };
        if verdict != EditVerdict::Unknown
            && let (Some(records), Some(number)) = (records.take(), holding)
        {
            let state = self.id_after(records.record(number));
            records.add_state(number, state, &mut collector.notices);
            if verdict == EditVerdict::Clear {
                if let Some(known) = known {
                    known.keep(&mut collector.notices);
                }
                return;
            }
        }
        // Of a folder that cannot be used, one notice is enough.
        let kept_in = kept_in.filter(|_| known.is_some() || !are_leaks_enough).zip(rules.as_ref());
        let earlier = kept_in.and_then(|(folder, rules)| {
            SearchedBlobs::open(folder, rules, self.after.format(), &mut collector.notices)
        });
        let kept_in = kept_in.filter(|_| earlier.is_some());
        let modules = kept_in.map(|(folder, rules)| ModuleCache::open(folder, rules));
        let parsed = match &modules {
            Some(modules) => ParsedModules::stored_in(modules),
            None => ParsedModules::default(),
        };
        let mut contents = KnownContents { earlier, parsed, ..KnownContents::default() };
        let recorder = records.is_some().then(StateRecorder::default);
        let (analysis, record) = self.analyse(builder, (are_leaks_enough, recorder), &mut contents);
        let is_whole = !contents.has_other_seeds
            && analysis.notices.iter().all(|notice| notice.path.is_some());
        contents.keep(&mut collector.notices);
        if let (Some(records), Some(record)) = (records, record.filter(|_| is_whole)) {
            let state = self.id_after(&record);
            records.add(record, state, &mut collector.notices);
        }
        if let Some(modules) = modules {
            modules.keep(&mut collector.notices);
        }
        if let Some(known) =
            known.filter(|_| analysis.leaks.is_empty() && analysis.notices.is_empty())
        {
            known.keep(&mut collector.notices);
        }
        LeakReporter::new(builder, &self.after).report(analysis, collector);
    }

    /// A digest of all that the analysis takes from the change.
    fn digest(&self) -> PartsDigest {
        let mut digest = PartsDigest::default();
        for state in std::iter::once(&self.after).chain(&self.before) {
            digest.add(&state.digest());
        }
        for list in [&self.seeds, &self.changed, &self.old] {
            digest.add_all(list.iter());
        }
        let mut whole: Vec<&String> = self.whole.iter().collect();
        whole.sort_unstable();
        digest.add_all(whole.into_iter());
        digest
    }

    /// Analyses the apps with seeds after and before the change. Gives the leaks it adds, and the
    /// notices that concern it. If `are_leaks_enough`, the sides of other secrets are not of interest. With a
    /// recorder, also gives the record of the state after it, if it was analysed.
    fn analyse(
        &self,
        builder: OccurrenceBuilder<'_>,
        (are_leaks_enough, recorder): (bool, Option<StateRecorder>),
        known: &mut KnownContents<'_>,
    ) -> (Analysis, Option<StateRecord>) {
        if self.keeps_code(builder.scanner) {
            return (Analysis::default(), None);
        }
        if are_leaks_enough
            && let Some(notices) = self.analyse_edits(builder, recorder.as_ref(), known)
        {
            let mut analysis = Analysis::default();
            analysis.notices = notices;
            return (analysis, recorder.map(StateRecorder::record));
        }
        let recorder = recorder.map(|_| StateRecorder::default());
        let after = &self.after;
        let mut analysis = self.analyse_state(builder, after, (&[], recorder.as_ref()), known);
        let touched = self.touched();
        let is_touched = |notice: &AnalysisNotice| is_of(notice, &touched);
        if analysis.leaks.is_empty() && self.only_edits_sources() {
            // The same files are there, and they are looked for in the same way: what could not be
            // followed in files that stay as they are could not be followed before, either.
            analysis.notices.retain(is_touched);
        } else if !analysis.leaks.is_empty() || !analysis.notices.iter().all(is_touched) {
            let before = self.before.iter();
            let before: Vec<Analysis> = before
                .map(|state| self.analyse_state(builder, state, (&self.old, None), known))
                .collect();
            let (old_leaks, old_notices): (Vec<_>, Vec<_>) =
                before.into_iter().map(|old| (old.leaks, old.notices)).unzip();
            let mut is_added = are_added(&analysis.leaks, &old_leaks).into_iter();
            analysis.leaks.retain(|leak| {
                is_added.next().unwrap_or(true) || self.whole.contains(&*leak.at.path)
            });
            analysis.notices.retain(|notice| {
                is_touched(notice) || !old_notices.iter().any(|old| old.contains(notice))
            });
        }
        (analysis, recorder.map(StateRecorder::record))
    }

    /// The records of the package that the change touches, if it is only one.
    fn records(
        &self,
        builder: OccurrenceBuilder<'_>,
        folder: &Path,
        rules: &RulesDigest,
    ) -> Option<StateRecords> {
        self.base.as_ref()?;
        let mut homes = self.changed.iter().chain(&self.seeds).map(|path| self.home(path));
        let home = homes.next()??;
        if homes.any(|other| other != Some(home)) {
            return None;
        }
        let mut key = PartsDigest::default();
        key.add(b"states");
        key.add(env!("CARGO_PKG_VERSION").as_bytes());
        key.add(program().as_bytes());
        key.add(&options_key(builder.plan, rules));
        key.add(home.as_bytes());
        Some(StateRecords::open(folder, key))
    }

    /// The innermost folder with a package around a file.
    fn home<'p>(&self, path: &'p str) -> Option<&'p str> {
        let folders = path.match_indices('/').map(|(slash, _)| &path[..slash]);
        let folders = std::iter::once("").chain(folders);
        let has_package = |folder: &&str| {
            let slash = if folder.is_empty() { "" } else { "/" };
            self.after.content_id(&format!("{folder}{slash}package.json")).is_some()
        };
        folders.filter(has_package).last()
    }

    /// The digest of the state before the change in the eyes of a record.
    fn id_before(&self, record: &StateRecord) -> StateId {
        let others = self.base.clone().unwrap_or_default();
        self.id(record, &others)
    }

    /// The digest of the state after the change in the eyes of a record.
    fn id_after(&self, record: &StateRecord) -> StateId {
        self.id(record, &HashMap::new())
    }

    fn id(&self, record: &StateRecord, others: &HashMap<String, Option<(u32, Oid)>>) -> StateId {
        let noted: HashSet<&str> = record.noted().collect();
        let counts =
            |path: &str| can_change_exposure(path) || may_ship_secret(path) || noted.contains(path);
        self.after.digest_with(others, counts).unwrap_or_default()
    }

    /// The verdict of a record of the state before about the change.
    fn verdict(&self, scanner: &KeyScanner<'_>, record: &StateRecord) -> EditVerdict {
        let [before] = &self.before[..] else { return EditVerdict::Unknown };
        let is_edit = self.whole.is_empty()
            && self.seeds.is_empty()
            && self.changed.len() <= MAX_COMPARED
            && self.only_edits_sources();
        if !is_edit {
            return EditVerdict::Unknown;
        }
        let of = |path: &String| {
            let text = |state: &Snapshot<'_>| {
                let text = state.read(path).ok().flatten()?;
                (!scanner.is_seed(&text)).then_some(text)
            };
            let (Some(old), Some(new)) = (text(before), text(&self.after)) else {
                return EditVerdict::Unknown;
            };
            record.verdict(path, &old, &new)
        };
        self.changed.iter().map(of).max().unwrap_or(EditVerdict::Unknown)
    }

    /// The files that the change brings in or takes away, which may matter.
    fn touched(&self) -> BTreeSet<&String> {
        self.seeds.iter().chain(&self.changed).collect()
    }

    /// The notices about the change, if it only edits modules, and if what these edits can have changed
    /// shows that no leak is new. Then the state before is not analysed, and of that after it only a part.
    fn analyse_edits(
        &self,
        builder: OccurrenceBuilder<'_>,
        recorder: Option<&StateRecorder>,
        known: &mut KnownContents<'_>,
    ) -> Option<Vec<AnalysisNotice>> {
        let touched = self.touched();
        if !self.whole.is_empty() || touched.len() > MAX_COMPARED || !self.only_edits_sources() {
            return None;
        }
        let edit = |path: &&String| {
            let before = self.before.iter().map(|state| state.read(path).ok().flatten());
            let before: Option<Vec<Vec<u8>>> = before.collect();
            Some(EditedModule { path: (*path).clone(), before: before? })
        };
        let edited: Option<Vec<EditedModule>> = touched.iter().map(edit).collect();
        let edited = edited?;
        let mut after = self.analyse_code(builder, &self.after, (&edited, &[], recorder), known)?;
        if !after.leaks.is_empty() {
            let back = |path: &&String| {
                let text = self.after.read(path).ok().flatten()?;
                Some(EditedModule { path: (*path).clone(), before: vec![text] })
            };
            let back: Option<Vec<EditedModule>> = touched.iter().map(back).collect();
            let back = back?;
            for state in &self.before {
                let before = self.analyse_code(builder, state, (&back, &self.old, None), known)?;
                if !adds_no_leak(&after.leaks, &before.leaks, &edited) {
                    return None;
                }
            }
        }
        after.notices.retain(|notice| is_of(notice, &touched));
        Some(after.notices)
    }

    /// Analyses the code of one state in which edits can have changed a leak, with seeds from the files
    /// `extra`, too; `None` if that may be anywhere.
    fn analyse_code(
        &self,
        builder: OccurrenceBuilder<'_>,
        files: &Snapshot<'_>,
        (edited, extra, recorder): (&[EditedModule], &[String], Option<&StateRecorder>),
        known: &mut KnownContents<'_>,
    ) -> Option<Analysis> {
        on_threads(builder, || {
            let (seeds, notices) = self.all_seeds(builder, files, extra, known);
            let (catalog, keys) = (catalog(&builder.plan.rules), ScannerKeys(builder.scanner));
            let input = Input { files, catalog: &catalog, keys: &keys, seeds: &seeds };
            let mut analysis = analyse_edits(&input, edited, &known.parsed, recorder)?;
            retain_reported(&mut analysis, &builder.plan.rules);
            analysis.notices.extend(notices);
            Some(analysis)
        })
    }

    /// True if only comments, type annotations and layout of modules change, in which nothing is of interest: what
    /// clients get is the same before and after.
    fn keeps_code(&self, scanner: &KeyScanner<'_>) -> bool {
        let is_same = |path: &String| {
            let text = |state: &Snapshot<'_>| {
                let text = state.read(path).ok().flatten()?;
                (!scanner.is_seed(&text)).then_some(text)
            };
            text(&self.after).is_some_and(|after| {
                let mut before = self.before.iter().map(text);
                before.all(|old| old.is_some_and(|old| is_same_code(path, &old, &after)))
            })
        };
        self.whole.is_empty()
            && self.seeds.is_empty()
            && self.changed.len() <= MAX_COMPARED
            && self.only_edits_sources()
            && self.changed.iter().all(is_same)
    }

    /// True if the change replaces the text of modules and does nothing else: no file comes or goes,
    /// and no setting changes.
    fn only_edits_sources(&self) -> bool {
        let exists = |files: &Snapshot<'_>, path: &str| files.provenance(path).blob.is_some();
        let is_edited = |path: &String| {
            is_module_source(path) && self.before.iter().all(|before| exists(before, path))
        };
        self.changed.iter().chain(&self.seeds).all(is_edited)
            && self.old.iter().all(|path| exists(&self.after, path))
    }

    /// Analyses one state, with seeds from the files that the change brings in, from the apps it
    /// touches, and from the files and folders `extra`. Known contents are not read again.
    fn analyse_state(
        &self,
        builder: OccurrenceBuilder<'_>,
        files: &Snapshot<'_>,
        (extra, recorder): (&[String], Option<&StateRecorder>),
        known: &mut KnownContents<'_>,
    ) -> Analysis {
        on_threads(builder, || {
            let (seeds, notices) = self.all_seeds(builder, files, extra, known);
            let shared = (&known.parsed, recorder);
            let mut analysis = analyse_files(builder, files, &seeds, shared);
            analysis.notices.extend(notices);
            analysis
        })
    }

    /// The seeds of one state, as [`Self::analyse_state`] takes them.
    fn all_seeds(
        &self,
        builder: OccurrenceBuilder<'_>,
        files: &Snapshot<'_>,
        extra: &[String],
        known: &mut KnownContents<'_>,
    ) -> (Vec<String>, Vec<AnalysisNotice>) {
        let (mut seeds, notices) = find_seeds(builder.scanner, files, &self.changed, extra, known);
        known.has_other_seeds |=
            extra.is_empty() && self.seeds.iter().any(|seed| !seeds.contains(seed));
        seeds.extend(self.seeds.iter().cloned());
        seeds.sort_unstable();
        seeds.dedup();
        (seeds, notices)
    }
}

/// True if a notice is about one of these files, or about none.
fn is_of(notice: &AnalysisNotice, files: &BTreeSet<&String>) -> bool {
    notice.path.as_ref().is_none_or(|path| files.contains(path))
}

/// Finds the files that may involve a secret, in `extra` and in the apps that `changed` files
/// belong to. Returns notices for files that could not be searched. Known contents are not
/// searched again.
fn find_seeds(
    scanner: &KeyScanner<'_>,
    files: &Snapshot<'_>,
    changed: &[String],
    extra: &[String],
    known: &mut KnownContents<'_>,
) -> (Vec<String>, Vec<AnalysisNotice>) {
    let (mut paths, mut notices) =
        if changed.is_empty() { Default::default() } else { files_in_scope(files, changed) };
    let notice = |path: Option<&String>, message| AnalysisNotice { path: path.cloned(), message };
    if paths.len() > MAX_SEARCHED {
        let count = paths.len();
        let message = format!(
            "of the apps that were changed, only {MAX_SEARCHED} of {count} files were searched for \
             secrets that were there before"
        );
        notices.push(notice(None, message));
        paths.truncate(MAX_SEARCHED);
    }
    for path in extra {
        paths.extend(files.below(path));
        paths.push(path.clone());
    }
    let files_with_blobs: Vec<(String, Option<Oid>)> = paths
        .into_iter()
        .map(|path| {
            let blob = files.provenance(&path).blob;
            (path, blob)
        })
        .collect();
    let KnownContents { searched, earlier, .. } = known;
    let blobs = files_with_blobs.iter().filter_map(|(_, blob)| *blob);
    searched.extend(blobs.filter_map(|blob| Some((blob, earlier.as_ref()?.is_seed(blob)?))));
    let is_searched =
        |(_, blob): &&(String, Option<Oid>)| blob.is_some_and(|blob| searched.contains_key(&blob));
    let unsearched: Vec<_> = files_with_blobs.iter().filter(|file| !is_searched(file)).collect();
    let results: Vec<_> = unsearched
        .into_par_iter()
        .map(|(path, blob)| {
            let is_seed = files.read(path).map(|bytes| {
                let bytes = bytes?;
                let is_seed = scanner.is_seed(&bytes);
                // The analysis reads it next.
                if let Some(blob) = blob.filter(|_| is_module_source(path)) {
                    files.keep(blob, bytes);
                }
                Some(is_seed)
            });
            (path, *blob, is_seed)
        })
        .collect();
    for (path, blob, is_seed) in results {
        match (blob, is_seed) {
            (Some(blob), Ok(Some(is_seed))) => drop(searched.insert(blob, is_seed)),
            (_, Err(error)) => notices.push(notice(Some(path), format!("cannot be read: {error}"))),
            (_, Ok(_)) => {}
        }
    }
    let is_seed = |blob: Option<Oid>| blob.is_some_and(|blob| searched.get(&blob) == Some(&true));
    let seeds =
        files_with_blobs.into_iter().filter(|(_, blob)| is_seed(*blob)).map(|(path, _)| path);
    (seeds.collect(), notices)
}

/// Analyses the apps of one state that have seeds.
pub(super) fn of_seeds(
    builder: OccurrenceBuilder<'_>,
    files: &dyn Files,
    seeds: &[String],
) -> Analysis {
    let parsed = ParsedModules::default();
    on_threads(builder, || analyse_files(builder, files, seeds, (&parsed, None)))
}

/// Does work on as many threads as the user wants; the analysis takes as many as its caller has.
fn on_threads<T: Send>(builder: OccurrenceBuilder<'_>, work: impl FnOnce() -> T + Send) -> T {
    match pool(builder.plan.tree.threads) {
        Some(pool) => pool.install(work),
        None => work(),
    }
}

/// Analyses files from their seeds and keeps the leaks whose rules are reported.
fn analyse_files(
    builder: OccurrenceBuilder<'_>,
    files: &dyn Files,
    seeds: &[String],
    (parsed, recorder): (&ParsedModules<'_>, Option<&StateRecorder>),
) -> Analysis {
    let rules = &builder.plan.rules;
    let catalog = catalog(rules);
    let keys = ScannerKeys(builder.scanner);
    let mut analysis =
        analyse_sharing(&Input { files, catalog: &catalog, keys: &keys, seeds }, parsed, recorder);
    retain_reported(&mut analysis, rules);
    analysis
}

/// Keeps the leaks whose rules are reported.
fn retain_reported(analysis: &mut Analysis, rules: &Ruleset) {
    analysis.leaks.retain(|leak| rules[RuleIndex(leak.key_kind.0)].is_reported());
}

/// For each leak, true if no state before had it: there are more leaks of its kind and secret than
/// in any state before, and more of them at its path.
fn are_added(leaks: &[Leak], before: &[Vec<Leak>]) -> Vec<bool> {
    let same = |one: &Leak, other: &Leak| {
        (one.kind, one.key_kind, &one.subject) == (other.kind, other.key_kind, &other.subject)
    };
    let is_new = |nth: usize| {
        let leak = &leaks[nth];
        let count = |all: &[Leak], path: Option<&str>| {
            let matches = |other: &&Leak| {
                same(other, leak) && path.is_none_or(|path| *other.at.path == *path)
            };
            all.iter().filter(matches).count()
        };
        let path = &*leak.at.path;
        let added = |path| {
            let most = before.iter().map(|old| count(old, path)).max().unwrap_or(0);
            count(leaks, path).saturating_sub(most)
        };
        // Equal leaks at one path cannot be told apart: the last ones count as new.
        let later = count(&leaks[nth + 1..], Some(path));
        added(None) > 0 && added(Some(path)) > later
    };
    (0..leaks.len()).map(is_new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Confidence, LeakKind, Severity};
    use keyside_exposure::{FileSpan, KeyKindId, LeakSubject, Span};

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
    fn leaks_beyond_the_old_number_are_added() {
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
}
