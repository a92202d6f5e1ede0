//! The history of keys: which commit introduced each, where it is now, and which commit removed it;
//! computed for all findings together.
//!
//! The input is a list of *keys* for each object, numbers without a meaning here. Keys in the same
//! objects have the same history, which is computed once. Commits are compared by the shapes of
//! their trees ([`super::simplified_trees`]), so that in a history of any length only the few
//! commits are examined at which a shape changes.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::commit_graph::CommitGraph;
use super::object_search::OutsideObjects;
use super::object_store::ObjectStore;
use super::objects::TagObject;
use super::pack_entry::ObjectKind;
use super::reachability::{Reachability, ReachabilityRoot};
use super::simplified_trees::{EMPTY, FoundPaths, SimplifiedTrees};
use crate::model::{Oid, SourceKind};

/// The keys in an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectHit {
    /// The object.
    pub oid: Oid,
    /// Its kind; never a tree.
    pub kind: ObjectKind,
    /// Its keys, each once, in order.
    pub keys: Vec<u32>,
}

/// Facts about the repository besides its objects.
pub struct RepositoryContext<'s> {
    /// The targets of refs and reflogs.
    pub roots: &'s [ReachabilityRoot],
    /// The commit that HEAD names.
    pub head: Option<Oid>,
    /// The objects in the index, with their paths.
    pub index: &'s BTreeMap<Oid, Vec<u8>>,
    /// For each commit, true if it is selected; `None` selects all.
    pub selected: Option<&'s [bool]>,
    /// Reads objects that a delta of a pack needs and the pack does not have.
    pub outside: OutsideObjects<'s>,
    /// Reads a tag.
    pub tag: &'s dyn Fn(Oid) -> Option<TagObject>,
}

/// A location of a key: the version that reports show.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HistoryLocation {
    /// Kind of source.
    pub source: SourceKind,
    /// The path; for an object without a path, a name or its id.
    pub path: Vec<u8>,
    /// The commit.
    pub commit: Option<Oid>,
    /// The object to read: a blob, a commit or a tag.
    pub object: Oid,
}

/// The first appearance of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstAppearance {
    /// The commit; or the tag, if the key is in its message.
    pub object: Oid,
    /// The path, as in [`HistoryLocation`].
    pub path: Vec<u8>,
    /// True if it is in the commit's tree, false if in its message.
    pub is_in_tree: bool,
}

/// The history of a key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyHistory {
    /// True if it is in HEAD's tree.
    pub in_head: Option<bool>,
    /// Its first appearance.
    pub first: Option<FirstAppearance>,
    /// The last commit that removed it, if no branch contains it.
    pub removed: Option<Oid>,
    /// Branches whose trees contain it.
    pub branches: Vec<String>,
    /// Its locations.
    pub locations: Vec<HistoryLocation>,
    /// True if a selected commit introduced it.
    pub is_selected: bool,
}

/// The histories of the keys `0..keys`; the second value is true if they contain all locations.
pub fn attribute(
    store: &ObjectStore,
    graph: &CommitGraph,
    object_hits: &[ObjectHit],
    keys: usize,
    context: &RepositoryContext<'_>,
) -> (Vec<KeyHistory>, bool) {
    let blobs: Vec<&ObjectHit> =
        object_hits.iter().filter(|s| s.kind == ObjectKind::Blob).collect();
    let oids: Vec<Oid> = blobs.iter().map(|object_hit| object_hit.oid).collect();
    let shapes = (!oids.is_empty()).then(|| SimplifiedTrees::new(store, &oids, context.outside));
    let history_index = HistoryIndex::new(graph, shapes.as_ref(), oids, context);
    // Keys in the same objects form a class.
    let mut of_key: Vec<Vec<u32>> = vec![Vec::new(); keys];
    for (at, object_hit) in (0..).zip(&blobs) {
        for &key in &object_hit.keys {
            of_key[key as usize].push(at);
        }
    }
    let mut message_hits: Vec<Vec<&ObjectHit>> = vec![Vec::new(); keys];
    for object_hit in object_hits.iter().filter(|object_hit| object_hit.kind != ObjectKind::Blob) {
        for &key in &object_hit.keys {
            message_hits[key as usize].push(object_hit);
        }
    }
    let mut classes: HashMap<&[u32], HistoryClass> = HashMap::new();
    let mut key_histories = Vec::with_capacity(keys);
    for (blobs, message_hits) in of_key.iter().zip(&message_hits) {
        let class = classes.entry(blobs).or_insert_with(|| history_index.class(blobs));
        key_histories.push(history_index.key_history(class, message_hits));
    }
    (key_histories, history_index.is_whole)
}

/// An event at a commit, ordered: the best-kept and oldest comes first.
type CommitEvent = (Reachability, i64, u32, Oid);

/// The common part of the histories of a class.
#[derive(Debug, Clone, Default)]
struct HistoryClass {
    in_head: bool,
    /// The first appearance, and its path.
    first: Option<(CommitEvent, Vec<u8>)>,
    removed: Option<Oid>,
    branches: Vec<String>,
    locations: Vec<HistoryLocation>,
    is_selected: bool,
}

/// The history of the shapes.
struct HistoryIndex<'p> {
    graph: &'p CommitGraph,
    context: &'p RepositoryContext<'p>,
    reach: Vec<Reachability>,
    /// The blobs with keys.
    blobs: Vec<Oid>,
    /// The shape of each commit.
    shape: Vec<u32>,
    head: Option<u32>,
    /// For each shape of a root: the commits that introduce and that remove it.
    comes: HashMap<u32, Vec<u32>>,
    goes: HashMap<u32, Vec<u32>>,
    /// For each shape, the branches that have it now.
    branches: HashMap<u32, Vec<String>>,
    /// For each blob, its places.
    places: Vec<BlobPlaces>,
    paths: Vec<Vec<u8>>,
    /// The targets of refs that are not commits.
    named: HashMap<Oid, (Reachability, &'p [u8])>,
    is_whole: bool,
}

impl<'p> HistoryIndex<'p> {
    fn new(
        graph: &'p CommitGraph,
        shapes: Option<&SimplifiedTrees>,
        blobs: Vec<Oid>,
        context: &'p RepositoryContext<'p>,
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
        for root in context.roots {
            let target = graph.peel(root.target);
            if let Some(at) = graph.position(target) {
                if let Some(branch) = root.branch() {
                    branches.entry(shape[at as usize]).or_default().push(branch);
                }
            } else {
                named.entry(target).or_insert((root.reach, root.name.as_slice()));
            }
            // A tag is kept by the ref that names it.
            let mut tag = root.target;
            for _ in 0..64 {
                if !graph.is_tag(tag) {
                    break;
                }
                named.entry(tag).or_insert((root.reach, root.name.as_slice()));
                tag = (context.tag)(tag).map_or(target, |tag| tag.target);
            }
        }
        let mut roots: Vec<u32> = shape.iter().copied().filter(|own| *own != EMPTY).collect();
        let tops = shapes.map(SimplifiedTrees::tops).unwrap_or_default();
        roots.extend(tops.iter().map(|tree| shape_of(*tree)).filter(|own| *own != EMPTY));
        roots.sort_unstable();
        roots.dedup();
        let (places, is_whole) = shapes.map_or((Vec::new(), true), |shapes| shapes.places(&roots));
        let (places, paths) = places_of_blobs(&roots, places, blobs.len());
        let head = context.head.and_then(|head| graph.position(head));
        let reach = graph.reach(context.roots);
        Self {
            graph,
            context,
            reach,
            blobs,
            shape,
            head,
            comes,
            goes,
            branches,
            places,
            paths,
            named,
            is_whole,
        }
    }

    fn event(&self, at: u32) -> CommitEvent {
        let node = self.graph.node(at);
        (self.reach[at as usize], node.time, node.generation, node.oid)
    }

    fn is_selected(&self, at: u32) -> bool {
        self.context.selected.is_none_or(|selected| selected[at as usize])
    }

    /// The commits whose own shape is in `shapes` while that of no parent is.
    fn introductions<'a>(&'a self, shapes: &'a HashSet<u32>) -> impl Iterator<Item = u32> + 'a {
        let has = |at: &u32| shapes.contains(&self.shape[*at as usize]);
        let comes = shapes.iter().flat_map(|shape| self.comes.get(shape).into_iter().flatten());
        comes.copied().filter(move |at| !self.graph.node(*at).parents.iter().any(has))
    }

    fn class(&self, blobs: &[u32]) -> HistoryClass {
        let mut class = HistoryClass::default();
        // From path to shape of the root to blob.
        let mut by_path: BTreeMap<u32, HashMap<u32, u32>> = BTreeMap::new();
        let mut shapes: HashSet<u32> = HashSet::new();
        for &blob in blobs {
            for &(path, shape) in &self.places[blob as usize] {
                by_path.entry(path).or_default().insert(shape, blob);
                shapes.insert(shape);
            }
            if self.places[blob as usize].is_empty() {
                class.locations.push(self.without_tree(self.blobs[blob as usize]));
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
            class.locations.push(self.location(path, &versions, head));
        }
        class.locations.sort_unstable();
        if let Some(((.., commit), path)) = &mut class.first {
            let tree = self.graph.position(*commit).map_or(EMPTY, |at| self.shape[at as usize]);
            let mut paths = blobs.iter().flat_map(|blob| &self.places[*blob as usize]);
            let first = paths.by_ref().filter(|(_, shape)| *shape == tree).map(|(path, _)| *path);
            let first = first.min_by_key(|path| &self.paths[*path as usize]);
            *path = first.map(|path| self.paths[path as usize].clone()).unwrap_or_default();
        }
        class
    }

    /// The location for a path: today's if it is in HEAD's tree, else the one where it was
    /// introduced.
    fn location(
        &self,
        path: u32,
        versions: &HashMap<u32, u32>,
        head: Option<u32>,
    ) -> HistoryLocation {
        let object = |blob: &u32| self.blobs[*blob as usize];
        let name = self.paths[path as usize].clone();
        if let Some(blob) = head.and_then(|head| versions.get(&head)) {
            let commit = self.context.head;
            return HistoryLocation {
                source: SourceKind::Head,
                path: name,
                commit,
                object: object(blob),
            };
        }
        let shapes: HashSet<u32> = versions.keys().copied().collect();
        let first = self.introductions(&shapes).min_by_key(|at| self.event(*at));
        match first {
            Some(at) => {
                let blob = &versions[&self.shape[at as usize]];
                let source = source_of(self.reach[at as usize]);
                let commit = Some(self.graph.node(at).oid);
                HistoryLocation { source, path: name, commit, object: object(blob) }
            }
            // A tree that no commit has.
            None => {
                let blob = versions.values().min().copied().unwrap_or_default();
                let source = SourceKind::Unreachable;
                HistoryLocation { source, path: name, commit: None, object: object(&blob) }
            }
        }
    }

    /// The location of a blob that no tree contains.
    fn without_tree(&self, oid: Oid) -> HistoryLocation {
        if let Some(path) = self.context.index.get(&oid) {
            return HistoryLocation {
                source: SourceKind::Index,
                path: path.clone(),
                commit: None,
                object: oid,
            };
        }
        let (source, path) = match self.named.get(&oid) {
            Some((reach, name)) if !name.is_empty() => (source_of(*reach), name.to_vec()),
            Some((reach, _)) => (source_of(*reach), oid.to_string().into_bytes()),
            None => (SourceKind::Unreachable, oid.to_string().into_bytes()),
        };
        HistoryLocation { source, path, commit: None, object: oid }
    }

    /// The newest commit that removed what `shapes` contain.
    fn removed(&self, shapes: &HashSet<u32>) -> Option<Oid> {
        let has = |at: &u32| shapes.contains(&self.shape[*at as usize]);
        let goes = shapes.iter().flat_map(|shape| self.goes.get(shape).into_iter().flatten());
        let gone =
            goes.copied().filter(|at| !has(at) && self.reach[*at as usize] == Reachability::Ref);
        // A merge with a line that never had it, or no longer has it, does not count as the removal
        // unless no other commit does.
        let by_itself = |at: u32| self.graph.node(at).parents.iter().all(has);
        let when = |at: u32| (self.graph.node(at).time, self.graph.node(at).generation);
        let newest = gone.max_by_key(|&at| (by_itself(at), when(at), at));
        newest.map(|at| self.graph.node(at).oid)
    }

    fn key_history(&self, class: &HistoryClass, message_hits: &[&ObjectHit]) -> KeyHistory {
        let mut key_history = KeyHistory {
            in_head: self.context.head.map(|_| class.in_head),
            first: None,
            removed: class.removed,
            branches: class.branches.clone(),
            locations: class.locations.clone(),
            is_selected: class.is_selected,
        };
        let mut first = class.first.clone().map(|(event, path)| {
            (event, FirstAppearance { object: event.3, path, is_in_tree: true })
        });
        for object_hit in message_hits {
            let (event, location) = match self.graph.position(object_hit.oid) {
                Some(at) => {
                    key_history.is_selected |= self.is_selected(at);
                    let reach = self.reach[at as usize];
                    let source = said_by(reach, SourceKind::CommitMessage);
                    let path = object_hit.oid.to_string().into_bytes();
                    let object = object_hit.oid;
                    (
                        Some(self.event(at)),
                        HistoryLocation { source, path, commit: Some(object), object },
                    )
                }
                None => self.tag_location(object_hit.oid),
            };
            if let Some(event) = event
                && first.as_ref().is_none_or(|(own, _)| event < *own)
            {
                first = Some((
                    event,
                    FirstAppearance {
                        object: object_hit.oid,
                        path: location.path.clone(),
                        is_in_tree: false,
                    },
                ));
            }
            key_history.locations.push(location);
        }
        if self.context.selected.is_none() {
            key_history.is_selected = true;
        }
        key_history.first = first.map(|(_, first)| first);
        key_history.locations.sort_unstable();
        key_history
    }

    fn tag_location(&self, oid: Oid) -> (Option<CommitEvent>, HistoryLocation) {
        let named = self.named.get(&oid);
        let reach = named.map_or(Reachability::Nothing, |(reach, _)| *reach);
        let source = said_by(reach, SourceKind::TagMessage);
        let Some(tag) = (self.context.tag)(oid) else {
            let path = oid.to_string().into_bytes();
            return (None, HistoryLocation { source, path, commit: None, object: oid });
        };
        let target = self.graph.peel(oid);
        let commit = self.graph.position(target).map(|_| target);
        let location = HistoryLocation { source, path: tag.name, commit, object: oid };
        // A tag of the same second is later than its commit.
        (Some((reach, tag.tagger.time.seconds, u32::MAX, oid)), location)
    }
}

/// The places of a blob: path, and shape of the root.
type BlobPlaces = Vec<(u32, u32)>;

/// The places of each blob, and the paths.
fn places_of_blobs(
    roots: &[u32],
    found: Vec<FoundPaths>,
    blobs: usize,
) -> (Vec<BlobPlaces>, Vec<Vec<u8>>) {
    let mut places: Vec<BlobPlaces> = vec![BlobPlaces::new(); blobs];
    let mut paths: Vec<Vec<u8>> = Vec::new();
    let mut numbers: HashMap<Vec<u8>, u32> = HashMap::new();
    for (&root, found) in roots.iter().zip(found) {
        for (path, blob) in found {
            let number = match numbers.get(&path) {
                Some(&number) => number,
                None => {
                    let next = paths.len() as u32;
                    paths.push(path.clone());
                    numbers.insert(path, next);
                    next
                }
            };
            places[blob as usize].push((number, root));
        }
    }
    (places, paths)
}

fn source_of(reach: Reachability) -> SourceKind {
    match reach {
        Reachability::Ref => SourceKind::Commit,
        Reachability::Note => SourceKind::Note,
        Reachability::Stash => SourceKind::Stash,
        Reachability::Reflog => SourceKind::Reflog,
        Reachability::Nothing => SourceKind::Unreachable,
    }
}

/// The source of a message, given how its commit or tag is kept.
fn said_by(reach: Reachability, message: SourceKind) -> SourceKind {
    match reach {
        Reachability::Ref | Reachability::Note => message,
        Reachability::Stash => SourceKind::Stash,
        Reachability::Reflog => SourceKind::Reflog,
        Reachability::Nothing => SourceKind::Unreachable,
    }
}
