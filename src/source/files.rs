//! One state of a project's files: a folder, the tree of a commit, or the index.

pub use keyside_exposure::Files;

use crate::model::Provenance;

/// A state of files that a scan reads, with the names that reports give them.
///
/// Files that a scan would not read are left out: excluded files, links, paths that are not UTF-8, and
/// ignored files, unless a build reads them all the same.
pub trait ScannedFiles: Files {
    /// How reports name a file.
    fn provenance(&self, path: &str) -> Provenance;

    /// True for a file that git ignores, and that is here because builds read it.
    fn is_ignored(&self, _path: &str) -> bool {
        false
    }
}
