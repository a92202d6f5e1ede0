//! Finds the words of a large set by sampling q-grams: it looks at only a few places of a text.
//!
//! Only some bytes of every word count, at most as many as the shortest word has: those that stand
//! in the fewest other words. A gram is four bytes (three if the shortest word is short), so each
//! word has several grams, say `stride` of them, one byte apart. Wherever the word occurs in a text, exactly one of them is at a multiple of
//! `stride`. So only those places are looked up: is the gram there one of any word? A table
//! answers, nearly always with no, and the lookups do not depend on each other, which lets a
//! processor overlap them.
//!
//! Teddy, the usual searcher for few words, takes at most 128 and slows down long before. The
//! automaton that usually takes over reads 0.2 GB/s of source code with the 300 keywords of the
//! benchmark on one processor, this searcher more than 3 GB/s.

use std::ops::Range;

use super::word_table::load;

/// Bytes of a gram if the words are long enough.
const GRAM: usize = 4;

/// Words shorter than this have grams of three bytes; otherwise too many places would have to be
/// looked up.
const SHORT: usize = 7;

/// The longest stride.
const MAX_STRIDE: usize = 4;

/// The bits of a hash. A table of 128 KB exceeds the fastest cache, but is still faster than bits
/// packed into 8 KB, because a lookup is one instruction; with a table of 64 KB, the grams of 300
/// keywords and of their encoded forms collide so often that a search takes half as long again.
const HASH_BITS: u32 = 17;

/// Difference in bits between a hash and its bucket; with 1,000 words there is about one gram per
/// bucket.
const BUCKET_SHIFT: u32 = 4;

/// A searcher for a set of words, none of which is empty.
#[derive(Debug)]
pub(super) struct QGramSearcher {
    words: Vec<Vec<u8>>,
    /// Bytes of a gram that count.
    length: usize,
    mask: u32,
    stride: usize,
    /// The greatest offset of a gram in its word.
    furthest: usize,
    /// For each hash, 1 if a gram has it.
    marks: Box<[u8; 1 << HASH_BITS]>,
    /// For each bucket, the index of its first gram; the next one marks its end.
    buckets: Vec<u32>,
    grams: Vec<QGram>,
}

/// A gram of a word.
#[derive(Debug, Clone, Copy)]
struct QGram {
    bytes: u32,
    word: u32,
    offset: u32,
}

impl QGramSearcher {
    pub(super) fn new(words: Vec<Vec<u8>>) -> Self {
        let shortest = words.iter().map(Vec::len).min().unwrap_or(GRAM);
        let length = shortest.min(if shortest < SHORT { GRAM - 1 } else { GRAM });
        let stride = (shortest - length + 1).min(MAX_STRIDE);
        let mask = u32::MAX >> (8 * (4 - length));
        let starts = rarest_windows(&words, length, mask, stride);
        let mut grams = Vec::new();
        for (index, (word, start)) in words.iter().zip(starts).enumerate() {
            for offset in start..start + stride {
                grams.push(QGram {
                    bytes: load(word, offset) & mask,
                    word: index as u32,
                    offset: offset as u32,
                });
            }
        }
        let furthest = grams.iter().map(|gram| gram.offset as usize).max().unwrap_or(0);
        grams.sort_unstable_by_key(|gram| hash(gram.bytes) >> BUCKET_SHIFT);
        let mut marks = Box::new([0; 1 << HASH_BITS]);
        let mut buckets = vec![0; (1 << (HASH_BITS - BUCKET_SHIFT)) + 1];
        for gram in &grams {
            let hash = hash(gram.bytes);
            marks[hash as usize] = 1;
            buckets[(hash >> BUCKET_SHIFT) as usize + 1] += 1;
        }
        for index in 1..buckets.len() {
            buckets[index] += buckets[index - 1];
        }
        Self { words, length, mask, stride, furthest, marks, buckets, grams }
    }

    /// Passes on the index and the offset of every word of `text` that begins in `range`, in no
    /// particular order.
    pub(super) fn find(
        &self,
        text: &[u8],
        range: Range<usize>,
        mut each: impl FnMut(usize, usize),
    ) {
        match self.stride {
            1 => self.find_by::<1>(text, range, &mut each),
            2 => self.find_by::<2>(text, range, &mut each),
            3 => self.find_by::<3>(text, range, &mut each),
            _ => self.find_by::<MAX_STRIDE>(text, range, &mut each),
        }
    }

    /// The same with a stride known at compile time.
    fn find_by<const STRIDE: usize>(
        &self,
        text: &[u8],
        range: Range<usize>,
        each: &mut impl FnMut(usize, usize),
    ) {
        // Words that begin at the end of the range have their gram after it.
        let behind = (range.end + self.furthest).min((text.len() + 1).saturating_sub(self.length));
        let mut at = range.start;
        // Four places at a time, so that they share one branch.
        while at + 3 * STRIDE < behind
            && let Some(block) = text.get(at..at + 3 * STRIDE + GRAM)
        {
            let is_any = self.mark(load(block, 0))
                | self.mark(load(block, STRIDE))
                | self.mark(load(block, 2 * STRIDE))
                | self.mark(load(block, 3 * STRIDE));
            if is_any != 0 {
                for step in 0..4 {
                    self.check(text, &range, at + step * STRIDE, each);
                }
            }
            at += 4 * STRIDE;
        }
        while at < behind {
            self.check(text, &range, at, each);
            at += STRIDE;
        }
    }

    /// 1 if these bytes may be a gram.
    #[inline]
    fn mark(&self, bytes: u32) -> u8 {
        self.marks[hash(bytes & self.mask) as usize]
    }

    /// Checks which words have the gram at `at` and occur there in full.
    #[cold]
    fn check(
        &self,
        text: &[u8],
        range: &Range<usize>,
        at: usize,
        each: &mut impl FnMut(usize, usize),
    ) {
        let bytes = load(text, at) & self.mask;
        if self.mark(bytes) == 0 {
            return;
        }
        let bucket = (hash(bytes) >> BUCKET_SHIFT) as usize;
        let bucket = self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize;
        for gram in &self.grams[bucket] {
            let Some(start) = at.checked_sub(gram.offset as usize) else {
                continue;
            };
            if gram.bytes == bytes
                && range.contains(&start)
                && text[start..].starts_with(&self.words[gram.word as usize])
            {
                each(gram.word as usize, start);
            }
        }
    }
}

/// For each word, the offset of its first gram: that of the grams which the fewest words have. Grams of
/// small letters alone are in many texts.
fn rarest_windows(words: &[Vec<u8>], length: usize, mask: u32, stride: usize) -> Vec<usize> {
    let gram = |word: &[u8], at: usize| load(word, at) & mask;
    let mut counts = vec![0u32; 1 << HASH_BITS];
    for word in words {
        for at in 0..=word.len() - length {
            counts[hash(gram(word, at)) as usize] += 4;
        }
    }
    let cost = |word: &[u8], at: usize| {
        let is_plain = word[at..at + length].iter().all(u8::is_ascii_lowercase);
        counts[hash(gram(word, at)) as usize] + if is_plain { 3 } else { 0 }
    };
    let first = |word: &Vec<u8>| {
        let windows = 0..=word.len() + 1 - length - stride;
        let costs = |from: &usize| (*from..from + stride).map(|at| cost(word, at)).sum::<u32>();
        windows.min_by_key(costs).unwrap_or(0)
    };
    words.iter().map(first).collect()
}

/// Multiplicative hashing (Knuth, "Sorting and Searching", 6.4), the upper bits.
#[inline]
fn hash(bytes: u32) -> u32 {
    bytes.wrapping_mul(0x9e37_79b1) >> (32 - HASH_BITS)
}
