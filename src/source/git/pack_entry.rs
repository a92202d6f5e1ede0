//! The entries of a pack file.

/// The kind of an object.
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

/// The way an entry is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryBase {
    /// Whole.
    Whole(ObjectKind),
    /// As a delta against the entry with this index.
    Entry(u32),
    /// As a delta against an object outside this pack, see
    /// [`Pack::outside`](super::pack::Pack::outside).
    Outside,
    /// Invalid: its header is damaged, or its base is missing.
    None,
}

/// One entry of a pack. There are millions of them, read in no particular order, so they are kept
/// small.
#[derive(Debug, Clone, Copy)]
pub struct PackEntry {
    /// The position of its id in the index; see [`Pack::oid`](super::pack::Pack::oid).
    pub(super) nth: u32,
    /// The way it is stored.
    pub base: EntryBase,
    /// Size in bytes of its inflated data: the object, or the delta. Whatever does not fit exceeds
    /// the limit for reading.
    pub size: u32,
    /// Upper limit for the length of its deflated data in bytes.
    pub(super) length: u32,
    /// Offset of its data.
    pub(super) data: usize,
}
