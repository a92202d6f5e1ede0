//! Recognises the folders in which git keeps repositories.

use std::fs;
use std::path::Path;

use super::git::safe_read::read_plain;

/// The largest file HEAD, in bytes.
const MAX_HEAD: u64 = 4096;

/// True if a folder is a repository's own: a bare one, or a `.git`.
pub(super) fn is_git_folder(folder: &Path) -> bool {
    let is_dir = |name: &str| folder.join(name).is_dir();
    is_dir("objects")
        && (is_dir("refs") || is_dir("reftable"))
        && (fs::symlink_metadata(folder.join("HEAD")).is_ok_and(|about| about.is_symlink())
            || read_plain(&folder.join("HEAD"), MAX_HEAD).is_ok_and(|head| names_commit(&head)))
}

/// True if the content of a file HEAD names a ref or a commit.
fn names_commit(head: &[u8]) -> bool {
    head.starts_with(b"ref:") || head.len() >= 40 && head[..40].iter().all(u8::is_ascii_hexdigit)
}
