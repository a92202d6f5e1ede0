//! A state of a project that git stores: the tree of a commit, or the index.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use keyside_exposure::ContentId;
use sha2::{Digest, Sha256};

use super::error::RepoError;
use super::file_mode::{FILE, FOLDER, KIND};
use super::index::Index;
use super::object_reader::ObjectReader;
use super::objects::{entries, join_path};
use super::pack_entry::ObjectKind;
use super::repo::Repository;
use super::tree_diff::{MAX_FOLDERS, MAX_PATH};
use crate::model::{FilePath, ObjectFormat, Oid, Provenance, SourceKind};
use crate::source::ScannedFiles;
use crate::source::files::Files;
use crate::source::project_folder::{MAX_FILE, below};
use crate::source::tree::TreeOptions;

/// A state that git stores. Ignore files do not apply: ignored files are included.
pub struct Snapshot<'s> {
    objects: &'s ObjectReader<'s>,
    options: &'s TreeOptions,
    /// The folder that excluded paths are relative to.
    base: &'s Path,
    source: SourceKind,
    commit: Option<Oid>,
    state: SnapshotRoot,
    /// Files listed so far.
    known: Mutex<HashMap<String, Oid>>,
    kept: Mutex<KeptContents>,
}

/// Contents that are read again soon, so that they are inflated once.
#[derive(Default)]
struct KeptContents {
    contents: HashMap<Oid, Vec<u8>>,
    size: usize,
}

/// The size of all kept contents together, at most, in bytes.
const MAX_KEPT: usize = 32 << 20;

/// The top of the state.
enum SnapshotRoot {
    Tree(Oid),
    /// The files of an index; for a sparse one also whole folders.
    Index(BTreeMap<String, SnapshotEntry>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SnapshotEntry {
    File(Oid),
    Folder(Oid),
}

impl SnapshotEntry {
    /// `None` for links and submodules.
    fn new(mode: u32, oid: Oid) -> Option<Self> {
        match mode & KIND {
            FILE => Some(Self::File(oid)),
            FOLDER => Some(Self::Folder(oid)),
            _ => None,
        }
    }
}

impl<'s> Snapshot<'s> {
    /// The tree `tree` of a commit, which reports call `source`. Excluded paths are relative to
    /// `base`.
    pub fn of_tree(
        objects: &'s ObjectReader<'s>,
        tree: Oid,
        (source, commit): (SourceKind, Oid),
        options: &'s TreeOptions,
        base: &'s Path,
    ) -> Self {
        let state = SnapshotRoot::Tree(tree);
        let (known, kept) = Default::default();
        Self { objects, options, base, source, commit: Some(commit), state, known, kept }
    }

    /// The index of a repository; for files in conflict, our side.
    ///
    /// # Errors
    /// An index that cannot be read.
    pub fn of_index(
        repository: &Repository,
        objects: &'s ObjectReader<'s>,
        options: &'s TreeOptions,
        base: &'s Path,
    ) -> Result<Self, RepoError> {
        let index = Index::of(repository)?;
        let mut nodes = BTreeMap::new();
        for entry in &index.entries {
            let is_ours = matches!(entry.stage, 0 | 2) && !entry.is_intended;
            let path = std::str::from_utf8(index.path(entry)).ok();
            let node = SnapshotEntry::new(entry.mode, entry.oid).filter(|_| is_ours);
            if let (Some(path), Some(node)) = (path, node) {
                nodes.insert(path.trim_end_matches('/').to_owned(), node);
            }
        }
        let state = SnapshotRoot::Index(nodes);
        let (known, kept) = Default::default();
        let source = SourceKind::Index;
        Ok(Self { objects, options, base, source, commit: None, state, known, kept })
    }

    /// The format of its ids.
    pub fn format(&self) -> ObjectFormat {
        match &self.state {
            SnapshotRoot::Tree(top) => top.format(),
            SnapshotRoot::Index(nodes) => match nodes.values().next() {
                Some(SnapshotEntry::File(oid) | SnapshotEntry::Folder(oid)) => oid.format(),
                None => ObjectFormat::Sha1,
            },
        }
    }

    /// A digest of all files with their contents, excluded ones included.
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        match &self.state {
            SnapshotRoot::Tree(top) => digest.update(top.as_bytes()),
            SnapshotRoot::Index(nodes) => {
                for (path, node) in nodes {
                    let (kind, oid) = match node {
                        SnapshotEntry::File(oid) => (0, oid),
                        SnapshotEntry::Folder(oid) => (1, oid),
                    };
                    // No path has a zero byte.
                    digest.update(path);
                    digest.update([0, kind]);
                    digest.update(oid.as_bytes());
                }
            }
        }
        digest.finalize().into()
    }

    /// A digest of an index: all paths, and the contents of files that count. Files of `others` have another
    /// mode and content than in the index, or are not there. `None` for a tree.
    pub fn digest_with(
        &self,
        others: &HashMap<String, Option<(u32, Oid)>>,
        counts: impl Fn(&str) -> bool,
    ) -> Option<[u8; 32]> {
        let SnapshotRoot::Index(nodes) = &self.state else { return None };
        let mut digest = Sha256::new();
        for (path, node) in nodes {
            let node = match others.get(path) {
                Some(other) => other.and_then(|(mode, oid)| SnapshotEntry::new(mode, oid)),
                None => Some(*node),
            };
            let (kind, oid) = match node {
                Some(SnapshotEntry::File(oid)) if counts(path) => (0, Some(oid)),
                Some(SnapshotEntry::File(_)) => (1, None),
                Some(SnapshotEntry::Folder(oid)) => (2, Some(oid)),
                None => continue,
            };
            // No path has a zero byte.
            digest.update(path);
            digest.update([0, kind]);
            digest.update(oid.as_ref().map_or(&[][..], Oid::as_bytes));
        }
        Some(digest.finalize().into())
    }

    /// Keeps the content of a file for the next who reads it, if there is room.
    pub fn keep(&self, blob: Oid, bytes: Vec<u8>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.size + bytes.len() <= MAX_KEPT {
            kept.size += bytes.len();
            if let Some(same) = kept.contents.insert(blob, bytes) {
                kept.size -= same.len();
            }
        }
    }

    fn take(&self, blob: Oid) -> Option<Vec<u8>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = kept.contents.remove(&blob)?;
        kept.size -= bytes.len();
        Some(bytes)
    }

    /// The entry at a path.
    fn node(&self, path: &str) -> Option<SnapshotEntry> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(path).copied();
        if let Some(oid) = known {
            return Some(SnapshotEntry::File(oid));
        }
        match &self.state {
            SnapshotRoot::Tree(top) => self.descend(*top, path),
            SnapshotRoot::Index(nodes) => {
                let exact = nodes.get(path).copied();
                exact.or_else(|| {
                    let folders = path.match_indices('/').map(|(at, _)| path.split_at(at));
                    let named = folders.filter_map(|(folder, rest)| match nodes.get(folder)? {
                        SnapshotEntry::Folder(tree) => Some((*tree, &rest[1..])),
                        SnapshotEntry::File(_) => None,
                    });
                    named.into_iter().find_map(|(tree, rest)| self.descend(tree, rest))
                })
            }
        }
    }

    /// The entry at a path below a tree.
    fn descend(&self, tree: Oid, path: &str) -> Option<SnapshotEntry> {
        let mut at = SnapshotEntry::Folder(tree);
        for name in path.split('/').filter(|_| !path.is_empty()) {
            let SnapshotEntry::Folder(tree) = at else { return None };
            let bytes = self.objects.read_as(ObjectKind::Tree, tree).ok()?;
            let mut all = entries(&bytes, tree.format()).map_while(|entry| entry);
            let entry = all.find(|entry| entry.name == name.as_bytes())?;
            at = SnapshotEntry::new(entry.mode, entry.oid)?;
        }
        Some(at)
    }

    /// The files below a tree at `path`.
    fn walk(&self, path: &str, tree: Oid, files: &mut BTreeMap<String, Oid>) {
        let mut waiting = vec![(path.as_bytes().to_vec(), tree)];
        // A few trees can refer to each other so that they form more paths than can be followed.
        for _ in 0..MAX_FOLDERS {
            let Some((path, tree)) = waiting.pop() else { return };
            let Ok(bytes) = self.objects.read_as(ObjectKind::Tree, tree) else { continue };
            for entry in entries(&bytes, tree.format()).map_while(|entry| entry) {
                let path = join_path(&path, entry.name);
                match SnapshotEntry::new(entry.mode, entry.oid) {
                    Some(SnapshotEntry::Folder(tree)) if path.len() <= MAX_PATH => {
                        waiting.push((path, tree));
                    }
                    Some(SnapshotEntry::File(oid)) => {
                        if let Ok(path) = String::from_utf8(path) {
                            files.insert(path, oid);
                        }
                    }
                    Some(SnapshotEntry::Folder(_)) | None => {}
                }
            }
        }
    }

    fn is_excluded(&self, path: &str) -> bool {
        let exclude = self.options.exclude.as_ref();
        exclude.is_some_and(|meant| meant(&self.base.join(path), false))
    }
}

impl Files for Snapshot<'_> {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(SnapshotEntry::File(oid)) = self.node(path) else { return Ok(None) };
        if self.is_excluded(path) {
            return Ok(None);
        }
        if let Some(bytes) = self.take(oid) {
            return Ok(Some(bytes));
        }
        let trouble = |why| io::Error::new(io::ErrorKind::InvalidData, why);
        let size = self.objects.size(oid).map_err(trouble)?;
        if self.options.max_file_size.is_some_and(|limit| size > limit) {
            return Ok(None);
        }
        if size > MAX_FILE {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.objects.read_as(ObjectKind::Blob, oid).map(Some).map_err(trouble)
    }

    fn content_id(&self, path: &str) -> Option<ContentId> {
        let Some(SnapshotEntry::File(oid)) = self.node(path) else { return None };
        (!self.is_excluded(path)).then_some(oid.padded())
    }

    fn below(&self, folder: &str) -> Vec<String> {
        let mut files = BTreeMap::new();
        match &self.state {
            SnapshotRoot::Tree(top) => {
                if let Some(SnapshotEntry::Folder(tree)) = self.descend(*top, folder) {
                    self.walk(folder, tree, &mut files);
                }
            }
            SnapshotRoot::Index(nodes) => {
                for (path, node) in nodes {
                    match node {
                        SnapshotEntry::File(oid) => {
                            if below(path, folder).is_some() {
                                files.insert(path.clone(), *oid);
                            }
                        }
                        SnapshotEntry::Folder(tree) => {
                            if below(path, folder).is_some() || below(folder, path).is_some() {
                                self.walk(path, *tree, &mut files);
                            }
                        }
                    }
                }
                files.retain(|path, _| below(path, folder).is_some_and(|rest| !rest.is_empty()));
            }
        }
        files.retain(|path, _| !self.is_excluded(path));
        let paths = files.keys().cloned().collect();
        self.known.lock().unwrap_or_else(PoisonError::into_inner).extend(files);
        paths
    }
}

impl ScannedFiles for Snapshot<'_> {
    fn provenance(&self, path: &str) -> Provenance {
        let blob = match self.node(path) {
            Some(SnapshotEntry::File(oid)) => Some(oid),
            Some(SnapshotEntry::Folder(_)) | None => None,
        };
        let path = FilePath::from_bytes(path.as_bytes());
        Provenance { source: self.source, path, commit: self.commit, blob, inside: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// A repository with one commit of these files, all of them in the index too.
    fn repository(files: &[&str]) -> (tempfile::TempDir, Oid) {
        let folder = tempfile::tempdir().unwrap();
        let git = git2::Repository::init(folder.path()).unwrap();
        let mut index = git.index().unwrap();
        for path in files {
            let full = folder.path().join(path);
            std::fs::create_dir_all(full.parent().unwrap()).unwrap();
            std::fs::write(full, path).unwrap();
            index.add_path(Path::new(path)).unwrap();
        }
        index.write().unwrap();
        let tree = index.write_tree().unwrap();
        (folder, Oid::from_hex(tree.to_string().as_bytes()).unwrap())
    }

    fn checked(state: &Snapshot<'_>) {
        assert_eq!(state.below(""), ["a/b/c.ts", "a/d.ts", "ab.ts"]);
        assert_eq!(state.below("a"), ["a/b/c.ts", "a/d.ts"]);
        assert_eq!(state.below("a/b/c.ts"), [""; 0]);
        assert_eq!(state.below("none"), [""; 0]);
    }

    fn read(state: &Snapshot<'_>) {
        assert_eq!(state.read("a/b/c.ts").unwrap().as_deref(), Some(&b"a/b/c.ts"[..]));
        for path in ["a", "", "a/b/c.ts/d", "../a/d.ts", "x.ts"] {
            assert_eq!(state.read(path).unwrap(), None, "{path}");
        }
        assert!(state.provenance("ab.ts").blob.is_some());
    }

    #[test]
    fn trees_and_indexes_are_listed_and_read() {
        let (folder, tree) = repository(&["a/b/c.ts", "a/d.ts", "ab.ts", "x.ts"]);
        let repository = Repository::at(folder.path()).unwrap();
        let objects = repository.objects().unwrap();
        let options = TreeOptions {
            exclude: Some(Arc::new(|path: &Path, _| path == Path::new("/top/x.ts"))),
            ..TreeOptions::default()
        };
        let base = Path::new("/top");
        let name = (SourceKind::Commit, tree);
        let of_tree = || Snapshot::of_tree(&objects, tree, name, &options, base);
        let of_index = || Snapshot::of_index(&repository, &objects, &options, base).unwrap();
        for state in [of_tree(), of_index()] {
            read(&state);
            checked(&state);
            read(&state);
        }
    }

    #[test]
    fn kept_contents_are_read_once() {
        let (folder, tree) = repository(&["a.ts"]);
        let repository = Repository::at(folder.path()).unwrap();
        let objects = repository.objects().unwrap();
        let options = TreeOptions::default();
        let name = (SourceKind::Commit, tree);
        let state = Snapshot::of_tree(&objects, tree, name, &options, Path::new("/top"));
        let blob = state.provenance("a.ts").blob.unwrap();
        assert_eq!(state.content_id("a.ts"), Some(blob.padded()));
        assert_eq!(state.content_id("b.ts"), None);
        let read = || state.read("a.ts").unwrap().unwrap();
        state.keep(blob, b"kept".to_vec());
        state.keep(blob, b"again".to_vec());
        assert_eq!((read(), read()), (b"again".to_vec(), b"a.ts".to_vec()));
        state.keep(blob, vec![0; MAX_KEPT]);
        state.keep(Oid::from([7; 20]), vec![0]);
        assert_eq!((read().len(), read().len()), (MAX_KEPT, 4));
    }
}
