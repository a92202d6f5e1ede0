//! Git's variables of the process environment, as its hooks get them, and those by which git finds the
//! user's files.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The variables that name parts of a repository: `GIT_DIR`, `GIT_INDEX_FILE` and others; and those
/// that lead to the user's configuration.
#[derive(Debug, Clone, Default)]
pub struct GitEnvironment {
    variables: Vec<(OsString, OsString)>,
}

/// The variables that lead to the user's configuration.
const USERS: [&str; 3] = ["HOME", "USERPROFILE", "XDG_CONFIG_HOME"];

impl GitEnvironment {
    /// Git's variables among `variables`.
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let is_used = |name: &OsStr| {
            name.as_encoded_bytes().starts_with(b"GIT") || USERS.iter().any(|own| name == *own)
        };
        let variables = variables.into_iter().filter(|(name, _)| is_used(name));
        Self { variables: variables.collect() }
    }

    /// The value of a variable.
    pub(super) fn value(&self, name: &str) -> Option<&OsStr> {
        let found = self.variables.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_os_str())
    }

    /// The path in a variable, unless it is empty.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.value(name).map(PathBuf::from).filter(|path| !path.as_os_str().is_empty())
    }

    /// The user's home folder.
    pub(super) fn home(&self) -> Option<PathBuf> {
        self.path("HOME").or_else(|| self.path("USERPROFILE"))
    }

    /// The names of all variables.
    pub(super) fn names(&self) -> impl Iterator<Item = &OsStr> {
        self.variables.iter().map(|(name, _)| name.as_os_str())
    }
}
