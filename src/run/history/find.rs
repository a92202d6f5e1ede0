//! The first pass: which objects hold which keys, and what commits and tags name that is not
//! there.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;

use super::Key;
use crate::model::{Oid, Summary};
use crate::run::Progress;
use crate::run::worker::is_utf32;
use crate::scan::Scanner;
use crate::source::Piece;
use crate::source::git::{
    Commit, Hit, Kind, Object, Search, Searched, Sighting, Store, Tag, Visit,
};

/// The scanner's search; commits and tags are wanted all, for what they name.
pub(super) struct Keywords<'k>(pub(super) &'k Scanner<'k>);

impl Search for Keywords<'_> {
    fn longest(&self) -> usize {
        Search::longest(self.0)
    }

    fn hits(&self, bytes: &[u8], range: std::ops::Range<usize>, each: &mut dyn FnMut(Hit)) {
        Search::hits(self.0, bytes, range, each);
    }

    fn hands_on_all(&self, kind: Kind) -> bool {
        matches!(kind, Kind::Commit | Kind::Tag)
    }
}

/// What the first pass has seen.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) summary: Summary,
    /// What commits and tags name, if it is still to be looked up; what of it is missing.
    named: Vec<Oid>,
    pub(super) missing: Vec<Oid>,
    /// The blobs that were searched, if a cache asks for them; and the commits and tags, if all
    /// that they name is in packs that the cache is bound to. It may be missing elsewhere.
    pub(super) searched: Vec<Oid>,
    pub(super) linked: Vec<Oid>,
    pub(super) damaged: Vec<(Oid, String)>,
    pub(super) keys: Vec<Key>,
    numbers: HashMap<Key, u32>,
    pub(super) sightings: Vec<Sighting>,
}

impl Seen {
    fn number(&mut self, key: Key) -> u32 {
        let next = self.keys.len() as u32;
        let number = *self.numbers.entry(key).or_insert(next);
        if number == next {
            self.keys.push(key);
        }
        number
    }

    /// Puts the sightings in order, and joins those of an object that is stored more than once.
    pub(super) fn merge_sightings(&mut self) {
        self.sightings.sort_unstable_by_key(|sighting| sighting.oid);
        self.sightings.dedup_by(|next, kept| {
            let is_same = next.oid == kept.oid;
            if is_same {
                kept.keys.append(&mut next.keys);
                kept.keys.sort_unstable();
                kept.keys.dedup();
            }
            is_same
        });
    }

    /// Looks up what was named.
    pub(super) fn look_up_named(&mut self, store: &Store) {
        self.missing.extend(store.lacks(std::mem::take(&mut self.named)));
    }

    pub(super) fn add(&mut self, other: Self) {
        self.summary.add(&other.summary);
        self.named.extend(other.named);
        self.missing.extend(other.missing);
        self.searched.extend(other.searched);
        self.linked.extend(other.linked);
        self.damaged.extend(other.damaged);
        let renamed: Vec<u32> = other.keys.into_iter().map(|key| self.number(key)).collect();
        self.sightings.extend(other.sightings.into_iter().map(|mut sighting| {
            for key in &mut sighting.keys {
                *key = renamed[*key as usize];
            }
            sighting.keys.sort_unstable();
            sighting
        }));
    }
}

/// Looks for keys in the objects that have a keyword.
pub(super) struct Finder<'f> {
    pub(super) scanner: &'f Scanner<'f>,
    pub(super) store: &'f Store,
    /// Where a shallow clone ends.
    pub(super) ends: &'f HashSet<Oid>,
    pub(super) progress: &'f Progress,
    pub(super) limit: u64,
    /// Objects and bytes that the progress does not know of yet.
    pub(super) uncounted: (u64, u64),
    /// Whether the ids of what is searched are kept.
    pub(super) remembers: bool,
    pub(super) seen: Seen,
}

impl Visit for Finder<'_> {
    fn object(&mut self, object: Object<'_>) {
        self.look_up_named(&object);
        let is_large = object.kind == Kind::Blob && object.bytes.len() as u64 > self.limit;
        if object.hits.is_empty() || is_large {
            return;
        }
        let found = self.scanner.find(&Piece::whole(object.bytes));
        let keys = found.keys.iter().filter(|key| key.rule.is_reported());
        let mut keys: Vec<u32> =
            keys.map(|key| self.seen.number((key.index, key.secret.sha256()))).collect();
        keys.sort_unstable();
        keys.dedup();
        if !keys.is_empty() {
            self.seen.sightings.push(Sighting { oid: object.oid, kind: object.kind, keys });
        }
    }

    fn damaged(&mut self, oid: Oid, why: &str) {
        self.seen.damaged.push((oid, why.to_owned()));
    }

    fn searched(&mut self, object: Searched<'_>) {
        let Searched { oid, kind, size, start, .. } = object;
        let summary = &mut self.seen.summary;
        let is_large = kind == Kind::Blob && size as u64 > self.limit;
        if self.remembers && kind == Kind::Blob && !is_large {
            self.seen.searched.push(oid);
        }
        match kind {
            Kind::Blob if is_large => summary.skipped_large += 1,
            Kind::Blob => summary.blobs += 1,
            Kind::Commit => summary.commits += 1,
            Kind::Tree | Kind::Tag => {}
        }
        summary.bytes += size as u64;
        if kind == Kind::Blob && is_utf32(start) {
            let why = "it is UTF-32, which is not searched";
            self.seen.damaged.push((oid, why.to_owned()));
        }
        self.uncounted.0 += 1;
        self.uncounted.1 += size as u64;
        if self.uncounted.0 == 1024 {
            self.count();
        }
    }
}

impl Finder<'_> {
    /// Notes what a commit or a tag names and the store does not have.
    fn look_up_named(&mut self, object: &Object<'_>) {
        let mut named = Vec::new();
        let is_read = match object.kind {
            Kind::Commit => Commit::links(object.bytes).map(|(tree, parents)| {
                named.push(tree);
                if !self.ends.contains(&object.oid) {
                    named.extend(parents);
                }
            }),
            Kind::Tag => Tag::parse(object.bytes).map(|tag| named.push(tag.target)),
            Kind::Blob | Kind::Tree => Some(()),
        };
        if is_read.is_none() {
            self.seen.damaged.push((object.oid, "it makes no sense".to_owned()));
        }
        if !self.remembers {
            return self.seen.named.append(&mut named);
        }
        let is_link = matches!(object.kind, Kind::Commit | Kind::Tag) && is_read.is_some();
        if is_link
            && !self.ends.contains(&object.oid)
            && named.iter().all(|oid| self.store.is_settled(*oid))
        {
            self.seen.linked.push(object.oid);
        }
        named.retain(|oid| !self.store.contains(*oid));
        self.seen.missing.append(&mut named);
    }

    fn count(&mut self) {
        let (objects, bytes) = std::mem::take(&mut self.uncounted);
        self.progress.objects.fetch_add(objects, Ordering::Relaxed);
        self.progress.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}
