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

impl Repository {
    /// The files that it keeps beside its objects, and the shelves of editors in the checkout, which are
    /// stashes in files.
    pub fn own_files(&self) -> Vec<OwnFile> {
        let common = self.common_folder();
        let mut places = plain_files(common);
        for folder in ["hooks", "info"] {
            places.extend(plain_files(&common.join(folder)));
        }
        places.extend(files_below(&common.join("logs")));
        for entry in fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten() {
            places.extend(plain_files(&entry.path()));
            places.extend(files_below(&entry.path().join("logs")));
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
                let copies_messages = is_log || name.as_encoded_bytes().ends_with(b"MSG");
                OwnFile { path: shown(&place), place, source, copies_messages }
            })
            .collect();
        if let Some(top) = self.checkout() {
            let shelves = files_below(&top.join(".idea/shelf")).into_iter();
            files.extend(shelves.map(|place| {
                let path = FilePath::from_path(place.strip_prefix(top).unwrap_or(&place));
                OwnFile { path, place, source: SourceKind::GitFile, copies_messages: false }
            }));
        }
        files.sort();
        files
    }
}

/// The plain files in a folder itself.
fn plain_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    files.map(|entry| entry.path()).collect()
}
