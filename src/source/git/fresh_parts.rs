//! The parts of an object that its base may not have, and the search for needles in them. They are put into
//! one text, so that one search finds the needles of all: most parts are a few dozen bytes long, and a search
//! of its own for each costs several times as much.

use std::ops::Range;

use super::append_buffer::AppendBuffer;
use super::clean_parts::{CleanParts, PartKey};
use super::object_search::{NeedleHit, NeedleKind, NeedleSearch, NeedleSet, START, SearchSigns};

/// Stands behind each part: two line ends, over which no encoding goes on.
const SEPARATOR: &[u8] = b"\n\n";

/// Parts of an object.
#[derive(Debug, Default)]
pub(super) struct FreshParts {
    text: AppendBuffer,
    parts: Vec<FreshPart>,
}

/// A part of an object.
#[derive(Debug)]
struct FreshPart {
    /// Its offset in the text of all parts.
    at: usize,
    /// Its place in the object.
    source: Range<usize>,
    key: PartKey,
    has_needle: bool,
}

impl FreshParts {
    /// Takes the parts of `object` in these ranges, which are in order. `head` is how far a needle may go on in
    /// the bytes behind each.
    pub(super) fn take(
        &mut self,
        object: &[u8],
        ranges: &[Range<usize>],
        head: impl Fn(&[u8]) -> usize,
    ) {
        self.parts.clear();
        for range in ranges {
            let end = range.end + head(&object[range.end..]);
            match self.parts.last_mut() {
                Some(last) if last.source.end >= range.start => {
                    last.source.end = last.source.end.max(end);
                }
                _ => {
                    let (source, key) = (range.start..end, PartKey::default());
                    self.parts.push(FreshPart { at: 0, source, key, has_needle: false });
                }
            }
        }
    }

    /// Leaves out the parts that are known to have no needle.
    fn leave_out(&mut self, object: &[u8], clean: &CleanParts) {
        self.parts.retain_mut(|part| {
            part.key = clean.key(&object[part.source.clone()], part.source.start == 0);
            !clean.has(part.key)
        });
    }

    /// Puts the parts together.
    pub(super) fn join(&mut self, object: &[u8]) {
        self.text.clear();
        for part in &mut self.parts {
            part.at = self.text.bytes().len();
            self.text.push(object, part.source.clone());
            self.text.push(SEPARATOR, 0..SEPARATOR.len());
        }
    }

    /// Their text.
    pub(super) fn text(&self) -> &[u8] {
        self.text.bytes()
    }

    /// The offset in the object of what stands at `place` of the text, and the number of its part.
    ///
    /// # Errors
    /// The numbers of the parts that it is of, if it is not within one: it may be there only because they
    /// stand side by side.
    pub(super) fn source(&self, place: &Range<usize>) -> Result<(usize, usize), Range<usize>> {
        let count = |end: usize| self.parts.partition_point(|part| part.at < end);
        let (first, next) = (count(place.start + 1).saturating_sub(1), count(place.end));
        match &self.parts[..] {
            [] => Err(0..0),
            parts => {
                let FreshPart { at, source, .. } = &parts[first];
                let is_within = place.end <= at + source.len();
                let own = || (source.start + place.start - at, first);
                if is_within { Ok(own()) } else { Err(first..next) }
            }
        }
    }

    /// The place of a part in the object.
    pub(super) fn part(&self, nth: usize) -> Range<usize> {
        self.parts[nth].source.clone()
    }
}

/// Adds the needles of `set` in ranges of an object.
pub(super) fn search_ranges<S: NeedleSearch>(
    search: &S,
    bytes: &[u8],
    ranges: &[Range<usize>],
    set: NeedleSet,
    hits: &mut Vec<NeedleHit>,
) -> SearchSigns {
    let mut signs = SearchSigns::default();
    for range in ranges {
        signs.add(search.hits(bytes, range.clone(), set, &mut |hit| hits.push(hit)));
    }
    signs
}

/// Adds the short needles in ranges of an object by one search of all parts that are not known to be `clean`.
/// Those parts of which it cannot tell what is only there because they stand side by side are searched again,
/// where they are.
pub(super) fn search_together<S: NeedleSearch>(
    search: &S,
    bytes: &[u8],
    ranges: &[Range<usize>],
    reach: SeamReach,
    parts: &mut FreshParts,
    mut clean: Option<&mut CleanParts>,
    hits: &mut Vec<NeedleHit>,
) -> SearchSigns {
    let set = NeedleSet::Short;
    parts.take(bytes, ranges, |rest| reach.head(rest));
    if let Some(clean) = &clean {
        parts.leave_out(bytes, clean);
    }
    let signs = match &mut parts.parts[..] {
        [] => SearchSigns::default(),
        [part] => search.hits(bytes, part.source.clone(), set, &mut |hit| {
            part.has_needle = true;
            hits.push(hit);
        }),
        _ => search_joined(search, bytes, parts, hits),
    };
    if let Some(clean) = clean.as_mut().filter(|_| signs == SearchSigns::default()) {
        let known = parts.parts.iter().filter(|part| !part.has_needle);
        known.for_each(|part| clean.add(part.key));
    }
    signs
}

/// Adds the short needles in all parts, and notes which have none.
fn search_joined<S: NeedleSearch>(
    search: &S,
    bytes: &[u8],
    parts: &mut FreshParts,
    hits: &mut Vec<NeedleHit>,
) -> SearchSigns {
    parts.join(bytes);
    let (set, text) = (NeedleSet::Short, parts.text());
    let (mut with_needles, mut unclear) = (Vec::new(), Vec::new());
    let mut signs = search.hits(text, 0..text.len(), set, &mut |hit| match parts
        .source(&(hit.start..hit.start + hit.length))
    {
        Ok((start, nth)) => {
            with_needles.push(nth);
            hits.push(NeedleHit { start, ..hit });
        }
        Err(numbers) => unclear.extend(numbers),
    });
    unclear.sort_unstable();
    unclear.dedup();
    for nth in unclear.iter().chain(&with_needles) {
        parts.parts[*nth].has_needle = true;
    }
    let unclear: Vec<_> = unclear.into_iter().map(|nth| parts.part(nth)).collect();
    signs.add(search_ranges(search, bytes, &unclear, set, hits));
    signs
}

/// True for a needle that is in no short set, and that no anchor tells.
pub(super) fn is_long<S: NeedleSearch>(search: &S, hit: &NeedleHit) -> bool {
    hit.kind != NeedleKind::Around && hit.length > search.longest_short()
}

/// Adds the needles that the anchors near `ranges` tell. Those of others are inherited, as what is around them
/// is the same.
pub(super) fn search_around<S: NeedleSearch>(
    search: &S,
    bytes: &[u8],
    ranges: &[Range<usize>],
    hits: &mut Vec<NeedleHit>,
) {
    let reach = search.around_reach();
    let is_near = |hit: &NeedleHit| {
        let first = ranges.partition_point(|range| range.end + reach < hit.start);
        ranges.get(first).is_some_and(|range| range.start <= hit.start + hit.length + reach)
    };
    for nth in 0..hits.len() {
        let hit = hits[nth];
        if hit.kind == NeedleKind::Anchor && is_near(&hit) {
            search.around(bytes, hit, &mut |hit| hits.push(hit));
        }
    }
}

/// How far a needle may go on beyond a seam.
#[derive(Debug, Clone, Copy)]
pub(super) struct SeamReach {
    /// In bytes: those that a needle, or the object's first bytes, may need.
    bytes: usize,
    /// In ends of lines.
    lines: usize,
}

impl SeamReach {
    pub(super) fn new(longest: usize, lines: usize) -> Self {
        Self { bytes: longest.saturating_sub(1).max(START), lines }
    }

    /// True if needles are on lines, as those in texts are. Parts of texts repeat.
    pub(super) fn is_of_lines(self) -> bool {
        self.lines != usize::MAX
    }

    /// The bytes beyond a seam that are searched at most.
    pub(super) fn bytes(self) -> usize {
        self.bytes
    }

    /// The number of bytes at the beginning of `text` that a needle may end in.
    #[inline(always)]
    pub(super) fn head(self, text: &[u8]) -> usize {
        let near = &text[..text.len().min(self.bytes)];
        if self.lines == usize::MAX {
            return near.len();
        }
        let end = memchr::memchr_iter(b'\n', near).nth(self.lines - 1);
        end.map_or(near.len(), |at| (at + 1).max(near.len().min(START)))
    }

    /// The number of bytes at the end of `text` that a needle may begin in.
    #[inline(always)]
    pub(super) fn tail(self, text: &[u8]) -> usize {
        let near = &text[text.len().saturating_sub(self.bytes)..];
        if self.lines == usize::MAX {
            return near.len();
        }
        let end = memchr::memrchr_iter(b'\n', near).nth(self.lines - 1);
        end.map_or(near.len(), |at| (near.len() - at).max(near.len().min(START)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_place_within_a_part_is_the_same_text_in_the_object(
            object in vec(any::<u8>(), 1..200),
            ends in vec(any::<prop::sample::Index>(), 0..12),
            head in 0..9usize,
            place in (any::<prop::sample::Index>(), 1..40usize),
        ) {
            let mut ends: Vec<_> = ends.iter().map(|end| end.index(object.len() + 1)).collect();
            ends.sort_unstable();
            let ranges: Vec<_> = ends.as_chunks::<2>().0.iter().map(|&[from, to]| from..to).collect();
            let mut parts = FreshParts::default();
            parts.take(&object, &ranges, |rest| rest.len().min(head));
            parts.join(&object);
            for range in &ranges {
                let whole = &object[range.start..object.len().min(range.end + head)];
                prop_assert!(memchr::memmem::find(parts.text(), whole).is_some());
            }
            prop_assume!(!parts.text().is_empty());
            let start = place.0.index(parts.text().len());
            let place = start..parts.text().len().min(start + place.1);
            match parts.source(&place) {
                Ok((source, nth)) => {
                    prop_assert!(parts.part(nth).contains(&source));
                    let own = &object[source..source + place.len()];
                    prop_assert_eq!(&parts.text()[place.clone()], own);
                }
                // Each of these parts has some of it, or the bytes behind one have.
                Err(numbers) => {
                    let inside = |nth: usize| {
                        let (at, part) = (parts.parts[nth].at, parts.part(nth));
                        at < place.end && place.start < at + part.len() + SEPARATOR.len()
                    };
                    prop_assert!(numbers.clone().all(inside));
                    prop_assert!(!numbers.is_empty());
                }
            }
        }
    }
}
