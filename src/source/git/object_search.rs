//! The interfaces of a search through many objects: its needles, its scope and its visitors.

use std::ops::Range;

use super::pack_entry::ObjectKind;
use crate::model::Oid;

/// The position of a needle in an object.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NeedleHit {
    /// Offset of its first byte.
    pub start: usize,
    /// Length in bytes.
    pub length: usize,
    /// The number that the search has given the needle.
    pub needle: u32,
    /// Offset in the needle of what was looked for; the rest tells it from other text.
    pub inner: u32,
    /// The way in which it is told.
    pub kind: NeedleKind,
}

/// The way in which a needle is told.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NeedleKind {
    /// It alone.
    #[default]
    Plain,
    /// It alone, and with what is [around](NeedleSearch::around) it, it tells others.
    Anchor,
    /// An anchor. It is in no [short](NeedleSet::Short) set.
    Around,
}

/// The needles to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeedleSet {
    /// Those that are found by a look at few bytes and lines on either side of a change.
    Short,
    /// All.
    Long,
    /// All of a dense object, in which a byte anywhere makes needles of what is none in others.
    Dense,
}

/// The signs of needles of a larger set.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct SearchSigns {
    /// There is a byte that makes an object dense.
    pub is_dense: bool,
    /// There may be a needle that is too long for the set.
    pub may_be_long: bool,
}

impl SearchSigns {
    /// Adds the signs of another part of the same object.
    pub(super) fn add(&mut self, other: Self) {
        self.is_dense |= other.is_dense;
        self.may_be_long |= other.may_be_long;
    }
}

/// Finds needles; shared by all threads.
pub trait NeedleSearch: Sync {
    /// Length in bytes of the longest needle.
    fn longest(&self) -> usize;
    /// Length in bytes of the longest needle of the short set.
    fn longest_short(&self) -> usize {
        self.longest()
    }
    /// The most lines that a needle of the short set is on.
    fn short_lines(&self) -> usize {
        usize::MAX
    }
    /// How far from an anchor the needles may begin or end that it tells, in bytes.
    fn around_reach(&self) -> usize {
        0
    }
    /// Passes on the needles that an anchor tells.
    fn around(&self, _bytes: &[u8], _anchor: NeedleHit, _each: &mut dyn FnMut(NeedleHit)) {}
    /// Passes on every needle of `set` that begins in `range` of `bytes`.
    fn hits(
        &self,
        bytes: &[u8],
        range: Range<usize>,
        set: NeedleSet,
        each: &mut dyn FnMut(NeedleHit),
    ) -> SearchSigns;
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

    fn hits(
        &self,
        _: &[u8],
        _: Range<usize>,
        _: NeedleSet,
        _: &mut dyn FnMut(NeedleHit),
    ) -> SearchSigns {
        SearchSigns::default()
    }

    fn hands_on_all(&self, _: ObjectKind) -> bool {
        true
    }
}

/// Passes on every needle of a whole object. Returns the set that they are of.
pub(super) fn search_whole<S: NeedleSearch>(
    search: &S,
    bytes: &[u8],
    hits: &mut Vec<NeedleHit>,
) -> NeedleSet {
    let mut set = NeedleSet::Long;
    hits.clear();
    let signs = search.hits(bytes, 0..bytes.len(), set, &mut |hit| hits.push(hit));
    if signs.is_dense {
        set = NeedleSet::Dense;
        hits.clear();
        search.hits(bytes, 0..bytes.len(), set, &mut |hit| hits.push(hit));
    }
    hits.sort_unstable();
    hits.dedup();
    set
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
