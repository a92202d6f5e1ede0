//! Reads single files of a state that git stores, by their paths: of a commit, or of the index.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;

use super::error::{ReadError, RepoError};
use super::file_mode::{FILE, FOLDER, KIND, LINK};
use super::index_lookup::IndexLookup;
use super::object_reader::ObjectReader;
use super::objects::{CommitObject, entries};
use super::pack_entry::ObjectKind;
use super::repo::Repository;
use crate::model::Oid;

/// The most links that are followed to one file.
const MAX_LINKS: usize = 8;

/// The longest target of a link, in bytes.
const MAX_TARGET: u64 = 4096;

/// A state that git stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoredState {
    /// The tree of a commit.
    Commit(Oid),
    /// The index.
    Index,
}

/// The reason why a file of a state cannot be read.
#[derive(Debug, Error)]
pub enum StoredFileError {
    /// An object on the way to it.
    #[error(transparent)]
    Unread(#[from] ReadError),
    /// It is larger than such files are.
    #[error("it must be smaller than {} MiB", .0 >> 20)]
    TooLarge(u64),
    /// It is no file, or a link to none.
    #[error("it is {0}")]
    NotFile(&'static str),
}

/// An open repository that several states are read from, in any thread.
pub type SharedRepository = Arc<Mutex<Repository>>;

/// The files of a state.
pub struct StoredFiles {
    repository: SharedRepository,
    root: StoredRoot,
}

/// Where paths begin.
enum StoredRoot {
    /// The top tree.
    Tree(Oid),
    Index(IndexLookup),
}

/// An entry of a state.
enum StoredEntry {
    File(Oid),
    Link(Oid),
    Folder,
    /// Another repository.
    Submodule,
}

impl StoredEntry {
    fn new(mode: u32, oid: Oid) -> Self {
        match mode & KIND {
            FILE => Self::File(oid),
            LINK => Self::Link(oid),
            FOLDER => Self::Folder,
            _ => Self::Submodule,
        }
    }
}

impl StoredFiles {
    /// The files of `state`.
    ///
    /// # Errors
    /// A commit or an index that cannot be read.
    pub fn open(repository: &SharedRepository, state: StoredState) -> Result<Self, RepoError> {
        let root = {
            let own = repository.lock().unwrap_or_else(PoisonError::into_inner);
            match state {
                StoredState::Index => StoredRoot::Index(IndexLookup::read(&own)?),
                StoredState::Commit(oid) => {
                    let tree = tree_of(&own.objects()?, oid).map_err(|why| {
                        RepoError::Revision(oid.to_string(), unread_hint(&own, &why))
                    })?;
                    StoredRoot::Tree(tree)
                }
            }
        };
        Ok(Self { repository: repository.clone(), root })
    }

    /// The content of the file at `path`, which has fewer than `limit` bytes; `None` if there is nothing
    /// at the path, or a folder. Links are followed as far as they stay in the repository.
    ///
    /// # Errors
    /// An object on the way that cannot be read, or an entry that is no file.
    pub fn read(&self, path: &[u8], limit: u64) -> Result<Option<Vec<u8>>, StoredFileError> {
        self.with(|objects| match self.resolved(objects, path)? {
            Some((_, StoredEntry::File(oid))) => content(objects, oid, limit).map(Some),
            Some((_, StoredEntry::Submodule)) => Err(StoredFileError::NotFile("a submodule")),
            Some((_, StoredEntry::Folder | StoredEntry::Link(_))) | None => Ok(None),
        })
    }

    /// The same for a path that must not be a link or lead through one: git follows none to its own
    /// ignore files.
    ///
    /// # Errors
    /// An object on the way that cannot be read, or an entry that is no file.
    pub fn read_plain(&self, path: &[u8], limit: u64) -> Result<Option<Vec<u8>>, StoredFileError> {
        self.with(|objects| match self.entry(objects, path)? {
            Some(StoredEntry::File(oid)) => content(objects, oid, limit).map(Some),
            Some(StoredEntry::Link(_)) => Err(StoredFileError::NotFile("a link")),
            Some(StoredEntry::Submodule) => Err(StoredFileError::NotFile("a submodule")),
            Some(StoredEntry::Folder) | None => Ok(None),
        })
    }

    /// True if there is anything at `path`.
    ///
    /// # Errors
    /// A folder on the way that cannot be read.
    pub fn has(&self, path: &[u8]) -> Result<bool, StoredFileError> {
        self.with(|objects| Ok(self.entry(objects, path)?.is_some()))
    }

    /// The names in the folder at `path`, in order; `None` if there is no folder.
    ///
    /// # Errors
    /// An object on the way that cannot be read.
    pub fn names(&self, path: &[u8]) -> Result<Option<Vec<Vec<u8>>>, StoredFileError> {
        self.with(|objects| {
            let Some((path, StoredEntry::Folder)) = self.resolved(objects, path)? else {
                return Ok(None);
            };
            let names = match &self.root {
                StoredRoot::Tree(top) => self.names_in(objects, *top, &path)?,
                StoredRoot::Index(index) => match index.names(&path) {
                    Some(names) => names,
                    // Outside of a sparse checkout, the index has only the tree.
                    None => match index.tree_around(&path) {
                        Some((tree, rest)) => self.names_in(objects, tree, rest)?,
                        None => BTreeSet::new(),
                    },
                },
            };
            Ok(Some(names.into_iter().collect()))
        })
    }

    fn with<T>(
        &self,
        read: impl FnOnce(&ObjectReader<'_>) -> Result<T, StoredFileError>,
    ) -> Result<T, StoredFileError> {
        let repository = self.repository.lock().unwrap_or_else(PoisonError::into_inner);
        let objects =
            repository.objects().map_err(|error| ReadError::Damaged(error.to_string()))?;
        read(&objects)
    }

    /// The entry at `path` and where it is, after following links.
    fn resolved(
        &self,
        objects: &ObjectReader<'_>,
        path: &[u8],
    ) -> Result<Option<(Vec<u8>, StoredEntry)>, StoredFileError> {
        const OUTSIDE: StoredFileError =
            StoredFileError::NotFile("a link that leads out of the repository");
        let mut rest: VecDeque<Vec<u8>> = parts(path).collect();
        let mut at: Vec<Vec<u8>> = Vec::new();
        let mut links = 0;
        let mut entry = StoredEntry::Folder;
        while let Some(name) = rest.pop_front() {
            match &name[..] {
                b"" | b"." => continue,
                b".." => {
                    at.pop().ok_or(OUTSIDE)?;
                    continue;
                }
                _ => at.push(name),
            }
            let Some(found) = self.entry(objects, &at.join(&b'/'))? else { return Ok(None) };
            entry = found;
            if let StoredEntry::Link(oid) = entry {
                links += 1;
                if links > MAX_LINKS {
                    return Err(StoredFileError::NotFile("a link to a link, and so on"));
                }
                let target = content(objects, oid, MAX_TARGET)?;
                if target.first() == Some(&b'/') {
                    return Err(OUTSIDE);
                }
                at.pop();
                for part in parts(&target).collect::<Vec<_>>().into_iter().rev() {
                    rest.push_front(part);
                }
                entry = StoredEntry::Folder;
            } else if !rest.is_empty() && !matches!(entry, StoredEntry::Folder) {
                return Ok(None);
            }
        }
        Ok(Some((at.join(&b'/'), entry)))
    }

    /// The entry at `path`, through no link.
    fn entry(
        &self,
        objects: &ObjectReader<'_>,
        path: &[u8],
    ) -> Result<Option<StoredEntry>, StoredFileError> {
        match &self.root {
            StoredRoot::Tree(top) => descend(objects, *top, path),
            StoredRoot::Index(index) => {
                let found = index.ours(path);
                if found.is_some() {
                    return Ok(found.map(|(mode, oid)| StoredEntry::new(mode, oid)));
                }
                match index.tree_around(path) {
                    Some((tree, rest)) => descend(objects, tree, rest),
                    None => Ok(index.names(path).map(|_| StoredEntry::Folder)),
                }
            }
        }
    }

    fn names_in(
        &self,
        objects: &ObjectReader<'_>,
        top: Oid,
        path: &[u8],
    ) -> Result<BTreeSet<Vec<u8>>, StoredFileError> {
        let Some(tree) = tree_at(objects, top, path)? else { return Ok(BTreeSet::new()) };
        let bytes = objects.read_as(ObjectKind::Tree, tree)?;
        Ok(entries(&bytes, tree.format())
            .map_while(|entry| entry)
            .map(|entry| entry.name.to_vec())
            .collect())
    }
}

fn parts(path: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    path.split(|&byte| byte == b'/').map(<[u8]>::to_vec)
}

/// The content of a file of a commit, if it can be read and has fewer than `limit` bytes. Links are not
/// followed.
pub(super) fn file_at(
    objects: &ObjectReader<'_>,
    commit: Oid,
    path: &[u8],
    limit: u64,
) -> Option<Vec<u8>> {
    let tree = tree_of(objects, commit).ok()?;
    match descend(objects, tree, path).ok()?? {
        StoredEntry::File(oid) => content(objects, oid, limit).ok(),
        StoredEntry::Folder | StoredEntry::Link(_) | StoredEntry::Submodule => None,
    }
}

impl Repository {
    /// A file of a commit, if it exists and is not larger than `most` bytes.
    pub fn file_of(&self, commit: &str, path: &str, most: u64) -> Option<Vec<u8>> {
        let commit = self.commit(commit).ok()?;
        file_at(&self.objects().ok()?, commit, path.as_bytes(), most.saturating_add(1))
    }
}

/// The top tree of a commit.
fn tree_of(objects: &ObjectReader<'_>, commit: Oid) -> Result<Oid, ReadError> {
    let bytes = objects.read_as(ObjectKind::Commit, commit)?;
    let parsed = CommitObject::parse(&bytes, commit.format());
    parsed
        .map(|own| own.tree)
        .ok_or_else(|| ReadError::Damaged("it is not a valid commit".to_owned()))
}

fn unread_hint(repository: &Repository, why: &ReadError) -> String {
    if repository.is_shallow() {
        return format!("{why}; check out with `fetch-depth: 0`, or run `git fetch --unshallow`");
    }
    why.to_string()
}

fn content(objects: &ObjectReader<'_>, oid: Oid, limit: u64) -> Result<Vec<u8>, StoredFileError> {
    if oid.is_empty_blob() {
        return Ok(Vec::new());
    }
    if objects.size(oid)? >= limit {
        return Err(StoredFileError::TooLarge(limit));
    }
    Ok(objects.read_as(ObjectKind::Blob, oid)?)
}

/// The entry at a path below a tree, through no link.
fn descend(
    objects: &ObjectReader<'_>,
    top: Oid,
    path: &[u8],
) -> Result<Option<StoredEntry>, StoredFileError> {
    let (folder, name) = match memchr::memrchr(b'/', path) {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (&path[..0], path),
    };
    if name.is_empty() {
        return Ok(Some(StoredEntry::Folder));
    }
    let Some(tree) = tree_at(objects, top, folder)? else { return Ok(None) };
    let bytes = objects.read_as(ObjectKind::Tree, tree)?;
    let mut all = entries(&bytes, tree.format()).map_while(|entry| entry);
    let found = all.find(|entry| entry.name == name);
    Ok(found.map(|entry| StoredEntry::new(entry.mode, entry.oid)))
}

/// The tree of the folder at a path below a tree.
fn tree_at(
    objects: &ObjectReader<'_>,
    top: Oid,
    path: &[u8],
) -> Result<Option<Oid>, StoredFileError> {
    let mut tree = top;
    for name in path.split(|&byte| byte == b'/').filter(|name| !name.is_empty()) {
        let bytes = objects.read_as(ObjectKind::Tree, tree)?;
        let mut all = entries(&bytes, tree.format()).map_while(|entry| entry);
        let found = all.find(|entry| entry.name == name && entry.mode & KIND == FOLDER);
        let Some(found) = found else { return Ok(None) };
        tree = found.oid;
    }
    Ok(Some(tree))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository with files and links, all committed and in the index.
    fn repository(files: &[(&str, &str)], links: &[(&str, &str)]) -> (tempfile::TempDir, Oid) {
        let folder = tempfile::tempdir().unwrap();
        let git = git2::Repository::init(folder.path()).unwrap();
        let mut index = git.index().unwrap();
        let all = files.iter().map(|own| (own, 0o100_644));
        for ((path, text), mode) in all.chain(links.iter().map(|own| (own, 0o120_000))) {
            let id = git.blob(text.as_bytes()).unwrap();
            index
                .add(&git2::IndexEntry {
                    ctime: git2::IndexTime::new(0, 0),
                    mtime: git2::IndexTime::new(0, 0),
                    dev: 0,
                    ino: 0,
                    mode,
                    uid: 0,
                    gid: 0,
                    file_size: 0,
                    id,
                    flags: 0,
                    flags_extended: 0,
                    path: path.as_bytes().to_vec(),
                })
                .unwrap();
        }
        index.write().unwrap();
        let tree = git.find_tree(index.write_tree().unwrap()).unwrap();
        let by = git2::Signature::now("a", "a@example.com").unwrap();
        let commit = git.commit(Some("HEAD"), &by, &by, "x", &tree, &[]).unwrap();
        (folder, Oid::from_hex(commit.to_string().as_bytes()).unwrap())
    }

    #[test]
    fn files_of_commits_and_of_the_index_are_read_through_links_inside() {
        let (folder, commit) = repository(
            &[("a", "1"), ("d/b", "2"), ("d/e/c", "3")],
            &[
                ("to-a", "a"),
                ("d/up", "../a"),
                ("to-d", "d"),
                ("out", "../etc/passwd"),
                ("root", "/etc/passwd"),
                ("loop", "loop"),
                ("none", "x"),
            ],
        );
        let shared = Arc::new(Mutex::new(Repository::at(folder.path()).unwrap()));
        for state in [StoredState::Commit(commit), StoredState::Index] {
            let files = StoredFiles::open(&shared, state).unwrap();
            for (path, text) in [
                ("a", Some("1")),
                ("d/b", Some("2")),
                ("./d/../a", Some("1")),
                ("to-a", Some("1")),
                ("d/up", Some("1")),
                ("to-d/e/c", Some("3")),
                ("d", None),
                ("A", None),
                ("a/b", None),
                ("none", None),
            ] {
                let read = files.read(path.as_bytes(), 10).unwrap();
                assert_eq!(read.as_deref(), text.map(str::as_bytes), "{state:?} {path}");
            }
            for path in ["out", "root", "loop", "../a"] {
                assert!(files.read(path.as_bytes(), 10).is_err(), "{state:?} {path}");
            }
            assert!(matches!(files.read(b"a", 1), Err(StoredFileError::TooLarge(1))));
            assert!(files.read_plain(b"to-a", 10).is_err());
            assert!(files.read_plain(b"d/b", 10).unwrap().is_some());
            let names = files.names(b"to-d").unwrap().unwrap();
            assert_eq!(names, [&b"b"[..], b"e", b"up"]);
            assert!(files.names(b"a").unwrap().is_none());
            assert!(files.has(b"d/e").unwrap() && files.has(b"out").unwrap());
            assert!(!files.has(b"d/x").unwrap());
        }
    }
}
