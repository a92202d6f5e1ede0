//! The interfaces of a search through many objects: its needles, its scope and its visitors.

use std::ops::Range;

use super::pack_entry::ObjectKind;
use crate::model::Oid;

/// The position of a needle in an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NeedleHit {
    /// Offset of its first byte.
    pub start: usize,
    /// Length in bytes.
    pub length: usize,
    /// The number that the search has given the needle.
    pub needle: u32,
}

/// Finds needles; shared by all threads.
pub trait NeedleSearch: Sync {
    /// Length in bytes of the longest needle.
    fn longest(&self) -> usize;
    /// Length in bytes of the longest needle that [`may_be_long`](Self::may_be_long) does not tell.
    fn longest_short(&self) -> usize {
        self.longest()
    }
    /// False if the bytes on both sides of a change, [`longest_short`](Self::longest_short) of them, tell
    /// that it makes no longer needle.
    fn may_be_long(&self, _: &[u8]) -> bool {
        false
    }
    /// Passes on every needle of `bytes` that begins in `range`.
    fn hits(&self, bytes: &[u8], range: Range<usize>, each: &mut dyn FnMut(NeedleHit));
    /// True if objects of a kind are passed on even without hits.
    fn hands_on_all(&self, _: ObjectKind) -> bool {
        false
    }
}

/// Passes on every object and looks for no needles.
#[derive(Debug, Clone, Copy)]
pub struct MatchAll;

impl NeedleSearch for MatchAll {
    fn longest(&self) -> usize {
        0
    }

    fn hits(&self, _: &[u8], _: Range<usize>, _: &mut dyn FnMut(NeedleHit)) {}

    fn hands_on_all(&self, _: ObjectKind) -> bool {
        true
    }
}

/// An object that the walk passes on.
#[derive(Debug, Clone, Copy)]
pub struct VisitedObject<'o> {
    /// Its id.
    pub oid: Oid,
    /// Its kind.
    pub kind: ObjectKind,
    /// Its content.
    pub bytes: &'o [u8],
    /// The needles in it, in order.
    pub hits: &'o [NeedleHit],
    /// The parts of it that were searched: what its base does not have, and the seams around it.
    pub fresh: &'o [Range<usize>],
}

/// An object that was searched. The search may have done without building it.
#[derive(Debug, Clone, Copy)]
pub struct SearchedObject<'o> {
    /// Its id.
    pub oid: Oid,
    /// Its kind.
    pub kind: ObjectKind,
    /// Its size in bytes.
    pub size: usize,
    /// Its first 16 bytes, or all if it is shorter.
    pub start: &'o [u8],
    /// Number of its bytes that had to be searched.
    pub fresh: usize,
}

/// Number of leading bytes that are passed on for each object.
pub(super) const START: usize = 16;

impl<'o> SearchedObject<'o> {
    /// An object with these bytes.
    pub(super) fn new(oid: Oid, kind: ObjectKind, bytes: &'o [u8], fresh: usize) -> Self {
        Self { oid, kind, size: bytes.len(), start: &bytes[..START.min(bytes.len())], fresh }
    }
}

/// Receives what the walk finds; each thread has its own.
pub trait ObjectVisitor: Send {
    /// Receives an object with hits, or any object if the search passes on all.
    fn object(&mut self, object: VisitedObject<'_>);
    /// Reports an object that could not be read.
    fn damaged(&mut self, oid: Oid, why: &str);
    /// Reports that an object was searched.
    fn searched(&mut self, object: SearchedObject<'_>);
}

/// The largest object that is materialised, in bytes: a hostile header may claim any size.
pub(super) const MAX_OBJECT: usize = 2 << 30;

/// Reads an object that a delta of a pack needs and the pack does not have.
pub type OutsideObjects<'o> = &'o (dyn Fn(Oid) -> Option<(ObjectKind, Vec<u8>)> + Sync);

/// Selects objects by their ids.
pub type OidFilter<'f> = &'f (dyn Fn(Oid) -> bool + Sync);

/// Selects the objects of a walk.
pub struct WalkScope<'s> {
    /// The kinds of objects.
    pub kinds: &'s (dyn Fn(ObjectKind) -> bool + Sync),
    /// Objects that are not visited. They are built only if others are based on them.
    pub skip: Option<OidFilter<'s>>,
    /// Reads an object that a delta of the pack needs and the pack does not have.
    pub outside: OutsideObjects<'s>,
}
