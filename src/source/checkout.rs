//! A repository's working tree: the files that git tracks in it, from its index, and the ignore files
//! that apply to all of it. Ignore files do not apply to tracked files: git commits their contents
//! regardless.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::git::GitEnvironment;
use super::git::ignore_settings::IgnoreSettings;
use super::git::index::files_and_links;
use super::git::safe_read::read_plain;
use crate::model::FilePath;

/// The largest `.git` file, in bytes.
const MAX_LINK: u64 = 64 << 10;

/// A repository's working tree.
#[derive(Debug)]
pub(super) struct Checkout {
    /// The folder that holds `.git`, without links in its path.
    pub(super) top: PathBuf,
    /// The folder that contains the index.
    folder: PathBuf,
}

impl Checkout {
    /// The checkout that contains `folder`, which has no links in its path.
    pub(super) fn of(folder: &Path) -> Option<Self> {
        Self::at(folder.ancestors().find(|folder| folder.join(".git").exists())?)
    }

    /// The checkout whose top is `top`, which has no links in its path.
    pub(super) fn at(top: &Path) -> Option<Self> {
        let git = top.join(".git");
        if git.is_dir() {
            return Some(Self { top: top.to_owned(), folder: git });
        }
        // A linked worktree or a submodule: a file says where the folder is.
        let text = String::from_utf8(read_plain(&git, MAX_LINK).ok()?).ok()?;
        let named = text.strip_prefix("gitdir:")?.trim();
        Some(Self { top: top.to_owned(), folder: top.join(named) })
    }

    /// The paths of the plain files and links that it tracks, relative to its top, with `/`
    /// separators.
    ///
    /// # Errors
    /// An index that cannot be read or understood. There is none before the first `git add`.
    pub(super) fn tracked(&self) -> io::Result<Vec<Vec<u8>>> {
        let mut tracked = Vec::new();
        for file in self.indexes()? {
            tracked.extend(files_and_links(&file)?);
        }
        Ok(tracked)
    }

    /// The index, and the indexes it may share entries with (`git update-index --split-index`).
    fn indexes(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let bytes = name.as_encoded_bytes();
            if bytes == b"index" || bytes.starts_with(b"sharedindex.") {
                files.push(self.folder.join(name));
            }
        }
        Ok(files)
    }

    /// True if its repository has objects of its own: it is neither a submodule nor linked to another
    /// checkout.
    pub(super) fn has_own_objects(&self) -> bool {
        let is_linked = self.folder.join("commondir").exists();
        let folder = fs::canonicalize(&self.folder).unwrap_or_else(|_| self.folder.clone());
        let outer = folder.parent().into_iter().flat_map(Path::ancestors);
        !is_linked && outer.into_iter().all(|outer| !outer.ends_with(".git"))
    }

    /// Git's settings that concern ignored files here.
    pub(super) fn ignore_settings(&self, environment: &GitEnvironment) -> IgnoreSettings {
        IgnoreSettings::of(&self.top, &self.folder, &self.common(), environment)
    }

    /// The repository's ignore file that is not part of what is committed.
    pub(super) fn exclude_file(&self) -> PathBuf {
        self.common().join("info/exclude")
    }

    /// The folder that linked checkouts share (gitrepository-layout(5), `commondir`).
    fn common(&self) -> PathBuf {
        let named = read_plain(&self.folder.join("commondir"), MAX_LINK).unwrap_or_default();
        self.folder.join(FilePath::from_bytes(named.trim_ascii()).to_path())
    }
}
