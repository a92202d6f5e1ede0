//! The delta walk: searches every object of a pack by searching only what each delta adds.
//!
//! A child in a delta tree consists of runs of its base and of inserted bytes. A needle in it is
//! either inside one run, then the base has it too and it is inherited, shifted; or it touches
//! inserted bytes or a seam, and only those are searched. The kind of an object is that of its
//! tree's root, so nothing is decoded to learn it.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use libdeflater::Decompressor;
use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::append_buffer::AppendBuffer;
use super::clean_parts::CleanParts;
use super::delta::{Delta, DeltaError, DeltaSink};
use super::delta_forest::DeltaForest;
use super::fresh_bytes::{FreshAndWhole, FreshBytes, FreshSink};
use super::fresh_parts::{
    FreshParts, SeamReach, is_long, search_around, search_ranges, search_together,
};
use super::inflate::inflate;
use super::object_search::{
    MAX_OBJECT, NeedleHit, NeedleSearch, NeedleSet, ObjectVisitor, OidFilter, SearchSigns,
    SearchedObject, VisitedObject, WalkScope, search_whole,
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
    // Each thread takes the next unit as soon as it is done with one, so that all end together.
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
    let unreached = forest.unreached(&pack.entries).into_iter().map(|index| oid_of(pack, index));
    for oid in unreached.filter(|oid| !is_skipped(*oid)) {
        last.damaged(oid, "its header is damaged, or its delta has no base");
    }
    visitors.push(last);
    visitors
}

/// The ids of the objects of one kind in `pack`, without reading any.
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
            found.push(oid_of(pack, index));
            stack.extend(forest.children(index));
        }
    }
    found
}

fn oid_of(pack: &Pack, index: u32) -> Oid {
    pack.oid(&pack.entries[index as usize])
}

/// Which entries a walk visits, and which it only builds because others are based on them.
struct EntryNeeds {
    /// For each entry: 0 not needed, 1 to be built, 2 to be visited.
    of: Vec<u8>,
}

impl EntryNeeds {
    fn new(pack: &Pack, skip: OidFilter<'_>) -> Self {
        let need = |entry: &PackEntry| if skip(pack.oid(entry)) { 0 } else { 2 };
        let mut of: Vec<u8> = pack.entries.par_iter().map(need).collect();
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

/// An object on the path down from a root.
#[derive(Default)]
struct DeltaLevel {
    bytes: AppendBuffer,
    hits: Vec<NeedleHit>,
    /// True if all that is based on it is searched as a dense object.
    is_dense: bool,
    /// The entry, and the index of its next child.
    index: u32,
    next_child: usize,
}

/// Result of a first look at a child.
enum SkimOutcome {
    /// It contains nothing. It was built if others are based on it.
    Clean,
    /// It may contain something.
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
    /// The bytes that a child may have and its base has not.
    fresh: FreshBytes,
    /// The same of a child that is searched for all needles.
    parts: FreshParts,
    /// Parts without needles, if they may repeat.
    clean: Option<CleanParts>,
    short_reach: SeamReach,
    long_reach: SeamReach,
    levels: Vec<DeltaLevel>,
    ranges: Vec<Range<usize>>,
    /// The numbers of a base's longer hits that its child inherits.
    whole: Vec<usize>,
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
        let short_reach = SeamReach::new(search.longest_short(), search.short_lines());
        Self {
            pack,
            forest,
            needed,
            scope,
            search,
            visitor,
            inflate: Decompressor::new(),
            delta: Vec::new(),
            fresh: FreshBytes::default(),
            parts: FreshParts::default(),
            clean: short_reach.is_of_lines().then(CleanParts::default),
            short_reach,
            long_reach: SeamReach::new(search.longest(), usize::MAX),
            levels: Vec::new(),
            ranges: Vec::new(),
            whole: Vec::new(),
        }
    }

    /// True if an entry is neither visited nor needed for one that is.
    fn is_needless(&self, index: u32) -> bool {
        self.needed.is_some_and(|needed| needed.of[index as usize] == 0)
    }

    /// Walks the tree of `root`, depth first. Only the objects on the path down are kept, and of
    /// these only those that others are still based on.
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
                self.check(root);
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

    /// Reports an entry that has changed since it was stored. It is searched as far as it can be read.
    fn check(&mut self, index: u32) {
        if !self.pack.is_sound(index) {
            self.visitor.damaged(oid_of(self.pack, index), "it does not fit its checksum");
        }
    }

    /// Inflates an entry that is stored whole into level 0, and searches it.
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
        let DeltaLevel { bytes, hits, is_dense, .. } = &mut self.levels[0];
        let bytes = bytes.bytes();
        *is_dense = search_whole(self.search, bytes, hits) == NeedleSet::Dense;
        self.ranges.clear();
        self.ranges.push(0..bytes.len());
    }

    /// True if an entry is only built for others.
    fn is_hidden(&self, index: u32) -> bool {
        self.needed.is_some_and(|needed| needed.of[index as usize] != 2)
    }

    /// Passes on the object at level `depth`, unless it is only built for others.
    fn visit(&mut self, depth: usize, index: u32, kind: ObjectKind) {
        if self.is_hidden(index) {
            return;
        }
        let oid = oid_of(self.pack, index);
        let DeltaLevel { bytes, hits, .. } = &self.levels[depth];
        let bytes = bytes.bytes();
        let fresh = self.ranges.iter().map(Range::len).sum();
        self.visitor.searched(SearchedObject::new(oid, kind, bytes, fresh));
        if !hits.is_empty() || self.search.hands_on_all(kind) {
            self.visitor.object(VisitedObject { oid, kind, bytes, hits, fresh: &self.ranges });
        }
    }

    /// Builds entry `index` from the object at level `depth`, one level below, and searches it.
    fn child(&mut self, depth: usize, index: u32, kind: ObjectKind) -> bool {
        if self.levels.len() == depth + 1 {
            self.levels.push(DeltaLevel::default());
        }
        self.check(index);
        let entry = &self.pack.entries[index as usize];
        let size = entry.size as usize;
        if !inflate(&mut self.inflate, self.pack.deflated(entry), size, &mut self.delta) {
            return false;
        }
        // The buffer is returned after it has been read.
        let bytes = std::mem::take(&mut self.delta);
        let is_read = Delta::parse(&bytes[..size])
            .is_ok_and(|delta| self.child_by(depth, index, kind, delta));
        self.delta = bytes;
        is_read
    }

    /// Builds and searches the child from its parsed delta.
    fn child_by(&mut self, depth: usize, index: u32, kind: ObjectKind, delta: Delta<'_>) -> bool {
        if delta.size > MAX_OBJECT {
            return false;
        }
        // An object with hits is passed on whole, and its children inherit the hits.
        if !self.levels[depth].hits.is_empty() || self.search.hands_on_all(kind) {
            return self.search_child(depth, index, kind, delta);
        }
        match self.skim(depth, index, kind, delta) {
            SkimOutcome::Clean => true,
            SkimOutcome::Found => self.search_child(depth, index, kind, delta),
            SkimOutcome::Lost => false,
        }
    }

    /// Checks if there may be anything in the child that `delta` builds from an object without
    /// hits.
    ///
    /// If not, and if nothing is based on the child, then it is not built: it can differ from its
    /// base everywhere except inside long runs. Those parts are joined and searched at once. A hit
    /// that only arises where two parts are joined does no harm.
    fn skim(
        &mut self,
        depth: usize,
        index: u32,
        kind: ObjectKind,
        delta: Delta<'_>,
    ) -> SkimOutcome {
        let is_dense = self.levels[depth].is_dense;
        let (set, reach) = match is_dense {
            true => (NeedleSet::Dense, self.long_reach),
            false => (NeedleSet::Short, self.short_reach),
        };
        let (above, below) = self.levels.split_at_mut(depth + 1);
        let (base, child) = (above[depth].bytes.bytes(), &mut below[0]);
        child.bytes.clear();
        let fresh = self.fresh.collect(reach, self.clean.as_ref().filter(|_| !is_dense));
        let read = if self.forest.children(index).is_empty() {
            collect(delta, base, fresh)
        } else {
            let mut both = FreshAndWhole { fresh, bytes: &mut child.bytes };
            delta.read(base, &mut both).map(|()| both.fresh.end())
        };
        if read.is_err() {
            return SkimOutcome::Lost;
        }
        let (any, signs) = self.search_fresh(set);
        // An object that is denser than its base is searched whole.
        if any || signs.is_dense && !is_dense {
            return SkimOutcome::Found;
        }
        if signs.may_be_long && !is_dense {
            let base = self.levels[depth].bytes.bytes();
            if collect(delta, base, self.fresh.collect(self.long_reach, None)).is_err() {
                return SkimOutcome::Lost;
            }
            let (any, signs) = self.search_fresh(NeedleSet::Long);
            if any || signs.is_dense {
                return SkimOutcome::Found;
            }
        } else if let Some(clean) = &mut self.clean {
            self.fresh.keys().iter().for_each(|key| clean.add(*key));
        }
        let (fresh, child) = (&self.fresh, &mut self.levels[depth + 1]);
        child.hits.clear();
        child.is_dense = is_dense;
        if !self.is_hidden(index) {
            let (oid, size) = (oid_of(self.pack, index), delta.size);
            let (start, fresh) = (fresh.start(), fresh.len());
            self.visitor.searched(SearchedObject { oid, kind, size, start, fresh });
        }
        SkimOutcome::Clean
    }

    /// Tells if there is a needle in the fresh bytes of a child.
    fn search_fresh(&self, set: NeedleSet) -> (bool, SearchSigns) {
        let (bytes, mut any) = (self.fresh.bytes(), false);
        if bytes.is_empty() {
            return (false, SearchSigns::default());
        }
        let signs = self.search.hits(bytes, 0..bytes.len(), set, &mut |_| any = true);
        (any, signs)
    }

    /// Builds and searches the child that `delta` makes of the object at level `depth`.
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
        self.whole.clear();
        child.hits.clear();
        child.bytes.clear();
        let is_dense = base.is_dense;
        let reach = if is_dense { self.long_reach } else { self.short_reach };
        let mut inherited = HitInheritor {
            base: &base.hits,
            hits: &mut child.hits,
            bytes: &mut child.bytes,
            ranges: &mut self.ranges,
            reach,
            at: 0,
            base_end: 0,
            whole: &mut self.whole,
        };
        if delta.read(base.bytes.bytes(), &mut inherited).is_err() {
            return false;
        }
        inherited.end(base.bytes.bytes().len());
        let whole = &mut self.whole;
        whole.sort_unstable();
        // A long needle that a change cuts may still be one.
        let is_cut = || {
            let mut long = (0..).zip(&base.hits).filter(|(_, hit)| is_long(self.search, hit));
            long.any(|(nth, _)| whole.binary_search(&nth).is_err())
        };
        let (bytes, hits) = (child.bytes.bytes(), &mut child.hits);
        child.is_dense = is_dense;
        if is_dense {
            search_ranges(self.search, bytes, &self.ranges, NeedleSet::Dense, hits);
        } else {
            let (parts, clean) = (&mut self.parts, self.clean.as_mut());
            let signs =
                search_together(self.search, bytes, &self.ranges, reach, parts, clean, hits);
            if signs.is_dense {
                child.is_dense = true;
                self.ranges.clear();
                self.ranges.push(0..bytes.len());
                search_whole(self.search, bytes, hits);
            } else if signs.may_be_long || is_cut() {
                let long = |range: &Range<usize>| {
                    range.start - self.long_reach.tail(&bytes[..range.start])..range.end
                };
                let ranges: Vec<_> = self.ranges.iter().map(long).collect();
                search_ranges(self.search, bytes, &ranges, NeedleSet::Long, hits);
            } else {
                search_around(self.search, bytes, &self.ranges, hits);
            }
        }
        child.hits.sort_unstable();
        // A needle that ends before an insertion is both inherited and searched.
        child.hits.dedup();
        self.visit(depth + 1, index, kind);
        true
    }

    /// Reports an entry that cannot be read, and all entries based on it.
    fn lose(&mut self, index: u32) {
        let mut stack = vec![index];
        while let Some(index) = stack.pop() {
            let oid = oid_of(self.pack, index);
            // An entry that is only built for others is also stored elsewhere.
            if self.needed.is_some_and(|needed| needed.of[index as usize] != 2) {
                stack.extend(self.forest.children(index));
                continue;
            }
            self.visitor.damaged(oid, "it cannot be inflated, or its delta does not fit");
            stack.extend(self.forest.children(index));
        }
    }
}

/// Collects the fresh bytes of the object that `delta` builds.
fn collect(delta: Delta<'_>, base: &[u8], mut fresh: FreshSink<'_>) -> Result<(), DeltaError> {
    delta.read(base, &mut fresh)?;
    fresh.end();
    Ok(())
}

/// Builds the object, inherits the hits that lie in copied runs, and notes which ranges are to be
/// searched.
struct HitInheritor<'i> {
    base: &'i [NeedleHit],
    hits: &'i mut Vec<NeedleHit>,
    bytes: &'i mut AppendBuffer,
    ranges: &'i mut Vec<Range<usize>>,
    reach: SeamReach,
    /// Number of bytes so far.
    at: usize,
    /// The end of the last run, in the base; 0 after an insertion.
    base_end: usize,
    /// The numbers of the base's longer hits that are inherited.
    whole: &'i mut Vec<usize>,
}

impl HitInheritor<'_> {
    /// Ends the object. Where it ends within its base, what tells a needle is cut off there.
    fn end(&mut self, base: usize) {
        if self.base_end > 0 && self.base_end < base {
            self.search_up_to(self.at);
        }
    }

    /// Marks the bytes up to `end` to be searched, together with whatever reaches into them.
    #[inline]
    fn search_up_to(&mut self, end: usize) {
        let from = self.at - self.reach.tail(self.bytes.bytes());
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
        // The seam: needles that begin before the run and reach into it.
        self.search_up_to(self.at);
        // Where the object begins within its base, what tells a needle is cut off, and begins with it.
        if self.at == 0 && run.start > 0 && !run.is_empty() {
            self.ranges.push(0..1);
        }
        self.base_end = run.end;
        let first = self.base.partition_point(|hit| hit.start < run.start);
        let inside = (first..).zip(&self.base[first..]);
        for (nth, hit) in inside.take_while(|(_, hit)| hit.start < run.end) {
            if hit.start + hit.length <= run.end {
                self.hits.push(NeedleHit { start: hit.start - run.start + self.at, ..*hit });
                if hit.length > self.reach.bytes() {
                    self.whole.push(nth);
                }
            }
        }
        self.at += run.len();
        self.bytes.push(base, run);
    }

    #[inline]
    fn insert(&mut self, text: &[u8], run: Range<usize>) {
        self.search_up_to(self.at + run.len());
        self.base_end = 0;
        self.at += run.len();
        self.bytes.push(text, run);
    }
}
