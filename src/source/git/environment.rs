//! Git's variables of the process environment, as its hooks get them.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The variables that name parts of a repository: `GIT_DIR`, `GIT_INDEX_FILE` and others.
#[derive(Debug, Clone, Default)]
pub struct GitEnvironment {
    variables: Vec<(OsString, OsString)>,
}

impl GitEnvironment {
    /// Git's variables among `variables`.
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let is_git = |name: &OsStr| name.as_encoded_bytes().starts_with(b"GIT");
        let variables = variables.into_iter().filter(|(name, _)| is_git(name));
        Self { variables: variables.collect() }
    }

    /// The path in a variable, unless it is empty.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        let found = self.variables.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| PathBuf::from(value)).filter(|path| !path.as_os_str().is_empty())
    }

    /// The names of all variables.
    pub(super) fn names(&self) -> impl Iterator<Item = &OsStr> {
        self.variables.iter().map(|(name, _)| name.as_os_str())
    }
}
