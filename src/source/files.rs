//! One state of a project's files: a folder, the tree of a commit, or the index.

pub use keyside_exposure::Files;

use crate::model::Provenance;

/// A state of files that a scan reads, with the names that reports give them.
///
/// Files that a scan would not read are left out: ignored and excluded files, links, paths that
/// are not UTF-8.
pub trait ScannedFiles: Files {
    /// How reports name a file.
    fn provenance(&self, path: &str) -> Provenance;
}
