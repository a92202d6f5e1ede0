//! Errors of repositories and objects.

use thiserror::Error;

use super::cache::CacheError;

/// Why there is no repository to read.
#[derive(Debug, Error)]
pub enum RepoError {
    /// Neither the folder nor any above it holds one.
    #[error("{0}: no git repository is here or above; name its folder")]
    None(String),
    /// It names objects by SHA-256.
    #[error("{0}: the repository names its objects by SHA-256, which keyside cannot read yet")]
    Sha256(String),
    /// It keeps its refs in tables.
    #[error(
        "{0}: the repository keeps its refs as reftable, which keyside cannot read yet; `git refs \
         migrate --ref-format=files` changes that"
    )]
    Reftable(String),
    /// A file of it is a pipe or a device, and whoever reads it might wait for ever.
    #[error("{path}: the repository cannot be opened: {special} is no plain file")]
    Special {
        /// What was to be opened.
        path: String,
        /// The file.
        special: String,
    },
    /// libgit2 cannot read it.
    #[error("{path}: the repository cannot be opened: {message}")]
    Open {
        /// What was to be opened.
        path: String,
        /// What libgit2 says.
        message: String,
    },
    /// The index cannot be read.
    #[error("{path}: the index cannot be read: {message}")]
    Index {
        /// Its file.
        path: String,
        /// Why.
        message: String,
    },
    /// A revision that the user named is none.
    #[error("`{0}` names no commit here: {1}")]
    Revision(String, String),
    /// The cache of clean objects cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// What should be a range of commits is none that can be scanned.
    #[error("{0}")]
    Range(String),
    /// What should be a line of git, for a hook of a push, is none.
    #[error(
        "`{0}` is no line that git hands to this hook; a program that calls the hook has to hand \
         standard input on"
    )]
    Push(String),
}

/// Why an object cannot be had.
#[derive(Debug, Error)]
pub enum ReadError {
    /// It is not in the store.
    #[error("the object is not there")]
    Missing,
    /// It is there and makes no sense.
    #[error("the object is damaged: {0}")]
    Damaged(String),
}
