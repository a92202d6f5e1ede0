//! Opens repositories.

use std::path::Path;

use crate::source::git::{GitEnvironment, RepoError, Repository};

/// Checks that the current folder is there, if `path` begins in it.
///
/// # Errors
/// It was deleted.
pub(super) fn check_folder(path: &Path) -> Result<(), RepoError> {
    let is_gone = path.is_relative() && std::env::current_dir().is_err();
    if is_gone { Err(RepoError::Gone) } else { Ok(()) }
}

/// Opens the repository that `path` is in. For `.`, git's variables in the environment count, as for
/// git and its hooks.
///
/// # Errors
/// No repository, or one that cannot be read.
pub(super) fn open(path: &Path) -> Result<Repository, RepoError> {
    check_folder(path)?;
    if path == Path::new(".") {
        return Repository::here(GitEnvironment::new(std::env::vars_os()));
    }
    Repository::open(path)
}
