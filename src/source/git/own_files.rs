//! The files that a repository keeps beside its objects and that may hold secrets: configurations with
//! addresses and passwords, stored credentials, hooks, reflogs, and what a fetch or a merge left behind.

use std::fs;
use std::path::{Path, PathBuf};

use super::repo::Repository;
use super::safe_read::{files_below, read_plain};
use crate::model::{FilePath, SourceKind};

/// Larger files are none of git's small ones.
const MAX_FILE: u64 = 8 << 20;

/// Files with nothing but ids, names and paths, which are read elsewhere.
const INDEXES: [&str; 3] = ["index", "packed-refs", "shallow"];

/// A file that a repository keeps beside its objects.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnFile {
    /// The path that reports show.
    pub path: FilePath,
    /// Its place.
    pub place: PathBuf,
    /// Its kind: a configuration or another file.
    pub source: SourceKind,
    /// True if git copies messages of commits into it.
    pub copies_messages: bool,
}

impl OwnFile {
    /// Reads it, unless it is gone, large or no plain file.
    pub fn read(&self) -> Option<Vec<u8>> {
        read_plain(&self.place, MAX_FILE).ok()
    }
}

/// Folders of git's own, below that of a repository, whose files are read elsewhere, or name only ids. Those of
/// checkouts and of submodules have the same in their own folders.
const STORES: [&[u8]; 7] =
    [b"objects", b"refs", b"reftable", b"modules", b"lfs/objects", b"annex/objects", b"worktrees"];

impl Repository {
    /// The files that it keeps beside its objects, and the shelves of editors in the checkout, which are
    /// stashes in files.
    pub fn own_files(&self) -> Vec<OwnFile> {
        let common = self.common_folder();
        let mut places = plain_files_below(common);
        for entry in fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten() {
            places.extend(plain_files_below(&entry.path()));
        }
        let is_ours = |place: &PathBuf| {
            let name = place.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_index = INDEXES.contains(&name) || name.starts_with("sharedindex.");
            // Git writes the same samples into every repository.
            !is_index && !name.ends_with(".sample")
        };
        let is_bare = self.checkout().is_none();
        let shown = |place: &Path| {
            let below = FilePath::from_path(place.strip_prefix(common).unwrap_or(place));
            if is_bare {
                below
            } else {
                FilePath::from_bytes(&[b".git/", below.as_bytes()].concat())
            }
        };
        let mut files: Vec<_> = places
            .into_iter()
            .filter(is_ours)
            .map(|place| {
                let name = place.file_name().unwrap_or_default();
                let is_config = name == "config" || name == "config.worktree";
                let source = if is_config { SourceKind::GitConfig } else { SourceKind::GitFile };
                let below = place.strip_prefix(common).unwrap_or(&place);
                let is_log = below.components().any(|part| part.as_os_str() == "logs");
                let copies_messages = is_log || is_message(name.as_encoded_bytes());
                OwnFile { path: shown(&place), place, source, copies_messages }
            })
            .collect();
        if let Some(top) = self.checkout() {
            let shelves = shelves(top).into_iter();
            files.extend(shelves.map(|place| {
                let path = FilePath::from_path(place.strip_prefix(top).unwrap_or(&place));
                OwnFile { path, place, source: SourceKind::GitFile, copies_messages: false }
            }));
        }
        files.sort();
        files
    }
}

/// True for the names of files with messages of commits: those that are being written, and those of commits
/// that are being moved.
fn is_message(name: &[u8]) -> bool {
    let is_list = name.starts_with(b"git-rebase-todo") || matches!(name, b"todo" | b"done");
    name.ends_with(b"MSG") || name.starts_with(b"message") || is_list
}

/// The plain files below a folder, without those of [`STORES`].
fn plain_files_below(top: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (Ok(kind), place) = (entry.file_type(), entry.path()) else { continue };
            if kind.is_file() {
                found.push(place);
            } else if kind.is_dir() {
                let below = FilePath::from_path(place.strip_prefix(top).unwrap_or(&place));
                if !STORES.contains(&below.as_bytes()) {
                    folders.push(place);
                }
            }
        }
    }
    found
}

/// Levels of folders in which editors may have been opened.
const SHELF_DEPTH: usize = 2;

/// The files of shelves below the checkout `top`.
fn shelves(top: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![(top.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        found.extend(files_below(&folder.join(".idea/shelf")));
        if depth == SHELF_DEPTH {
            continue;
        }
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            if !is_hidden && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push((entry.path(), depth + 1));
            }
        }
    }
    found
}
