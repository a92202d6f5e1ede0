//! The delta walk: searches every object of a pack by searching only what each delta adds.
//!
//! A child of a delta tree is made of runs of its base and of inserted bytes. A needle in it lies
//! whole in one run, then the base has it too and it is inherited, shifted; or it touches
//! inserted bytes or a seam, and only those are searched. The type of an object is that of its
//! tree's root, so nothing is decoded to know it.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use libdeflater::Decompressor;
use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::append_buffer::AppendBuffer;
use super::delta::{Delta, DeltaSink};
use super::delta_forest::DeltaForest;
use super::object_search::{
    MAX_OBJECT, NeedleHit, NeedleSearch, ObjectVisitor, OidFilter, START, SearchedObject,
    VisitedObject, WalkScope,
};
use super::pack::Pack;
use super::pack_entry::{EntryBase, ObjectKind, PackEntry};
use super::work_units::WorkUnits;
use crate::model::Oid;

/// Searches the objects of `pack` that are in `scope`.
pub fn walk<S: NeedleSearch, V: ObjectVisitor>(
    pack: &Pack,
    search: &S,
    scope: &WalkScope<'_>,
    visitor: impl Fn() -> V + Sync + Send,
) -> Vec<V> {
    let forest = pack.forest();
    let needed = scope.skip.map(|skip| EntryNeeds::new(pack, skip));
    let needed = needed.as_ref();
    let is_wanted = |index: u32| match &pack.entries[index as usize].base {
        _ if needed.is_some_and(|needed| needed.of[index as usize] == 0) => false,
        EntryBase::Whole(kind) => (scope.kinds)(*kind),
        EntryBase::Entry(_) | EntryBase::Outside | EntryBase::None => true,
    };
    let parts = WorkUnits::new(pack, forest, is_wanted);
    // Each thread takes the next part as soon as it is done with one, so that all end together.
    let next = AtomicUsize::new(0);
    let work = || {
        let mut worker = None;
        while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            let worker = worker.get_or_insert_with(|| {
                DeltaWalker::new(pack, forest, needed, scope, search, visitor())
            });
            part.iter().for_each(|root| worker.tree(*root));
        }
        worker.map(|worker| worker.visitor)
    };
    let visitors = if parts.len() > 1 { rayon::broadcast(|_| work()) } else { vec![work()] };
    let mut visitors: Vec<V> = visitors.into_iter().flatten().collect();
    let mut last = visitor();
    let is_skipped = |oid: Oid| scope.skip.is_some_and(|skip| skip(oid));
    for oid in forest.unreached(&pack.entries).into_iter().filter(|oid| !is_skipped(*oid)) {
        last.damaged(oid, "its header is damaged, or its delta has no base");
    }
    visitors.push(last);
    visitors
}

/// The objects of `pack` of one kind, told without reading any.
pub(super) fn of_kind(pack: &Pack, wanted: ObjectKind) -> Vec<Oid> {
    let forest = pack.forest();
    let mut found = Vec::new();
    let mut stack = Vec::new();
    for &root in &forest.roots {
        if pack.entries[root as usize].base != EntryBase::Whole(wanted) {
            continue;
        }
        stack.push(root);
        while let Some(index) = stack.pop() {
            found.push(pack.entries[index as usize].oid);
            stack.extend(forest.children(index));
        }
    }
    found
}

/// Which entries a walk visits, and which it only makes because others are made of them.
struct EntryNeeds {
    /// For each entry: 0 not needed, 1 to be made, 2 to be visited.
    of: Vec<u8>,
}

impl EntryNeeds {
    fn new(pack: &Pack, skip: OidFilter<'_>) -> Self {
        let mut of: Vec<u8> =
            pack.entries.par_iter().map(|entry| if skip(entry.oid) { 0 } else { 2 }).collect();
        for index in 0..of.len() {
            if of[index] != 2 {
                continue;
            }
            let mut at = index;
            while let EntryBase::Entry(base) = pack.entries[at].base
                && let Some(mark) = of.get_mut(base as usize)
                && *mark == 0
            {
                *mark = 1;
                at = base as usize;
            }
        }
        Self { of }
    }
}

/// An object on the way from a root down.
#[derive(Default)]
struct DeltaLevel {
    bytes: AppendBuffer,
    hits: Vec<NeedleHit>,
    /// The entry, and which of its children comes next.
    index: u32,
    next_child: usize,
}

/// What came of a first look at a child.
enum SkimOutcome {
    /// Nothing is in it. It was made if others are made of it.
    Clean,
    /// Something may be in it.
    Found,
    /// It cannot be read.
    Lost,
}

struct DeltaWalker<'w, S, V> {
    pack: &'w Pack,
    forest: &'w DeltaForest,
    needed: Option<&'w EntryNeeds>,
    scope: &'w WalkScope<'w>,
    search: &'w S,
    visitor: V,
    inflate: Decompressor,
    delta: Vec<u8>,
    /// What a child may have that its base has not, all of it joined.
    joined: AppendBuffer,
    /// How much of the ends of a run is joined: what a needle may have of it, or its object's
    /// beginning.
    reach: usize,
    levels: Vec<DeltaLevel>,
    ranges: Vec<Range<usize>>,
}

impl<'w, S: NeedleSearch, V: ObjectVisitor> DeltaWalker<'w, S, V> {
    fn new(
        pack: &'w Pack,
        forest: &'w DeltaForest,
        needed: Option<&'w EntryNeeds>,
        scope: &'w WalkScope<'w>,
        search: &'w S,
        visitor: V,
    ) -> Self {
        Self {
            pack,
            forest,
            needed,
            scope,
            search,
            visitor,
            inflate: Decompressor::new(),
            delta: Vec::new(),
            joined: AppendBuffer::default(),
            reach: search.longest().saturating_sub(1).max(START),
            levels: Vec::new(),
            ranges: Vec::new(),
        }
    }

    /// Whether an entry is neither to be visited nor needed for one that is.
    fn is_needless(&self, index: u32) -> bool {
        self.needed.is_some_and(|needed| needed.of[index as usize] == 0)
    }

    /// Walks the tree of `root`, depth first: only the objects on the way down are kept, and of
    /// these only such as others are still to be made of.
    fn tree(&mut self, root: u32) {
        if self.levels.is_empty() {
            self.levels.push(DeltaLevel::default());
        }
        if self.is_needless(root) {
            return;
        }
        let entry = &self.pack.entries[root as usize];
        let kind = match entry.base {
            EntryBase::Whole(kind) if !(self.scope.kinds)(kind) => return,
            EntryBase::Whole(kind) => {
                if !self.whole(entry) {
                    return self.lose(root);
                }
                self.visit(0, root, kind);
                kind
            }
            EntryBase::Outside => match self.pack.outside(entry).and_then(self.scope.outside) {
                None => return self.lose(root),
                Some((kind, _)) if !(self.scope.kinds)(kind) => return,
                Some((kind, bytes)) => {
                    self.levels[0].bytes = bytes.into();
                    self.search_whole();
                    if !self.child(0, root, kind) {
                        return self.lose(root);
                    }
                    self.levels.swap(0, 1);
                    kind
                }
            },
            EntryBase::Entry(_) | EntryBase::None => return,
        };
        self.levels[0].index = root;
        self.levels[0].next_child = 0;
        let mut depth = 0;
        loop {
            let level = &mut self.levels[depth];
            let Some(&child) = self.forest.children(level.index).get(level.next_child) else {
                if depth == 0 {
                    return;
                }
                depth -= 1;
                continue;
            };
            level.next_child += 1;
            let is_last = level.next_child == self.forest.children(level.index).len();
            if self.is_needless(child) {
                continue;
            }
            if self.child(depth, child, kind) {
                if is_last {
                    self.levels.swap(depth, depth + 1);
                } else {
                    depth += 1;
                }
                self.levels[depth].index = child;
                self.levels[depth].next_child = 0;
            } else {
                self.lose(child);
            }
        }
    }

    /// Inflates and searches an entry that is stored whole into level 0.
    fn whole(&mut self, entry: &PackEntry) -> bool {
        let level = &mut self.levels[0];
        let deflated = self.pack.deflated(entry);
        let size = entry.size as usize;
        let made =
            level.bytes.fill(size, |bytes| inflate(&mut self.inflate, deflated, size, bytes));
        if made {
            self.search_whole();
        }
        made
    }

    /// Searches all of the object at level 0.
    fn search_whole(&mut self) {
        let level = &mut self.levels[0];
        level.hits.clear();
        let (bytes, hits) = (level.bytes.bytes(), &mut level.hits);
        self.search.hits(bytes, 0..bytes.len(), &mut |hit| hits.push(hit));
        hits.sort_unstable();
        self.ranges.clear();
        self.ranges.push(0..bytes.len());
    }

    /// Whether an entry is only there for others.
    fn is_hidden(&self, index: u32) -> bool {
        self.needed.is_some_and(|needed| needed.of[index as usize] != 2)
    }

    /// Hands on the object at level `depth`, unless it is only there for others.
    fn visit(&mut self, depth: usize, index: u32, kind: ObjectKind) {
        if self.is_hidden(index) {
            return;
        }
        let oid = self.pack.entries[index as usize].oid;
        let DeltaLevel { bytes, hits, .. } = &self.levels[depth];
        let bytes = bytes.bytes();
        let fresh = self.ranges.iter().map(Range::len).sum();
        self.visitor.searched(SearchedObject::new(oid, kind, bytes, fresh));
        if !hits.is_empty() || self.search.hands_on_all(kind) {
            self.visitor.object(VisitedObject { oid, kind, bytes, hits, fresh: &self.ranges });
        }
    }

    /// Makes entry `index` of the object at level `depth`, one level below, and searches it.
    fn child(&mut self, depth: usize, index: u32, kind: ObjectKind) -> bool {
        if self.levels.len() == depth + 1 {
            self.levels.push(DeltaLevel::default());
        }
        let entry = &self.pack.entries[index as usize];
        let size = entry.size as usize;
        if !inflate(&mut self.inflate, self.pack.deflated(entry), size, &mut self.delta) {
            return false;
        }
        // Its buffer goes back when it was read.
        let bytes = std::mem::take(&mut self.delta);
        let is_read = Delta::parse(&bytes[..size])
            .is_ok_and(|delta| self.child_by(depth, index, kind, delta));
        self.delta = bytes;
        is_read
    }

    /// The same with what `delta` says.
    fn child_by(&mut self, depth: usize, index: u32, kind: ObjectKind, delta: Delta<'_>) -> bool {
        if delta.size > MAX_OBJECT {
            return false;
        }
        // What has hits is to be handed on whole, and they are to be inherited.
        if !self.levels[depth].hits.is_empty() || self.search.hands_on_all(kind) {
            return self.search_child(depth, index, kind, delta);
        }
        match self.skim(depth, index, kind, delta) {
            SkimOutcome::Clean => true,
            SkimOutcome::Found => self.search_child(depth, index, kind, delta),
            SkimOutcome::Lost => false,
        }
    }

    /// Looks whether there is anything in the child that `delta` makes of an object without hits.
    ///
    /// If not, and if nothing is made of the child, then it is not made either: what it may have
    /// that its base has not is all of it but the inside of long runs. That is joined, and so
    /// searched at once. A needle that stands only where two parts are joined does no harm.
    fn skim(
        &mut self,
        depth: usize,
        index: u32,
        kind: ObjectKind,
        delta: Delta<'_>,
    ) -> SkimOutcome {
        let (above, below) = self.levels.split_at_mut(depth + 1);
        let (base, child) = (&above[depth], &mut below[0]);
        let (joined, reach) = (&mut self.joined, self.reach);
        joined.clear();
        child.bytes.clear();
        let base = base.bytes.bytes();
        let mut fresh = FreshBytes { joined, reach };
        let read = if self.forest.children(index).is_empty() {
            delta.read(base, &mut fresh)
        } else {
            delta.read(base, &mut FreshAndWhole { fresh, bytes: &mut child.bytes })
        };
        if read.is_err() {
            return SkimOutcome::Lost;
        }
        let mut is_clean = true;
        let joined = self.joined.bytes();
        self.search.hits(joined, 0..joined.len(), &mut |_| is_clean = false);
        if !is_clean {
            return SkimOutcome::Found;
        }
        child.hits.clear();
        if !self.is_hidden(index) {
            let oid = self.pack.entries[index as usize].oid;
            let joined = SearchedObject::new(oid, kind, joined, joined.len());
            self.visitor.searched(SearchedObject { size: delta.size, ..joined });
        }
        SkimOutcome::Clean
    }

    /// Makes and searches the child that `delta` makes of the object at level `depth`.
    fn search_child(
        &mut self,
        depth: usize,
        index: u32,
        kind: ObjectKind,
        delta: Delta<'_>,
    ) -> bool {
        let (above, below) = self.levels.split_at_mut(depth + 1);
        let (base, child) = (&above[depth], &mut below[0]);
        self.ranges.clear();
        child.hits.clear();
        child.bytes.clear();
        let mut inherited = HitInheritor {
            base: &base.hits,
            hits: &mut child.hits,
            bytes: &mut child.bytes,
            ranges: &mut self.ranges,
            reach: self.search.longest().saturating_sub(1),
            at: 0,
        };
        if delta.read(base.bytes.bytes(), &mut inherited).is_err() {
            return false;
        }
        for range in &self.ranges {
            self.search.hits(child.bytes.bytes(), range.clone(), &mut |hit| child.hits.push(hit));
        }
        child.hits.sort_unstable();
        // A needle that ends before an insertion is both inherited and searched.
        child.hits.dedup();
        self.visit(depth + 1, index, kind);
        true
    }

    /// Reports an entry that cannot be read, and all that are made of it.
    fn lose(&mut self, index: u32) {
        let mut stack = vec![index];
        while let Some(index) = stack.pop() {
            let oid = self.pack.entries[index as usize].oid;
            // What only others are made of is there in another place, too.
            if self.needed.is_some_and(|needed| needed.of[index as usize] != 2) {
                stack.extend(self.forest.children(index));
                continue;
            }
            self.visitor.damaged(oid, "it cannot be inflated, or its delta does not fit");
            stack.extend(self.forest.children(index));
        }
    }
}

/// Joins what an object may have that its base has not.
struct FreshBytes<'f> {
    joined: &'f mut AppendBuffer,
    /// How many bytes of either end of a run belong to it.
    reach: usize,
}

impl DeltaSink for FreshBytes<'_> {
    #[inline(always)]
    fn copy(&mut self, base: &[u8], run: Range<usize>) {
        self.joined.push_ends(base, run, self.reach);
    }

    #[inline(always)]
    fn insert(&mut self, text: &[u8], run: Range<usize>) {
        self.joined.push(text, run);
    }
}

/// Makes the object, too.
struct FreshAndWhole<'m> {
    fresh: FreshBytes<'m>,
    bytes: &'m mut AppendBuffer,
}

impl DeltaSink for FreshAndWhole<'_> {
    #[inline(always)]
    fn copy(&mut self, base: &[u8], run: Range<usize>) {
        self.bytes.push(base, run.clone());
        self.fresh.copy(base, run);
    }

    #[inline(always)]
    fn insert(&mut self, text: &[u8], run: Range<usize>) {
        self.bytes.push(text, run.clone());
        self.fresh.insert(text, run);
    }
}

/// Makes the object, with the hits of its base that it has whole, and notes where it is to be
/// searched.
struct HitInheritor<'i> {
    base: &'i [NeedleHit],
    hits: &'i mut Vec<NeedleHit>,
    bytes: &'i mut AppendBuffer,
    ranges: &'i mut Vec<Range<usize>>,
    /// How far before a seam a needle may begin that reaches over it.
    reach: usize,
    /// How many bytes there are by now.
    at: usize,
}

impl HitInheritor<'_> {
    /// The next bytes, up to `end`, are to be searched, with what reaches into them.
    #[inline]
    fn search_up_to(&mut self, end: usize) {
        let from = self.at.saturating_sub(self.reach);
        match self.ranges.last_mut() {
            Some(last) if last.end >= from => last.end = last.end.max(end),
            _ if end > from => self.ranges.push(from..end),
            _ => {}
        }
    }
}

impl DeltaSink for HitInheritor<'_> {
    #[inline]
    fn copy(&mut self, base: &[u8], run: Range<usize>) {
        // The seam: what begins before the run and reaches into it.
        self.search_up_to(self.at);
        let first = self.base.partition_point(|hit| hit.start < run.start);
        let inside = self.base[first..].iter().take_while(|hit| hit.start < run.end);
        for hit in inside.filter(|hit| hit.start + hit.length <= run.end) {
            self.hits.push(NeedleHit { start: hit.start - run.start + self.at, ..*hit });
        }
        self.at += run.len();
        self.bytes.push(base, run);
    }

    #[inline]
    fn insert(&mut self, text: &[u8], run: Range<usize>) {
        self.search_up_to(self.at + run.len());
        self.at += run.len();
        self.bytes.push(text, run);
    }
}

/// So many bytes of room behind what is inflated let libdeflate go on with its quick loop to the end:
/// that needs the length of the longest match, 258 bytes, and some words (299 bytes in all, in
/// version 1.26). Most deltas are not even that long.
pub const INFLATE_ROOM: usize = 320;

/// Inflates `deflated` to exactly `size` bytes, the first of `bytes`, which grows if need be.
fn inflate(inflate: &mut Decompressor, deflated: &[u8], size: usize, bytes: &mut Vec<u8>) -> bool {
    // Deflate makes at most 1,032 bytes of one: a header that says more lies, and is not believed
    // with memory.
    if size > MAX_OBJECT || size > deflated.len().saturating_mul(1032) + 64 {
        return false;
    }
    let room = size + INFLATE_ROOM;
    // Never cut: what is there already need not be zeroed again.
    if bytes.len() < room {
        bytes.resize(room, 0);
    }
    inflate.zlib_decompress(deflated, &mut bytes[..room]) == Ok(size)
}
