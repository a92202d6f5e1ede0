//! Attributes keys to commits, and builds their occurrences.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::Ordering;

use super::repository_scan::RepositoryScan;
use super::search::SearchResults;
use crate::model::{
    CommitInfo, FilePath, History, KeyId, Notice, NoticeKind, Occurrence, Oid, Provenance,
    SourceKind,
};
use crate::run::archive::{container_of, search_archive};
use crate::run::collect::FindingCollector;
use crate::run::commit_info::{age, change, past_rotation, tagged};
use crate::run::markers::InlineVerdict;
use crate::run::occurrence::OccurrenceBuilder;
use crate::scan::KeyMatch;
use crate::source::Chunk;
use crate::source::git::{
    CommitGraph, HistoryLocation, Index, KeyHistory, LfsStore, Mailmap, MatchAll, ObjectHit,
    ObjectKind, ObjectReader, ObjectStore, ObjectVisitor, OutsideObjects, Pointer,
    ReachabilityRoot, RepositoryContext, SearchedObject, TagObject, VisitedObject, WalkScope,
    attribute, message_start,
};

/// The context of attribution.
pub(super) struct Attribution<'a> {
    pub(super) repository_scan: &'a RepositoryScan<'a>,
    pub(super) objects: &'a ObjectReader<'a>,
    pub(super) outside: OutsideObjects<'a>,
    pub(super) store: &'a ObjectStore,
    pub(super) graph: &'a CommitGraph,
    pub(super) roots: &'a [ReachabilityRoot],
    pub(super) selected: Option<&'a [bool]>,
    /// The commits at which a shallow clone ends.
    pub(super) ends: &'a HashSet<Oid>,
    /// The content that Git LFS keeps.
    pub(super) lfs: &'a LfsStore,
    pub(super) mailmap: &'a Mailmap,
}

impl Attribution<'_> {
    /// Attributes the keys that were found, and says where the files are of which something was not read. All
    /// are looked up at once: the trees of a history are walked for it.
    pub(super) fn run(
        &self,
        mut seen: SearchResults,
        archive_faults: Vec<(Oid, Vec<Notice>)>,
        collector: &mut FindingCollector,
    ) {
        let object_hits = std::mem::take(&mut seen.object_hits);
        let keys = &seen.keys;
        self.repository_scan.scan.progress.keys.fetch_add(keys.len() as u64, Ordering::Relaxed);
        let pointers = seen.pointers_to_missing.iter().map(|(oid, _)| *oid);
        let broken = archive_faults.iter().map(|(oid, _)| *oid);
        let unread: BTreeSet<Oid> =
            seen.encrypted.iter().copied().chain(pointers).chain(broken).collect();
        let hits = with_files(object_hits, (keys.len() as u32..).zip(&unread));
        let index = self.index(&hits, &mut collector.notices);
        let (histories, is_whole) = self.attributed(&hits, keys.len() + unread.len(), &index);
        let (key_histories, of_unread) = histories.split_at(keys.len());
        let paths = unread.iter().zip(of_unread);
        let paths: HashMap<Oid, FilePath> =
            paths.filter_map(|(oid, own)| Some((*oid, self.first_path(own)?))).collect();
        report_unread(&seen, &paths, collector);
        report_archives(archive_faults, &paths, &mut collector.notices);
        if keys.is_empty() {
            return;
        }
        if !is_whole {
            collector.notices.push(Notice {
                path: None,
                kind: NoticeKind::Truncated,
                message: "the keys are in more paths than can be listed".to_owned(),
            });
        }
        self.place(keys, key_histories, collector);
        let mut changes = HashMap::new();
        for (key, key_history) in keys.iter().zip(key_histories) {
            if key_history.is_selected {
                let history = self.history(*key, key_history, &mut changes);
                collector.add_history(*key, history);
            }
        }
    }

    /// A path of a file with this history, as reports show it; `None` if no selected commit has it, or only at
    /// paths that are excluded.
    fn first_path(&self, history: &KeyHistory) -> Option<FilePath> {
        let seen = history.locations.iter().find(|location| !self.is_excluded(location));
        let seen = seen.filter(|_| history.is_selected)?;
        let path = [&self.repository_scan.prefix, &seen.path[..]].concat();
        Some(self.repository_scan.scan.builder.shown(FilePath::from_bytes(&path)))
    }

    /// The histories of the keys in `hits`; the second value is true if they are complete.
    fn attributed(
        &self,
        hits: &[ObjectHit],
        keys: usize,
        index: &BTreeMap<Oid, Vec<u8>>,
    ) -> (Vec<KeyHistory>, bool) {
        let tag = |oid: Oid| {
            TagObject::parse(&self.objects.read_as(ObjectKind::Tag, oid).ok()?, oid.format())
        };
        let context = RepositoryContext {
            roots: self.roots,
            // `Repository::roots` has reported a HEAD that cannot be read.
            head: self.repository_scan.repository.head().ok().flatten(),
            index,
            selected: self.selected,
            outside: self.outside,
            tag: &tag,
        };
        attribute(self.store, self.graph, hits, keys, &context)
    }

    /// The paths under which the indexes contain what was found.
    fn index(
        &self,
        object_hits: &[ObjectHit],
        notices: &mut Vec<Notice>,
    ) -> BTreeMap<Oid, Vec<u8>> {
        let found: HashSet<Oid> = object_hits.iter().map(|object_hit| object_hit.oid).collect();
        let repository = self.repository_scan.repository;
        let mut named = BTreeMap::new();
        for file in repository.index_files() {
            let beside = file.parent().unwrap_or(Path::new("."));
            match Index::read(&file, &[beside, repository.folder()], repository.format()) {
                Ok(index) => {
                    let own = index.entries.iter().filter(|entry| found.contains(&entry.oid));
                    named.extend(own.map(|entry| (entry.oid, index.path(entry).to_owned())));
                }
                Err(error) => notices.push(Notice {
                    path: Some(FilePath::from_path(&file)),
                    kind: NoticeKind::Unreadable,
                    message: format!("{error}"),
                }),
            }
        }
        named
    }

    /// Reads the versions that are shown, and builds occurrences of the keys in them.
    fn place(
        &self,
        keys: &[KeyId],
        key_histories: &[KeyHistory],
        collector: &mut FindingCollector,
    ) {
        let numbers: HashMap<KeyId, u32> = keys.iter().copied().zip(0..).collect();
        let mut locations: HashMap<Oid, HashMap<u32, Vec<&HistoryLocation>>> = HashMap::new();
        for (key, key_history) in
            (0..).zip(key_histories).filter(|(_, key_history)| key_history.is_selected)
        {
            for location in &key_history.locations {
                if self.is_excluded(location) {
                    collector.summary.skipped_excluded += 1;
                } else {
                    locations
                        .entry(location.object)
                        .or_default()
                        .entry(key)
                        .or_default()
                        .push(location);
                }
            }
        }
        let skip = |oid: Oid| !locations.contains_key(&oid);
        let kinds = |kind| kind != ObjectKind::Tree;
        let scope = WalkScope { kinds: &kinds, skip: Some(&skip), outside: self.outside };
        let builder = self.repository_scan.scan.builder;
        let prefix = &self.repository_scan.prefix;
        let visitors = self.store.search(&MatchAll, &scope, || OccurrenceVisitor {
            builder,
            prefix,
            lfs: self.lfs,
            numbers: &numbers,
            locations: &locations,
            shown: Vec::new(),
        });
        for visitor in visitors {
            for (key, occurrence, accepted) in visitor.shown {
                collector.occurrences(&key).push((occurrence, accepted));
            }
        }
    }

    fn is_excluded(&self, location: &HistoryLocation) -> bool {
        let is_file =
            !matches!(location.source, SourceKind::CommitMessage | SourceKind::TagMessage);
        let exclude = self.repository_scan.scan.plan.tree.exclude.as_ref().filter(|_| is_file);
        exclude.is_some_and(|exclude| {
            let path = [&self.repository_scan.prefix, location.path.as_slice()].concat();
            let path = self.repository_scan.scan.base().join(FilePath::from_bytes(&path).to_path());
            path.ancestors().any(|path| exclude(path, false)) || exclude(&path, false)
        })
    }

    fn history(
        &self,
        key: KeyId,
        key_history: &KeyHistory,
        changes: &mut HashMap<(Oid, Vec<u8>), Option<CommitInfo>>,
    ) -> History {
        let mut known = |oid: Oid, path: &[u8]| {
            let entry = changes.entry((oid, path.to_vec()));
            entry.or_insert_with(|| self.change(oid, path)).clone()
        };
        let first_seen = key_history.first.as_ref().and_then(|first| {
            let change = known(first.object, &first.path)?;
            let is_cut = first.is_in_tree && self.ends.contains(&first.object);
            Some(if is_cut { change.at_boundary() } else { change })
        });
        let removed_in = key_history.removed.and_then(|oid| known(oid, &[]));
        let age_days = first_seen.as_ref().and_then(age);
        let rule = &self.repository_scan.scan.plan.rules[key.rule];
        let prefix = String::from_utf8_lossy(&self.repository_scan.prefix);
        let masked = |branch: &String| {
            self.repository_scan.scan.scanner.masked_text(&format!("{prefix}{branch}"))
        };
        History {
            in_head: key_history.in_head,
            first_seen,
            removed_in,
            branches: key_history.branches.iter().map(masked).collect(),
            age_days,
            past_rotation: past_rotation(rule, age_days),
        }
    }

    fn change(&self, oid: Oid, path: &[u8]) -> Option<CommitInfo> {
        let scanner = self.repository_scan.scan.scanner;
        let mut whole = self.repository_scan.prefix.clone();
        whole.extend_from_slice(path);
        let path = self.repository_scan.scan.builder.shown(FilePath::from_bytes(&whole));
        let (kind, object) = self.objects.read(oid).ok()?;
        match kind {
            ObjectKind::Commit => change(scanner, self.mailmap, oid, &object, path),
            ObjectKind::Tag => tagged(scanner, self.graph.peel(oid), &object, path),
            ObjectKind::Tree | ObjectKind::Blob => None,
        }
    }
}

/// The hits, with each of these files as one of a key of its own, whose number it has.
fn with_files<'f>(
    mut hits: Vec<ObjectHit>,
    files: impl Iterator<Item = (u32, &'f Oid)>,
) -> Vec<ObjectHit> {
    let known = hits.iter().enumerate().filter(|(_, hit)| hit.kind == ObjectKind::Blob);
    let known: HashMap<Oid, usize> = known.map(|(at, hit)| (hit.oid, at)).collect();
    for (number, &oid) in files {
        match known.get(&oid) {
            Some(&at) => hits[at].keys.push(number),
            None => hits.push(ObjectHit { oid, kind: ObjectKind::Blob, keys: vec![number] }),
        }
    }
    hits
}

/// Says which files were not searched, and why.
fn report_unread(
    seen: &SearchResults,
    paths: &HashMap<Oid, FilePath>,
    collector: &mut FindingCollector,
) {
    // Each path once, in order.
    let paths_of = |blobs: &mut dyn Iterator<Item = &Oid>| -> BTreeSet<FilePath> {
        blobs.filter_map(|oid| paths.get(oid)).cloned().collect()
    };
    let elsewhere = &mut collector.kept_elsewhere;
    elsewhere.encrypted.extend(paths_of(&mut seen.encrypted.iter()));
    let (annex, lfs): (Vec<_>, Vec<_>) =
        seen.pointers_to_missing.iter().partition(|(_, pointer)| *pointer == Pointer::Annex);
    for kind in [annex, lfs] {
        for path in paths_of(&mut kind.iter().map(|(oid, _)| oid)) {
            elsewhere.missing(&kind[0].1, path);
        }
    }
}

/// Says what could not be read of archives.
fn report_archives(
    faults: Vec<(Oid, Vec<Notice>)>,
    paths: &HashMap<Oid, FilePath>,
    notices: &mut Vec<Notice>,
) {
    for (oid, own) in faults {
        let Some(path) = paths.get(&oid) else { continue };
        notices.extend(own.into_iter().map(|notice| {
            let inner = notice.path.as_ref().map(FilePath::as_bytes).unwrap_or_default();
            let whole = FilePath::from_bytes(&[path.as_bytes(), inner].concat());
            Notice { path: Some(whole), ..notice }
        }));
    }
}

/// Builds occurrences of the keys in the objects that are shown.
struct OccurrenceVisitor<'s> {
    builder: OccurrenceBuilder<'s>,
    prefix: &'s [u8],
    lfs: &'s LfsStore,
    numbers: &'s HashMap<KeyId, u32>,
    locations: &'s HashMap<Oid, HashMap<u32, Vec<&'s HistoryLocation>>>,
    shown: Vec<(KeyMatch<'s>, Occurrence, InlineVerdict)>,
}

impl ObjectVisitor for OccurrenceVisitor<'_> {
    fn object(&mut self, object: VisitedObject<'_>) {
        let Some(locations) = self.locations.get(&object.oid) else {
            return;
        };
        if object.kind == ObjectKind::Blob {
            let kept = Pointer::parse(object.bytes).is_some();
            let kept = kept.then(|| self.lfs.content(object.bytes.to_owned()).into_bytes());
            let bytes = kept.as_deref().unwrap_or(object.bytes);
            self.text(bytes, true, locations);
            return self.archive(bytes, locations);
        }
        // Lines are counted from the first line of the message; for a key in the headers, from the
        // first header.
        let (headers, message) = object.bytes.split_at(message_start(object.bytes));
        self.text(headers, false, locations);
        self.text(message, false, locations);
    }

    fn damaged(&mut self, _: Oid, _: &str) {}

    fn searched(&mut self, _: SearchedObject<'_>) {}
}

impl OccurrenceVisitor<'_> {
    fn text(
        &mut self,
        bytes: &[u8],
        is_blob: bool,
        locations: &HashMap<u32, Vec<&HistoryLocation>>,
    ) {
        let chunk = Chunk::whole(bytes);
        let found = self.builder.scanner.find(&chunk);
        // Only rules for some places ask for the path.
        let has_places = found.keys.iter().any(|key| key.rule.place.is_some());
        let all = locations.values().flatten().map(|location| Some(location.path.as_slice()));
        let paths: BTreeSet<_> = if has_places { all.collect() } else { BTreeSet::from([None]) };
        for path in paths {
            let place = Provenance::tree(FilePath::from_bytes(path.unwrap_or_default()));
            for (key, occurrence, accepted) in self.builder.place_whole(&place, &chunk, &found) {
                let number = self.numbers.get(&key.id());
                let of_key = number.and_then(|number| locations.get(number)).into_iter().flatten();
                for location in of_key.filter(|own| path.is_none_or(|path| own.path == path)) {
                    let provenance = self.provenance(location, is_blob);
                    let occurrence = Occurrence { provenance, ..occurrence.clone() };
                    self.shown.push((key.clone(), occurrence, accepted.clone()));
                }
            }
        }
    }

    /// Builds the occurrences in a blob that is an archive.
    fn archive(&mut self, bytes: &[u8], locations: &HashMap<u32, Vec<&HistoryLocation>>) {
        // The first pass knew no names.
        let Some(container) = container_of(self.builder.plan.archives, b"", bytes) else { return };
        let mut found = Vec::new();
        let Some(first) = locations.values().flatten().next() else { return };
        // Only the names of what is in compressed files depend on that of the file.
        let named = self.provenance(first, true);
        // What could not be read of it has been reported.
        search_archive(self.builder, (container, bytes), &named, &mut |archived| {
            found.push((archived.key, archived.occurrence, archived.inline));
        });
        for (key, occurrence, inline) in found {
            let number = self.numbers.get(&key.id());
            for location in number.and_then(|number| locations.get(number)).into_iter().flatten() {
                let outer = self.provenance(location, true);
                let inner = occurrence.provenance.text_path().as_bytes();
                let inner = inner.strip_prefix(named.path.as_bytes()).unwrap_or(inner);
                let inside = FilePath::from_bytes(&[outer.path.as_bytes(), inner].concat());
                let provenance = Provenance { inside: Some(inside), ..outer };
                let occurrence = Occurrence { provenance, ..occurrence.clone() };
                self.shown.push((key.clone(), occurrence, inline.clone()));
            }
        }
    }

    fn provenance(&self, location: &HistoryLocation, is_blob: bool) -> Provenance {
        let path = [self.prefix, &location.path].concat();
        Provenance {
            source: location.source,
            path: self.builder.shown(FilePath::from_bytes(&path)),
            commit: location.commit,
            blob: is_blob.then_some(location.object),
            inside: None,
        }
    }
}
