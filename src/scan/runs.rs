//! Runs of the characters that keys are made of. Source code has few that are as long as a key, so
//! whatever every match has in such a run is looked for in runs only.

use std::ops::Range;

use crate::rules::{SHORTEST_VALUE, is_value};

/// Passes on every run of at least [`SHORTEST_VALUE`] characters that reaches into `range`. Of a run
/// that begins long before the range, the beginning is left out.
pub(super) fn runs(text: &[u8], range: &Range<usize>, mut each: impl FnMut(Range<usize>)) {
    let before = text[..range.start.min(text.len())].iter().rev();
    let mut at = range.start - before.take(SHORTEST_VALUE).take_while(|b| is_value(**b)).count();
    while at < range.end {
        let Some(first) = text.get(at..at + SHORTEST_VALUE) else { return };
        // From the end, so that most of a short word is never looked at.
        if let Some(other) = first.iter().rposition(|&byte| !is_value(byte)) {
            at += other + 1;
            continue;
        }
        let rest = text[at + SHORTEST_VALUE..].iter();
        let end = at + SHORTEST_VALUE + rest.take_while(|byte| is_value(**byte)).count();
        each(at..end);
        at = end;
    }
}

/// True if a run that [`runs`] has passed on begins at its first character.
pub(super) fn is_beginning(text: &[u8], start: usize) -> bool {
    start == 0 || !is_value(text[start - 1])
}

/// A searcher for words in runs, at every place.
#[derive(Debug, Default)]
pub(super) struct RunSearcher {
    words: Vec<(u32, Box<[u8]>)>,
    /// For words of three bytes, and for the first four of longer ones: for each hash one bit.
    marks: [Vec<u64>; 2],
    /// For each bucket of hashes, the index of its first word; the next one marks its end.
    buckets: [Vec<u32>; 2],
}

/// Bits of a hash of three bytes, and of four.
const HASH_BITS: [u32; 2] = [15, 18];

/// Bits of the number of a bucket.
const BUCKET_BITS: u32 = 11;

impl RunSearcher {
    /// A searcher for these words of three bytes or more, each with its number.
    pub(super) fn new(words: Vec<(u32, Box<[u8]>)>) -> Self {
        if words.is_empty() {
            return Self::default();
        }
        let mut keyed: Vec<_> = words
            .into_iter()
            .map(|word| {
                let kind = usize::from(word.1.len() > 3);
                (kind, hash(kind, gram(kind, &word.1, 0)), word)
            })
            .collect();
        keyed.sort_unstable();
        let mut own = Self {
            words: Vec::new(),
            marks: HASH_BITS.map(|bits| vec![0; 1 << (bits - 6)]),
            buckets: HASH_BITS.map(|_| vec![0; (1 << BUCKET_BITS) + 1]),
        };
        let mut ends = [0; 2];
        for (index, &(kind, hash, _)) in keyed.iter().enumerate() {
            own.marks[kind][hash >> 6] |= 1 << (hash & 63);
            own.buckets[kind][bucket(kind, hash) + 1] = index as u32 + 1;
            ends[kind] = index as u32 + 1;
        }
        for (kind, buckets) in own.buckets.iter_mut().enumerate() {
            let mut last = if kind == 0 { 0 } else { ends[0] };
            for end in buckets {
                last = last.max(*end);
                *end = last;
            }
        }
        own.words = keyed.into_iter().map(|(.., word)| word).collect();
        own
    }

    /// True if there are no words.
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Passes on the number and the offset of every word that begins in `range` of a run; all of the
    /// word is in the run.
    pub(super) fn find(
        &self,
        text: &[u8],
        run: &Range<usize>,
        range: &Range<usize>,
        mut each: impl FnMut(u32, usize),
    ) {
        if self.is_empty() {
            return;
        }
        let kinds = if self.buckets[0].last() == Some(&0) { 1..2 } else { 0..2 };
        for at in run.start.max(range.start)..run.end.saturating_sub(2).min(range.end) {
            for kind in kinds.clone() {
                let hash = hash(kind, gram(kind, text, at));
                if self.marks[kind][hash >> 6] >> (hash & 63) & 1 == 1 {
                    self.check(text, kind, hash, at, &mut each);
                }
            }
        }
    }

    /// Passes on the words at `at`.
    #[cold]
    fn check(
        &self,
        text: &[u8],
        kind: usize,
        hash: usize,
        at: usize,
        each: &mut impl FnMut(u32, usize),
    ) {
        let bucket = bucket(kind, hash);
        let words = self.buckets[kind][bucket] as usize..self.buckets[kind][bucket + 1] as usize;
        for (number, word) in &self.words[words] {
            if text[at..].starts_with(word) {
                each(*number, at);
            }
        }
    }
}

/// The first three or four bytes at `at`.
#[inline]
fn gram(kind: usize, text: &[u8], at: usize) -> u32 {
    let bytes = match text[at..].first_chunk() {
        Some(bytes) => u32::from_le_bytes(*bytes),
        None => text[at..].iter().rev().fold(0, |bytes, &byte| bytes << 8 | u32::from(byte)),
    };
    if kind == 0 { bytes & 0x00ff_ffff } else { bytes }
}

/// Multiplicative hashing, the upper bits.
#[inline]
fn hash(kind: usize, gram: u32) -> usize {
    (gram.wrapping_mul(0x9e37_79b1) >> (32 - HASH_BITS[kind])) as usize
}

fn bucket(kind: usize, hash: usize) -> usize {
    hash >> (HASH_BITS[kind] - BUCKET_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = Vec<u8>> {
        let letter = prop_oneof![9 => prop::sample::select(&b"abc_-."[..]), 1 => Just(b' ')];
        vec(letter, 0..200)
    }

    proptest! {
        #[test]
        fn words_are_found_in_runs_and_nowhere_else(
            text in text(),
            words in prop::collection::btree_set(vec(prop::sample::select(&b"abc_-"[..]), 3..6), 1..40),
            from in 0.0..=1.0,
            to in 0.0..=1.0,
        ) {
            let at = |part: f64| (part * text.len() as f64) as usize;
            let range = at(f64::min(from, to))..at(f64::max(from, to));
            let numbered = (0..).zip(&words).map(|(nth, word)| (nth, word.clone().into()));
            let searcher = RunSearcher::new(numbered.collect());
            let mut found = Vec::new();
            runs(&text, &range, |run| {
                searcher.find(&text, &run, &range, |word, at| found.push((at, word)));
            });
            found.sort_unstable();
            let is_long = |at: usize| {
                let value = |byte: &&u8| is_value(**byte);
                let before = text[..at].iter().rev().take_while(value).count();
                before + text[at..].iter().take_while(value).count() >= SHORTEST_VALUE
            };
            let mut expected = Vec::new();
            for at in range.clone().filter(|&at| is_long(at)) {
                for (nth, word) in (0..).zip(&words) {
                    if text[at..].starts_with(word) {
                        expected.push((at, nth));
                    }
                }
            }
            prop_assert_eq!(found, expected);
        }
    }
}
