//! The entries of a pack file.

use crate::model::Oid;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// A commit.
    Commit,
    /// A tree.
    Tree,
    /// A file's content.
    Blob,
    /// An annotated tag.
    Tag,
}

/// How an entry is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryBase {
    /// Whole.
    Whole(ObjectKind),
    /// As a delta to the entry of this index.
    Entry(u32),
    /// As a delta to an object that is not in this pack: [`Pack::outside`].
    Outside,
    /// In a way that makes no sense: its header is damaged, or its base is nowhere.
    None,
}

/// One entry of a pack. There are millions, and they are read in no order: they are kept small.
#[derive(Debug, Clone, Copy)]
pub struct PackEntry {
    /// The object's id, as the index says.
    pub oid: Oid,
    /// How it is stored.
    pub base: EntryBase,
    /// Size in bytes of what its data inflate to: the object, or the delta. What does not fit is
    /// larger than anything that is read.
    pub size: u32,
    /// At most so many bytes long are its deflated data.
    pub(super) length: u32,
    /// Where they begin.
    pub(super) data: usize,
}
