//! Which keys a whole tree of git has, folder by folder. Nothing is read twice: a folder or file
//! that two trees have in common is known for both.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::repository::Scan;
use super::unread::Unread;
use super::worker::is_utf32;
use crate::model::{FilePath, Oid};
use crate::scan::Scanner;
use crate::source::Piece;
use crate::source::git::{Kind, MAX_FOLDERS, MAX_PATH, Objects, ReadError, entries, joined};

/// A key: its rule, and the SHA-256 of its secret.
pub(super) type KeyId = (usize, [u8; 32]);

/// Keys of a set, as numbers of a [`TreeKeys`], sorted.
pub(super) type Keys = Arc<[u32]>;

/// So few blobs are searched by the calling thread: to start others would take longer.
const FEW: usize = 48;

/// More threads than this gain nothing, and cost.
const MAX_THREADS: usize = 256;

/// How many places of one key in one tree are told.
const MAX_PLACES: usize = 1000;

/// What a blob holds.
pub(super) struct Blob {
    /// Its size in bytes.
    pub(super) size: u64,
    /// Whether it is larger than the user wants to be read.
    pub(super) is_large: bool,
    /// Whether it is in an encoding that is not searched.
    pub(super) is_utf32: bool,
    keys: Vec<KeyId>,
}

/// Where a tree has keys.
pub(super) struct Spot {
    /// The file; or a folder, if the keys are in its name.
    pub(super) path: Vec<u8>,
    /// Its content; `None` if the keys are in its name.
    pub(super) blob: Option<Oid>,
    /// Which of them.
    pub(super) keys: Vec<u32>,
}

/// A folder: its tree, and where paths matter its path.
type Folder = (Oid, Vec<u8>);

/// A step through folders.
enum Step {
    /// Goes into a folder, which has this path.
    Enter(Folder, Vec<u8>),
    /// Has seen all that is in a folder.
    Leave(Folder),
}

/// The keys of trees. Only those count that it has been told of.
pub(super) struct TreeKeys<'s> {
    scan: &'s Scan<'s>,
    objects: &'s Objects<'s>,
    ids: HashMap<KeyId, u32>,
    keys: Vec<KeyId>,
    blobs: HashMap<Oid, Vec<u32>>,
    folders: HashMap<Folder, Keys>,
    walked: HashSet<Folder>,
    none: Keys,
    /// Whether the same tree at another path may have other keys: what is excluded is not read.
    by_path: bool,
    /// What could not be read.
    pub(super) unread: Unread,
}

impl<'s> TreeKeys<'s> {
    /// Knows of no key yet.
    pub(super) fn new(scan: &'s Scan<'s>, objects: &'s Objects<'s>) -> Self {
        Self {
            scan,
            objects,
            ids: HashMap::new(),
            keys: Vec::new(),
            blobs: HashMap::new(),
            folders: HashMap::new(),
            walked: HashSet::new(),
            none: Vec::new().into(),
            by_path: scan.plan.tree.exclude.is_some(),
            unread: Unread::default(),
        }
    }

    /// Lets a key count. All must be named before the first tree is asked for.
    pub(super) fn learn(&mut self, key: KeyId) -> u32 {
        *self.ids.entry(key).or_insert_with(|| {
            self.keys.push(key);
            self.keys.len() as u32 - 1
        })
    }

    /// Lets the keys of a blob count.
    pub(super) fn learn_blob(&mut self, oid: Oid, blob: &Blob) {
        let keys = blob.keys.iter().map(|&key| self.learn(key)).collect();
        self.blobs.insert(oid, keys);
    }

    /// The key with a number.
    pub(super) fn key(&self, number: u32) -> KeyId {
        self.keys[number as usize]
    }

    /// How many keys count.
    pub(super) fn count(&self) -> u32 {
        self.keys.len() as u32
    }

    /// The keys that `tree` has, in files and in names.
    pub(super) fn of(&mut self, tree: Oid) -> Keys {
        if self.keys.is_empty() {
            return self.none.clone();
        }
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

    /// Searches what is new below a folder. Gives the new folders, each behind those in it.
    fn walk(&mut self, root: Folder) -> Vec<Folder> {
        let mut unknown = BTreeMap::new();
        let mut order = Vec::new();
        let mut stack = vec![Step::Enter(root, Vec::new())];
        while let Some(step) = stack.pop() {
            let (folder, path) = match step {
                Step::Leave(folder) => {
                    order.push(folder);
                    continue;
                }
                Step::Enter(folder, path) => (folder, path),
            };
            if !self.walked.insert(folder.clone()) {
                continue;
            }
            if self.by_path && self.walked.len() > MAX_FOLDERS {
                let why = ReadError::Damaged("it has more folders than can be read".to_owned());
                self.unread.note(folder.0, &path, &why);
                continue;
            }
            let bytes = match self.objects.read_as(Kind::Tree, folder.0) {
                Ok(bytes) => bytes,
                Err(why) => {
                    self.unread.note(folder.0, &path, &why);
                    continue;
                }
            };
            stack.push(Step::Leave(folder.clone()));
            for entry in entries(&bytes) {
                let Some(entry) = entry else {
                    let why = ReadError::Damaged("it cannot be understood to its end".to_owned());
                    self.unread.note(folder.0, &path, &why);
                    break;
                };
                let below = joined(&path, entry.name);
                if below.len() > MAX_PATH {
                    let why = ReadError::Damaged("its path is too long".to_owned());
                    self.unread.note(entry.oid, &below[..200], &why);
                } else if entry.is_tree() {
                    stack.push(Step::Enter(self.folder(entry.oid, &below), below));
                } else if !entry.is_submodule()
                    && !self.blobs.contains_key(&entry.oid)
                    && !is_excluded(self.scan, &below, false)
                {
                    unknown.entry(entry.oid).or_insert(below);
                }
            }
        }
        let unknown: Vec<_> = unknown.into_iter().collect();
        for (oid, path, searched) in search(self.scan, self.objects, &unknown) {
            let keys = match searched {
                Ok(blob) => blob.keys.iter().filter_map(|key| self.ids.get(key).copied()).collect(),
                Err(why) => {
                    self.unread.note(oid, path, &why);
                    Vec::new()
                }
            };
            self.blobs.insert(oid, keys);
        }
        order
    }

    /// What a folder has, all below it being known.
    fn sum(&self, folder: &Folder) -> Keys {
        let Ok(bytes) = self.objects.read_as(Kind::Tree, folder.0) else {
            return self.none.clone();
        };
        let mut all = BTreeSet::new();
        for entry in entries(&bytes).map_while(|entry| entry) {
            let below = joined(&folder.1, entry.name);
            if is_excluded(self.scan, &below, entry.is_tree()) {
                continue;
            }
            all.extend(self.in_name(entry.name));
            if entry.is_tree() {
                let keys = self.folders.get(&self.folder(entry.oid, &below));
                all.extend(keys.into_iter().flat_map(|keys| keys.iter()));
            } else {
                all.extend(self.blobs.get(&entry.oid).into_iter().flatten());
            }
        }
        if all.is_empty() { self.none.clone() } else { all.into_iter().collect() }
    }

    /// Where `tree` has any of the keys `wanted`.
    pub(super) fn spots(&mut self, tree: Oid, wanted: &[u32]) -> Vec<Spot> {
        let mut left: HashMap<u32, usize> = wanted.iter().map(|&key| (key, MAX_PLACES)).collect();
        let mut spots = Vec::new();
        self.of(tree);
        let mut stack = vec![(Vec::new(), tree)];
        while let Some((path, tree)) = stack.pop() {
            let folder = self.folder(tree, &path);
            let has = |keys: &[u32]| keys.iter().any(|key| left.contains_key(key));
            if !self.folders.get(&folder).is_some_and(|keys| has(keys)) {
                continue;
            }
            let Ok(bytes) = self.objects.read_as(Kind::Tree, tree) else { continue };
            for entry in entries(&bytes).map_while(|entry| entry) {
                let below = joined(&path, entry.name);
                if below.len() > MAX_PATH || is_excluded(self.scan, &below, entry.is_tree()) {
                    continue;
                }
                if let Some(keys) = taken(&self.in_name(entry.name), &mut left) {
                    spots.push(Spot { path: below.clone(), blob: None, keys });
                }
                if entry.is_tree() {
                    stack.push((below, entry.oid));
                } else if let Some(keys) = self.blobs.get(&entry.oid)
                    && let Some(keys) = taken(keys, &mut left)
                {
                    spots.push(Spot { path: below, blob: Some(entry.oid), keys });
                }
            }
        }
        spots
    }

    fn in_name(&self, name: &[u8]) -> Vec<u32> {
        let keys = keys_in_name(self.scan, name);
        keys.iter().filter_map(|key| self.ids.get(key).copied()).collect()
    }

    fn folder(&self, tree: Oid, path: &[u8]) -> Folder {
        (tree, if self.by_path { path.to_vec() } else { Vec::new() })
    }
}

/// Those of `keys` of which more places are wanted, counted.
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

/// Searches blobs, each with a path at which it was met.
pub(super) fn search<'l>(
    scan: &Scan<'_>,
    objects: &Objects<'_>,
    list: &'l [(Oid, Vec<u8>)],
) -> Vec<(Oid, &'l [u8], Result<Blob, ReadError>)> {
    // The repository itself is not for several threads.
    let (scanner, progress) = (scan.scanner, scan.progress);
    let limit = scan.plan.tree.max_file_size;
    let one = |(oid, path): &'l (Oid, Vec<u8>)| {
        let searched = blob(objects, *oid, limit, scanner);
        if let Ok(blob) = &searched {
            progress.objects.fetch_add(1, Ordering::Relaxed);
            progress.bytes.fetch_add(blob.size, Ordering::Relaxed);
        }
        (*oid, &path[..], searched)
    };
    let serially = || list.iter().map(one).collect();
    if list.len() <= FEW {
        return serially();
    }
    let threads = scan.plan.tree.threads.min(MAX_THREADS);
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(|| list.par_iter().map(one).collect()),
        Err(_) => serially(),
    }
}

fn blob(
    objects: &Objects<'_>,
    oid: Oid,
    limit: Option<u64>,
    scanner: &Scanner<'_>,
) -> Result<Blob, ReadError> {
    if let Some(limit) = limit {
        let size = objects.size(oid)?;
        if size > limit {
            return Ok(Blob { size, is_large: true, is_utf32: false, keys: Vec::new() });
        }
    }
    let bytes = objects.read_as(Kind::Blob, oid)?;
    let keys = keys_in(scanner, &bytes);
    Ok(Blob { size: bytes.len() as u64, is_large: false, is_utf32: is_utf32(&bytes), keys })
}

/// The keys in a name of a file or folder.
pub(super) fn keys_in_name(scan: &Scan<'_>, name: &[u8]) -> Vec<KeyId> {
    if scan.scanner.has_keyword(name) { keys_in(scan.scanner, name) } else { Vec::new() }
}

fn keys_in(scanner: &Scanner<'_>, text: &[u8]) -> Vec<KeyId> {
    let found = scanner.find(&Piece::whole(text)).keys;
    let reported = found.iter().filter(|key| key.rule.is_reported());
    let mut keys: Vec<_> = reported.map(|key| (key.index, key.secret.sha256())).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Whether the user has excluded a path of the repository.
pub(super) fn is_excluded(scan: &Scan<'_>, path: &[u8], is_dir: bool) -> bool {
    scan.plan
        .tree
        .exclude
        .as_ref()
        .is_some_and(|meant| meant(&scan.base().join(FilePath::from_bytes(path).to_path()), is_dir))
}
