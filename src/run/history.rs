//! Everything that a repository stores: found in one pass over the object store, attributed in
//! another over the trees (only if anything was found), and placed in a third over the versions
//! that are shown.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Progress;
use super::change::{age, change, past_rotation, tagged};
use super::connected;
use super::drafts::Gathered;
use super::placing::Placer;
use super::repository::{Scan, Selection};
use super::worker::is_utf32;
use crate::model::{
    Change, FilePath, History, Notice, NoticeKind, Occurrence, Oid, Origin, Source, Summary,
    Suppression,
};
use crate::scan::{Match, Scanner};
use crate::source::Piece;
use crate::source::git::{
    Cache, Commit, Graph, Hit, Index, Kind, Object, Objects, RepoError, Repository, Root, Scope,
    Search, Sighting, Spot, Store, Story, Surroundings, Tag, Visit, attribute, message_start,
};

/// How many damaged or missing objects are named one by one.
const NAMED: usize = 10;

/// Scans the object store, and those of the submodules inside of it; whether all were empty.
pub(super) fn scan(
    scan: &Scan<'_>,
    selection: Option<&Selection>,
    cache: Option<&Path>,
    gathered: &mut Gathered,
) -> Result<bool, RepoError> {
    let own = One { scan, repository: scan.repository, prefix: Vec::new(), selection, cache };
    let mut is_empty = own.scan(gathered)?;
    let mut waiting = scan.repository.submodules();
    while let Some((path, folder)) = waiting.pop() {
        match Repository::open(&folder) {
            Ok(repository) => {
                gathered.notices.extend(repository.notices.iter().cloned());
                let inner = repository.submodules().into_iter();
                waiting.extend(inner.map(|(below, folder)| (joined(&path, &below), folder)));
                let mut prefix = path.as_bytes().to_vec();
                prefix.push(b'/');
                // Revisions that the user names are those of the outer repository.
                let no_branches =
                    selection.map(|s| Selection { branches: Vec::new(), ..s.clone() });
                let selection = no_branches.as_ref();
                let own = One { scan, repository: &repository, prefix, selection, cache };
                is_empty &= own.scan(gathered)?;
            }
            Err(error) => gathered.notices.push(Notice {
                path: Some(path),
                kind: NoticeKind::Unreadable,
                message: format!("the submodule cannot be read: {error}"),
            }),
        }
    }
    Ok(is_empty)
}

fn joined(outer: &FilePath, inner: &FilePath) -> FilePath {
    FilePath::from_bytes(&[outer.as_bytes(), b"/", inner.as_bytes()].concat())
}

/// The scan of one repository.
struct One<'o> {
    scan: &'o Scan<'o>,
    repository: &'o Repository,
    /// What stands before its paths: the path of a submodule.
    prefix: Vec<u8>,
    selection: Option<&'o Selection>,
    cache: Option<&'o Path>,
}

/// A key: its rule and its SHA-256.
type Key = (usize, [u8; 32]);

impl One<'_> {
    fn scan(&self, gathered: &mut Gathered) -> Result<bool, RepoError> {
        let notices = &mut gathered.notices;
        let (folders, lost) = self.repository.object_folders();
        notices.extend(lost.iter().map(|folder| Notice {
            path: Some(FilePath::from_path(folder)),
            kind: NoticeKind::Missing,
            message: "the repository borrows objects from this folder, which is not there".into(),
        }));
        let before = notices.len();
        let store = Store::open(&folders, self.scan.plan.tree.threads, notices);
        let roots = self.repository.roots(notices);
        if self.repository.is_shallow() {
            notices.push(shallow(self.repository.shallow_ends().len()));
        }
        let is_sound = lost.is_empty() && notices.len() == before;
        let objects = self.repository.objects()?;
        let outside = |oid: Oid| objects.read(oid).ok();
        let progress = self.scan.progress;
        if progress.is_shown {
            progress.all_objects.fetch_add(store.entries_but_trees() as u64, Ordering::Relaxed);
        }

        let digest = self.scan.plan.rules.digest();
        let cache = self.cache.map(|folder| Cache::open(folder, digest)).transpose()?;
        let mut seen = self.search(&store, &outside, cache.as_ref());
        gathered.summary.add(&seen.summary);
        if let Some(cache) = cache {
            remember(cache, digest, &mut seen, &mut gathered.notices);
        }
        damaged(&seen.damaged, &mut gathered.notices);
        let mut missing = std::mem::take(&mut seen.missing);
        missing.extend(roots.iter().filter(|root| is_lost(root, &store)).map(|root| root.target));
        let is_suspect = !is_sound
            || !missing.is_empty()
            || !seen.damaged.is_empty()
            || self.repository.is_partial();
        connected::check(&store, self.repository, is_suspect, &outside, &mut missing);
        connected::tell(missing, self.repository.is_partial(), &mut gathered.notices);
        let is_empty = store.entries() == 0;
        if self.selection.is_none() && seen.sightings.is_empty() {
            return Ok(is_empty);
        }
        let graph = Graph::read(&store, &outside);
        let selected = match self.selection {
            None => None,
            Some(selection) => Some(self.selected(selection, &graph)?),
        };
        let none_selected = selected.as_ref().is_some_and(|marks| !marks.contains(&true));
        if !seen.sightings.is_empty() {
            let found = Attributed {
                one: self,
                objects: &objects,
                outside: &outside,
                store: &store,
                graph: &graph,
                roots: &roots,
                selected: selected.as_deref(),
            };
            found.tell(seen.keys, seen.sightings, gathered)?;
        }
        Ok(is_empty || none_selected)
    }

    /// The first pass: which objects hold which keys.
    fn search(
        &self,
        store: &Store,
        outside: &(dyn Fn(Oid) -> Option<(Kind, Vec<u8>)> + Sync),
        cache: Option<&Cache>,
    ) -> Seen {
        let kinds = |kind| kind != Kind::Tree;
        let known = AtomicU64::new(0);
        let is_known = |oid: Oid| {
            let is_known = cache.is_some_and(|cache| cache.contains(oid));
            known.fetch_add(u64::from(is_known), Ordering::Relaxed);
            is_known
        };
        let skip: Option<&(dyn Fn(Oid) -> bool + Sync)> = cache.is_some().then_some(&is_known);
        let scope = Scope { kinds: &kinds, skip, outside };
        let scanner = self.scan.scanner;
        let progress = self.scan.progress;
        let limit = self.scan.plan.tree.max_file_size.unwrap_or(u64::MAX);
        let ends = self.repository.shallow_ends();
        let finder = || Finder {
            scanner,
            store,
            ends: &ends,
            progress,
            limit,
            uncounted: (0, 0),
            remembers: cache.is_some(),
            seen: Seen::default(),
        };
        let mut all = Seen::default();
        for finder in store.search(&Keywords(scanner), &scope, finder) {
            all.add(finder.seen);
        }
        all.sightings.sort_unstable_by_key(|sighting| sighting.oid);
        all.summary.known = known.into_inner();
        all
    }

    /// The commits that count.
    fn selected(&self, selection: &Selection, graph: &Graph) -> Result<Vec<bool>, RepoError> {
        let mut tips = Vec::new();
        for branch in &selection.branches {
            tips.extend(graph.position(self.repository.commit(branch)?));
        }
        let mut selected = if selection.branches.is_empty() {
            vec![true; graph.commits.len()]
        } else {
            graph.reached_by(&tips)
        };
        let since = selection.since.unwrap_or(i64::MIN);
        let until = selection.until.unwrap_or(i64::MAX);
        for (own, node) in selected.iter_mut().zip(&graph.commits) {
            *own &= (since..=until).contains(&node.time);
        }
        if let Some(count) = selection.max_count {
            graph.keep_newest(&mut selected, count);
        }
        Ok(selected)
    }
}

/// The scanner's search; commits and tags are wanted all, for what they name.
struct Keywords<'k>(&'k Scanner<'k>);

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
struct Seen {
    summary: Summary,
    missing: Vec<Oid>,
    /// All that was searched, if a cache asks for it; and what of it is not to be remembered,
    /// beside what has a key or is damaged: what names something that is missing.
    searched: Vec<Oid>,
    unsure: Vec<Oid>,
    damaged: Vec<(Oid, String)>,
    keys: Vec<Key>,
    numbers: HashMap<Key, u32>,
    sightings: Vec<Sighting>,
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

    fn add(&mut self, other: Self) {
        self.summary.add(&other.summary);
        self.missing.extend(other.missing);
        self.searched.extend(other.searched);
        self.unsure.extend(other.unsure);
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
struct Finder<'f> {
    scanner: &'f Scanner<'f>,
    store: &'f Store,
    /// Where a shallow clone ends.
    ends: &'f HashSet<Oid>,
    progress: &'f Progress,
    limit: u64,
    /// Objects and bytes that the progress does not know of yet.
    uncounted: (u64, u64),
    /// Whether the ids of what is searched are kept.
    remembers: bool,
    seen: Seen,
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

    fn searched(&mut self, oid: Oid, kind: Kind, bytes: &[u8], _: usize) {
        let summary = &mut self.seen.summary;
        let is_large = kind == Kind::Blob && bytes.len() as u64 > self.limit;
        if self.remembers && !is_large {
            self.seen.searched.push(oid);
        }
        match kind {
            Kind::Blob if is_large => summary.skipped_large += 1,
            Kind::Blob => summary.blobs += 1,
            Kind::Commit => summary.commits += 1,
            Kind::Tree | Kind::Tag => {}
        }
        summary.bytes += bytes.len() as u64;
        if kind == Kind::Blob && is_utf32(bytes) {
            let why = "it is UTF-32, which is not searched";
            self.seen.damaged.push((oid, why.to_owned()));
        }
        self.uncounted.0 += 1;
        self.uncounted.1 += bytes.len() as u64;
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
        named.retain(|oid| !self.store.contains(*oid));
        if !named.is_empty() {
            self.seen.unsure.push(object.oid);
            self.seen.missing.append(&mut named);
        }
    }

    fn count(&mut self) {
        let (objects, bytes) = std::mem::take(&mut self.uncounted);
        self.progress.objects.fetch_add(objects, Ordering::Relaxed);
        self.progress.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// What is needed to tell the stories of what was found.
struct Attributed<'a> {
    one: &'a One<'a>,
    objects: &'a Objects<'a>,
    outside: &'a (dyn Fn(Oid) -> Option<(Kind, Vec<u8>)> + Sync),
    store: &'a Store,
    graph: &'a Graph,
    roots: &'a [Root],
    selected: Option<&'a [bool]>,
}

impl Attributed<'_> {
    fn tell(
        &self,
        keys: Vec<Key>,
        sightings: Vec<Sighting>,
        gathered: &mut Gathered,
    ) -> Result<(), RepoError> {
        let tag = |oid: Oid| Tag::parse(&self.objects.read_as(Kind::Tag, oid).ok()?);
        self.one.scan.progress.keys.fetch_add(keys.len() as u64, Ordering::Relaxed);
        let index = self.index(&sightings, &mut gathered.notices);
        let around = Surroundings {
            roots: self.roots,
            head: self.one.repository.head()?,
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
        Ok(())
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
        let visitors = self.store.search(&All, &scope, || Shower {
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

/// Hands on all that is in scope.
struct All;

impl Search for All {
    fn longest(&self) -> usize {
        0
    }

    fn hits(&self, _: &[u8], _: std::ops::Range<usize>, _: &mut dyn FnMut(Hit)) {}

    fn hands_on_all(&self, _: Kind) -> bool {
        true
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

    fn searched(&mut self, _: Oid, _: Kind, _: &[u8], _: usize) {}
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

/// Puts what is clean into the cache.
fn remember(cache: Cache, digest: [u8; 32], seen: &mut Seen, notices: &mut Vec<Notice>) {
    let mut clean = std::mem::take(&mut seen.searched);
    let found = seen.sightings.iter().map(|sighting| sighting.oid);
    let damaged = seen.damaged.iter().map(|(oid, _)| *oid);
    let others: HashSet<Oid> = found.chain(damaged).chain(seen.unsure.iter().copied()).collect();
    clean.retain(|oid| !others.contains(oid));
    let trouble = |message: String| Notice { path: None, kind: NoticeKind::Cache, message };
    if cache.was_damaged {
        let text = "the cache was damaged; it was not used, and made anew";
        notices.push(trouble(text.to_owned()));
    }
    if let Err(error) = cache.add(digest, clean) {
        notices.push(trouble(format!("{error}; the next run will search all again")));
    }
}

fn is_lost(root: &Root, store: &Store) -> bool {
    // Reflogs may name what has been pruned since.
    let counts = !root.name.is_empty() && root.name != b"refs/stash";
    counts && !store.contains(root.target)
}

fn shallow(ends: usize) -> Notice {
    let commits = if ends == 1 { "a commit".to_owned() } else { format!("{ends} commits") };
    Notice {
        path: None,
        kind: NoticeKind::Shallow,
        message: format!(
            "the clone is shallow: what came before {commits} is not here; `git fetch \
             --unshallow` gets it (`fetch-depth: 0` in a GitHub workflow)"
        ),
    }
}

/// Names objects that cannot be read.
fn damaged(objects: &[(Oid, String)], notices: &mut Vec<Notice>) {
    let mut objects: Vec<_> = objects.iter().collect();
    objects.sort_unstable();
    objects.dedup();
    for (oid, why) in objects.iter().take(NAMED) {
        notices.push(Notice {
            path: None,
            kind: NoticeKind::DamagedObject,
            message: format!("object {oid} cannot be searched: {why}"),
        });
    }
    if objects.len() > NAMED {
        notices.push(Notice {
            path: None,
            kind: NoticeKind::DamagedObject,
            message: format!("and {} more objects cannot be searched", objects.len() - NAMED),
        });
    }
}
