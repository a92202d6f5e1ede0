//! Submodules: the repositories inside a repository.

use std::fs;
use std::path::{Path, PathBuf};

use super::file_mode::is_submodule;
use super::index::Index;
use super::repo::Repository;
use crate::model::FilePath;

impl Repository {
    /// The repositories of submodules inside this one, each with the path of its checkout, or else
    /// its name (gitrepository-layout(5), `modules`).
    pub fn submodules(&self) -> Vec<(FilePath, PathBuf)> {
        let modules = self.git.commondir().join("modules");
        let mut found = self.embedded();
        let mut folders = vec![modules.clone()];
        while let Some(folder) = folders.pop() {
            if folder != modules && folder.join("HEAD").is_file() && folder.join("objects").is_dir()
            {
                let name = folder.strip_prefix(&modules).unwrap_or(&folder);
                let path = self.checked_out_at(&folder);
                found.push((path.unwrap_or_else(|| FilePath::from_path(name)), folder));
                continue;
            }
            let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
            let is_folder =
                |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
            folders.extend(entries.filter(is_folder).map(|entry| entry.path()));
        }
        found.sort();
        found
    }

    /// The path of the checkout of the repository `folder`, relative to this checkout.
    fn checked_out_at(&self, folder: &Path) -> Option<FilePath> {
        let inner = Self::at(folder).ok()?;
        let inner = inner.checkout()?.canonicalize().ok()?;
        let outer = self.checkout()?.canonicalize().ok()?;
        inner.strip_prefix(outer).ok().map(FilePath::from_path)
    }

    /// Submodules whose repository is inside their checkout, as older versions of git left it.
    fn embedded(&self) -> Vec<(FilePath, PathBuf)> {
        let Some(checkout) = self.checkout().and_then(|path| path.canonicalize().ok()) else {
            return Vec::new();
        };
        let Ok(index) = Index::read(&self.index_file(), &[self.folder()], self.format()) else {
            return Vec::new();
        };
        let links = index.entries.iter().filter(|entry| is_submodule(entry.mode));
        let found = links.filter_map(|entry| {
            let path = FilePath::from_bytes(index.path(entry));
            // A hostile index may name something outside.
            let folder = checkout.join(path.to_path()).join(".git").canonicalize().ok()?;
            (folder.starts_with(&checkout) && folder.is_dir()).then_some((path, folder))
        });
        let own = self.folder().canonicalize().ok();
        found.filter(|(_, folder)| own.as_ref() != Some(folder)).collect()
    }
}
