//! The first pass: finds the objects that contain keys, and the missing objects that commits and
//! tags name.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;

use crate::model::{KeyId, Oid, Summary};
use crate::run::progress::Progress;
use crate::run::utf32::is_utf32;
use crate::scan::KeyScanner;
use crate::source::git::{
    CommitObject, NeedleHit, NeedleSearch, ObjectHit, ObjectKind, ObjectStore, ObjectVisitor,
    SearchedObject, TagObject, VisitedObject,
};
use crate::source::{Chunk, is_archive};

/// The scanner's search, which also passes on all commits and tags, for their links.
pub(super) struct KeywordSearch<'k>(pub(super) &'k KeyScanner<'k>);

impl NeedleSearch for KeywordSearch<'_> {
    fn longest(&self) -> usize {
        NeedleSearch::longest(self.0)
    }

    fn longest_short(&self) -> usize {
        self.0.longest_short()
    }

    fn may_be_long(&self, bytes: &[u8]) -> bool {
        self.0.may_be_long(bytes)
    }

    fn hits(&self, bytes: &[u8], range: std::ops::Range<usize>, each: &mut dyn FnMut(NeedleHit)) {
        NeedleSearch::hits(self.0, bytes, range, each);
    }

    fn hands_on_all(&self, kind: ObjectKind) -> bool {
        matches!(kind, ObjectKind::Commit | ObjectKind::Tag)
    }
}

/// The results of the first pass.
#[derive(Default)]
pub(super) struct SearchResults {
    pub(super) summary: Summary,
    /// Ids that commits and tags name and that are still to be looked up.
    named: Vec<Oid>,
    /// Ids among them that are missing.
    pub(super) missing: Vec<Oid>,
    /// The blobs that were searched, if there is a cache.
    pub(super) searched: Vec<Oid>,
    /// Commits and tags that name only objects in settled packs, to which the cache is bound; the
    /// others could be missing a link in another repository.
    pub(super) linked: Vec<Oid>,
    pub(super) damaged: Vec<(Oid, String)>,
    /// Blobs with compressed contents, which are not searched.
    pub(super) archives: Vec<Oid>,
    /// Blobs in UTF-32, which is not searched.
    pub(super) utf32: Vec<Oid>,
    pub(super) keys: Vec<KeyId>,
    numbers: HashMap<KeyId, u32>,
    pub(super) object_hits: Vec<ObjectHit>,
}

impl SearchResults {
    fn number(&mut self, key: KeyId) -> u32 {
        let next = self.keys.len() as u32;
        let number = *self.numbers.entry(key).or_insert(next);
        if number == next {
            self.keys.push(key);
        }
        number
    }

    /// Sorts the hits, and merges those of an object that is stored more than once.
    pub(super) fn merge_object_hits(&mut self) {
        self.object_hits.sort_unstable_by_key(|object_hit| object_hit.oid);
        self.object_hits.dedup_by(|next, kept| {
            let is_same = next.oid == kept.oid;
            if is_same {
                kept.keys.append(&mut next.keys);
                kept.keys.sort_unstable();
                kept.keys.dedup();
            }
            is_same
        });
    }

    /// Looks up the ids that were named.
    pub(super) fn look_up_named(&mut self, store: &ObjectStore) {
        self.missing.extend(store.lacks(std::mem::take(&mut self.named)));
    }

    pub(super) fn add(&mut self, other: Self) {
        self.summary.add(&other.summary);
        self.named.extend(other.named);
        self.missing.extend(other.missing);
        self.searched.extend(other.searched);
        self.linked.extend(other.linked);
        self.damaged.extend(other.damaged);
        self.archives.extend(other.archives);
        self.utf32.extend(other.utf32);
        let renamed: Vec<u32> = other.keys.into_iter().map(|key| self.number(key)).collect();
        self.object_hits.extend(other.object_hits.into_iter().map(|mut object_hit| {
            for key in &mut object_hit.keys {
                *key = renamed[*key as usize];
            }
            object_hit.keys.sort_unstable();
            object_hit
        }));
    }
}

/// Looks for keys in the objects with keywords.
pub(super) struct KeyVisitor<'f> {
    pub(super) scanner: &'f KeyScanner<'f>,
    pub(super) store: &'f ObjectStore,
    /// The commits at which a shallow clone ends.
    pub(super) ends: &'f HashSet<Oid>,
    pub(super) progress: &'f Progress,
    pub(super) limit: u64,
    /// Objects and bytes that are not yet counted in the progress.
    pub(super) uncounted: (u64, u64),
    /// True if the ids of searched objects are collected for a cache.
    pub(super) remembers: bool,
    pub(super) results: SearchResults,
}

impl ObjectVisitor for KeyVisitor<'_> {
    fn object(&mut self, object: VisitedObject<'_>) {
        self.look_up_named(&object);
        let is_large = object.kind == ObjectKind::Blob && object.bytes.len() as u64 > self.limit;
        if object.hits.is_empty() || is_large {
            return;
        }
        let found = self.scanner.find(&Chunk::whole(object.bytes));
        let keys = found.keys.iter().filter(|key| key.rule.is_reported());
        let keys = keys.inspect(|key| {
            self.progress.found.add(key.id(), &key.rule.id, || format!("object {}", object.oid));
        });
        let mut keys: Vec<u32> = keys.map(|key| self.results.number(key.id())).collect();
        keys.sort_unstable();
        keys.dedup();
        if !keys.is_empty() {
            self.results.object_hits.push(ObjectHit { oid: object.oid, kind: object.kind, keys });
        }
    }

    fn damaged(&mut self, oid: Oid, why: &str) {
        self.results.damaged.push((oid, why.to_owned()));
    }

    fn searched(&mut self, object: SearchedObject<'_>) {
        let SearchedObject { oid, kind, size, start, .. } = object;
        let summary = &mut self.results.summary;
        let is_large = kind == ObjectKind::Blob && size as u64 > self.limit;
        if self.remembers && kind == ObjectKind::Blob && !is_large {
            self.results.searched.push(oid);
        }
        match kind {
            ObjectKind::Blob if is_large => summary.skipped_large += 1,
            ObjectKind::Blob => summary.blobs += 1,
            ObjectKind::Commit => summary.commits += 1,
            ObjectKind::Tree | ObjectKind::Tag => {}
        }
        summary.bytes += size as u64;
        if kind == ObjectKind::Blob && !is_large {
            if is_archive(start) {
                summary.skipped_archives += 1;
                self.results.archives.push(oid);
            }
            if is_utf32(start) {
                self.results.utf32.push(oid);
            }
        }
        self.uncounted.0 += 1;
        self.uncounted.1 += size as u64;
        if self.uncounted.0 == 1024 {
            self.count();
        }
    }
}

impl KeyVisitor<'_> {
    /// Finds the objects that a commit or tag names and the store does not have.
    fn look_up_named(&mut self, object: &VisitedObject<'_>) {
        let mut named = Vec::new();
        let is_read = match object.kind {
            ObjectKind::Commit => CommitObject::links(object.bytes).map(|(tree, parents)| {
                named.push(tree);
                if !self.ends.contains(&object.oid) {
                    named.extend(parents);
                }
            }),
            ObjectKind::Tag => TagObject::parse(object.bytes).map(|tag| named.push(tag.target)),
            ObjectKind::Blob | ObjectKind::Tree => Some(()),
        };
        if is_read.is_none() {
            self.results.damaged.push((object.oid, "it does not parse".to_owned()));
        }
        if !self.remembers {
            return self.results.named.append(&mut named);
        }
        let is_link =
            matches!(object.kind, ObjectKind::Commit | ObjectKind::Tag) && is_read.is_some();
        if is_link
            && !self.ends.contains(&object.oid)
            && named.iter().all(|oid| self.store.is_settled(*oid))
        {
            self.results.linked.push(object.oid);
        }
        named.retain(|oid| !self.store.contains(*oid));
        self.results.missing.append(&mut named);
    }

    fn count(&mut self) {
        let (objects, bytes) = std::mem::take(&mut self.uncounted);
        self.progress.objects.fetch_add(objects, Ordering::Relaxed);
        self.progress.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}
