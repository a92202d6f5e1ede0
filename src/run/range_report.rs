//! Reports the keys of a range: their locations and their histories.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::archive::{container_of, search_archive};
use super::collect::FindingCollector;
use super::commit_info::{age, change, past_rotation};
use super::git_scan::GitScan;
use super::range_commits::{IntroducedKeys, RangeCommits};
use super::tree_keys::{KeyLocation, KeySet, TreeKeys};
use crate::model::{CommitInfo, FilePath, History, KeyId, Oid, Provenance, SourceKind};
use crate::scan::KeyMatch;
use crate::source::Chunk;
use crate::source::git::{
    CommitObject, CommitRange, Mailmap, ObjectKind, ObjectReader, message_start,
};

/// Reports what was found in a range.
pub(super) struct RangeReporter<'t> {
    scan: &'t GitScan<'t>,
    objects: &'t ObjectReader<'t>,
    commits: &'t RangeCommits,
    mailmap: Mailmap,
    tip: Oid,
    head: Option<Oid>,
    /// The commits with a key in their message or headers.
    in_messages: BTreeMap<KeyId, Vec<usize>>,
}

impl<'t> RangeReporter<'t> {
    pub(super) fn new(
        scan: &'t GitScan<'t>,
        objects: &'t ObjectReader<'t>,
        range: &CommitRange,
        commits: &'t RangeCommits,
        head: Option<Oid>,
    ) -> Self {
        let (mailmap, in_messages) = (scan.repository.mailmap(), BTreeMap::new());
        Self { scan, objects, commits, mailmap, tip: range.tip, head, in_messages }
    }

    /// Finds the keys in the messages and headers of the selected commits.
    pub(super) fn messages(
        &mut self,
        selected: &[usize],
        keys: &mut TreeKeys<'_>,
        collector: &mut FindingCollector,
    ) {
        for &nth in selected {
            let node = &self.commits.list[nth];
            if !node.has_keyword {
                continue;
            }
            let Ok(object) = self.objects.read_as(ObjectKind::Commit, node.oid) else { continue };
            let provenance = Provenance {
                source: SourceKind::CommitMessage,
                path: FilePath::from_bytes(node.oid.to_string().as_bytes()),
                commit: Some(node.oid),
                blob: None,
                inside: None,
            };
            // Lines are counted as people see them: from the first line of the message.
            let (headers, message) = object.split_at(message_start(&object));
            for text in [headers, message] {
                let chunk = Chunk::whole(text);
                let found = self.scan.scanner.find(&chunk);
                for (key, occurrence, accepted) in
                    self.scan.builder.place_whole(&provenance, &chunk, &found)
                {
                    let id = key.id();
                    keys.learn(id);
                    let in_messages = self.in_messages.entry(id).or_default();
                    if in_messages.last() != Some(&nth) {
                        in_messages.push(nth);
                    }
                    collector.occurrences(key).push((occurrence, accepted));
                }
            }
        }
    }

    /// Finds the locations of the introduced keys: those in the tip first, then earlier ones.
    pub(super) fn files(
        &self,
        introduced: &IntroducedKeys,
        keys: &mut TreeKeys<'_>,
        collector: &mut FindingCollector,
    ) {
        let mut told = HashSet::new();
        let all: Vec<u32> = introduced.keys().copied().collect();
        if let Some(tree) = self.tree(self.tip) {
            let source =
                if self.head == Some(self.tip) { SourceKind::Head } else { SourceKind::Commit };
            for location in keys.locations(tree, &all) {
                self.location(source, self.tip, location, &mut told, keys, collector);
            }
        }
        let mut by_commit: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for (&key, commits) in introduced {
            for &nth in commits {
                by_commit.entry(nth).or_default().push(key);
            }
        }
        let mut order: Vec<usize> = by_commit.keys().copied().collect();
        order.sort_by_key(|&nth| (self.commits.list[nth].committed, std::cmp::Reverse(nth)));
        for nth in order {
            let node = &self.commits.list[nth];
            for location in keys.locations(node.tree, &by_commit[&nth]) {
                self.location(SourceKind::Commit, node.oid, location, &mut told, keys, collector);
            }
        }
    }

    /// Builds the occurrences of the keys at a location, without those already reported at its
    /// path.
    fn location(
        &self,
        source: SourceKind,
        commit: Oid,
        location: KeyLocation,
        told: &mut HashSet<(Vec<u8>, bool, u32)>,
        keys: &TreeKeys<'_>,
        collector: &mut FindingCollector,
    ) {
        let is_name = location.blob.is_none();
        let new =
            location.keys.iter().filter(|&&key| told.insert((location.path.clone(), is_name, key)));
        let new: BTreeSet<KeyId> = new.map(|&key| keys.key(key)).collect();
        if new.is_empty() {
            return;
        }
        let path = self.scan.builder.shown(FilePath::from_bytes(&location.path));
        let provenance =
            Provenance { source, path, commit: Some(commit), blob: location.blob, inside: None };
        let is_new = |key: &KeyMatch<'_>| new.contains(&key.id());
        let Some(blob) = location.blob else {
            let name = location.path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
            for (key, occurrence) in self.scan.builder.in_name(name, || provenance.clone()) {
                if is_new(&key) {
                    let inline = self.scan.builder.unmarked();
                    collector.occurrences(&key).push((occurrence, inline));
                }
            }
            return;
        };
        // It has been read once already.
        let Ok(bytes) = self.objects.read_as(ObjectKind::Blob, blob) else { return };
        let bytes = self.scan.lfs.content(bytes).into_bytes();
        let chunk = Chunk::whole(&bytes);
        let found = self.scan.scanner.find(&chunk);
        for (key, occurrence, accepted) in
            self.scan.builder.place_whole(&provenance, &chunk, &found)
        {
            if is_new(key) {
                collector.occurrences(key).push((occurrence, accepted));
            }
        }
        if let Some(container) =
            container_of(self.scan.plan.archives, provenance.path.as_bytes(), &bytes)
        {
            // What could not be read of it has been reported.
            search_archive(self.scan.builder, (container, &bytes), &provenance, &mut |found| {
                if is_new(&found.key) {
                    let placed = (found.occurrence, found.inline);
                    collector.occurrences(&found.key).push(placed);
                }
            });
        }
    }

    /// Adds the history of every key that was found.
    pub(super) fn histories(
        &self,
        introduced: &IntroducedKeys,
        keys: &mut TreeKeys<'_>,
        collector: &mut FindingCollector,
    ) {
        let numbers: Vec<u32> = (0..keys.count())
            .filter(|&key| {
                introduced.contains_key(&key) || self.in_messages.contains_key(&keys.key(key))
            })
            .collect();
        if numbers.is_empty() {
            return;
        }
        let mut tree_keys = |commit: Oid| -> Option<KeySet> { Some(keys.of(self.tree(commit)?)) };
        let in_head = self.head.and_then(&mut tree_keys);
        let in_tip = tree_keys(self.tip);
        let has = |set: &Option<KeySet>, key: u32| {
            set.as_ref().is_some_and(|set| set.binary_search(&key).is_ok())
        };
        let gone: Vec<u32> = numbers.iter().copied().filter(|&key| !has(&in_tip, key)).collect();
        let mut removed = self.removed(&gone, keys);
        for number in numbers {
            let id = keys.key(number);
            let first_seen = self.first_seen(number, introduced, keys);
            let rule = &self.scan.plan.rules[id.rule];
            let age_days = first_seen.as_ref().and_then(age);
            let history = History {
                in_head: in_head.is_some().then(|| has(&in_head, number)),
                first_seen,
                removed_in: removed.remove(&number),
                branches: Vec::new(),
                age_days,
                past_rotation: past_rotation(rule, age_days),
            };
            collector.add_history(id, history);
        }
    }

    /// The oldest commit of the range that introduces a key or has it in its message.
    fn first_seen(
        &self,
        key: u32,
        introduced: &IntroducedKeys,
        keys: &mut TreeKeys<'_>,
    ) -> Option<CommitInfo> {
        let brings = introduced.get(&key).map(Vec::as_slice).unwrap_or_default();
        let in_messages =
            self.in_messages.get(&keys.key(key)).map(Vec::as_slice).unwrap_or_default();
        let nth = self.commits.oldest(brings.iter().chain(in_messages).copied())?;
        let path = if brings.contains(&nth) {
            self.path(self.commits.list[nth].tree, key, keys)
        } else {
            FilePath::from_bytes(b"")
        };
        let change = self.change(nth, path)?;
        // A commit without its parents seems to add everything that it has.
        let is_cut = self.commits.list[nth].is_cut && brings.contains(&nth);
        Some(if is_cut { change.at_boundary() } else { change })
    }

    /// For each of the keys `gone`, the newest commit that removes it.
    fn removed(&self, gone: &[u32], keys: &mut TreeKeys<'_>) -> BTreeMap<u32, CommitInfo> {
        let mut by: BTreeMap<u32, usize> = BTreeMap::new();
        for (nth, node) in self.commits.list.iter().enumerate() {
            let Some((&first, others)) = node.parents.split_first() else { continue };
            if gone.is_empty() || node.is_cut || first == node.tree {
                continue;
            }
            let own = keys.of(node.tree);
            let mut lost: Vec<u32> = keys.of(first).to_vec();
            lost.retain(|key| gone.binary_search(key).is_ok() && own.binary_search(key).is_err());
            for &other in others {
                let other = keys.of(other);
                lost.retain(|key| other.binary_search(key).is_ok());
            }
            for key in lost {
                let time = |nth: usize| self.commits.list[nth].committed;
                let newest = by.entry(key).or_insert(nth);
                if time(nth) > time(*newest) {
                    *newest = nth;
                }
            }
        }
        let removed = by.into_iter().filter_map(|(key, nth)| {
            let path = self.path(self.commits.list[nth].parents[0], key, keys);
            Some((key, self.change(nth, path)?))
        });
        removed.collect()
    }

    /// The first path at which a tree contains a key.
    fn path(&self, tree: Oid, key: u32, keys: &mut TreeKeys<'_>) -> FilePath {
        let path = keys.locations(tree, &[key]).into_iter().map(|location| location.path).min();
        self.scan.builder.shown(FilePath::from_bytes(&path.unwrap_or_default()))
    }

    fn change(&self, nth: usize, path: FilePath) -> Option<CommitInfo> {
        let oid = self.commits.list[nth].oid;
        let object = self.objects.read_as(ObjectKind::Commit, oid).ok()?;
        change(self.scan.scanner, &self.mailmap, oid, &object, path)
    }

    /// The tree of a commit.
    pub(super) fn tree(&self, commit: Oid) -> Option<Oid> {
        let object = self.objects.read_as(ObjectKind::Commit, commit).ok()?;
        CommitObject::links(&object, commit.format()).map(|(tree, _)| tree)
    }
}
