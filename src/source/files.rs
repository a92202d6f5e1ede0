//! One state of a project's files: a folder, the tree of a commit, or the index.

use std::io;

use crate::model::Provenance;

/// Files by their paths, which are relative to the top of the state and have `/` between parts.
/// What a scan would not read is not there: ignored and excluded files, links, paths that are no
/// UTF-8.
pub trait Files: Sync {
    /// The bytes of a file; `None` where no file has this path.
    ///
    /// # Errors
    /// The file is there, but cannot be read.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// The paths of all files in the folder `folder`, at any depth, in order; `""` is the top.
    fn below(&self, folder: &str) -> Vec<String>;

    /// How reports name a file.
    fn origin(&self, path: &str) -> Provenance;
}
