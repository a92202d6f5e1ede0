//! Who brought in what was found, where it is, and who took it out; for all findings together.
//!
//! What was found is a list of *keys*, numbers that mean nothing here, for each object. Keys that
//! stand in the same objects have the same history, which is worked out once. Commits are
//! compared by the shapes of their trees ([`super::shapes`]), so a history of any length costs a
//! look at the few commits at which a shape changes.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::graph::Graph;
use super::objects::Tag;
use super::pack::Kind;
use super::repo::{Reach, Root};
use super::shapes::{EMPTY, Places, Shapes};
use super::store::Store;
use crate::model::{Oid, Source};

/// What was found in an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The object.
    pub oid: Oid,
    /// What it is; never a tree.
    pub kind: Kind,
    /// The keys in it, each once, in order.
    pub keys: Vec<u32>,
}

/// What is known of the repository beside its objects.
pub struct Surroundings<'s> {
    /// What refs and reflogs name.
    pub roots: &'s [Root],
    /// The commit that HEAD names.
    pub head: Option<Oid>,
    /// What the index names, with paths.
    pub index: &'s BTreeMap<Oid, Vec<u8>>,
    /// The commits that count; all if there is none.
    pub selected: Option<&'s [bool]>,
    /// Reads an object that a delta of a pack needs and the pack does not have.
    pub outside: &'s (dyn Fn(Oid) -> Option<(Kind, Vec<u8>)> + Sync),
    /// Reads a tag.
    pub tag: &'s dyn Fn(Oid) -> Option<Tag>,
}

/// A place that a key stands at: the version that is to be shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// What it is.
    pub source: Source,
    /// The path; of what has none, a name or the object's id.
    pub path: Vec<u8>,
    /// The commit.
    pub commit: Option<Oid>,
    /// The object to read: a blob, a commit or a tag.
    pub object: Oid,
}

/// When a key was first there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    /// The commit; or the tag, if it is in the message of one.
    pub object: Oid,
    /// The path, as in [`Spot`].
    pub path: Vec<u8>,
}

/// What history says of a key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Story {
    /// Whether it is in HEAD's tree.
    pub in_head: Option<bool>,
    /// When it was first there.
    pub first: Option<First>,
    /// The last commit that took it out, if no branch has it.
    pub removed: Option<Oid>,
    /// Branches whose trees have it.
    pub branches: Vec<String>,
    /// Where it stands.
    pub spots: Vec<Spot>,
    /// Whether a commit that counts brought it in.
    pub is_selected: bool,
}

/// The stories of the keys `0..keys`, and whether they name all places.
pub fn attribute(
    store: &Store,
    graph: &Graph,
    sightings: &[Sighting],
    keys: usize,
    around: &Surroundings<'_>,
) -> (Vec<Story>, bool) {
    let blobs: Vec<&Sighting> = sightings.iter().filter(|s| s.kind == Kind::Blob).collect();
    let oids: Vec<Oid> = blobs.iter().map(|sighting| sighting.oid).collect();
    let shapes = (!oids.is_empty()).then(|| Shapes::new(store, &oids, around.outside));
    let past = Past::new(graph, shapes.as_ref(), oids, around);
    // Keys that stand in the same objects are of one class.
    let mut of_key: Vec<Vec<u32>> = vec![Vec::new(); keys];
    for (at, sighting) in (0..).zip(&blobs) {
        for &key in &sighting.keys {
            of_key[key as usize].push(at);
        }
    }
    let mut said: Vec<Vec<&Sighting>> = vec![Vec::new(); keys];
    for sighting in sightings.iter().filter(|sighting| sighting.kind != Kind::Blob) {
        for &key in &sighting.keys {
            said[key as usize].push(sighting);
        }
    }
    let mut told: HashMap<&[u32], Class> = HashMap::new();
    let mut stories = Vec::with_capacity(keys);
    for (blobs, said) in of_key.iter().zip(&said) {
        let class = told.entry(blobs).or_insert_with(|| past.class(blobs));
        stories.push(past.story(class, said));
    }
    (stories, past.is_whole)
}

/// Something that happened at a commit, comparable: what is kept best and is oldest comes first.
type Event = (Reach, i64, u32, Oid);

/// What the keys of a class have in common.
#[derive(Debug, Clone, Default)]
struct Class {
    in_head: bool,
    /// When it was first there, and under which path.
    first: Option<(Event, Vec<u8>)>,
    removed: Option<Oid>,
    branches: Vec<String>,
    spots: Vec<Spot>,
    is_selected: bool,
}

/// The history of the shapes.
struct Past<'p> {
    graph: &'p Graph,
    around: &'p Surroundings<'p>,
    reach: Vec<Reach>,
    /// The found blobs.
    blobs: Vec<Oid>,
    /// The shape of each commit.
    shape: Vec<u32>,
    head: Option<u32>,
    /// For each shape of a root: the commits at which it comes and goes.
    comes: HashMap<u32, Vec<u32>>,
    goes: HashMap<u32, Vec<u32>>,
    /// For each shape, the branches that have it now.
    branches: HashMap<u32, Vec<String>>,
    /// For each blob.
    stands: Vec<Stands>,
    paths: Vec<Vec<u8>>,
    /// What refs name other than commits.
    named: HashMap<Oid, (Reach, &'p [u8])>,
    is_whole: bool,
}

impl<'p> Past<'p> {
    fn new(
        graph: &'p Graph,
        shapes: Option<&Shapes>,
        blobs: Vec<Oid>,
        around: &'p Surroundings<'p>,
    ) -> Self {
        let shape_of = |tree: Oid| shapes.map_or(EMPTY, |shapes| shapes.of(tree));
        let shape: Vec<u32> = graph.commits.iter().map(|node| shape_of(node.tree)).collect();
        let (mut comes, mut goes) = (HashMap::new(), HashMap::new());
        for (at, node) in (0..).zip(&graph.commits) {
            let own = shape[at as usize];
            let mut before: Vec<u32> = node.parents.iter().map(|p| shape[*p as usize]).collect();
            if own != EMPTY && (before.is_empty() || before.iter().any(|other| *other != own)) {
                comes.entry(own).or_insert_with(Vec::new).push(at);
            }
            before.sort_unstable();
            before.dedup();
            for other in before.into_iter().filter(|other| *other != own && *other != EMPTY) {
                goes.entry(other).or_insert_with(Vec::new).push(at);
            }
        }
        let mut branches: HashMap<u32, Vec<String>> = HashMap::new();
        let mut named = HashMap::new();
        for root in around.roots {
            let target = graph.peel(root.target);
            if let Some(at) = graph.position(target) {
                if let Some(branch) = root.branch() {
                    branches.entry(shape[at as usize]).or_default().push(branch);
                }
            } else {
                named.entry(target).or_insert((root.reach, root.name.as_slice()));
            }
            // A tag is kept by what names it.
            let mut tag = root.target;
            for _ in 0..64 {
                if !graph.is_tag(tag) {
                    break;
                }
                named.entry(tag).or_insert((root.reach, root.name.as_slice()));
                tag = (around.tag)(tag).map_or(target, |tag| tag.target);
            }
        }
        let mut roots: Vec<u32> = shape.iter().copied().filter(|own| *own != EMPTY).collect();
        let tops = shapes.map(Shapes::tops).unwrap_or_default();
        roots.extend(tops.iter().map(|tree| shape_of(*tree)).filter(|own| *own != EMPTY));
        roots.sort_unstable();
        roots.dedup();
        let (places, is_whole) = shapes.map_or((Vec::new(), true), |shapes| shapes.places(&roots));
        let (stands, paths) = stands(&roots, places, blobs.len());
        let head = around.head.and_then(|head| graph.position(head));
        let reach = graph.reach(around.roots);
        Self {
            graph,
            around,
            reach,
            blobs,
            shape,
            head,
            comes,
            goes,
            branches,
            stands,
            paths,
            named,
            is_whole,
        }
    }

    fn event(&self, at: u32) -> Event {
        let node = self.graph.node(at);
        (self.reach[at as usize], node.time, node.generation, node.oid)
    }

    fn is_selected(&self, at: u32) -> bool {
        self.around.selected.is_none_or(|selected| selected[at as usize])
    }

    /// The commits whose own shape is in `shapes` and that of no parent is.
    fn introductions<'a>(&'a self, shapes: &'a HashSet<u32>) -> impl Iterator<Item = u32> + 'a {
        let has = |at: &u32| shapes.contains(&self.shape[*at as usize]);
        let comes = shapes.iter().flat_map(|shape| self.comes.get(shape).into_iter().flatten());
        comes.copied().filter(move |at| !self.graph.node(*at).parents.iter().any(has))
    }

    fn class(&self, blobs: &[u32]) -> Class {
        let mut class = Class::default();
        // Path to shape of the root to blob.
        let mut by_path: BTreeMap<u32, HashMap<u32, u32>> = BTreeMap::new();
        let mut shapes: HashSet<u32> = HashSet::new();
        for &blob in blobs {
            for &(path, shape) in &self.stands[blob as usize] {
                by_path.entry(path).or_default().insert(shape, blob);
                shapes.insert(shape);
            }
            if self.stands[blob as usize].is_empty() {
                class.spots.push(self.without_tree(self.blobs[blob as usize]));
            }
        }
        let head = self.head.map(|at| self.shape[at as usize]);
        class.in_head = head.is_some_and(|head| shapes.contains(&head));
        for at in self.introductions(&shapes) {
            class.is_selected |= self.is_selected(at);
            let event = self.event(at);
            if class.first.as_ref().is_none_or(|(first, _)| event < *first) {
                class.first = Some((event, Vec::new()));
            }
        }
        let mut branches: Vec<String> = shapes
            .iter()
            .flat_map(|shape| self.branches.get(shape).into_iter().flatten())
            .cloned()
            .collect();
        branches.sort();
        branches.dedup();
        class.branches = branches;
        if class.branches.is_empty() && !class.in_head {
            class.removed = self.removed(&shapes);
        }
        for (path, versions) in by_path {
            class.spots.push(self.spot(path, &versions, head));
        }
        class.spots.sort_unstable();
        if let Some(((.., commit), path)) = &mut class.first {
            let tree = self.graph.position(*commit).map_or(EMPTY, |at| self.shape[at as usize]);
            let mut paths = blobs.iter().flat_map(|blob| &self.stands[*blob as usize]);
            let first = paths.by_ref().filter(|(_, shape)| *shape == tree).map(|(path, _)| *path);
            let first = first.min_by_key(|path| &self.paths[*path as usize]);
            *path = first.map(|path| self.paths[path as usize].clone()).unwrap_or_default();
        }
        class
    }

    /// The place under a path: today's if it is in HEAD's tree, else where it came in.
    fn spot(&self, path: u32, versions: &HashMap<u32, u32>, head: Option<u32>) -> Spot {
        let object = |blob: &u32| self.blobs[*blob as usize];
        let name = self.paths[path as usize].clone();
        if let Some(blob) = head.and_then(|head| versions.get(&head)) {
            let commit = self.around.head;
            return Spot { source: Source::Head, path: name, commit, object: object(blob) };
        }
        let shapes: HashSet<u32> = versions.keys().copied().collect();
        let first = self.introductions(&shapes).min_by_key(|at| self.event(*at));
        match first {
            Some(at) => {
                let blob = &versions[&self.shape[at as usize]];
                let source = source_of(self.reach[at as usize]);
                let commit = Some(self.graph.node(at).oid);
                Spot { source, path: name, commit, object: object(blob) }
            }
            // A tree that no commit has.
            None => {
                let blob = versions.values().min().copied().unwrap_or_default();
                let source = Source::Unreachable;
                Spot { source, path: name, commit: None, object: object(&blob) }
            }
        }
    }

    /// The place of a blob that no tree names.
    fn without_tree(&self, oid: Oid) -> Spot {
        if let Some(path) = self.around.index.get(&oid) {
            return Spot { source: Source::Index, path: path.clone(), commit: None, object: oid };
        }
        let (source, path) = match self.named.get(&oid) {
            Some((reach, name)) if !name.is_empty() => (source_of(*reach), name.to_vec()),
            Some((reach, _)) => (source_of(*reach), oid.to_string().into_bytes()),
            None => (Source::Unreachable, oid.to_string().into_bytes()),
        };
        Spot { source, path, commit: None, object: oid }
    }

    /// The newest commit that took out what `shapes` have.
    fn removed(&self, shapes: &HashSet<u32>) -> Option<Oid> {
        let has = |at: &u32| shapes.contains(&self.shape[*at as usize]);
        let goes = shapes.iter().flat_map(|shape| self.goes.get(shape).into_iter().flatten());
        let gone = goes.copied().filter(|at| !has(at) && self.reach[*at as usize] == Reach::Ref);
        // A merge of a line that never had it, or has it no more, takes nothing out by itself;
        // unless no other commit does.
        let by_itself = |at: u32| self.graph.node(at).parents.iter().all(has);
        let when = |at: u32| (self.graph.node(at).time, self.graph.node(at).generation);
        let newest = gone.max_by_key(|&at| (by_itself(at), when(at), at));
        newest.map(|at| self.graph.node(at).oid)
    }

    fn story(&self, class: &Class, said: &[&Sighting]) -> Story {
        let mut story = Story {
            in_head: self.around.head.map(|_| class.in_head),
            first: None,
            removed: class.removed,
            branches: class.branches.clone(),
            spots: class.spots.clone(),
            is_selected: class.is_selected,
        };
        let mut first =
            class.first.clone().map(|(event, path)| (event, First { object: event.3, path }));
        for sighting in said {
            let (event, spot) = match self.graph.position(sighting.oid) {
                Some(at) => {
                    story.is_selected |= self.is_selected(at);
                    let reach = self.reach[at as usize];
                    let source = said_by(reach, Source::CommitMessage);
                    let path = sighting.oid.to_string().into_bytes();
                    let object = sighting.oid;
                    (Some(self.event(at)), Spot { source, path, commit: Some(object), object })
                }
                None => self.tag_spot(sighting.oid),
            };
            if let Some(event) = event
                && first.as_ref().is_none_or(|(own, _)| event < *own)
            {
                first = Some((event, First { object: sighting.oid, path: spot.path.clone() }));
            }
            story.spots.push(spot);
        }
        if self.around.selected.is_none() {
            story.is_selected = true;
        }
        story.first = first.map(|(_, first)| first);
        story.spots.sort_unstable();
        story
    }

    fn tag_spot(&self, oid: Oid) -> (Option<Event>, Spot) {
        let named = self.named.get(&oid);
        let reach = named.map_or(Reach::Nothing, |(reach, _)| *reach);
        let source = said_by(reach, Source::TagMessage);
        let Some(tag) = (self.around.tag)(oid) else {
            let path = oid.to_string().into_bytes();
            return (None, Spot { source, path, commit: None, object: oid });
        };
        let target = self.graph.peel(oid);
        let commit = self.graph.position(target).map(|_| target);
        let spot = Spot { source, path: tag.name, commit, object: oid };
        // A tag of the same second came after its commit.
        (Some((reach, tag.tagger.time.seconds, u32::MAX, oid)), spot)
    }
}

/// Where a blob stands: path, and shape of the root.
type Stands = Vec<(u32, u32)>;

/// Where each blob stands; and the paths.
fn stands(roots: &[u32], places: Vec<Places>, blobs: usize) -> (Vec<Stands>, Vec<Vec<u8>>) {
    let mut stands: Vec<Stands> = vec![Stands::new(); blobs];
    let mut paths: Vec<Vec<u8>> = Vec::new();
    let mut numbers: HashMap<Vec<u8>, u32> = HashMap::new();
    for (&root, places) in roots.iter().zip(places) {
        for (path, blob) in places {
            let number = match numbers.get(&path) {
                Some(&number) => number,
                None => {
                    let next = paths.len() as u32;
                    paths.push(path.clone());
                    numbers.insert(path, next);
                    next
                }
            };
            stands[blob as usize].push((number, root));
        }
    }
    (stands, paths)
}

fn source_of(reach: Reach) -> Source {
    match reach {
        Reach::Ref => Source::Commit,
        Reach::Note => Source::Note,
        Reach::Stash => Source::Stash,
        Reach::Reflog => Source::Reflog,
        Reach::Nothing => Source::Unreachable,
    }
}

/// The source of a message, where what it belongs to is kept like this.
fn said_by(reach: Reach, message: Source) -> Source {
    match reach {
        Reach::Ref | Reach::Note => message,
        Reach::Stash => Source::Stash,
        Reach::Reflog => Source::Reflog,
        Reach::Nothing => Source::Unreachable,
    }
}
