//! Errors of repositories and objects.

use thiserror::Error;

use super::cache::CacheError;

/// The repository cannot be used.
#[derive(Debug, Error)]
pub enum RepoError {
    /// Neither the folder nor any above it contains one.
    #[error("{0}: no git repository here or above; {1}")]
    None(String, String),
    /// The current folder was deleted.
    #[error("the current folder no longer exists; change to another one, or pass a whole path")]
    Gone,
    /// It stores its refs in a way that is not known.
    #[error(
        "{0}: the repository stores its refs as `{1}`, which keyside does not know (it reads files and \
         reftable); `git refs migrate --ref-format=files` changes that"
    )]
    RefStorage(String, String),
    /// It says that its refs are stored as reftable, and there is none.
    #[error(
        "{0}: the repository says that it stores its refs as reftable, but it has no folder `reftable`; \
         see `extensions.refStorage` in its configuration"
    )]
    NoReftable(String),
    /// It asks for a feature that is not known.
    #[error(
        "{0}: the repository uses `{1}`, an extension of git that keyside does not know, so it might be \
         read wrongly"
    )]
    Extension(String, String),
    /// A bundle or a pack that cannot be read.
    #[error("{0}: the bundle or pack cannot be read: {1}")]
    Bundle(String, String),
    /// One of its files is a pipe or a device, and reading it might block for ever.
    #[error("{path}: the repository cannot be opened: {special} is not a plain file")]
    Special {
        /// The path that was to be opened.
        path: String,
        /// The file.
        special: String,
    },
    /// libgit2 cannot read it.
    #[error("{path}: the repository cannot be opened: {message}")]
    Open {
        /// The path that was to be opened.
        path: String,
        /// The reason, mostly in the words of libgit2.
        message: String,
    },
    /// The index cannot be read.
    #[error("{path}: the index cannot be read: {message}")]
    Index {
        /// Its file.
        path: String,
        /// The reason.
        message: String,
    },
    /// A revision that the user named does not exist.
    #[error("`{0}` names no commit here: {1}")]
    Revision(String, String),
    /// The cache of clean objects cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// A range of commits is invalid.
    #[error("{0}")]
    Range(String),
    /// A line that git should have passed to a push hook is invalid.
    #[error(
        "`{0}` is not a line that git passes to this hook; a program that calls the hook has to pass \
         standard input on"
    )]
    Push(String),
}

/// The object cannot be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// It is not in the store.
    #[error("the object is missing")]
    Missing,
    /// It is stored but invalid.
    #[error("the object is damaged: {0}")]
    Damaged(String),
}
