//! Opens repositories.

use std::path::Path;

use crate::source::git::{GitEnvironment, RepoError, Repository};

/// Opens the repository that `path` is in. For `.`, git's variables in the environment count, as for
/// git and its hooks.
///
/// # Errors
/// No repository, or one that cannot be read.
pub(super) fn open(path: &Path) -> Result<Repository, RepoError> {
    if path == Path::new(".") {
        return Repository::here(GitEnvironment::new(std::env::vars_os()));
    }
    Repository::open(path)
}
