//! Tells the story of what was found, and shows where it stands.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::Ordering;

use super::{Key, One};
use crate::model::{
    Change, FilePath, History, Notice, NoticeKind, Occurrence, Oid, Origin, Source, Suppression,
};
use crate::run::change::{age, change, past_rotation, tagged};
use crate::run::drafts::Gathered;
use crate::run::placing::Placer;
use crate::scan::Match;
use crate::source::Piece;
use crate::source::git::{
    Everything, Graph, Index, Kind, Object, Objects, Root, Scope, Searched, Sighting, Spot, Store,
    Story, Surroundings, Tag, Visit, attribute, message_start,
};

/// What is needed to tell the stories of what was found.
pub(super) struct Attributed<'a> {
    pub(super) one: &'a One<'a>,
    pub(super) objects: &'a Objects<'a>,
    pub(super) outside: &'a (dyn Fn(Oid) -> Option<(Kind, Vec<u8>)> + Sync),
    pub(super) store: &'a Store,
    pub(super) graph: &'a Graph,
    pub(super) roots: &'a [Root],
    pub(super) selected: Option<&'a [bool]>,
}

impl Attributed<'_> {
    pub(super) fn tell(&self, keys: Vec<Key>, sightings: Vec<Sighting>, gathered: &mut Gathered) {
        let tag = |oid: Oid| Tag::parse(&self.objects.read_as(Kind::Tag, oid).ok()?);
        self.one.scan.progress.keys.fetch_add(keys.len() as u64, Ordering::Relaxed);
        let index = self.index(&sightings, &mut gathered.notices);
        let around = Surroundings {
            roots: self.roots,
            // Of a HEAD that cannot be read, `Repository::roots` has told.
            head: self.one.repository.head().ok().flatten(),
            index: &index,
            selected: self.selected,
            outside: self.outside,
            tag: &tag,
        };
        let (stories, is_whole) =
            attribute(self.store, self.graph, &sightings, keys.len(), &around);
        if !is_whole {
            gathered.notices.push(Notice {
                path: None,
                kind: NoticeKind::Truncated,
                message: "the keys stand under more paths than can be listed".to_owned(),
            });
        }
        self.place(&keys, &stories, gathered);
        let mut changes = HashMap::new();
        for (key, story) in keys.iter().zip(&stories) {
            if story.is_selected {
                let history = self.history(*key, story, &mut changes);
                gathered.tell(key.0, key.1, history);
            }
        }
    }

    /// What the indexes name of what was found.
    fn index(&self, sightings: &[Sighting], notices: &mut Vec<Notice>) -> BTreeMap<Oid, Vec<u8>> {
        let found: HashSet<Oid> = sightings.iter().map(|sighting| sighting.oid).collect();
        let repository = self.one.repository;
        let mut named = BTreeMap::new();
        for file in repository.index_files() {
            let beside = file.parent().unwrap_or(Path::new("."));
            match Index::read(&file, &[beside, repository.folder()]) {
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

    /// Reads the versions that are shown, and makes occurrences of the keys in them.
    fn place(&self, keys: &[Key], stories: &[Story], gathered: &mut Gathered) {
        let numbers: HashMap<Key, u32> = keys.iter().copied().zip(0..).collect();
        let mut spots: HashMap<Oid, HashMap<u32, Vec<&Spot>>> = HashMap::new();
        for (key, story) in (0..).zip(stories).filter(|(_, story)| story.is_selected) {
            for spot in &story.spots {
                if self.is_excluded(spot) {
                    gathered.summary.skipped_excluded += 1;
                } else {
                    spots.entry(spot.object).or_default().entry(key).or_default().push(spot);
                }
            }
        }
        let skip = |oid: Oid| !spots.contains_key(&oid);
        let kinds = |kind| kind != Kind::Tree;
        let scope = Scope { kinds: &kinds, skip: Some(&skip), outside: self.outside };
        let placer = self.one.scan.placer;
        let prefix = &self.one.prefix;
        let visitors = self.store.search(&Everything, &scope, || Shower {
            placer,
            prefix,
            numbers: &numbers,
            spots: &spots,
            shown: Vec::new(),
        });
        for visitor in visitors {
            for (key, occurrence, accepted) in visitor.shown {
                gathered.draft(&key).push((occurrence, accepted));
            }
        }
    }

    fn is_excluded(&self, spot: &Spot) -> bool {
        let is_file = !matches!(spot.source, Source::CommitMessage | Source::TagMessage);
        let exclude = self.one.scan.plan.tree.exclude.as_ref().filter(|_| is_file);
        exclude.is_some_and(|exclude| {
            let path = [&self.one.prefix, spot.path.as_slice()].concat();
            let path = self.one.scan.base().join(FilePath::from_bytes(&path).to_path());
            path.ancestors().any(|path| exclude(path, false)) || exclude(&path, false)
        })
    }

    fn history(
        &self,
        key: Key,
        story: &Story,
        changes: &mut HashMap<(Oid, Vec<u8>), Option<Change>>,
    ) -> History {
        let mut known = |oid: Oid, path: &[u8]| {
            let entry = changes.entry((oid, path.to_vec()));
            entry.or_insert_with(|| self.change(oid, path)).clone()
        };
        let first_seen = story.first.as_ref().and_then(|first| known(first.object, &first.path));
        let removed_in = story.removed.and_then(|oid| known(oid, &[]));
        let age_days = first_seen.as_ref().map(|first| age(first.date));
        let rule = &self.one.scan.plan.rules.rules[key.0];
        let prefix = String::from_utf8_lossy(&self.one.prefix);
        let masked =
            |branch: &String| self.one.scan.scanner.masked_text(&format!("{prefix}{branch}"));
        History {
            in_head: story.in_head,
            first_seen,
            removed_in,
            branches: story.branches.iter().map(masked).collect(),
            age_days,
            past_rotation: past_rotation(rule, age_days),
        }
    }

    fn change(&self, oid: Oid, path: &[u8]) -> Option<Change> {
        let scanner = self.one.scan.scanner;
        let mut whole = self.one.prefix.clone();
        whole.extend_from_slice(path);
        let path = self.one.scan.placer.shown(FilePath::from_bytes(&whole));
        let (kind, object) = self.objects.read(oid).ok()?;
        match kind {
            Kind::Commit => change(scanner, oid, &object, path),
            Kind::Tag => tagged(scanner, self.graph.peel(oid), &object, path),
            Kind::Tree | Kind::Blob => None,
        }
    }
}

/// Makes occurrences of what stands in the objects that are shown.
struct Shower<'s> {
    placer: Placer<'s>,
    prefix: &'s [u8],
    numbers: &'s HashMap<Key, u32>,
    spots: &'s HashMap<Oid, HashMap<u32, Vec<&'s Spot>>>,
    shown: Vec<(Match<'s>, Occurrence, Option<Suppression>)>,
}

impl Visit for Shower<'_> {
    fn object(&mut self, object: Object<'_>) {
        let Some(spots) = self.spots.get(&object.oid) else {
            return;
        };
        if object.kind == Kind::Blob {
            return self.text(object.bytes, true, spots);
        }
        // Lines are counted from the first of the message; or of the headers, for a key there.
        let (headers, message) = object.bytes.split_at(message_start(object.bytes));
        self.text(headers, false, spots);
        self.text(message, false, spots);
    }

    fn damaged(&mut self, _: Oid, _: &str) {}

    fn searched(&mut self, _: Searched<'_>) {}
}

impl Shower<'_> {
    fn text(&mut self, bytes: &[u8], is_blob: bool, spots: &HashMap<u32, Vec<&Spot>>) {
        let piece = Piece::whole(bytes);
        let found = self.placer.scanner.find(&piece);
        let anywhere = Origin::tree(FilePath::from_bytes(b""));
        for (key, occurrence, accepted) in self.placer.place_whole(&anywhere, &piece, &found) {
            let number = self.numbers.get(&(key.index, key.secret.sha256()));
            for spot in number.and_then(|number| spots.get(number)).into_iter().flatten() {
                let origin = self.origin(spot, is_blob);
                let occurrence = Occurrence { origin, ..occurrence.clone() };
                self.shown.push((key.clone(), occurrence, accepted.clone()));
            }
        }
    }

    fn origin(&self, spot: &Spot, is_blob: bool) -> Origin {
        let path = [self.prefix, &spot.path].concat();
        Origin {
            source: spot.source,
            path: self.placer.shown(FilePath::from_bytes(&path)),
            commit: spot.commit,
            blob: is_blob.then_some(spot.object),
        }
    }
}
