//! Simplifies trees to the paths that lead to given objects, so that commits can be compared by
//! them.
//!
//! All trees are walked once for pairs (child, parent): as in the walk of the blobs, a tree
//! inherits what it shares with its delta base, so that only new entries are looked up. Following
//! the pairs upwards gives the relevant trees, and only these are read. Trees with the same given
//! objects under the same names have the same *shape*, whatever else they contain; there are few
//! shapes, so that commits can be compared by number. git calls such trees TREESAME.

use std::ops::Range;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::file_mode;
use super::object_search::{
    NeedleHit, NeedleSearch, NeedleSet, ObjectVisitor, OutsideObjects, SearchSigns, SearchedObject,
    VisitedObject, WalkScope,
};
use super::object_store::ObjectStore;
use super::oid_marks::OidMarks;
use super::pack_entry::ObjectKind;
use crate::model::{ObjectFormat, Oid};

/// Limit for (path, object) pairs of all shapes together. A hostile repository can name one object
/// by more paths than memory can hold.
const MAX_PLACES: usize = 20_000_000;

/// Limit for the entries of one tree, and of those below it, that are followed to list all places.
const MAX_ENTRIES: usize = 500_000;

/// Limit for the places of one object in one tree.
const MAX_SAME: usize = 1000;

/// The longest path in bytes.
const MAX_PATH: usize = 16 << 10;

/// The shape of a tree without any of the given objects.
pub(super) const EMPTY: u32 = 0;

/// The trees that lead to the given objects.
#[derive(Debug)]
pub(super) struct SimplifiedTrees {
    /// Numbers of the trees, then of the given objects.
    table: HashMap<Oid, u32>,
    trees: u32,
    /// The shape of each relevant tree.
    of_tree: HashMap<u32, u32>,
    /// Name and child of each entry; a child is a given object, or `found` plus a shape.
    shapes: Vec<Vec<(u32, u32)>>,
    names: Vec<Vec<u8>>,
    found: u32,
    /// Relevant trees that no other relevant tree contains.
    tops: Vec<Oid>,
}

/// The places of given objects below a tree: path and number of the object.
pub(super) type FoundPaths = Vec<(Vec<u8>, u32)>;

impl SimplifiedTrees {
    /// Finds the trees of `store` that lead to the objects `found`.
    pub(super) fn new(store: &ObjectStore, found: &[Oid], outside: OutsideObjects<'_>) -> Self {
        let trees = store.trees();
        let mut table: HashMap<Oid, u32> = trees.into_iter().zip(0..).collect();
        let trees = table.len() as u32;
        for (oid, at) in found.iter().zip(trees..) {
            table.insert(*oid, at);
        }
        let scope = WalkScope { kinds: &|kind| kind == ObjectKind::Tree, skip: None, outside };
        let search = IdSearch {
            table: &table,
            only: None,
            marks: OidMarks::new(table.keys(), table.len()),
            format: store.format(),
        };
        let edges = store.search(&search, &scope, || EdgeCollector {
            table: &table,
            parents: Vec::new(),
            children: Vec::new(),
        });
        let (matters, tops) = upwards(&edges, trees, table.len());
        drop(edges);
        let mut top_oids: Vec<Oid> = Vec::new();
        if !tops.is_empty() {
            let is_top: Vec<bool> = marks(&tops, table.len());
            top_oids =
                table.iter().filter(|(_, at)| is_top[**at as usize]).map(|(o, _)| *o).collect();
            top_oids.sort_unstable();
        }
        let mut shapes = Self {
            trees,
            of_tree: HashMap::new(),
            shapes: vec![Vec::new()],
            names: Vec::new(),
            found: found.len() as u32,
            tops: top_oids,
            table,
        };
        let read = shapes.read(store, &matters, outside);
        shapes.intern(&read);
        shapes
    }

    /// The shape of a tree.
    pub(super) fn of(&self, tree: Oid) -> u32 {
        let at = self.table.get(&tree);
        at.and_then(|at| self.of_tree.get(at)).copied().unwrap_or(EMPTY)
    }

    /// Relevant trees that no other relevant tree contains.
    pub(super) fn tops(&self) -> &[Oid] {
        &self.tops
    }

    /// The places of given objects in each of `roots`; the second value is true if the lists are
    /// complete. For an object with more places than the limits allow, some places are left out,
    /// but not all.
    pub(super) fn places(&self, roots: &[u32]) -> (Vec<FoundPaths>, bool) {
        let mut room = MAX_PLACES;
        let mut is_whole = true;
        let all = roots.iter().map(|&root| {
            let mut walk = PathWalk { shapes: self, steps: Vec::new(), places: HashMap::new() };
            if !walk.all(root, &mut room) {
                is_whole = false;
                walk.each_once(root);
            }
            let places = walk.places.into_iter();
            let mut places: FoundPaths =
                places.flat_map(|(found, own)| own.into_iter().map(move |p| (p, found))).collect();
            places.sort_unstable();
            places
        });
        (all.collect(), is_whole)
    }

    /// Reads the relevant entries of the relevant trees.
    fn read(
        &mut self,
        store: &ObjectStore,
        matters: &[bool],
        outside: OutsideObjects<'_>,
    ) -> HashMap<u32, Vec<(u32, u32)>> {
        let table = &self.table;
        let skip = |oid: Oid| !table.get(&oid).is_some_and(|&at| matters[at as usize]);
        let scope =
            WalkScope { kinds: &|kind| kind == ObjectKind::Tree, skip: Some(&skip), outside };
        let of_them = || table.iter().filter(|(_, at)| matters[**at as usize]).map(|(oid, _)| oid);
        let marks = OidMarks::new(of_them(), of_them().count());
        let search = IdSearch { table, only: Some(matters), marks, format: store.format() };
        let trees = self.trees;
        let visitors = store.search(&search, &scope, || EntryCollector {
            table,
            trees,
            names: HashMap::new(),
            entries: Vec::new(),
        });
        let mut numbers: HashMap<Vec<u8>, u32> = HashMap::new();
        let mut read: HashMap<u32, Vec<(u32, u32)>> = HashMap::new();
        for visitor in visitors {
            let mut renamed = vec![0; visitor.names.len()];
            for (name, own) in visitor.names {
                let next = numbers.len() as u32;
                renamed[own as usize] = *numbers.entry(name).or_insert(next);
            }
            for (tree, name, child) in visitor.entries {
                read.entry(tree).or_default().push((renamed[name as usize], child));
            }
        }
        // A tree that is stored twice was read twice.
        for entries in read.values_mut() {
            entries.sort_unstable();
            entries.dedup();
        }
        let mut names = vec![Vec::new(); numbers.len()];
        for (name, at) in numbers {
            names[at as usize] = name;
        }
        self.names = names;
        read
    }

    /// Numbers the shapes, from the leaves up.
    fn intern(&mut self, read: &HashMap<u32, Vec<(u32, u32)>>) {
        let mut numbers: HashMap<Vec<(u32, u32)>, u32> = HashMap::new();
        let mut begun = HashSet::new();
        let mut stack: Vec<u32> = read.keys().copied().collect();
        stack.sort_unstable();
        while let Some(&tree) = stack.last() {
            if self.of_tree.contains_key(&tree) {
                stack.pop();
                continue;
            }
            let own = read.get(&tree).map_or(&[][..], Vec::as_slice);
            if begun.insert(tree) {
                // Children first. A child that is begun but not done would contain itself, which a
                // damaged index can claim. It counts as empty.
                let children = own.iter().map(|(_, child)| *child);
                let open = children.filter(|child| *child < self.trees && !begun.contains(child));
                stack.extend(open);
                continue;
            }
            stack.pop();
            let shape: Vec<(u32, u32)> = own
                .iter()
                .filter_map(|&(name, child)| match child.checked_sub(self.trees) {
                    Some(found) => Some((name, found)),
                    None => self
                        .of_tree
                        .get(&child)
                        .filter(|shape| **shape != EMPTY)
                        .map(|shape| (name, self.found + shape)),
                })
                .collect();
            let number = if shape.is_empty() {
                EMPTY
            } else if let Some(&known) = numbers.get(&shape) {
                known
            } else {
                let next = self.shapes.len() as u32;
                self.shapes.push(shape.clone());
                numbers.insert(shape, next);
                next
            };
            self.of_tree.insert(tree, number);
        }
    }
}

/// A walk down a shape.
struct PathWalk<'w> {
    shapes: &'w SimplifiedTrees,
    /// The path to each entry: the step before it, and its name. Full paths are built only for
    /// given objects.
    steps: Vec<(usize, u32)>,
    /// The paths of each object.
    places: HashMap<u32, Vec<Vec<u8>>>,
}

/// No step: the root.
const ROOT: usize = usize::MAX;

impl PathWalk<'_> {
    /// Follows every path. Returns false if a limit was reached.
    fn all(&mut self, root: u32, room: &mut usize) -> bool {
        let mut is_whole = true;
        let mut stack = vec![(root, ROOT, 0)];
        while let Some((shape, at, length)) = stack.pop() {
            for &(name, child) in self.shapes.shapes[shape as usize].iter().rev() {
                if self.steps.len() == MAX_ENTRIES || *room == 0 {
                    return false;
                }
                let length = length + self.shapes.names[name as usize].len() + 1;
                let step = self.step(at, name);
                let Some(below) = child.checked_sub(self.shapes.found) else {
                    *room -= 1;
                    let path = self.path(step);
                    let places = self.places.entry(child).or_default();
                    if places.len() < MAX_SAME {
                        places.push(path);
                    } else {
                        is_whole = false;
                    }
                    continue;
                };
                if length < MAX_PATH {
                    stack.push((below, step, length));
                } else {
                    is_whole = false;
                }
            }
        }
        is_whole
    }

    /// Follows only paths to something new: finds one place of each object.
    fn each_once(&mut self, root: u32) {
        self.steps.clear();
        let mut seen = HashSet::new();
        let mut stack = vec![(root, ROOT)];
        while let Some((shape, at)) = stack.pop() {
            for &(name, child) in &self.shapes.shapes[shape as usize] {
                match child.checked_sub(self.shapes.found) {
                    Some(below) if seen.insert(below) => {
                        let step = self.step(at, name);
                        stack.push((below, step));
                    }
                    None if !self.places.contains_key(&child) => {
                        let step = self.step(at, name);
                        let path = self.path(step);
                        self.places.insert(child, vec![path]);
                    }
                    _ => {}
                }
            }
        }
    }

    fn step(&mut self, before: usize, name: u32) -> usize {
        self.steps.push((before, name));
        self.steps.len() - 1
    }

    /// The path to a step; if it is too long, its end.
    fn path(&self, step: usize) -> Vec<u8> {
        let mut names: Vec<&[u8]> = Vec::new();
        let (mut at, mut length) = (step, 0);
        while let Some(&(before, name)) = self.steps.get(at) {
            if length >= MAX_PATH {
                names.push("…".as_bytes());
                break;
            }
            let name = &self.shapes.names[name as usize];
            length += name.len() + 1;
            names.push(name);
            at = before;
        }
        names.reverse();
        names.join(&b'/')
    }
}

/// Marks which of `count` nodes lead down to one of the nodes after the first `trees`, and lists
/// those without a parent.
fn upwards(edges: &[EdgeCollector<'_>], trees: u32, count: usize) -> (Vec<bool>, Vec<u32>) {
    let mut first = vec![0u32; count + 1];
    for &child in edges.iter().flat_map(|edges| &edges.children) {
        first[child as usize + 1] += 1;
    }
    for at in 0..count {
        first[at + 1] += first[at];
    }
    let mut next = first.clone();
    let mut parents = vec![0u32; first[count] as usize];
    for edges in edges {
        let mut children = edges.children.iter();
        for &(parent, own) in &edges.parents {
            for &child in children.by_ref().take(own as usize) {
                let place = &mut next[child as usize];
                parents[*place as usize] = parent;
                *place += 1;
            }
        }
    }
    let mut matters = vec![false; count];
    let mut tops = Vec::new();
    let mut stack: Vec<u32> = (trees..count as u32).collect();
    while let Some(at) = stack.pop() {
        if std::mem::replace(&mut matters[at as usize], true) {
            continue;
        }
        let own = first[at as usize] as usize..first[at as usize + 1] as usize;
        if own.is_empty() && at < trees {
            tops.push(at);
        }
        stack.extend(&parents[own]);
    }
    (matters, tops)
}

fn marks(list: &[u32], count: usize) -> Vec<bool> {
    let mut marks = vec![false; count];
    for &at in list {
        marks[at as usize] = true;
    }
    marks
}

/// Looks for ids in trees: each follows the zero byte that ends a name.
struct IdSearch<'i> {
    table: &'i HashMap<Oid, u32>,
    only: Option<&'i [bool]>,
    /// Of the ids that are looked for.
    marks: OidMarks,
    format: ObjectFormat,
}

/// Length of a zero byte and an id.
fn needle(format: ObjectFormat) -> usize {
    1 + format.bytes()
}

impl NeedleSearch for IdSearch<'_> {
    fn longest(&self) -> usize {
        needle(self.format)
    }

    fn hits(
        &self,
        bytes: &[u8],
        range: Range<usize>,
        _: NeedleSet,
        each: &mut dyn FnMut(NeedleHit),
    ) -> SearchSigns {
        for zero in memchr::memchr_iter(0, &bytes[range.clone()]) {
            let start = range.start + zero;
            if !self.marks.may_have(&bytes[start + 1..]) {
                continue;
            }
            let Some(oid) = Oid::at_start(self.format, &bytes[start + 1..]) else {
                continue;
            };
            if let Some(&needle) = self.table.get(&oid)
                && self.only.is_none_or(|only| only[needle as usize])
            {
                each(NeedleHit { start, length: self.longest(), needle, ..NeedleHit::default() });
            }
        }
        SearchSigns::default()
    }
}

/// Records which tree contains which tree or given object. There are tens of them for each tree, so
/// they are stored compactly.
struct EdgeCollector<'e> {
    table: &'e HashMap<Oid, u32>,
    /// Each tree, and how many of the children are its own.
    parents: Vec<(u32, u32)>,
    children: Vec<u32>,
}

impl ObjectVisitor for EdgeCollector<'_> {
    fn object(&mut self, object: VisitedObject<'_>) {
        if let Some(&parent) = self.table.get(&object.oid) {
            self.parents.push((parent, object.hits.len() as u32));
            self.children.extend(object.hits.iter().map(|hit| hit.needle));
        }
    }

    fn damaged(&mut self, _: Oid, _: &str) {}

    fn searched(&mut self, _: SearchedObject<'_>) {}
}

/// Mode, name and needle of the entries with hits. An entry is mode, space, name, zero byte and id,
/// and neither mode nor name has a zero byte; so nothing else need be read to get from one to the
/// next.
fn named<'t>(
    tree: &'t [u8],
    hits: &'t [NeedleHit],
) -> impl Iterator<Item = (&'t [u8], &'t [u8], u32)> {
    let mut at = 0;
    hits.iter().filter_map(move |hit| {
        loop {
            let zero = at + memchr::memchr(0, tree.get(at..)?)?;
            if zero > hit.start {
                // Something like an id in the middle of an entry.
                return None;
            }
            let entry = &tree[at..zero];
            at = zero + hit.length;
            if zero == hit.start {
                let space = memchr::memchr(b' ', entry)?;
                return Some((&entry[..space], &entry[space + 1..], hit.needle));
            }
        }
    })
}

/// Records the relevant entries, with their names.
struct EntryCollector<'e> {
    table: &'e HashMap<Oid, u32>,
    trees: u32,
    names: HashMap<Vec<u8>, u32>,
    /// Tree, name, child.
    entries: Vec<(u32, u32, u32)>,
}

impl ObjectVisitor for EntryCollector<'_> {
    fn object(&mut self, object: VisitedObject<'_>) {
        let Some(&tree) = self.table.get(&object.oid) else {
            return;
        };
        for (mode, name, child) in named(object.bytes, object.hits) {
            let is_meant = file_mode::parse(mode).is_some_and(|mode| {
                !file_mode::is_submodule(mode) && file_mode::is_folder(mode) == (child < self.trees)
            });
            if !is_meant {
                continue;
            }
            let name = match self.names.get(name) {
                Some(&name) => name,
                None => {
                    let next = self.names.len() as u32;
                    self.names.insert(name.to_owned(), next);
                    next
                }
            };
            self.entries.push((tree, name, child));
        }
    }

    fn damaged(&mut self, _: Oid, _: &str) {}

    fn searched(&mut self, _: SearchedObject<'_>) {}
}
