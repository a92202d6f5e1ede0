//! Recognises words at a place by their first bytes.

use std::ops::Range;

use crate::decode::BLOCK;

/// Words, each with a number, that are looked up by three or four bytes at one offset, their anchor.
#[derive(Debug)]
pub(super) struct WordTable {
    /// The words, one after the other.
    texts: Vec<u8>,
    words: Vec<TableWord>,
    /// The first bytes of each from its anchor on.
    heads: Vec<WordHead>,
    /// For each hash of an anchor of three bytes, one bit.
    short_marks: Box<[u64; 1 << (HASH_BITS[0] - 6)]>,
    /// The same for anchors of four bytes.
    marks: Box<[u64; 1 << (HASH_BITS[1] - 6)]>,
    /// For each bucket of hashes, the index of its first word; the next one marks its end.
    buckets: [Vec<u32>; 2],
    /// The greatest offset of an anchor in bytes.
    furthest: usize,
}

/// A word with at least three bytes from its anchor on.
#[derive(Debug, Clone, Copy)]
pub(super) struct AnchoredWord<'w> {
    /// The number that is passed on.
    pub(super) number: u32,
    /// Offset in bytes of the bytes that it is looked up by.
    pub(super) anchor: u32,
    /// The word.
    pub(super) text: &'w [u8],
}

/// A word of a table.
#[derive(Debug)]
struct TableWord {
    number: u32,
    anchor: u32,
    /// Its place among the texts.
    start: u32,
    end: u32,
}

/// The first eight bytes of a word, or all if it is shorter.
#[derive(Debug)]
struct WordHead {
    bytes: u64,
    /// All bits of the bytes that count.
    mask: u64,
}

impl WordHead {
    fn of(word: &[u8]) -> Self {
        let missing = 8 * HEAD.saturating_sub(word.len());
        Self { bytes: load_head(word, 0), mask: u64::MAX >> missing }
    }
}

/// The bytes of a word that are compared at once.
const HEAD: usize = 8;

/// The bytes of an anchor that are looked up, at most.
const GRAM: usize = 4;

/// The fewest bytes of an anchor.
pub(super) const SHORTEST_ANCHOR: usize = 3;

/// Bits of a hash of three bytes, and of four.
const HASH_BITS: [u32; 2] = [16, 17];

/// Bits of the number of a bucket.
const BUCKET_BITS: u32 = 11;

impl WordTable {
    /// A table of these words.
    pub(super) fn new(words: &[AnchoredWord<'_>]) -> Self {
        let keyed = (0u32..).zip(words).map(|(nth, word)| {
            let anchor = word.anchor as usize;
            let kind = usize::from(word.text.len() - anchor > SHORTEST_ANCHOR);
            let gram = load(word.text, anchor);
            (kind as u32, hashes(gram)[kind] as u32, nth)
        });
        let mut keyed: Vec<_> = keyed.collect();
        keyed.sort_unstable();
        let mut own = Self {
            texts: Vec::with_capacity(words.iter().map(|word| word.text.len()).sum()),
            words: Vec::with_capacity(words.len()),
            heads: Vec::with_capacity(words.len()),
            short_marks: Box::new([0; _]),
            marks: Box::new([0; _]),
            buckets: HASH_BITS.map(|_| vec![0; (1 << BUCKET_BITS) + 1]),
            furthest: 0,
        };
        let mut ends = [0; 2];
        for (index, (kind, hash, nth)) in (1u32..).zip(keyed) {
            let (kind, hash, word) = (kind as usize, hash as usize, &words[nth as usize]);
            let word_of_marks = match kind {
                0 => &mut own.short_marks[hash >> 6],
                _ => &mut own.marks[hash >> 6],
            };
            *word_of_marks |= 1 << (hash & 63);
            own.buckets[kind][bucket(kind, hash) + 1] = index;
            ends[kind] = index;
            own.heads.push(WordHead::of(&word.text[word.anchor as usize..]));
            own.furthest = own.furthest.max(word.anchor as usize);
            let start = own.texts.len() as u32;
            own.texts.extend_from_slice(word.text);
            let (number, anchor, end) = (word.number, word.anchor, own.texts.len() as u32);
            own.words.push(TableWord { number, anchor, start, end });
        }
        for (kind, buckets) in own.buckets.iter_mut().enumerate() {
            let mut last = if kind == 0 { 0 } else { ends[0] };
            for end in buckets {
                last = last.max(*end);
                *end = last;
            }
        }
        own
    }

    /// True if there are no words.
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The greatest offset of an anchor in bytes.
    pub(super) fn furthest(&self) -> usize {
        self.furthest
    }

    /// Passes on the number and the offset of every word whose anchor is at one of the places of a block,
    /// one bit each, that begins at `start`.
    #[inline]
    pub(super) fn at_places(
        &self,
        text: &[u8],
        start: usize,
        mut places: u64,
        each: &mut impl FnMut(u32, usize),
    ) {
        let (rest, mut padded) = (&text[start..], [0; BLOCK + GRAM]);
        let block = rest.first_chunk().unwrap_or_else(|| {
            padded[..rest.len()].copy_from_slice(rest);
            &padded
        });
        // All places are looked up before the first of the few words is compared.
        let mut found = 0;
        while places != 0 {
            let nth = places.trailing_zeros();
            places &= places - 1;
            found |= self.may_begin(load(block, nth as usize % BLOCK)) << nth;
        }
        while found != 0 {
            let at = start + found.trailing_zeros() as usize;
            found &= found - 1;
            self.check(text, at, load(text, at), each);
        }
    }

    /// The same for all places of a range.
    #[inline]
    pub(super) fn within(
        &self,
        text: &[u8],
        range: Range<usize>,
        each: &mut impl FnMut(u32, usize),
    ) {
        for start in range.clone().step_by(BLOCK) {
            let missing = BLOCK.saturating_sub(range.end - start);
            self.at_places(text, start, u64::MAX >> missing, each);
        }
    }

    /// 1 if a word may have these bytes as its anchor, else 0.
    #[inline]
    fn may_begin(&self, gram: u32) -> u64 {
        let hashes = hashes(gram);
        (self.short_mark(hashes[0]) | self.mark(hashes[1])) & 1
    }

    #[inline]
    fn short_mark(&self, hash: usize) -> u64 {
        self.short_marks[hash >> 6] >> (hash & 63)
    }

    #[inline]
    fn mark(&self, hash: usize) -> u64 {
        self.marks[hash >> 6] >> (hash & 63)
    }

    /// Passes on the words at `at`.
    #[cold]
    fn check(&self, text: &[u8], at: usize, gram: u32, each: &mut impl FnMut(u32, usize)) {
        let bytes = load_head(text, at);
        for (kind, hash) in hashes(gram).into_iter().enumerate() {
            let mark = if kind == 0 { self.short_mark(hash) } else { self.mark(hash) };
            if mark & 1 == 0 {
                continue;
            }
            let bucket = bucket(kind, hash);
            let words =
                self.buckets[kind][bucket] as usize..self.buckets[kind][bucket + 1] as usize;
            for index in words {
                let head = &self.heads[index];
                if head.bytes != bytes & head.mask {
                    continue;
                }
                let word = &self.words[index];
                let own = &self.texts[word.start as usize..word.end as usize];
                // Of a short word at its anchor, all has been compared, but where the text ends.
                let is_compared = own.len() <= HEAD.min(text.len() - at) && word.anchor == 0;
                if let Some(start) = at.checked_sub(word.anchor as usize)
                    && (is_compared || text[start..].starts_with(own))
                {
                    each(word.number, start);
                }
            }
        }
    }
}

/// The first four bytes at `at`, padded with zeros.
#[inline]
pub(super) fn load(text: &[u8], at: usize) -> u32 {
    match text[at..].first_chunk() {
        Some(bytes) => u32::from_le_bytes(*bytes),
        None => text[at..].iter().rev().fold(0, |bytes, &byte| bytes << 8 | u32::from(byte)),
    }
}

/// The first eight bytes at `at`, padded with zeros.
#[inline]
fn load_head(text: &[u8], at: usize) -> u64 {
    match text[at..].first_chunk() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => text[at..].iter().rev().fold(0, |bytes, &byte| bytes << 8 | u64::from(byte)),
    }
}

/// The hashes of the first three bytes, and of all four: multiplicative hashing (Knuth, "Sorting and
/// Searching", 6.4), the upper bits. Shifted to the left, the product is that of three bytes.
#[inline]
fn hashes(gram: u32) -> [usize; 2] {
    let product = gram.wrapping_mul(0x9e37_79b1);
    [product << 8 >> (32 - HASH_BITS[0]), product >> (32 - HASH_BITS[1])].map(|hash| hash as usize)
}

fn bucket(kind: usize, hash: usize) -> usize {
    hash >> (HASH_BITS[kind] - BUCKET_BITS)
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_words_of_a_range_are_those_that_a_look_at_each_place_finds(
            words in btree_set(vec(prop::sample::select(&b"ab_\0"[..]), 3..12), 1..60),
            anchors in vec(0..3usize, 60),
            text in vec(prop::sample::select(&b"ab_\0"[..]), 0..200),
            from in 0.0..=1.0,
            to in 0.0..=1.0,
        ) {
            let anchored: Vec<_> = (0..).zip(&words).zip(anchors).map(|((number, word), anchor)| {
                let anchor = anchor.min(word.len() - SHORTEST_ANCHOR) as u32;
                AnchoredWord { number, anchor, text: word }
            }).collect();
            let at = |part: f64| (part * text.len() as f64) as usize;
            let range = at(f64::min(from, to))..at(f64::max(from, to));
            let mut found = Vec::new();
            let table = WordTable::new(&anchored);
            table.within(&text, range.clone(), &mut |number, start| found.push((start, number)));
            found.sort_unstable();
            let mut expected = Vec::new();
            for start in 0..text.len() {
                for word in &anchored {
                    if text[start..].starts_with(word.text)
                        && range.contains(&(start + word.anchor as usize))
                    {
                        expected.push((start, word.number));
                    }
                }
            }
            prop_assert_eq!(found, expected);
        }
    }
}
