//! Lists the files that a repository tracks, from its index. Ignore files do not apply to them: git
//! commits their contents regardless.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::git::index::plain_files;
use super::git::safe_read::read_plain;

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
        let top = folder.ancestors().find(|folder| folder.join(".git").exists())?;
        let git = top.join(".git");
        if git.is_dir() {
            return Some(Self { top: top.to_owned(), folder: git });
        }
        // A linked worktree or a submodule: a file says where the folder is.
        let text = String::from_utf8(read_plain(&git, MAX_LINK).ok()?).ok()?;
        let named = text.strip_prefix("gitdir:")?.trim();
        Some(Self { top: top.to_owned(), folder: top.join(named) })
    }

    /// The paths of the plain files that it tracks, relative to its top, with `/` separators.
    ///
    /// # Errors
    /// An index that cannot be read or understood. There is none before the first `git add`.
    pub(super) fn tracked(&self) -> io::Result<Vec<Vec<u8>>> {
        let mut tracked = Vec::new();
        for file in self.indexes()? {
            tracked.extend(plain_files(&file)?);
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
}
