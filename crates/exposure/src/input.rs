//! The input of the analysis: files, keys, and the files with secrets to begin at.

use std::io;
use std::ops::Range;

use crate::catalog::{Catalog, KeyKindId};
use crate::secret::Secret;

/// The input of [`analyse`](crate::analyse).
pub struct Input<'i> {
    /// The files of the project.
    pub files: &'i dyn Files,
    /// The kinds of keys, and their providers.
    pub catalog: &'i Catalog,
    /// The search for keys in texts.
    pub keys: &'i dyn KeyFinder,
    /// The files that contain a key or one of the [seed words](Catalog::seed_words), in any order.
    /// Only their apps are analysed.
    pub seeds: &'i [String],
}

/// The id of a file's content, such as git's id of a blob.
pub type ContentId = [u8; 32];

/// One state of a project's files: a folder, the tree of a commit, unsaved buffers of an editor.
///
/// Paths are relative to the top of the state and have `/` between their parts. All
/// methods leave out files that must not count: ignored or excluded ones, links, names that are not UTF-8.
pub trait Files: Sync {
    /// The bytes of a file; `None` if no file has this path.
    ///
    /// # Errors
    /// The file exists but cannot be read.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// Tells contents apart without reading them: files with equal ids have equal contents. `None`
    /// if that is not known, or if [`Files::read`] gives nothing.
    fn content_id(&self, _path: &str) -> Option<ContentId> {
        None
    }

    /// The paths of all files in `folder`, at any depth, in order; `""` is the top.
    fn below(&self, folder: &str) -> Vec<String>;
}

/// A search for keys in texts.
pub trait KeyFinder: Sync {
    /// The keys in a text, of any class, by position.
    fn find(&self, text: &str) -> Vec<FoundKey>;

    /// The text with every key in it masked.
    fn masked(&self, text: &str) -> String;

    /// Decodes the bytes of a file: UTF-16 becomes UTF-8, invalid bytes become U+FFFD.
    fn text(&self, bytes: &[u8]) -> String;
}

/// A key in a text.
#[derive(Debug, Clone)]
pub struct FoundKey {
    /// The kind of key.
    pub key_kind: KeyKindId,
    /// Its position, in bytes of the text.
    pub range: Range<usize>,
    /// The key.
    pub secret: Secret,
}

/// A place that keeps bytes between runs, such as a file of a cache. It may lose any of them at any
/// time, and all of them if the program or the catalog changes.
pub trait ModuleStore: Sync {
    /// The bytes that were kept under an id, exactly as they were.
    fn get(&self, id: &ContentId) -> Option<&[u8]>;

    /// Keeps bytes under an id for later runs.
    fn keep(&self, id: ContentId, bytes: Vec<u8>);
}
