//! What a search of many objects looks for, and who takes what it finds.

use std::ops::Range;

use super::pack_entry::ObjectKind;
use crate::model::Oid;

/// Where a needle is in an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NeedleHit {
    /// Offset of its first byte.
    pub start: usize,
    /// Length in bytes.
    pub length: usize,
    /// What the search calls it.
    pub needle: u32,
}

/// Finds needles; shared by all threads.
pub trait NeedleSearch: Sync {
    /// Length in bytes of the longest needle.
    fn longest(&self) -> usize;
    /// Every needle of `bytes` that begins in `range`.
    fn hits(&self, bytes: &[u8], range: Range<usize>, each: &mut dyn FnMut(NeedleHit));
    /// Whether objects of a kind are to be handed on without hits, too.
    fn hands_on_all(&self, _: ObjectKind) -> bool {
        false
    }
}

/// Hands on every object and looks for nothing.
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

/// An object on its way through the walk.
#[derive(Debug, Clone, Copy)]
pub struct VisitedObject<'o> {
    /// Its id.
    pub oid: Oid,
    /// What it is.
    pub kind: ObjectKind,
    /// Its content.
    pub bytes: &'o [u8],
    /// The needles in it, in order.
    pub hits: &'o [NeedleHit],
    /// The parts of it that were searched: what its base does not have, and the seams round it.
    pub fresh: &'o [Range<usize>],
}

/// An object that was searched. It need not have been made for that.
#[derive(Debug, Clone, Copy)]
pub struct SearchedObject<'o> {
    /// Its id.
    pub oid: Oid,
    /// What it is.
    pub kind: ObjectKind,
    /// Its size in bytes.
    pub size: usize,
    /// Its first bytes: four, or all.
    pub start: &'o [u8],
    /// How many of its bytes had to be searched.
    pub fresh: usize,
}

/// How many bytes of an object's beginning are handed on.
pub(super) const START: usize = 4;

impl<'o> SearchedObject<'o> {
    /// An object of these bytes.
    pub(super) fn new(oid: Oid, kind: ObjectKind, bytes: &'o [u8], fresh: usize) -> Self {
        Self { oid, kind, size: bytes.len(), start: &bytes[..START.min(bytes.len())], fresh }
    }
}

/// Takes what the walk finds; each thread has its own.
pub trait ObjectVisitor: Send {
    /// An object with hits, or any object if the search hands on all.
    fn object(&mut self, object: VisitedObject<'_>);
    /// An object that could not be read.
    fn damaged(&mut self, oid: Oid, why: &str);
    /// An object was searched.
    fn searched(&mut self, object: SearchedObject<'_>);
}

/// The largest object that is materialised, in bytes: a hostile header may ask for any size.
pub(super) const MAX_OBJECT: usize = 2 << 30;

/// Reads an object that a delta of a pack needs and the pack does not have.
pub type OutsideObjects<'o> = &'o (dyn Fn(Oid) -> Option<(ObjectKind, Vec<u8>)> + Sync);

/// Selects objects by their ids.
pub type OidFilter<'f> = &'f (dyn Fn(Oid) -> bool + Sync);

/// Which objects of a pack a walk is about.
pub struct WalkScope<'s> {
    /// The kinds of objects.
    pub kinds: &'s (dyn Fn(ObjectKind) -> bool + Sync),
    /// Objects that are not to be visited. They are made only where others are made of them.
    pub skip: Option<OidFilter<'s>>,
    /// Gives an object that a delta of the pack needs and the pack does not have.
    pub outside: OutsideObjects<'s>,
}
