//! The first pass: finds the objects that contain keys, and the missing objects that commits and
//! tags name.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;

use crate::decode::may_be_container;
use crate::model::{KeyId, Oid, Summary};
use crate::run::progress::Progress;
use crate::scan::KeyScanner;
use crate::source::git::{
    CommitObject, FileContent, LfsStore, NeedleHit, NeedleSearch, NeedleSet, ObjectHit, ObjectKind,
    ObjectReader, ObjectStore, ObjectVisitor, OidList, Pointer, SearchSigns, SearchedObject,
    TagObject, VisitedObject, is_git_crypt,
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

    fn short_lines(&self) -> usize {
        self.0.short_lines()
    }

    fn around_reach(&self) -> usize {
        self.0.around_reach()
    }

    fn around(&self, bytes: &[u8], anchor: NeedleHit, each: &mut dyn FnMut(NeedleHit)) {
        self.0.around(bytes, anchor, each);
    }

    fn hits(
        &self,
        bytes: &[u8],
        range: std::ops::Range<usize>,
        set: NeedleSet,
        each: &mut dyn FnMut(NeedleHit),
    ) -> SearchSigns {
        NeedleSearch::hits(self.0, bytes, range, set, each)
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
    named: OidList,
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
    /// Blobs that are containers, which are opened afterwards.
    pub(super) containers: Vec<Oid>,
    /// Blobs that may be pointers to content that is kept elsewhere, each once.
    pub(super) pointers: Vec<Oid>,
    /// The pointers among them to what is not here.
    pub(super) pointers_to_missing: Vec<(Oid, Pointer)>,
    /// Encrypted blobs.
    pub(super) encrypted: Vec<Oid>,
    pub(super) keys: Vec<KeyId>,
    numbers: HashMap<KeyId, u32>,
    pub(super) object_hits: Vec<ObjectHit>,
}

impl SearchResults {
    /// True if there are files that the report names.
    pub(super) fn has_files(&self) -> bool {
        !self.object_hits.is_empty()
            || !self.pointers_to_missing.is_empty()
            || !self.encrypted.is_empty()
    }

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

    /// Searches what pointers lead to, as far as it is here.
    pub(super) fn follow_pointers(
        &mut self,
        scanner: &KeyScanner<'_>,
        objects: &ObjectReader<'_>,
        lfs: &LfsStore,
    ) {
        self.pointers.sort_unstable();
        self.pointers.dedup();
        for oid in std::mem::take(&mut self.pointers) {
            let Ok(text) = objects.read_as(ObjectKind::Blob, oid) else { continue };
            let content = match lfs.content(text) {
                FileContent::Own(_) => continue,
                FileContent::Kept(content) => content,
                FileContent::Missing(pointer, _) => {
                    self.pointers_to_missing.push((oid, pointer));
                    continue;
                }
                FileContent::Large(_) => {
                    self.summary.skipped_large += 1;
                    continue;
                }
            };
            self.summary.bytes += content.len() as u64;
            if may_be_container(&content, content.len() as u64) {
                self.containers.push(oid);
            }
            let found = scanner.find(&Chunk::whole(&content));
            let keys = found.keys.iter().filter(|key| key.rule.is_reported());
            let mut keys: Vec<u32> = keys.map(|key| self.number(key.id())).collect();
            keys.sort_unstable();
            keys.dedup();
            if !keys.is_empty() {
                self.object_hits.push(ObjectHit { oid, kind: ObjectKind::Blob, keys });
            }
        }
    }

    /// Adds the keys in an archive.
    pub(super) fn add_archived(&mut self, oid: Oid, keys: Vec<KeyId>) {
        let mut keys: Vec<u32> = keys.into_iter().map(|key| self.number(key)).collect();
        if !keys.is_empty() {
            keys.sort_unstable();
            keys.dedup();
            self.object_hits.push(ObjectHit { oid, kind: ObjectKind::Blob, keys });
        }
    }

    /// Looks up the ids that were named.
    pub(super) fn look_up_named(&mut self, store: &ObjectStore) {
        self.missing.extend(store.lacks(std::mem::take(&mut self.named)));
    }

    pub(super) fn add(&mut self, mut other: Self) {
        self.summary.add(&other.summary);
        self.named.append(&mut other.named);
        self.missing.extend(other.missing);
        self.searched.extend(other.searched);
        self.linked.extend(other.linked);
        self.damaged.extend(other.damaged);
        self.archives.extend(other.archives);
        self.containers.extend(other.containers);
        self.pointers.extend(other.pointers);
        self.encrypted.extend(other.encrypted);
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
    /// The scanner that found the needles.
    pub(super) needles: &'f KeyScanner<'f>,
    pub(super) store: &'f ObjectStore,
    /// The commits at which a shallow clone ends.
    pub(super) ends: &'f HashSet<Oid>,
    pub(super) progress: &'f Progress,
    pub(super) limit: u64,
    pub(super) opens_archives: bool,
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
        if is_large || !self.needles.may_have_key(object.bytes, object.hits) {
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
        // What a pointer leads to may come later.
        let may_be_pointer = kind == ObjectKind::Blob && Pointer::may_begin(start, size as u64);
        if may_be_pointer {
            self.results.pointers.push(oid);
        }
        let is_told = may_be_pointer || is_git_crypt(start);
        if self.remembers && kind == ObjectKind::Blob && !is_large && !is_told {
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
            if self.opens_archives && may_be_container(start, size as u64) {
                self.results.containers.push(oid);
            } else if is_archive(start) {
                summary.skipped_archives += 1;
                self.results.archives.push(oid);
            }
            if is_git_crypt(start) {
                self.results.encrypted.push(oid);
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
        let format = object.oid.format();
        let mut named = Vec::new();
        let is_read = match object.kind {
            ObjectKind::Commit => {
                CommitObject::links(object.bytes, format).map(|(tree, parents)| {
                    named.push(tree);
                    if !self.ends.contains(&object.oid) {
                        named.extend(parents);
                    }
                })
            }
            ObjectKind::Tag => {
                TagObject::parse(object.bytes, format).map(|tag| named.push(tag.target))
            }
            ObjectKind::Blob | ObjectKind::Tree => Some(()),
        };
        if is_read.is_none() {
            self.results.damaged.push((object.oid, "it does not parse".to_owned()));
        }
        if !self.remembers {
            return self.results.named.extend(named);
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
