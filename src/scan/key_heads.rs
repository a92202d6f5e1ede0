//! The beginnings of keywords: by them, a piece of a key is told from other text.

use crate::rules::is_value;

/// Entries of the table of beginnings.
const TABLE: usize = 1 << 14;

/// Bytes of a keyword that the table knows.
const FIRST: usize = 3;

/// The shortest keyword that is told in a text that is shifted or reversed.
const SHORTEST_CHANGED: usize = 4;

/// Marks a beginning as it is, or shifted by thirteen letters.
const PLAIN: u8 = 1;
const SHIFTED: u8 = 2;

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
pub(super) struct KeyHeads {
    table: Box<[u8]>,
    begins: [bool; 256],
    /// In order.
    words: Vec<Vec<u8>>,
}

/// True for a keyword in a run of values. Shorter ones tell nothing.
fn is_told(word: &&[u8]) -> bool {
    word.len() >= FIRST && word.iter().all(|byte| is_value(*byte))
}

fn slot(first: [u8; FIRST]) -> usize {
    let word = u32::from_le_bytes([first[0], first[1], first[2], 0]);
    (word.wrapping_mul(0x9e37_79b1) >> 18) as usize
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
    pub(super) fn new<'k>(keywords: impl Iterator<Item = &'k [u8]>) -> Self {
        let mut words: Vec<Vec<u8>> = keywords.filter(is_told).map(<[u8]>::to_vec).collect();
        words.sort_unstable();
        words.dedup();
        let mut table = vec![0; TABLE].into_boxed_slice();
        let mut begins = [false; 256];
        for word in &words {
            let first = [word[0], word[1], word[2]];
            table[slot(first)] |= PLAIN;
            if word.len() >= SHORTEST_CHANGED {
                table[slot(first.map(shifted))] |= SHIFTED;
            }
            begins[usize::from(word[0])] = true;
        }
        Self { table, begins, words }
    }

    /// False if no keyword begins at `at`.
    #[inline]
    pub(super) fn may_begin(&self, text: &[u8], at: usize) -> bool {
        self.marks(text, at) & PLAIN != 0
    }

    /// False if no keyword that is shifted by thirteen letters begins at `at`.
    #[inline]
    pub(super) fn may_begin_shifted(&self, text: &[u8], at: usize) -> bool {
        self.marks(text, at) & SHIFTED != 0
    }

    /// False if no keyword begins at `at`, as it is or shifted by thirteen letters.
    #[inline]
    pub(super) fn may_begin_changed(&self, text: &[u8], at: usize) -> bool {
        self.marks(text, at) != 0
    }

    #[inline]
    fn marks(&self, text: &[u8], at: usize) -> u8 {
        let first = text.get(at..).and_then(<[u8]>::first_chunk);
        first.map_or(0, |first| self.table[slot(*first)])
    }

    /// False if no keyword that is written backwards ends at `end`.
    #[inline]
    pub(super) fn may_end_reversed(&self, text: &[u8], end: usize) -> bool {
        let last = text[..end].last_chunk::<FIRST>();
        last.is_some_and(|&[a, b, c]| self.table[slot([c, b, a])] & PLAIN != 0)
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
        let from = self.words.partition_point(|word| word.as_slice() < first);
        let alike = self.words[from..].iter().take_while(|word| word.starts_with(first));
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
    }
}
