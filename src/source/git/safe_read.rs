//! Reads the small files of a repository safely. They are untrusted: opening a pipe in their place
//! would block, and invalid content is reported.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::environment::GitEnvironment;
use crate::model::{FilePath, Notice, NoticeKind};

/// The largest of the repository's own files that is read whole, in bytes.
const MAX_FILE: u64 = 256 << 20;

/// True for anything that is neither a file nor a folder: a pipe, a device.
pub(super) fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// The folders of a repository that libgit2 reads.
pub(super) struct GitFolders {
    /// `.git`, or that of a linked worktree.
    folder: PathBuf,
    /// The folder that all checkouts share.
    common: PathBuf,
    /// The file `.git` that names the folder.
    pointer: Option<PathBuf>,
}

impl GitFolders {
    /// Those of the repository at or above `path`.
    pub(super) fn of(path: &Path, environment: &GitEnvironment) -> Option<Self> {
        let (folder, pointer) = match environment.path("GIT_DIR") {
            Some(folder) => (folder, None),
            None => std::path::absolute(path).ok()?.ancestors().find_map(|folder| {
                let inside = folder.join(".git");
                if inside.is_dir() {
                    Some((inside, None))
                } else if inside.exists() {
                    let text = plain(&inside).unwrap_or_default();
                    let target = text.trim_ascii().strip_prefix(b"gitdir:").unwrap_or_default();
                    let target = FilePath::from_bytes(target.trim_ascii()).to_path();
                    Some((folder.join(target), Some(inside)))
                } else {
                    let is_bare = folder.join("objects").is_dir() && folder.join("HEAD").exists();
                    is_bare.then(|| (folder.to_owned(), None))
                }
            })?,
        };
        let common = plain(&folder.join("commondir")).unwrap_or_default();
        let common = folder.join(FilePath::from_bytes(common.trim_ascii()).to_path());
        Some(Self { folder, common, pointer })
    }

    fn files<'n>(&'n self, names: &'n [&str]) -> impl Iterator<Item = PathBuf> + 'n {
        names.iter().flat_map(|name| [self.folder.join(name), self.common.join(name)])
    }

    /// The files of its configuration.
    pub(super) fn configuration(&self) -> Vec<PathBuf> {
        self.files(&["config", "config.worktree"]).collect()
    }

    /// The first file that libgit2 would read and that is not a plain file.
    pub(super) fn special_file(&self) -> Option<PathBuf> {
        let names = [
            "HEAD",
            "commondir",
            "gitdir",
            "config",
            "config.worktree",
            "packed-refs",
            "shallow",
            "index",
            "info/grafts",
            "objects/info/alternates",
        ];
        self.pointer.iter().cloned().chain(self.files(&names)).find(|path| is_special(path))
    }
}

pub(super) fn unreadable(path: &Path, message: &str) -> Notice {
    Notice {
        path: Some(FilePath::from_path(path)),
        kind: NoticeKind::Unreadable,
        message: message.to_owned(),
    }
}

/// Reads a plain file of reasonable size, if there is one.
pub(super) fn plain(path: &Path) -> Option<Vec<u8>> {
    read_plain(path, MAX_FILE).ok()
}

/// Reads a file of at most `most` bytes. The repository is untrusted: opening a pipe would block,
/// and a file may have any size.
pub(in crate::source) fn read_plain(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    if metadata.is_file() && metadata.len() <= most {
        return fs::read(path);
    }
    let text = format!("is not a plain file of at most {most} bytes");
    Err(io::Error::new(io::ErrorKind::InvalidData, text))
}

pub(super) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => files.push(entry.path()),
                _ => {}
            }
        }
    }
    files.sort_unstable_by(|one, two| one.as_os_str().cmp(two.as_os_str()));
    files
}
