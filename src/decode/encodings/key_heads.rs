//! The beginnings of keywords: by them, a piece of a key is told from other text.

use crate::rules::is_value;

/// Bits of the number of a beginning in the sets, which are small enough to stay in the nearest cache. With two
/// bits less, one quote in fourteen is looked at for nothing, and the search of git's history takes longer.
const SET_BITS: u32 = 16;

/// Bytes of a keyword that the table knows.
const FIRST: usize = 3;

/// The shortest keyword that is told in a text that is shifted or reversed.
const SHORTEST_CHANGED: usize = 4;

/// The beginning of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyHead {
    /// A part of a keyword, and no more.
    Part,
    /// A keyword of this length.
    Whole(usize),
}

/// The keywords that keys begin with, for looking at pieces of them.
#[derive(Debug)]
pub struct KeyHeads {
    plain: HeadSet,
    /// Those that are shifted by thirteen letters.
    shifted: HeadSet,
    begins: [bool; 256],
    /// In order.
    words: Vec<Vec<u8>>,
    /// For each first byte, the number of words that begin with a smaller one.
    firsts: [u32; 257],
}

/// True for a keyword in a run of values. Shorter ones tell nothing.
fn is_told(word: &&[u8]) -> bool {
    word.len() >= FIRST && word.iter().all(|byte| is_value(*byte))
}

/// A set of beginnings that may hold others as well.
#[derive(Debug)]
struct HeadSet(Box<[u64; 1 << (SET_BITS - 6)]>);

impl HeadSet {
    fn new() -> Self {
        Self(Box::new([0; _]))
    }

    fn insert(&mut self, first: [u8; FIRST]) {
        let number = number(first);
        self.0[number >> 6] |= 1 << (number & 63);
    }

    #[inline]
    fn may_have(&self, number: usize) -> bool {
        self.0[number >> 6] >> (number & 63) & 1 == 1
    }
}

/// The number of a beginning: multiplicative hashing, the upper bits.
#[inline]
fn number(first: [u8; FIRST]) -> usize {
    let word = u32::from_le_bytes([first[0], first[1], first[2], 0]);
    (word.wrapping_mul(0x9e37_79b1) >> (32 - SET_BITS)) as usize
}

/// The number of the beginning at `at`.
#[inline]
fn number_at(text: &[u8], at: usize) -> Option<usize> {
    text.get(at..)?.first_chunk().map(|first| number(*first))
}

/// The letter thirteen places on (ROT13).
pub(super) fn shifted(byte: u8) -> u8 {
    match byte {
        b'a'..=b'm' | b'A'..=b'M' => byte + 13,
        b'n'..=b'z' | b'N'..=b'Z' => byte - 13,
        other => other,
    }
}

impl KeyHeads {
    /// The beginnings of these keywords.
    pub fn new<'k>(keywords: impl Iterator<Item = &'k [u8]>) -> Self {
        let mut words: Vec<Vec<u8>> = keywords.filter(is_told).map(<[u8]>::to_vec).collect();
        words.sort_unstable();
        words.dedup();
        let (mut plain, mut shifted_heads) = (HeadSet::new(), HeadSet::new());
        let mut begins = [false; 256];
        for word in &words {
            let first = [word[0], word[1], word[2]];
            plain.insert(first);
            if word.len() >= SHORTEST_CHANGED {
                shifted_heads.insert(first.map(shifted));
            }
            begins[usize::from(word[0])] = true;
        }
        let count = |byte: usize| words.partition_point(|word| usize::from(word[0]) < byte) as u32;
        let firsts = std::array::from_fn(count);
        Self { plain, shifted: shifted_heads, begins, words, firsts }
    }

    /// False if no keyword begins at `at`.
    #[inline]
    pub(super) fn may_begin(&self, text: &[u8], at: usize) -> bool {
        number_at(text, at).is_some_and(|number| self.plain.may_have(number))
    }

    /// False if no keyword that is shifted by thirteen letters begins at `at`.
    #[inline]
    pub(super) fn may_begin_shifted(&self, text: &[u8], at: usize) -> bool {
        number_at(text, at).is_some_and(|number| self.shifted.may_have(number))
    }

    /// False if no keyword begins at `at`, as it is or shifted by thirteen letters.
    #[inline]
    pub(super) fn may_begin_changed(&self, text: &[u8], at: usize) -> bool {
        let may_have = |number| self.plain.may_have(number) | self.shifted.may_have(number);
        number_at(text, at).is_some_and(may_have)
    }

    /// False if no keyword that is written backwards ends at `end`.
    #[inline]
    pub(super) fn may_end_reversed(&self, text: &[u8], end: usize) -> bool {
        let last = text[..end].last_chunk::<FIRST>();
        last.is_some_and(|&[a, b, c]| self.plain.may_have(number([c, b, a])))
    }

    /// True if a keyword begins with this byte.
    #[inline]
    pub(super) fn begins_with(&self, byte: u8) -> bool {
        self.begins[usize::from(byte)]
    }

    /// The keyword, or the part of one, that a run of characters begins with. Of several, the longest tells
    /// most.
    pub(super) fn read(&self, run: &[u8]) -> Option<KeyHead> {
        let first = &run[..run.len().min(FIRST)];
        if first.is_empty() || first.len() == FIRST && !self.may_begin(run, 0) {
            return None;
        }
        let words = self.beginning_with(first[0]);
        let from = words.partition_point(|word| word.as_slice() < first);
        let alike = words[from..].iter().take_while(|word| word.starts_with(first));
        let mut head = None;
        for word in alike {
            if run.starts_with(word) {
                head = Some(KeyHead::Whole(word.len()));
            } else if head.is_none() && word.starts_with(run) {
                head = Some(KeyHead::Part);
            }
        }
        head
    }

    /// The keywords with this first byte.
    fn beginning_with(&self, byte: u8) -> &[Vec<u8>] {
        let nth = usize::from(byte);
        &self.words[self.firsts[nth] as usize..self.firsts[nth + 1] as usize]
    }

    /// True for a run that a longer keyword begins with.
    pub(super) fn is_part(&self, run: &[u8]) -> bool {
        let Some(&first) = run.first() else { return false };
        let words = self.beginning_with(first);
        let from = words.partition_point(|word| word.as_slice() <= run);
        words.get(from).is_some_and(|word| word.starts_with(run))
    }

    /// True if a run begins with a keyword that is long enough to tell a text that was changed.
    pub(super) fn tells(&self, run: &[u8]) -> bool {
        matches!(self.read(run), Some(KeyHead::Whole(length)) if length >= SHORTEST_CHANGED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_are_told() {
        let heads = KeyHeads::new([&b"tok_one_"[..], b"key-", b"ab"].into_iter());
        assert_eq!(heads.read(b"tok_one_x"), Some(KeyHead::Whole(8)));
        assert_eq!(heads.read(b"tok_o"), Some(KeyHead::Part));
        assert_eq!(heads.read(b"t"), Some(KeyHead::Part));
        assert_eq!(heads.read(b"tok_x"), None);
        assert_eq!(heads.read(b"ab"), None);
        assert_eq!(heads.read(b""), None);
        assert!(heads.may_begin(b"x tok", 2) && heads.begins_with(b'k'));
        assert!(!heads.may_begin(b"x to", 2));
        assert!(heads.may_end_reversed(b"-yek", 4) || heads.may_end_reversed(b"_kot", 4));
        assert!(heads.may_begin_shifted(b"gbx_bar_", 0));
        assert!(heads.tells(b"key-1") && !heads.tells(b"ke"));
        assert!(heads.is_part(b"tok_one") && heads.is_part(b"k"));
        assert!(!heads.is_part(b"tok_one_") && !heads.is_part(b"tok_x") && !heads.is_part(b""));
    }
}
