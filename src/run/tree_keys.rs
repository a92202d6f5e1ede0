//! Determines which keys a whole git tree contains, folder by folder. Nothing is read twice:
//! folders and files that several trees have in common are searched once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::blob_search::{BlobSearcher, SearchedBlob};
use super::unreadable_objects::UnreadableObjects;
use crate::model::{KeyId, Oid};
use crate::source::git::{
    MAX_FOLDERS, MAX_PATH, MORE_FOLDERS, ObjectKind, ReadError, entries, join_path,
};

/// A set of keys, as sorted numbers of a [`TreeKeys`].
pub(super) type KeySet = Arc<[u32]>;

/// Limit for the locations of one key in one tree.
const MAX_PLACES: usize = 1000;

/// A location of keys in a tree.
pub(super) struct KeyLocation {
    /// The file; or the folder, if the keys are in its name.
    pub(super) path: Vec<u8>,
    /// Its content; `None` if the keys are in its name.
    pub(super) blob: Option<Oid>,
    /// The keys.
    pub(super) keys: Vec<u32>,
}

/// A folder: its tree and, if paths matter, its path.
type FolderKey = (Oid, Vec<u8>);

/// A step of the walk through folders.
enum FolderStep {
    /// Enters a folder at this path.
    Enter(FolderKey, Vec<u8>),
    /// Leaves a folder after all its content.
    Leave(FolderKey),
}

/// The keys of trees. Only keys that have been added are looked for.
pub(super) struct TreeKeys<'s> {
    blobs: BlobSearcher<'s>,
    ids: HashMap<KeyId, u32>,
    keys: Vec<KeyId>,
    files: HashMap<Oid, Vec<u32>>,
    folders: HashMap<FolderKey, KeySet>,
    walked: HashSet<FolderKey>,
    none: KeySet,
    /// True if the same tree may have other keys at another path: excluded paths are not read.
    by_path: bool,
    /// Limit for the folders that are read in that case.
    most: usize,
    /// Objects that could not be read.
    pub(super) unreadable: UnreadableObjects,
}

impl<'s> TreeKeys<'s> {
    /// A set without keys.
    pub(super) fn new(blobs: BlobSearcher<'s>) -> Self {
        Self {
            blobs,
            ids: HashMap::new(),
            keys: Vec::new(),
            files: HashMap::new(),
            folders: HashMap::new(),
            walked: HashSet::new(),
            none: Vec::new().into(),
            by_path: blobs.excludes(),
            most: MAX_FOLDERS,
            unreadable: UnreadableObjects::default(),
        }
    }

    /// Adds a key. All keys must be added before the first tree is requested.
    pub(super) fn learn(&mut self, key: KeyId) -> u32 {
        *self.ids.entry(key).or_insert_with(|| {
            self.keys.push(key);
            self.keys.len() as u32 - 1
        })
    }

    /// Adds the keys of a blob.
    pub(super) fn learn_blob(&mut self, oid: Oid, blob: &SearchedBlob) {
        let keys = blob.keys.iter().map(|&key| self.learn(key)).collect();
        self.files.insert(oid, keys);
    }

    /// The key with a number.
    pub(super) fn key(&self, number: u32) -> KeyId {
        self.keys[number as usize]
    }

    /// Number of keys.
    pub(super) fn count(&self) -> u32 {
        self.keys.len() as u32
    }

    /// The keys that `tree` contains, in files and in names.
    pub(super) fn of(&mut self, tree: Oid) -> KeySet {
        if self.keys.is_empty() {
            return self.none.clone();
        }
        self.most += MORE_FOLDERS;
        let root = (tree, Vec::new());
        if let Some(known) = self.folders.get(&root) {
            return known.clone();
        }
        for folder in self.walk(root.clone()) {
            let keys = self.sum(&folder);
            self.folders.insert(folder, keys);
        }
        self.folders.get(&root).cloned().unwrap_or_else(|| self.none.clone())
    }

    /// Searches the unknown folders from `root` down. Returns them, children first.
    fn walk(&mut self, root: FolderKey) -> Vec<FolderKey> {
        let mut unknown = BTreeMap::new();
        let mut order = Vec::new();
        let mut stack = vec![FolderStep::Enter(root, Vec::new())];
        while let Some(step) = stack.pop() {
            let (folder, path) = match step {
                FolderStep::Leave(folder) => {
                    order.push(folder);
                    continue;
                }
                FolderStep::Enter(folder, path) => (folder, path),
            };
            if !self.walked.insert(folder.clone()) {
                continue;
            }
            if self.by_path && self.walked.len() > self.most {
                let why = ReadError::Damaged("it has more folders than can be read".to_owned());
                self.unreadable.note(folder.0, &path, &why);
                continue;
            }
            let bytes = match self.blobs.objects.read_as(ObjectKind::Tree, folder.0) {
                Ok(bytes) => bytes,
                Err(why) => {
                    self.unreadable.note(folder.0, &path, &why);
                    continue;
                }
            };
            stack.push(FolderStep::Leave(folder.clone()));
            for entry in entries(&bytes, folder.0.format()) {
                let Some(entry) = entry else {
                    let why = ReadError::Damaged("it is not a valid tree".to_owned());
                    self.unreadable.note(folder.0, &path, &why);
                    break;
                };
                let below = join_path(&path, entry.name);
                if below.len() > MAX_PATH {
                    let why = ReadError::Damaged("its path is too long".to_owned());
                    self.unreadable.note(entry.oid, &below[..200], &why);
                } else if entry.is_tree() {
                    stack.push(FolderStep::Enter(self.folder(entry.oid, &below), below));
                } else if !entry.is_submodule()
                    && !self.files.contains_key(&entry.oid)
                    && !self.blobs.is_excluded(&below, false)
                {
                    unknown.entry(entry.oid).or_insert(below);
                }
            }
        }
        let unknown: Vec<_> = unknown.into_iter().collect();
        for (oid, path, searched) in self.blobs.search(&unknown) {
            let keys = match searched {
                Ok(blob) => blob.keys.iter().filter_map(|key| self.ids.get(key).copied()).collect(),
                Err(why) => {
                    self.unreadable.note(oid, path, &why);
                    Vec::new()
                }
            };
            self.files.insert(oid, keys);
        }
        order
    }

    /// The keys of a folder, once everything below it is known.
    fn sum(&self, folder: &FolderKey) -> KeySet {
        let Ok(bytes) = self.blobs.objects.read_as(ObjectKind::Tree, folder.0) else {
            return self.none.clone();
        };
        let mut all = BTreeSet::new();
        for entry in entries(&bytes, folder.0.format()).map_while(|entry| entry) {
            let below = join_path(&folder.1, entry.name);
            if self.blobs.is_excluded(&below, entry.is_tree()) {
                continue;
            }
            all.extend(self.in_name(entry.name));
            if entry.is_tree() {
                let keys = self.folders.get(&self.folder(entry.oid, &below));
                all.extend(keys.into_iter().flat_map(|keys| keys.iter()));
            } else if !entry.is_submodule() {
                all.extend(self.files.get(&entry.oid).into_iter().flatten());
            }
        }
        if all.is_empty() { self.none.clone() } else { all.into_iter().collect() }
    }

    /// The locations of the keys `wanted` in `tree`.
    pub(super) fn locations(&mut self, tree: Oid, wanted: &[u32]) -> Vec<KeyLocation> {
        let mut left: HashMap<u32, usize> = wanted.iter().map(|&key| (key, MAX_PLACES)).collect();
        let mut locations = Vec::new();
        self.of(tree);
        let mut stack = vec![(Vec::new(), tree)];
        // Folders that were cut off may claim the keys: looking for them would never end.
        for _ in 0..MAX_FOLDERS {
            let Some((path, tree)) = stack.pop() else { break };
            let folder = self.folder(tree, &path);
            let has = |keys: &[u32]| keys.iter().any(|key| left.contains_key(key));
            if !self.folders.get(&folder).is_some_and(|keys| has(keys)) {
                continue;
            }
            let Ok(bytes) = self.blobs.objects.read_as(ObjectKind::Tree, tree) else { continue };
            for entry in entries(&bytes, folder.0.format()).map_while(|entry| entry) {
                let below = join_path(&path, entry.name);
                if below.len() > MAX_PATH || self.blobs.is_excluded(&below, entry.is_tree()) {
                    continue;
                }
                if let Some(keys) = taken(&self.in_name(entry.name), &mut left) {
                    locations.push(KeyLocation { path: below.clone(), blob: None, keys });
                }
                if entry.is_tree() {
                    stack.push((below, entry.oid));
                } else if !entry.is_submodule()
                    && let Some(keys) = self.files.get(&entry.oid)
                    && let Some(keys) = taken(keys, &mut left)
                {
                    locations.push(KeyLocation { path: below, blob: Some(entry.oid), keys });
                }
            }
        }
        locations
    }

    fn in_name(&self, name: &[u8]) -> Vec<u32> {
        let keys = self.blobs.keys_in(name);
        keys.iter().filter_map(|key| self.ids.get(key).copied()).collect()
    }

    fn folder(&self, tree: Oid, path: &[u8]) -> FolderKey {
        (tree, if self.by_path { path.to_vec() } else { Vec::new() })
    }
}

/// The ones of `keys` of which more locations are wanted; counts them.
fn taken(keys: &[u32], left: &mut HashMap<u32, usize>) -> Option<Vec<u32>> {
    let mut taken = Vec::new();
    for key in keys {
        if let Some(count) = left.get_mut(key) {
            taken.push(*key);
            *count -= 1;
            if *count == 0 {
                left.remove(key);
            }
        }
    }
    (!taken.is_empty()).then_some(taken)
}
