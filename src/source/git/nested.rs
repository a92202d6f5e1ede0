//! Repositories inside the checkout of another one that are no submodules of it: clones in ignored folders,
//! bare ones, and others that git takes for plain folders.

use std::fs;
use std::path::{Path, PathBuf};

use super::repo::Repository;
use crate::model::FilePath;
use crate::source::git_folder::is_git_folder;

impl Repository {
    /// The repositories in the checkout, at any depth, each with its path in it. Folders that are excluded
    /// are not entered.
    pub fn nested(&self, is_excluded: &dyn Fn(&Path) -> bool) -> Vec<(FilePath, PathBuf)> {
        let Some(top) = self.checkout() else { return Vec::new() };
        let mut found = Vec::new();
        let mut folders = vec![top.to_owned()];
        while let Some(folder) = folders.pop() {
            let path = folder.strip_prefix(top).unwrap_or(&folder);
            if folder != top {
                if is_excluded(path) {
                    continue;
                }
                let is_bare = is_git_folder(&folder);
                if is_bare || folder.join(".git").exists() {
                    found.push((FilePath::from_path(path), folder.clone()));
                }
                if is_bare {
                    continue;
                }
            }
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                if is_folder && entry.file_name() != ".git" {
                    folders.push(entry.path());
                }
            }
        }
        found.sort();
        found
    }
}
